//go:build unix

package credentials_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

// A pipe nobody writes to holds nothing up.
func TestKeyFileThatIsAPipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(pipe, 0o600))
	w := lasting(t)
	w.settings = credentials.Settings{TokenFile: pipe}
	err := w.call(w.credential())
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, "the error", err.Error(), "GITHUB_TOKEN_FILE", "not a regular file")
}
