package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// Service is what a credential is for: where its token may be sent and where
// a new one comes from, at one host. It is data, made by whoever knows the
// service, and is not changed afterwards.
type Service struct {
	// Name is the prefix of the service's variables, of its tools and of its
	// entry in the store: "github".
	Name string
	// Title is the name people know: "GitHub".
	Title string
	// Host is the host a person signs in at: "github.com". Where another host has the
	// API, and nothing else ties the two together, BoundTo and that follow.
	Host string
	// HostVariable is the variable that says where it is: "GITHUB_HOST".
	HostVariable string
	// APIURL is the base of the API, with a slash at its end.
	APIURL string
	// Hosts are the host or host:port values the token may be sent to.
	Hosts []string
	// Pages are the hosts a person may be sent to, to approve a code; none: any.
	Pages []string
	// Issuer is the authorization server (RFC 8414 §2) whose endpoints are looked
	// up when they are first needed; "" for a service that holds them here.
	Issuer string
	// Endpoint holds the device authorization and token endpoints, where there is
	// no issuer, and RevocationURL is that of RFC 7009, "" if there is none.
	Endpoint      oauth2.Endpoint
	RevocationURL string
	// NoLoopback says in words why the provider's flow through a browser on this
	// machine can't be used; "" where it can.
	NoLoopback string
	// DeviceScopes are the only ones that the provider's device flow gives; nil:
	// all.
	DeviceScopes []string
	// Redirect is where that browser comes back to, but for the port, as it has to
	// be registered at the provider; "": http://127.0.0.1/callback.
	Redirect string
	// AuthorizationParameters are sent to the authorization endpoint besides those
	// of RFC 6749 §4.1.1.
	AuthorizationParameters url.Values
	// RefreshScopes are asked for whatever the person's settings name, since there
	// is no refresh token without them.
	RefreshScopes []string
	// NeedsSecret says that the provider takes no client without its secret, even
	// one that can't keep it.
	NeedsSecret bool
	// KeyHeader is the header an API key goes into, and KeyScheme what stands
	// before it there. Without a header that is Authorization, and Bearer; a token
	// from a sign-in always goes there (RFC 6750 §2.1).
	KeyHeader, KeyScheme string
	// KeyCommands are the programs that print a key of a person who is signed in with
	// them, by the program's name, and the arguments that make them do so.
	KeyCommands map[string][]string
	// ClientID is the client id built into this program, if any.
	ClientID string
	// Scopes are asked for when the person's settings name none.
	Scopes []string
	// RegistrationURL is the page where a person registers an OAuth
	// application.
	RegistrationURL string
	// RegistrationHint says in words what to register there.
	RegistrationHint string
	// SettingsURL answers the page where a person sees and revokes what an
	// application with this client id was granted.
	SettingsURL func(clientID string) string
	// KeysURL is the page where a person makes and revokes keys; "" if none is known.
	KeysURL string
	// MissingScopes reads from a 403 which scopes would have helped; nil, or an
	// empty answer, leaves it to WWW-Authenticate (RFC 6750 §3.1).
	MissingScopes func(refusal *http.Response) []string
	// Identify asks the API whose token it is. The client is authorised.
	Identify func(ctx context.Context, api *http.Client, apiURL string) (account string, err error)
	// Revoke makes a token worthless at a provider that has a way of its own, or
	// answers [ErrCannotRevoke].
	Revoke func(ctx context.Context, client *oauth.Client, s Service, token oauth.Token) error
}

// BoundTo stands between the host that issues a token and that of the API it is for.
const BoundTo = " for "

// binding is the whole addresses that a token belongs to besides the host and the
// issuer: another tenant has another token endpoint at the same host, and another
// customer another path of the API.
func (s Service) binding() string {
	if s.Issuer != "" {
		return s.APIURL
	}
	return s.Endpoint.TokenURL + " " + s.APIURL
}

// ErrTokenRefused says that the service doesn't accept a token. Identify answers
// it for a 401.
var ErrTokenRefused = errors.New("the token is refused")

// ErrCannotRevoke says that the provider gives this client no way to revoke a
// token, so a person has to do it on the provider's page.
var ErrCannotRevoke = errors.New("the provider lets only a person revoke this token")
