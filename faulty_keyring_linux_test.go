package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
)

// faultyKeyring is a Secret Service that can be told to misbehave, on a bus of
// its own, and a practice GitHub for those who use it.
type faultyKeyring struct {
	practice
	*secretservice.Service
}

func startFaultyKeyring(t *testing.T) faultyKeyring {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		if os.Getenv(realVariable) == "1" {
			t.Fatalf("%s=1, but %v", realVariable, err)
		}
		t.Skipf("it needs a D-Bus session bus: %v", err)
	}
	bus := privateBus(t)
	service, err := secretservice.Start(bus.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	return faultyKeyring{startPractice(t, bus.env()...), service}
}

// signedIn has somebody sign in, and answers what is kept of it.
func (k faultyKeyring) signedIn(t *testing.T) (kept string) {
	t.Helper()
	s := serve(t, k.env)
	s.initialize()
	s.signIn(k.Sandbox)
	s.end()
	kept, found := k.Kept("valetkey", "github")
	if !found {
		t.Fatal("the token isn't kept, so this test proves nothing")
	}
	return kept
}

// moment is a wrong one for a call.
type moment struct {
	name  string
	fault secretservice.Fault
	said  []string
	// prompts is how many prompts two calls may open.
	prompts int
	// pauses says that the server leaves the keyring alone for minutes.
	pauses bool
}

func moments() []moment {
	type f = secretservice.Fault
	unlock := []string{"locked", "unlock it"}
	return []moment{
		{"locked", f{Locked: true}, unlock, 0, false},
		{"a prompt nobody answers", f{At: "Unlock", Prompt: secretservice.Ignored}, unlock, 1, false},
		{"frozen", f{At: "SearchItems", Hang: true}, unlock, 0, false},
		{"frozen from the beginning", f{At: "Collections", Hang: true}, unlock, 0, true},
		{"broken", f{At: "GetSecret", Error: "org.example.Failed"}, []string{"broken", "org.example.Failed"}, 0, false},
		{"wrong types", f{At: "Collections", Odd: true}, []string{"broken", "wrong type"}, 0, false},
		{"a signal that makes the library panic", f{At: "Unlock", Prompt: secretservice.Empty}, []string{"broken", "panic"}, 2, false},
		{"dead", f{At: "Unlock", Dies: true}, []string{"broken"}, 0, false},
	}
}

// TestFaultyKeyring: a call at the wrong moment starts no sign-in and takes
// nothing away, and the next one at a better moment works.
func TestFaultyKeyring(t *testing.T) {
	t.Parallel()
	for _, m := range moments() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			k := startFaultyKeyring(t)
			kept := k.signedIn(t)
			codes := k.asked(deviceCodePath)
			s := serve(t, k.env)
			s.initialize()
			k.Behave(m.fault)
			k.expectRefusals(t, s, m)
			if err := k.Lift(); err != nil {
				t.Fatal(err)
			}
			k.expectKept(t, kept)
			if m.pauses {
				expectSignedIn(t, k.practice)
			} else {
				eventually(t, "the running server uses the token again", func() bool {
					text, isError := s.call("github_whoami", "{}")
					return !isError && strings.Contains(text, "@mona-example")
				})
			}
			s.end()
			if k.asked(deviceCodePath) != codes {
				t.Error("a code was asked for although there is a token")
			}
			k.expectNoSecret(t, s.stdout.String()+s.stderr.String())
		})
	}
}

// expectRefusals calls twice, which has to say what is wrong.
func (k faultyKeyring) expectRefusals(t *testing.T, s *server, m moment) {
	t.Helper()
	text, isError := s.call("github_whoami", "{}")
	if !isError || !containsAll(text, m.said) {
		t.Errorf("want %q, got %q", m.said, text)
	}
	again, isError := s.call("github_whoami", "{}")
	if !isError || userCode.MatchString(text+again) {
		t.Errorf("again: %q", again)
	}
	if shown, _ := k.Prompts(); shown > m.prompts {
		t.Errorf("%d prompts were shown, want at most %d", shown, m.prompts)
	}
}

func (k faultyKeyring) expectKept(t *testing.T, kept string) {
	t.Helper()
	if now, found := k.Kept("valetkey", "github"); !found || now != kept {
		t.Errorf("what was kept isn't as before; found: %t", found)
	}
}

// TestLoginWithFaultyKeyring: who signs in hears that the token couldn't be kept
// before there is anything to approve, and what was kept before stays.
func TestLoginWithFaultyKeyring(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault secretservice.Fault
		asks  bool
		said  []string
	}{
		{"unlocking is declined", secretservice.Fault{Locked: true, Prompt: secretservice.Dismissed}, false, []string{"declined", "allow it"}},
		{"keeping is declined", secretservice.Fault{At: "CreateItem", Prompt: secretservice.Dismissed}, true, []string{"declined", "kept nothing"}},
		{"nothing is kept", secretservice.Fault{Forgets: true}, true, []string{"declined", "kept nothing"}},
		{"keeping fails", secretservice.Fault{At: "CreateItem", Error: "org.example.Full"}, true, []string{"broken", "org.example.Full"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := startFaultyKeyring(t)
			kept := k.signedIn(t)
			codes := k.asked(deviceCodePath)
			k.Behave(c.fault)
			got := run(t, k.env, "", "login", "--again")
			said := got.stdout + got.stderr
			if got.code == 0 || !containsAll(said, c.said) {
				t.Errorf("code %d, want another than 0 and %q:\n%s", got.code, c.said, said)
			}
			if strings.Contains(said, "Signed in") || strings.Contains(said, "enter code") {
				t.Errorf("it asks for an approval, or says that somebody is signed in:\n%s", said)
			}
			if asked := k.asked(deviceCodePath) > codes; asked != c.asks {
				t.Errorf("a code was asked for: %t, want %t", asked, c.asks)
			}
			k.expectKept(t, kept)
			k.expectNoSecret(t, said)
		})
	}
}

// TestLoginWaitsForThePrompt: who can't see the keyring's prompt is told of it,
// and can go.
func TestLoginWaitsForThePrompt(t *testing.T) {
	t.Parallel()
	k := startFaultyKeyring(t)
	k.Behave(secretservice.Fault{Locked: true, Prompt: secretservice.Ignored})
	command := exec.Command(binary(t), "login")
	command.Env = k.env
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	background(t, command)
	said := firstLine(t, bufio.NewReader(stderr))
	if !strings.Contains(said, "waiting for the keyring") {
		t.Errorf("it says %q", said)
	}
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	// The exit code says how it ended.
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != 1 {
		t.Errorf("code %d, want 1", code)
	}
	if shown, _ := k.Prompts(); shown != 1 || k.asked(deviceCodePath) != 0 {
		t.Errorf("%d prompts and %d codes, want 1 and 0", shown, k.asked(deviceCodePath))
	}
}

// TestLogoutThatIsDeclined: a token that is still there isn't said to be gone.
func TestLogoutThatIsDeclined(t *testing.T) {
	t.Parallel()
	k := startFaultyKeyring(t)
	k.signedIn(t)
	k.Behave(secretservice.Fault{At: "Delete", Prompt: secretservice.Dismissed})
	got := run(t, k.env, "", "logout")
	if said := got.stdout + got.stderr; got.code == 0 || !strings.Contains(said, "declined") || strings.Contains(said, "and removed") {
		t.Errorf("%+v", got)
	}
	if _, found := k.Kept("valetkey", "github"); !found {
		t.Error("the entry is gone, so this test proves nothing")
	}
}
