package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestKeyComesFirst: with a key there is no sign-in, whatever it is given as.
func TestKeyComesFirst(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := p.IssueToken("repo")
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	given := map[string]string{
		"GITHUB_TOKEN": key, "GH_TOKEN": key, "GITHUB_PERSONAL_ACCESS_TOKEN": key, "GITHUB_TOKEN_FILE": file,
	}
	if runtime.GOOS != "windows" {
		given["GITHUB_TOKEN_COMMAND"] = "cat '" + file + "'"
	}
	for variable, value := range given {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			got := run(t, with(p.env, variable+"="+value), "", "call", "github_whoami")
			if got.code != 0 || !strings.Contains(got.stdout, "@mona-example") || !strings.Contains(got.stdout, variable) {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("unexpanded", func(t *testing.T) {
		t.Parallel()
		got := run(t, with(p.env, "GITHUB_TOKEN=${user_config.token}"), "", "call", "github_whoami")
		if got.code != 4 {
			t.Errorf("%+v", got)
		}
	})
}

// TestExitCodes holds the commands to the codes the README promises.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := "GITHUB_TOKEN=" + p.IssueToken("repo")
	bare := environment(t.TempDir(), "VALET_STORE=memory")
	for name, c := range map[string]struct {
		env    []string
		args   []string
		code   int
		said   string
		stderr bool
	}{
		"version":             {bare, []string{"version"}, 0, "valetkey ", false},
		"help":                {bare, []string{"--help"}, 0, "Usage:", false},
		"completion":          {bare, []string{"completion", "bash"}, 0, "__start_valetkey", false},
		"status with a key":   {with(p.env, key), []string{"status"}, 0, "GITHUB_TOKEN", false},
		"call with a key":     {with(p.env, key), []string{"call", "github_issues", `{"repo":"tidepool-example/harbour"}`}, 0, "#41", false},
		"unknown command":     {bare, []string{"statsu"}, 2, "did you mean status?", true},
		"two services":        {bare, []string{"login", "github", "gitlab"}, 2, "name one service", true},
		"version flag":        {bare, []string{"--version"}, 0, "valetkey version", false},
		"status of one":       {with(p.env, key), []string{"status", "github"}, 0, "GITHUB_TOKEN", false},
		"status of none":      {with(p.env, key), []string{"status", "nosuch"}, 2, "known: github", true},
		"placeholder id":      {with(bare, "GITHUB_CLIENT_ID=your client id"), []string{"status"}, 1, "GITHUB_CLIENT_ID", true},
		"key file missing":    {with(bare, "GITHUB_TOKEN_FILE=/nowhere/example"), []string{"status"}, 4, "GITHUB_TOKEN_FILE", false},
		"login, no key file":  {with(p.env, "GITHUB_TOKEN_FILE="+t.TempDir()), []string{"login"}, 1, "GITHUB_TOKEN_FILE gives the key, and it can't be read: it is not a regular file; mend that, or unset", true},
		"logout, no key file": {with(p.env, "GITHUB_TOKEN_FILE="+t.TempDir()), []string{"logout"}, 0, "Note that GITHUB_TOKEN_FILE gives the key, and it can't be read: it is not a regular file; mend that, or unset", false},
		"logout with a key":   {with(p.env, key), []string{"logout"}, 0, "GITHUB_TOKEN still gives a key", false},
		"unknown flag":        {bare, []string{"status", "--frobnicate"}, 2, "unknown flag: --frobnicate; see: valetkey status --help", true},
		"no service here":     {bare, []string{"doctor", "github"}, 2, `valetkey doctor takes no argument such as "github"`, true},
		"all and one":         {bare, []string{"logout", "--all", "github"}, 2, "name none", true},
		"a wrong account":     {bare, []string{"status", "--account", "a b"}, 2, "--account: an account's name may hold", true},
		"too few arguments":   {bare, []string{"call"}, 2, "github_whoami", true},
		"unknown tool":        {with(p.env, key), []string{"call", "github_frobnicate"}, 2, "github_whoami", true},
		"not JSON":            {with(p.env, key), []string{"call", "github_issue", "{"}, 2, "not JSON", true},
		"wrong argument":      {with(p.env, key), []string{"call", "github_issue", `{"repo":"a/b","numbr":1}`}, 2, `did you mean "number"`, true},
		"wrong key":           {with(p.env, "GITHUB_TOKEN=wrong-example"), []string{"call", "github_whoami"}, 1, "GITHUB_TOKEN", true},
		"unknown service":     {bare, []string{"login", "nobody"}, 2, "github", true},
		"bad host":            {with(bare, "GITHUB_HOST=http://evil.example"), []string{"status"}, 1, "GITHUB_HOST", true},
		"bad store":           {with(p.env, "VALET_STORE=paper"), []string{"status"}, 1, "VALET_STORE", true},
		"login into memory":   {p.env, []string{"login"}, 1, "lost", true},
		"login, no client":    {bare, []string{"login"}, 4, "GITHUB_CLIENT_ID", true},
		"login with a key":    {with(p.env, key), []string{"login"}, 1, "GITHUB_TOKEN", true},
		"status signed out":   {p.env, []string{"status"}, 4, "set GITHUB_TOKEN", false},
		"call signed out":     {p.env, []string{"call", "github_whoami"}, 4, "set GITHUB_TOKEN", true},
		"no client id":        {bare, []string{"call", "github_whoami"}, 4, "GITHUB_CLIENT_ID", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, c.env, "", c.args...)
			said := got.stdout
			if c.stderr {
				said = got.stderr
			}
			if got.code != c.code || !strings.Contains(said, c.said) {
				t.Errorf("want code %d and %q, got %+v", c.code, c.said, got)
			}
		})
	}
}

// TestStatusJSON: a program can read the status, and finds no secret in it.
func TestStatusJSON(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := p.IssueToken("repo")
	got := run(t, with(p.env, "GITHUB_TOKEN="+key), "", "status", "--json")
	var all []map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || len(all) != 1 {
		t.Fatalf("%v: %+v", err, got)
	}
	if all[0]["service"] != "github" || all[0]["signed_in"] != true || all[0]["source"] != "environment" || all[0]["variable"] != "GITHUB_TOKEN" {
		t.Errorf("%v", all[0])
	}
	if strings.Contains(got.stdout, key) {
		t.Error("the key is in the status")
	}
}

// TestPlaceholders: hosts pass on what was never filled in, which counts as
// unset for every variable.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	key := "GITHUB_TOKEN=" + p.IssueToken("repo")
	for _, variable := range []string{"VALET_STORE", "VALET_BROWSER", "VALET_KEYRING", "GITHUB_ACCOUNT", "GITHUB_TOKEN_FILE", "GITHUB_TOKEN_COMMAND"} {
		for _, value := range []string{"", " ", "${input:x}", "${user_config.x}", "$" + variable} {
			got := run(t, with(p.env, key, variable+"="+value), "", "status")
			if got.code != 0 || !strings.Contains(got.stdout, "token from GITHUB_TOKEN") {
				t.Errorf("%s=%q: %+v", variable, value, got)
			}
		}
	}
}

// TestAnswerThatCannotBeWritten is an error, as a script that reads it expects.
func TestAnswerThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("this system has no device that is always full: %v", err)
	}
	defer full.Close()
	p := startPractice(t, "VALET_STORE=memory")
	for _, args := range [][]string{{"version"}, {"status"}, {"status", "--json"}, {"call", "github_whoami"}} {
		command := exec.Command(binary(t), args...)
		command.Env = with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
		command.Stdout = full
		if err := command.Run(); command.ProcessState == nil || command.ProcessState.ExitCode() != 1 {
			t.Errorf("%q: %v", args, err)
		}
	}
}
