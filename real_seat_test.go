package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// seat is a machine with acme alone, whose tokens are kept in files, and a person
// in front of it.
type seat struct {
	t      *testing.T
	people *people
	// issuer is the authorization server, "" for the practice one.
	issuer string
	env    []string
	// question is what the API is asked; api is nil for the practice GitHub's.
	question string
	api      *guarded

	store credentials.Store
	// flow is which one was taken, "-" for none.
	flow string
	// shown is all that was said to the person.
	shown string
}

// guarded is an API that asks the authorization server what a token is worth (RFC
// 7662), or reads it if it is a JWT.
type guarded struct {
	url string

	mu     sync.Mutex
	tokens []string
}

func startGuarded(t *testing.T, issuer string) *guarded {
	t.Helper()
	g := &guarded{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		g.mu.Lock()
		g.tokens = append(g.tokens, token)
		g.mu.Unlock()
		if audience(token) == "" && !isActive(t, issuer, token) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"welcome":"to the API","aud":%q}`, audience(token))
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// sent answers the tokens that calls have had, each once.
func (g *guarded) sent() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Compact(slices.Clone(g.tokens))
}

func isActive(t *testing.T, issuer, token string) bool {
	t.Helper()
	answer, err := http.PostForm(issuer+"/token/introspection", url.Values{"token": {token}, "client_id": {"api-example"}, "client_secret": {"secret-example"}})
	if err != nil {
		t.Error(err)
		return false
	}
	defer answer.Body.Close()
	var said struct{ Active bool }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the introspection endpoint: %s, %v", answer.Status, err)
	}
	return said.Active
}

// takeSeat makes a seat; api is where its API is, "" for one that asks the issuer.
func takeSeat(t *testing.T, p *people, issuer, api string, set ...string) *seat {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "sealed")
	if err := errors.Join(os.Mkdir(folder, 0o700), makeIdentity(filepath.Join(folder, "identity.age"))); err != nil {
		t.Fatal(err)
	}
	passphrase := passphraseFile(t, examplePassphrase)
	s := &seat{t: t, people: p, issuer: issuer, question: `{"path":"me"}`, flow: "-"}
	if api == "" {
		s.api = startGuarded(t, issuer)
		api, set = s.api.url, with([]string{"ACME_ISSUER=" + issuer}, set...)
	}
	store, err := credentials.OpenStore("file", &credentials.Keyring{}, &credentials.SealedFiles{
		Folder: &credentials.Folder{Path: folder}, Passphrase: credentials.Passphrase{File: passphrase},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.store = store
	s.env = with(environment(t.TempDir(), "VALET_STORE=file", "VALET_DIR="+folder, "VALET_PASSPHRASE_FILE="+passphrase,
		"VALET_BROWSER=never", "VALET_SERVICES=acme", "ACME_API_URL="+api), set...)
	return s
}

// record answers what is kept, nil for nothing.
func (s *seat) record() *credentials.Record {
	s.t.Helper()
	r, err := s.store.Read(s.t.Context(), "acme")
	if err != nil && !errors.Is(err, credentials.ErrNotFound) {
		s.t.Fatal(err)
	}
	return r
}

// expire puts the token's end into the past.
func (s *seat) expire() {
	s.t.Helper()
	r := s.record()
	if r == nil {
		s.t.Fatal("there is no token to expire")
	}
	r.Generation++
	r.Token.Expiry = time.Now().Add(-time.Hour)
	if err := s.store.Write(s.t.Context(), "acme", r); err != nil {
		s.t.Fatal(err)
	}
}

// login is valetkey login while it runs.
type login struct {
	seat    *seat
	command *exec.Cmd
	stdout  *bufio.Reader
	stderr  bytes.Buffer
	said    string
	// What is to be opened, and typed in there.
	address, code string
}

func (s *seat) startLogin(args ...string) *login {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*patience)
	s.t.Cleanup(cancel)
	l := &login{seat: s, command: exec.CommandContext(ctx, binary(s.t), append([]string{"login", "acme"}, args...)...)}
	l.command.Env, l.command.Stderr = s.env, &l.stderr
	stdout, err := l.command.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := l.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { stop(l.command) })
	l.stdout = bufio.NewReader(stdout)
	return l
}

var (
	toOpen  = regexp.MustCompile(`(?m)^  open +(\S+)$`)
	toEnter = regexp.MustCompile(`(?m)^  enter code +(\S+)$`)
)

// next reads up to where it waits for an approval, and answers whether it does.
func (l *login) next() bool {
	l.address, l.code = "", ""
	for from := len(l.said); ; {
		line, err := l.stdout.ReadString('\n')
		l.said += line
		if err != nil {
			return false
		}
		if !strings.HasPrefix(line, "Waiting for the approval") {
			continue
		}
		if found := toOpen.FindStringSubmatch(l.said[from:]); found != nil {
			l.address = found[1]
		}
		l.seat.flow = "loopback"
		if found := toEnter.FindStringSubmatch(l.said[from:]); found != nil {
			l.code, l.seat.flow = found[1], "device"
		}
		if strings.Contains(l.said[from:], "It goes this way because ") {
			l.seat.flow += ", with the reason"
		}
		return true
	}
}

// end waits for its end and answers its code. It shows nothing that is secret,
// nor the provider's long address.
func (l *login) end() int {
	t := l.seat.t
	t.Helper()
	if l.next() {
		t.Errorf("it asks again: %s", l.said)
	}
	_ = l.command.Wait()
	said := l.said + l.stderr.String()
	l.seat.shown += said
	secrets := []string{"code_challenge", "state=", "client_secret"}
	if r := l.seat.record(); r != nil {
		secrets = append(secrets, r.Token.Access.Reveal(), r.Token.Refresh.Reveal())
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(said, secret) {
			t.Errorf("a secret, or %q, is shown", secret[:min(len(secret), 5)])
		}
	}
	return l.command.ProcessState.ExitCode()
}

// signIn signs in, or tries to, and names what came of it. The page says that
// somebody is signed in only when the token is there.
func (s *seat) signIn(allow bool) string {
	s.t.Helper()
	l := s.startLogin()
	if !l.next() {
		if code := l.end(); code != 1 && code != 4 || s.record() != nil {
			s.t.Errorf("it ends with code %d, and something is stored: %v: %s", code, s.record() != nil, s.shown)
		}
		return "refused at once"
	}
	saw := s.people.visit(s.t, l.address, l.code, allow)
	if l.code == "" && saw.Step == "" {
		s.t.Fatalf("the browser doesn't come back; %s says %s", saw.Address, saw.Said)
	}
	kept := s.record()
	isKept := kept != nil && !kept.Token.Access.IsZero()
	if l.code == "" && isKept != (saw.Step == "kept") {
		s.t.Errorf("the token is stored: %v, and the page is %q: %s", isKept, saw.Step, saw.Said)
	}
	switch code := l.end(); {
	case code == 0 && strings.Contains(l.said, "Signed in to Acme"):
		return "signed in"
	case code == 1 && strings.Contains(l.stderr.String(), "denied"), code == 1 && strings.Contains(l.stderr.String(), "declined"):
		return "declined"
	case code == 1 && s.record() == nil:
		return "refused later, page: " + saw.Step
	}
	return "something else: " + s.shown
}

// call asks the API, and calls expects it to answer.
func (s *seat) call() ran {
	s.t.Helper()
	return run(s.t, s.env, "", "call", "acme_api", s.question)
}

func (s *seat) calls() {
	s.t.Helper()
	if got := s.call(); got.code != 0 || !strings.Contains(got.stdout, ": 200") {
		s.t.Errorf("a call: %+v", got)
	}
}

// renews expires the token, calls, and names what becomes of the refresh token.
func (s *seat) renews() string {
	s.t.Helper()
	before := s.record()
	s.expire()
	got := s.call()
	after := s.record()
	switch {
	case got.code == 4 && strings.Contains(got.stderr, "run: valetkey login acme"):
		return "asks again"
	case got.code != 0 || after == nil || after.Token.Access.Equal(before.Token.Access):
		return fmt.Sprintf("something else: %+v", got)
	case after.Token.Refresh.Equal(before.Token.Refresh):
		return "refresh token kept"
	}
	return "refresh token rotated"
}

// leaves signs out and names what becomes of the tokens, as the server sees it.
func (s *seat) leaves() string {
	s.t.Helper()
	before := s.record()
	got := run(s.t, s.env, "", "logout", "acme")
	if s.record() != nil {
		s.t.Errorf("something is left: %+v", got)
	}
	var left []string
	for _, token := range []string{before.Token.Access.Reveal(), before.Token.Refresh.Reveal()} {
		if s.issuer != "" && token != "" && audience(token) == "" && isActive(s.t, s.issuer, token) {
			left = append(left, token)
		}
	}
	if r := before.Registration; r != nil && s.isRegistered(r) {
		left = append(left, r.ClientID)
	}
	switch {
	case got.code == 0 && strings.Contains(got.stdout, "can't be renewed any more") && len(left) == 0:
		return "revoked but for the JWT"
	case got.code == 0 && strings.Contains(got.stdout, "the token is revoked and removed") && len(left) == 0:
		if strings.Contains(got.stdout, "The client that was registered to sign in with is removed") {
			return "revoked with its client"
		}
		return "revoked"
	case got.code == 0 && strings.Contains(got.stdout, "It is still valid until you revoke it at "):
		return "page named"
	}
	return fmt.Sprintf("%d tokens or clients left: %+v", len(left), got)
}

// isRegistered asks the issuer for a client that it has registered (RFC 7592 §2.1).
func (s *seat) isRegistered(r *credentials.Registration) bool {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, r.URL, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.AccessToken.Reveal())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}
