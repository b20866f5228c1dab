package credentials_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// A program gets a token with its secret, and another one when that is stale: with
// one request each, no person, and no use for a refresh token (RFC 6749 §4.4).
func TestProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	m.answer["refresh_token"] = "example-refresh"
	w.settings.Audience, w.settings.Resource = "https://audience.example/", "https://resource.example/"
	w.shared()
	o := w.options()
	o.SignInElsewhere = true
	c := w.with(o)
	before, err := c.Status(t.Context())
	must(t, err)
	equal(t, "status before the first call", before.Describe(), "for this program itself, by its client secret; the first call asks for a token")
	equal(t, "needs no sign-in", before.SignedIn, true)
	for range 3 {
		must(t, w.call(c))
	}
	want := url.Values{
		"grant_type": {"client_credentials"}, "scope": {"read"}, "audience": {"https://audience.example/"}, "resource": {"https://resource.example/"},
		"client_id": {"example-program"}, "client_secret": {"example-program-secret"},
	}
	if m.asked() != 1 || !reflect.DeepEqual(m.tokens[0], want) {
		t.Fatalf("asked %d times: %v, want %v", m.asked(), m.tokens, want)
	}
	r := w.record(c)
	equal(t, "grant in the record", r.Grant, "client_credentials")
	equal(t, "a refresh token is kept", r.Token.Refresh.IsZero(), true)
	after, err := c.Status(t.Context())
	must(t, err)
	equal(t, "status", after.Describe(), "for this program itself, by its client secret; token from the keyring; scopes read; renewed by itself, next at 2026-11-02T09:00:00Z")

	w.clock.Advance(2 * time.Hour)
	must(t, w.call(c))
	equal(t, "grant of the second", m.tokens[1].Get("grant_type"), "client_credentials")
	equal(t, "the token that is sent", m.called()[3], "example-2")

	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	equal(t, "what was revoked", strings.Join(m.revoked, " "), "example-2")
	must(t, w.call(c))
	equal(t, "tokens asked for in all", m.asked(), 3)
	if strings.Contains(w.log.String(), "level=WARN") || strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("the log complains: %s", w.log)
	}
}

// Processes that share a store share the token; without one each has its own, and
// nobody is told that it would be lost.
func TestProgramOfManyProcesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	w.shared()
	all := func() {
		var calls sync.WaitGroup
		for range 8 {
			c := w.credential()
			calls.Go(func() {
				if _, err := login(t.Context(), c.Client(), w.service.APIURL); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
	}
	all()
	equal(t, "tokens asked for", m.asked(), 1)
	w.clock.Advance(2 * time.Hour)
	all()
	equal(t, "tokens asked for, hours later", m.asked(), 2)

	w.store, w.folder = &credentials.Memory{Reason: "a test"}, nil
	c := w.credential()
	must(t, w.call(c))
	status, err := c.Status(t.Context())
	must(t, err)
	equal(t, "status", strings.HasPrefix(status.Describe(), "for this program itself, by its client secret; token kept in memory; "), true)
	equal(t, "a note", status.StoreNote, "")

	w.shared().refuse(nil, refusal(credentials.Declined))
	c = w.credential()
	must(t, w.call(c))
	c.Close()
	if strings.Contains(w.log.String(), "is lost with this process") {
		t.Errorf("the log regrets a token that is asked for again: %s", w.log)
	}
}

// The API's 401 is answered by one other token. An API that refuses all of them
// has none asked for at each call, by whichever process.
func TestProgramThatTheAPIRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	w.shared()
	c := w.credential()
	must(t, w.call(c))
	m.set(func() { m.refused = 1 })
	must(t, w.call(c))
	equal(t, "what was sent", strings.Join(m.called(), " "), "example-1 example-1 example-2")

	w.clock.Advance(2 * time.Minute)
	m.set(func() { m.refused = 1000 })
	for range 5 {
		for _, one := range []*credentials.Credential{c, w.credential()} {
			err := w.call(one)
			if !errors.Is(err, credentials.ErrTokenRefused) || errors.As(err, new(*credentials.SignInRequired)) {
				t.Fatalf("got %v", err)
			}
			contains(t, "the error", err.Error(), "acme: ", "ACME_SCOPES, ACME_AUDIENCE and ACME_RESOURCE")
		}
	}
	equal(t, "tokens asked for", m.asked(), 3)
	w.clock.Advance(time.Minute)
	if err := w.call(c); err == nil {
		t.Error("no error")
	}
	equal(t, "tokens asked for, a minute later", m.asked(), 4)
	m.set(func() { m.refused = 0 })
	must(t, w.call(c))
	equal(t, "tokens asked for once it takes them", m.asked(), 4)
}

// Why there is no token is said in words that name what mends it, and the server
// isn't asked again by every call.
func TestProgramWithoutAToken(t *testing.T) {
	t.Parallel()
	for code, test := range map[string]struct {
		status int
		mend   string
	}{
		"invalid_client":          {401, "check ACME_CLIENT_ID and ACME_CLIENT_SECRET"},
		"unauthorized_client":     {400, "allow the client the grant client_credentials where it is registered, or unset ACME_GRANT"},
		"unsupported_grant_type":  {400, "unset ACME_GRANT"},
		"invalid_scope":           {400, "check ACME_SCOPES; to ask for those alone, run: valetkey logout acme"},
		"invalid_target":          {400, "check ACME_RESOURCE"},
		"access_denied":           {403, "check ACME_AUDIENCE"},
		"invalid_request":         {400, "check how the client is registered there"},
		"temporarily_unavailable": {503, "try again later"},
	} {
		w := newWorld(t, sandbox.Options{})
		m := w.program()
		m.status, m.answer = test.status, map[string]any{"error": code}
		c := w.credential()
		err := w.call(c)
		if err == nil {
			t.Fatalf("%s: no error", code)
		}
		_, mend := credentials.Advice(err)
		contains(t, code, err.Error(), "acme: there is no token for this program: the authorization server answered "+code)
		contains(t, code, mend, test.mend)
		equal(t, code+": one that says to try again", strings.Contains(mend, "try again"), test.status == 503)
		if err := w.call(c); err == nil || m.asked() != 1 {
			t.Errorf("%s: %v after %d requests", code, err, m.asked())
		}
		w.clock.Advance(time.Minute)
		m.set(func() { m.status, m.answer = 200, map[string]any{} })
		must(t, w.call(c))
	}
}

// A token that is good serves on while there is no other, and one that lives for
// seconds isn't asked for at each call.
func TestProgramWhoseServerIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	m.answer["expires_in"] = 600
	w.shared()
	c := w.credential()
	must(t, w.call(c))
	w.clock.Advance(10*time.Minute - 30*time.Second)
	m.set(func() { m.status, m.answer = 503, map[string]any{} })
	for range 3 {
		must(t, w.call(c))
	}
	equal(t, "requests", m.asked(), 2)
	contains(t, "the log", w.log.String(), "serves on until it expires")
	w.clock.Advance(time.Minute)
	if err := w.call(c); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("got %v", err)
	}
	m.set(func() { m.status, m.answer = 200, map[string]any{"expires_in": 30} })
	w.clock.Advance(time.Minute)
	before := m.asked()
	for range 3 {
		must(t, w.call(c))
	}
	equal(t, "requests for tokens of half a minute", m.asked()-before, 1)
	w.clock.Advance(time.Minute)
	must(t, w.call(c))
	equal(t, "requests a minute later", m.asked()-before, 2)
}

// A client that can't prove who it is can't use the grant, which is said before
// anything is sent.
func TestProgramWithoutASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	w.settings.ClientSecret = oauth.Secret{}
	c := w.credential()
	err := w.call(c)
	if err == nil || m.asked() != 0 {
		t.Fatalf("%v after %d requests", err, m.asked())
	}
	contains(t, "the error", err.Error(), "acme: ACME_GRANT=client_credentials is for a client with a secret; set ACME_CLIENT_SECRET")
	status, err := c.Status(t.Context())
	must(t, err)
	equal(t, "signed in", status.SignedIn, false)
	equal(t, "what to do", status.Mend, "set ACME_CLIENT_SECRET")
}

// Nobody can sign in for a program.
func TestSignInForAProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	c := w.credential()
	for _, signIn := range []func() error{
		func() error { _, err := c.SignIn(t.Context()); return err },
		func() error { _, err := c.SwitchAccount(t.Context()); return err },
	} {
		err := signIn()
		if err == nil {
			t.Fatal("no error")
		}
		contains(t, "the error", err.Error(), "ACME_GRANT=client_credentials", "nothing to sign in for")
	}
	equal(t, "requests", m.asked(), 0)
	// A person is whom Identify asks for; a program's token is only made sure of.
	w.service.Identify = login
	account, err := w.credential().Identify(t.Context())
	must(t, err)
	equal(t, "account", account, "")
	equal(t, "calls", len(m.called()), 0)
	must(t, w.call(w.credential()))
	equal(t, "calls in all", len(m.called()), 1)
	equal(t, "tokens asked for", m.asked(), 1)
}

// A client that was registered for a person who never came is no person's token.
func TestProgramAfterARegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	w.program()
	store := w.shared()
	must(t, store.Write(t.Context(), "acme", &credentials.Record{
		Service: "acme", Host: "acme.example", Registration: &credentials.Registration{Issuer: "https://acme.example", Registration: oauth.Registration{ClientID: "example"}},
	}))
	c := w.credential()
	must(t, w.call(c))
	equal(t, "grant there", w.record(c).Grant, "client_credentials")
}

// Neither a person's token nor a program's serves for the other, and a person's
// sign-in isn't lost to a program.
func TestProgramAndPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	store := w.shared()
	own := w.settings
	mine := &credentials.Record{
		Service: "acme", Host: "acme.example", ClientID: "example-program", Scopes: []string{"read"},
		Token: oauth.Token{Access: oauth.NewSecret("example-person")}, SignedIn: w.clock.Now(),
	}
	must(t, store.Write(t.Context(), "acme", mine))
	c := w.credential()
	for range 2 {
		must(t, w.call(c))
		w.clock.Advance(5 * time.Minute)
	}
	equal(t, "what is sent", strings.Join(m.called(), " "), "example-1 example-1")
	equal(t, "the person's token is still there", w.record(c).Token.Access.Reveal(), "example-person")
	contains(t, "the log", w.log.String(), "a person has signed in under this name", "set ACME_ACCOUNT to another name")
	now, err := c.Status(t.Context())
	must(t, err)
	contains(t, "status", now.Describe(), "token kept in memory")
	_, err = w.credential().SignOut(t.Context())
	must(t, err)

	must(t, w.call(w.credential()))
	equal(t, "grant there", w.record(c).Grant, "client_credentials")
	w.settings.Grant = ""
	person := w.credential()
	if err := w.call(person); err == nil {
		t.Error("a person is given the program's token")
	}
	status, err := person.Status(t.Context())
	must(t, err)
	equal(t, "signed in", status.SignedIn, false)
	equal(t, "reason", status.Reason, "there is a token, but it is this program's own, and no person's")
	w.settings = own
	must(t, w.call(w.credential()))
	equal(t, "tokens asked for", m.asked(), 2)
}

// Missing scopes are asked for at once, and what is refused isn't asked for again.
func TestProgramStepsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	w.shared()
	c := w.credential()
	must(t, w.call(c))
	m.set(func() { m.wants = "write" })
	must(t, w.call(c))
	equal(t, "scopes asked for", m.tokens[1].Get("scope"), "read write")
	w.clock.Advance(2 * time.Hour)
	must(t, w.call(w.credential()))
	equal(t, "scopes asked for later", m.tokens[2].Get("scope"), "read write")

	m.set(func() { m.wants, m.status, m.answer = "admin", 400, map[string]any{"error": "invalid_scope"} })
	next := w.credential()
	for range 3 {
		if _, err := login(t.Context(), next.Client(), w.service.APIURL); err == nil || !strings.Contains(err.Error(), "403") {
			t.Errorf("got %v, want the API's answer", err)
		}
		w.clock.Advance(20 * time.Second)
	}
	equal(t, "requests", m.asked(), 4)
	m.set(func() { m.wants, m.status, m.answer = "", 200, map[string]any{"expires_in": 3600} })
	w.clock.Advance(2 * time.Hour)
	must(t, w.call(next))
	equal(t, "scopes asked for after a refusal", m.tokens[4].Get("scope"), "read write")
}

// An issuer is enough, and its way for the client to say who it is counts.
func TestProgramOfAnIssuer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{})
	m := w.program()
	service, settings := w.service, w.settings
	i := w.issued(map[string]any{"token_endpoint": m.URL + "/token", "device_authorization_endpoint": nil, "revocation_endpoint": m.URL + "/revoke"})
	service.Issuer, service.Endpoint, service.RevocationURL = i.URL, oauth2.Endpoint{}, ""
	w.service, w.settings = service, settings
	c := w.credential()
	must(t, w.call(c))
	equal(t, "asked", m.asked(), 1)
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
}
