package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

const (
	devicePath = "/login/device/code"
	pagePath   = "/login/device"
	tokenPath  = "/login/oauth/access_token"
	revokePath = "/login/oauth/revoke"

	authorizePath = "/login/oauth/authorize"

	deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"
)

// clock is a clock that stands still until a test moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)} }

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

func start(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// answer is an OAuth answer, its numbers as text.
type answer struct {
	status int
	header http.Header
	fields map[string]string
}

func (a answer) String() string { return fmt.Sprint(a.status, " ", a.fields) }

// post sends a form as a client does that asks for JSON.
func post(t *testing.T, s *sandbox.Sandbox, path string, form url.Values) answer {
	t.Helper()
	a, err := tryPost(s, path, form, "application/json")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryPost(s *sandbox.Sandbox, path string, form url.Values, accept string) (answer, error) {
	r, err := http.NewRequest(http.MethodPost, s.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", accept)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	a := answer{status: response.StatusCode, header: response.Header}
	a.fields = parse(response.Header.Get("Content-Type"), body)
	return a, err
}

func parse(kind string, body []byte) map[string]string {
	fields := map[string]string{}
	switch {
	case strings.HasPrefix(kind, "application/json"):
		var object map[string]any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil {
			return nil
		}
		for name, value := range object {
			fields[name] = fmt.Sprint(value)
		}
	case strings.HasPrefix(kind, "application/x-www-form-urlencoded"):
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil
		}
		for name := range form {
			fields[name] = form.Get(name)
		}
	}
	return fields
}

func client(pairs ...string) url.Values {
	form := url.Values{"client_id": {sandbox.ClientID}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// begin asks for a device code.
func begin(t *testing.T, s *sandbox.Sandbox, scope string) (deviceCode, userCode string) {
	t.Helper()
	a := post(t, s, devicePath, client("scope", scope))
	if a.fields["device_code"] == "" || a.fields["user_code"] == "" {
		t.Fatalf("no codes: %v", a)
	}
	return a.fields["device_code"], a.fields["user_code"]
}

func poll(t *testing.T, s *sandbox.Sandbox, deviceCode string) answer {
	t.Helper()
	return post(t, s, tokenPath, client("grant_type", deviceGrant, "device_code", deviceCode))
}

func refresh(t *testing.T, s *sandbox.Sandbox, token string) answer {
	t.Helper()
	return post(t, s, tokenPath, client("grant_type", "refresh_token", "refresh_token", token))
}

// signIn goes the whole way and gives the token answer.
func signIn(t *testing.T, s *sandbox.Sandbox, scope string) answer {
	t.Helper()
	deviceCode, userCode := begin(t, s, scope)
	if err := s.Approve(userCode); err != nil {
		t.Fatal(err)
	}
	a := poll(t, s, deviceCode)
	if a.fields["access_token"] == "" {
		t.Fatalf("no token: %v", a)
	}
	return a
}

func works(s *sandbox.Sandbox, access string) bool {
	_, ok := s.Scopes("Bearer " + access)
	return ok
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
