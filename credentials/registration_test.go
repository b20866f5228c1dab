package credentials_test

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// A client is registered when somebody signs in, stored before anything else is
// done with it, used for all that follows, and removed at the end.
func TestRegistration(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(map[string]any{"authorization_endpoint": "http://127.0.0.1:1/authorize", "scopes_supported": []string{"offline_access"}})
	w.shared()
	w.settings.RedirectPort = "8123"
	c := w.credential()
	status, err := c.Status(t.Context())
	must(t, err)
	equal(t, "what to do at first", status.Mend, "run: valetkey login acme")
	equal(t, "asked before it is needed", o.did(), "")
	o.atDevice = func() {
		if r := w.record(c); r.Registration == nil || r.Registration.ClientID != "example-client-1" || r.Registration.Issuer != w.service.Issuer {
			t.Error("the registration is not in the store before the sign-in")
		}
	}
	r := required(t, w.call(c))
	o.set(func() { o.atDevice = nil })
	w.finish(r)
	must(t, r.Err())
	// RFC 7591 §2 and RFC 8252 §7.3 and §8.5.
	want := map[string]any{
		"client_name": "valetkey", "application_type": "native", "token_endpoint_auth_method": "none",
		"redirect_uris": []any{"http://127.0.0.1/callback", "http://127.0.0.1:8123/callback"}, "response_types": []any{"code"},
		"grant_types": []any{"authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "refresh_token"},
		"scope":       "offline_access repo",
	}
	if !reflect.DeepEqual(o.registered[0], want) {
		t.Errorf("registers %v, want %v", o.registered[0], want)
	}
	equal(t, "client in the record", w.record(c).ClientID, "example-client-1")
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(w.credential()))
	again := signInAgain(t, w.credential())
	w.finish(again)
	must(t, again.Err())
	equal(t, "all by then", o.did(), "register example-client-1; code example-client-1 ; access_token example-client-1 ; access_token example-client-1 ; code example-client-1 ; access_token example-client-1 ")
	out, err := w.credential().SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	equal(t, "the client that is removed", out.Client, "example-client-1")
	must(t, out.ClientError)
	equal(t, "at the end", o.did(), "revoke example-client-1 ; revoke example-client-1 ; remove example-client-1 Bearer "+registrationToken)
	if strings.Contains(w.log.String(), registrationToken) {
		t.Error("the log shows the registration's token")
	}
	required(t, w.call(w.credential()))
	equal(t, "the next sign-in", o.did(), "register example-client-2; code example-client-2 ")
}

// What a server has no grant for isn't registered for.
func TestRegistrationOfWhatThereIs(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(map[string]any{"grant_types_supported": []string{"urn:ietf:params:oauth:grant-type:device_code"}})
	w.service.Scopes = nil
	required(t, w.call(w.credential()))
	want := map[string]any{
		"client_name": "valetkey", "application_type": "native", "token_endpoint_auth_method": "none",
		"redirect_uris": []any{}, "response_types": []any{}, "grant_types": []any{"urn:ietf:params:oauth:grant-type:device_code"},
	}
	if !reflect.DeepEqual(o.registered[0], want) {
		t.Errorf("registers %v, want %v", o.registered[0], want)
	}
}

// A client that is given a secret uses it the way it was told (RFC 7591 §2): for
// the sign-in, renewing and revoking.
func TestRegistrationWithASecret(t *testing.T) {
	t.Parallel()
	for method, suffix := range map[string]string{"client_secret_basic": " by header", "client_secret_post": "", "": " by header"} {
		w := renewing(t)
		o := w.registering(nil)
		w.shared()
		o.other = map[string]any{"client_secret": "example-registered", "client_secret_expires_at": 0, "token_endpoint_auth_method": method}
		w.finish(required(t, w.call(w.credential())))
		w.clock.Advance(9 * time.Hour)
		must(t, w.call(w.credential()))
		_, err := w.credential().SignOut(t.Context())
		must(t, err)
		by := " example-client-1 example-registered" + suffix + "; "
		equal(t, method, o.did(), "register example-client-1; code"+by+"access_token"+by+"access_token"+by+"revoke"+by+"revoke"+by+"remove example-client-1 Bearer "+registrationToken)
	}
}

// One registration serves all processes, also one that comes after a process was
// killed or failed just behind it.
func TestOneRegistration(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	o.refusal = "server_error"
	if err := w.call(w.credential()); err == nil {
		t.Fatal("no error")
	}
	o.set(func() { o.refusal = "" })
	var calls sync.WaitGroup
	for range 6 {
		c := w.credential()
		calls.Go(func() {
			if _, err := login(t.Context(), c.Client(), w.service.APIURL); !errors.As(err, new(*credentials.SignInRequired)) {
				t.Errorf("got %v", err)
			}
		})
	}
	calls.Wait()
	equal(t, "in all", o.did(), "register example-client-1; code example-client-1 ; code example-client-1 ")
}

// An issuer that lists its grants, and the device flow not among them, is believed
// where there is another way.
func TestGrantIsNotListed(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	w.registering(map[string]any{"authorization_endpoint": "http://127.0.0.1:1/authorize", "grant_types_supported": []string{"authorization_code"}})
	plan, err := w.credential().FlowPlan(t.Context())
	must(t, err)
	equal(t, "flow", plan.Flow, credentials.LoopbackFlow)
	contains(t, "reason", plan.Reason, "doesn't list the device flow")
}

// An issuer that knows no PKCE by S256 gets no browser, and says so.
func TestNoChallengeMethod(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	w.registering(map[string]any{"authorization_endpoint": "http://127.0.0.1:1/authorize", "code_challenge_methods_supported": []string{"plain"}})
	w.settings.Flow = "loopback"
	if _, err := w.credential().FlowPlan(t.Context()); err == nil || !strings.Contains(err.Error(), "knows no PKCE by S256") {
		t.Errorf("got %v", err)
	}
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

// A client is used at the issuer that has registered it, and nowhere else.
func TestRegistrationOfAnotherIssuer(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	w.finish(required(t, w.call(w.credential())))
	o.did()
	w.service.Issuer += "/other"
	required(t, w.call(w.credential()))
	equal(t, "at the other", o.did(), "register example-client-2; code example-client-2 ")
}

// A token that the store has not taken is renewed by its client all the same.
func TestRegistrationOfATokenInMemory(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	o.other = map[string]any{"client_secret": "example-registered", "token_endpoint_auth_method": "client_secret_post"}
	store := w.shared()
	c := w.credential()
	r := required(t, w.call(c))
	store.refuse(nil, refusal(credentials.Declined))
	w.finish(r)
	o.did()
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "renewed", o.did(), "access_token example-client-1 example-registered")
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

// Why an issuer registers no client is said in words, with what to do instead.
func TestRegistrationRefused(t *testing.T) {
	t.Parallel()
	const byHand = "register one by hand: set ACME_CLIENT_ID to the client id of an application of Acme (acme.example), or set ACME_TOKEN"
	for name, test := range map[string]struct {
		status int
		other  map[string]any
		says   []string
	}{
		"redirect":             {400, map[string]any{"error": "invalid_redirect_uri"}, []string{"registers no client that a browser comes back to on this machine", byHand}},
		"metadata":             {400, map[string]any{"error": "invalid_client_metadata", "error_description": "no native clients"}, []string{"registers no client of this kind", "no native clients", byHand}},
		"initial access token": {401, map[string]any{"error": "invalid_token"}, []string{"needs an initial access token", byHand}},
		"forbidden":            {403, nil, []string{"needs an initial access token", byHand}},
		"down":                 {503, nil, []string{"503", "try again, or " + byHand}},
		"nonsense":             {201, map[string]any{"client_id": 7}, []string{"it holds no client_id", byHand}},
	} {
		w := renewing(t)
		o := w.registering(nil)
		w.shared()
		o.status, o.other = test.status, test.other
		err := w.call(w.credential())
		if !errors.Is(err, credentials.ErrNoClient) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		contains(t, name, err.Error(), append(test.says, "acme: no credential: "+w.service.Issuer)...)
		equal(t, name, o.did(), "register example-client-1")
		if _, err := w.store.Read(t.Context(), "acme"); !errors.Is(err, credentials.ErrNotFound) {
			t.Errorf("%s: stored: %v", name, err)
		}
	}
}

// An issuer that registers none is known as such only when it is asked.
func TestIssuerWithoutRegistration(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	w.registering(map[string]any{"registration_endpoint": nil})
	c := w.credential()
	equal(t, "may have a client", c.HasClient(), true)
	err := w.call(c)
	if !errors.Is(err, credentials.ErrNoClient) {
		t.Fatalf("got %v", err)
	}
	contains(t, "the error", err.Error(), "registers no clients by itself; set ACME_CLIENT_ID to the client id of an application of Acme")
	w.registering(map[string]any{"device_authorization_endpoint": nil})
	if err := w.call(w.credential()); err == nil || !strings.Contains(err.Error(), "names neither an authorization_endpoint nor a device_authorization_endpoint") {
		t.Errorf("an issuer nobody can sign in at: %v", err)
	}
	o := w.options()
	o.SignInElsewhere = true
	if err := w.call(w.with(o)); !errors.Is(err, credentials.ErrNotSignedIn) {
		t.Errorf("a command that can't sign in: %v", err)
	}
}

// A client that can't be kept is removed again, and nobody signs in with it.
func TestRegistrationThatCantBeKept(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	store := w.shared()
	store.refuse(nil, refusal(credentials.Declined))
	err := w.call(w.credential())
	if err == nil || errors.As(err, new(*credentials.SignInRequired)) {
		t.Fatalf("got %v", err)
	}
	equal(t, "what was done", o.did(), "register example-client-1; remove example-client-1 Bearer "+registrationToken)
}

// What can't be removed is told, and goes from the store all the same.
func TestRegistrationThatStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		other   map[string]any
		removal int
		is      func(error) bool
	}{
		"no way":        {map[string]any{"registration_client_uri": nil}, 204, func(err error) bool { return errors.Is(err, credentials.ErrCannotUnregister) }},
		"an unsafe way": {map[string]any{"registration_client_uri": "http://acme.example/x"}, 204, func(err error) bool { return errors.Is(err, credentials.ErrCannotUnregister) }},
		"refused":       {nil, 405, func(err error) bool { return err != nil && strings.Contains(err.Error(), "405") }},
		"forgotten":     {nil, 404, func(err error) bool { return err == nil }},
	} {
		w := renewing(t)
		o := w.registering(nil)
		w.shared()
		o.other, o.removal = test.other, test.removal
		w.finish(required(t, w.call(w.credential())))
		out, err := w.credential().SignOut(t.Context())
		must(t, err)
		if out.Client != "example-client-1" || !out.Revoked || !test.is(out.ClientError) {
			t.Errorf("%s: %+v", name, out)
		}
		if _, err := w.store.Read(t.Context(), "acme"); !errors.Is(err, credentials.ErrNotFound) {
			t.Errorf("%s: still stored: %v", name, err)
		}
	}
}

// A registration alone, as a sign-in that came to nothing leaves it, is removed too.
func TestSignOutWithARegistrationAlone(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	c := w.credential()
	r := required(t, w.call(c))
	must(t, w.box.Deny(r.UserCode))
	w.tickUntil(r)
	equal(t, "kept", w.record(c).Registration.ClientID, "example-client-1")
	o.did()
	out, err := w.credential().SignOut(t.Context())
	must(t, err)
	equal(t, "a token", out.Found, false)
	equal(t, "the client", out.Client, "example-client-1")
	equal(t, "what was done", o.did(), "remove example-client-1 Bearer "+registrationToken)
}

// A client id that a person has set comes before any registration.
func TestRegistrationAndAClientID(t *testing.T) {
	t.Parallel()
	w := renewing(t)
	o := w.registering(nil)
	w.shared()
	o.known["example-configured"] = true
	w.settings.ClientID = "example-configured"
	w.finish(required(t, w.call(w.credential())))
	w.settings.ClientID = ""
	must(t, w.call(w.credential()))
	equal(t, "in all", o.did(), "code example-configured ; access_token example-configured ")
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
