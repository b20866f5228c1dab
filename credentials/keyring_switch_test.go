package credentials

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Whatever step of a write goes wrong, one of the two tokens is there, and the
// next write leaves no file too many.
func TestLargeTokenWhenAStepFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("example: a step went wrong")
	fails := func() error { return broken }
	old, renewed := largeRecord(1), largeRecord(2)
	for name, c := range map[string]struct {
		fail func(t *testing.T, e *entries, k *Keyring)
		want *Record
		left int
		fine bool
	}{
		"the file can't be written": {func(t *testing.T, _ *entries, k *Keyring) { k.Folder = &Folder{Path: occupied(t)} }, old, 1, false},
		"the keyring is locked": {func(_ *testing.T, _ *entries, k *Keyring) {
			k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: Locked, Reason: "a test says so"} }
		}, old, 1, false},
		"the entry isn't switched":           {func(_ *testing.T, e *entries, _ *Keyring) { e.beforeSet = fails }, old, 2, false},
		"the library panics":                 {func(_ *testing.T, e *entries, _ *Keyring) { e.beforeSet = func() error { panic("example") } }, old, 2, false},
		"a dialog was dismissed":             {func(_ *testing.T, _ *entries, k *Keyring) { k.system.set = func(_, _, _ string) error { return nil } }, old, 1, false},
		"switched, and reported as an error": {func(_ *testing.T, e *entries, _ *Keyring) { e.setDone = fails }, renewed, 2, false},
		"the entry can't be read back": {func(_ *testing.T, e *entries, _ *Keyring) {
			e.setDone = func() error { e.beforeGet = fails; return nil }
		}, renewed, 2, false},
		"another process sweeps the new file": {func(t *testing.T, e *entries, _ *Keyring) {
			e.setDone = func() error { return e.folder.remove(e.names(t, "github").file) }
		}, renewed, 1, true},
		"the old file can't be removed": {func(t *testing.T, e *entries, _ *Keyring) {
			e.setDone = func() error { return makeIrremovable(e, "github") }
		}, renewed, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEntries(t)
			mustWrite(t, e.process(), "github", old)
			k := e.process()
			c.fail(t, e, k)
			err := k.Write(t.Context(), "github", renewed)
			if (err == nil) != c.fine || errors.Is(err, ErrNotFound) || err != nil && strings.Contains(err.Error(), "example") {
				t.Errorf("Write: %v", err)
			}
			e.mu.Lock()
			e.beforeGet, e.beforeSet, e.setDone = nil, nil, nil
			e.mu.Unlock()
			expectRecord(t, "after the write", e.process(), "github", c.want)
			e.expectFiles(t, "after the write", c.left)
			next := largeRecord(3)
			mustWrite(t, e.process(), "github", next)
			expectRecord(t, "after the next write", e.process(), "github", next)
			if c.left < 2 || !c.fine {
				e.expectFiles(t, "after the next write", 1)
			}
		})
	}
}

// occupied is a path where no folder can be.
func occupied(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// makeIrremovable puts a directory with something in it in the place of a
// sealed file that no entry names any more.
func makeIrremovable(e *entries, entry string) error {
	text, err := e.text(entry)
	if err != nil {
		return err
	}
	s, _, err := decodeSealedEntry(oauth.NewSecret(text), entry)
	if err != nil {
		return err
	}
	names, err := e.folder.names("", sealedSuffix)
	for _, name := range names {
		if name == s.file {
			continue
		}
		path := filepath.Join(e.folder.Path, name)
		if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "inside"), 0o700)); err != nil {
			return err
		}
	}
	return err
}

// A keyring that goes on refusing doesn't fill the folder.
func TestRefusedWritesLeaveOneFile(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	k := e.process()
	mustWrite(t, k, "github", largeRecord(1))
	e.beforeSet = func() error { return errors.New("the disk is full") }
	for generation := range 5 {
		expectOutcome(t, "Write", k.Write(t.Context(), "github", largeRecord(generation)), Broken)
	}
	e.expectFiles(t, "the entry's and the last one", 2)
	expectRecord(t, "the token", k, "github", largeRecord(1))
}

// The library may store long after the caller has given up: the file that the
// entry names then is there.
func TestLargeTokenStoredLate(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	mustWrite(t, e.process(), "github", largeRecord(1))
	k := e.process()
	ctx, giveUp := context.WithCancel(t.Context())
	release := make(chan struct{})
	e.beforeSet = func() error { giveUp(); <-release; return nil }
	if err := k.Write(ctx, "github", largeRecord(2)); !errors.Is(err, context.Canceled) {
		t.Fatalf("Write: %v", err)
	}
	expectRecord(t, "before", e.process(), "github", largeRecord(1))
	close(release)
	// The worker is free when the late call is over.
	select {
	case k.worker <- struct{}{}:
		<-k.worker
	case <-time.After(20 * time.Second):
		t.Fatal("the late call doesn't end")
	}
	expectRecord(t, "after", e.process(), "github", largeRecord(2))
	e.expectFiles(t, "after", 1)
}

// A call that is never made leaves no file, though it has been given up.
func TestLargeTokenGivenUpBeforeItsTurn(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	k := e.process()
	mustWrite(t, k, "github", fullRecord())
	k.worker <- struct{}{}
	ctx, giveUp := context.WithCancel(t.Context())
	giveUp()
	if err := k.Write(ctx, "github", largeRecord(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v", err)
	}
	<-k.worker
	e.expectFiles(t, "afterwards", 0)
	expectRecord(t, "the token", k, "github", fullRecord())
}

// A reader holds no lock: the file it was sent to may be gone, because a writer
// has switched the entry since.
func TestReaderDuringASwitch(t *testing.T) {
	t.Parallel()
	for name, renewed := range map[string]*Record{"to a file": largeRecord(2), "to the entry": fullRecord()} {
		e := newEntries(t)
		mustWrite(t, e.process(), "github", largeRecord(1))
		reader := e.process()
		var once sync.Once
		reader.system.get = func(service, entry string) (text string, err error) {
			text, err = e.get(service, entry)
			once.Do(func() { mustWrite(t, e.process(), "github", renewed) })
			return text, err
		}
		expectRecord(t, name, reader, "github", renewed)
	}
}

// The same with a sign-out: then there is no token.
func TestReaderDuringADelete(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	mustWrite(t, e.process(), "github", largeRecord(1))
	reader := e.process()
	reader.system.get = func(service, entry string) (text string, err error) {
		text, err = e.get(service, entry)
		return text, errors.Join(err, e.process().Delete(t.Context(), entry))
	}
	if _, err := reader.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// Readers and one writer at the same time: no reader ever sees less than a
// whole record, nor an older one than before.
func TestReadersAndAWriter(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	mustWrite(t, e.process(), "github", largeRecord(0))
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			k := e.process()
			for last := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				r, err := k.Read(t.Context(), "github")
				// A writer may switch twice between two looks.
				if err != nil && !strings.Contains(err.Error(), "is gone") || err == nil && r.Generation < last {
					t.Errorf("after generation %d: %v, %v", last, r, err)
				}
				if err == nil {
					last = r.Generation
				}
			}
		})
	}
	for generation := range 40 {
		mustWrite(t, e.process(), "github", largeRecord(generation+1))
	}
	close(done)
	all.Wait()
	e.expectFiles(t, "at the end", 1)
}
