//go:build unix

package credentials

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gofrs/flock"
)

func TestFolderModes(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
	for name, want := range map[string]fs.FileMode{"": 0o700, identityFile: 0o600, "github.age": 0o600} {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
}

// Whatever another user could have put there, or could read, is refused, and
// the error says what to do about it.
func TestFolderThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meddle func(path string) error
		words  string
	}{
		"the folder is loose":    {func(path string) error { return os.Chmod(path, 0o750) }, "chmod"},
		"a record is loose":      {func(path string) error { return os.Chmod(filepath.Join(path, "github.age"), 0o604) }, "chmod"},
		"the identity is loose":  {func(path string) error { return os.Chmod(filepath.Join(path, identityFile), 0o660) }, "chmod"},
		"the folder is a link":   {func(path string) error { return aside(path) }, "not a directory"},
		"a record is a link":     {func(path string) error { return aside(filepath.Join(path, "github.age")) }, "not a regular file"},
		"the identity is a link": {func(path string) error { return aside(filepath.Join(path, identityFile)) }, "not a regular file"},
		"a record leads nowhere": {func(path string) error {
			record := filepath.Join(path, "github.age")
			return errors.Join(os.Remove(record), os.Symlink("nowhere", record))
		}, "not a regular file"},
		"a record is a pipe": {func(path string) error {
			record := filepath.Join(path, "github.age")
			return errors.Join(os.Remove(record), syscall.Mkfifo(record, 0o600))
		}, "not a regular file"},
		"the folder is another user's":   {func(path string) error { return foreign(path) }, "another user"},
		"a record is another user's":     {func(path string) error { return foreign(filepath.Join(path, "github.age")) }, "another user"},
		"the identity is another user's": {func(path string) error { return foreign(filepath.Join(path, identityFile)) }, "another user"},
		"a record is huge":               {func(path string) error { return os.Truncate(filepath.Join(path, "github.age"), maxFile+1) }, "larger than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := folderPath(t)
			passphrase := inFile(t, examplePassphrase)
			mustWrite(t, quick(path, passphrase), "github", fullRecord())
			err := c.meddle(path)
			if errors.Is(err, fs.ErrPermission) {
				t.Skip("only root can give a file away")
			}
			if err != nil {
				t.Fatal(err)
			}
			_, err = quick(path, passphrase).Read(t.Context(), "github")
			expectOutcome(t, name, err, Broken)
			if errors.Is(err, ErrNotFound) || errors.Is(err, errRecord) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v", err)
			}
		})
	}
}

// A lock that another user could have put there is taken by nobody, and nothing
// is made where a link points.
func TestLocksThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meddle func(path string) error
		words  string
	}{
		"a link":            {aside, "not a regular file"},
		"a link to nothing": {func(path string) error { return errors.Join(os.Remove(path), os.Symlink(path+".aside", path)) }, "not a regular file"},
		"a link to elsewhere": {func(path string) error {
			return errors.Join(os.Remove(path), os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), path))
		}, "not a regular file"},
		"a pipe":         {func(path string) error { return errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)) }, "not a regular file"},
		"a directory":    {func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }, "not a regular file"},
		"another user's": {foreign, "another user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &Folder{Path: folderPath(t)}
			path := filepath.Join(f.Path, "github.lock")
			unlock, err := f.lock(t.Context(), "github.lock")
			if err != nil {
				t.Fatal(err)
			}
			unlock()
			err = c.meddle(path)
			if errors.Is(err, fs.ErrPermission) {
				t.Skip("only root can give a file away")
			}
			if err != nil {
				t.Fatal(err)
			}
			_, waited := f.lock(t.Context(), "github.lock")
			_, tried := f.tryLock("github.lock")
			for way, err := range map[string]error{"lock": waited, "tryLock": tried} {
				if !errors.Is(err, ErrFolder) || !strings.Contains(err.Error(), c.words) || !strings.Contains(err.Error(), path) {
					t.Errorf("%s: %v", way, err)
				}
			}
			if target, err := os.Readlink(path); err == nil && name != "a link" {
				if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s was made: %v", target, err)
				}
			}
		})
	}
}

// A lock that others may open, as a copied folder leaves it, is closed to them.
func TestLooseLockIsTightened(t *testing.T) {
	t.Parallel()
	f := &Folder{Path: folderPath(t)}
	path := filepath.Join(f.Path, "github.lock")
	for range 2 {
		unlock, err := f.lock(t.Context(), "github.lock")
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that is exchanged between the check and the lock is let go of.
func TestLockIsExchanged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exchange func(path string) error
		held     bool
		takes    int
	}{
		"removed, once": {os.Remove, true, 2},
		"another, once": {func(path string) error {
			return errors.Join(os.Rename(path, path+".aside"), os.WriteFile(path, nil, 0o600))
		}, true, 2},
		"a link to it":   {aside, false, 1},
		"removed always": {os.Remove, false, readAttempts},
	} {
		f := &Folder{Path: folderPath(t)}
		path := filepath.Join(f.Path, "github.lock")
		var takes int
		unlock, err := f.hold("github.lock", func(file *flock.Flock) (bool, error) {
			locked, err := file.TryLock()
			if takes++; takes == 1 || name == "removed always" {
				err = errors.Join(err, c.exchange(path))
			}
			return locked, err
		})
		if (unlock != nil) != c.held || takes != c.takes || !c.held && (!errors.Is(err, ErrFolder) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: held %v after %d, %v", name, unlock != nil, takes, err)
		}
		if unlock == nil {
			continue
		}
		if second, err := f.tryLock("github.lock"); second != nil || err != nil {
			t.Errorf("%s: it keeps nobody out: %v", name, err)
		}
		unlock()
	}
}

// A passphrase that others may read is refused, as ssh refuses such a key, with
// what mends it.
func TestLoosePassphraseFile(t *testing.T) {
	t.Parallel()
	path := folderPath(t)
	mustWrite(t, quick(path, inFile(t, examplePassphrase)), "github", fullRecord())
	for mode, fine := range map[fs.FileMode]bool{0o600: true, 0o400: true, 0o700: true, 0o644: false, 0o640: false, 0o620: false, 0o604: false, 0o601: false} {
		given := inFile(t, examplePassphrase)
		if err := os.Chmod(given.File, mode); err != nil {
			t.Fatal(err)
		}
		if fine {
			expectRecord(t, mode.String(), quick(path, given), "github", fullRecord())
			continue
		}
		link := Passphrase{File: filepath.Join(t.TempDir(), "link")}
		if err := os.Symlink(given.File, link.File); err != nil {
			t.Fatal(err)
		}
		for _, p := range []Passphrase{given, link} {
			s := quick(path, p)
			_, err := s.Read(t.Context(), "github")
			expectOutcome(t, mode.String(), err, Locked)
			for _, words := range []string{"VALET_PASSPHRASE_FILE", p.File, "run: chmod go= " + p.File} {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("%v lacks %q: %v", mode, words, err)
				}
			}
			if err := os.Chmod(p.File, mode&^0o077); err != nil {
				t.Fatal(err)
			}
			expectRecord(t, "mended", s, "github", fullRecord())
			if err := os.Chmod(given.File, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	given := inFile(t, examplePassphrase)
	if err := errors.Join(os.Chmod(given.File, 0o644), foreign(given.File)); err != nil {
		t.Logf("a file of another user's is not tried: %v", err)
		return
	}
	expectRecord(t, "another user's", quick(path, given), "github", fullRecord())
}

// aside moves a file and leaves a link to it.
func aside(path string) error {
	return errors.Join(os.Rename(path, path+".aside"), os.Symlink(path+".aside", path))
}

func foreign(path string) error { return os.Chown(path, 12345, -1) }
