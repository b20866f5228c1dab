package credentials_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// heard is a host that notes the headers it is sent and says them back.
type heard struct {
	mu      sync.Mutex
	headers []http.Header
}

func (h *heard) note(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.headers = append(h.headers, r.Header.Clone())
	if r.URL.Path == "/near" || r.URL.Path == "/far" {
		return
	}
	for name, values := range r.Header {
		w.Header().Set("Echo-"+name, values[0])
		io.WriteString(w, values[0]+"\n")
	}
}

func (h *heard) all() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text strings.Builder
	for _, header := range h.headers {
		header.Write(&text)
	}
	return text.String()
}

// TestKeyHeader: a key goes into the header its service wants, at the service's
// own hosts and nowhere else, again at each redirect, and comes back masked.
func TestKeyHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ header, scheme, name, want string }{
		{"", "", "Authorization", "Bearer " + exampleKey},
		{"Authorization", "Token", "Authorization", "Token " + exampleKey},
		{"Authorization", "", "Authorization", exampleKey},
		{"X-API-Key", "", "X-Api-Key", exampleKey},
		{"PRIVATE-TOKEN", "", "Private-Token", exampleKey},
		{"X-Auth", "ApiKey", "X-Auth", "ApiKey " + exampleKey},
	} {
		var home, stranger heard
		elsewhere := newSite(t, false, stranger.note)
		var own *site
		own = newSite(t, false, func(w http.ResponseWriter, r *http.Request) {
			home.note(w, r)
			switch r.URL.Path {
			case "/near":
				http.Redirect(w, r, own.URL+"/here", http.StatusFound)
			case "/far":
				http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			}
		})
		credential := credentials.New(credentials.Options{
			Service:   credentials.Service{Name: "acme", Host: own.host(), Hosts: []string{own.host()}, KeyHeader: c.header, KeyScheme: c.scheme},
			Settings:  credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "ACME_TOKEN"},
			Store:     forbidden{t},
			Transport: http.DefaultTransport,
		})
		t.Cleanup(credential.Close)
		for _, path := range []string{"/here", "/near", "/far"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, own.URL+path, nil)
			must(t, err)
			// What the caller puts there goes nowhere.
			request.Header.Set(c.name, "example-foreign")
			response, err := credential.Client().Do(request)
			must(t, err)
			body, err := io.ReadAll(response.Body)
			must(t, err)
			response.Body.Close()
			if text := string(body) + response.Header.Get("Echo-"+c.name); strings.Contains(text, exampleKey) {
				t.Errorf("%s: %s shows the key: %q", c.header, path, text)
			}
		}
		equal(t, c.header+" requests at home", len(home.headers), 4)
		for _, header := range home.headers {
			equal(t, c.header+" at home", header.Get(c.name), c.want)
			if c.name != "Authorization" {
				equal(t, c.header+" beside it", header.Get("Authorization"), "")
			}
		}
		equal(t, c.header+" requests elsewhere", len(stranger.headers), 1)
		if text := stranger.all(); strings.Contains(text, exampleKey) || strings.Contains(text, "example-foreign") {
			t.Errorf("%s: sent to another host: %s", c.header, text)
		}
	}
}

// TestSignInIsBearer: the header for keys is not for what a sign-in gives, and
// the sign-in is asked for the audience.
func TestSignInIsBearer(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.KeyHeader, w.settings.Audience = "X-API-Key", "https://api.acme.example/"
	c := w.credential()
	w.signIn(c)
	response, err := c.Client().Get(w.service.APIURL + "user")
	must(t, err)
	response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusOK)
	var asked int
	for _, r := range w.box.Requests() {
		switch r.Path {
		case "/login/device/code":
			asked++
			equal(t, "audience", r.Form.Get("audience"), "https://api.acme.example/")
		case "/api/v3/user":
			equal(t, "scheme", strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "), true)
			equal(t, "the key's header", r.Header.Get("X-API-Key"), "")
		}
	}
	equal(t, "sign-ins", asked, 1)
}
