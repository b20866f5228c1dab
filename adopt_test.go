package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adopting is a practice GitHub whose tokens are kept in sealed files, a home to
// put hosts' files into, and the environment of somebody who types there.
func adopting(t *testing.T) (p practice, home string) {
	t.Helper()
	p, _ = fileStore(t)
	home = t.TempDir()
	p.env = with(p.env, "HOME="+home, "USERPROFILE="+home, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "PATH=")
	return p, home
}

// expectNowhere looks for a token in every file of the home and of valetkey's folder.
func expectNowhere(t *testing.T, token string, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			text, err := os.ReadFile(path)
			if strings.Contains(string(text), token) {
				t.Errorf("the token is in %s", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func folderOf(p practice) string {
	for _, pair := range p.env {
		if folder, found := strings.CutPrefix(pair, "VALET_DIR="); found {
			return folder
		}
	}
	return ""
}

// TestAdopt: a token that lies in hosts' files goes to the store, valetkey takes the
// place of the servers that had it, and it is in no file any more, nor in what was
// said. Taking it back brings the servers back, and not the token.
func TestAdopt(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	token := p.IssueToken("repo")
	writeIn(t, home, ".cursor/mcp.json", fmt.Sprintf(`{
  "mcpServers": {
    "github": {"command": "npx", "args": ["-y", "a-github-server"], "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": %q, "GITHUB_HOST": %q}},
    "other": {"command": "other"}
  }
}
`, token, p.URL()))
	writeIn(t, home, ".codex/config.toml", fmt.Sprintf("[mcp_servers.gh]\ncommand = \"gh-server\"\n[mcp_servers.gh.env]\nGITHUB_TOKEN = %q\nGITHUB_HOST = %q\n", token, p.URL()))
	writeIn(t, home, ".gemini/settings.json", fmt.Sprintf(`{"mcpServers": {"valetkey": {"command": "valetkey", "args": [], "env": {"GITHUB_TOKEN": %q, "GITHUB_HOST": %q}}}}`, token, p.URL()))
	before := allFiles(t, home)
	// What an earlier change keeps holds no token either.
	if got := run(t, p.env, "", "install", "codex", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if got := run(t, p.env, "", "install", "codex", "--undo", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	got := run(t, p.env, "", "install", "--adopt", "--yes")
	if got.code != 0 || !containsAll(got.stdout, []string{"the token of mona-example is in a sealed file", "Cursor, github: env.GITHUB_PERSONAL_ACCESS_TOKEN", "Codex, gh: env.GITHUB_TOKEN", "Gemini CLI, valetkey: env.GITHUB_TOKEN", "revoke"}) {
		t.Fatalf("%+v", got)
	}
	if strings.Contains(got.stdout+got.stderr, token) {
		t.Error("the token was shown")
	}
	expectNowhere(t, token, home, folderOf(p))
	for path, gone := range map[string]string{".cursor/mcp.json": `"github"`, ".codex/config.toml": "[mcp_servers.gh", ".gemini/settings.json": "GITHUB_TOKEN"} {
		if text := readIn(t, home, path); strings.Contains(text, gone) || !strings.Contains(text, "valetkey") {
			t.Errorf("%s is now\n%s", path, text)
		}
	}
	if text := readIn(t, home, ".cursor/mcp.json"); !strings.Contains(text, `"other": {"command": "other"}`) {
		t.Errorf("the other server is gone: %s", text)
	}
	if got := run(t, p.env, "", "call", "github_whoami"); got.code != 0 || !strings.Contains(got.stdout, "@mona-example") {
		t.Errorf("with the token from the store: %+v", got)
	}
	if got := run(t, p.env, "", "install", "--undo", "--yes"); got.code != 0 || !strings.Contains(got.stdout, "but for the tokens") {
		t.Errorf("%+v", got)
	}
	for path, text := range allFiles(t, home) {
		if want := strings.ReplaceAll(before[path], token, ("adopted-by-valetkey" + strings.Repeat("*", 80))[:len(token)]); text != want {
			t.Errorf("%s is now\n%s\nwant\n%s", path, text, want)
		}
	}
}

// TestAdoptLeaves: a token that can't be kept, or that belongs elsewhere, stays where
// it is, and why is said.
func TestAdoptLeaves(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		entry string
		said  string
		asked bool
	}{
		"one that the service refuses": {`{"command": "x", "env": {"GITHUB_TOKEN": "example-of-a-token-that-is-gone", "GITHUB_HOST": "URL"}}`, "refused", true},
		"one for another host":         {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE", "GITHUB_HOST": "https://github.example"}}`, "github.example", false},
		"one for the usual host":       {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE"}}`, "works with github.com", false},
		"one by a flag":                {`{"command": "x", "args": ["--gh-host", "ghe.example"], "env": {"GITHUB_TOKEN": "HERE", "GITHUB_HOST": "URL"}}`, "ghe.example", false},
		"one by a flag's value":        {`{"command": "x", "args": ["-e", "GITHUB_HOST=ghe.example"], "env": {"GITHUB_TOKEN": "HERE", "GITHUB_HOST": "URL"}}`, "ghe.example", false},
		"one by another variable":      {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE", "GITHUB_ENTERPRISE": "ghe.example"}}`, "ghe.example", false},
		"one in capital letters":       {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE", "GITHUB_API": "HTTPS://GHE.example"}}`, "GHE.example", false},
		"one of the remote server":     {`{"type": "http", "url": "https://api.githubcopilot.com/mcp/", "headers": {"Authorization": "Bearer ghp_HERE"}}`, "api.githubcopilot.com", false},
		"beside another's secret":      {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE", "GITHUB_HOST": "URL", "LINEAR_KEY": "example"}}`, "LINEAR_KEY", false},
		"beside another token":         {`{"command": "x", "env": {"GITHUB_TOKEN": "HERE", "GITHUB_HOST": "URL", "GH_TOKEN": "example-of-another-token"}}`, "another one", true},
		"one for another address":      {`{"type": "http", "url": "https://mcp.example/mcp", "headers": {"GITHUB_TOKEN": "HERE"}}`, "mcp.example", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, home := adopting(t)
			text := `{"mcpServers": {"github": ` + strings.NewReplacer("HERE", p.IssueToken("repo"), "URL", p.URL()).Replace(row.entry) + `}}`
			writeIn(t, home, ".cursor/mcp.json", text)
			asked := len(p.Requests())
			got := run(t, p.env, "", "install", "cursor", "--adopt", "--yes")
			if got.code != 1 || !containsAll(got.stdout+got.stderr, []string{row.said, "left where it is"}) {
				t.Errorf("%+v", got)
			}
			if now := readIn(t, home, ".cursor/mcp.json"); !strings.Contains(now, `"github": `) {
				t.Errorf("the entry is gone: %s", now)
			}
			if sent := len(p.Requests()) > asked; sent != row.asked {
				t.Errorf("the token was sent: %v, want %v", sent, row.asked)
			}
		})
	}
}

// TestAdoptElsewhere: a token that lies beside the list, as in a project's servers, is
// told, and stays what it is, also after the change is taken back.
func TestAdoptElsewhere(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	token := p.IssueToken("repo")
	text := strings.ReplaceAll(`{
  "mcpServers": {"gh": {"command": "x", "env": {"GITHUB_TOKEN": "TOKEN", "GITHUB_HOST": "URL"}}, "live": {"command": "TOKEN"}},
  "projects": {"/src": {"mcpServers": {"gh": {"env": {"GITHUB_TOKEN": "TOKEN"}}}}}
}
`, `"TOKEN"`, `"`+token+`"`)
	text = strings.ReplaceAll(text, "URL", p.URL())
	writeIn(t, home, ".claude.json", text)
	got := run(t, p.env, "", "install", "claude-code", "--adopt", "--yes")
	if got.code != 0 || !strings.Contains(got.stdout, "at projects./src.mcpServers.gh.env.GITHUB_TOKEN: that is left alone") {
		t.Errorf("%+v", got)
	}
	if got := run(t, p.env, "", "install", "claude-code", "--undo", "--yes"); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if now := readIn(t, home, ".claude.json"); strings.Count(now, token) != 2 || !strings.Contains(now, "adopted-by-valetkey") {
		t.Errorf("it is now %s", now)
	}
}

// TestAdoptDryRun moves nothing and asks nobody.
func TestAdoptDryRun(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	text := fmt.Sprintf(`{"mcpServers": {"github": {"command": "x", "env": {"GITHUB_TOKEN": %q, "GITHUB_HOST": %q}}}}`, p.IssueToken("repo"), p.URL())
	writeIn(t, home, ".cursor/mcp.json", text)
	got := run(t, p.env, "", "install", "cursor", "--adopt", "--dry-run")
	if got.code != 0 || !strings.Contains(got.stdout, "lies in plain text") || len(p.Requests()) != 0 {
		t.Errorf("%+v, %d requests", got, len(p.Requests()))
	}
	if now := readIn(t, home, ".cursor/mcp.json"); now != text {
		t.Errorf("the file is now %s", now)
	}
}
