//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

const refreshGrant = "refresh_token"

func (p practice) expire(t *testing.T) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = with(p.env, expireVariable+"=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

// granted counts the requests for a token by their grant type.
func (p practice) granted(kind string) int {
	count := 0
	for _, r := range p.Requests() {
		if strings.HasSuffix(r.Form.Get("grant_type"), kind) {
			count++
		}
	}
	return count
}

// TestOneRefreshAmongProcesses: twelve processes find one expired token, at a
// server that revokes everything if its refresh token comes twice.
func TestOneRefreshAmongProcesses(t *testing.T) {
	k := startKeyring(t)
	p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, TokenLifetime: 8 * time.Hour}, k.env()...)
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	const processes = 12
	n := rounds(3, 100)
	for round := range n {
		p.expire(t)
		var all sync.WaitGroup
		for range processes {
			all.Go(func() {
				if got := run(t, p.env, "", "call", "github_whoami"); got.code != 0 {
					t.Errorf("round %d: %+v", round, got)
				}
			})
		}
		all.Wait()
		if got := p.granted(refreshGrant); got != round+1 {
			t.Fatalf("%d refreshes after round %d, want %d", got, round, round+1)
		}
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes, want 1", codes)
	}
	t.Logf("%d rounds of %d processes: %d refreshes, %d calls answered, 1 sign-in", n, processes, p.granted(refreshGrant), n*processes)
}

// killed starts a process and kills it after a while, wherever it is by then.
func killed(t *testing.T, env []string, after time.Duration, args ...string) {
	t.Helper()
	command := exec.Command(binary(t), args...)
	command.Env = env
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { command.Process.Kill() })
	defer timer.Stop()
	// Whether it ended by itself before doesn't matter.
	_ = command.Wait()
}

// TestKilledRefreshes: a process may be killed at any moment of a refresh or of
// what it writes. The next one goes on with the same sign-in. The server bears
// with a refresh token that comes again, since nothing else could save an answer
// that its receiver didn't live to see.
func TestKilledRefreshes(t *testing.T) {
	for name, env := range map[string]func(*testing.T) []string{
		"keyring": func(t *testing.T) []string { return startKeyring(t).env() },
		"file": func(t *testing.T) []string {
			_, folder := fileStore(t)
			return []string{"VALET_STORE=file", "VALET_DIR=" + folder, "VALET_PASSPHRASE_FILE=" + passphraseFile(t, examplePassphrase)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, TokenLifetime: 8 * time.Hour, Grace: time.Hour}, env(t)...)
			p.killRefreshes(t, rounds(10, 150))
		})
	}
}

func (p practice) killRefreshes(t *testing.T, n int) {
	t.Helper()
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	began := time.Now()
	run(t, p.env, "", "call", "github_whoami")
	whole := time.Since(began)
	for i := range n {
		p.expire(t)
		killed(t, p.env, rand.N(whole*3/2), "call", "github_whoami")
		if got := run(t, p.env, "", "call", "github_whoami"); got.code != 0 {
			t.Fatalf("after kill %d: %+v", i, got)
		}
		if status := p.status(t); !status.SignedIn || status.Account != "mona-example" || status.Outcome != "ready" {
			t.Fatalf("after kill %d: %+v", i, status)
		}
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes, want 1", codes)
	}
	t.Logf("%d kills: 0 tokens lost, 0 records corrupt, 0 further codes; %d refreshes", n, p.granted(refreshGrant))
}

// TestKilledSignIns: a process may be killed at any moment of a sign-in. The
// next one shows the same code, or has the token.
func TestKilledSignIns(t *testing.T) {
	k := startKeyring(t)
	p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, Grace: time.Hour}, k.env()...)
	n := rounds(4, 100)
	for i := range n {
		s := serve(t, p.env)
		s.initialize()
		text, _ := s.call("github_whoami", "{}")
		code := userCode.FindString(text)
		approval := time.AfterFunc(rand.N(time.Second), func() { _ = p.Approve(code) })
		timer := time.NewTimer(rand.N(1500 * time.Millisecond))
		<-timer.C
		s.process.Process.Kill()
		_ = s.process.Wait()
		p.goOn(t, i, code)
		approval.Stop()
		if codes := p.asked(deviceCodePath); codes != i+1 {
			t.Fatalf("%d codes after kill %d, want %d", codes, i, i+1)
		}
		if got := run(t, p.env, "", "logout"); got.code != 0 || k.entries() != 0 {
			t.Fatalf("%+v, %d entries left", got, k.entries())
		}
	}
	t.Logf("%d kills: 0 tokens lost, 0 further codes", n)
}

// goOn is the next process after a kill.
func (p practice) goOn(t *testing.T, i int, code string) {
	t.Helper()
	s := serve(t, p.env)
	s.initialize()
	text, _ := s.call("github_whoami", "{}")
	if shown := userCode.FindString(text); shown != "" && shown != code {
		t.Fatalf("after kill %d the code %s is shown, want %s", i, shown, code)
	}
	// It may have been approved by now.
	_ = p.Approve(code)
	eventually(t, fmt.Sprintf("the sign-in after kill %d", i), func() bool {
		text, _ = s.call("github_whoami", "{}")
		return strings.Contains(text, "@mona-example")
	})
	s.end()
}
