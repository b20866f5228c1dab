package credentials_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
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

// Why an issuer registers no client is said in words, with what to do instead.
func TestRegistrationRefused(t *testing.T) {
	t.Parallel()
	const byHand = "register one by hand: set ACME_CLIENT_ID to the client id of an application of Acme (acme.example), or run: valetkey login acme --with-token, or set ACME_TOKEN"
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
