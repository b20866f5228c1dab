package credentials

import (
	"context"
	"errors"
	"fmt"
)

// ErrKeyRefused says that the service does not accept the API key from the
// environment.
var ErrKeyRefused = errors.New("the key is not valid")

// ErrNoClient says that there is neither a key nor a client id to sign in
// with.
var ErrNoClient = errors.New("no credential")

// ErrNotSignedIn says that a sign-in is needed and can't begin here.
var ErrNotSignedIn = errors.New("not signed in")

// noClient says what is missing: a way to sign in or, where a key was refused,
// another one.
func (c *Credential) noClient(ctx context.Context) error {
	if r, err := c.read(ctx); err == nil && r.isKey() {
		return c.errorf("%w: %s; run: %s", ErrNotSignedIn, c.whyNot(r, c.want()), c.LoginCommand())
	}
	return c.errorf("%w: %s", ErrNoClient, c.howToGetClient())
}

// HasClient reports whether there is a client id to sign in with, or an issuer
// that may register one.
func (c *Credential) HasClient() bool { return c.oauth.ID != "" || c.Service.Issuer != "" }

func (c *Credential) howToGetClient() string {
	key := fmt.Sprintf("set %s to an API key", c.variable("TOKEN"))
	if c.Store.Source() != SourceMemory {
		key = fmt.Sprintf("run: %s, or %s", c.keyCommand(), key)
	}
	how := fmt.Sprintf("set %s to the client id of %s (%s), or %s", c.variable("CLIENT_ID"), c.Service.RegistrationHint, c.Service.RegistrationURL, key)
	if c.Service.Endpoint.TokenURL == "" && c.Service.Issuer == "" {
		how = fmt.Sprintf("%s, or set %s to sign in (and %s, unless the issuer registers clients itself)", key, c.variable("ISSUER"), c.variable("CLIENT_ID"))
	}
	if c.Settings.Stray != "" {
		how += "; " + c.Settings.Stray
	}
	return how
}
