package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// ClientMetadata is what a client says of itself to be registered (RFC 7591 §2).
type ClientMetadata struct {
	Name          string   `json:"client_name"`
	Type          string   `json:"application_type"`
	RedirectURIs  []string `json:"redirect_uris"`
	GrantTypes    []string `json:"grant_types"`
	ResponseTypes []string `json:"response_types"`
	AuthMethod    string   `json:"token_endpoint_auth_method"`
	Scope         string   `json:"scope,omitempty"`
}

// Registration is a client as a server has registered it (RFC 7591 §3.2.1).
type Registration struct {
	ClientID string
	// Secret is the zero Secret for a public client, and AuthStyle is how one with
	// a secret says who it is. SecretExpiry is zero for a secret that lasts.
	Secret       Secret
	AuthStyle    oauth2.AuthStyle
	SecretExpiry time.Time
	// AccessToken and URL remove it (RFC 7592 §3); zero where the server has no
	// way to that, or names one that isn't safe.
	AccessToken Secret
	URL         string
}

// Register registers a client at a server whose metadata names an endpoint for
// that, with exactly one request and without an initial access token. The
// answer is at most 1 MiB. Errors are those of [Client.Post].
func (c *Client) Register(ctx context.Context, m *Metadata, asked ClientMetadata) (*Registration, error) {
	target, err := parseAddress(m.RegistrationURL)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, ErrUnsafeAddress
	}
	// Without GetBody net/http can't repeat the request on its own.
	request.GetBody = nil
	request.Header.Set("Content-Type", "application/json")
	hide := newHiding(target, nil)
	got, err := c.send(ctx, request, hide)
	if err != nil {
		return nil, err
	}
	answer, err := c.read(got, hide)
	if err != nil {
		return nil, err
	}
	return answer.registration(m)
}

// maxClientID is more than any server gives.
const maxClientID = 4 << 10

// registration reads the answer. A secret that a public client is given is of no
// use; a method that isn't named is client_secret_basic (RFC 7591 §2).
func (a Answer) registration(m *Metadata) (*Registration, error) {
	r := &Registration{ClientID: a.String("client_id"), Secret: a.Secret("client_secret"), AuthStyle: oauth2.AuthStyleInHeader}
	switch {
	case r.ClientID == "":
		return nil, fmt.Errorf("%w: it holds no client_id", ErrAnswer)
	case len(r.ClientID) > maxClientID || strings.ContainsFunc(r.ClientID, isUnprintable):
		return nil, fmt.Errorf("%w: its client_id is none", ErrAnswer)
	case !isHeaderText(r.Secret):
		return nil, fmt.Errorf("%w: its client_secret is none", ErrAnswer)
	}
	switch method := a.String("token_endpoint_auth_method"); method {
	case "none":
		r.Secret = Secret{}
	case "client_secret_post":
		r.AuthStyle = oauth2.AuthStyleInParams
	case "client_secret_basic", "":
	default:
		return nil, fmt.Errorf("%w: it wants the client to authenticate by %s", ErrAnswer, newHiding(&url.URL{}, nil, r.Secret.Reveal()).words(method))
	}
	const latest = 1 << 40
	if seconds, ok := a.number("client_secret_expires_at"); ok && seconds > 0 && seconds < latest {
		r.SecretExpiry = time.Unix(int64(seconds), 0)
	}
	token, address := a.Secret("registration_access_token"), a.String("registration_client_uri")
	if !token.IsZero() && isHeaderText(token) && m.checkEndpoint(address) == nil {
		r.AccessToken, r.URL = token, address
	}
	return r, nil
}

// isHeaderText reports whether a secret, or none, fits into a header.
func isHeaderText(s Secret) bool {
	return len(s.Reveal()) <= maxToken && !strings.ContainsFunc(s.Reveal(), isUnprintable)
}

// Unregister removes a registration (RFC 7592 §2.3) with exactly one request. One
// that the server doesn't know any more is no error, which it says by 404 or, by
// §3, by 401. Errors are those of [Client.Post].
func (c *Client) Unregister(ctx context.Context, m *Metadata, r *Registration) error {
	target, err := parseAddress(r.URL)
	if err == nil {
		err = m.checkEndpoint(r.URL)
	}
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodDelete, target.String(), nil)
	if err != nil {
		return ErrUnsafeAddress
	}
	request.Header.Set("Authorization", "Bearer "+r.AccessToken.Reveal())
	hide := newHiding(target, nil, r.AccessToken.Reveal())
	got, err := c.send(ctx, request, hide)
	switch {
	case err != nil:
		return err
	case got.status/100 == 2, got.status == http.StatusNotFound, got.status == http.StatusUnauthorized:
		return nil
	}
	_, err = c.read(got, hide)
	return err
}
