//go:build linux

package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// TestKeyringStory: a sign-in outlives the process, its status can be read, and
// signing out leaves neither a token that works nor an entry.
func TestKeyringStory(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	p := startPractice(t, k.env()...)
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	if !k.holds("valetkey", "github") {
		t.Errorf("%d entries in the keyring, want github of valetkey", k.entries())
	}
	expectSignedIn(t, p)
	if !p.tokenWorks(t) {
		t.Error("the token doesn't work before it is revoked, so this test proves nothing")
	}
	status := p.status(t)
	if !status.SignedIn || status.Source != "keyring" || status.Outcome != "ready" || status.Account != "mona-example" {
		t.Errorf("the status is %+v", status)
	}
	got := run(t, p.env, "", "logout")
	if got.code != 0 || !strings.Contains(got.stdout, "revoked and removed") {
		t.Errorf("logout: %+v", got)
	}
	if p.tokenWorks(t) || k.entries() != 0 {
		t.Errorf("the token works: %t; %d entries are left", p.tokenWorks(t), k.entries())
	}
	if got := run(t, p.env, "", "status"); got.code != 4 {
		t.Errorf("status after logout: %+v", got)
	}
	p.expectNoSecret(t, s.stdout.String()+s.stderr.String()+got.stdout+got.stderr)
}

// expectSignedIn starts a server afresh and calls a tool, which has to work
// without another code.
func expectSignedIn(t *testing.T, p practice) {
	t.Helper()
	codes := p.asked(deviceCodePath)
	s := serve(t, p.env)
	s.initialize()
	if text, isError := s.call("github_whoami", "{}"); isError || !strings.Contains(text, "@mona-example") {
		t.Errorf("not signed in: %q", text)
	}
	s.end()
	if p.asked(deviceCodePath) != codes {
		t.Error("a code was asked for although there is a token")
	}
}

// tokenWorks asks the practice GitHub itself, with the token it was last asked
// with.
func (p practice) tokenWorks(t *testing.T) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL()+"/api/v3/user", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Requests() {
		if r.Path == "/api/v3/user" {
			request.Header.Set("Authorization", r.Header.Get("Authorization"))
		}
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

type statusJSON struct {
	SignedIn bool   `json:"signed_in"`
	Source   string `json:"source"`
	Outcome  string `json:"store_outcome"`
	Account  string `json:"account"`
	Mend     string `json:"mend"`
}

func (p practice) status(t *testing.T) statusJSON {
	t.Helper()
	got := run(t, p.env, "", "status", "--json")
	var all []statusJSON
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	return all[0]
}

// TestKeyringIsShared: what one host has signed in to, another one finds, also
// if it was started before.
func TestKeyringIsShared(t *testing.T) {
	t.Parallel()
	p := startPractice(t, startKeyring(t).env()...)
	first, second := serve(t, p.env), serve(t, p.env)
	first.initialize()
	second.initialize()
	first.signIn(p.Sandbox)
	if text, isError := second.call("github_whoami", "{}"); isError || !strings.Contains(text, "@mona-example") {
		t.Errorf("the second host isn't signed in: %q", text)
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes were asked for, want 1", codes)
	}
	first.end()
	second.end()
}

// TestKeyringLocked: nobody is signed in afresh because the keyring is locked.
// They are told to unlock it, and it goes on from there.
func TestKeyringLocked(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	p := startPractice(t, k.env()...)
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	k.lock()
	codes := p.asked(deviceCodePath)
	s = serve(t, p.env)
	s.initialize()
	text, isError := s.call("github_whoami", "{}")
	if !isError || !strings.Contains(text, "locked") || !strings.Contains(text, "unlock it") {
		t.Errorf("the call doesn't say what to do: %q", text)
	}
	if status := p.status(t); status.SignedIn || status.Outcome != "locked" || !strings.Contains(status.Mend, "unlock it") {
		t.Errorf("the status is %+v", status)
	}
	if p.asked(deviceCodePath) != codes || k.entries() != 1 {
		t.Errorf("%d more codes and %d entries, want 0 and 1", p.asked(deviceCodePath)-codes, k.entries())
	}
	k.unlock()
	if text, isError := s.call("github_whoami", "{}"); isError || !strings.Contains(text, "@mona-example") {
		t.Errorf("unlocking it didn't help the running server: %q", text)
	}
	s.end()
	expectSignedIn(t, p)
}

// TestKeyringMissing: on a bus without a keyring the sign-in is kept in memory,
// and valetkey says so.
func TestKeyringMissing(t *testing.T) {
	t.Parallel()
	p := startPractice(t, startBus(t).env()...)
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	if status := p.status(t); status.SignedIn || status.Outcome == "locked" {
		t.Errorf("the status is %+v", status)
	}
}

// TestKeyringRefresh: each process refreshes the token it finds and puts the new
// refresh token back; one used twice would end the sign-in.
func TestKeyringRefresh(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	// A token this short counts as stale from the start.
	p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, TokenLifetime: 30 * time.Second}, k.env()...)
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	for range 3 {
		expectSignedIn(t, p)
	}
	used := map[string]int{}
	for _, r := range p.Requests() {
		if r.Form.Get("grant_type") == "refresh_token" {
			used[r.Form.Get("refresh_token")]++
		}
	}
	if len(used) < 3 {
		t.Errorf("%d refresh tokens were used by three processes", len(used))
	}
	for _, times := range used {
		if times != 1 {
			t.Errorf("a refresh token was used %d times", times)
		}
	}
	if !k.holds("valetkey", "github") {
		t.Errorf("%d entries in the keyring, want github of valetkey", k.entries())
	}
	p.expectNoSecret(t, s.stdout.String()+s.stderr.String())
}
