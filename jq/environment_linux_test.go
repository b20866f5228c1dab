package jq

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What a running filter really has: no secret in its environment, nothing of its
// input in its arguments, and none of our files.
func TestProcess(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "example-secret")
	kept, err := os.Create(filepath.Join(t.TempDir(), "kept"))
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	timed, end := context.WithCancel(t.Context())
	err = endless(t, t.Context(), timed, func(command *exec.Cmd) {
		defer end()
		process := fmt.Sprintf("/proc/%d/", command.Process.Pid)
		for name, want := range map[string]string{"environ": roleVariable + "=atexit_sleep_ms=0\x00", "cmdline": command.Path + "\x00" + Command + "\x00"} {
			if got, err := os.ReadFile(process + name); err != nil || string(got) != want {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
		files, err := filepath.Glob(process + "fd/*")
		if err != nil {
			t.Error(err)
		}
		for _, file := range files {
			if to, err := os.Readlink(file); err == nil && to == kept.Name() {
				t.Errorf("%s is open: %s", filepath.Base(file), to)
			}
		}
	})
	if !errors.Is(err, ErrTime) {
		t.Error(err)
	}
}
