package credentials

import (
	"context"
	"errors"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
)

// complete brings a sign-in to its end: this process polls, or else watches the
// one that does, and takes its place if it dies.
func (c *Credential) complete(ctx context.Context, p *Pending) error {
	for {
		unlock, mine := c.lockPoll(p)
		if mine {
			defer unlock()
			return c.finish(ctx, p)
		}
		if err := c.pause(ctx, p, p.Authorization.Interval); err != nil {
			return c.ended(ctx, err)
		}
	}
}

// finish waits for the approval, unless a process that is gone has left its
// token, and keeps that.
func (c *Credential) finish(ctx context.Context, p *Pending) error {
	latest, err := c.look(ctx, p)
	if err == nil && !latest.isApproved() {
		latest, err = c.poll(ctx, p)
	}
	if err == nil {
		err = c.keepSignIn(ctx, latest)
	}
	if err != nil {
		return c.ended(ctx, err)
	}
	c.Log.Info(c.Name()+": signed in", "store", c.Store.Source())
	return nil
}

// poll asks for the token until the person has decided, or another process has.
func (c *Credential) poll(ctx context.Context, p *Pending) (*Pending, error) {
	flow := &deviceflow.Flow{Client: c.oauth, Scopes: p.Scopes, Sleep: func(ctx context.Context, d time.Duration) error {
		return c.pause(ctx, p, d)
	}}
	token, err := flow.Wait(ctx, p.Authorization)
	if err != nil {
		c.dropPending(ctx, p)
		return nil, err
	}
	approved := *p
	approved.Token = *token
	return &approved, nil
}

// keepSignIn keeps the token that a sign-in has given.
func (c *Credential) keepSignIn(ctx context.Context, p *Pending) error {
	c.searching.Lock()
	defer c.searching.Unlock()
	// Not even the end of the process may lose a token that has been issued.
	lasting := context.WithoutCancel(ctx)
	_, err := c.exclusively(lasting, func(ctx context.Context) (*grant, error) { return c.settle(ctx, p) })
	if errors.Is(err, errBusy) {
		// A turn that doesn't come is no reason to lose it either.
		_, err = c.settle(lasting, p)
	}
	return err
}

// settle makes the token of an approved sign-in the one in use, if it is the
// owner's. Until that is known it is stored beside the one before, so that a
// process that is killed meanwhile loses neither. Call it exclusively.
func (c *Credential) settle(ctx context.Context, p *Pending) (*grant, error) {
	r := c.want()
	r.Scopes, r.Token, r.SignedIn, r.from = p.Scopes, p.Token, c.Now(), p
	approved, err := c.look(ctx, p)
	if errors.Is(err, errOver) {
		c.giveBack(ctx, &r, "a sign-in that was ended")
	}
	if err != nil {
		return nil, err
	}
	there, _ := c.read(ctx)
	r.Pinned = c.ownerAt(there, approved)
	if there != nil && !there.Token.Access.IsZero() {
		r.Generation = there.Generation
	}
	kept := *approved
	kept.Token = p.Token
	c.changeShared(ctx, p, &kept)
	named, err := c.verify(ctx, r)
	if err != nil {
		c.changeShared(ctx, p, nil)
		return nil, err
	}
	return c.keep(ctx, named), nil
}

// changeShared is changePending for what is no loss if it can't be done.
func (c *Credential) changeShared(ctx context.Context, from, to *Pending) {
	if !from.shared {
		return
	}
	if err := c.changePending(ctx, from, to); err != nil {
		c.Log.Debug(c.Name()+": the sign-in in the store can't be changed", "error", err)
	}
}

// giveBack revokes a token that won't be used.
func (c *Credential) giveBack(ctx context.Context, r *Record, whose string) {
	if err := c.revoke(ctx, r); err != nil {
		c.Log.Warn(c.Name()+": the token of "+whose+" is not used, and is valid until it is revoked", "at", c.settingsURL(c.oauth.ID))
	}
}

// ended words why a sign-in ended without a token, if it did.
func (c *Credential) ended(ctx context.Context, err error) error {
	if errors.Is(err, errElsewhere) {
		c.use(nil)
		return nil
	}
	err = c.errorf("the sign-in ended without a token: %w", err)
	if ctx.Err() == nil {
		c.Log.Warn(err.Error())
	}
	return err
}
