package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/cli"
)

// pages writes the pages into a folder and answers it. It may not run in parallel,
// since it moves to the top of the repository.
func pages(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	t.Chdir("..")
	if err := run([]string{"pages", folder, "0.0.1-example", "2026-01-02"}); err != nil {
		t.Fatal(err)
	}
	return folder
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestManualNamesEverything: each command that a person is shown, with its flags,
// each variable that is documented, and nothing that is hidden.
func TestManualNamesEverything(t *testing.T) {
	page := strings.ReplaceAll(read(t, pages(t), "valetkey.1"), `\-`, "-")
	var hidden int
	for _, command := range cli.Command().Commands() {
		if shown := strings.Contains(page, "\n.SS \"valetkey "+command.Name()); shown == command.Hidden {
			t.Errorf("%s is hidden: %v, and on the page: %v", command.Name(), command.Hidden, shown)
		}
		if command.Hidden {
			hidden++
			continue
		}
		for _, word := range strings.Fields(command.Flags().FlagUsages()) {
			if strings.HasPrefix(word, "--") && !strings.Contains(page, " "+word+" ") {
				t.Errorf("%s: the page doesn't have %s", command.Name(), word)
			}
		}
	}
	if hidden == 0 {
		t.Error("no command is hidden; there was to be one at least")
	}
	named := regexp.MustCompile("`((?:GITHUB|VALET)_[A-Z_]+)`").FindAllStringSubmatch(read(t, "docs/configuration.md"), -1)
	if len(named) < 20 {
		t.Errorf("docs/configuration.md names %d variables", len(named))
	}
	for _, variable := range named {
		if !strings.Contains(page, `\fB`+variable[1]+`\fR`) {
			t.Errorf("the page doesn't have %s", variable[1])
		}
	}
	for _, part := range []string{`.TH VALETKEY 1 "2026-01-02" "valetkey 0.0.1-example"`, "4 a sign-in is needed", ".SH NAME\nvaletkey - sign"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page doesn't have %q", part)
		}
	}
}

// TestManualIsRight: troff has nothing to warn of, and loses none of it.
func TestManualIsRight(t *testing.T) {
	if _, err := exec.LookPath("groff"); err != nil {
		t.Skip("groff is not installed: ", err)
	}
	page := filepath.Join(pages(t), "valetkey.1")
	set := exec.Command("groff", "-man", "-Tutf8", "-K", "utf8", "-ww", "-P-cbou", page)
	var warnings strings.Builder
	set.Stderr = &warnings
	text, err := set.Output()
	if err != nil || warnings.Len() > 0 {
		t.Fatalf("%v: %s", err, warnings.String())
	}
	if !strings.Contains(string(text), "VALET_CA_FILE") {
		t.Error("the last variable isn't shown")
	}
}

func TestRoffEscapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`C:\path`:          `C:\epath`,
		"--all":            `\-\-all`,
		".hidden\n'quoted": "\\&.hidden\n\\&'quoted",
		"a.b 'c'":          "a.b 'c'",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got, want := marked("`A_B` or [docs](docs/a.md)"), `\fBA_B\fR or docs`; got != want {
		t.Errorf("a cell became %q, want %q", got, want)
	}
}

// TestBillSaysWhatIsRecorded: module, version and sum, as the linker wrote them.
func TestBillSaysWhatIsRecorded(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		GoVersion: "go1.26.1",
		Main:      debug.Module{Path: "github.com/valetkey/valetkey", Version: "v1.2.3+dirty"},
		Deps:      []*debug.Module{{Path: "example.com/Upper", Version: "v0.1.0", Sum: "h1:sum"}},
		Settings:  []debug.BuildSetting{{Key: "GOOS", Value: "linux"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}},
	}
	text, err := json.Marshal(billOf(info, sha256.Sum256([]byte("program"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"timestamp":"2026-01-02T03:04:05Z"`, `"purl":"pkg:golang/github.com/valetkey/valetkey@v1.2.3%2Bdirty"`,
		`"purl":"pkg:golang/std@1.26.1"`, `"name":"example.com/Upper","version":"v0.1.0","purl":"pkg:golang/example.com/upper@v0.1.0"`,
		`{"name":"go:sum","value":"h1:sum"}`, `{"name":"go:GOOS","value":"linux"}`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestWrongUse: what can't be done is said, and nothing is written.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	garbage := filepath.Join(folder, "garbage")
	if err := os.WriteFile(garbage, []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	bill := filepath.Join(folder, "bill.json")
	for want, args := range map[string][]string{
		"use it as":        {"pages", folder},
		"garbage":          {"bill", garbage, bill},
		"missing":          {"bill", filepath.Join(folder, "missing"), bill},
		"of the repositor": {"pages", filepath.Join(folder, "pages"), "1", "2026-01-02"},
	} {
		if err := run(args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", args, err, want)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
