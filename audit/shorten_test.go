package audit_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/valetkey/valetkey/audit"
)

// TestShorten: what was written in part is taken back on every system, of the file it was
// written to and no other. Nothing outside of a log writes in part but a full disk.
func TestShorten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), current)
	if err := os.WriteFile(path, []byte("whole\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, size, err := audit.OpenEnd(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	if _, err := file.WriteString("in pa"); err != nil {
		t.Fatal(err)
	}
	if err := audit.Shorten(file, size); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); string(content) != "whole\n" {
		t.Errorf("%q, %v", content, err)
	}
	other := filepath.Join(t.TempDir(), current)
	if err := os.WriteFile(other, []byte("somebody else's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Skipf("what is open can't be moved here: %v", err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if err := audit.Shorten(file, 0); err == nil {
		t.Error("another file was made shorter")
	}
	if content, err := os.ReadFile(path); string(content) != "somebody else's" {
		t.Errorf("%q, %v", content, err)
	}
}
