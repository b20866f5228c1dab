package credentials_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// patience is how long a test waits for what must happen. It measures nothing:
// a test that runs into it has failed.
const patience = 2 * time.Minute

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func contains(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q: %s", what, part, text)
		}
	}
}

func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s: still not", what)
	}
}

// clock is the time of a test. It stands still but for Advance and for the
// pauses between polls, which last until the test says tick.
type clock struct {
	ticks chan struct{}
	// still makes pauses take no time: where several processes pause, it would
	// pass for all of them.
	still bool

	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{ticks: make(chan struct{}), now: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
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

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-c.ticks:
		if !c.still {
			c.Advance(d)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tick ends the pause before the next poll.
func (c *clock) tick(t *testing.T) {
	t.Helper()
	select {
	case c.ticks <- struct{}{}:
	case <-time.After(patience):
		t.Fatal("nobody polls")
	}
}

// world is a practice server and everything a credential for it is made of.
type world struct {
	t        *testing.T
	box      *sandbox.Sandbox
	clock    *clock
	service  credentials.Service
	settings credentials.Settings
	store    credentials.Store
	folder   *credentials.Folder
	// transport is what API requests go through; nil: the usual one.
	transport http.RoundTripper
	log       *journal
	// codes are those that a test has noted.
	codes []string
}

func newWorld(t *testing.T, o sandbox.Options) *world {
	t.Helper()
	now := newClock()
	o.Now = now.Now
	box, err := sandbox.Start(o)
	must(t, err)
	t.Cleanup(func() { box.Close() })
	return &world{t: t, box: box, clock: now, service: serviceAt(box), store: &credentials.Memory{Reason: "a test"}, log: &journal{}}
}

// expiring is a server whose tokens live eight hours and can be refreshed, as
// a GitHub App's.
func expiring(t *testing.T) *world {
	t.Helper()
	return newWorld(t, sandbox.Options{GitHubManners: true, TokenLifetime: 8 * time.Hour})
}

// lasting is a server whose tokens don't expire, as a GitHub OAuth App's.
func lasting(t *testing.T) *world {
	t.Helper()
	return newWorld(t, sandbox.Options{GitHubManners: true})
}

func serviceAt(box *sandbox.Sandbox) credentials.Service {
	host := strings.TrimPrefix(box.URL(), "http://")
	return credentials.Service{
		HostVariable: "GITHUB_HOST",
		Name:         "github",
		Title:        "GitHub",
		Host:         host,
		APIURL:       box.URL() + "/api/v3/",
		Hosts:        []string{host},
		ClientID:     sandbox.ClientID,
		Scopes:       []string{"repo"},
		Endpoint: oauth2.Endpoint{
			DeviceAuthURL: box.URL() + "/login/device/code",
			TokenURL:      box.URL() + "/login/oauth/access_token",
		},
		RegistrationURL:  "https://github.com/settings/applications/new",
		RegistrationHint: "a GitHub OAuth App with device flow enabled",
		SettingsURL: func(clientID string) string {
			return "https://github.com/settings/connections/applications/" + clientID
		},
		Identify: login,
		Revoke: func(ctx context.Context, client *oauth.Client, _ credentials.Service, token oauth.Token) error {
			return client.Revoke(ctx, box.URL()+"/login/oauth/revoke", token.Access, "access_token")
		},
	}
}

// login asks for the name of the user, as GitHub's API gives it.
func login(ctx context.Context, api *http.Client, apiURL string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, apiURL+"user", nil)
	if err != nil {
		return "", err
	}
	response, err := api.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", errors.New(response.Status)
	}
	var user struct{ Login string }
	err = json.NewDecoder(response.Body).Decode(&user)
	return user.Login, err
}

func (w *world) options() credentials.Options {
	return credentials.Options{
		Service: w.service, Settings: w.settings, Store: w.store, Folder: w.folder, Transport: w.transport,
		Jitter: func(time.Duration) time.Duration { return 0 },
		Log:    slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: w.clock.Now, Sleep: w.clock.Sleep,
	}
}

// credential makes one more process, as it were: they share the server, the
// clock and the store.
func (w *world) credential() *credentials.Credential {
	w.t.Helper()
	return w.with(w.options())
}

func (w *world) with(o credentials.Options) *credentials.Credential {
	w.t.Helper()
	c := credentials.New(o)
	w.t.Cleanup(c.Close)
	return c
}

// call asks the API who the user is, as a tool would.
func (w *world) call(c *credentials.Credential) error {
	w.t.Helper()
	_, err := login(w.t.Context(), c.Client(), w.service.APIURL)
	return err
}

// required is the sign-in that an error asks for.
func required(t *testing.T, err error) *credentials.SignInRequired {
	t.Helper()
	var r *credentials.SignInRequired
	if !errors.As(err, &r) {
		t.Fatalf("%v, want one that asks for a sign-in", err)
	}
	return r
}

// signIn goes through a whole sign-in that a call has asked for.
func (w *world) signIn(c *credentials.Credential) {
	w.t.Helper()
	w.approve(required(w.t, w.call(c)))
}

func (w *world) approve(r *credentials.SignInRequired) {
	w.t.Helper()
	must(w.t, w.box.Approve(r.UserCode))
	w.clock.tick(w.t)
	wait(w.t, "the end of the sign-in", r.Done())
	must(w.t, r.Err())
}

// record is what the store has for the credential.
func (w *world) record(c *credentials.Credential) *credentials.Record {
	w.t.Helper()
	r, err := w.store.Read(w.t.Context(), c.Name())
	must(w.t, err)
	return r
}

// unbind makes the kept record one of format 1, which serves whatever its endpoint.
func (w *world) unbind(c *credentials.Credential) {
	w.t.Helper()
	r := *w.record(c)
	r.Binding = ""
	must(w.t, w.store.Write(w.t.Context(), c.Name(), &r))
}

// asked counts the requests with a path and, for the token endpoint, a grant
// type; "" is any.
func (w *world) asked(path, grant string) int {
	n := 0
	for _, r := range w.box.Requests() {
		if r.Path == path && (grant == "" || strings.HasSuffix(r.Form.Get("grant_type"), grant)) {
			n++
		}
	}
	return n
}

func (w *world) refreshes() int { return w.asked("/login/oauth/access_token", "refresh_token") }

func (w *world) signIns() int { return w.asked("/login/device/code", "") }

func (w *world) calls() int { return w.asked("/api/v3/user", "") }

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// forbidden is a store that nobody may touch.
type forbidden struct{ t *testing.T }

func (f forbidden) fail() error {
	f.t.Error("the store was touched")
	return errors.New("forbidden")
}

func (f forbidden) Read(context.Context, string) (*credentials.Record, error) { return nil, f.fail() }

func (f forbidden) Write(context.Context, string, *credentials.Record) error { return f.fail() }

func (f forbidden) Delete(context.Context, string) error { return f.fail() }

func (f forbidden) Ready(context.Context) error { return f.fail() }

func (f forbidden) Source() credentials.Source { return credentials.SourceKeyring }

func (f forbidden) Note() string { return "" }

// faulty is a store that can be told to refuse. It counts what it did.
type faulty struct {
	credentials.Memory

	mu              sync.Mutex
	onRead, onWrite error
	writes, deletes int
	refused         int
}

func (f *faulty) refuse(onRead, onWrite error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.onRead, f.onWrite = onRead, onWrite
}

func (f *faulty) Read(ctx context.Context, entry string) (*credentials.Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.onRead != nil {
		return nil, f.onRead
	}
	return f.Memory.Read(ctx, entry)
}

func (f *faulty) Write(ctx context.Context, entry string, r *credentials.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.onWrite != nil {
		f.refused++
		return f.onWrite
	}
	f.writes++
	return f.Memory.Write(ctx, entry, r)
}

func (f *faulty) Delete(ctx context.Context, entry string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.onWrite != nil {
		return f.onWrite
	}
	f.deletes++
	return f.Memory.Delete(ctx, entry)
}

// changes is how often the store was changed.
func (f *faulty) changes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes + f.deletes
}

func (f *faulty) Source() credentials.Source { return credentials.SourceKeyring }

func (f *faulty) Note() string { return "" }

func refusal(outcome credentials.Outcome) error {
	return &credentials.StoreError{Outcome: outcome, Reason: "a test says so"}
}
