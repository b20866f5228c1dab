package credentials_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

// office registers clients, and passes on to the sandbox what those ask for that it
// knows. It notes what it did, in order.
type office struct {
	*httptest.Server
	w *world

	mu         sync.Mutex
	registered []map[string]any
	known      map[string]bool
	steps      []string
	// status and answer are for registrations: other replaces a part of the answer.
	status int
	other  map[string]any
	// refusal is the error code for whoever asks for a device code; atDevice is
	// called before.
	refusal  string
	atDevice func()
	// removal is the status of a removal.
	removal int
}

const registrationToken = "example-registration-token"

// registering makes the world's service one of an issuer that registers clients.
func (w *world) registering(other map[string]any) *office {
	w.t.Helper()
	o := &office{w: w, known: map[string]bool{}, status: http.StatusCreated, removal: http.StatusNoContent}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /register", o.register)
	mux.HandleFunc("DELETE /clients/{id}", o.remove)
	for _, path := range []string{"/login/device/code", "/login/oauth/access_token", "/login/oauth/revoke"} {
		mux.HandleFunc("POST "+path, o.passOn)
	}
	o.Server = httptest.NewServer(mux)
	w.t.Cleanup(o.Close)
	m := map[string]any{
		"registration_endpoint": o.URL + "/register", "device_authorization_endpoint": o.URL + "/login/device/code",
		"token_endpoint": o.URL + "/login/oauth/access_token", "revocation_endpoint": o.URL + "/login/oauth/revoke",
	}
	maps.Copy(m, other)
	w.issued(m)
	w.service.ClientID = ""
	w.service.RegistrationHint, w.service.RegistrationURL = "an application of Acme", "acme.example"
	return o
}

func (o *office) note(format string, args ...any) {
	o.steps = append(o.steps, fmt.Sprintf(format, args...))
}

func (o *office) register(out http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var asked map[string]any
	must(o.w.t, json.NewDecoder(r.Body).Decode(&asked))
	o.registered = append(o.registered, asked)
	id := fmt.Sprintf("example-client-%d", len(o.registered))
	answer := map[string]any{
		"client_id": id, "token_endpoint_auth_method": "none",
		"registration_access_token": registrationToken, "registration_client_uri": o.URL + "/clients/" + id,
	}
	maps.Copy(answer, o.other)
	o.note("register %s", id)
	o.known[id] = o.status == http.StatusCreated
	out.WriteHeader(o.status)
	json.NewEncoder(out).Encode(answer)
}

func (o *office) remove(out http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.note("remove %s %s", r.PathValue("id"), r.Header.Get("Authorization"))
	delete(o.known, r.PathValue("id"))
	out.WriteHeader(o.removal)
}

func (o *office) passOn(out http.ResponseWriter, r *http.Request) {
	must(o.w.t, r.ParseForm())
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	o.mu.Lock()
	o.note("%s %s %s%v", r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], id, secret, map[bool]string{true: " by header"}[basic])
	refusal := o.refusal
	if !o.known[id] {
		refusal = "invalid_client"
	}
	atDevice := o.atDevice
	o.mu.Unlock()
	if atDevice != nil && strings.HasSuffix(r.URL.Path, "/code") {
		atDevice()
	}
	if refusal != "" {
		out.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(out, `{"error":%q}`, refusal)
		return
	}
	form := r.PostForm
	form.Del("client_secret")
	form.Set("client_id", sandbox.ClientID)
	answer, err := http.PostForm(o.w.box.URL()+r.URL.Path, form)
	must(o.w.t, err)
	defer answer.Body.Close()
	out.WriteHeader(answer.StatusCode)
	io.Copy(out, answer.Body)
}

func (o *office) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// did answers what it did, and forgets it.
func (o *office) did() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	steps := strings.Join(o.steps, "; ")
	o.steps = nil
	return steps
}

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
		o.set(func() { o.known["example-client-1"] = false; o.refusal = code })
		w.clock.Advance(9 * time.Hour)
		for range 3 {
			if err := w.call(w.credential()); err == nil || errors.As(err, new(*credentials.SignInRequired)) {
				t.Fatalf("got %v", err)
			}
		}
		equal(t, code, o.did(), "access_token example-client-1 ; code example-client-1 ; register example-client-2; code example-client-2 ; code example-client-2 ; code example-client-2 ")
		o.set(func() { o.refusal = "" })
		w.finish(required(t, w.call(w.credential())))
		must(t, w.call(w.credential()))
		equal(t, code+": client in the record", w.record(w.credential()).ClientID, "example-client-2")
	}
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
