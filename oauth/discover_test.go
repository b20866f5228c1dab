package oauth_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

const (
	oauthPlace  = "/.well-known/oauth-authorization-server"
	openIDPlace = "/.well-known/openid-configuration"
)

// about is the metadata of an issuer, with some of it replaced; nil takes away.
func about(issuer string, other map[string]any) string {
	m := map[string]any{
		"issuer":                        issuer,
		"authorization_endpoint":        issuer + "/authorize",
		"device_authorization_endpoint": issuer + "/device",
		"token_endpoint":                issuer + "/token",
		"revocation_endpoint":           issuer + "/revoke",
	}
	maps.Copy(m, other)
	maps.DeleteFunc(m, func(_ string, value any) bool { return value == nil })
	text, _ := json.Marshal(m)
	return string(text)
}

// places answers by path; what isn't there is not found. %s is the server.
func places(answers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, found := answers[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, strings.ReplaceAll(body, "SERVER", "http://"+r.Host))
	}
}

func (r *recorder) paths() []string {
	var paths []string
	for _, asked := range r.requests() {
		paths = append(paths, asked.path)
	}
	return paths
}

// The example of RFC 8414 §3.2, and what RFC 8628 §4 and RFC 9207 §3 add.
const rfc8414 = `{
	"issuer": "https://server.example.com",
	"authorization_endpoint": "https://server.example.com/authorize",
	"token_endpoint": "https://server.example.com/token",
	"token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
	"token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
	"userinfo_endpoint": "https://server.example.com/userinfo",
	"jwks_uri": "https://server.example.com/jwks.json",
	"registration_endpoint": "https://server.example.com/register",
	"scopes_supported": ["openid", "profile", "email", "address", "phone", "offline_access"],
	"response_types_supported": ["code", "code token"],
	"service_documentation": "http://server.example.com/service_documentation.html",
	"ui_locales_supported": ["en-US", "en-GB", "en-CA", "fr-FR", "fr-CA"],
	"device_authorization_endpoint": "https://server.example.com/device_authorization",
	"revocation_endpoint": "https://revocation.example.com/revoke",
	"grant_types_supported": ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
	"code_challenge_methods_supported": ["S256"],
	"authorization_response_iss_parameter_supported": true
}`

func TestDiscover(t *testing.T) {
	t.Parallel()
	var asked []string
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Accept"))
		return reply(200, "application/json", rfc8414), nil
	})}
	m, err := oauth.Discover(t.Context(), client, "https://server.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"GET https://server.example.com" + oauthPlace + " application/json"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	endpoint := oauth2.Endpoint{
		AuthURL:       "https://server.example.com/authorize",
		DeviceAuthURL: "https://server.example.com/device_authorization",
		TokenURL:      "https://server.example.com/token",
		AuthStyle:     oauth2.AuthStyleInHeader,
	}
	if m.Issuer != "https://server.example.com" || m.Endpoint != endpoint || m.RevocationURL != "https://revocation.example.com/revoke" || m.RegistrationURL != "https://server.example.com/register" || !m.AnswersIssuer {
		t.Errorf("got %+v", m)
	}
	for what, got := range map[string][2][]string{
		"scopes":     {m.Scopes, {"openid", "profile", "email", "address", "phone", "offline_access"}},
		"grants":     {m.GrantTypes, {"urn:ietf:params:oauth:grant-type:device_code", "refresh_token"}},
		"challenges": {m.ChallengeMethods, {"S256"}},
	} {
		if !slices.Equal(got[0], got[1]) {
			t.Errorf("%s: got %q, want %q", what, got[0], got[1])
		}
	}
}

// RFC 8414 §3.1 and §5, OpenID Connect Discovery 1.0 §4.1: the path goes after
// the well-known name, or before it.
func TestWhereMetadataIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, place string
		asked       []string
	}{
		"OAuth":                     {"", oauthPlace, []string{oauthPlace}},
		"OpenID":                    {"", openIDPlace, []string{oauthPlace, openIDPlace}},
		"OAuth, with a path":        {"/realms/a", oauthPlace + "/realms/a", []string{oauthPlace + "/realms/a"}},
		"OpenID, with a path":       {"/realms/a", "/realms/a" + openIDPlace, []string{oauthPlace + "/realms/a", "/realms/a" + openIDPlace}},
		"OpenID, inserted":          {"/realms/a", openIDPlace + "/realms/a", []string{oauthPlace + "/realms/a", "/realms/a" + openIDPlace, openIDPlace + "/realms/a"}},
		"Auth0, a slash at its end": {"/", openIDPlace, []string{oauthPlace, openIDPlace}},
	} {
		server := record(t, places(map[string]string{test.place: about("SERVER"+test.path, map[string]any{"token_endpoint": "SERVER/t"})}))
		m, err := oauth.Discover(t.Context(), server.Client(), server.URL+test.path)
		if err != nil || m.Endpoint.TokenURL != server.URL+"/t" {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
		if got := server.paths(); !slices.Equal(got, test.asked) {
			t.Errorf("%s: asked %q, want %q", name, got, test.asked)
		}
	}
}

// A page for people or another tenant's metadata at the first place doesn't hide
// what is at the next.
func TestDiscoverGoesOn(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]http.HandlerFunc{
		"a web page":      answering(200, "text/html", "<html>Welcome</html>"),
		"another issuer":  answering(200, "application/json", about("https://other.example", nil)),
		"no token":        answering(200, "application/json", `{"issuer":"SERVER"}`),
		"an error":        answering(500, "text/plain", "no route"),
		"forbidden":       answering(403, "text/plain", "no"),
		"an empty answer": answering(204, "", ""),
		"a redirect away": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://localhost:1"+r.URL.Path, http.StatusFound)
		},
		"a redirect in circles": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
	} {
		server := record(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == oauthPlace {
				first(w, r)
				return
			}
			io.WriteString(w, about("http://"+r.Host, nil))
		})
		m, err := oauth.Discover(t.Context(), server.Client(), server.URL)
		if err != nil || m.Endpoint.TokenURL != server.URL+"/token" {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
	}
}

func TestDiscoverFollowsARedirectAtHome(t *testing.T) {
	t.Parallel()
	server := record(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == oauthPlace {
			http.Redirect(w, r, "/metadata.json", http.StatusMovedPermanently)
			return
		}
		io.WriteString(w, about("http://"+r.Host, nil))
	})
	// The client for tokens follows no redirect; this one is not for tokens.
	_, err := oauth.Discover(t.Context(), oauth.Network{}.TokenClient(), server.URL)
	if got := server.paths(); err != nil || !slices.Equal(got, []string{oauthPlace, "/metadata.json"}) {
		t.Errorf("asked %q, got %v", got, err)
	}
}

func TestNoMetadata(t *testing.T) {
	t.Parallel()
	// How often a server is asked that has nothing at either place.
	requests := map[string]int{"nowhere": 2, "no answer": 1}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"nowhere":          {http.NotFound, "404 Not Found"},
		"a web page":       {answering(200, "text/html", "<html>a=b</html>"), `type "text/html"`},
		"broken JSON":      {answering(200, "application/json", `{"issuer":`), "can't be used"},
		"a list":           {answering(200, "application/json", `[]`), "can't be used"},
		"no issuer":        {answering(200, "application/json", `{"token_endpoint":"https://server.example/t"}`), "names no issuer"},
		"no text":          {answering(200, "application/json", `{"issuer":["SERVER"]}`), "names no issuer"},
		"another issuer":   {answering(200, "application/json", about("https://other.example", nil)), "another issuer, https://other.example"},
		"a slash too many": {places(map[string]string{oauthPlace: about("SERVER/", nil)}), "so write it like that"},
		"its neighbour":    {places(map[string]string{oauthPlace: about("SERVER.evil.example", nil)}), "another issuer"},
		"no token":         {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"token_endpoint": nil})}), "no token_endpoint"},
		"http":             {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"token_endpoint": "http://server.example/t"})}), "its token_endpoint: the address is neither https"},
		"a user name":      {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"revocation_endpoint": "https://a@server.example/"})}), "its revocation_endpoint"},
		"a script":         {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"authorization_endpoint": "javascript:alert(1)"})}), "its authorization_endpoint"},
		"registration":     {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"registration_endpoint": "ftp://server.example/"})}), "its registration_endpoint"},
		"the device's":     {places(map[string]string{oauthPlace: about("SERVER", map[string]any{"device_authorization_endpoint": "//server.example/"})}), "its device_authorization_endpoint"},
		"too large":        {answering(200, "application/json", `{"issuer":"`+strings.Repeat("a", 1<<20)+`"}`), "larger than"},
		"unavailable":      {answering(503, "", ""), "503 Service Unavailable"},
		"no answer":        {hangUp, "can't be reached"},
		"marks in it":      {answering(200, "application/json", `{"issuer":"https://a.example/\u001b[31m\u202e"}`), "another issuer"},
	} {
		server := record(t, test.answer)
		m, err := oauth.Discover(t.Context(), server.Client(), server.URL)
		if m != nil || err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), server.URL+"/.well-known/") {
			t.Errorf("%s: got %+v, %v", name, m, err)
			continue
		}
		if got, want := len(server.requests()), requests[name]; want > 0 && got != want {
			t.Errorf("%s: asked %d times, want %d", name, got, want)
		}
		if !errors.As(err, new(*oauth.Error)) && !errors.As(err, new(*oauth.TransportError)) && !errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%s: %v is none of the package's errors", name, err)
		}
		if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) || len(err.Error()) > 1000 {
			t.Errorf("%s: an error that can't be shown: %q", name, err)
		}
	}
}

func TestIssuersThatAreNone(t *testing.T) {
	t.Parallel()
	client := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a request was made")
		return nil, io.EOF
	})}
	for _, issuer := range append(unsafeAddresses(), "https://issuer.example/?a=b", "https://issuer.example/?", "https://issuer.example/#a", "https://issuer.example/#") {
		_, err := oauth.Discover(t.Context(), client, issuer)
		if err == nil || oauth.CheckIssuer(issuer) == nil {
			t.Errorf("%q: got %v", issuer, err)
		}
	}
	for _, issuer := range []string{"https://issuer.example", "https://issuer.example/oauth2/default", "https://issuer.example/", "http://127.0.0.1:8080"} {
		if err := oauth.CheckIssuer(issuer); err != nil {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}

// A server out there may name other hosts, and none in here.
func TestMetadataThatLeadsInside(t *testing.T) {
	t.Parallel()
	discover := func(issuer, endpoint string) (*oauth.Metadata, error) {
		return oauth.Discover(t.Context(), &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(200, "application/json", about(issuer, map[string]any{"revocation_endpoint": endpoint})), nil
		})}, issuer)
	}
	inside := []string{
		"http://127.0.0.1:8080/", "https://127.0.0.1/", "https://localhost/", "http://LOCALHOST/", "https://[::1]/", "https://10.0.0.1/",
		"https://192.168.1.1/", "https://169.254.169.254/latest", "https://[fd12:3456::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
	}
	for _, endpoint := range inside {
		if m, err := discover("https://issuer.example", endpoint); !errors.Is(err, oauth.ErrInside) || !errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%s from out there: got %+v, %v", endpoint, m, err)
		}
		for _, issuer := range []string{"http://127.0.0.1:1", "https://localhost", "https://10.1.2.3"} {
			if _, err := discover(issuer, endpoint); err != nil {
				t.Errorf("%s from %s: got %v", endpoint, issuer, err)
			}
		}
	}
	if m, err := discover("https://issuer.example", "https://elsewhere.example/revoke"); err != nil || m.RevocationURL != "https://elsewhere.example/revoke" {
		t.Errorf("another host: got %+v, %v", m, err)
	}
}

// The endpoints of an issuer out there are reached by the client that goes to no
// address inside; those of one that has turned out to be inside, by its own.
func TestWhichClientForTheEndpoints(t *testing.T) {
	t.Parallel()
	own, foreign := &http.Client{}, &http.Client{}
	a := newAuthority(t)
	server := a.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, about("https://"+r.Host, nil))
	}), nil)
	relay := newRelay(t, server)
	proxy := httptest.NewServer(relay)
	t.Cleanup(proxy.Close)
	outside := proxied(t, "http", proxy.Listener.Addr().String())
	outside.Roots = a.pool()
	// A name that leads to this machine and doesn't say so.
	named := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: a.pool()},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		},
	}}
	t.Cleanup(named.CloseIdleConnections)
	const issuer = "https://github.example"
	for name, test := range map[string]struct {
		client *http.Client
		want   *http.Client
	}{
		"by a proxy": {outside.TokenClient(), foreign},
		"inside":     {named, own},
		"unknown": {&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(200, "", about(issuer, nil)), nil
		})}, foreign},
	} {
		m, err := oauth.Discover(t.Context(), test.client, issuer)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Client(own, foreign) != test.want {
			t.Errorf("%s: the wrong client", name)
		}
	}
}

func TestForeignTokenClient(t *testing.T) {
	t.Parallel()
	here := record(t, nil)
	_, port, err := net.SplitHostPort(here.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client := &oauth.Client{HTTP: oauth.Network{}.ForeignTokenClient()}
	_, err = client.Post(t.Context(), "http://localhost:"+port+"/", nil)
	var unsent *oauth.TransportError
	if !errors.Is(err, oauth.ErrInside) || !errors.As(err, &unsent) || unsent.Sent || len(here.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(here.requests()))
	}
	a := newAuthority(t)
	relay := newRelay(t, a.serve(answering(307, "", ""), nil))
	proxy := httptest.NewServer(relay)
	t.Cleanup(proxy.Close)
	outside := proxied(t, "http", proxy.Listener.Addr().String())
	outside.Roots = a.pool()
	client.HTTP = outside.ForeignTokenClient()
	for range 2 {
		_, err = client.Post(t.Context(), "https://github.example/", nil)
		var refused *oauth.Error
		if !errors.As(err, &refused) || refused.Status != 307 {
			t.Errorf("got %v", err)
		}
	}
	if got := relay.requests(); len(got) != 2 {
		t.Errorf("a connection was used twice: %q", got)
	}
}

// RFC 8414 §2: client_secret_basic holds where nothing is said.
func TestHowAClientSaysWhoItIs(t *testing.T) {
	t.Parallel()
	for methods, want := range map[string]oauth2.AuthStyle{
		`null`:                    oauth2.AuthStyleInHeader,
		`[]`:                      oauth2.AuthStyleInHeader,
		`["client_secret_basic"]`: oauth2.AuthStyleInHeader,
		`["none"]`:                oauth2.AuthStyleInHeader,
		`["client_secret_post", "client_secret_basic", "none"]`: oauth2.AuthStyleInHeader,
		`["none", "client_secret_post"]`:                        oauth2.AuthStyleInParams,
		`"client_secret_post"`:                                  oauth2.AuthStyleInHeader,
		`[7, "client_secret_post"]`:                             oauth2.AuthStyleInParams,
	} {
		m, err := oauth.Discover(t.Context(), &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(200, "", about("https://issuer.example", map[string]any{"token_endpoint_auth_methods_supported": json.RawMessage(methods)})), nil
		})}, "https://issuer.example")
		if err != nil || m.Endpoint.AuthStyle != want {
			t.Errorf("%s: got %+v, %v", methods, m, err)
		}
	}
}

func TestDiscoverEndsWithTheContext(t *testing.T) {
	t.Parallel()
	server := record(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := oauth.Discover(ctx, server.Client(), server.URL)
	if !errors.Is(err, context.Canceled) || len(server.requests()) != 0 {
		t.Errorf("got %v after %d requests", err, len(server.requests()))
	}
}
