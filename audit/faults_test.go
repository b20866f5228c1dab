package audit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"github.com/valetkey/valetkey/audit"
)

// TestBadPlaces: what can't be written to is an error that says why, and nothing hangs or
// is followed.
func TestBadPlaces(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes and links are those of Unix")
	}
	for name, c := range map[string]struct {
		do   func(folder string) error
		want string
	}{
		"a link": {func(folder string) error {
			return os.Symlink(filepath.Join(folder, "elsewhere"), filepath.Join(folder, current))
		}, "audit.jsonl is not a regular file; remove it"},
		"a folder": {func(folder string) error { return os.Mkdir(filepath.Join(folder, current), 0o700) }, "is not a regular file"},
		"a link for the lock": {func(folder string) error {
			return os.Symlink(filepath.Join(folder, "elsewhere"), filepath.Join(folder, "audit.lock"))
		}, "audit.lock is not a regular file"},
		"others may read": {func(folder string) error {
			return errors.Join(os.WriteFile(filepath.Join(folder, current), nil, 0o600), os.Chmod(filepath.Join(folder, current), 0o644))
		}, "run: chmod go="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := c.do(folder); err != nil {
				t.Fatal(err)
			}
			err := logIn(folder).Append(t.Context(), recordOf("1"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if info, err := os.Stat(filepath.Join(folder, "elsewhere")); err == nil && info.Size() > 0 {
				t.Error("a link was followed")
			}
		})
	}
}

// TestOtherOwner: a file of somebody else's isn't written to.
func TestOtherOwner(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file to somebody else")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, current)
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chown(path, 12345, -1)); err != nil {
		t.Fatal(err)
	}
	if err := logIn(folder).Append(t.Context(), recordOf("1")); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Error(err)
	}
}

// TestNoFolder: an error of whoever makes the folder is answered, and tried again.
func TestNoFolder(t *testing.T) {
	t.Parallel()
	broken, folder := errors.New("no place"), ""
	log := audit.New(func() (string, error) {
		if folder == "" {
			return "", broken
		}
		return folder, nil
	})
	if err := log.Append(t.Context(), recordOf("1")); !errors.Is(err, broken) {
		t.Error(err)
	}
	folder = t.TempDir()
	if err := log.Append(t.Context(), recordOf("2")); err != nil {
		t.Error(err)
	}
}

// TestFolderGone: a log that was removed while it is in use begins anew.
func TestFolderGone(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "audit")
	log := logIn(folder)
	for i := range 2 {
		if err := log.Append(t.Context(), recordOf(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBusy: a lock that others don't give back is an error after 2 s, for all that wait
// together, and a context that has ended is none.
func TestBusy(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	held := flock.New(filepath.Join(folder, "audit.lock"))
	if locked, err := held.TryLock(); !locked || err != nil {
		t.Fatal(locked, err)
	}
	// The clock is one that goes on as soon as all of them wait.
	synctest.Test(t, func(t *testing.T) {
		log, began := logIn(folder), time.Now()
		var waiting sync.WaitGroup
		for range 5 {
			waiting.Go(func() {
				err := log.Append(t.Context(), recordOf("1"))
				if waited := time.Since(began); err == nil || !strings.Contains(err.Error(), "has held the log's lock for 2s") || waited != 2*time.Second {
					t.Errorf("after %s: %v", waited, err)
				}
			})
		}
		waiting.Wait()
		held.Close()
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := log.Append(cancelled, recordOf("2")); err != nil {
			t.Error(err)
		}
	})
}

// TestTooLong: what no reader would take for a record isn't written.
func TestTooLong(t *testing.T) {
	t.Parallel()
	folder, huge := written(t, 1), recordOf("1")
	huge.Target = strings.Repeat("x", 2<<20)
	if err := logIn(folder).Append(t.Context(), huge); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Error(err)
	}
	if report := verified(t, folder, ""); report.Records != 1 || report.Broken != nil {
		t.Errorf("%+v", report)
	}
}

// TestHostile: contents that are no log at all are read to their end and named, and the
// next record is kept behind them.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"binary":      "\x00\x01\xff\xfe\n\x7fELF\n\n\n",
		"a long line": strings.Repeat("{", 64<<20),
		"other JSON":  "{}\n[]\nnull\n\"\"\n1e999\n",
		"deep":        strings.Repeat("[", 1<<19) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, current), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if report := verified(t, folder, ""); report.Broken == nil || report.Records != 0 || report.Broken.Line != 1 {
				t.Errorf("%+v", report)
			}
			if err := logIn(folder).Append(t.Context(), recordOf("later")); err != nil {
				t.Fatal(err)
			}
			entries, unreadable, err := audit.Read(t.Context(), folder, audit.Filter{})
			if err != nil || len(entries) != 1 || unreadable == 0 {
				t.Errorf("%d entries, %d unreadable, %v", len(entries), unreadable, err)
			}
		})
	}
}

// TestNothing: no folder and no file are a log without records.
func TestNothing(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{t.TempDir(), filepath.Join(t.TempDir(), "none")} {
		if report := verified(t, folder, ""); report.Records != 0 || report.Broken != nil || report.Head != "" {
			t.Errorf("%+v", report)
		}
		if entries, _, err := audit.Read(t.Context(), folder, audit.Filter{}); err != nil || len(entries) != 0 {
			t.Errorf("%v, %v", entries, err)
		}
	}
}
