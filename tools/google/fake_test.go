package google_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/google"
)

// exchanges are the requests that the tools made in these tests, and what the
// practice calendar answered.
var exchanges ledger

// TestMain holds them against Google's own description of its API, if
// VALET_TEST_REAL=1 says that it is there.
func TestMain(m *testing.M) {
	// The race detector makes every process wait a second at its end otherwise.
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	code := m.Run()
	switch {
	case len(exchanges.all) == 0:
	case os.Getenv("VALET_TEST_REAL") != "1":
		fmt.Println("requests not held against Google's description; .ci/run downloads it and sets VALET_TEST_REAL=1")
	default:
		if err := exchanges.check(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// exchange is a request and its answer.
type exchange struct {
	method, path, query string
	ifMatch             string
	body, answer        string
	status              int
	made                bool // the answer is a test's, not the practice calendar's
}

type ledger struct {
	mu  sync.Mutex
	all []exchange
}

func (l *ledger) add(e exchange) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, e)
}

// bench is the tools at work on a practice calendar. instead answers a request in
// its place, if it answers anything.
type bench struct {
	t       *testing.T
	box     *sandbox.Sandbox
	token   string
	offer   tools.Offer
	instead func(r *http.Request, next http.RoundTripper) (*http.Response, error)
	mu      sync.Mutex
	sent    []exchange
}

// now is a Friday in Berlin's last days of summer time.
func now() time.Time { return time.Date(2026, 10, 23, 8, 0, 0, 0, time.UTC) }

func start(t *testing.T, scopes ...string) *bench {
	t.Helper()
	box, err := sandbox.Start(sandbox.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close() })
	if len(scopes) == 0 {
		scopes = []string{"calendar.events", "calendar.events.freebusy", "calendar.calendarlist.readonly"}
	}
	for i, name := range scopes {
		scopes[i] = google.Scope(name)
	}
	b := &bench{t: t, box: box, token: box.IssueToken(scopes...)}
	b.offer = google.Offer(tools.Setup{
		API: &http.Client{Transport: b}, Now: now, Version: "1.2.3",
		At: credentials.Service{Name: "google", Title: "Google", APIURL: box.URL() + "/", HostVariable: "GOOGLE_API_URL"},
	})
	return b
}

// RoundTrip signs a request in and keeps it.
func (b *bench) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	e := exchange{method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, ifMatch: r.Header.Get("If-Match")}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		e.body = string(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := b.answer(r, &e)
	if err == nil {
		var body []byte
		body, err = io.ReadAll(response.Body)
		response.Body.Close()
		e.status, e.answer = response.StatusCode, string(body)
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = append(b.sent, e)
	exchanges.add(e)
	return response, err
}

func (b *bench) answer(r *http.Request, e *exchange) (*http.Response, error) {
	if b.instead != nil {
		response, err := b.instead(r, http.DefaultTransport)
		if response != nil || err != nil {
			e.made = true
			return response, err
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

// requests are those sent since the last time this was asked.
func (b *bench) requests() []exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = nil
	return sent
}

// changes are the requests among them that change something.
func (b *bench) changes() []exchange {
	var changes []exchange
	for _, e := range b.requests() {
		if e.method != http.MethodGet {
			changes = append(changes, e)
		}
	}
	return changes
}

func (b *bench) call(tool, arguments string) (string, error) {
	b.t.Helper()
	for _, t := range b.offer.Tools {
		if t.Name == "google_calendar_"+tool {
			return tools.Run(b.t.Context(), slog.New(slog.DiscardHandler), t, json.RawMessage(arguments))
		}
	}
	b.t.Fatalf("no tool %s", tool)
	return "", nil
}

// must answers the text of a call that works.
func (b *bench) must(tool, arguments string) string {
	b.t.Helper()
	text, err := b.call(tool, arguments)
	if err != nil {
		b.t.Fatalf("%s %s: %v", tool, arguments, err)
	}
	return text
}

// refuses holds a call to an error that says all of these.
func (b *bench) refuses(tool, arguments string, want ...string) {
	b.t.Helper()
	text, err := b.call(tool, arguments)
	for _, part := range want {
		if err == nil || !strings.Contains(err.Error(), part) {
			b.t.Errorf("%s %s: no %q in: %q, %v", tool, arguments, part, text, err)
		}
	}
}

// holds looks for all of these in a text.
func (b *bench) holds(text string, want ...string) {
	b.t.Helper()
	for _, part := range want {
		if !strings.Contains(text, part) {
			b.t.Errorf("no %q in\n%s", part, text)
		}
	}
}

// made is an answer that no practice calendar gives.
func made(status int, body string, header ...string) (*http.Response, error) {
	w := httptest.NewRecorder()
	for i := 0; i+1 < len(header); i += 2 {
		w.Header().Set(header[i], header[i+1])
	}
	w.WriteHeader(status)
	io.WriteString(w, body)
	return w.Result(), nil
}

var errReset = errors.New("connection reset by peer")

// lost is the error of a connection that breaks.
type lost struct{}

func (lost) Error() string   { return errReset.Error() }
func (lost) Timeout() bool   { return false }
func (lost) Temporary() bool { return false }
