package services

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
)

// addresses reads a person's variables and notes what is wrong with them.
type addresses struct {
	provider
	wrong error
}

func (a *addresses) fault(suffix, format string, args ...any) {
	a.wrong = errors.Join(a.wrong, fmt.Errorf("%s: %s %w", a.name, a.variable(suffix), fmt.Errorf(format, args...)))
}

// host answers the address of the service's web pages, without a slash at the
// end; "" if it has no usual one.
func (a *addresses) host(given string) string {
	usual := ""
	if a.provider.host != "" {
		usual = "https://" + a.provider.host
	}
	switch {
	case given == "":
		return usual
	case !a.selfHosted:
		a.fault("HOST", "has no meaning; set %s to the address of the API", a.variable("API_URL"))
		return usual
	case !strings.Contains(given, "://"):
		given = "https://" + given
	}
	address := a.read("HOST", strings.TrimRight(given, "/"), "")
	if u, err := url.Parse(address); err == nil && u.Path != "" {
		a.fault("HOST", "holds more than a host; set it to one such as %s", a.provider.host)
	}
	return address
}

// usualTenant puts the tenant into the provider's paths.
func (a *addresses) usualTenant(given credentials.Settings) {
	tenant := cmp.Or(given.Tenant, a.tenant)
	switch {
	case given.Tenant != "" && a.tenant == "":
		a.fault("TENANT", "has no meaning for this service; unset it")
	case strings.Trim(tenant, "-.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		a.fault("TENANT", "is neither a domain nor a GUID; write it like contoso.onmicrosoft.com")
		tenant = a.tenant
	}
	for _, path := range []*string{&a.authorization, &a.device, &a.token, &a.revocation} {
		*path = strings.ReplaceAll(*path, "{tenant}", tenant)
	}
}

// read answers the address in a variable, or else the usual one.
func (a *addresses) read(suffix, given, usual string) string {
	if given == "" {
		return usual
	}
	unusable := credentials.CheckAddress(given)
	u, err := url.Parse(given)
	switch {
	case unusable != nil:
		a.fault(suffix, "can't be used: %w", unusable)
	case err != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		a.fault(suffix, "is not a plain address, such as https://api.example.com/v1")
	case u.Port() == "0" || strings.HasSuffix(u.Host, ":"):
		a.fault(suffix, "has no port that could be reached")
	default:
		u.Host = strings.ToLower(u.Host)
		return u.String()
	}
	return usual
}

// issuer answers the authorization server of a service that isn't built in, to
// the letter, since it names itself so.
func (a *addresses) issuer(given credentials.Settings) string {
	switch too := a.endpointVariables(given); {
	case given.Issuer == "":
		return ""
	case len(too) > 0:
		a.fault("ISSUER", "finds the endpoints; unset it, or %s", strings.Join(too, " and "))
	case a.read("ISSUER", given.Issuer, "") != "":
		return given.Issuer
	}
	return ""
}

// endpointVariables are those that are set of the ones that each hold an endpoint.
func (a *addresses) endpointVariables(given credentials.Settings) []string {
	var set []string
	for _, endpoint := range []struct{ suffix, address string }{
		{"AUTHORIZATION_URL", given.AuthorizationURL}, {"DEVICE_URL", given.DeviceURL}, {"TOKEN_URL", given.TokenURL}, {"REVOCATION_URL", given.RevocationURL},
	} {
		if endpoint.address != "" {
			set = append(set, a.variable(endpoint.suffix))
		}
	}
	return set
}

// authorizationURL answers the address that a browser is sent to. It may have a query
// of its own, which stays there (RFC 6749 §3.1), but not what every sign-in sends.
func (a *addresses) authorizationURL(given string) string {
	const suffix = "AUTHORIZATION_URL"
	bare, query, found := strings.Cut(given, "?")
	address := a.read(suffix, bare, "")
	if !found || address == "" && bare != "" {
		return address
	}
	parameters, err := url.ParseQuery(query)
	sent := slices.DeleteFunc([]string{"client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type", "state"},
		func(name string) bool { return !parameters.Has(name) })
	switch {
	case err != nil, address == "", query == "", strings.Contains(query, "#"):
		a.fault(suffix, "is not a plain address, such as https://login.example.com/authorize or the same with ?name=value")
	case len(sent) > 0:
		a.fault(suffix, "holds %s, which every sign-in sends by itself; leave it out", strings.Join(sent, " and "))
	default:
		return address + "?" + query
	}
	return ""
}

// endpoints is where a person has said that sign-ins go. None of the provider's
// own is among them: what comes from one issuer goes to no other.
func (a *addresses) endpoints(s *credentials.Service, given credentials.Settings) {
	if s.Issuer = a.issuer(given); s.Issuer != "" {
		bind(s, hostOf(s.Issuer))
		return
	}
	s.Endpoint = oauth2.Endpoint{
		AuthURL:       a.authorizationURL(given.AuthorizationURL),
		DeviceAuthURL: a.read("DEVICE_URL", given.DeviceURL, ""),
		TokenURL:      a.read("TOKEN_URL", given.TokenURL, ""),
	}
	s.RevocationURL = a.read("REVOCATION_URL", given.RevocationURL, "")
	bind(s, hostOf(s.Endpoint.TokenURL))
}

// bind ties a kept token to the host that issues it, where clients are registered, and
// to the API's.
func bind(s *credentials.Service, issuer string) {
	if issuer != "" && issuer != s.Host {
		s.Host = issuer + credentials.BoundTo + s.Host
		s.RegistrationURL = issuer
	}
}

// missing names the variables that are needed beside those that are set. Where there
// is no address only because what was given can't be used, that has been said.
func (a *addresses) missing(given credentials.Settings, s credentials.Service) {
	if s.Hosts[0] == "" && a.wrong != nil {
		return
	}
	if s.Hosts[0] == "" {
		a.wrong = fmt.Errorf("%s: no service of this name is built in; to describe one, set %s to the address of its API, and %s to a key, or %s to sign in (and %s, unless the issuer registers clients itself)",
			a.name, a.variable("API_URL"), a.variable("TOKEN"), a.variable("ISSUER"), a.variable("CLIENT_ID"))
		return
	}
	var missing []string
	either := "DEVICE_URL (or " + a.variable("AUTHORIZATION_URL") + ")"
	wanted := []struct{ suffix, value string }{
		{either, cmp.Or(given.DeviceURL, given.AuthorizationURL)}, {"TOKEN_URL", given.TokenURL}, {"CLIENT_ID", given.ClientID}, {"CLIENT_SECRET", given.ClientSecret.String()},
	}
	switch {
	case given.Issuer != "" && given.Grant == "":
		// It may register a client.
		return
	case given.Issuer != "":
		wanted = wanted[2:]
	case given.Grant == "":
		wanted = wanted[:3]
	default:
		wanted = wanted[1:]
	}
	for _, needed := range wanted {
		if needed.value == "" {
			missing = append(missing, a.variable(needed.suffix))
		}
	}
	switch {
	case len(missing) == 0, given.HasKey() && len(a.endpointVariables(given)) == 0 && (len(missing) == 3 || a.provider.host != ""):
	case given.Grant != "":
		a.wrong = errors.Join(a.wrong, fmt.Errorf("%s: for %s=%s, set %s too", a.name, a.variable("GRANT"), given.Grant, strings.Join(missing, " and ")))
	case len(missing) == 3 && given.RevocationURL == "":
		// A key may be kept, or is asked for.
	default:
		a.wrong = errors.Join(a.wrong, fmt.Errorf("%s: to sign in, set %s too", a.name, strings.Join(missing, " and ")))
	}
}

// key answers where an API key goes: a header and what stands before it there.
func (a *addresses) key(given credentials.Settings) (header, scheme string) {
	header, scheme = given.TokenHeader, given.TokenScheme
	taken := []string{"host", "cookie", "connection", "content-type", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "accept", "user-agent"}
	switch {
	case header == "" && scheme == "":
		return "", ""
	case !isWord(header) && header != "" || slices.Contains(taken, strings.ToLower(header)):
		a.fault("TOKEN_HEADER", "is not a header for a key, such as X-API-Key")
	case !isWord(scheme) && scheme != "":
		a.fault("TOKEN_SCHEME", "is not one word, such as Bearer; write none for a key without one")
	}
	if header == "" {
		header = "Authorization"
	}
	switch {
	case strings.EqualFold(scheme, "none"):
		scheme = ""
	case scheme == "" && strings.EqualFold(header, "Authorization"):
		scheme = "Bearer"
	}
	return header, scheme
}

// isWord tells what RFC 9110 §5.6.2 calls a token.
func isWord(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && strings.Trim(s, marks+"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
