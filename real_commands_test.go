//go:build linux

package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// runUntil runs a command, in a process group of its own as a shell does, and
// does something at the first line of its stdout that holds a text; with nil
// for what to do, it runs to its end.
func runUntil(t *testing.T, env, args []string, text string, do func(pid int, line string) error) ran {
	t.Helper()
	command := exec.Command(binary(t), args...)
	command.Env = env
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stdout, stderr strings.Builder
	command.Stderr = &stderr
	for lines := bufio.NewScanner(background(t, command)); lines.Scan(); {
		stdout.WriteString(lines.Text() + "\n")
		if do == nil || !strings.Contains(lines.Text(), text) {
			continue
		}
		if err := do(command.Process.Pid, lines.Text()); err != nil {
			t.Error(err)
		}
		do = nil
	}
	if do != nil {
		t.Errorf("it never said %q", text)
	}
	// The exit code says how it ended.
	_ = command.Wait()
	return ran{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}
}

func interrupt(pid int, _ string) error      { return syscall.Kill(pid, syscall.SIGINT) }
func interruptGroup(pid int, _ string) error { return syscall.Kill(-pid, syscall.SIGINT) }

// TestLogin: a person signs in at the command line before any host does, and
// whatever they do halfway, what they had before stays.
func TestLogin(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	p := startPractice(t, k.env()...)
	page := p.URL() + "/login/device"
	approve := func(_ int, line string) error {
		return sandbox.ApproveInPage(t.Context(), page, userCode.FindString(line))
	}
	deny := func(_ int, line string) error {
		return sandbox.DenyInPage(t.Context(), page, userCode.FindString(line))
	}
	for _, c := range []struct {
		args    string
		at      string
		do      func(int, string) error
		code    int
		said    []string
		entries int
	}{
		{"login", "enter code", interrupt, 1, []string{"open        " + page, "nothing has been stored"}, 0},
		{"login github", "enter code", deny, 1, []string{"denied"}, 0},
		{"login github --qr", "enter code", approve, 0, []string{"█", `Signed in to GitHub as mona-example. The token is in the keyring, entry "github" of "valetkey".`}, 1},
		{"login", "", nil, 0, []string{"Already signed in to GitHub as mona-example", "--again"}, 1},
		{"login --again", "enter code", interruptGroup, 1, []string{"nothing has been stored"}, 1},
		{"login --again", "enter code", deny, 1, []string{"denied"}, 1},
		{"login --again", "enter code", approve, 0, []string{"Signed in to GitHub as mona-example"}, 1},
		{"logout", "", nil, 0, []string{"revoked and removed"}, 0},
		{"logout", "", nil, 0, []string{"there was no token to remove"}, 0},
	} {
		got := runUntil(t, p.env, strings.Fields(c.args), c.at, c.do)
		said := got.stdout + got.stderr
		if got.code != c.code || slices.ContainsFunc(c.said, func(s string) bool { return !strings.Contains(said, s) }) {
			t.Errorf("%s: want code %d and %q, got %+v", c.args, c.code, c.said, got)
		}
		if k.entries() != c.entries || c.entries == 1 && !k.holds("valetkey", "github") {
			t.Errorf("%s: %d entries in the keyring, want %d", c.args, k.entries(), c.entries)
		}
		if c.entries == 1 {
			expectSignedIn(t, p)
			p.expectNoSecret(t, said)
		}
	}
}

// TestDemoWithKeyring: the demo shows the restart and leaves nothing in the
// keyring, however it ends, unless the keyring itself refuses; then it names
// what is left.
func TestDemoWithKeyring(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	// The demo goes on while this test looks, unless it is stopped.
	whileSignedIn := func(pid int, line string) error {
		stopped := syscall.Kill(-pid, syscall.SIGSTOP)
		if k.entries() != 1 {
			t.Errorf("%d entries while signed in, want 1", k.entries())
		}
		return errors.Join(stopped, interruptGroup(pid, line), syscall.Kill(-pid, syscall.SIGCONT))
	}
	lock := func(int, string) error { k.lock(); return nil }
	for _, c := range []struct {
		name, at string
		do       func(int, string) error
		code     int
		said     []string
		left     int
	}{
		{"to the end", "", nil, 0, append(keyringSteps(), "That's all."), 0},
		{"interrupted", "(approving it", interrupt, 1, []string{"nothing of it is left"}, 0},
		{"interrupted from a terminal", "(approving it", interruptGroup, 1, []string{"nothing of it is left"}, 0},
		{"interrupted while signed in", "4. The server is restarted", whileSignedIn, 1, []string{"nothing of it is left"}, 0},
		{"keyring locked meanwhile", "sign in: open", lock, 1, []string{"the demo went wrong at step 3", "locked", "removing the demo's keyring entry"}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			got := runUntil(t, environment(home, k.env()...), []string{"demo", "--approve"}, c.at, c.do)
			said := got.stdout + got.stderr
			if got.code != c.code || slices.ContainsFunc(c.said, func(s string) bool { return !strings.Contains(said, s) }) {
				t.Errorf("code %d, want %d and %q:\n%s", got.code, c.code, c.said, said)
			}
			if k.entries() != c.left {
				t.Errorf("%d entries are left in the keyring, want %d", k.entries(), c.left)
			}
			if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
				t.Errorf("left in the home directory: %v, %v", left, err)
			}
		})
	}
}
