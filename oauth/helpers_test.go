package oauth_test

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// canary is a secret no text of this project may show.
const canary = "example-canary/Zx9+q=7"

// shows reports whether a text holds the canary in any usual spelling.
func shows(text string) bool {
	for _, spelling := range []string{
		canary,
		url.QueryEscape(canary),
		hex.EncodeToString([]byte(canary)),
		strings.ToUpper(hex.EncodeToString([]byte(canary))),
		base64.StdEncoding.EncodeToString([]byte(canary)),
	} {
		if strings.Contains(text, spelling) {
			return true
		}
	}
	return false
}

// noon is when the tests' clock stands.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// asked is what a server has been asked.
type asked struct {
	method, path string
	header       http.Header
	form         url.Values
}

// recorder is a server on a loopback address that writes down what it is asked.
type recorder struct {
	*httptest.Server
	mu    sync.Mutex
	asked []asked
}

// record starts a server; answer may be nil.
func record(t *testing.T, answer http.HandlerFunc) *recorder {
	t.Helper()
	r := &recorder{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if err := q.ParseForm(); err != nil {
			t.Errorf("the request's form can't be read: %v", err)
		}
		r.mu.Lock()
		r.asked = append(r.asked, asked{q.Method, q.URL.Path, q.Header.Clone(), q.PostForm})
		r.mu.Unlock()
		if answer != nil {
			answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) requests() []asked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]asked(nil), r.asked...)
}

// client is a confidential client of the server, with the tests' clock.
func (r *recorder) client() *oauth.Client {
	return &oauth.Client{
		ID:       "example-client",
		Secret:   oauth.NewSecret(canary),
		Endpoint: oauth2.Endpoint{TokenURL: r.URL + "/token"},
		Now:      noon,
	}
}

// answering answers always the same.
func answering(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// roundTrip is a transport that isn't net/http's.
type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(q *http.Request) (*http.Response, error) { return r(q) }

func reply(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status,
		Header:     http.Header{"Content-Type": {contentType}},
		Body:       io.NopCloser(strings.NewReader(body)),
	}
}
