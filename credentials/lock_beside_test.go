package credentials

import (
	"os"
	"path/filepath"
	"testing"
)

// Two processes with other directories and one place between them lock each
// other out, also where one has no directory.
func TestLockBeside(t *testing.T) {
	t.Parallel()
	between := &Folder{Path: filepath.Join(t.TempDir(), "valetkey")}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	one := &Folder{Path: folderPath(t), Beside: between}
	for name, two := range map[string]*Folder{
		"another directory": {Path: folderPath(t), Beside: between},
		"none":              {Path: filepath.Join(file, "nowhere"), Beside: between},
	} {
		unlock, err := one.lock(t.Context(), "github.lock")
		if err != nil {
			t.Fatal(err)
		}
		if second, err := two.tryLock("github.lock"); second != nil || err != nil {
			t.Errorf("%s: got the lock of another, %v", name, err)
		}
		unlock()
		second, err := two.tryLock("github.lock")
		if second == nil || err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if third, err := one.tryLock("github.lock"); third != nil || err != nil {
			t.Errorf("%s: didn't lock another out, %v", name, err)
		}
		second()
	}
}

// A place that can't be used is no obstacle.
func TestLockBesideNothing(t *testing.T) {
	t.Parallel()
	f := &Folder{Path: folderPath(t), Beside: &Folder{}}
	unlock, err := f.lock(t.Context(), "github.lock")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if second, err := f.tryLock("github.lock"); second != nil || err != nil {
		t.Errorf("got it twice, %v", err)
	}
}
