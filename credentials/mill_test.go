package credentials_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// mill is a token endpoint for programs, an API that takes its tokens, and all
// that both were asked.
type mill struct {
	*httptest.Server

	mu      sync.Mutex
	tokens  []url.Values
	calls   []string
	revoked []string
	// answer is what the next tokens come with, beside access_token.
	status int
	answer map[string]any
	// refused are how many of the first tokens the API doesn't take, and wants is
	// the scope it wants.
	refused int
	wants   string
}

// program makes the world's service one that a program has a token of its own for.
func (w *world) program() *mill {
	w.t.Helper()
	m := &mill{status: http.StatusOK, answer: map[string]any{"token_type": "Bearer", "expires_in": 3600}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", m.token)
	mux.HandleFunc("POST /revoke", func(_ http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.revoked = append(m.revoked, r.FormValue("token"))
	})
	mux.HandleFunc("GET /api/", m.api)
	m.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		// It has no clock.
		out.Header()["Date"] = nil
		mux.ServeHTTP(out, r)
	}))
	w.t.Cleanup(m.Close)
	w.service = credentials.Service{
		Name: "acme", Title: "Acme", Host: "acme.example", APIURL: m.URL + "/api/", Hosts: []string{strings.TrimPrefix(m.URL, "http://")},
		Endpoint: oauth2.Endpoint{TokenURL: m.URL + "/token"}, RevocationURL: m.URL + "/revoke", Scopes: []string{"read"},
	}
	w.settings = credentials.Settings{ClientID: "example-program", ClientSecret: oauth.NewSecret("example-program-secret"), Grant: "client_credentials"}
	return m
}

func (m *mill) token(out http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	// It fills in the form.
	_ = r.FormValue("scope")
	m.tokens = append(m.tokens, r.PostForm)
	answer := map[string]any{"access_token": fmt.Sprintf("example-%d", len(m.tokens))}
	for name, value := range m.answer {
		answer[name] = value
	}
	out.WriteHeader(m.status)
	json.NewEncoder(out).Encode(answer)
}

func (m *mill) api(out http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	m.calls = append(m.calls, token)
	var n int
	fmt.Sscanf(token, "example-%d", &n)
	switch {
	case n <= m.refused || n > len(m.tokens):
		out.WriteHeader(http.StatusUnauthorized)
	case !strings.Contains(m.tokens[n-1].Get("scope"), m.wants):
		out.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+m.wants+`"`)
		out.WriteHeader(http.StatusForbidden)
	default:
		fmt.Fprint(out, `{"login":"nobody"}`)
	}
}

// set changes what it does from now on.
func (m *mill) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
}

// asked answers how many tokens it was asked for, and called how many calls the
// API got.
func (m *mill) asked() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.tokens)
}

func (m *mill) called() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.calls...)
}
