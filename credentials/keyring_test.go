package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	keyring "github.com/zalando/go-keyring"

	"github.com/valetkey/valetkey/oauth"
)

// These tests are about what surrounds go-keyring, whose faults are played.

// working is a keyring without a fault.
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

// A dismissed prompt makes go-keyring's Delete answer nil too.
func TestKeyringReadsBackWhatItDeleted(t *testing.T) {
	t.Parallel()
	k := working()
	if err := k.system.set(KeyringName, "github", "example-secret"); err != nil {
		t.Fatal(err)
	}
	remove := k.system.delete
	k.system.delete = func(string, string) error { return nil }
	expectOutcome(t, "a delete that did nothing", k.Delete(t.Context(), "github"), Declined)
	k.system.delete = remove
	if err := k.Delete(t.Context(), "github"); err != nil {
		t.Error(err)
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

// A corrupt record, or one of a later version, neither causes a sign-in by
// itself nor is it overwritten by one that a person asks for, or by a key; a
// sign-out removes the one and leaves the other.
func TestRecordThatCannotBeReadIsLeftAlone(t *testing.T) {
	t.Parallel()
	for text, isLater := range map[string]bool{
		"example-secret, not a record": false, `{"version":99,"access_token":"example-secret"}`: true,
		`{"version":99,"entry":"github","sealed_file":"example"}`: true,
	} {
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
		_, bring := c.Bring(t.Context(), oauth.NewSecret("example-key"))
		advice := "valetkey logout"
		if isLater {
			advice = "a later valetkey wrote it (format 99); update this one"
		}
		for name, err := range map[string]error{"token": token, "SignIn": signIn, "Status": status, "Bring": bring} {
			expectOutcome(t, name, err, Broken)
			if !strings.Contains(err.Error(), advice) || strings.Contains(err.Error(), "example-secret") {
				t.Errorf("%s: %v", name, err)
			}
		}
		out, err := c.SignOut(t.Context())
		if isLater {
			expectOutcome(t, "SignOut", err, Broken)
			if kept, err := k.system.get(KeyringName, "github"); err != nil || kept != text {
				t.Errorf("after SignOut: %q, %v", kept, err)
			}
			c.Close()
			continue
		}
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
