package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

// keyGrant marks the record of a key: a person has given it, and no authorization
// server has granted it to this program. It serves whatever client and scopes are
// set, and is never renewed.
const keyGrant = "key"

func (r *Record) isKey() bool { return r.Grant == keyGrant }

// Brought is what became of a key that a person has given.
type Brought struct {
	// Account is whose it is, as the service says; "" if it doesn't.
	Account string
	// Unverified is why the service could not be asked, nil if it was.
	Unverified error
	// Replaced is what it has taken the place of, in words, and ReplacedAt the page
	// where a person ends that; "" for nothing.
	Replaced, ReplacedAt string
}

// Bring keeps an API key, or a token of a person's own making, in the store, in
// place of what is there. It is asked first whose it is: one that the service
// refuses isn't kept ([ErrTokenRefused]), nor, where another account's is there,
// one that is another's or can't be asked about ([ErrOtherAccount]).
func (c *Credential) Bring(ctx context.Context, token oauth.Secret) (Brought, error) {
	return c.bring(ctx, token, false)
}

// BringAnyones is Bring for whosever key it is: the credential is theirs from then
// on.
func (c *Credential) BringAnyones(ctx context.Context, token oauth.Secret) (Brought, error) {
	return c.bring(ctx, token, true)
}

func (c *Credential) bring(ctx context.Context, token oauth.Secret, anyone bool) (Brought, error) {
	if err := c.MayBring(ctx); err != nil {
		return Brought{}, err
	}
	key, err := c.checkBrought(token)
	if err != nil {
		return Brought{}, err
	}
	r := c.want()
	r.Grant, r.ClientID, r.Audience, r.Scopes = keyGrant, "", "", nil
	r.Token.Access, r.SignedIn = key, c.Now()
	var brought Brought
	switch r.Account, err = c.identify(ctx, c.grantOf(&r)); {
	case errors.Is(err, ErrTokenRefused):
		return Brought{}, c.errorf("%w", faulty("copy it again, or make another", "%s: %w", c.Service.Hosts[0], ErrTokenRefused))
	case c.Service.Identify == nil:
		brought.Unverified = fmt.Errorf("nothing is known at %s that says whose a key is", c.Service.Hosts[0])
	default:
		brought.Account, brought.Unverified = r.Account, err
	}
	c.searching.Lock()
	defer c.searching.Unlock()
	_, err = c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		return nil, c.keepBrought(ctx, &r, &brought, anyone)
	})
	return brought, err
}

// MayBring answers nil if a key would be kept, and used.
func (c *Credential) MayBring(ctx context.Context) error {
	if err := c.nothingToSignInFor(); err != nil {
		return err
	}
	if c.Store.Source() == SourceMemory {
		note, mend := AdviceOf(c.Store)
		return c.errorf("%w", faulty(cmp.Or(mend, "unset VALET_STORE for the keyring, or set VALET_STORE=file"), "a key would be lost when this command ends: %s", note))
	}
	return c.storeReady(ctx)
}

// IsKept reports whether the store has this very key already.
func (c *Credential) IsKept(ctx context.Context, key oauth.Secret) (bool, error) {
	r, err := c.read(ctx)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil && r.isKey() && r.Token.Access.Equal(key), err
}

// checkBrought answers the key if it looks like one.
func (c *Credential) checkBrought(token oauth.Secret) (oauth.Secret, error) {
	key := strings.TrimSpace(strings.TrimPrefix(token.Reveal(), "\ufeff"))
	reason := ""
	switch {
	case key == "":
		reason = "there is nothing in it"
	case len(key) > maxKeySize:
		reason = fmt.Sprintf("it has more than %d bytes", maxKeySize)
	case !usableAsHeader(key) || strings.ContainsAny(key, `"'`):
		reason = "it holds a space, a quote or another character that no token has"
	default:
		return oauth.NewSecret(key), nil
	}
	return oauth.Secret{}, c.errorf("%w", faulty("copy it again", "that is not a token: %s", reason))
}

// keepBrought stores a key, which ends a sign-in that waits, and makes sure that it
// is there, since the person may throw away theirs. Call it exclusively.
func (c *Credential) keepBrought(ctx context.Context, r *Record, brought *Brought, anyone bool) error {
	there, err := c.read(ctx)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	default:
		if err := c.mayBring(there, r, brought.Unverified, anyone); err != nil {
			return err
		}
		if !there.Token.Access.IsZero() && !there.Token.Access.Equal(r.Token.Access) {
			brought.Replaced, brought.ReplacedAt = there.what(), c.pageOf(there)
		}
		r.replaces, r.from = c.inStore(there), there.Pending
	}
	before := c.held()
	c.hold(r)
	if err := c.save(ctx); err != nil {
		c.hold(before)
		return c.errorf("%w", err)
	}
	kept, err := c.Store.Read(ctx, c.Name())
	switch {
	case err != nil:
		return c.errorf("the key was stored, which can't be checked: %w", err)
	case !kept.Token.Access.Equal(r.Token.Access):
		return c.errorf("the key is not in the %s after it was stored; try again", c.Store.Source())
	}
	c.adopt(kept)
	return nil
}

// mayBring answers nil if a key may take the place of what is there: nobody else's
// does, unless a person says so.
func (c *Credential) mayBring(there, r *Record, unverified error, anyone bool) error {
	owner := c.ownerAt(there, &Pending{Host: r.Host, Issuer: r.Issuer, Anyone: anyone})
	mend := fmt.Sprintf("add --switch to give this entry to another account, or set %s to a name for a second one", c.variable("ACCOUNT"))
	switch {
	case owner == "" || strings.EqualFold(owner, r.Account):
		return nil
	case r.Account == "":
		return c.errorf("%w", faulty("try again, or "+mend, "%s is kept here, and whose the new token is can't be asked now: %w", owner+"'s", unverified))
	}
	return c.errorf("%w", faulty(mend, "%w: the token is %s's, and %s's is kept here", ErrOtherAccount, r.Account, owner))
}

// what names a record's token in words.
func (r *Record) what() string {
	if r.isKey() {
		return "the key before"
	}
	return "the token of the sign-in before"
}

// pageOf answers where a person sees and ends a record's token.
func (c *Credential) pageOf(r *Record) string {
	switch {
	case !r.isFrom(c.Service):
		return cmp.Or(r.Issuer, r.Host)
	case r.isKey() && c.Service.KeysURL != "":
		return c.Service.KeysURL
	}
	return c.settingsURL(r.ClientID)
}
