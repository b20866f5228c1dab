package services_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools/services"
)

// said is one answer of a server; BASE in it is the server's address.
type said struct {
	status int
	body   string
}

// idp is a provider as its documentation shows it, and what a person sets for it.
// The answers are by path, and by path and grant type for tokens; the last one is
// given again.
type idp struct {
	// issuer and wellKnown are addresses after BASE: the issuer's and its metadata's.
	issuer, wellKnown, metadata string
	settings                    credentials.Settings
	answers                     map[string][]said
	// lifetime is after when a token is stale, by what the answer says of it.
	lifetime time.Duration
	// seed is a token from before, for a provider without a device flow.
	seed *oauth.Token
}

// lived is what became of a person's sign-in, from discovery to revocation.
type lived struct {
	base  string
	asked []string
	forms map[string][]url.Values
	basic []string
	shown *credentials.SignInRequired
	err   error
	// The record after the sign-in and after the refresh, and what the API was sent.
	first, second credentials.Record
	sent          []string
	out           credentials.SignedOut
}

// fakeProvider gives an [idp]'s answers and notes what it is asked.
type fakeProvider struct {
	idp
	mu sync.Mutex
	*lived
}

func (f *fakeProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.URL.Path == "/api/me" {
		f.sent = append(f.sent, r.Header.Get("Authorization"))
		io.WriteString(w, "{}")
		return
	}
	grant := r.Form.Get("grant_type")
	key := strings.TrimSpace(r.URL.Path + " " + grant[strings.LastIndex(grant, ":")+1:])
	if user, _, ok := r.BasicAuth(); ok {
		f.basic = append(f.basic, r.URL.Path+" "+user)
	}
	if r.Method == http.MethodPost {
		f.forms[key] = append(f.forms[key], r.Form)
	}
	left := f.answers[key]
	if r.URL.Path == f.wellKnown {
		left = []said{{http.StatusOK, f.metadata}}
	}
	if len(left) == 0 {
		f.asked = append(f.asked, r.URL.Path+" 404")
		http.NotFound(w, r)
		return
	}
	if len(left) > 1 {
		f.answers[key] = left[1:]
	}
	f.asked = append(f.asked, fmt.Sprint(key, " ", left[0].status))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(left[0].status)
	io.WriteString(w, strings.ReplaceAll(left[0].body, "BASE", f.base))
}

// ticking is a clock that pauses move on, and nobody waits for.
type ticking struct {
	mu  sync.Mutex
	now time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *ticking) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// start is when the clock of these tests starts.
func start() time.Time { return time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC) }

// live goes the whole way: the variables, discovery, a sign-in with the device
// flow, a call, a refresh when the token is stale, and the sign-out.
func (p idp) live(t *testing.T) *lived {
	t.Helper()
	l := &lived{forms: map[string][]url.Values{}}
	server := httptest.NewServer(&fakeProvider{idp: p, lived: l})
	t.Cleanup(server.Close)
	l.base = server.URL
	c, store, clock := p.credential(t, l)
	defer c.Close()
	call := func() error { return call(t, c, server.URL+"/api/me") }
	if p.seed == nil {
		if l.err = signIn(t, l, call()); l.err != nil {
			return l
		}
		if l.err = call(); l.err != nil {
			return l
		}
	}
	l.first = read(t, store)
	if err := clock.Sleep(t.Context(), p.lifetime); err != nil {
		t.Fatal(err)
	}
	l.err = call()
	l.second = read(t, store)
	if out, err := c.SignOut(t.Context()); err != nil {
		t.Error(err)
	} else {
		l.out = out
	}
	return l
}

func (p idp) credential(t *testing.T, l *lived) (*credentials.Credential, *credentials.Memory, *ticking) {
	t.Helper()
	service, err := services.Custom("acme")
	if err != nil {
		t.Fatal(err)
	}
	given := p.settings
	given.API.URL, given.ClientID, given.Flow = l.base+"/api", "example-client", "device"
	for _, address := range []*string{&given.AuthorizationURL, &given.DeviceURL, &given.TokenURL, &given.RevocationURL} {
		*address = strings.ReplaceAll(*address, "BASE", l.base)
	}
	if p.metadata != "" {
		given.Issuer = l.base + p.issuer
	}
	at, err := service.At(given)
	if err != nil {
		t.Fatal(err)
	}
	clock, store := &ticking{now: start()}, &credentials.Memory{Reason: "a test"}
	if p.seed != nil {
		r := &credentials.Record{Generation: 1, Service: "acme", Host: at.Host, ClientID: given.ClientID, Scopes: credentials.Words(given.Scopes), Token: *p.seed, SignedIn: start()}
		if err := store.Write(t.Context(), "acme", r); err != nil {
			t.Fatal(err)
		}
	}
	return credentials.New(credentials.Options{
		Service: at, Settings: given, Store: store, Now: clock.Now, Sleep: clock.Sleep, Jitter: func(time.Duration) time.Duration { return 0 },
	}), store, clock
}

// signIn waits for what a call has asked for: nobody has to approve, since the
// server gives the token after the answers before it.
func signIn(t *testing.T, l *lived, err error) error {
	t.Helper()
	if !errors.As(err, &l.shown) {
		return err
	}
	select {
	case <-l.shown.Done():
		return l.shown.Err()
	case <-time.After(30 * time.Second):
		t.Fatal("the sign-in doesn't end")
		return nil
	}
}

func call(t *testing.T, c *credentials.Credential, address string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Client().Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func read(t *testing.T, store *credentials.Memory) credentials.Record {
	t.Helper()
	r, err := store.Read(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	return *r
}

// What a row looks at.

// discovery is what was asked until the metadata was found.
func (l *lived) discovery() string {
	var asked []string
	for _, address := range l.asked {
		if strings.Contains(address, ".well-known") {
			asked = append(asked, address)
		}
		if strings.HasSuffix(address, " 200") {
			break
		}
	}
	return strings.Join(asked, ", ")
}

func sent(key, parameter string) func(*lived) string {
	return func(l *lived) string { return l.sentTo(key, parameter) }
}

func (l *lived) sentTo(key, parameter string) string {
	if len(l.forms[key]) == 0 {
		return "not asked"
	}
	form := l.forms[key][0]
	if !form.Has(parameter) {
		return "not sent"
	}
	return form.Get(parameter)
}

// renewed tells the refresh token from the one before.
func (l *lived) renewed() string {
	switch {
	case l.err != nil:
		return "failed: " + l.said()
	case l.first.Token.Access.Equal(l.second.Token.Access):
		return "not refreshed"
	case l.first.Token.Refresh.Equal(l.second.Token.Refresh):
		return "refreshed; the refresh token is kept"
	}
	return "refreshed; the refresh token is replaced"
}

func (l *lived) expiry() string {
	if l.first.Token.Expiry.IsZero() {
		return "never"
	}
	return l.first.Token.Expiry.Sub(start()).Round(time.Minute).String()
}

func revoked(key string) func(*lived) string {
	return func(l *lived) string {
		var hints []string
		for _, form := range l.forms[key] {
			hints = append(hints, form.Get("token_type_hint"))
		}
		if l.out.RevokeError != nil {
			return strings.TrimSpace(strings.Join(hints, ", ") + " not revoked: " + l.out.RevokeError.Error())
		}
		if !l.out.Lasting.IsZero() {
			return hints[0] + " revoked, " + hints[1] + " lasting"
		}
		return strings.Join(hints, ", ") + " revoked"
	}
}

// polls are the statuses of the answers to them.
func polls(path string) func(*lived) string {
	return func(l *lived) string {
		var statuses []string
		for _, asked := range l.asked {
			if status, found := strings.CutPrefix(asked, path+" device_code "); found {
				statuses = append(statuses, status)
			}
		}
		return strings.Join(statuses, " ")
	}
}

func page(l *lived) string {
	return strings.TrimSpace(l.shown.VerificationURI + " " + l.shown.VerificationURIComplete)
}

func granted(l *lived) string { return strings.Join(l.first.Token.Scopes, " ") }

// said is the error, with the address of the server left out.
func (l *lived) said() string {
	if l.err == nil {
		return "no error"
	}
	return strings.ReplaceAll(l.err.Error(), l.base, "BASE")
}
