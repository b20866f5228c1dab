package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// clientCredentials is the grant by which a program gets a token of its own, with
// its client secret and without a person (RFC 6749 §4.4).
const clientCredentials = "client_credentials"

// ownPause is how long no other token is asked for after the API has refused one,
// and how long one that hardly lives serves: neither an API that refuses all of
// them nor a server that gives them for seconds has every call ask for one.
const ownPause = time.Minute

// isMachine reports whether this program has a token of its own, and no person's.
func (c *Credential) isMachine() bool { return c.Settings.Grant == clientCredentials }

// mayReplace answers nil unless a token that nobody has to approve would take the
// place of what a person has in the store, who would have to sign in again.
func (c *Credential) mayReplace(there, r *Record) error {
	if there == nil || there.Token.Access.IsZero() || there.Grant == r.Grant || r.Grant != clientCredentials {
		return nil
	}
	return fmt.Errorf("a person has signed in under this name; sign them out, or set %s to another name for the program", c.variable("ACCOUNT"))
}

// anew gets a token where there is none: a person's takes a sign-in. Call it
// exclusively.
func (c *Credential) anew(ctx context.Context) (*grant, error) {
	if c.isMachine() {
		return c.requestOwn(ctx, nil)
	}
	return nil, c.startWanted(ctx)
}

// requestOwn asks for a token of this program in place of a stale one, nil for
// none, which serves on while it is good and there is no other. Call it
// exclusively.
func (c *Credential) requestOwn(ctx context.Context, stale *Record) (*grant, error) {
	r := c.want()
	if stale != nil {
		if c.isValid(stale.Token) && c.isWithin(ownPause, stale.SignedIn) {
			c.step(ctx, "the program's token serves on: it is hardly a minute old")
			return c.adopt(stale), nil
		}
		r.Scopes, r.Refreshed, r.replaces = union(r.Scopes, stale.Scopes), stale.Refreshed, c.inStore(stale)
	}
	token, err := c.paced(func() (*oauth.Token, error) { return c.sendOwn(ctx, r.Scopes) })
	switch {
	case err == nil:
		c.step(ctx, "the program has a token of its own", expires(token.Expiry))
		r.Token, r.SignedIn = *token, c.Now()
		return c.keep(context.WithoutCancel(ctx), r), nil
	case stale != nil && c.isValid(stale.Token):
		return c.serveOn(ctx, stale, err)
	}
	return nil, c.noOwn(err)
}

// isWithin reports whether a time is that recent.
func (c *Credential) isWithin(d time.Duration, t time.Time) bool {
	since := c.Now().Sub(t)
	return 0 <= since && since < d
}

// sendOwn makes the request. There should be no refresh token in its answer (RFC
// 6749 §4.4.3), and one that comes is of no use.
func (c *Credential) sendOwn(ctx context.Context, scopes []string) (*oauth.Token, error) {
	if err := c.ownLacks(); err != nil {
		return nil, err
	}
	m, err := c.metadata(ctx)
	if err != nil {
		return nil, err
	}
	form := c.Settings.parameters()
	form.Set("grant_type", clientCredentials)
	if len(scopes) > 0 {
		form.Set("scope", strings.Join(scopes, " "))
	}
	token, err := c.clientAt(m).Exchange(ctx, form)
	if err != nil {
		return nil, err
	}
	token.Refresh, token.RefreshExpiry = oauth.Secret{}, time.Time{}
	return token, nil
}

// ownLacks names the variables without which there is no token for this program: a
// client that can't prove who it is gets none (RFC 6749 §4.4).
func (c *Credential) ownLacks() error {
	var lacks []string
	for _, needed := range []struct {
		suffix string
		given  bool
	}{{"CLIENT_ID", c.oauth.ID != ""}, {"CLIENT_SECRET", !c.oauth.Secret.IsZero()}} {
		if !needed.given {
			lacks = append(lacks, c.variable(needed.suffix))
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return faulty("set "+strings.Join(lacks, " and "), "%s=%s is for a client with a secret", c.variable("GRANT"), clientCredentials)
}

func (c *Credential) variable(suffix string) string {
	return strings.ToUpper(c.Service.Name) + "_" + suffix
}

// noOwn says why there is no token for this program, and which variable mends it:
// the codes are those of RFC 6749 §5.2 and RFC 8707 §2, and Auth0's for a client
// that isn't authorized for an audience.
// https://auth0.com/docs/get-started/applications/application-access-to-apis-client-grants
func (c *Credential) noOwn(err error) error {
	var refused *oauth.Error
	if !errors.As(err, &refused) {
		if _, mend := Advice(err); mend != "" {
			return c.errorf("%w", err)
		}
		return c.errorf("%w", faulty("try again", "there is no token for this program now: %w", err))
	}
	mends := map[string]string{
		"invalid_client":         fmt.Sprintf("check %s and %s", c.variable("CLIENT_ID"), c.variable("CLIENT_SECRET")),
		"unauthorized_client":    fmt.Sprintf("allow the client the grant %s where it is registered, or unset %s to sign in", clientCredentials, c.variable("GRANT")),
		"unsupported_grant_type": fmt.Sprintf("unset %s to sign in", c.variable("GRANT")),
		"invalid_scope":          fmt.Sprintf("check %s; to ask for those alone, run: %s", c.variable("SCOPES"), strings.Replace(c.LoginCommand(), "login", "logout", 1)),
		"invalid_target":         fmt.Sprintf("check %s", c.variable("RESOURCE")),
		"access_denied":          fmt.Sprintf("check %s, and what the client is allowed there", c.variable("AUDIENCE")),
	}
	mend := mends[refused.Code]
	switch {
	case refused.Temporary():
		mend = "try again later"
	case mend == "":
		mend = "check how the client is registered there"
	}
	return c.errorf("%w", faulty(mend, "there is no token for this program: %w", err))
}

// replaceOwn asks for another token in place of one that the API has refused, once
// in a while, by whichever process. Call it exclusively.
func (c *Credential) replaceOwn(ctx context.Context, refused *Record) (*grant, error) {
	if c.isWithin(ownPause, refused.Refreshed) {
		return nil, c.ownRefused()
	}
	ended := *refused
	ended.Token.Expiry, ended.Refreshed = c.Now(), c.Now()
	return c.requestOwn(ctx, &ended)
}

// ownRefused says that no token helps.
func (c *Credential) ownRefused() error {
	return c.errorf("%w", faulty(fmt.Sprintf("check %s, %s and %s, and what the API takes", c.variable("SCOPES"), c.variable("AUDIENCE"), c.variable("RESOURCE")),
		"%w: the API refuses a token that was issued for this program just now", ErrTokenRefused))
}

// askForMoreOwn asks for a token with further scopes. What the server has refused
// for good isn't asked for again. Call it exclusively.
func (c *Credential) askForMoreOwn(ctx context.Context, had *Record, scopes []string, key string) (*grant, error) {
	wider := *had
	wider.Scopes, wider.Token.Expiry = scopes, c.Now()
	more, err := c.requestOwn(ctx, &wider)
	var refused *oauth.Error
	if errors.As(err, &refused) && !refused.Temporary() {
		c.asked = append(c.asked, key)
	}
	return more, err
}

// nothingToSignInFor answers what gives the token without a sign-in, if anything
// does.
func (c *Credential) nothingToSignInFor() error {
	source, variable := c.Settings.keySource(c.Service.Name)
	switch {
	case source != SourceNone:
		return c.errorf("%s gives the key, which comes before any sign-in; unset %s to sign in", variable, variable)
	case c.isMachine():
		return c.errorf("%s=%s: this program has a token of its own, by its client secret, so there is nothing to sign in for; unset %s to sign in", c.variable("GRANT"), clientCredentials, c.variable("GRANT"))
	}
	return nil
}

// ownStatus is Status for what the store has, nil for nothing.
func (c *Credential) ownStatus(s Status, r *Record) Status {
	s.Grant, s.StoreNote = clientCredentials, ""
	if err := c.ownLacks(); err != nil {
		s.Reason, s.Mend = Advice(err)
		return s
	}
	s.SignedIn = true
	if r == nil || !c.usable(r) || !c.isValid(r.Token) {
		return s
	}
	s.Source = c.Store.Source()
	if r == c.held() {
		s.Source = SourceMemory
	}
	s.Scopes, s.Expiry, s.Refreshable = granted(r), optional(r.Token.Expiry), true
	return s
}
