package credentials_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// A client that the issuer has forgotten is refused in the browser, and nobody comes
// back: the next sign-in has another.
func TestRegistrationThatNobodyComesBackWith(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(map[string]any{"authorization_endpoint": "http://127.0.0.1:1/authorize"})
	w.shared()
	w.settings.Flow = "loopback"
	r := required(t, w.call(w.credential()))
	w.clock.Advance(11 * time.Minute)
	w.tickUntil(r)
	if !errors.Is(r.Err(), loopback.ErrExpired) {
		t.Errorf("got %v", r.Err())
	}
	required(t, w.call(w.credential()))
	equal(t, "in all", o.did(), "register example-client-1; remove example-client-1 Bearer "+registrationToken+"; register example-client-2")
}

// A client that the issuer has forgotten is registered once more, but not one that
// it has only just registered.
func TestRegistrationThatIsGone(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"invalid_client", "unauthorized_client"} {
		w := renewing(t)
		o := w.registering(nil)
		w.shared()
		w.finish(required(t, w.call(w.credential())))
		o.did()
		o.set(func() { o.refusal = code })
		w.clock.Advance(9 * time.Hour)
		for range 3 {
			if err := w.call(w.credential()); err == nil || errors.As(err, new(*credentials.SignInRequired)) {
				t.Fatalf("got %v", err)
			}
		}
		equal(t, code, o.did(), "access_token example-client-1 ; remove example-client-1 Bearer "+registrationToken+"; register example-client-2; code example-client-2 ; code example-client-2 ; code example-client-2 ")
		o.set(func() { o.refusal = "" })
		w.finish(required(t, w.call(w.credential())))
		must(t, w.call(w.credential()))
		equal(t, code+": client in the record", w.record(w.credential()).ClientID, "example-client-2")
	}
}

// So is one that nobody has signed in with for long, and one that somebody just
// has, but not one that it has only just registered.
func TestRegistrationThatIsGoneSoonOrLate(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	o.refusal = "server_error"
	if err := w.call(w.credential()); err == nil {
		t.Fatal("no error")
	}
	o.set(func() { o.refusal, o.known["example-client-1"] = "", false })
	if err := w.call(w.credential()); !errors.Is(err, deviceflow.ErrUnauthorizedClient) {
		t.Fatalf("got %v", err)
	}
	o.did()
	w.clock.Advance(2 * time.Hour)
	w.finish(required(t, w.call(w.credential())))
	equal(t, "hours later", o.did(), "code example-client-1 ; register example-client-2; remove example-client-1 Bearer "+registrationToken+"; code example-client-2 ; access_token example-client-2 ")
	o.set(func() { o.known["example-client-2"] = false })
	signInAgain(t, w.credential())
	equal(t, "at once, after a sign-in", o.did(), "code example-client-2 ; register example-client-3; code example-client-3 ")
}

// A secret that has expired is replaced with its client, but not at every sign-in.
func TestRegistrationThatHasExpired(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	o.other = map[string]any{"client_secret": "example-registered", "client_secret_expires_at": w.clock.Now().Add(30 * time.Minute).Unix()}
	o.refusal = "server_error"
	for range 4 {
		if err := w.call(w.credential()); err == nil {
			t.Fatal("no error")
		}
		w.clock.Advance(20 * time.Minute)
	}
	equal(t, "registrations", strings.Count(o.did(), "register"), 2)
}

// A client that is refused when it brings the code was forgotten meanwhile.
func TestRegistrationRefusedAtTheExchange(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	box := w.box.URL()
	o := w.registering(map[string]any{"authorization_endpoint": box + "/login/oauth/authorize"})
	w.shared()
	w.settings.Flow = "loopback"
	r := required(t, w.call(w.credential()))
	o.set(func() { o.refusal = "invalid_client" })
	back, err := url.Parse(r.VerificationURIComplete)
	must(t, err)
	answer := url.Values{"state": {back.Query().Get("state")}, "code": {"example"}}
	w.inBrowser(r, func(context.Context, string) (string, error) {
		return get(t, back.Query().Get("redirect_uri")+"?"+answer.Encode()), nil
	})
	if !errors.Is(r.Err(), oauth.ErrUnauthorizedClient) {
		t.Errorf("got %v", r.Err())
	}
	required(t, w.call(w.credential()))
	contains(t, "in all", o.did(), "remove example-client-1", "register example-client-2")
}

// A redirect port that is set later is registered too, with another client.
func TestRegistrationForAnotherPort(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(map[string]any{"authorization_endpoint": "http://127.0.0.1:1/authorize"})
	w.shared()
	w.finish(required(t, w.call(w.credential())))
	w.settings.RedirectPort = "8123"
	_, err := w.credential().SignIn(t.Context())
	must(t, err)
	equal(t, "redirects", strings.Join(w.record(w.credential()).Registration.RedirectURIs, " "), "http://127.0.0.1/callback http://127.0.0.1:8123/callback")
	_, err = w.credential().SignIn(t.Context())
	must(t, err)
	contains(t, "in all", o.did(), "register example-client-2")
	equal(t, "clients", len(o.registered), 2)
}
