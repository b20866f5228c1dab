package hosts

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// machine is a made-up one, whose home is a new folder with some files in it. The
// path of the home has no links.
func machine(t *testing.T, system string, variables map[string]string, files ...string) Machine {
	t.Helper()
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		path := filepath.Join(home, filepath.FromSlash(file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return Machine{
		OS: system, Home: home,
		Getenv: func(name string) string {
			if value := variables[name]; value != "" {
				return filepath.Join(home, value)
			}
			return ""
		},
		LookPath: func(string) (string, error) { return "", os.ErrNotExist },
	}
}

func (m Machine) place(t *testing.T, host string) Place {
	t.Helper()
	places := m.Places(All())
	at := slices.IndexFunc(places, func(p Place) bool { return p.Name == host })
	if at < 0 {
		t.Fatalf("there is no host %s", host)
	}
	return places[at]
}

// TestFiles: each host's file is where its documentation says (see [All]); on macOS,
// Linux and Windows, in this order.
func TestFiles(t *testing.T) {
	t.Parallel()
	const mac, windows = "Library/Application Support/", "AppData/Roaming/"
	for host, want := range map[string][3]string{
		"claude-desktop":  {mac + "Claude/claude_desktop_config.json", ".config/Claude/claude_desktop_config.json", windows + "Claude/claude_desktop_config.json"},
		"claude-code":     {".claude.json", ".claude.json", ".claude.json"},
		"cursor":          {".cursor/mcp.json", ".cursor/mcp.json", ".cursor/mcp.json"},
		"vscode":          {mac + "Code/User/mcp.json", ".config/Code/User/mcp.json", windows + "Code/User/mcp.json"},
		"vscode-insiders": {mac + "Code - Insiders/User/mcp.json", ".config/Code - Insiders/User/mcp.json", windows + "Code - Insiders/User/mcp.json"},
		"windsurf":        {".codeium/windsurf/mcp_config.json", ".codeium/windsurf/mcp_config.json", ".codeium/windsurf/mcp_config.json"},
		"zed":             {".config/zed/settings.json", ".config/zed/settings.json", windows + "Zed/settings.json"},
		"codex":           {".codex/config.toml", ".codex/config.toml", ".codex/config.toml"},
		"gemini":          {".gemini/settings.json", ".gemini/settings.json", ".gemini/settings.json"},
		"cline":           {".cline/data/settings/cline_mcp_settings.json", ".cline/data/settings/cline_mcp_settings.json", ".cline/data/settings/cline_mcp_settings.json"},
		"goose":           {".config/goose/config.yaml", ".config/goose/config.yaml", windows + "Block/goose/config/config.yaml"},
		"opencode":        {".config/opencode/opencode.json", ".config/opencode/opencode.json", ".config/opencode/opencode.json"},
	} {
		for i, system := range []string{"darwin", "linux", "windows"} {
			m := machine(t, system, nil)
			got := m.place(t, host)
			if want := filepath.Join(m.Home, filepath.FromSlash(want[i])); got.File != want {
				t.Errorf("%s on %s: %s, want %s", host, system, got.File, want)
			}
			if got.IsPresent {
				t.Errorf("%s on %s seems to be there, in an empty home", host, system)
			}
		}
	}
	if got, want := len(All()), 12; got != want {
		t.Errorf("%d hosts, want %d: add the new one here", got, want)
	}
}

// TestWhichFile: variables and what is there decide between several.
func TestWhichFile(t *testing.T) {
	t.Parallel()
	const packaged = "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/"
	const extension = ".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
	for name, row := range map[string]struct {
		system, host string
		variables    map[string]string
		files        []string
		want         string
	}{
		"a folder of its own":            {"linux", "codex", map[string]string{"CODEX_HOME": "elsewhere"}, []string{".codex/config.toml"}, "elsewhere/config.toml"},
		"Claude Code's":                  {"darwin", "claude-code", map[string]string{"CLAUDE_CONFIG_DIR": "elsewhere"}, nil, "elsewhere/.claude.json"},
		"XDG_CONFIG_HOME":                {"linux", "zed", map[string]string{"XDG_CONFIG_HOME": "xdg"}, nil, "xdg/zed/settings.json"},
		"not on macOS":                   {"darwin", "goose", map[string]string{"XDG_CONFIG_HOME": "xdg"}, nil, ".config/goose/config.yaml"},
		"APPDATA":                        {"windows", "vscode", map[string]string{"APPDATA": "D"}, nil, "D/Code/User/mcp.json"},
		"with comments, hides the other": {"linux", "opencode", nil, []string{".config/opencode/opencode.json", ".config/opencode/opencode.jsonc"}, ".config/opencode/opencode.jsonc"},
		"without comments":               {"linux", "opencode", nil, []string{".config/opencode/opencode.json"}, ".config/opencode/opencode.json"},
		"the extension's":                {"linux", "cline", nil, []string{extension}, extension},
		"in Flatpak":                     {"linux", "zed", nil, []string{".var/app/dev.zed.Zed/config/zed/settings.json"}, ".var/app/dev.zed.Zed/config/zed/settings.json"},
		"the packaged app's":             {"windows", "claude-desktop", nil, []string{packaged + "other.json"}, packaged + "claude_desktop_config.json"},
		"also beside a former one":       {"windows", "claude-desktop", nil, []string{packaged + "other.json", "AppData/Roaming/Claude/claude_desktop_config.json"}, packaged + "claude_desktop_config.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := machine(t, row.system, row.variables, row.files...)
			if got, want := m.place(t, row.host).File, filepath.Join(m.Home, filepath.FromSlash(row.want)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestIsPresent: a host is there if its folder, another sign or its program is.
func TestIsPresent(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		host, program string
		files         []string
		want          bool
	}{
		"its file":              {host: "cursor", files: []string{".cursor/mcp.json"}, want: true},
		"its folder":            {host: "cursor", files: []string{".cursor/argv.json"}, want: true},
		"the home is no sign":   {host: "claude-code", files: []string{".bashrc"}},
		"another sign":          {host: "claude-code", files: []string{".claude/settings.json"}, want: true},
		"its program":           {host: "claude-code", program: "claude", want: true},
		"another one's program": {host: "claude-code", program: "codex"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := machine(t, "linux", nil, row.files...)
			m.LookPath = func(program string) (string, error) {
				if program == row.program {
					return "/usr/bin/" + program, nil
				}
				return "", os.ErrNotExist
			}
			if got := m.place(t, row.host).IsPresent; got != row.want {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
}

// link makes links in a home: from a path to another, or to one as seen from there.
func (m Machine) link(t *testing.T, links map[string]string) {
	t.Helper()
	for from, to := range links {
		from = filepath.Join(m.Home, filepath.FromSlash(from))
		if whole, found := strings.CutPrefix(to, "~/"); found {
			to = filepath.Join(m.Home, whole)
		}
		if err := os.MkdirAll(filepath.Dir(from), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.FromSlash(to), from); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
}

// TestLinks: a file that is a link, or lies behind one, is changed where it lies, even
// if it isn't there yet.
func TestLinks(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		files []string
		links map[string]string
		want  string
	}{
		"a file":               {[]string{"dotfiles/mcp.json"}, map[string]string{".cursor/mcp.json": "~/dotfiles/mcp.json"}, "dotfiles/mcp.json"},
		"no file yet":          {[]string{"dotfiles/other"}, map[string]string{".cursor/mcp.json": "~/dotfiles/mcp.json"}, "dotfiles/mcp.json"},
		"no folder yet":        {nil, map[string]string{".cursor/mcp.json": "../dotfiles/cursor.json"}, "dotfiles/cursor.json"},
		"several":              {nil, map[string]string{".cursor/mcp.json": "~/a/b.json", "a/b.json": "c.json", "a/c.json": "../d.json"}, "d.json"},
		"a folder":             {[]string{"dotfiles/cursor/other"}, map[string]string{".cursor": "dotfiles/cursor"}, "dotfiles/cursor/mcp.json"},
		"a folder, not yet":    {nil, map[string]string{".cursor": "dotfiles/cursor"}, "dotfiles/cursor/mcp.json"},
		"from a linked folder": {[]string{"a/b/other"}, map[string]string{".cursor": "a/b", "a/b/mcp.json": "../c.json"}, "a/c.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := machine(t, "linux", nil, row.files...)
			m.link(t, row.links)
			if got, want := m.place(t, "cursor").File, filepath.Join(m.Home, filepath.FromSlash(row.want)); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestLinksInACircle: whoever reads such a file is told so.
func TestLinksInACircle(t *testing.T) {
	t.Parallel()
	for name, links := range map[string]map[string]string{
		"files":    {".cursor/mcp.json": "a.json", ".cursor/a.json": "mcp.json"},
		"folders":  {".cursor": "a", "a": "b", "b": "a"},
		"a spiral": {".cursor": ".cursor/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "files" && runtime.GOOS == "windows" {
				t.Skip("a link to a folder that isn't there is one to a file on Windows")
			}
			m := machine(t, "linux", nil)
			m.link(t, links)
			if _, err := m.place(t, "cursor").Read(); err == nil || errors.Is(err, os.ErrNotExist) {
				t.Errorf("reading it: %v", err)
			}
		})
	}
}
