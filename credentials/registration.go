package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// registrationPause is how old a registration that has given no token yet has to
// be before another one takes its place: a server that refuses all of them
// doesn't collect one for every call.
const registrationPause = time.Hour

// Registration is a client that an issuer has registered for this program (RFC
// 7591), when, and where a browser may come back to with it. It belongs to that
// issuer alone.
type Registration struct {
	Issuer       string
	At           time.Time
	RedirectURIs []string
	oauth.Registration
}

// ErrCannotUnregister says that the issuer gives no way to remove a client that
// it has registered.
var ErrCannotUnregister = errors.New("the issuer has no way to remove it")

// isOf reports whether a record's token was asked for by this client.
func (r *Registration) isOf(token *Record) bool {
	return r != nil && r.Issuer == token.Issuer && r.ClientID == token.ClientID
}

// withClient begins something with the id of the client to sign in with: the
// configured one, or else the one that the issuer has registered, which it is asked
// to do if need be. One that the issuer doesn't know any more is registered once
// more. Call it exclusively.
func (c *Credential) withClient(ctx context.Context, begin func(clientID string) (*Pending, error)) (*Pending, error) {
	if c.oauth.ID != "" {
		return begin(c.oauth.ID)
	}
	r, err := c.Store.Read(ctx, c.Name())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, c.errorf("%w", err)
	}
	if r == nil || !c.isRegistered(r.Registration) {
		return c.withNewClient(ctx, begin)
	}
	p, err := begin(r.Registration.ClientID)
	if isClientRefused(err) && (!c.isWithin(registrationPause, r.Registration.At) || r.Registration.isOf(r) && !r.Token.Access.IsZero()) {
		return c.withNewClient(ctx, begin)
	}
	return p, err
}

func (c *Credential) withNewClient(ctx context.Context, begin func(clientID string) (*Pending, error)) (*Pending, error) {
	registration, err := c.register(ctx)
	if err != nil {
		return nil, err
	}
	return begin(registration.ClientID)
}

// isRegistered reports whether a client can still sign in at the issuer.
func (c *Credential) isRegistered(r *Registration) bool {
	switch {
	case r == nil || r.Issuer != c.Service.Issuer, !includes(r.RedirectURIs, c.redirects()):
		return false
	case r.SecretExpiry.IsZero() || c.Now().Before(r.SecretExpiry):
		return true
	}
	return c.isWithin(registrationPause, r.At)
}

// isClientRefused reports whether a server doesn't know a client, or no longer.
func isClientRefused(err error) bool {
	var refused *oauth.Error
	return errors.As(err, &refused) && slices.Contains([]string{"invalid_client", "unauthorized_client"}, refused.Code)
}

// register has the issuer register a client, and stores it before anything is done
// with it, so that a process that is killed then leaves it to the next.
func (c *Credential) register(ctx context.Context) (*Registration, error) {
	limited, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	m, err := c.metadata(limited)
	switch {
	case err != nil:
		return nil, c.errorf("a sign-in can't begin: %w", err)
	case m.Endpoint.AuthURL == "" && m.Endpoint.DeviceAuthURL == "":
		return nil, c.errorf("a sign-in can't begin: %s names neither an authorization_endpoint nor a device_authorization_endpoint; use an API key", c.Service.Issuer)
	case m.RegistrationURL == "":
		return nil, c.errorf("%w: %w", ErrNoClient, faulty(c.howToGetClient(), "%s registers no clients by itself", c.Service.Issuer))
	}
	// The end of the process must not lose the answer: the client would stay there.
	lasting, end := oauth.Linger(limited, lingering)
	defer end()
	registered, err := c.clientAt(m).Register(lasting, m, c.clientMetadata(m))
	if err != nil {
		return nil, c.notRegistered(err)
	}
	registration := &Registration{Issuer: c.Service.Issuer, At: c.Now(), RedirectURIs: c.redirects(), Registration: *registered}
	var before *Registration
	if err := c.changeStored(context.WithoutCancel(ctx), func(r *Record) bool {
		if !r.Registration.isOf(r) || r.Token.Access.IsZero() {
			before = r.Registration
		}
		r.Registration = registration
		return true
	}); err != nil {
		if left := c.unregister(ctx, registration); left != nil {
			c.Log.Warn(c.Name()+": a client that was registered can't be kept, and stays there", "client", registration.ClientID, "error", left)
		}
		return nil, c.errorf("the client that was registered to sign in with can't be kept: %w", err)
	}
	c.discard(ctx, before)
	return registration, nil
}

// notRegistered says why there is no registration (RFC 7591 §3.2.2), and what to
// do instead.
func (c *Credential) notRegistered(err error) error {
	var refused *oauth.Error
	why, mend := "can't register a client", "register one by hand: "+c.howToGetClient()
	switch {
	case !errors.As(err, &refused) || refused.Temporary():
		mend = "try again, or " + mend
	case refused.Status == http.StatusUnauthorized || refused.Status == http.StatusForbidden:
		why = "needs an initial access token to register a client, which valetkey has none of"
	case refused.Code == "invalid_redirect_uri":
		why = "registers no client that a browser comes back to on this machine"
	case refused.Code == "invalid_client_metadata":
		why = "registers no client of this kind"
	}
	return c.errorf("%w: %w", ErrNoClient, faulty(mend, "%s %s: %w", c.Service.Issuer, why, err))
}

// clientMetadata is what this program is registered as: for the grants that the
// issuer has, and, as far as scopes are set, for all that a sign-in asks for.
func (c *Credential) clientMetadata(m *oauth.Metadata) oauth.ClientMetadata {
	asked := oauth.ClientMetadata{
		Name: "valetkey", Type: "native", AuthMethod: "none",
		RedirectURIs: []string{}, ResponseTypes: []string{},
	}
	if m.Endpoint.AuthURL != "" {
		asked.GrantTypes, asked.ResponseTypes, asked.RedirectURIs = []string{"authorization_code"}, []string{"code"}, c.redirects()
	}
	if m.Endpoint.DeviceAuthURL != "" {
		asked.GrantTypes = append(asked.GrantTypes, deviceflow.GrantType)
	}
	if len(m.GrantTypes) == 0 || slices.Contains(m.GrantTypes, "refresh_token") {
		asked.GrantTypes = append(asked.GrantTypes, "refresh_token")
	}
	scopes := c.want().Scopes
	if len(scopes) > 0 {
		scopes = c.scopesAt(m, scopes)
	}
	asked.Scope = strings.Join(scopes, " ")
	return asked
}

// redirects answers where a browser comes back to: servers have to take any port
// of a loopback address (RFC 8252 §7.3), and not all do.
func (c *Credential) redirects() []string {
	usual := c.Service.Redirect
	if usual == "" {
		usual = loopback.DefaultRedirect
	}
	redirects := []string{usual}
	if address, err := url.Parse(usual); err == nil && c.Settings.RedirectPort != "" {
		address.Host = address.Hostname() + ":" + c.Settings.RedirectPort
		redirects = append(redirects, address.String())
	}
	return redirects
}

// unregister removes a client from the issuer.
func (c *Credential) unregister(ctx context.Context, r *Registration) error {
	if r.URL == "" || r.Issuer != c.Service.Issuer {
		return ErrCannotUnregister
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	m, err := c.metadata(ctx)
	if err != nil {
		return err
	}
	return c.clientAt(m).Unregister(ctx, m, &r.Registration)
}

// forgetClient removes a registered client that is refused, or that nobody has come
// back with: the browser is where an issuer refuses one it has forgotten, and this
// program hears nothing of that. The client of a token in use stays. Call it
// exclusively.
func (c *Credential) forgetClient(ctx context.Context, id string) {
	var gone *Registration
	err := c.changeStored(ctx, func(r *Record) bool {
		if r.Registration == nil || r.Registration.ClientID != id || r.Registration.isOf(r) && c.usable(r) {
			return false
		}
		gone, r.Registration = r.Registration, nil
		return true
	})
	if err == nil {
		c.discard(ctx, gone)
	}
}

// discard removes a client that is of no use any more from the issuer, if there is
// one.
func (c *Credential) discard(ctx context.Context, r *Registration) {
	if r == nil {
		return
	}
	if err := c.unregister(ctx, r); err != nil {
		c.Log.Warn(c.Name()+": a client that was registered is not used any more, and stays there", "client", r.ClientID, "error", err)
	}
}

// as makes a client the one that was registered.
func (r *Registration) as(client *oauth.Client) {
	client.Secret, client.Endpoint.AuthStyle = r.Secret, r.AuthStyle
}

// clientNamed answers the client that a sign-in was begun with.
func (c *Credential) clientNamed(ctx context.Context, id string, m *oauth.Metadata) *oauth.Client {
	began := Record{Issuer: c.Service.Issuer, ClientID: id}
	if r, err := c.Store.Read(ctx, c.Name()); err == nil {
		began.Registration = r.Registration
	}
	return c.clientFor(&began, m)
}

type registrationJSON struct {
	Issuer       string     `json:"issuer"`
	At           time.Time  `json:"at"`
	ClientID     string     `json:"client_id"`
	ClientSecret string     `json:"client_secret,omitempty"`
	InHeader     bool       `json:"in_header,omitempty"`
	SecretExpiry *time.Time `json:"secret_expiry,omitempty"`
	AccessToken  string     `json:"access_token,omitempty"`
	URL          string     `json:"url,omitempty"`
	RedirectURIs []string   `json:"redirect_uris,omitempty"`
}

func (r *Registration) encode() *registrationJSON {
	if r == nil {
		return nil
	}
	return &registrationJSON{
		Issuer: r.Issuer, At: r.At.UTC().Round(0), ClientID: r.ClientID, ClientSecret: r.Secret.Reveal(), InHeader: r.AuthStyle == oauth2.AuthStyleInHeader,
		SecretExpiry: optional(r.SecretExpiry), AccessToken: r.AccessToken.Reveal(), URL: r.URL, RedirectURIs: r.RedirectURIs,
	}
}

func (j *registrationJSON) decode() *Registration {
	if j == nil || j.ClientID == "" {
		return nil
	}
	style := oauth2.AuthStyleInParams
	if j.InHeader {
		style = oauth2.AuthStyleInHeader
	}
	return &Registration{Issuer: j.Issuer, At: j.At, RedirectURIs: j.RedirectURIs, Registration: oauth.Registration{
		ClientID: j.ClientID, Secret: oauth.NewSecret(j.ClientSecret), AuthStyle: style,
		SecretExpiry: timeOf(j.SecretExpiry), AccessToken: oauth.NewSecret(j.AccessToken), URL: j.URL,
	}}
}
