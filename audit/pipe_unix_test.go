//go:build unix

package audit_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/valetkey/valetkey/audit"
)

// TestLockIsNoFile: what lies in the lock's place and is no file is named, and not waited
// for; what is written can be read nevertheless.
func TestLockIsNoFile(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a link to a pipe": func(path string) error {
			if err := syscall.Mkfifo(path+".pipe", 0o600); err != nil {
				return err
			}
			return os.Symlink(path+".pipe", path)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := put(filepath.Join(folder, "audit.lock")); err != nil {
				t.Fatal(err)
			}
			if err := logIn(folder).Append(t.Context(), recordOf("1")); err == nil || !strings.Contains(err.Error(), "audit.lock is not a regular file; remove it") {
				t.Error(err)
			}
			if report, err := audit.Verify(t.Context(), folder, ""); err != nil || report.Records != 0 {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}
