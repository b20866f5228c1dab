package credentials_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

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
