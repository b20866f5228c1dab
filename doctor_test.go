package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// doctor runs valetkey doctor --json and answers what it found by check.
func doctor(t *testing.T, env []string, code int) map[string]map[string]any {
	t.Helper()
	got := run(t, env, "", "doctor", "--json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || got.code != code {
		t.Fatalf("want code %d, %v: %+v", code, err, got)
	}
	found := map[string]map[string]any{}
	for _, f := range all {
		found[f["check"].(string)] = f
		if f["said"] == "" || f["ok"] != true && f["ok"] != false {
			t.Errorf("%v", f)
		}
	}
	return found
}

// TestDoctor: each check says what is so, and what to do where it isn't.
func TestDoctor(t *testing.T) {
	t.Parallel()
	p := startPractice(t)
	key := p.IssueToken("repo")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := t.TempDir()
	if err := errors.Join(os.Chmod(pipe, 0o700), os.Mkdir(filepath.Join(pipe, "github.lock"), 0o700)); err != nil {
		t.Fatal(err)
	}
	passphrase := "VALET_PASSPHRASE_FILE=" + passphraseFile(t, examplePassphrase)
	nowhere := with(p.env, "GITHUB_HOST=http://127.0.0.1:1", "GITHUB_TOKEN=unused-example")
	for name, c := range map[string]struct {
		env          []string
		code         int
		check        string
		ok           bool
		said, mended string
	}{
		"a key":              {with(p.env, "GITHUB_TOKEN="+key), 0, "github sign-in", true, "token from GITHUB_TOKEN as mona-example", ""},
		"no keyring":         {with(p.env, "GITHUB_TOKEN="+key), 0, "store", true, "not needed", ""},
		"no keyring, no key": {p.env, 1, "store", false, "in memory only", "VALET_STORE=file"},
		"names only":         {with(p.env, "GITHUB_TOKEN="+key), 0, "environment", true, "GITHUB_TOKEN", ""},
		"network":            {with(p.env, "GITHUB_TOKEN="+key), 0, "github network", true, "answers", ""},
		"the way":            {with(p.env, "GITHUB_TOKEN="+key), 0, "github network", true, "reached directly", ""},
		"through a proxy": {with(p.env, "GITHUB_HOST=github.example", "VALET_PROXY=http://valet:password-example@127.0.0.1:1"), 1, "github network", false,
			"can't be reached through the proxy http://127.0.0.1:1", "proxy"},
		"endpoints":       {with(p.env, "GITHUB_TOKEN="+key), 0, "github endpoints", true, p.URL() + "/login/device/code", ""},
		"clock":           {with(p.env, "GITHUB_TOKEN="+key), 0, "github clock", true, "within a minute", ""},
		"locks":           {with(p.env, "GITHUB_TOKEN="+key), 0, "locks", true, "lock each other out", ""},
		"no network":      {nowhere, 1, "github network", false, "can't be reached", "GITHUB_HOST"},
		"a wrong key":     {with(p.env, "GITHUB_TOKEN=wrong-example"), 1, "github sign-in", false, "refuses the key from GITHUB_TOKEN", "fresh one, or unset GITHUB_TOKEN"},
		"signed out":      {p.env, 1, "github sign-in", false, "not signed in", "GITHUB_TOKEN"},
		"memory is meant": {with(p.env, "VALET_STORE=memory"), 4, "store", true, "while this process runs (VALET_STORE=memory)", ""},
		"memory alone":    {with(p.env, "VALET_STORE=memory"), 4, "locks", true, "not needed", ""},
		"a typo":          {with(p.env, "VALET_STROE=secret-example"), 1, "environment", false, "nothing reads VALET_STROE", "VALET_STORE"},
		"a small letter":  {with(p.env, "VALET_PROXy=secret-example"), 1, "environment", runtime.GOOS == "windows", "VALET_PROXy", ""},
		"no file store": {with(p.env, "VALET_STORE=memory", "VALET_PASSPHRASE_FILE=secret-example"), 1, "environment", false,
			`VALET_STORE is "memory", and only "file" reads VALET_PASSPHRASE_FILE`, "VALET_STORE=file"},
		"a workflow's":          {with(p.env, "GITHUB_WORKFLOW=ci", "VALET_PASSPHRASE_FILE=${unset}"), 1, "environment", true, "GITHUB_WORKFLOW", ""},
		"no passphrase":         {with(p.env, "VALET_STORE=file"), 1, "store", false, "the file store is locked", "VALET_PASSPHRASE_FILE"},
		"half a path":           {with(p.env, "VALET_DIR=here"), 1, "configuration", false, "VALET_DIR", ""},
		"a wrong store":         {with(p.env, "VALET_STORE=paper"), 1, "configuration", false, "VALET_STORE", ""},
		"a lock that isn't one": {with(p.env, "GITHUB_TOKEN="+key, "VALET_DIR="+pipe), 1, "locks", false, "github.lock is not a regular file; without locks, two hosts", "remove it"},
		"no key file":           {with(p.env, "VALET_STORE=memory", "GITHUB_TOKEN_FILE=/nowhere-example"), 1, "github sign-in", false, "not signed in: GITHUB_TOKEN_FILE", "unset GITHUB_TOKEN_FILE"},
		"no home at all":        {with(p.env, "VALET_DIR="+filepath.Join(file, "nowhere")), 1, "locks", false, "two hosts", "set VALET_DIR"},
		"no tool is left":       {with(p.env, "VALET_TOOLS=-github_*"), 1, "configuration", false, "VALET_TOOLS: no tool is left", ""},
		"no such toolset":       {with(p.env, "VALET_TOOLSETS=isues"), 1, "configuration", false, `VALET_TOOLSETS: there is no toolset "isues"; did you mean "issues"?`, ""},
		"its own toolset":       {with(p.env, "GITHUB_TOOLSETS=isues"), 1, "github configuration", false, `GITHUB_TOOLSETS: there is no toolset "isues"`, ""},
		"scopes in one":         {with(p.env, "GITHUB_SCOPES=repo;gist"), 1, "github configuration", false, `GITHUB_SCOPES: "repo;gist" is not a scope`, ""},
		"two mistakes":          {with(p.env, "VALET_BROWSER=yes", "GITHUB_TOKEN=a b"), 1, "configuration", false, "never; github: GITHUB_TOKEN", ""},
		"a browser unknown":     {with(p.env, "VALET_BROWSER=yes"), 1, "browser", false, "not looked at", "configuration"},
		"a file for a folder":   {with(p.env, "VALET_STORE=file", passphrase, "VALET_DIR="+file), 1, "store", false, "the file store is broken: " + file + " is not a directory itself", "remove it, or set VALET_DIR to a directory of yours"},
		"and so no sign-in":     {with(p.env, "VALET_STORE=file", passphrase, "VALET_DIR="+file), 1, "github sign-in", false, "not known: the file store is broken", ""},
		"two keys":              {with(p.env, "GITHUB_TOKEN_FILE=/nowhere-example", "GH_TOKEN="+key), 0, "github sign-in", true, "token from GH_TOKEN (which comes before GITHUB_TOKEN_FILE) as mona-example", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := doctor(t, c.env, c.code)[c.check]
			mend, _ := f["mend"].(string)
			if shown := fmt.Sprint(f); strings.Contains(shown, "password-example") || strings.Contains(shown, "secret-example") {
				t.Errorf("a value is shown: %v", f)
			}
			if f == nil || f["ok"] != c.ok || !strings.Contains(f["said"].(string), c.said) || !strings.Contains(mend, c.mended) {
				t.Errorf("%v", f)
			}
		})
	}
	nothing := filepath.Join(t.TempDir(), "nothing")
	locks := doctor(t, with(p.env, "VALET_STORE=memory", "VALET_DIR="+nothing), 4)["locks"]
	if _, err := os.Stat(nothing); locks["ok"] != true || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder for what is in memory: %v, %v", err, locks)
	}
	got := run(t, with(p.env, "GITHUB_TOKEN="+key), "", "doctor")
	if !strings.Contains(got.stdout, "✓ github network") || !strings.Contains(got.stdout, "✓ store") || strings.Contains(got.stdout+got.stderr, key) {
		t.Errorf("%+v", got)
	}
	if started := p.asked(deviceCodePath); started != 0 {
		t.Errorf("doctor has started %d sign-ins", started)
	}
}

// TestDoctorInMemory: doctor leaves nothing behind where nothing is kept, and
// says once that it isn't.
func TestDoctorInMemory(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	for name, env := range map[string][]string{"signed out": p.env, "a key": with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))} {
		got := run(t, env, "", "doctor")
		if said := strings.Count(got.stdout, "in memory only"); said != 1 {
			t.Errorf("%s: said %d times: %+v", name, said, got)
		}
	}
	expectEmptyHome(t, p.env)
	got := run(t, startPractice(t).env, "", "doctor")
	if said := strings.Count(got.stdout, "in memory only"); said != 1 {
		t.Errorf("no keyring: said %d times: %+v", said, got)
	}
}

// TestManyDoctors: they don't take each other's entry away.
func TestManyDoctors(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			if got := run(t, env, "", "doctor"); !strings.Contains(got.stdout, "✓ store") {
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	if left, err := filepath.Glob(filepath.Join(folder, "*.age*")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
