package deviceflow_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// The secrets of these tests, which no error may show.
const (
	deviceCode   = "example-device/Gm+RhmhcxhwAzkoEqiMEg"
	clientSecret = "example-client/Secret+7"
)

// clock stands still until somebody sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	// during, if set, is called in a sleep, before its time has passed.
	during func()
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

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
	if c.during != nil {
		c.during()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func (c *clock) sleeps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

// asked is what the server was asked, and by the clock when.
type asked struct {
	path   string
	header http.Header
	form   url.Values
	at     time.Time
}

// provider is an authorization server on a loopback address that answers as it
// is told, the last answer for ever, and writes down what it is asked.
type provider struct {
	*httptest.Server
	clock   *clock
	mu      sync.Mutex
	asked   []asked
	answers []http.HandlerFunc
}

func serve(t *testing.T, answers ...http.HandlerFunc) *provider {
	t.Helper()
	p := &provider{clock: newClock(), answers: answers}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("the request's form can't be read: %v", err)
		}
		p.next(r)(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) next(r *http.Request) http.HandlerFunc {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, asked{r.URL.Path, r.Header.Clone(), r.PostForm, p.clock.Now()})
	return p.answers[min(len(p.asked), len(p.answers))-1]
}

func (p *provider) requests() []asked {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]asked(nil), p.asked...)
}

func (p *provider) flow() *deviceflow.Flow {
	return &deviceflow.Flow{
		Client: &oauth.Client{
			ID:       "example-client",
			Endpoint: oauth2.Endpoint{DeviceAuthURL: p.URL + "/device", TokenURL: p.URL + "/token"},
			Now:      p.clock.Now,
		},
		Sleep: p.clock.Sleep,
	}
}

// pending is an authorization for a quarter of an hour, polled every 5 s.
func (p *provider) pending() *deviceflow.Authorization {
	return &deviceflow.Authorization{
		DeviceCode:      oauth.NewSecret(deviceCode),
		UserCode:        "WDJB-MJHT",
		VerificationURI: "https://github.com/login/device",
		Interval:        5 * time.Second,
		Expiry:          p.clock.Now().Add(15 * time.Minute),
	}
}

func jsonAnswer(status int, body string) http.HandlerFunc {
	return answer(status, "application/json; charset=utf-8", body)
}

func answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func retryAfter(status int, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", value)
		w.WriteHeader(status)
	}
}

func refusal(code string) http.HandlerFunc { return jsonAnswer(400, `{"error":"`+code+`"}`) }

func granted() http.HandlerFunc {
	return jsonAnswer(200, grantedBody)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// device is a device authorization answer with some members changed; nil
// removes one.
func device(changes map[string]any) string {
	members := map[string]any{
		"device_code":      deviceCode,
		"user_code":        "WDJB-MJHT",
		"verification_uri": "https://github.com/login/device",
		"expires_in":       900,
		"interval":         5,
	}
	maps.Copy(members, changes)
	maps.DeleteFunc(members, func(_ string, value any) bool { return value == nil })
	body, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return string(body)
}
