package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// ErrOtherAccount says that somebody else has signed in than the one a
// credential belongs to. Their token isn't used.
var ErrOtherAccount = errors.New("another account has signed in")

// errUnknownOwner says that a token waits until it is known whose it is.
var errUnknownOwner = errors.New("whose account has approved can't be asked now, so the token isn't used before that is known")

// ownerAt answers who has to approve a sign-in: whose the credential is by what
// the store has, nil for unknown, or was when the sign-in began; "" for anyone.
func (c *Credential) ownerAt(r *Record, p *Pending) string {
	switch {
	case c.mayBeAnyone() || p.Anyone:
		return ""
	case r != nil && r.Host == p.Host && r.Issuer == p.Issuer && r.Account != "":
		return r.Account
	}
	return p.Owner
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
	latest, err := c.look(ctx, s.pending)
	if err == nil {
		open := *latest
		open.Anyone = true
		err = c.changePending(ctx, s.pending, &open)
	}
	if err != nil {
		c.Log.Warn(c.Name()+": only this process knows that the account may change", "error", err)
	}
}

// verify asks whose a record's token is, "" if that can't be found out. It
// answers [ErrOtherAccount], and gives the token back, if there is an owner and
// it isn't theirs.
func (c *Credential) verify(ctx context.Context, r *Record, owner string) (account string, err error) {
	account, err = c.identify(ctx, c.grantOf(r))
	switch {
	case errors.Is(err, ErrTokenRefused):
		return "", fmt.Errorf("%s has issued a token and refuses it: %w; try again, or give an API key", c.Service.Host, err)
	case account == "" || owner == "" || strings.EqualFold(owner, account):
		return account, nil
	}
	c.giveBack(ctx, r, "the other account")
	return "", fmt.Errorf("%w: %s, but this sign-in belongs to %s; sign in as %s, or run: %s --switch, or set %s_ACCOUNT to a name for a second account",
		ErrOtherAccount, account, owner, owner, c.LoginCommand(), strings.ToUpper(c.Service.Name))
}

// trust uses a record's token, and notes whose it is if nobody knows yet. Call it
// exclusively.
func (c *Credential) trust(ctx context.Context, r *Record) (*grant, error) {
	if c.isKnown(r) {
		return c.adopt(r), nil
	}
	account, err := c.verify(ctx, r, "")
	if err != nil || account == "" {
		// One that is refused is found out by the call, which recovers.
		return c.adopt(r), nil
	}
	named := *r
	named.Account = account
	return c.keep(ctx, named), nil
}

// isKnown reports whether there is no use in asking whose a token is: that is
// known, or this process has asked already.
func (c *Credential) isKnown(r *Record) bool {
	now := c.inUse()
	return r.Account != "" || r.Grant == clientCredentials || c.Service.Identify == nil || now != nil && now.token.Equal(r.Token.Access)
}

// isSettled reports whether nothing has to be asked before a token is used.
func (c *Credential) isSettled(r *Record) bool { return c.isKnown(r) && !r.Pending.isApproved() }

// identify asks whose a new token is. It is no reason to sign in once more.
func (c *Credential) identify(ctx context.Context, g *grant) (string, error) {
	if c.Service.Identify == nil {
		return "", nil
	}
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	account, err := c.Service.Identify(ctx, c.clientOf(transport{Credential: c, only: g}), c.Service.APIURL)
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
// The account is "" if the service can't be asked, and for a token of this program
// itself, which is only made sure of. The error holds
// [*SignInRequired] if there is no token it accepts.
func (c *Credential) Identify(ctx context.Context) (account string, err error) {
	switch {
	case c.isMachine():
		_, err := c.token(ctx)
		return "", err
	case c.Service.Identify == nil:
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
