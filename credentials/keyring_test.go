package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	keyring "github.com/zalando/go-keyring"
)

// These tests are about what surrounds go-keyring: its faults are played, and
// the clock is synctest's, so that no deadline is really waited for.

func working() *Keyring {
	entries := map[string]string{}
	return &Keyring{system: system{
		probe: func(context.Context, bool) error { return nil },
		get: func(service, entry string) (string, error) {
			text, ok := entries[service+" "+entry]
			if !ok {
				return "", keyring.ErrNotFound
			}
			return text, nil
		},
		set: func(service, entry, text string) error {
			entries[service+" "+entry] = text
			return nil
		},
		delete: func(service, entry string) error {
			if _, ok := entries[service+" "+entry]; !ok {
				return keyring.ErrNotFound
			}
			delete(entries, service+" "+entry)
			return nil
		},
	}}
}

// failing is a keyring every call to which ends with an error.
func failing(err error) *Keyring {
	k := working()
	k.system.get = func(string, string) (string, error) { return "", err }
	k.system.set = func(string, string, string) error { return err }
	k.system.delete = func(string, string) error { return err }
	return k
}

// operations are all the calls of a store, which fail alike.
func operations(s Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Read":   func(ctx context.Context) error { _, err := s.Read(ctx, "github"); return err },
		"Write":  func(ctx context.Context) error { return s.Write(ctx, "github", fullRecord()) },
		"Delete": func(ctx context.Context) error { return s.Delete(ctx, "github") },
	}
}

func expectOutcome(t *testing.T, what string, err error, want Outcome) {
	t.Helper()
	var failed *StoreError
	if !errors.As(err, &failed) || failed.Outcome != want {
		t.Errorf("%s: %v, want outcome %s", what, err, want)
	}
}

func TestStoresKeepRecords(t *testing.T) {
	t.Parallel()
	auto, err := OpenStore("auto", working())
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Store{"keyring": working(), "memory": &Memory{}, "auto": auto} {
		ctx := t.Context()
		if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: an empty store: %v", name, err)
		}
		if err := s.Delete(ctx, "github"); err != nil {
			t.Errorf("%s: deleting nothing: %v", name, err)
		}
		if err := s.Write(ctx, "github", fullRecord()); err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(ctx, "github")
		if err != nil || !r.Token.Access.Equal(fullRecord().Token.Access) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if _, err := s.Read(ctx, "github/work"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: another entry: %v", name, err)
		}
		if err := s.Delete(ctx, "github"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: after Delete: %v", name, err)
		}
	}
}

// A record that was read is the reader's own.
func TestMemoryGivesCopies(t *testing.T) {
	t.Parallel()
	var m Memory
	r := fullRecord()
	if err := m.Write(t.Context(), "github", r); err != nil {
		t.Fatal(err)
	}
	r.Account = "changed after Write"
	first, err := m.Read(t.Context(), "github")
	if err != nil {
		t.Fatal(err)
	}
	first.Account = "changed after Read"
	second, err := m.Read(t.Context(), "github")
	if err != nil || second.Account != "octocat" {
		t.Errorf("%+v, %v", second, err)
	}
}

// The names under which people find the entries in their keyring program.
func TestKeyringNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "valetkey", "valetkey-demo": "valetkey-demo"} {
		k := working()
		k.Name = name
		var asked string
		k.system.get = func(service, entry string) (string, error) {
			asked = service + " " + entry
			return "", keyring.ErrNotFound
		}
		if _, err := k.Read(t.Context(), "github/work"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		if asked != want+" github/work" {
			t.Errorf("%q was asked for", asked)
		}
	}
}

func TestKeyringOutcomes(t *testing.T) {
	t.Parallel()
	unlock := errors.New("failed to unlock correct collection '/org/freedesktop/secrets/collection/login'")
	cases := []struct {
		name                 string
		err                  error
		serving, interactive Outcome
	}{
		{"unsupported", keyring.ErrUnsupportedPlatform, Absent, Absent},
		{"no dbus-launch", &exec.Error{Name: "dbus-launch", Err: exec.ErrNotFound}, Absent, Absent},
		{"not unlocked", unlock, Locked, Declined},
		{"too big", keyring.ErrSetDataTooBig, Broken, Broken},
		{"anything else", errors.New("example-secret in an odd answer"), Broken, Broken},
		{"exit code", exitError(t, "fail", "example-secret"), Broken, Broken},
	}
	for _, c := range cases {
		for _, interactive := range []bool{false, true} {
			k := failing(c.err)
			k.Interactive = interactive
			want := c.serving
			if interactive {
				want = c.interactive
			}
			for name, run := range operations(k) {
				err := run(t.Context())
				expectOutcome(t, c.name+" "+name, err, want)
				if strings.Contains(err.Error(), "example-secret") {
					t.Errorf("%s: the error quotes the keyring: %v", c.name, err)
				}
			}
		}
	}
}

// exitError is what exec answers for a program that ends with a code.
func exitError(t *testing.T, args ...string) error {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	err = exec.Command(program, append([]string{"play"}, args...)...).Run()
	if !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("%v", err)
	}
	return err
}

// The codes are those of SecBase.h modulo 256.
func TestExitCodesOfSecurity(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]Outcome{-25308: Locked, -25293: Declined, -128: Declined, 1: Broken, -25299: Broken} {
		if got := exitOutcome(status & 0xff); got != want {
			t.Errorf("%d: %s, want %s", status, got, want)
		}
	}
}

// Each message says what a person can do.
func TestStoreErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[Outcome]string{
		Absent: "gnome-keyring", Locked: "unlock it", Declined: "allow it", Broken: "VALET_STORE=memory",
	} {
		text := (&StoreError{Outcome: outcome, Reason: "a reason"}).Error()
		if !strings.Contains(text, want) || !strings.Contains(text, string(outcome)) || !strings.Contains(text, "a reason") {
			t.Errorf("%s: %s", outcome, text)
		}
		if got := OutcomeOf(fmt.Errorf("github: %w", &StoreError{Outcome: outcome})); got != outcome {
			t.Errorf("outcome of %s: %s", outcome, got)
		}
	}
	for _, err := range []error{nil, ErrNotFound} {
		if got := OutcomeOf(err); got != Ready {
			t.Errorf("outcome of %v: %s", err, got)
		}
	}
	if got := OutcomeOf(errors.New("x")); got != Broken {
		t.Errorf("outcome of another error: %s", got)
	}
}

// A record that makes no sense is not one that isn't there.
func TestKeyringRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.get = func(string, string) (string, error) { return "example-secret, not a record", nil }
	_, err := k.Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Broken)
	if !errors.Is(err, errRecord) || errors.Is(err, ErrNotFound) || strings.Contains(err.Error(), "example-secret") {
		t.Errorf("%v", err)
	}
	for _, part := range []string{`"github"`, `"valetkey"`, "valetkey logout", "valetkey login"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

// go-keyring reports success for a dialog the person has dismissed.
func TestKeyringReadsBackWhatItWrote(t *testing.T) {
	t.Parallel()
	dropped := working()
	dropped.system.set = func(string, string, string) error { return nil }
	old := working()
	set := old.system.set
	if err := old.Write(t.Context(), "github", fullRecord()); err != nil {
		t.Fatal(err)
	}
	old.system.set = func(string, string, string) error { return nil }
	cut := working()
	cut.system.set = func(service, entry, text string) error { return set(service, entry, text[:len(text)-1]) }
	cut.system.get = old.system.get
	newer := fullRecord()
	newer.Generation++
	for name, k := range map[string]*Keyring{"dropped": dropped, "the old one is still there": old, "cut": cut} {
		expectOutcome(t, name, k.Write(t.Context(), "github", newer), Declined)
	}
}

func TestKeyringEntryLimits(t *testing.T) {
	t.Parallel()
	// Windows: CRED_MAX_CREDENTIAL_BLOB_SIZE is 5*512. macOS: go-keyring
	// refuses a command of more than 4,096 bytes, and lets a process leak then.
	const service, entry = "valetkey-demo-4194304", "github/"
	longest := entry + strings.Repeat("a", maxAccount)
	command := fmt.Sprintf("add-generic-password -U -s '%s' -a '%s' -w 'go-keyring-base64:%s'\n", service, longest, strings.Repeat("x", (entryLimit("darwin")+2)/3*4))
	if len(command) > 4096 {
		t.Errorf("macOS: the command takes %d bytes", len(command))
	}
	if entryLimit("windows") != 5*512 || entryLimit("linux") != 0 {
		t.Errorf("windows %d, linux %d", entryLimit("windows"), entryLimit("linux"))
	}
	k := working()
	text, err := fullRecord().encode()
	if err != nil {
		t.Fatal(err)
	}
	k.system.limit = len(text.Reveal())
	if err := k.Write(t.Context(), "github", fullRecord()); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	k.system.limit--
	k.system.set = func(string, string, string) error { t.Error("the keyring was asked"); return nil }
	err = k.Write(t.Context(), "github", fullRecord())
	expectOutcome(t, "beyond the limit", err, Broken)
}

func TestKeyringPanics(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.get = func(string, string) (string, error) { panic("example-secret in an odd answer") }
	_, err := k.Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Broken)
	if strings.Contains(err.Error(), "example-secret") {
		t.Errorf("the error quotes the answer: %v", err)
	}
	k.system.get = working().system.get
	if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the call after a panic: %v", err)
	}
}

// hanging is a keyring whose reads don't come back before they are released,
// such as one that waits for a password.
func hanging() (k *Keyring, calls *atomic.Int32, release chan struct{}) {
	k, calls, release = working(), new(atomic.Int32), make(chan struct{})
	k.system.get = func(string, string) (string, error) {
		calls.Add(1)
		<-release
		return "", keyring.ErrNotFound
	}
	return k, calls, release
}

func TestKeyringThatHangs(t *testing.T) {
	t.Parallel()
	for interactive, limit := range map[bool]time.Duration{false: 2 * time.Second, true: 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			k, calls, release := hanging()
			k.Interactive = interactive
			began := time.Now()
			_, err := k.Read(t.Context(), "github")
			expectOutcome(t, "the call that hangs", err, Locked)
			if waited := time.Since(began); waited != limit {
				t.Errorf("it took %s, want %s", waited, limit)
			}
			began = time.Now()
			for name, run := range operations(k) {
				expectOutcome(t, name+" meanwhile", run(t.Context()), Locked)
			}
			if waited := time.Since(began); waited != 0 {
				t.Errorf("calls meanwhile took %s", waited)
			}
			// However long it takes, nobody opens a second dialog.
			pass(time.Hour)
			_, err = k.Read(t.Context(), "github")
			expectOutcome(t, "an hour later", err, Locked)
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls of go-keyring, want 1", n)
			}
			close(release)
			synctest.Wait()
			if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
				t.Errorf("after the late answer: %v", err)
			}
		})
	}
}

// A call that waits for its turn behind a slow one has a deadline of its own.
func TestKeyringCallsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, calls, release := hanging()
		slow, next, late := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		read := func(ended chan<- error) {
			_, err := k.Read(t.Context(), "github")
			ended <- err
		}
		go read(slow)
		synctest.Wait()
		pass(time.Second)
		go read(next)
		go func() { late <- k.Write(t.Context(), "github", fullRecord()) }()
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls at a time", n)
		}
		pass(999 * time.Millisecond)
		close(release)
		if err := <-slow; !errors.Is(err, ErrNotFound) {
			t.Errorf("the slow one: %v", err)
		}
		if err := <-next; !errors.Is(err, ErrNotFound) {
			t.Errorf("the one that waited: %v", err)
		}
		// hanging has nothing to read back.
		expectOutcome(t, "the write that waited", <-late, Declined)
	})
	synctest.Test(t, func(t *testing.T) {
		k, _, release := hanging()
		defer close(release)
		first := make(chan error, 1)
		go func() {
			_, err := k.Read(t.Context(), "github")
			first <- err
		}()
		synctest.Wait()
		pass(time.Second)
		began := time.Now()
		expectOutcome(t, "the one that waits", k.Delete(t.Context(), "github"), Locked)
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("it waited %s", waited)
		}
		expectOutcome(t, "the one that hangs", <-first, Locked)
	})
}

// pass lets synctest's clock run on.
func pass(d time.Duration) { <-time.After(d) }

// The caller's own end is no fault of the keyring's.
func TestKeyringCallerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, _, release := hanging()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := k.Read(ctx, "github")
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*StoreError)) {
			t.Errorf("the caller's deadline: %v", err)
		}
		cancelled, cancelNow := context.WithCancel(t.Context())
		cancelNow()
		if _, err := k.Read(cancelled, "github"); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller's cancel: %v", err)
		}
		close(release)
		synctest.Wait()
		if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("after that: %v", err)
		}
	})
}

// A bus that gives no answer to the probe: go-keyring isn't called at all, and
// the bus is left alone for five minutes.
func TestKeyringProbeThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := working()
		get := k.system.get
		k.system.get = func(string, string) (string, error) { t.Error("go-keyring was called"); return "", nil }
		probes := 0
		k.system.probe = func(ctx context.Context, _ bool) error {
			probes++
			<-ctx.Done()
			return &StoreError{Outcome: Absent, Reason: "what a probe says after its time is up"}
		}
		_, err := k.Read(t.Context(), "github")
		expectOutcome(t, "the probe that hangs", err, Locked)
		pass(5*time.Minute - time.Second)
		_, err = k.Read(t.Context(), "github")
		expectOutcome(t, "within five minutes", err, Locked)
		if probes != 1 {
			t.Errorf("%d probes", probes)
		}
		pass(time.Second)
		k.system.get = get
		k.system.probe = func(context.Context, bool) error { return nil }
		if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("after five minutes: %v", err)
		}
	})
}

func TestKeyringProbeRefuses(t *testing.T) {
	t.Parallel()
	for _, outcome := range []Outcome{Absent, Locked, Declined, Broken} {
		k := working()
		k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: outcome, Reason: "a test"} }
		k.system.get = func(string, string) (string, error) { t.Error("go-keyring was called"); return "", nil }
		_, err := k.Read(t.Context(), "github")
		expectOutcome(t, string(outcome), err, outcome)
	}
}

// Memory takes the keyring's place only if there is none, and from then on.
func TestAutoStore(t *testing.T) {
	t.Parallel()
	absent := &StoreError{Outcome: Absent, Reason: "there is none"}
	k := working()
	probe := func(err error) { k.system.probe = func(context.Context, bool) error { return err } }
	s, err := OpenStore("auto", k)
	if err != nil {
		t.Fatal(err)
	}
	probe(absent)
	ctx := t.Context()
	if _, err := s.Read(ctx, "github"); !errors.Is(err, ErrNotFound) || s.Source() != SourceMemory {
		t.Errorf("without a keyring: %v, %s", err, s.Source())
	}
	if note := s.Note(); !strings.Contains(note, "there is none") || !strings.Contains(note, "memory only") || !strings.Contains(note, "API key") {
		t.Errorf("the note: %s", note)
	}
	if err := s.Write(ctx, "github", fullRecord()); err != nil {
		t.Fatal(err)
	}
	probe(nil)
	if r, err := s.Read(ctx, "github"); err != nil || r.Account != "octocat" || s.Source() != SourceMemory {
		t.Errorf("a keyring that comes later: %v, %v, %s", r, err, s.Source())
	}
	if _, err := k.Read(ctx, "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the keyring itself: %v", err)
	}
}

func TestAutoStoreStaysWithAKeyring(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]error{
		"that has answered": nil, "that is locked": &StoreError{Outcome: Locked}, "that has declined": &StoreError{Outcome: Declined}, "that is broken": &StoreError{Outcome: Broken},
	} {
		k := working()
		answer := first
		k.system.probe = func(context.Context, bool) error { return answer }
		s, err := OpenStore("auto", k)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Read(t.Context(), "github")
		if OutcomeOf(err) != OutcomeOf(first) {
			t.Errorf("%s: %v", name, err)
		}
		answer = &StoreError{Outcome: Absent, Reason: "gone"}
		for operation, run := range operations(s) {
			expectOutcome(t, "a keyring "+name+", then ends: "+operation, run(t.Context()), Absent)
		}
		if s.Source() != SourceKeyring || s.Note() != "" {
			t.Errorf("a keyring %s: %s, %q", name, s.Source(), s.Note())
		}
	}
}

// A caller who gives up says nothing about the keyring.
func TestAutoStoreAfterACancel(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Absent, Reason: "there is none"} }
	s, err := OpenStore("auto", k)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Read(ctx, "github"); !errors.Is(err, context.Canceled) && !errors.Is(err, ErrNotFound) {
		t.Errorf("a cancelled call: %v", err)
	}
	if _, err := s.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) || s.Source() != SourceMemory {
		t.Errorf("the next: %v, %s", err, s.Source())
	}
}

// The mode keyring is meant: no memory in its place.
func TestKeyringModeStaysWithoutAKeyring(t *testing.T) {
	t.Parallel()
	k := working()
	k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Absent, Reason: "there is none"} }
	s, err := OpenStore("keyring", k)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(t.Context(), "github")
	expectOutcome(t, "Read", err, Absent)
	c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: s})
	defer c.Close()
	_, err = c.token(t.Context())
	expectOutcome(t, "a token", err, Absent)
}

// A corrupt record, or one of a later version, neither causes a sign-in by
// itself nor is it overwritten by one that a person asks for; a sign-out
// removes it.
func TestRecordThatCannotBeReadIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"example-secret, not a record", `{"version":2,"access_token":"example-secret"}`} {
		k := working()
		if err := k.system.set(KeyringName, "github", text); err != nil {
			t.Fatal(err)
		}
		set := k.system.set
		k.system.set = func(string, string, string) error { t.Error("the entry was overwritten"); return nil }
		c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: k, HTTP: unused(t)})
		_, token := c.token(t.Context())
		_, signIn := c.SignIn(t.Context())
		_, status := c.Status(t.Context())
		for name, err := range map[string]error{"token": token, "SignIn": signIn, "Status": status} {
			expectOutcome(t, name, err, Broken)
			if !strings.Contains(err.Error(), "valetkey logout") || strings.Contains(err.Error(), "example-secret") {
				t.Errorf("%s: %v", name, err)
			}
		}
		out, err := c.SignOut(t.Context())
		if err != nil || !out.Found || out.Revoked || !errors.Is(out.RevokeError, errRecord) {
			t.Errorf("SignOut: %+v, %v", out, err)
		}
		k.system.set = set
		if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("after SignOut: %v", err)
		}
		c.Close()
	}
}

// unused is a client for an authorization server that must not be asked.
func unused(t *testing.T) *http.Client {
	return &http.Client{Transport: unusedTransport{t}}
}

type unusedTransport struct{ t *testing.T }

func (u unusedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	u.t.Errorf("%s was asked", r.URL)
	return nil, errors.New("unused")
}
