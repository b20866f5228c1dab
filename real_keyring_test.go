//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
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
	if k.entries() != 1 {
		t.Errorf("%d entries in the keyring, want 1", k.entries())
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

// TestDemoWithKeyring: the demo shows the restart and leaves nothing in the
// keyring, however it ends.
func TestDemoWithKeyring(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	for name, c := range map[string]struct {
		interruptAt string
		signal      func(pid int) error
		code        int
		said        string
	}{
		"to the end":                  {"", nil, 0, "signed out; the token is revoked and removed"},
		"interrupted":                 {"(approving it", interrupt, 1, "nothing of it is left"},
		"interrupted from a terminal": {"(approving it", interruptGroup, 1, "nothing of it is left"},
	} {
		t.Run(name, func(t *testing.T) {
			said, code := demoUntil(t, environment(t.TempDir(), k.env()...), c.interruptAt, c.signal)
			if code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("code %d, want %d and %q:\n%s", code, c.code, c.said, said)
			}
			if k.entries() != 0 {
				t.Errorf("%d entries are left in the keyring", k.entries())
			}
		})
	}
}

// TestDemoInterruptedSignedIn: the token that the demo has in the keyring by
// then goes too.
func TestDemoInterruptedSignedIn(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	said, code := demoUntil(t, environment(t.TempDir(), k.env()...), "4. The server is restarted", func(pid int) error {
		if k.entries() != 1 {
			t.Errorf("%d entries while signed in, want 1", k.entries())
		}
		return interruptGroup(pid)
	})
	if k.entries() != 0 {
		t.Errorf("%d entries are left in the keyring; exit code %d:\n%s", k.entries(), code, said)
	}
}

func interrupt(pid int) error      { return syscall.Kill(pid, syscall.SIGINT) }
func interruptGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) }

// demoUntil runs the demo, in a process group of its own as a shell does, and
// signals it at the line that holds a text.
func demoUntil(t *testing.T, env []string, text string, signal func(pid int) error) (said string, code int) {
	t.Helper()
	command := exec.Command(binary(t), "demo", "--approve")
	command.Env = env
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr strings.Builder
	command.Stderr = &stderr
	var all strings.Builder
	for lines := bufio.NewScanner(background(t, command)); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if signal == nil || !strings.Contains(lines.Text(), text) {
			continue
		}
		if err := signal(command.Process.Pid); err != nil {
			t.Error(err)
		}
		signal = nil
	}
	if signal != nil {
		t.Errorf("the demo never said %q", text)
	}
	// The exit code says how it ended.
	_ = command.Wait()
	return all.String() + stderr.String(), command.ProcessState.ExitCode()
}
