package loopback_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// The secrets of these tests, which neither an error nor a page may show.
const (
	code         = "example-code/Gm+RhmhcxhwAzkoEqiMEg"
	clientSecret = "example-client/Secret+7"
	accessToken  = "example-access/Token+7"
	refreshToken = "example-refresh/Token+7"
)

// clock stands still, and whoever sleeps does so until time elapses.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed chan struct{}
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), elapsed: make(chan struct{})}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) Sleep(ctx context.Context, _ time.Duration) error {
	select {
	case <-c.elapsed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// provider is an authorization server that approves at once, gives a token to
// who has asked for the code, and writes down what it is asked.
type provider struct {
	*httptest.Server
	clock *clock
	// token, if set, answers in place of the token endpoint, and extra goes
	// into the callback.
	token http.HandlerFunc
	extra url.Values

	mu    sync.Mutex
	heard heard
}

// heard is what the server was asked: for a code, for a token, and for anything
// else.
type heard struct {
	authorized, tokens []url.Values
	stray              []string
}

func serve(t *testing.T) *provider {
	t.Helper()
	p := &provider{clock: newClock(), extra: url.Values{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("the request's form can't be read: %v", err)
		}
		switch r.URL.Path {
		case "/authorize":
			p.authorize(w, r)
		case "/token":
			p.exchange(w, r)
		default:
			p.note(func() { p.heard.stray = append(p.heard.stray, r.URL.Path) })
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) note(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
}

func (p *provider) asked() heard {
	p.mu.Lock()
	defer p.mu.Unlock()
	return heard{slices.Clone(p.heard.authorized), slices.Clone(p.heard.tokens), slices.Clone(p.heard.stray)}
}

func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p.note(func() { p.heard.authorized = append(p.heard.authorized, query) })
	answer := url.Values{"state": {query.Get("state")}, "code": {code}}
	if p.extra.Has("error") {
		answer.Del("code")
	}
	for name, values := range p.extra {
		answer[name] = values
	}
	http.Redirect(w, r, query.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

// exchange gives a token for what RFC 6749 §4.1.3 and RFC 7636 §4.6 demand.
func (p *provider) exchange(w http.ResponseWriter, r *http.Request) {
	var asked url.Values
	p.note(func() {
		p.heard.tokens = append(p.heard.tokens, r.PostForm)
		if n := len(p.heard.authorized); n > 0 {
			asked = p.heard.authorized[n-1]
		}
	})
	form := r.PostForm
	w.Header().Set("Content-Type", "application/json")
	switch {
	case p.token != nil:
		p.token(w, r)
	case form.Get("grant_type") != "authorization_code", form.Get("code") != code, form.Get("client_id") != asked.Get("client_id"),
		form.Get("redirect_uri") != asked.Get("redirect_uri"), challenge(form.Get("code_verifier")) != asked.Get("code_challenge"):
		w.WriteHeader(400)
		io.WriteString(w, `{"error":"invalid_grant"}`)
	default:
		fmt.Fprintf(w, `{"access_token":%q,"refresh_token":%q,"token_type":"bearer","expires_in":3600}`, accessToken, refreshToken)
	}
}

// challenge is S256 of RFC 7636 §4.2.
func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (p *provider) flow() *loopback.Flow {
	return &loopback.Flow{
		Client: &oauth.Client{
			ID:       "example-client",
			Secret:   oauth.NewSecret(clientSecret),
			Endpoint: oauth2.Endpoint{AuthURL: p.URL + "/authorize", TokenURL: p.URL + "/token"},
			Now:      p.clock.Now,
		},
		Title: "Example",
		Sleep: p.clock.Sleep,
	}
}

func start(t *testing.T, f *loopback.Flow) *loopback.Authorization {
	t.Helper()
	a, err := f.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// waited is what Wait has answered.
type waited struct {
	approval *loopback.Approval
	err      error
}

func wait(ctx context.Context, f *loopback.Flow, a *loopback.Authorization) <-chan waited {
	answer := make(chan waited, 1)
	go func() {
		approval, err := f.Wait(ctx, a)
		answer <- waited{approval, err}
	}()
	return answer
}

// shown is what a browser shows.
type shown struct {
	status int
	header http.Header
	body   string
	err    error
}

// browser has no connection left after a page.
func browser() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

func visit(address string) shown {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return shown{err: err}
	}
	return do(request)
}

func do(request *http.Request) shown {
	response, err := browser().Do(request)
	if err != nil {
		return shown{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return shown{response.StatusCode, response.Header, string(body), err}
}

// open visits in the background.
func open(address string) <-chan shown {
	page := make(chan shown, 1)
	go func() { page <- visit(address) }()
	return page
}

// openServed is open for a port that is about to be taken.
func openServed(ctx context.Context, address string) <-chan shown {
	page := make(chan shown, 1)
	go func() {
		got := visit(address)
		for got.err != nil && ctx.Err() == nil {
			got = visit(address)
		}
		page <- got
	}()
	return page
}

// approved is a whole sign-in but for the last word.
func approved(t *testing.T, f *loopback.Flow) (*loopback.Approval, <-chan shown) {
	t.Helper()
	a := start(t, f)
	answer, page := wait(t.Context(), f, a), open(a.StartURI)
	got := <-answer
	if got.err != nil {
		t.Fatal(got.err)
	}
	return got.approval, page
}

func (s shown) is(t *testing.T, name string, status int, step string) {
	t.Helper()
	if s.err != nil || s.status != status || !strings.Contains(s.body, `<main data-step="`+step+`">`) {
		t.Errorf("%s: got %d, %v, want %d with the page %q:\n%s", name, s.status, s.err, status, step, s.body)
	}
}

// callbackTo is the address of a callback with these parameters.
func callbackTo(a *loopback.Authorization, parameters url.Values) string {
	return a.RedirectURI + "?" + parameters.Encode()
}

// right are the parameters of a right callback.
func right(a *loopback.Authorization) url.Values {
	return url.Values{"state": {a.State.Reveal()}, "code": {code}}
}

func hasSecret(text string, secrets ...string) bool {
	for _, secret := range secrets {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			return true
		}
	}
	return false
}
