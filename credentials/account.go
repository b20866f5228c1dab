package credentials

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// ErrOtherAccount says that somebody else has signed in than the one a
// credential belongs to. Their token isn't used.
var ErrOtherAccount = errors.New("another account has signed in")

// owner is whose record it is, as far as is known: a token that has not been
// asked yet belongs to the one before.
func (r *Record) owner() string {
	if r.Account != "" {
		return r.Account
	}
	return r.Pinned
}

// ownerAt answers whose the credential is, by what the store has; "" if nobody
// has signed in at this host yet, or if anyone may.
func (c *Credential) ownerAt(r *Record, p *Pending) string {
	if r == nil || r.Host != p.Host || c.mayBeAnyone() || p.is(r.Pending) && r.Pending.Anyone {
		return ""
	}
	return r.owner()
}

func (c *Credential) mayBeAnyone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pending != nil && c.pending.anyone
}

// letAnyone lets another account approve the sign-in under way, whichever
// process polls.
func (c *Credential) letAnyone(ctx context.Context) {
	s := c.underWay()
	if s == nil {
		return
	}
	c.mu.Lock()
	s.anyone = true
	c.mu.Unlock()
	if !s.pending.shared {
		return
	}
	open := *s.pending
	open.Anyone = true
	if err := c.changePending(ctx, s.pending, &open); err != nil {
		c.Log.Warn(c.Name()+": only this process knows that the account may change", "error", err)
	}
}

// verify asks whose a token is and notes it. It answers [ErrOtherAccount] if it
// isn't the owner's, and then the record is what it was before. Not to know is
// no reason to fail: it is asked again when the token is next found.
func (c *Credential) verify(ctx context.Context, g *grant, before *Record) error {
	account, err := c.identify(ctx, g)
	pinned := g.record.Pinned
	switch {
	case errors.Is(err, ErrTokenRefused):
		return c.errorf("%s has issued a token and refuses it: %w; try again, or give an API key", c.Service.Host, err)
	case account == "":
		return nil
	case pinned == "" || strings.EqualFold(pinned, account):
		c.noteAccount(context.WithoutCancel(ctx), account, g.record.SignedIn)
		return nil
	}
	c.putBack(context.WithoutCancel(ctx), g.record, before)
	return c.errorf("%w: %s, but this sign-in belongs to %s; sign in as %s, or run: %s --switch, or set %s_ACCOUNT to a name for a second account",
		ErrOtherAccount, account, pinned, pinned, c.loginCommand(), strings.ToUpper(c.Service.Name))
}

// putBack undoes a sign-in by the wrong account.
func (c *Credential) putBack(ctx context.Context, wrong, before *Record) {
	if err := c.revoke(ctx, wrong); err != nil {
		c.Log.Warn(c.Name()+": the token of the other account is not used, and is valid until it is revoked", "at", c.settingsURL(c.oauth.ID))
	}
	_, err := c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		c.forget(wrong.Token.Access)
		c.hold(nil)
		there, err := c.Store.Read(ctx, c.Name())
		if err != nil || !there.Token.Access.Equal(wrong.Token.Access) {
			return nil, err
		}
		restored := *there
		restored.SignInNeeded = true
		if before != nil && !before.Token.Access.IsZero() {
			restored = *before
		}
		restored.Pending, restored.Generation = nil, there.Generation+1
		return nil, c.Store.Write(ctx, c.Name(), &restored)
	})
	if err != nil {
		c.Log.Error(c.Name()+": the token of the other account can't be taken out of the store", "error", err)
	}
}

// noteAccount adds whose token it is to the record of a sign-in, which may have
// been refreshed or removed since.
func (c *Credential) noteAccount(ctx context.Context, account string, signedIn time.Time) {
	// Not to know it is no reason to fail.
	_, _ = c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		r, err := c.read(ctx)
		if err != nil || r.SignInNeeded || !r.SignedIn.Equal(signedIn) {
			return nil, err
		}
		named := *r
		named.Account, named.Pinned = account, account
		return c.keep(ctx, named), nil
	})
}

// identify asks whose a new token is. It is no reason to sign in once more.
func (c *Credential) identify(ctx context.Context, g *grant) (string, error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	account, err := c.Service.Identify(ctx, c.clientWith(g), c.Service.APIURL)
	if err != nil {
		c.Log.Warn(c.Name()+": can't ask whose token this is", "error", withoutAddress(err))
	}
	return fitToShow(maskText(account, g.token.Reveal())), withoutAddress(err)
}

// fitToShow makes a name of an account a line of printable characters: it is
// shown to people in terminals.
func fitToShow(name string) string {
	const most = 100
	runes := []rune(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	return string(runes[:min(len(runes), most)])
}

// Identify asks the service whose the token is, and so whether it is any good.
// The account is "" if the service can't be asked. The error holds
// [*SignInRequired] if there is no token it accepts.
func (c *Credential) Identify(ctx context.Context) (account string, err error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	account, err = c.Service.Identify(ctx, c.Client(), c.Service.APIURL)
	return fitToShow(c.Mask(account)), withoutAddress(err)
}

// withoutAddress drops the method and the address that net/http puts before an
// error.
func withoutAddress(err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}
