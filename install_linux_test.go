package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestInstallAtATerminal: from nothing to a sign-in by one command: a client id is
// asked for, the change is shown and agreed to, the code is approved. What was typed
// is enough for the commands that follow.
func TestInstallAtATerminal(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	writeIn(t, home, ".cursor/mcp.json", `{"mcpServers": {"other": {"command": "x", "env": {"KEY": "example-of-anothers-secret"}}}}`)
	env := with(p.env, "GITHUB_CLIENT_ID=", "GITHUB_CLIENT_SECRET=", "TERM=xterm")
	s := atTerminal(t, env, "install")
	s.sees("Client id (Enter: without one): ")
	s.types("no client id\n")
	s.sees("it holds a space.")
	s.types(sandbox.ClientID + "\n")
	s.sees("Write this? [Y/n] ")
	s.types("perhaps\n")
	s.sees("Type y or n.")
	s.types("\n")
	s.sees("Cursor: done")
	s.sees("Sign in to GitHub now? [Y/n] ")
	s.types("y\n")
	s.approves(p, 0)
	s.expects(0, "Signed in to GitHub as mona-example")
	if strings.Contains(s.screen(), "anothers-secret") {
		t.Errorf("another server's secret was shown: %q", s.screen())
	}
	if text := readIn(t, home, ".cursor/mcp.json"); !strings.Contains(text, `"GITHUB_CLIENT_ID": "`+sandbox.ClientID+`"`) {
		t.Errorf("the client id isn't in %s", text)
	}
	got := run(t, env, "", "status")
	if got.code != 0 || !containsAll(got.stdout, []string{"GitHub", "mona-example", "From the entries of hosts: GITHUB_CLIENT_ID (Cursor)"}) {
		t.Errorf("status finds no client id: %+v", got)
	}
}

// TestInstallRefused: whoever says no has changed nothing.
func TestInstallRefused(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": "{}"})
	s := atTerminal(t, environment(home, oneClient, "VALET_STORE=memory", "PATH="), "install")
	s.sees("Write this? [Y/n] ")
	s.types("n\n")
	s.expects(0)
	if text := readIn(t, home, ".cursor/mcp.json"); text != "{}" {
		t.Errorf("the file is now %s", text)
	}
}

// TestGreeting: the bare name at a terminal says what to do next, and which hosts are
// here.
func TestGreeting(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": "{}", ".gemini/settings.json": ""})
	s := atTerminal(t, environment(home, "PATH="))
	s.expects(0, "1. valetkey demo", "2. valetkey install    put it into Cursor, Gemini CLI", "3. valetkey login")
}

// TestColours: a change is painted on a terminal, unless somebody wants no colours.
func TestColours(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		variables []string
		want      bool
	}{
		"a terminal":      {[]string{"TERM=xterm"}, true},
		"NO_COLOR":        {[]string{"TERM=xterm", "NO_COLOR=1"}, false},
		"a dumb terminal": {[]string{"TERM=dumb"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := homeWith(t, map[string]string{".cursor/mcp.json": "{}"})
			s := atTerminal(t, environment(home, append(row.variables, oneClient)...), "install", "cursor", "--dry-run")
			s.expects(0, "+   \"mcpServers\"")
			if got := strings.Contains(s.screen(), "\x1b["); got != row.want {
				t.Errorf("colours: %v, want %v: %q", got, row.want, s.screen())
			}
		})
	}
}

// TestInstallWithAnotherSignIn: whoever is signed in with gh needs no client id, and
// hosts find gh by its whole path.
func TestInstallWithAnotherSignIn(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	writeIn(t, home, ".cursor/mcp.json", "{}")
	programs := filepath.Join(t.TempDir(), "o'b with a space")
	if err := os.Mkdir(programs, 0o700); err != nil {
		t.Fatal(err)
	}
	gh := filepath.Join(programs, "gh")
	if err := os.WriteFile(gh, []byte("#!/bin/sh\n[ \"$1 $2\" = \"auth token\" ] && echo "+p.IssueToken("repo")+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	env := with(p.env, "GITHUB_CLIENT_ID=", "GITHUB_CLIENT_SECRET=", "PATH="+programs)
	s := atTerminal(t, env, "install")
	s.sees("gh: use the sign-in of gh): ")
	s.types("gh\n")
	s.sees("Write this? [Y/n] ")
	s.types("y\n")
	s.expects(0, "Cursor: done")
	if text := readIn(t, home, ".cursor/mcp.json"); !strings.Contains(text, `"GITHUB_TOKEN_COMMAND": "\"`+gh+`\""`) || strings.Contains(text, "CLIENT") {
		t.Errorf("the file is now %s", text)
	}
	if got := run(t, with(env, "PATH="), "", "call", "github_whoami"); got.code != 0 || !strings.Contains(got.stdout, "@mona-example") {
		t.Errorf("with what the host has: %+v", got)
	}
}

// TestInstalledCommand: a host starts the program by a path that an update leaves where
// it is.
func TestInstalledCommand(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	put := func(path string, link bool) string {
		t.Helper()
		path = filepath.Join(folder, path)
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if link && err == nil {
			err = os.Symlink(binary(t), path)
		} else if err == nil {
			err = os.Link(binary(t), path)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	linked := put("bin/valetkey", true)
	other := put("elsewhere/valetkey", false)
	temporary := put("go-build123/b001/exe/valetkey", false)
	cached := put("_npx/0a1b/node_modules/@valetkey/linux-x64/bin/valetkey", false)
	npx := put("npm/npx", false)
	for name, row := range map[string]struct {
		program, path string
		want          string
		code          int
	}{
		"not on the PATH":          {other, "", `"command": "` + other + `"`, 0},
		"by a manager's link":      {binary(t), filepath.Dir(linked), `"command": "` + linked + `"`, 0},
		"another one on the PATH":  {other, filepath.Join(folder, "npm"), `"command": "` + other + `"`, 0},
		"by go run":                {temporary, "", "go install", 1},
		"from npx's cache":         {cached, filepath.Dir(npx), `"command": "` + npx + `"`, 0},
		"from it, and without npx": {cached, "", "npm install -g valetkey", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := homeWith(t, map[string]string{".cursor/mcp.json": "{}"})
			command := exec.Command(row.program, "install", "cursor", "--yes")
			command.Env = environment(home, oneClient, "PATH="+row.path)
			said, err := command.CombinedOutput()
			if code := command.ProcessState.ExitCode(); code != row.code || (err == nil) != (code == 0) {
				t.Errorf("%d, %v: %s", code, err, said)
			}
			text := string(said) + readIn(t, home, ".cursor/mcp.json")
			if !strings.Contains(text, row.want) || strings.Contains(row.want, "npx") != strings.Contains(text, `"args": ["-y", "valetkey"]`) {
				t.Errorf("%s isn't in %s", row.want, text)
			}
		})
	}
}
