package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/valetkey/valetkey/sandbox"
)

// terminal is a command at a terminal, as a person has one.
type terminal struct {
	t       *testing.T
	mine    *os.File
	process *exec.Cmd

	mu    sync.Mutex
	shown strings.Builder
}

func atTerminal(t *testing.T, env []string, args ...string) *terminal {
	t.Helper()
	command := exec.Command(binary(t), args...)
	command.Env = env
	return atTerminalOf(t, command)
}

// atTerminalOf gives a command a terminal of its own.
func atTerminalOf(t *testing.T, command *exec.Cmd) *terminal {
	t.Helper()
	mine, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { mine.Close() })
	number, err := unix.IoctlGetInt(int(mine.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(mine.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	term := &terminal{t: t, mine: mine, process: command}
	term.process.Stdin, term.process.Stdout, term.process.Stderr = theirs, theirs, theirs
	term.process.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(term.process) })
	go func() { _, _ = io.Copy(term, mine) }()
	return term
}

func (s *terminal) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.Write(p)
}

func (s *terminal) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shown.String()
}

// sees waits until a text has been shown.
func (s *terminal) sees(text string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("%q is shown", text), func() bool { return strings.Contains(s.screen(), text) })
}

func (s *terminal) types(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.mine, text); err != nil {
		s.t.Fatal(err)
	}
}

// typesUnseen types once the terminal shows no more of it.
func (s *terminal) typesUnseen(text string) {
	s.t.Helper()
	eventually(s.t, "the terminal shows nothing that is typed", func() bool {
		state, err := unix.IoctlGetTermios(int(s.mine.Fd()), unix.TCGETS)
		return err == nil && state.Lflag&unix.ECHO == 0
	})
	s.types(text)
}

// code waits for the command's end and answers its exit code.
func (s *terminal) code() int {
	s.t.Helper()
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.process.Wait() }()
	select {
	case <-ended:
	case <-time.After(patience):
		s.t.Fatalf("it doesn't end: %q", s.screen())
	}
	return s.process.ProcessState.ExitCode()
}

// TestPassphraseAtATerminal: login makes the identity with a passphrase typed
// twice, logout asks for it once, and neither shows it.
func TestPassphraseAtATerminal(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "sealed")
	p := startPractice(t, "VALET_STORE=file", "VALET_DIR="+folder)
	login := atTerminal(t, p.env, "login")
	login.sees("A new passphrase, for " + filepath.Join(folder, "identity.age") + ": ")
	login.typesUnseen(examplePassphrase + "\n")
	login.sees("The same again: ")
	login.typesUnseen(examplePassphrase + "\n")
	login.sees("enter code")
	eventually(t, "the code", func() bool { return userCode.MatchString(login.screen()) })
	if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", userCode.FindString(login.screen())); err != nil {
		t.Fatal(err)
	}
	if code := login.code(); code != 0 {
		t.Errorf("login: exit code %d", code)
	}
	login.sees("The token is in a sealed file in " + folder)
	login.sees("VALET_PASSPHRASE_FILE")
	login.sees(strings.Join([]string{"Hosts find it with the same in their env:", "GITHUB_CLIENT_ID=" + sandbox.ClientID, "GITHUB_CLIENT_SECRET",
		"GITHUB_HOST=" + p.URL(), "VALET_STORE=file", "VALET_DIR=" + folder}, "\r\n  ") + "\r\n")
	p.expectSealed(t, folder, 2)
	logout := atTerminal(t, p.env, "logout")
	logout.sees("Passphrase of " + filepath.Join(folder, "identity.age") + ": ")
	logout.typesUnseen(examplePassphrase + "\n")
	if code := logout.code(); code != 0 {
		t.Errorf("logout: exit code %d", code)
	}
	logout.sees("revoked")
	for _, screen := range []string{login.screen(), logout.screen()} {
		if strings.Contains(screen, examplePassphrase) {
			t.Errorf("the passphrase was shown: %q", screen)
		}
	}
}

// TestDoctorAsksForThePassphrase: doctor asks as login does, once, and reminds
// of the hosts.
func TestDoctorAsksForThePassphrase(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	s := serve(t, with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase)))
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	doctor := atTerminal(t, p.env, "doctor")
	question := "Passphrase of " + filepath.Join(folder, "identity.age") + ": "
	doctor.sees(question)
	doctor.typesUnseen(examplePassphrase + "\n")
	if code := doctor.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	doctor.sees("✓ store")
	doctor.sees("as mona-example")
	screen := doctor.screen()
	if strings.Count(screen, question) != 1 || strings.Count(screen, "hosts can't type") != 1 || strings.Contains(screen, examplePassphrase) {
		t.Errorf("%q", screen)
	}
}

// TestCommandsAskForThePassphrase: those that only read ask once as well.
func TestCommandsAskForThePassphrase(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	s := serve(t, with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase)))
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	question := "Passphrase of " + filepath.Join(folder, "identity.age") + ": "
	for _, args := range [][]string{{"status"}, {"call", "github_whoami"}} {
		asked := atTerminal(t, p.env, args...)
		asked.sees(question)
		asked.typesUnseen(examplePassphrase + "\n")
		if code := asked.code(); code != 0 {
			t.Errorf("%q: exit code %d", args, code)
		}
		asked.sees("mona-example")
		if screen := asked.screen(); strings.Count(screen, question) != 1 || strings.Contains(screen, examplePassphrase) {
			t.Errorf("%q: %q", args, screen)
		}
		stopped := atTerminal(t, p.env, args...)
		stopped.sees(question)
		stopped.types("\x03")
		if code := stopped.code(); code != 1 {
			t.Errorf("%q: exit code %d", args, code)
		}
		stopped.sees("valetkey: stopped")
	}
}

// TestInterruptAtThePassphrase: Ctrl-C ends the command, and what is typed
// afterwards can be seen again.
func TestInterruptAtThePassphrase(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	for _, command := range []string{"login", "doctor"} {
		asked := atTerminal(t, p.env, command)
		asked.sees("Passphrase of " + filepath.Join(folder, "identity.age") + ": ")
		asked.types("\x03")
		if code := asked.code(); code != 1 {
			t.Errorf("exit code %d: %q", code, asked.screen())
		}
		asked.sees("valetkey: stopped")
		if strings.Contains(asked.screen(), "✗") {
			t.Errorf("it finds a fault in being stopped: %q", asked.screen())
		}
		settings, err := unix.IoctlGetTermios(int(asked.mine.Fd()), unix.TCGETS)
		if err != nil || settings.Lflag&unix.ECHO == 0 {
			t.Errorf("the terminal shows nothing any more: %v", err)
		}
	}
	if codes := p.asked(deviceCodePath); codes != 0 {
		t.Errorf("%d codes were asked for", codes)
	}
}

// TestDemoAtATerminal: a person approves the code, and hears how long they have.
func TestDemoAtATerminal(t *testing.T) {
	t.Parallel()
	demo := atTerminal(t, environment(t.TempDir()), "demo")
	demo.sees("Approve it in your browser, within 15 minutes;")
	page := regexp.MustCompile(`http://127\.0\.0\.1:\d+/login/device`).FindString(demo.screen())
	if err := sandbox.ApproveInPage(t.Context(), page, userCode.FindString(demo.screen())); err != nil {
		t.Fatal(err)
	}
	if code := demo.code(); code != 0 {
		t.Errorf("exit code %d: %q", code, demo.screen())
	}
	demo.sees("@mona-example")
}

// TestRealAge: the age program opens what lies in the folder, with the
// passphrase alone.
func TestRealAge(t *testing.T) {
	needReal(t, "age")
	p, folder := fileStore(t)
	s := serve(t, with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase)))
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	command := exec.Command("age", "-d", "-i", "identity.age", "github.age")
	command.Dir = folder
	opened := atTerminalOf(t, command)
	opened.sees("identity.age")
	opened.types(examplePassphrase + "\n")
	if code := opened.code(); code != 0 {
		t.Errorf("age: exit code %d", code)
	}
	opened.sees(`{"version":1,"entry":"github","record":{`)
	opened.sees(`"account":"mona-example"`)
}
