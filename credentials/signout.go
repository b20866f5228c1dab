package credentials

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// SignedOut is what a sign-out did.
type SignedOut struct {
	// Found says that there was a token.
	Found bool
	// Revoked says that the provider has made it worthless. If not,
	// RevokeError says why, and SettingsURL is where a person can do it.
	Revoked     bool
	RevokeError error
	SettingsURL string
	// Lasting is when the access token ends by itself, where only the refresh token
	// can be revoked; else zero.
	Lasting time.Time
	// Client is the client that was registered to sign in with, "" if none was, and
	// ClientError why the issuer still has it, if it has.
	Client      string
	ClientError error
}

// SignOut revokes the token if the provider lets it, and deletes the record
// either way, even one that makes no sense, but not one that a later program wrote
// and makes sense of. It answers an error if the record is still there. Other processes notice within a minute.
func (c *Credential) SignOut(ctx context.Context) (SignedOut, error) {
	c.CancelSignIn()
	c.searching.Lock()
	defer c.searching.Unlock()
	r, err := c.read(ctx)
	if errors.Is(err, ErrNotFound) {
		c.step(ctx, "signing out: there is no token")
		c.use(nil)
		return SignedOut{}, nil
	}
	var out SignedOut
	_, locked := c.exclusively(ctx, func(ctx context.Context) (*grant, error) {
		r, err = c.read(ctx)
		out, err = c.signOut(ctx, r, err)
		return nil, err
	})
	return out, locked
}

// signOut is SignOut for what a read has answered. Call it exclusively.
func (c *Credential) signOut(ctx context.Context, r *Record, err error) (SignedOut, error) {
	out := SignedOut{Found: true}
	switch {
	case errors.Is(err, ErrNotFound):
		c.use(nil)
		return SignedOut{}, nil
	case err == nil && r.Host == c.Service.Host && r.Issuer == c.Service.Issuer && !r.isFrom(c.Service):
		return SignedOut{}, c.errorf("the token there is for other addresses: %s; to sign out of it, set those", r.Binding)
	case err == nil && !r.isFrom(c.Service):
		variable, from := c.Service.HostVariable, r.Host
		if r.Issuer != "" {
			variable, from = strings.ToUpper(c.Service.Name)+"_ISSUER", r.Issuer
		}
		return SignedOut{}, c.errorf("the token there is for %s; to sign out of it, set %s to that", from, variable)
	case errors.Is(err, errRecord) && !errors.Is(err, errLater):
		out.SettingsURL, out.RevokeError = c.settingsURL(c.oauth.ID), err
	case err != nil:
		return SignedOut{}, err
	case r.Token.Access.IsZero() && !r.Pending.isApproved():
		out.Found, out.RevokeError = false, ErrCannotRevoke
	default:
		out.SettingsURL, out.RevokeError = c.pageOf(r), c.revokeAll(ctx, r)
		if out.RevokeError == errLasting {
			out.RevokeError, out.Lasting = nil, r.Token.Expiry
		}
	}
	out.Revoked = out.RevokeError == nil
	if out.Revoked {
		c.step(ctx, "signing out: the token is revoked")
	} else {
		c.step(ctx, "signing out: the token is not revoked", cause(out.RevokeError))
	}
	if err == nil && r.Registration != nil {
		out.Client, out.ClientError = r.Registration.ClientID, c.unregister(ctx, r.Registration)
	}
	c.use(nil)
	c.hold(nil)
	if err := c.Store.Delete(ctx, c.Name()); err != nil {
		return out, c.errorf("%w", err)
	}
	switch _, err := c.Store.Read(ctx, c.Name()); {
	case errors.Is(err, ErrNotFound):
		return out, nil
	case err == nil:
		return out, c.errorf("the token is still in the %s after it was deleted", c.Store.Source())
	default:
		return out, c.errorf("the token was deleted, which can't be checked: %w", err)
	}
}

func (c *Credential) settingsURL(clientID string) string {
	if c.Service.SettingsURL == nil {
		return ""
	}
	return c.Service.SettingsURL(clientID)
}

// revokeAll revokes the token in use and the one of a sign-in that was approved
// and is not in use yet.
func (c *Credential) revokeAll(ctx context.Context, r *Record) error {
	var failed error
	if !r.Token.Access.IsZero() {
		failed = c.revoke(ctx, r)
	}
	if r.Pending.isApproved() {
		waiting := Record{Host: r.Pending.Host, Issuer: r.Pending.Issuer, Binding: r.Pending.Binding, ClientID: r.Pending.ClientID, Token: r.Pending.Token, Registration: r.Registration}
		failed = errors.Join(failed, c.revoke(ctx, &waiting))
	}
	return failed
}

func (c *Credential) revoke(ctx context.Context, r *Record) error {
	if r.isKey() || !r.isFrom(c.Service) || c.oauth.ID != "" && r.ClientID != c.oauth.ID {
		return ErrCannotRevoke
	}
	m, err := c.metadata(ctx)
	switch {
	case err != nil:
		return err
	case c.Service.Revoke != nil:
		return c.Service.Revoke(ctx, c.clientFor(r, m), c.Service, r.Token)
	case m.RevocationURL == "":
		return ErrCannotRevoke
	}
	// Not every server lets the access tokens go with it (RFC 7009 §2.1).
	var failed error
	if !r.Token.Refresh.IsZero() {
		failed = c.clientFor(r, m).Revoke(ctx, m.RevocationURL, r.Token.Refresh, "refresh_token")
	}
	access := c.clientFor(r, m).Revoke(ctx, m.RevocationURL, r.Token.Access, "access_token")
	if failed == nil && !r.Token.Refresh.IsZero() && !r.Token.Expiry.IsZero() && isUnsupportedType(access) {
		return errLasting
	}
	return errors.Join(failed, access)
}

// errLasting says that an access token that can't be revoked ends by itself, and is
// the last one.
var errLasting = errors.New("the access token can't be revoked, and ends by itself")

// isUnsupportedType reports whether a server revokes no tokens of a kind (RFC 7009
// §2.2.1).
func isUnsupportedType(err error) bool {
	var refused *oauth.Error
	return errors.As(err, &refused) && refused.Code == "unsupported_token_type"
}
