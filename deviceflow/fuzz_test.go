package deviceflow_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(q *http.Request) (*http.Response, error) { return r(q) }

// inMemory is a flow without a network. It has the system's clock.
func inMemory(answer roundTrip) *deviceflow.Flow {
	return &deviceflow.Flow{Client: &oauth.Client{
		ID:       "example-client",
		Secret:   oauth.NewSecret(clientSecret),
		Endpoint: oauth2.Endpoint{DeviceAuthURL: "https://example.com/device", TokenURL: "https://example.com/token"},
		HTTP:     &http.Client{Transport: answer},
	}}
}

func response(status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

// answers are worth varying: right ones, wrong ones and those in between.
func answers() []string {
	return []string{
		device(nil),
		device(map[string]any{"interval": "5.0", "expires_in": "-1", "verification_uri_complete": "http://localhost/"}),
		device(map[string]any{"user_code": "A\u202eB", "verification_uri": "javascript:x"}),
		`{"device_code":"d","user_code":"U","verification_url":"https://www.google.com/device","interval":1e400}`,
		"device_code=d&user_code=U&verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice&interval=5&expires_in=900",
		`{"access_token":"example","token_type":"bearer","scope":"repo,gist"}`,
		"access_token=example&token_type=bearer",
		pendingBody,
		`{"error":"slow_down","interval":"99999999999"}`,
		`error=authorization_pending&interval=5`,
		`{"status":400,"message":"authorization_pending"}`,
		`{"error":"` + clientSecret + `","error_description":"` + deviceCode + `"}`,
		`{"error":"invalid_grant","error_description":"AADSTS53003: blocked"}`,
		`{"error":"access_denied"}`, `{"error":"Not Found"}`, `{"error":"incorrect_device_code"}`, `{"error":{"code":"expired_token"}}`,
		`null`, `{}`, ``, `[]`, `<html>a=b</html>`,
	}
}

func seed(f *testing.F) {
	for _, body := range answers() {
		f.Add(200, "application/json", body)
		f.Add(400, "text/html", body)
	}
	f.Add(429, "", "")
	f.Add(503, "text/html", "<html>")
	f.Add(307, deviceCode, "")
	f.Add(0, "", "")
}

func FuzzStart(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		clock := newClock()
		flow := inMemory(func(*http.Request) (*http.Response, error) { return response(status, kind, body), nil })
		flow.Client.Now = clock.Now
		a, err := flow.Start(t.Context())
		if err != nil {
			checkError(t, a == nil, err, clientSecret)
			return
		}
		checkAuthorization(t, a, clock.Now())
		restored, err := deviceflow.Restore(a.Save())
		if err != nil || !restored.DeviceCode.Equal(a.DeviceCode) || restored.UserCode != a.UserCode || restored.VerificationURI != a.VerificationURI {
			t.Errorf("saved %+v, got %+v, %v", a, restored, err)
		}
	})
}

func checkAuthorization(t *testing.T, a *deviceflow.Authorization, now time.Time) {
	t.Helper()
	if a.DeviceCode.IsZero() || a.UserCode == "" || len(a.UserCode) > 32 || strings.ContainsFunc(a.UserCode, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("not fit to be shown: %q", a.UserCode)
	}
	if oauth.CheckAddress(a.VerificationURI) != nil || a.VerificationURIComplete != "" && oauth.CheckAddress(a.VerificationURIComplete) != nil {
		t.Errorf("not fit to be opened: %q, %q", a.VerificationURI, a.VerificationURIComplete)
	}
	if lifetime := a.Expiry.Sub(now); a.Interval < time.Second || a.Interval > time.Minute || lifetime < time.Minute || lifetime > 30*time.Minute {
		t.Errorf("every %v for %v", a.Interval, lifetime)
	}
}

func FuzzWait(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		clock, polls := newClock(), 0
		flow := inMemory(func(*http.Request) (*http.Response, error) {
			polls++
			return response(status, kind, body), nil
		})
		flow.Client.Now, flow.Sleep = clock.Now, clock.Sleep
		a := &deviceflow.Authorization{DeviceCode: oauth.NewSecret(deviceCode), Interval: 5 * time.Second, Expiry: clock.Now().Add(5 * time.Minute)}
		token, err := flow.Wait(t.Context(), a)
		if err != nil {
			checkError(t, token == nil, err, clientSecret, deviceCode)
		} else if token.Access.IsZero() {
			t.Error("a token without text")
		}
		sleeps := clock.sleeps()
		if polls > 50 || clock.Now().After(a.Expiry) || len(sleeps) < polls || slices.Min(sleeps[:max(polls, 1)]) < 6*time.Second {
			t.Errorf("%d polls after sleeps of %v", polls, sleeps)
		}
	})
}

// kinds are what an error of Start or Wait can be.
func kinds() []error {
	return []error{
		deviceflow.ErrDenied, deviceflow.ErrExpired, deviceflow.ErrDisabled, deviceflow.ErrUnauthorizedClient, deviceflow.ErrIncorrectDeviceCode,
		deviceflow.ErrUnsupported, deviceflow.ErrInvalidScope, deviceflow.ErrBlocked, oauth.ErrAnswer, oauth.ErrUnsafeAddress,
	}
}

func checkError(t *testing.T, alone bool, err error, secrets ...string) {
	t.Helper()
	isTyped := errors.As(err, new(*oauth.Error)) || slices.ContainsFunc(kinds(), func(kind error) bool { return errors.Is(err, kind) })
	if !alone || !isTyped {
		t.Fatalf("an untyped error, or a value beside it: %v", err)
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	if hasSecret(text, secrets...) || len(text) > 4000 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("an error that can't be shown: %q", text)
	}
}
