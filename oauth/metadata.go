package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Metadata is what an authorization server says about itself (RFC 8414 §2, RFC
// 8628 §4). It isn't changed once it is read.
type Metadata struct {
	// Issuer is the very issuer that was asked for.
	Issuer string
	// Endpoint holds the addresses that are given, and "" for the others but the
	// token endpoint, which always is. AuthStyle is how a client with a secret
	// says who it is.
	Endpoint oauth2.Endpoint
	// RevocationURL (RFC 7009) and RegistrationURL (RFC 7591) are "" if the
	// server has none.
	RevocationURL, RegistrationURL string
	// What is supported, nil where the server doesn't say: ChallengeMethods are
	// those of PKCE (RFC 7636 §4.3).
	GrantTypes, ChallengeMethods, Scopes []string
	// AnswersIssuer says that each answer of the authorization endpoint holds
	// the issuer (RFC 9207 §3).
	AnswersIssuer bool

	// inside: the issuer is on this machine or in its network.
	inside bool
	// fresh is how long it holds, and grace how much longer it may be used if
	// no newer one can be had.
	fresh, grace time.Duration
}

// Client answers which of two clients may send requests to the endpoints: the
// foreign one, which connects to no address inside, unless the issuer, which a
// person has named, is there itself.
func (m *Metadata) Client(own, foreign *http.Client) *http.Client {
	if m.inside {
		return own
	}
	return foreign
}

// CheckIssuer answers nil for an address that can be an issuer: one that
// [CheckAddress] takes, with neither query nor fragment (RFC 8414 §2).
func CheckIssuer(raw string) error {
	_, err := parseIssuer(raw)
	return err
}

func parseIssuer(raw string) (*url.URL, error) {
	issuer, err := parseAddress(raw)
	if err == nil && strings.ContainsAny(raw, "?#") {
		return nil, errors.New("the address of an issuer has neither a query nor a fragment")
	}
	return issuer, err
}

// readMetadata reads what came in answer for an issuer. Its error is [ErrAnswer].
func readMetadata(issuer string, a Answer, inside bool) (*Metadata, error) {
	if err := checkIssuer(issuer, a.String("issuer")); err != nil {
		return nil, err
	}
	m := &Metadata{
		Issuer: issuer,
		Endpoint: oauth2.Endpoint{
			AuthURL:       a.String("authorization_endpoint"),
			DeviceAuthURL: a.String("device_authorization_endpoint"),
			TokenURL:      a.String("token_endpoint"),
			AuthStyle:     authStyle(a.list("token_endpoint_auth_methods_supported")),
		},
		RevocationURL:    a.String("revocation_endpoint"),
		RegistrationURL:  a.String("registration_endpoint"),
		GrantTypes:       a.list("grant_types_supported"),
		ChallengeMethods: a.list("code_challenge_methods_supported"),
		Scopes:           a.list("scopes_supported"),
		AnswersIssuer:    a.get("authorization_response_iss_parameter_supported") == true,
		inside:           inside,
	}
	return m, m.check()
}

// checkIssuer makes sure that one server doesn't speak for another: the two are
// the same to the letter (RFC 8414 §3.3).
func checkIssuer(asked, given string) error {
	shown := newHiding(&url.URL{}, nil).words(given)
	switch {
	case given == asked:
		return nil
	case given == "":
		return fmt.Errorf("%w: it names no issuer", ErrAnswer)
	case strings.TrimRight(given, "/") == strings.TrimRight(asked, "/"):
		return fmt.Errorf("%w: the issuer calls itself %s, so write it like that", ErrAnswer, shown)
	}
	return fmt.Errorf("%w: it is the metadata of another issuer, %s", ErrAnswer, shown)
}

// check makes sure that what a server names is safe to use, and that there is
// what every grant needs.
func (m *Metadata) check() error {
	if m.Endpoint.TokenURL == "" {
		return fmt.Errorf("%w: it names no token_endpoint", ErrAnswer)
	}
	for _, endpoint := range []struct{ name, address string }{
		{"authorization_endpoint", m.Endpoint.AuthURL},
		{"device_authorization_endpoint", m.Endpoint.DeviceAuthURL},
		{"token_endpoint", m.Endpoint.TokenURL},
		{"revocation_endpoint", m.RevocationURL},
		{"registration_endpoint", m.RegistrationURL},
	} {
		if endpoint.address == "" {
			continue
		}
		if err := m.checkEndpoint(endpoint.address); err != nil {
			return fmt.Errorf("%w: its %s: %w", ErrAnswer, endpoint.name, err)
		}
	}
	return nil
}

// checkEndpoint refuses what leads from an issuer out there into this machine or
// its network, as far as an address tells.
func (m *Metadata) checkEndpoint(raw string) error {
	address, err := parseAddress(raw)
	switch {
	case err != nil:
		return err
	case !m.inside && isInsideHost(address.Hostname()):
		return fmt.Errorf("%s: %w", address.Host, ErrInside)
	}
	return nil
}

func isInsideHost(host string) bool {
	address, err := netip.ParseAddr(host)
	return isLoopback(host) || err == nil && isInside(address)
}

// authStyle prefers the way that every server must know (RFC 6749 §2.3.1), and
// that holds where none is named (RFC 8414 §2).
func authStyle(methods []string) oauth2.AuthStyle {
	if slices.Contains(methods, "client_secret_post") && !slices.Contains(methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// freshness answers how long an answer holds, from 5 min to a day but for one
// that must not be kept, and how much longer it may be used if the server can't
// be reached (RFC 9111 §4.2.4 and §5.2.2).
func freshness(h http.Header) (fresh, grace time.Duration) {
	const least, usual, most = 5 * time.Minute, time.Hour, 24 * time.Hour
	fresh, grace = usual, most
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch name {
		case "no-store", "no-cache":
			return 0, 0
		case "must-revalidate":
			grace = 0
		case "max-age":
			// What is no number counts as 0, and what is too large as the largest.
			seconds, _ := strconv.ParseUint(strings.Trim(value, `"`), 10, 64)
			fresh = max(time.Duration(min(seconds, uint64(most/time.Second)))*time.Second, least)
		}
	}
	return fresh, grace
}
