package credentials

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/valetkey/valetkey/loopback"
)

// How another process ends a sign-in: it gives it up, or has a token that does
// as well.
var (
	errOver      = errors.New("it was ended by another valetkey process")
	errElsewhere = errors.New("another valetkey process has signed in")
)

// findPending answers a sign-in that another process, living or dead, has left
// in the store, if it would give what is wanted and can still be approved.
func (c *Credential) findPending(ctx context.Context, scopes []string) *Pending {
	if !c.isShared() {
		return nil
	}
	want := c.want()
	want.Scopes = scopes
	r, err := c.Store.Read(ctx, c.Name())
	if err != nil || r.Pending == nil || !r.Pending.serves(want) || !c.canEnd(r.Pending) || !c.allows(r.Pending.flow()) {
		return nil
	}
	found := *r.Pending
	found.found = true
	return &found
}

// canEnd reports whether a sign-in can still give a token.
func (c *Credential) canEnd(p *Pending) bool {
	return p.isApproved() || c.Now().Before(p.expiry())
}

// settleLeft makes use of a token that a process was killed with before it knew
// whose it is. Call it exclusively.
func (c *Credential) settleLeft(ctx context.Context) {
	if !c.isShared() || c.underWay() != nil {
		return
	}
	want := c.want()
	r, err := c.Store.Read(ctx, c.Name())
	if err != nil || !r.Pending.isApproved() || !r.Pending.isFor(want) {
		return
	}
	if _, err := c.settle(ctx, r.Pending); err != nil {
		c.Log.Warn(c.Name()+": a sign-in that another process has left came to nothing", "error", err)
	}
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
func (c *Credential) dropPending(ctx context.Context, p *Pending, why error) {
	if !p.shared || ctx.Err() != nil && !errors.Is(context.Cause(ctx), errCancelled) {
		return
	}
	ctx = context.WithoutCancel(ctx)
	c.searching.Lock()
	defer c.searching.Unlock()
	// What stays there expires.
	_, _ = c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		if p.Browser != nil && (errors.Is(why, loopback.ErrExpired) || isClientRefused(why)) {
			c.forgetClient(ctx, p.ClientID)
		}
		return nil, c.changePending(ctx, p, nil)
	})
}

// changePending replaces the sign-in in the store, if it is this one; nil is
// any, or none.
func (c *Credential) changePending(ctx context.Context, from, to *Pending) error {
	return c.changeStored(ctx, func(r *Record) bool {
		if from != nil && !from.is(r.Pending) {
			return false
		}
		r.Pending = to
		return true
	})
}

// changeStored changes what the store has beside the token, if there is anything
// to change, and deletes what is empty then. Call it exclusively.
func (c *Credential) changeStored(ctx context.Context, change func(*Record) bool) error {
	r, err := c.Store.Read(ctx, c.Name())
	switch {
	case errors.Is(err, ErrNotFound):
		want := c.want()
		r = &want
	case err != nil:
		return err
	}
	changed := *r
	if !change(&changed) {
		return nil
	}
	changed.Generation++
	if changed.Pending == nil && changed.Registration == nil && changed.Token.Access.IsZero() {
		return c.Store.Delete(ctx, c.Name())
	}
	return c.Store.Write(ctx, c.Name(), &changed)
}

// look answers a sign-in as the store has it, or errOver or errElsewhere if
// another process has ended it. A store that can't be read tells nothing, and a
// sign-in for something else doesn't end this one.
func (c *Credential) look(ctx context.Context, p *Pending) (*Pending, error) {
	if !p.shared {
		return p, nil
	}
	r, err := c.Store.Read(ctx, c.Name())
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, errOver
	case err != nil:
		return p, nil
	case p.is(r.Pending):
		return r.Pending, nil
	case c.usable(r) && (r.isKey() || includes(r.Scopes, p.Scopes)) && !r.SignedIn.Before(p.Started):
		return nil, errElsewhere
	case r.Pending == nil:
		return nil, errOver
	}
	return p, nil
}

// pause waits, and then looks.
func (c *Credential) pause(ctx context.Context, p *Pending, d time.Duration) error {
	if err := c.Sleep(ctx, d); err != nil {
		return err
	}
	c.step(ctx, "the pause before the next poll is over", slog.Duration("lasted", d))
	_, err := c.look(ctx, p)
	return err
}

// lockPoll makes this process the one that polls, until unlock is called. Where
// there can be no lock, every process polls.
func (c *Credential) lockPoll(p *Pending) (unlock func(), mine bool) {
	if !p.shared {
		return func() {}, true
	}
	unlock, err := c.Folder.tryLock(fileName(c.Name()) + "." + p.kind() + pollSuffix)
	if err != nil {
		return func() {}, true
	}
	return unlock, unlock != nil
}

// kind names what a sign-in is for, alike for all of that kind.
func (p *Pending) kind() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", p.Host, p.Issuer, p.ClientID, p.Audience, p.Scopes))
	return hex.EncodeToString(sum[:2])
}
