package credentials

import (
	"context"
	"errors"
)

// errOver says that another process has ended a sign-in, or replaced it.
var errOver = errors.New("it was ended by another valetkey process")

// findPending answers a sign-in that another process, living or dead, has left
// in the store, if it would give what is wanted and can still be approved.
func (c *Credential) findPending(ctx context.Context, scopes []string) *Pending {
	if !c.isShared() {
		return nil
	}
	want := c.want()
	want.Scopes = scopes
	r, err := c.Store.Read(ctx, c.Name())
	if err != nil || r.Pending == nil || !r.Pending.serves(want) || !c.Now().Before(r.Pending.Authorization.Expiry) {
		return nil
	}
	return r.Pending
}

// keepPending puts a sign-in into the store, beside the token that is there,
// and answers it as others know it. If that can't be done, the sign-in goes on
// in this process alone, and the error says why. Call it exclusively.
func (c *Credential) keepPending(ctx context.Context, p *Pending) (*Pending, error) {
	if !c.isShared() {
		return p, nil
	}
	kept := *p
	kept.shared = true
	if err := c.changePending(ctx, nil, &kept); err != nil {
		c.Log.Warn(c.Name()+": the sign-in is known to this process only", "error", err)
		return p, err
	}
	return &kept, nil
}

// dropPending takes a sign-in that gave no token out of the store. One that
// only this process gives up stays there for the others.
func (c *Credential) dropPending(ctx context.Context, p *Pending) {
	if !p.shared || ctx.Err() != nil && !errors.Is(context.Cause(ctx), errCancelled) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	c.searching.Lock()
	defer c.searching.Unlock()
	// What stays there expires.
	_, _ = c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return nil, c.changePending(ctx, p, nil) })
}

// changePending replaces the sign-in in the store, if it is this one; nil is
// any, or none.
func (c *Credential) changePending(ctx context.Context, from, to *Pending) error {
	r, err := c.Store.Read(ctx, c.Name())
	switch {
	case errors.Is(err, ErrNotFound):
		want := c.want()
		r = &want
	case err != nil:
		return err
	}
	if from != nil && !from.is(r.Pending) {
		return nil
	}
	changed := *r
	changed.Pending = to
	changed.Generation++
	if to == nil && changed.Token.Access.IsZero() {
		return c.Store.Delete(ctx, c.Name())
	}
	return c.Store.Write(ctx, c.Name(), &changed)
}

// look reports whether a sign-in is over without this process's doing: another
// one has the token, or has given up. A store that can't be read tells nothing.
func (c *Credential) look(ctx context.Context, p *Pending) (over bool, err error) {
	if !p.shared {
		return false, nil
	}
	r, err := c.Store.Read(ctx, c.Name())
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return false, nil
	case err == nil && p.is(r.Pending):
		return false, nil
	case err == nil && c.usable(r) && !r.SignedIn.Before(p.Started):
		c.use(nil)
		return true, nil
	}
	return true, c.errorf("the sign-in ended without a token: %w", errOver)
}

// lockPoll makes this process the one that polls, until unlock is called. Where
// there can be no lock, every process polls.
func (c *Credential) lockPoll(p *Pending) (unlock func(), mine bool) {
	if !p.shared {
		return func() {}, true
	}
	unlock, err := c.Folder.tryLock(fileName(c.Name()) + pollLockSuffix)
	if err != nil {
		return func() {}, true
	}
	return unlock, unlock != nil
}
