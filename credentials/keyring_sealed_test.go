package credentials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	keyring "github.com/zalando/go-keyring"

	"github.com/valetkey/valetkey/oauth"
)

// entryRoom is what an entry of the tests holds, as on Windows.
const entryRoom = 2560

// entries is a keyring that several processes share, as it were. Its hooks run
// at the beginning of a call and at its end; an error is the call's.
type entries struct {
	folder *Folder

	mu                            sync.Mutex
	texts                         map[string]string
	beforeGet, beforeSet, setDone func() error
}

func newEntries(t *testing.T) *entries {
	return &entries{folder: &Folder{Path: filepath.Join(t.TempDir(), "valetkey")}, texts: map[string]string{}}
}

func (e *entries) call(hook *func() error) error {
	e.mu.Lock()
	call := *hook
	e.mu.Unlock()
	if call == nil {
		return nil
	}
	return call()
}

func (e *entries) get(_, entry string) (string, error) {
	if err := e.call(&e.beforeGet); err != nil {
		return "", err
	}
	return e.text(entry)
}

func (e *entries) text(entry string) (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	text, ok := e.texts[entry]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (e *entries) set(_, entry, text string) error {
	if err := e.call(&e.beforeSet); err != nil {
		return err
	}
	if len(text) > entryRoom {
		return keyring.ErrSetDataTooBig
	}
	e.mu.Lock()
	e.texts[entry] = text
	e.mu.Unlock()
	return e.call(&e.setDone)
}

func (e *entries) delete(_, entry string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.texts[entry]; !ok {
		return keyring.ErrNotFound
	}
	delete(e.texts, entry)
	return nil
}

// process is one more user of the entries.
func (e *entries) process() *Keyring {
	return &Keyring{Folder: e.folder, system: system{
		probe: func(context.Context, bool) error { return nil }, get: e.get, set: e.set, delete: e.delete, limit: entryRoom,
	}}
}

// files are the names in the folder.
func (e *entries) files(t *testing.T) []string {
	t.Helper()
	names, err := e.folder.names("", "")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (e *entries) expectFiles(t *testing.T, what string, want int) []string {
	t.Helper()
	names := e.files(t)
	if len(names) != want {
		t.Errorf("%s: %d files, want %d: %q", what, len(names), want, names)
	}
	return names
}

// names answers what an entry says of its sealed file.
func (e *entries) names(t *testing.T, entry string) sealedEntry {
	t.Helper()
	text, err := e.text(entry)
	if err != nil {
		t.Fatal(err)
	}
	s, is, err := decodeSealedEntry(oauth.NewSecret(text), entry)
	if !is || err != nil {
		t.Fatalf("the entry names no sealed file: %v", err)
	}
	return s
}

func mustWrite(t *testing.T, s Store, entry string, r *Record) {
	t.Helper()
	if err := s.Write(t.Context(), entry, r); err != nil {
		t.Fatal(err)
	}
}

func expectRecord(t *testing.T, what string, s Store, entry string, want *Record) {
	t.Helper()
	r, err := s.Read(t.Context(), entry)
	if err != nil || r.Generation != want.Generation || !r.Token.Access.Equal(want.Token.Access) || !r.Token.Refresh.Equal(want.Token.Refresh) {
		t.Errorf("%s: %+v, %v, want generation %d", what, r, err, want.Generation)
	}
}

// A large token goes to a file, is found by all, and comes back into the entry
// when it fits again.
func TestLargeTokens(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	writer, reader := e.process(), e.process()
	mustWrite(t, writer, "github", fullRecord())
	e.expectFiles(t, "a small token", 0)
	var last string
	for generation := range 3 {
		mustWrite(t, writer, "github", largeRecord(generation))
		expectRecord(t, "a large token", reader, "github", largeRecord(generation))
		file := e.expectFiles(t, "a large token", 1)[0]
		if file == last || file != e.names(t, "github").file {
			t.Errorf("the file is %s, after %s", file, last)
		}
		last = file
		content, err := e.folder.read(file)
		if err != nil || strings.Contains(string(content), "example") {
			t.Errorf("the file: %v, %q", err, content)
		}
	}
	text, err := e.text("github")
	if err != nil || strings.Contains(text, "example-") {
		t.Errorf("the entry: %v, %s", err, text)
	}
	mustWrite(t, writer, "github", fullRecord())
	expectRecord(t, "small again", reader, "github", fullRecord())
	e.expectFiles(t, "small again", 0)
	if text, err := e.text("github"); err != nil || !strings.Contains(text, "example-access") {
		t.Errorf("small again, the entry: %v, %s", err, text)
	}
}

// The entry of the longest account's sealed file fits everywhere.
func TestSealedEntriesFit(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	entry := "github/" + strings.Repeat("ä", maxAccount/2)
	mustWrite(t, e.process(), entry, largeRecord(1))
	expectRecord(t, "the longest name", e.process(), entry, largeRecord(1))
	if text, err := e.text(entry); err != nil || len(text) > 1000 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

func TestDeleteLargeToken(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	k := e.process()
	mustWrite(t, k, "github", largeRecord(1))
	mustWrite(t, k, "github/work", largeRecord(2))
	if err := k.Delete(t.Context(), "github"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
	e.expectFiles(t, "the other entry's", 1)
	expectRecord(t, "the other entry", k, "github/work", largeRecord(2))
}

// A writer sweeps what it or another one has left behind, of this entry only,
// and nothing else.
func TestOrphansAreSwept(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	k := e.process()
	const hex = "0123456789abcdef"
	stay := []string{
		"github+work." + hex + ".sealed", "github." + hex + ".sealed.bak", "github." + hex + "00.sealed", "github." + hex, "github.age",
		"github.lock", "github.work." + hex + ".sealed", "github.poll.lock",
	}
	for _, name := range append([]string{"github." + hex + ".sealed", "github." + hex + ".sealed.EXAMPLE.unfinished"}, stay...) {
		if err := e.folder.write(name, []byte("example")); err != nil {
			t.Fatal(err)
		}
	}
	for name, r := range map[string]*Record{"large": largeRecord(1), "small": fullRecord()} {
		mustWrite(t, k, "github", r)
		there := strings.Join(e.files(t), " ")
		for _, name := range stay {
			if !strings.Contains(there+" ", name+" ") {
				t.Errorf("%s was removed", name)
			}
		}
		if strings.Contains(there, "github."+hex+".sealed ") || strings.Contains(there, "unfinished") {
			t.Errorf("a %s token's write leaves %s", name, there)
		}
	}
}

// A file that isn't the entry's own is never taken for it, and the error says
// which entry it is about.
func TestWrongSealedFiles(t *testing.T) {
	t.Parallel()
	for name, meddle := range map[string]func(t *testing.T, e *entries) error{
		"gone":               func(t *testing.T, e *entries) error { return e.folder.remove(e.names(t, "github").file) },
		"the folder is gone": func(_ *testing.T, e *entries) error { return os.RemoveAll(e.folder.Path) },
		"another entry's file": func(t *testing.T, e *entries) error {
			return os.Rename(filepath.Join(e.folder.Path, e.names(t, "github/work").file), filepath.Join(e.folder.Path, e.names(t, "github").file))
		},
		"another entry's record for this identity": func(t *testing.T, e *entries) error {
			return e.reseal(t, "github/work", largeRecord(7))
		},
		"an older record for this identity": func(t *testing.T, e *entries) error { return e.reseal(t, "github", largeRecord(6)) },
		"a newer record for this identity":  func(t *testing.T, e *entries) error { return e.reseal(t, "github", largeRecord(8)) },
		"cut": func(t *testing.T, e *entries) error {
			return os.Truncate(filepath.Join(e.folder.Path, e.names(t, "github").file), 1000)
		},
		"another entry's text": func(_ *testing.T, e *entries) error { e.texts["github"] = e.texts["github/work"]; return nil },
		"a path in the entry": func(_ *testing.T, e *entries) error {
			e.texts["github"] = strings.Replace(e.texts["github"], `"github.`, `"../github.`, 1)
			return nil
		},
		"no identity": func(_ *testing.T, e *entries) error {
			e.texts["github"] = strings.Replace(e.texts["github"], "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-2", 1)
			return nil
		},
		"a later format": func(_ *testing.T, e *entries) error {
			e.texts["github"] = strings.Replace(e.texts["github"], `"version":1`, `"version":2`, 1)
			return nil
		},
	} {
		e := newEntries(t)
		k := e.process()
		mustWrite(t, k, "github", largeRecord(7))
		mustWrite(t, k, "github/work", largeRecord(7))
		if err := meddle(t, e); err != nil {
			t.Fatal(err)
		}
		_, err := k.Read(t.Context(), "github")
		expectOutcome(t, name, err, Broken)
		if !errors.Is(err, errRecord) || errors.Is(err, ErrNotFound) || errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		mend := "valetkey logout"
		if name == "a later format" {
			mend = "update this one"
		}
		for _, part := range []string{`entry "github" of the keyring's "valetkey"`, mend} {
			if !strings.Contains(fmt.Sprint(err), part) {
				t.Errorf("%s: the error lacks %q: %v", name, part, err)
			}
		}
		if strings.Contains(fmt.Sprint(err), "AGE-SECRET") || strings.Contains(fmt.Sprint(err), "example-") {
			t.Errorf("%s: a secret is in the error: %v", name, err)
		}
		if err := k.Delete(t.Context(), "github"); err != nil {
			t.Errorf("%s: Delete: %v", name, err)
		}
	}
}

// reseal puts a record into the sealed file of "github", for the identity its
// entry has.
func (e *entries) reseal(t *testing.T, entry string, r *Record) error {
	s := e.names(t, "github")
	sealed, err := seal(entry, r, s.identity.Recipient())
	return errors.Join(err, e.folder.write(s.file, sealed))
}

// What is wrong with the folder is no fault of the record, which stays.
func TestSealedFileInABadFolder(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	k := e.process()
	mustWrite(t, k, "github", largeRecord(1))
	good := k.Folder
	k.Folder = &Folder{Path: occupied(t)}
	_, read := k.Read(t.Context(), "github")
	for name, err := range map[string]error{"Read": read, "Write": k.Write(t.Context(), "github", largeRecord(2))} {
		expectOutcome(t, name, err, Broken)
		if errors.Is(err, errRecord) || !strings.Contains(err.Error(), k.Folder.Path) || !strings.Contains(err.Error(), "VALET_DIR") {
			t.Errorf("%s: %v", name, err)
		}
	}
	k.Folder = nil
	_, read = k.Read(t.Context(), "github")
	expectOutcome(t, "without a folder", read, Broken)
	expectOutcome(t, "without a folder, Write", k.Write(t.Context(), "github", largeRecord(2)), Broken)
	k.Folder = good
	expectRecord(t, "all well again", k, "github", largeRecord(1))
}
