package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// bodies are answers worth varying: right ones, wrong ones and those in between.
func bodies() []string {
	return []string{
		`{"access_token":"example","token_type":"bearer","expires_in":3600,"refresh_token":"example-r","scope":"repo,gist"}`,
		`access_token=example&token_type=bearer&scope=repo%2Cgist&expires_in=28800`,
		`{"authed_user":{"access_token":"example","token_type":"user","scope":"a,b"}}`,
		`{"error":"slow_down","interval":"10","error_description":"Too fast."}`,
		`error=authorization_pending&interval=5`,
		`{"status":400,"message":"authorization_pending"}`,
		`{"error":{"code":"access_denied","message":"no"}}`,
		`{"error":true,"message":"` + canary + `"}`,
		`{"error":"` + canary + `","error_description":"` + url.QueryEscape(canary) + `"}`,
		`{"access_token":"a","expires_in":1e400,"refresh_token_expires_in":"-0x1p-2","scope":["a",{"b":1}]}`,
		`null`, `{}`, ``, `[]`, `"a=b"`, `{"access_token":null}`, `{"a":1}{"b":2}`, "\ufeff{\"a\":1}",
		`<html><body>a=b</body></html>`, "a\x00=b", strings.Repeat(`{"a":`, 100),
	}
}

func FuzzParseAnswer(f *testing.F) {
	for _, body := range bodies() {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := oauth.ParseAnswer(body)
		if err != nil {
			if err != oauth.ErrAnswer {
				t.Fatalf("got %v, want ErrAnswer alone", err)
			}
			return
		}
		for _, name := range []string{"expires_in", "interval", "status"} {
			if d, ok := answer.Seconds(name); !ok && d != 0 || d.Abs() > 100*366*24*time.Hour {
				t.Errorf("%s: %v, %v", name, d, ok)
			}
		}
		token, err := answer.Token(noon())
		if err != nil {
			if token != nil || !errors.Is(err, oauth.ErrAnswer) {
				t.Fatalf("got %v, %v", token, err)
			}
			return
		}
		checkToken(t, token)
	})
}

func checkToken(t *testing.T, token *oauth.Token) {
	t.Helper()
	if token.Access.IsZero() || token.Type == "" {
		t.Error("a token without text or type")
	}
	if strings.ContainsFunc(token.Access.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		t.Error("a token no header can carry")
	}
	for _, expiry := range []time.Time{token.Expiry, token.RefreshExpiry} {
		if !expiry.IsZero() && expiry.Before(noon()) {
			t.Errorf("expires at %v, before it was issued", expiry)
		}
	}
}

func FuzzExchange(f *testing.F) {
	for _, body := range bodies() {
		f.Add(200, "application/json", "", body)
		f.Add(400, "text/html; charset=utf-8", "7", body)
		f.Add(503, canary, "Sun, 01 Mar 2026 12:01:30 GMT", body)
	}
	f.Fuzz(func(t *testing.T, status int, kind, retryAfter, body string) {
		requests := 0
		client := &oauth.Client{ID: "example-client", Secret: oauth.NewSecret(canary), Now: noon}
		client.Endpoint.TokenURL = "https://example.com/token?key=" + url.QueryEscape(canary)
		client.HTTP = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			requests++
			response := reply(status, kind, body)
			response.Header.Set("Retry-After", retryAfter)
			response.Header.Set("Location", "https://elsewhere.example/")
			return response, nil
		})}
		token, err := client.Exchange(t.Context(), url.Values{"refresh_token": {canary + "-2"}})
		if requests != 1 {
			t.Fatalf("%d requests", requests)
		}
		if err == nil {
			checkToken(t, token)
			return
		}
		checkError(t, err, status)
	})
}

func checkError(t *testing.T, err error, status int) {
	t.Helper()
	var refused *oauth.Error
	if !errors.As(err, &refused) && !errors.Is(err, oauth.ErrAnswer) {
		t.Fatalf("an untyped error: %v", err)
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	if shows(text) || len(text) > 4000 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("an error that can't be shown: %q", text)
	}
	if refused != nil && (refused.Status != status || refused.Interval < 0 || refused.RetryAfter < 0 || refused.RetryAfter > 24*time.Hour) {
		t.Errorf("got %+v for status %d", refused, status)
	}
}
