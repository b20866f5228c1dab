package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// homeWith is a home directory with these files.
func homeWith(t *testing.T, files map[string]string) string {
	t.Helper()
	home := t.TempDir()
	for path, text := range files {
		writeIn(t, home, path, text)
	}
	return home
}

func writeIn(t *testing.T, home, path, text string) {
	t.Helper()
	whole := filepath.Join(home, filepath.FromSlash(path))
	if err := errors.Join(os.MkdirAll(filepath.Dir(whole), 0o700), os.WriteFile(whole, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func readIn(t *testing.T, home, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// allFiles are those below a folder, but for valetkey's own, and their texts.
func allFiles(t *testing.T, home string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.Contains(path, filepath.Join(".config", "valetkey")) {
			name, _ := filepath.Rel(home, path)
			files[filepath.ToSlash(name)] = readIn(t, home, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// installed is a text with the program's path in it, as JSON, TOML and YAML write it.
func installed(t *testing.T, text string) string {
	return strings.ReplaceAll(text, "COMMAND", strings.ReplaceAll(binary(t), `\`, `\\`))
}

const oneClient = "GITHUB_CLIENT_ID=example-client"

// TestInstallEverywhere: valetkey gets into every host's file, where nothing else
// changes; the same again changes nothing; taken out or undone, all is as it was.
func TestInstallEverywhere(t *testing.T) {
	t.Parallel()
	before := map[string]string{}
	for _, f := range hostFiles() {
		before[f.path] = f.before
	}
	home := homeWith(t, before)
	env := environment(home, oneClient)
	expectDry := func(want map[string]string, args ...string) {
		t.Helper()
		if got := run(t, env, "", append(args, "--dry-run")...); got.code != 0 || !maps.Equal(allFiles(t, home), want) {
			t.Fatalf("a dry run of %q has changed something: %+v", args, got)
		}
	}
	expectDry(before, "install")
	if _, err := os.Stat(filepath.Join(home, ".config", "valetkey")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a dry run has made valetkey's folder: %v", err)
	}
	for _, again := range []bool{false, true} {
		got := run(t, env, "", "install", "--yes")
		if got.code != 0 {
			t.Fatalf("install: %+v", got)
		}
		if said := strings.Count(got.stdout, "nothing to do"); again && said != len(before) {
			t.Errorf("the second time, %d of %d files needed nothing: %s", said, len(before), got.stdout)
		}
		for _, f := range hostFiles() {
			if text := readIn(t, home, f.path); text != installed(t, f.after) {
				t.Errorf("%s, again %v:\n%s", f.host, again, text)
			}
		}
	}
	expectDry(allFiles(t, home), "install", "--uninstall")
	if got := run(t, env, "", "install", "--uninstall", "--yes"); got.code != 0 {
		t.Fatalf("uninstall: %+v", got)
	}
	for _, f := range hostFiles() {
		if text := readIn(t, home, f.path); strings.Contains(text, "valetkey") {
			t.Errorf("%s: it is still there:\n%s", f.host, text)
		}
	}
	expectDry(allFiles(t, home), "install", "--undo")
	for n := range 2 {
		if got := run(t, env, "", "install", "--undo", "--yes"); got.code != 0 {
			t.Fatalf("undo %d: %+v", n, got)
		}
	}
	if after := allFiles(t, home); !maps.Equal(after, before) {
		t.Errorf("after both were undone there are %q, want %q", after, before)
	}
}

// TestInstalledServerStarts: what stands in a file is what starts.
func TestInstalledServerStarts(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": ""})
	if got := run(t, environment(home, oneClient), "", "install", "cursor", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	var config struct {
		Servers map[string]struct {
			Command string            `json:"command"`
			Env     map[string]string `json:"env"`
		} `json:"mcpServers"`
	}
	if err := json.Unmarshal([]byte(readIn(t, home, ".cursor/mcp.json")), &config); err != nil {
		t.Fatal(err)
	}
	server := config.Servers["valetkey"]
	if !filepath.IsAbs(server.Command) || server.Command != binary(t) || server.Env["GITHUB_CLIENT_ID"] != "example-client" {
		t.Errorf("the entry is %+v", server)
	}
}

// TestInstallLeavesAlone: what can't be changed safely isn't, and why is said, with
// the line.
func TestInstallLeavesAlone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		host, path, text string
		said             []string
	}{
		"no JSON":                  {"cursor", ".cursor/mcp.json", "{\n  \"mcpServers\": {\n    \"a\": }\n}", []string{"mcp.json", "line 3"}},
		"no TOML":                  {"codex", ".codex/config.toml", "a = 1\nb = = 2\n", []string{"config.toml", "line 2"}},
		"no YAML":                  {"goose", ".config/goose/config.yaml", "a: 1\nextensions: [\n", []string{"config.yaml", "line "}},
		"another kind of value":    {"cursor", ".cursor/mcp.json", `{"mcpServers": []}`, []string{"mcp.json", "line 1"}},
		"an entry of another kind": {"cursor", ".cursor/mcp.json", `{"mcpServers": {"valetkey": "x", "valetkey": {}}}`, []string{"mcp.json", "line 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := homeWith(t, map[string]string{row.path: row.text, ".gemini/settings.json": ""})
			got := run(t, environment(home, oneClient), "", "install", row.host, "gemini", "--yes")
			if got.code != 1 || !containsAll(got.stderr, append(row.said, "left alone", "by hand")) {
				t.Errorf("%+v", got)
			}
			if text := readIn(t, home, row.path); text != row.text {
				t.Errorf("the file is now %q", text)
			}
			if text := readIn(t, home, ".gemini/settings.json"); !strings.Contains(text, "valetkey") {
				t.Errorf("the other host was held up: %q", text)
			}
		})
	}
}

// TestInstallKeepsWhatAPersonAdded: an entry that is there gets what it needs, and
// keeps the rest.
func TestInstallKeepsWhatAPersonAdded(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".gemini/settings.json": `{
  "mcpServers": {
    "valetkey": {"timeout": 9000, "command": "/old/valetkey", "env": {"VALET_TOOLSETS": "all", "GITHUB_CLIENT_ID": ""}, "trust": true}
  }
}
`})
	if got := run(t, environment(home, oneClient, "GITHUB_CLIENT_SECRET=example-secret"), "", "install", "gemini", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	text := readIn(t, home, ".gemini/settings.json")
	for _, part := range []string{`"timeout": 9000`, `"trust": true`, `"VALET_TOOLSETS": "all"`, `"GITHUB_CLIENT_ID": "example-client"`, `"GITHUB_CLIENT_SECRET": "$GITHUB_CLIENT_SECRET"`, installed(t, `"COMMAND"`)} {
		if !strings.Contains(text, part) {
			t.Errorf("%s isn't in\n%s", part, text)
		}
	}
}

// TestInstallKeepsNamesToPass: Codex's list of variables keeps what a person added.
func TestInstallKeepsNamesToPass(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".codex/config.toml": "[mcp_servers.valetkey]\ncommand = \"valetkey\"\nenv_vars = [\"MINE\", \"DISPLAY\"]\ntool_timeout_sec = 50\n"})
	if got := run(t, environment(home, oneClient, "GITHUB_TOKEN=example-token"), "", "install", "codex", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	text := readIn(t, home, ".codex/config.toml")
	for part, want := range map[string]int{`"MINE"`: 1, `"DISPLAY"`: 1, `"GITHUB_TOKEN"`: 1, `"DBUS_SESSION_BUS_ADDRESS"`: 1, "tool_timeout_sec = 50": 1} {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%s is there %d times, want %d:\n%s", part, got, want, text)
		}
	}
}

// TestInstallWritesNoSecret: what is secret goes by name, where the host can, and is
// told where it can't.
func TestInstallWritesNoSecret(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, f := range hostFiles() {
		files[f.path] = f.before
	}
	home := homeWith(t, files)
	secrets := []string{"GITHUB_TOKEN=example-token-in-the-environment", "GITHUB_CLIENT_SECRET=example-secret-of-a-client", "VALET_PROXY=http://mona:example-password@127.0.0.1:1"}
	got := run(t, environment(home, append(secrets, oneClient, "VALET_SERVICES=github", "GITHUB_TOOLSETS=all")...), "", "install", "--yes")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	texts := slices.Collect(maps.Values(allFiles(t, home)))
	err := filepath.WalkDir(filepath.Join(home, ".config", "valetkey"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			text, err := os.ReadFile(path)
			texts = append(texts, string(text))
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(texts, got.stdout, got.stderr) {
		if strings.Contains(text, "example-token") || strings.Contains(text, "example-secret") || strings.Contains(text, "example-password") {
			t.Errorf("a secret is in %s", text)
		}
	}
	if text := readIn(t, home, ".codex/config.toml"); !containsAll(text, []string{`"GITHUB_TOKEN"`, `"GITHUB_CLIENT_SECRET"`, `"VALET_PROXY"`, "GITHUB_TOOLSETS"}) {
		t.Errorf("Codex isn't told the names: %s", text)
	}
	if text := readIn(t, home, ".cursor/mcp.json"); !strings.Contains(text, `"GITHUB_TOKEN": "${env:GITHUB_TOKEN}"`) {
		t.Errorf("Cursor isn't told the names: %s", text)
	}
	if !containsAll(got.stdout, []string{"Claude Desktop hands no variables on", "GITHUB_TOKEN, GITHUB_CLIENT_SECRET"}) {
		t.Errorf("nobody says what Claude Desktop lacks: %s", got.stdout)
	}
}

// TestInstallShowsNoSecret: whatever form a neighbour has, no value of it is shown or
// kept, and no value of valetkey's own that is secret.
func TestInstallShowsNoSecret(t *testing.T) {
	t.Parallel()
	const secret, escaped, short = "sk-example-of-a-neighbour-1", `p\u0061ss-example`, "xyz"
	for path, text := range map[string]string{
		".cursor/mcp.json":          `{"mcpServers": {"a": {"command": "c", "args": ["--api-key", "SECRET"], "env": {"A": "ESCAPED", "B": "SHORT"}}}, "apiKey": "SECRET"}`,
		".gemini/settings.json":     "{\n  \"mcpServers\": {\n    \"a\": { \"env\": { \"A\": \"SECRET\", \"B\": \"ESCAPED\" } }\n  }, \"key\": \"SHORT\"\n}\n",
		".codex/config.toml":        "[mcp_servers.a]\ncommand = \"c\"\nenv = { A = \"SECRET\", B = \"SHORT\" }\n",
		".config/goose/config.yaml": "key: SECRET\nextensions:\n  a:\n    envs: {A: SECRET, B: SHORT}\n    cmd: c\n",
		".config/zed/settings.json": "{\n  // SECRET\n  \"key\": \"SECRET\",\n  \"context_servers\": {\n    \"valetkey\": {\"command\": \"old\", \"env\": {\"GITHUB_TOKEN\": \"SECRET\", \"MORE\": \"\u009b2J\u202e\"}}, \"b\": {\"env\": {\"A\": \"SHORT\"}}\n  }\n}\n",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			home := homeWith(t, map[string]string{path: strings.NewReplacer("SECRET", secret, "ESCAPED", escaped, "SHORT", short).Replace(text)})
			env := environment(home, oneClient, "PATH=", "VALET_STORE=memory")
			for _, args := range [][]string{{"install", "--dry-run"}, {"install", "--yes"}, {"install", "--uninstall", "--dry-run"}} {
				got := run(t, env, "", args...)
				said := strings.ReplaceAll(got.stdout+got.stderr, home, "")
				if got.code != 0 || strings.Contains(said, secret) || strings.Contains(said, "ss-example") || strings.Contains(said, short) {
					t.Errorf("%q: %+v", args, got)
				}
				if strings.ContainsFunc(said, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
					t.Errorf("%q: what steers a terminal is in %q", args, said)
				}
				if !strings.Contains(said, "valetkey") {
					t.Errorf("%q shows no change: %+v", args, got)
				}
			}
			kept, err := filepath.Glob(filepath.Join(home, ".config/valetkey/backups/*.json"))
			if err != nil || len(kept) != 1 {
				t.Fatalf("%q, %v", kept, err)
			}
			if text, err := os.ReadFile(kept[0]); err != nil || !strings.Contains(path, "zed") && strings.Contains(string(text), secret) {
				t.Errorf("%s, %v", text, err)
			}
		})
	}
}

// TestInstallKeepsEachHostsOwn: what one host gives valetkey goes into the entries that
// are new, and into no other host's.
func TestInstallKeepsEachHostsOwn(t *testing.T) {
	t.Parallel()
	entry := func(account string) string {
		return `{"mcpServers": {"valetkey": {"command": "x", "args": [], "env": {"GITHUB_ACCOUNT": "` + account + `", "VALET_REPOS": "` + account + `/*"}}}}`
	}
	home := homeWith(t, map[string]string{".cursor/mcp.json": entry("work"), ".gemini/settings.json": entry("home"), ".codeium/windsurf/mcp_config.json": ""})
	if got := run(t, environment(home, oneClient, "PATH="), "", "install", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for path, want := range map[string]string{".cursor/mcp.json": "work", ".gemini/settings.json": "home", ".codeium/windsurf/mcp_config.json": "work"} {
		if text := readIn(t, home, path); !containsAll(text, []string{`"GITHUB_ACCOUNT": "` + want + `"`, `"VALET_REPOS": "` + want + `/*"`, "example-client"}) {
			t.Errorf("%s is now %s", path, text)
		}
	}
}

// TestInstallMisuse: wrong names and combinations are refused before anything is
// touched, and without a person nothing is written.
func TestInstallMisuse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		args []string
		env  []string
		code int
		said string
	}{
		"an unknown host":   {args: []string{"install", "emacs", "--yes"}, code: 2, said: `no host "emacs"`},
		"two ways at once":  {args: []string{"install", "--undo", "--uninstall", "--yes"}, code: 2, said: "use one of them"},
		"nobody to ask":     {args: []string{"install", "cursor"}, code: 2, said: "--yes"},
		"no host is here":   {args: []string{"install", "--yes"}, env: []string{"PATH="}, code: 2, said: "no host was found"},
		"a wrong variable":  {args: []string{"install", "cursor", "--yes"}, env: []string{"GITHUB_HOST=https://x/y?z"}, code: 1, said: "GITHUB_HOST"},
		"no such program":   {args: []string{"install", "cursor", "--yes"}, env: []string{"GITHUB_TOKEN_COMMAND=gh", "PATH="}, code: 1, said: "no program \"gh\""},
		"undo unattended":   {args: []string{"install", "cursor", "--undo"}, code: 2, said: "--yes"},
		"a token elsewhere": {args: []string{"install", "cursor", "--yes"}, env: []string{"GITHUB_TOKEN_COMMAND=echo ghp_exampleexampleexample"}, code: 1, said: "looks like a token of GitHub"},
		"nothing to undo":   {args: []string{"install", "cursor", "--undo", "--yes"}, code: 1, said: "nothing to undo"},
		"none of all there": {args: []string{"install", "--undo", "--yes"}, code: 0, said: "nothing to undo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			got := run(t, environment(home, append(row.env, oneClient)...), "", row.args...)
			if got.code != row.code || !strings.Contains(got.stdout+got.stderr, row.said) {
				t.Errorf("%+v", got)
			}
			if files := allFiles(t, home); len(files) > 0 {
				t.Errorf("there are files now: %q", files)
			}
		})
	}
}
