package credentials_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// issuer is a server that only says where the endpoints are, which are the
// sandbox's, and counts how often it is asked. It has two realms.
type issuer struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	answer http.HandlerFunc
}

const discoveryPath = "/.well-known/oauth-authorization-server"

// issued makes the world's service one that is known by its issuer alone; other
// replaces a part of the metadata, and nil takes it away.
func (w *world) issued(other map[string]any) *issuer {
	w.t.Helper()
	i := &issuer{}
	i.answer = func(out http.ResponseWriter, r *http.Request) {
		path, found := strings.CutPrefix(r.URL.Path, discoveryPath)
		if !found {
			http.NotFound(out, r)
			return
		}
		m := map[string]any{
			"issuer":                                i.URL + path,
			"device_authorization_endpoint":         w.box.URL() + "/login/device/code",
			"token_endpoint":                        w.box.URL() + "/login/oauth/access_token",
			"revocation_endpoint":                   w.box.URL() + "/login/oauth/revoke",
			"token_endpoint_auth_methods_supported": []string{"none", "client_secret_post"},
		}
		maps.Copy(m, other)
		maps.DeleteFunc(m, func(_ string, value any) bool { return value == nil })
		must(w.t, json.NewEncoder(out).Encode(m))
	}
	i.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.asked = append(i.asked, r.URL.Path)
		answer := i.answer
		i.mu.Unlock()
		answer(out, r)
	}))
	w.t.Cleanup(i.Close)
	w.service.Name, w.service.Title = "acme", "Acme"
	w.service.Issuer, w.service.Endpoint, w.service.Revoke = i.URL, oauth2.Endpoint{}, nil
	return i
}

func (i *issuer) requests() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.asked)
}

// answers changes what it answers, and gives back what it did before.
func (i *issuer) answers(answer http.HandlerFunc) (before http.HandlerFunc) {
	i.mu.Lock()
	defer i.mu.Unlock()
	before, i.answer = i.answer, answer
	return before
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func renewing(t *testing.T) *world {
	t.Helper()
	return newWorld(t, sandbox.Options{TokenLifetime: 8 * time.Hour})
}

// sentTo answers the requests that were sent to a path, in order.
func (w *world) sentTo(path string) []sandbox.Request {
	var all []sandbox.Request
	for _, r := range w.box.Requests() {
		if r.Path == path {
			all = append(all, r)
		}
	}
	return all
}

// An issuer is all that is needed, and is asked only when something has to be
// known: not to begin with, and not while its answer holds.
func TestIssuerAlone(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	i := w.issued(nil)
	c := w.credential()
	_, err := c.Status(t.Context())
	must(t, err)
	equal(t, "asked before it is needed", i.requests(), 0)
	w.signIn(c)
	must(t, w.call(c))
	equal(t, "asked for a sign-in", i.requests(), 1)
	equal(t, "the issuer in the record", w.record(c).Issuer, i.URL)
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "asked once more, hours later", i.requests(), 2)
	at, err := c.Endpoint(t.Context())
	must(t, err)
	equal(t, "endpoint", at.TokenURL, w.box.URL()+"/login/oauth/access_token")

	token := w.record(c).Token
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	equal(t, "asked in all", i.requests(), 2)
	revocations := w.sentTo("/login/oauth/revoke")
	equal(t, "revocations", len(revocations), 2)
	for i, want := range []struct{ token, hint string }{{token.Refresh.Reveal(), "refresh_token"}, {token.Access.Reveal(), "access_token"}} {
		form := revocations[i].Form
		if form.Get("token") != want.token || form.Get("token_type_hint") != want.hint {
			t.Errorf("revocation %d is not that of the %s", i+1, want.hint)
		}
	}
	required(t, w.call(c))
}

// RFC 7009 §2.1: what there is is revoked.
func TestRevocationOfATokenThatIsNotRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	w.service.Revoke, w.service.RevocationURL = nil, w.box.URL()+"/login/oauth/revoke"
	c := w.credential()
	w.signIn(c)
	access := w.record(c).Token.Access
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	form := w.sentTo("/login/oauth/revoke")[0].Form
	equal(t, "the access token was sent", form.Get("token") == access.Reveal(), true)
	equal(t, "hint", form.Get("token_type_hint"), "access_token")
}

// What fails for one token doesn't spare the other.
func TestRevocationGoesOn(t *testing.T) {
	t.Parallel()
	var hints []string
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		hints = append(hints, r.FormValue("token_type_hint"))
		if len(hints) == 1 {
			unavailable(out, r)
		}
	}))
	t.Cleanup(server.Close)
	w := renewing(t)
	w.service.Revoke, w.service.RevocationURL = nil, server.URL
	w.signIn(w.credential())
	out, err := w.credential().SignOut(t.Context())
	must(t, err)
	equal(t, "asked to revoke", strings.Join(hints, " "), "refresh_token access_token")
	if out.Revoked || out.RevokeError == nil {
		t.Errorf("a failure isn't told: %+v", out)
	}
}

func TestIssuerThatRevokesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		other map[string]any
		later http.HandlerFunc
		want  func(error) bool
	}{
		"no endpoint":  {map[string]any{"revocation_endpoint": nil}, nil, func(err error) bool { return errors.Is(err, credentials.ErrCannotRevoke) }},
		"out of reach": {nil, unavailable, func(err error) bool { return strings.Contains(err.Error(), "ACME_ISSUER") }},
	} {
		w := renewing(t)
		i := w.issued(test.other)
		w.signIn(w.credential())
		if test.later != nil {
			i.answers(test.later)
		}
		out, err := w.credential().SignOut(t.Context())
		must(t, err)
		if out.Revoked || out.RevokeError == nil || !test.want(out.RevokeError) {
			t.Errorf("%s: got %+v", name, out)
		}
		if _, err := w.store.Read(t.Context(), "acme"); !errors.Is(err, credentials.ErrNotFound) {
			t.Errorf("%s: the token is still there: %v", name, err)
		}
	}
}

func TestIssuersNobodyCanSignInAt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		other map[string]any
		says  []string
		is    error
	}{
		"no device flow":   {map[string]any{"device_authorization_endpoint": nil}, []string{"URL names no device_authorization_endpoint", "use an API key"}, deviceflow.ErrUnsupported},
		"another's":        {map[string]any{"issuer": "https://other.example"}, []string{"the endpoints of URL can't be found", "another issuer, https://other.example", "check ACME_ISSUER"}, oauth.ErrAnswer},
		"an unsafe answer": {map[string]any{"token_endpoint": "http://other.example/"}, []string{"its token_endpoint", "check ACME_ISSUER"}, oauth.ErrUnsafeAddress},
	} {
		w := renewing(t)
		i := w.issued(test.other)
		err := w.call(w.credential())
		if err == nil || !errors.Is(err, test.is) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		contains(t, name, err.Error(), "acme: a sign-in can't begin: ")
		for _, part := range test.says {
			contains(t, name, err.Error(), strings.ReplaceAll(part, "URL", i.URL))
		}
		equal(t, name+": requests", len(w.box.Requests()), 0)
	}
}

// A sign-in is for a token that can be refreshed, where the issuer gives one for
// the asking and nobody has said which scopes to ask for.
func TestOfflineAccess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		supported any
		set, want string
	}{
		"supported":              {[]string{"openid", "offline_access"}, "", "offline_access repo"},
		"not supported":          {[]string{"openid"}, "", "repo"},
		"not said":               {nil, "", "repo"},
		"the person has chosen":  {[]string{"openid", "offline_access"}, "gist", "gist"},
		"the person has said so": {[]string{"openid"}, "gist offline_access", "gist offline_access"},
	} {
		w := renewing(t)
		w.issued(map[string]any{"scopes_supported": test.supported})
		w.settings.Scopes = test.set
		c := w.credential()
		r := required(t, w.call(c))
		equal(t, name, w.sentTo("/login/device/code")[0].Form.Get("scope"), test.want)
		equal(t, name+": shown", strings.Join(r.Scopes, " "), test.want)
		// Another process takes the same sign-in up, and uses the token.
		must(t, w.box.Approve(r.UserCode))
		w.clock.tick(t)
		wait(t, "the end of the sign-in", r.Done())
		must(t, r.Err())
		must(t, w.call(w.credential()))
		equal(t, name+": sign-ins", w.signIns(), 1)
	}
}

// Auth0's audience goes with the sign-in alone, and RFC 8707's resource with
// every request for a token (§2.1 and §2.2).
func TestAudienceAndResource(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	w.issued(nil)
	w.settings.Audience, w.settings.Resource = "https://audience.example/", "https://resource.example/"
	c := w.credential()
	w.signIn(c)
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
	start := w.sentTo("/login/device/code")[0].Form
	equal(t, "audience", start.Get("audience"), "https://audience.example/")
	equal(t, "resource", start.Get("resource"), "https://resource.example/")
	for _, r := range w.sentTo("/login/oauth/access_token") {
		equal(t, "resource with "+r.Form.Get("grant_type"), r.Form.Get("resource"), "https://resource.example/")
		equal(t, "audience with "+r.Form.Get("grant_type"), r.Form.Has("audience"), false)
	}
	// A token for one API is not what another one needs.
	w.settings.Audience = "https://other.example/"
	required(t, w.call(w.credential()))
	w.settings.Audience = "https://audience.example/"
	must(t, w.call(w.credential()))
}

// An issuer that can't be asked takes nothing away: not a token that is good,
// nor one that can be refreshed with what is known, nor the record.
func TestIssuerOutOfReach(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	i := w.issued(nil)
	c := w.credential()
	w.signIn(c)
	before := i.answers(unavailable)
	must(t, w.call(w.credential()))
	w.clock.Advance(9 * time.Hour)
	next := w.credential()
	err := w.call(next)
	if err == nil || w.refreshes() != 0 || w.signIns() != 1 {
		t.Fatalf("got %v after %d refreshes and %d sign-ins", err, w.refreshes(), w.signIns())
	}
	contains(t, "the error", err.Error(), "the endpoints of "+i.URL+" can't be found", "503", "check ACME_ISSUER", "try again")
	equal(t, "marked", w.record(c).SignInNeeded, false)
	asked := i.requests()
	if err := w.call(next); err == nil || i.requests() != asked {
		t.Errorf("got %v, asked %d times more at once", err, i.requests()-asked)
	}
	must(t, w.call(c))
	equal(t, "refreshes with what was known", w.refreshes(), 1)
	i.answers(before)
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(next))
}

// An issuer that forbids to keep its metadata and is gone for a moment doesn't
// end a sign-in.
func TestSignInWhileTheIssuerIsGone(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	i := w.issued(nil)
	good := i.answers(nil)
	var once sync.Once
	i.answers(func(out http.ResponseWriter, r *http.Request) {
		out.Header().Set("Cache-Control", "no-store")
		answer := http.HandlerFunc(unavailable)
		once.Do(func() { answer = good })
		answer(out, r)
	})
	r := required(t, w.call(w.credential()))
	must(t, w.box.Approve(r.UserCode))
	w.clock.tick(t)
	i.answers(good)
	w.tickUntil(r)
	must(t, r.Err())
}

// A server out there can't send a sign-in into the person's network.
func TestIssuerThatLeadsInside(t *testing.T) {
	t.Parallel()
	inside := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) }))
	t.Cleanup(inside.Close)
	w := renewing(t)
	w.issued(nil)
	w.service.Issuer = "https://issuer.example"
	o := w.options()
	o.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "issuer.example" {
			return http.DefaultTransport.RoundTrip(r)
		}
		body := `{"issuer":"https://issuer.example","token_endpoint":"https://issuer.example/t","device_authorization_endpoint":"` + inside.URL + `"}`
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})}
	err := w.call(w.with(o))
	if !errors.Is(err, oauth.ErrInside) {
		t.Fatalf("got %v", err)
	}
	contains(t, "the error", err.Error(), "its device_authorization_endpoint", "check ACME_ISSUER")
}

func TestEndpointOfAnIssuerThatIsNone(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	w.issued(nil).answers(http.NotFound)
	_, err := w.credential().Endpoint(t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, "the error", err.Error(), "acme: the endpoints of ", "404 Not Found", "check ACME_ISSUER")
}
