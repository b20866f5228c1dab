package credentials_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

// impostor puts this test program into a directory under another name, where it
// prints its arguments.
func impostor(t *testing.T, name string) (path string) {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path = filepath.Join(t.TempDir(), name)
	if err := os.Link(program, path); err != nil {
		content, err := os.ReadFile(program)
		must(t, err)
		must(t, os.WriteFile(path, content, 0o700))
	}
	return path
}

// TestKeyCommandPresets: the name of a program that the service knows stands for what
// has that print a key, and so does its whole path; with arguments it is a command
// like any other, and so is a program of another name.
func TestKeyCommandPresets(t *testing.T) {
	known, unknown := impostor(t, "known"), impostor(t, "unknown")
	t.Setenv("PATH", filepath.Dir(known)+string(os.PathListSeparator)+filepath.Dir(unknown))
	t.Setenv("EXAMPLE_IMPOSTOR", "yes")
	for line, want := range map[string]string{
		"known":                     `["auth","token"]`,
		`"` + known + `"`:           `["auth","token"]`,
		"known other":               `["other"]`,
		`"` + known + `" auth what`: `["auth","what"]`,
		"unknown":                   `[]`,
	} {
		w := lasting(t)
		w.store, w.settings.TokenCommand = forbidden{t}, line
		w.service.KeyCommands = map[string][]string{"known": {"auth", "token"}}
		c := w.credential()
		_ = w.call(c)
		equal(t, line, w.sent(), want)
		status, err := c.Status(t.Context())
		must(t, err)
		equal(t, line+": found", status.SignedIn, true)
	}
}

// TestMissingPreset: hosts start programs with a PATH of their own, so the error says
// what to write instead.
func TestMissingPreset(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := lasting(t)
	w.store, w.settings.TokenCommand = forbidden{t}, "known"
	w.service.KeyCommands = map[string][]string{"known": {"auth", "token"}}
	err := w.call(w.credential())
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, "the error", err.Error(), "GITHUB_TOKEN_COMMAND", "not on the PATH, which hosts may shorten, so write its whole path")
}

// TestPresetOfAnotherSystem: the names that Windows has for programs are known too.
func TestPresetOfAnotherSystem(t *testing.T) {
	t.Parallel()
	s := credentials.Service{KeyCommands: map[string][]string{"az": {"account"}}}
	for line, want := range map[string][]string{
		`az.cmd`:                               {"az.cmd", "account"},
		`"C:\Program Files\Azure\wbin\AZ.CMD"`: {`C:\Program Files\Azure\wbin\AZ.CMD`, "account"},
		`/opt/az.d/other`:                      {"/opt/az.d/other"},
		`/usr/bin/az`:                          {"/usr/bin/az", "account"},
		`az ""`:                                {"az", ""},
	} {
		if got, err := credentials.KeyCommand(s, line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", line, got, err, want)
		}
	}
}
