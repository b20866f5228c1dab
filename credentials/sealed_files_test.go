package credentials

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"github.com/valetkey/valetkey/oauth"
)

const examplePassphrase = "an example of a passphrase"

// quick is a file store whose passphrase costs next to nothing.
func quick(path string, passphrase Passphrase) *SealedFiles {
	return &SealedFiles{Folder: &Folder{Path: path}, Passphrase: passphrase, workFactor: 1}
}

func folderPath(t *testing.T) string { return filepath.Join(t.TempDir(), "valetkey") }

// inFile is a passphrase in a file.
func inFile(t *testing.T, text string) Passphrase {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Passphrase{File: path}
}

// The format is age's: what it makes of identity.age with the passphrase opens
// the records.
func TestSealedFilesAreAgeFiles(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github/work", largeRecord(3))
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	by, err := age.NewScryptIdentity(examplePassphrase)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := decrypt(read("identity.age"), by)
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(bytes.NewReader(plain))
	if err != nil || len(identities) != 1 {
		t.Fatalf("%v, %v", identities, err)
	}
	record, err := decrypt(read("github+work.age"), identities...)
	if err != nil || !bytes.HasPrefix(record, []byte(`{"version":1,"entry":"github/work","record":{"version":2,"generation":3,`)) {
		t.Errorf("%.200s, %v", record, err)
	}
	for _, name := range []string{"identity.age", "github+work.age"} {
		if content := string(read(name)); !strings.HasPrefix(content, "age-encryption.org/v1\n") || strings.Contains(content, "AGE-SECRET") || strings.Contains(content, "example-") {
			t.Errorf("%s: %.100q", name, content)
		}
	}
}

// One process writes, others read, with the passphrase from a file or a command.
func TestSealedFilesAcrossProcesses(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	one := quick(path, inFile(t, examplePassphrase+"\n"))
	two := quick(path, Passphrase{Command: `"` + program + `" play print "` + examplePassphrase + `"`})
	mustWrite(t, one, "github", largeRecord(1))
	expectRecord(t, "another process", two, "github", largeRecord(1))
	mustWrite(t, two, "github/work", fullRecord())
	mustWrite(t, two, "github", largeRecord(2))
	expectRecord(t, "the first process", one, "github", largeRecord(2))
	expectRecord(t, "the other entry", one, "github/work", fullRecord())
	if err := one.Delete(t.Context(), "github"); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	expectRecord(t, "the other entry", two, "github/work", fullRecord())
}

// Never a new identity while something is there that can't be opened.
func TestNoNewIdentityBesideAnother(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"the identity is gone":      func(path string) error { return os.Remove(path) },
		"it is cut":                 func(path string) error { return os.Truncate(path, 100) },
		"it is empty":               func(path string) error { return os.Truncate(path, 0) },
		"it is something else":      func(path string) error { return os.WriteFile(path, []byte("example"), 0o600) },
		"it is a record":            func(path string) error { return os.Rename(filepath.Join(filepath.Dir(path), "github.age"), path) },
		"it is in the clear":        func(path string) error { return os.WriteFile(path, []byte("AGE-SECRET-KEY-1EXAMPLE\n"), 0o600) },
		"the passphrase seals more": func(path string) error { return sealText(path, "example, and no identity") },
		"it is a directory":         func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		path := folderPath(t)
		maker := quick(path, inFile(t, examplePassphrase))
		mustWrite(t, maker, "github", fullRecord())
		mustWrite(t, maker, "github/work", fullRecord())
		if err := spoil(filepath.Join(path, identityFile)); err != nil {
			t.Fatal(err)
		}
		before := names(t, path)
		// One that has the identity in memory must not go on with it: what it
		// writes could not be opened by any other.
		for who, s := range map[string]*SealedFiles{"a new process": quick(path, inFile(t, examplePassphrase)), "the one that made it": maker} {
			_, read := s.Read(t.Context(), "github/work")
			for operation, err := range map[string]error{"Read": read, "Ready": s.Ready(t.Context()), "Write": s.Write(t.Context(), "github/work", fullRecord())} {
				expectOutcome(t, name+", "+who+", "+operation, err, Broken)
				if errors.Is(err, errRecord) || !strings.Contains(err.Error(), "identity.age") || strings.Contains(err.Error(), "example") {
					t.Errorf("%s, %s, %s: %v", name, who, operation, err)
				}
			}
		}
		asked := &person{answers: []string{examplePassphrase, examplePassphrase}}
		if err := quick(path, asked.passphrase()).Ready(t.Context()); err == nil || name == "the identity is gone" && len(asked.questions) != 0 {
			t.Errorf("%s: %v, asked %q", name, err, asked.questions)
		}
		if after := names(t, path); after != before {
			t.Errorf("%s: %s, before %s", name, after, before)
		}
	}
}

// sealText seals a text with the passphrase that opens identities.
func sealText(path, text string) error {
	to, err := age.NewScryptRecipient(examplePassphrase)
	if err != nil {
		return err
	}
	to.SetWorkFactor(1)
	sealed, err := encrypt([]byte(text), to)
	return errors.Join(err, os.WriteFile(path, sealed, 0o600))
}

func names(t *testing.T, path string) string {
	t.Helper()
	all, err := (&Folder{Path: path}).names("", "")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// Each record is taken for no other, and for none if it can't be opened.
func TestWrongRecordFiles(t *testing.T) {
	t.Parallel()
	for name, meddle := range map[string]func(path string) error{
		"another entry's": func(path string) error {
			return os.Rename(filepath.Join(path, "github+work.age"), filepath.Join(path, "github.age"))
		},
		"another identity's": func(path string) error {
			other, err := age.GenerateX25519Identity()
			if err != nil {
				return err
			}
			sealed, err := seal("github", fullRecord(), other.Recipient())
			return errors.Join(err, os.WriteFile(filepath.Join(path, "github.age"), sealed, 0o600))
		},
		"cut":   func(path string) error { return os.Truncate(filepath.Join(path, "github.age"), 300) },
		"empty": func(path string) error { return os.Truncate(filepath.Join(path, "github.age"), 0) },
		"in the clear": func(path string) error {
			return os.WriteFile(filepath.Join(path, "github.age"), []byte(`{"version":1,"access_token":"example"}`), 0o600)
		},
	} {
		path := folderPath(t)
		s := quick(path, inFile(t, examplePassphrase))
		mustWrite(t, s, "github", fullRecord())
		mustWrite(t, s, "github/work", fullRecord())
		if err := meddle(path); err != nil {
			t.Fatal(err)
		}
		_, err := s.Read(t.Context(), "github")
		expectOutcome(t, name, err, Broken)
		if !errors.Is(err, errRecord) || !strings.Contains(err.Error(), "github.age") || !strings.Contains(err.Error(), "valetkey logout") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Processes that store their first record at the same moment make one identity.
func TestManyMakeOneIdentity(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	passphrase := inFile(t, examplePassphrase)
	entries := []string{"github", "github/a", "github/b", "github/c", "github/d", "github/e"}
	var all sync.WaitGroup
	for _, entry := range entries {
		all.Go(func() {
			if err := quick(path, passphrase).Write(t.Context(), entry, fullRecord()); err != nil {
				t.Errorf("%s: %v", entry, err)
			}
		})
	}
	all.Wait()
	s := quick(path, passphrase)
	for _, entry := range entries {
		expectRecord(t, entry, s, entry, fullRecord())
	}
}

// One that comes second with another passphrase is told.
func TestTwoMakeOneIdentityWithTwoPassphrases(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	p := &person{answers: []string{"another example", "another example"}}
	ask := p.passphrase().Ask
	s := quick(path, Passphrase{Ask: func(ctx context.Context, question string) (oauth.Secret, error) {
		if len(p.questions) == 1 {
			mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
		}
		return ask(ctx, question)
	}})
	expectOutcome(t, "the second", s.Write(t.Context(), "github", largeRecord(1)), Locked)
	expectRecord(t, "the first one's", quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
}

// A person who changes the passphrase, or starts afresh, needn't restart hosts.
func TestIdentityIsReplaced(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	passphrase := inFile(t, examplePassphrase)
	s := quick(path, passphrase)
	mustWrite(t, s, "github", fullRecord())
	for _, name := range []string{identityFile, "github.age"} {
		if err := os.Remove(filepath.Join(path, name)); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, quick(path, passphrase), "github", largeRecord(1))
	expectRecord(t, "with the new identity", s, "github", largeRecord(1))
}

// A service is not asked for a code whose token couldn't be kept.
func TestNoSignInWithoutAPassphrase(t *testing.T) {
	t.Parallel()
	s := quick(folderPath(t), Passphrase{})
	c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: s, Folder: s.Folder, HTTP: unused(t)})
	defer c.Close()
	_, token := c.token(t.Context())
	_, signIn := c.SignIn(t.Context())
	for name, err := range map[string]error{"a call": token, "SignIn": signIn} {
		expectOutcome(t, name, err, Locked)
		if !strings.Contains(err.Error(), "github: the file store is locked") || !strings.Contains(err.Error(), "VALET_PASSPHRASE_FILE") {
			t.Errorf("%s: %v", name, err)
		}
	}
	status, err := c.Status(t.Context())
	if err != nil || status.SignedIn || status.Store != SourceSealed || !strings.Contains(status.StoreNote, "VALET_PASSPHRASE_FILE") {
		t.Errorf("%+v, %v", status, err)
	}
}
