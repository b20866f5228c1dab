package loopback

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// lifetime is how long a person has to approve.
const lifetime = 10 * time.Minute

// Flow is a client about to sign somebody in. It is safe for concurrent use as
// long as no field is changed.
type Flow struct {
	// Client is required, with its AuthURL and TokenURL; its Now is the flow's
	// clock.
	Client *oauth.Client
	// Scopes are asked for, separated by spaces (RFC 6749 §3.3).
	Scopes []string
	// Parameters are sent to the authorization endpoint besides, such as an
	// audience. They don't replace those of the flow itself.
	Parameters url.Values
	// Redirect is the redirect address without its port, http on 127.0.0.1,
	// [::1] or localhost; "": http://127.0.0.1/callback. It is sent as it is
	// written, with the port added.
	Redirect string
	// Port is where the browser brings its answer; 0: any that is free.
	Port int
	// Title is the service's name for the pages; "": none.
	Title string
	// Issuer is who must have answered, if the answer says so (RFC 9207); "":
	// anybody. With NeedsIssuer the answer must say so.
	Issuer      string
	NeedsIssuer bool
	// Sleep waits for the end of the authorization and of [Approval.Tell]'s
	// time, and answers the context's error if that ends first; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Start takes the port and makes up the address to open. It sends nothing. The
// error is [oauth.ErrUnsupported] or [oauth.ErrUnsafeAddress] for the endpoints,
// [ErrRedirect], [ErrBusy], or that of a port that can't be listened on.
func (f *Flow) Start(ctx context.Context) (*Authorization, error) {
	if err := f.checkEndpoints(); err != nil {
		return nil, err
	}
	redirect, err := parseRedirect(f.Redirect)
	if err != nil {
		return nil, err
	}
	door, number, err := listen(ctx, redirect.Hostname(), f.Port)
	if err != nil {
		return nil, err
	}
	a := &Authorization{
		State:       oauth.NewSecret(rand.Text()),
		Verifier:    oauth.NewSecret(oauth2.GenerateVerifier()),
		RedirectURI: withPort(redirect, number),
		StartURI:    fmt.Sprintf("http://%s/%s", hostPort(startHost(redirect.Hostname()), number), rand.Text()),
		Expiry:      f.Client.Time().Round(0).Add(lifetime),
		door:        door,
	}
	if a.AuthorizationURI, err = f.address(a); err == nil {
		err = a.check()
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (f *Flow) checkEndpoints() error {
	address := f.Client.Endpoint.AuthURL
	if address == "" {
		return fmt.Errorf("%w: no address for it is known", oauth.ErrUnsupported)
	}
	if strings.Contains(address, "#") {
		return fmt.Errorf("%w: the address of an authorization endpoint has no fragment", oauth.ErrUnsafeAddress)
	}
	if err := oauth.CheckAddress(address); err != nil {
		return fmt.Errorf("the authorization endpoint: %w", err)
	}
	if err := oauth.CheckAddress(f.Client.Endpoint.TokenURL); err != nil {
		return fmt.Errorf("the token endpoint: %w", err)
	}
	return nil
}

// address is the authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3). The
// endpoint keeps a query of its own (RFC 6749 §3.1).
func (f *Flow) address(a *Authorization) (string, error) {
	endpoint, err := url.Parse(f.Client.Endpoint.AuthURL)
	if err != nil {
		return "", oauth.ErrUnsafeAddress
	}
	query, err := url.ParseQuery(endpoint.RawQuery)
	if err != nil {
		return "", fmt.Errorf("%w: the authorization endpoint's query is malformed", oauth.ErrUnsafeAddress)
	}
	maps.Copy(query, f.Parameters)
	if len(f.Scopes) > 0 {
		query.Set("scope", strings.Join(f.Scopes, " "))
	}
	for name, value := range map[string]string{
		"response_type":         "code",
		"client_id":             f.Client.ID,
		"redirect_uri":          a.RedirectURI,
		"state":                 a.State.Reveal(),
		"code_challenge":        oauth2.S256ChallengeFromVerifier(a.Verifier.Reveal()),
		"code_challenge_method": "S256",
	} {
		query.Set(name, value)
	}
	endpoint.RawQuery = query.Encode()
	return endpoint.String(), nil
}

func (f *Flow) sleep(ctx context.Context, d time.Duration) error {
	if f.Sleep != nil {
		return f.Sleep(ctx, d)
	}
	return oauth.Sleep(ctx, d)
}
