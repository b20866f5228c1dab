package loopback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// The values are those of RFC 7636 appendix B: the server of these tests
// computes the challenge as the RFC does.
func TestChallengeOfTheTests(t *testing.T) {
	t.Parallel()
	if got := challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"); got != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" {
		t.Errorf("got %s", got)
	}
}

func TestStartMakesUpTheRequest(t *testing.T) {
	t.Parallel()
	p := serve(t)
	f := p.flow()
	f.Client.Endpoint.AuthURL += "?user_scope=search%3Aread&state=theirs"
	f.Scopes = []string{"openid", "calendar.events"}
	f.Parameters = url.Values{
		"audience": {"https://api.example.com"}, "resource": {"https://a.example/", "https://b.example/"}, "prompt": {"consent"},
		"response_type": {"token"}, "client_id": {"other"}, "redirect_uri": {"https://evil.example"}, "state": {"other"},
		"code_challenge": {"other"}, "code_challenge_method": {"plain"}, "scope": {"other"},
	}
	a := start(t, f)
	address, err := url.Parse(a.AuthorizationURI)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	for name, want := range map[string][]string{
		"user_scope":            {"search:read"},
		"audience":              {"https://api.example.com"},
		"resource":              {"https://a.example/", "https://b.example/"},
		"prompt":                {"consent"},
		"scope":                 {"openid calendar.events"},
		"response_type":         {"code"},
		"client_id":             {"example-client"},
		"redirect_uri":          {a.RedirectURI},
		"state":                 {a.State.Reveal()},
		"code_challenge":        {challenge(a.Verifier.Reveal())},
		"code_challenge_method": {"S256"},
	} {
		if fmt.Sprint(query[name]) != fmt.Sprint(want) {
			t.Errorf("%s is %q, want %q", name, query[name], want)
		}
	}
	if len(query) != 11 || !strings.HasPrefix(a.AuthorizationURI, p.URL+"/authorize?") {
		t.Errorf("asked %s", a.AuthorizationURI)
	}
	if want := p.clock.Now().Add(10 * time.Minute); !a.Expiry.Equal(want) {
		t.Errorf("ends at %v, want %v", a.Expiry, want)
	}
	if len(p.asked().authorized)+len(p.asked().tokens)+len(p.asked().stray) != 0 {
		t.Error("Start has sent a request")
	}
	if f.Parameters.Get("state") != "other" {
		t.Error("the flow's parameters have changed")
	}
}

// RFC 6749 §10.10 asks for 128 bits, RFC 7636 §4.1 for 43 characters.
func TestSecretsAreLongAndNew(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	seen := map[string]bool{}
	for range 20 {
		a := start(t, f)
		path := a.StartURI[strings.LastIndex(a.StartURI, "/")+1:]
		if len(a.State.Reveal()) < 22 || len(a.Verifier.Reveal()) < 43 || len(path) < 22 {
			t.Fatalf("too short: %d, %d, %q", len(a.State.Reveal()), len(a.Verifier.Reveal()), path)
		}
		for _, text := range []string{a.State.Reveal(), a.Verifier.Reveal(), path} {
			if seen[text] {
				t.Fatal("a secret is used twice")
			}
			seen[text] = true
		}
	}
}

func TestRedirectAddresses(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                             "http://127.0.0.1:%s/callback",
		"http://127.0.0.1":             "http://127.0.0.1:%s",
		"http://127.0.0.1/":            "http://127.0.0.1:%s/",
		"http://localhost":             "http://localhost:%s",
		"http://localhost/sign/in":     "http://localhost:%s/sign/in",
		"http://localhost/with%20gaps": "http://localhost:%s/with%%20gaps",
	} {
		f := serve(t).flow()
		f.Redirect = given
		a := start(t, f)
		got, err := url.Parse(a.RedirectURI)
		if err != nil || a.RedirectURI != fmt.Sprintf(want, got.Port()) || got.Port() == "0" {
			t.Errorf("%q: got %s, %v", given, a.RedirectURI, err)
			continue
		}
		if !strings.HasPrefix(a.StartURI, "http://127.0.0.1:"+got.Port()+"/") {
			t.Errorf("%q: begins at %s", given, a.StartURI)
		}
	}
	for _, given := range []string{
		"https://127.0.0.1/callback", "http://example.com/callback", "http://127.0.0.1.example.com", "http://10.0.0.1", "http://0.0.0.0",
		"http://localhost:80", "http://localhost:", "http://user@localhost", "http://localhost?a=b", "http://localhost#a", "localhost", "http:localhost", "myapp://callback", "http://LOCALHOST.", "%", "http://",
	} {
		f := serve(t).flow()
		f.Redirect = given
		if a, err := f.Start(t.Context()); !errors.Is(err, loopback.ErrRedirect) || a != nil {
			t.Errorf("%q: got %v, %v", given, a, err)
		}
	}
}

func TestStartChecksTheEndpoints(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*oauth2.Endpoint)
		want   error
	}{
		"no authorization endpoint": {func(e *oauth2.Endpoint) { e.AuthURL = "" }, oauth.ErrUnsupported},
		"without TLS":               {func(e *oauth2.Endpoint) { e.AuthURL = "http://example.com/authorize" }, oauth.ErrUnsafeAddress},
		"a script":                  {func(e *oauth2.Endpoint) { e.AuthURL = "javascript:alert(1)" }, oauth.ErrUnsafeAddress},
		"a fragment":                {func(e *oauth2.Endpoint) { e.AuthURL = "https://example.com/#/authorize" }, oauth.ErrUnsafeAddress},
		"a bad query":               {func(e *oauth2.Endpoint) { e.AuthURL = "https://example.com/?a=%zz" }, oauth.ErrUnsafeAddress},
		"no token endpoint":         {func(e *oauth2.Endpoint) { e.TokenURL = "" }, oauth.ErrUnsafeAddress},
		"a token without TLS":       {func(e *oauth2.Endpoint) { e.TokenURL = "http://example.com/token" }, oauth.ErrUnsafeAddress},
	} {
		f := serve(t).flow()
		test.change(&f.Client.Endpoint)
		if a, err := f.Start(t.Context()); !errors.Is(err, test.want) || a != nil {
			t.Errorf("%s: got %v, %v", name, a, err)
		}
	}
	f := serve(t).flow()
	f.Scopes = strings.Fields(strings.Repeat("a-rather-long-scope ", 500))
	if a, err := f.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "ask for fewer scopes") || a != nil {
		t.Errorf("too many scopes: got %v, %v", a, err)
	}
}

// A fixed port that is taken is an error; no other port will do.
func TestBusyPort(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"127.0.0.1", "::1"} {
		taken, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Logf("%s is left out: %v", host, err)
			continue
		}
		defer taken.Close()
		f := serve(t).flow()
		f.Redirect = "http://localhost"
		f.Port = taken.Addr().(*net.TCPAddr).Port
		a, err := f.Start(t.Context())
		if a != nil || !errors.Is(err, loopback.ErrBusy) || !strings.Contains(err.Error(), strconv.Itoa(f.Port)) {
			t.Errorf("%s: got %v, %v", host, a, err)
		}
	}
}

func TestFixedPortAndClose(t *testing.T) {
	// Alone: nobody else may take the port in between.
	f := serve(t).flow()
	first := start(t, f)
	address, err := url.Parse(first.RedirectURI)
	if err != nil {
		t.Fatal(err)
	}
	f.Port, err = strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Start(t.Context()); !errors.Is(err, loopback.ErrBusy) {
		t.Errorf("a port taken by ourselves: %v", err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Errorf("closing it: %v", err)
		}
	}
	second := start(t, f)
	if second.RedirectURI != first.RedirectURI {
		t.Errorf("got %s, want %s", second.RedirectURI, first.RedirectURI)
	}
}

func TestAuthorizationCanBePrinted(t *testing.T) {
	t.Parallel()
	a := start(t, serve(t).flow())
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %v %s", a, a, a, *a, text)
	if strings.Contains(printed, a.Verifier.Reveal()) {
		t.Errorf("the verifier is shown: %s", printed)
	}
	if rest := strings.ReplaceAll(strings.ReplaceAll(printed, a.AuthorizationURI, ""), "\\u0026state="+a.State.Reveal(), ""); strings.Contains(rest, a.State.Reveal()) {
		t.Errorf("the state is shown outside the address: %s", rest)
	}
}
