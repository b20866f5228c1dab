package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestVersion: the program says of itself what the go command says of it.
func TestVersion(t *testing.T) {
	t.Parallel()
	recorded, err := exec.CommandContext(t.Context(), "go", "version", "-m", binary(t)).Output()
	if err != nil {
		t.Skipf("the go command isn't there to be compared with: %v", err)
	}
	env := environment(t.TempDir())
	var said struct {
		Version, Go, Platform, Commit string
		Modified                      bool
	}
	got := run(t, env, "", "version", "--json")
	if err := json.Unmarshal([]byte(got.stdout), &said); err != nil || got.code != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	system, arch, _ := strings.Cut(said.Platform, "/")
	for _, want := range []string{": " + said.Go, "\tmod\tgithub.com/valetkey/valetkey\t" + said.Version, "GOOS=" + system, "GOARCH=" + arch} {
		if !strings.Contains(string(recorded), want) {
			t.Errorf("%q is none of what is recorded: %s", want, recorded)
		}
	}
	_, revision, _ := strings.Cut(string(recorded), "vcs.revision=")
	revision, _, _ = strings.Cut(revision, "\n")
	if said.Commit != strings.TrimSpace(revision) || said.Modified != strings.Contains(string(recorded), "vcs.modified=true") {
		t.Errorf("%+v, want %s", said, recorded)
	}
	if got := run(t, env, "", "version"); !strings.HasPrefix(got.stdout, "valetkey "+said.Version+" ") {
		t.Errorf("%+v", got)
	}
}
