package deviceflow_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   error
		polls  int
	}{
		"declined":               {jsonAnswer(200, `{"error":"access_denied","error_description":"The authorization request was denied."}`), deviceflow.ErrDenied, 1},
		"declined, as a form":    {answer(200, "application/x-www-form-urlencoded", "error=access_denied"), deviceflow.ErrDenied, 1},
		"declined at Google":     {jsonAnswer(403, `{"error":"access_denied"}`), deviceflow.ErrDenied, 1},
		"declined at Microsoft":  {refusal("authorization_declined"), deviceflow.ErrDenied, 1},
		"declined, with 500":     {jsonAnswer(500, `{"error":"access_denied"}`), deviceflow.ErrDenied, 1},
		"expired":                {refusal("expired_token"), deviceflow.ErrExpired, 1},
		"expired at GitHub":      {jsonAnswer(200, `{"error":"token_expired"}`), deviceflow.ErrExpired, 1},
		"disabled":               {jsonAnswer(200, `{"error":"device_flow_disabled"}`), deviceflow.ErrDisabled, 1},
		"not for this client":    {refusal("unauthorized_client"), deviceflow.ErrUnauthorizedClient, 1},
		"an unknown client":      {jsonAnswer(401, `{"error":"invalid_client"}`), deviceflow.ErrUnauthorizedClient, 1},
		"at GitHub":              {jsonAnswer(200, `{"error":"incorrect_client_credentials"}`), deviceflow.ErrUnauthorizedClient, 1},
		"incorrect, twice":       {jsonAnswer(200, `{"error":"incorrect_device_code"}`), deviceflow.ErrIncorrectDeviceCode, 2},
		"Twitch's, twice":        {jsonAnswer(400, `{"status":400,"message":"invalid device code"}`), deviceflow.ErrIncorrectDeviceCode, 2},
		"unknown to Microsoft":   {refusal("bad_verification_code"), deviceflow.ErrIncorrectDeviceCode, 1},
		"an invalid grant":       {refusal("invalid_grant"), deviceflow.ErrIncorrectDeviceCode, 1},
		"an unsupported grant":   {refusal("unsupported_grant_type"), deviceflow.ErrUnsupported, 1},
		"no such page":           {answer(404, "text/html", "<html>"), deviceflow.ErrUnsupported, 1},
		"a refused scope":        {refusal("invalid_scope"), deviceflow.ErrInvalidScope, 1},
		"Google's administrator": {refusal("org_internal"), deviceflow.ErrBlocked, 1},
		"Conditional Access":     {jsonAnswer(400, `{"error":"invalid_grant","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies.\r\nTrace ID: 1"}`), deviceflow.ErrBlocked, 1},
		"nonsense, three times":  {answer(200, "text/html", "<html>"), oauth.ErrAnswer, 3},
		"no token, three times":  {jsonAnswer(200, `{"token_type":"bearer"}`), oauth.ErrAnswer, 3},
		"invalid request":        {refusal("invalid_request"), nil, 1},
		"forbidden":              {answer(403, "text/html", "<html>"), nil, 1},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, nil, 1},
	} {
		p := serve(t, test.answer)
		token, err := p.flow().Wait(t.Context(), p.pending())
		if token != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, %v; want %v", name, token, err, test.want)
		}
		if !errors.As(err, new(*oauth.Error)) && !errors.Is(err, oauth.ErrAnswer) {
			t.Errorf("%s: %v doesn't say what the server said", name, err)
		}
		if got := len(p.requests()); got != test.polls {
			t.Errorf("%s: %d polls, want %d", name, got, test.polls)
		}
	}
}

// Each error is the only one of its kind and says what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for err, advice := range map[error]string{
		deviceflow.ErrDenied:              "start it again",
		deviceflow.ErrExpired:             "start the sign-in again",
		deviceflow.ErrDisabled:            "enable it in the application's settings",
		deviceflow.ErrUnauthorizedClient:  "check the client id",
		deviceflow.ErrIncorrectDeviceCode: "start the sign-in again",
		deviceflow.ErrUnsupported:         "use an API key",
		deviceflow.ErrInvalidScope:        "ask for others",
		deviceflow.ErrBlocked:             "ask its administrator",
		deviceflow.ErrSaved:               "start a new one",
	} {
		if !strings.Contains(err.Error(), advice) {
			t.Errorf("%q doesn't say %q", err, advice)
		}
	}
	p := serve(t, jsonAnswer(200, `{"error":"access_denied","error_description":"No."}`))
	_, err := p.flow().Wait(t.Context(), p.pending())
	want := "the sign-in was declined in the browser; start it again if that was a mistake: the authorization server answered access_denied (\"No.\")"
	if err == nil || err.Error() != want || errors.Is(err, deviceflow.ErrExpired) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWaitEndsWithTheCode(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"pending":          pending(),
		"slow_down":        refusal("slow_down"),
		"no answer":        hangUp,
		"unavailable":      retryAfter(503, ""),
		"too many, longer": retryAfter(429, "86400"),
	} {
		p := serve(t, answer)
		a := p.pending()
		_, err := p.flow().Wait(t.Context(), a)
		if !errors.Is(err, deviceflow.ErrExpired) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
		if now := p.clock.Now(); !now.Equal(a.Expiry) {
			t.Errorf("%s: ended at %v, the code at %v", name, now, a.Expiry)
		}
		requests := p.requests()
		for i, request := range requests {
			if !request.at.Before(a.Expiry) {
				t.Errorf("%s: polled after the end", name)
			}
			if i > 0 && request.at.Sub(requests[i-1].at) < 6*time.Second {
				t.Errorf("%s: polled %v after the last poll", name, request.at.Sub(requests[i-1].at))
			}
		}
	}
}

func TestExpiryNamesTheTrouble(t *testing.T) {
	t.Parallel()
	p := serve(t, pending(), retryAfter(503, ""))
	_, err := p.flow().Wait(t.Context(), p.pending())
	if err == nil || !strings.Contains(err.Error(), "503 Service Unavailable") {
		t.Errorf("got %v", err)
	}
	p = serve(t, retryAfter(503, ""), pending())
	if _, err = p.flow().Wait(t.Context(), p.pending()); err != deviceflow.ErrExpired {
		t.Errorf("got %v", err)
	}
}

// A gap that has doubled must not eat the rest of the code's time.
func TestLastPollIsNotLostToBackOff(t *testing.T) {
	t.Parallel()
	p := serve(t, hangUp, hangUp, granted())
	a := p.pending()
	a.Expiry = p.clock.Now().Add(40 * time.Second)
	if token, err := p.flow().Wait(t.Context(), a); err != nil {
		t.Errorf("got %v, %v", token, err)
	}
	checkSleeps(t, "short of time", p, 6, 12, 20)
	p = serve(t, hangUp, granted())
	a.Expiry = p.clock.Now().Add(11 * time.Second)
	if _, err := p.flow().Wait(t.Context(), a); !errors.Is(err, deviceflow.ErrExpired) || len(p.requests()) != 1 {
		t.Errorf("polled faster than allowed: got %v after %d polls", err, len(p.requests()))
	}
	checkSleeps(t, "out of time", p, 6, 5)
}

func TestWaitForAnExpiredCode(t *testing.T) {
	t.Parallel()
	p := serve(t, granted())
	for _, expiry := range []time.Time{{}, p.clock.Now().Add(-time.Hour), p.clock.Now()} {
		a := p.pending()
		a.Expiry = expiry
		if _, err := p.flow().Wait(t.Context(), a); err != deviceflow.ErrExpired {
			t.Errorf("%v: got %v", expiry, err)
		}
	}
	if len(p.requests()) != 0 || len(p.clock.sleeps()) != 0 {
		t.Errorf("%d polls, slept %v", len(p.requests()), p.clock.sleeps())
	}
}

func TestErrorsDoNotShowTheDeviceCode(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"error":"invalid_grant","error_description":"The code ` + deviceCode + ` is unknown to ` + clientSecret + `"}`,
		`{"error":"` + deviceCode + `"}`,
		`{"message":"` + url.QueryEscape(deviceCode) + `!"}`,
		deviceCode,
	} {
		p := serve(t, jsonAnswer(400, body))
		flow := p.flow()
		flow.Client.Secret = oauth.NewSecret(clientSecret)
		_, err := flow.Wait(t.Context(), p.pending())
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); err == nil || hasSecret(text, deviceCode, clientSecret) {
			t.Errorf("%s: %s", body, text)
		}
	}
}

func hasSecret(text string, secrets ...string) bool {
	for _, secret := range secrets {
		if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
			return true
		}
	}
	return false
}
