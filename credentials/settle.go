package credentials

import (
	"context"
	"errors"
	"log/slog"
)

// errUnstored is for the browser: a token is there, and only this process has it.
var errUnstored = errors.New("the token can't be stored, and is lost when valetkey ends; your assistant or terminal has the reason")

// complete brings a sign-in to its end: this process polls, or else watches the
// one that does, and takes its place if it dies. held is its turn already, or nil.
// Call unlock when others may poll.
func (c *Credential) complete(ctx context.Context, p *Pending, held func()) (unlock func(), err error) {
	for unlock, mine := held, held != nil; ; unlock, mine = c.lockPoll(p) {
		if mine {
			return unlock, c.finish(ctx, p)
		}
		c.step(ctx, "another process polls for the sign-in")
		if err := c.pause(ctx, p, p.interval()); err != nil {
			return func() {}, c.ended(ctx, err)
		}
	}
}

// saveAtLast stores what the store has not taken, as soon as it does. Until then
// nobody else may poll with a code that is spent, and find that it came to
// nothing.
func (c *Credential) saveAtLast(ctx context.Context, p *Pending) {
	for p.shared && c.held() != nil && c.Sleep(ctx, p.interval()) == nil {
		c.searching.Lock()
		// It is tried again.
		_ = c.saveExclusively(ctx)
		c.searching.Unlock()
	}
}

// finish waits for the approval, unless a process that is gone has left its
// token, and keeps that.
func (c *Credential) finish(ctx context.Context, p *Pending) error {
	tell := func(error) {}
	latest, err := c.look(ctx, p)
	if err == nil && !latest.isApproved() {
		c.step(ctx, "this process polls for the sign-in", slog.String("flow", string(p.flow())))
		latest, tell, err = c.poll(ctx, p)
	}
	if err == nil {
		err = c.keepSignIn(ctx, latest)
	}
	told := err
	if err == nil && c.held() != nil {
		told = errUnstored
	}
	tell(told)
	if err != nil {
		return c.ended(ctx, err)
	}
	c.Log.Info(c.Name()+": signed in", "store", c.Store.Source())
	return nil
}

// poll asks for the token until the person has decided, or another process has.
// tell tells the browser what has become of it.
func (c *Credential) poll(ctx context.Context, p *Pending) (approved *Pending, tell func(error), err error) {
	m, err := c.metadata(ctx)
	for err != nil && c.canEnd(p) {
		// An issuer out of reach is borne with as lost polls are.
		if err := c.pause(ctx, p, p.interval()); err != nil {
			return nil, func(error) {}, err
		}
		m, err = c.metadata(ctx)
	}
	if err != nil {
		return nil, func(error) {}, err
	}
	token, tell, err := c.wait(ctx, m, p)
	if err != nil {
		c.dropPending(ctx, p, err)
		return nil, tell, c.noteRefusal(ctx, p, err)
	}
	c.step(ctx, "the sign-in is approved", expires(token.Expiry), slog.Any("scopes", token.Scopes))
	signedIn := *p
	signedIn.Token = *token
	return &signedIn, tell, nil
}

// keepSignIn keeps the token that a sign-in has given. A turn that doesn't come,
// or not before the end of the process, is no reason to lose it.
func (c *Credential) keepSignIn(ctx context.Context, p *Pending) error {
	c.searching.Lock()
	defer c.searching.Unlock()
	isTurn := false
	_, err := c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		isTurn = true
		return c.settle(ctx, p)
	})
	if !isTurn {
		_, err = c.settle(ctx, p)
	}
	return err
}

// settle makes the token of an approved sign-in the one in use, if it is the
// owner's. Until that is known it is stored beside the one before, so that a
// process that is killed meanwhile loses neither. Call it exclusively. It stores
// the token even if the context has ended.
func (c *Credential) settle(ctx context.Context, p *Pending) (*grant, error) {
	lasting := context.WithoutCancel(ctx)
	r := c.want()
	r.ClientID, r.Scopes, r.Token, r.SignedIn, r.from = p.ClientID, p.Scopes, p.Token, c.Now(), p
	latest, err := c.look(lasting, p)
	there, _ := c.read(lasting)
	if err != nil {
		if there == nil || !there.Token.Access.Equal(r.Token.Access) {
			c.giveBack(ctx, &r, "a sign-in that nobody needs any more")
		}
		return nil, err
	}
	owner := c.ownerAt(there, latest)
	if there != nil {
		r.replaces, r.Registration = c.inStore(there), there.Registration
	}
	approved := *latest
	approved.Token = p.Token
	c.changeShared(lasting, p, &approved)
	if err := c.renewApproved(lasting, &approved, &r); err != nil {
		return nil, err
	}
	r.Account, err = c.verify(ctx, &r, owner)
	switch {
	case err != nil:
		c.changeShared(lasting, p, nil)
		return nil, err
	case r.Account == "" && owner != "":
		return nil, errUnknownOwner
	}
	c.asked = nil
	return c.keep(lasting, r), nil
}

// renewApproved renews a token that has waited in the store for too long.
func (c *Credential) renewApproved(ctx context.Context, p *Pending, r *Record) error {
	if c.isValid(r.Token) || r.Token.Refresh.IsZero() {
		return nil
	}
	token, err := c.requestRefresh(ctx, r)
	if isRefusedGrant(err) {
		c.changeShared(ctx, p, nil)
	}
	if err != nil {
		return err
	}
	r.Token = renewed(r.Token, *token)
	p.Token = r.Token
	c.changeShared(ctx, p, p)
	return nil
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
	c.step(ctx, "the sign-in has ended without a token of its own", cause(err))
	if errors.Is(err, errElsewhere) {
		c.use(nil)
		return nil
	}
	if errors.Is(err, errUnknownOwner) {
		return c.errorf("%w", err)
	}
	err = c.errorf("the sign-in ended without a token: %w", err)
	if ctx.Err() == nil {
		c.Log.Warn(err.Error())
	}
	return err
}
