package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWhatIsWrittenToDisk: docs/security.md has a line for every file that is made in
// valetkey's folder, whatever the store, and nothing lies elsewhere but where it says.
func TestWhatIsWrittenToDisk(t *testing.T) {
	t.Parallel()
	documented := filesInSecurity(t)
	var seen []string
	for _, store := range []string{"file", "memory"} {
		p, home := adopting(t)
		writeIn(t, home, ".cursor/mcp.json", "{}")
		p.env = with(p.env, busIn(privateFolder(t)), "VALET_STORE="+store, "VALET_SERVICES=github")
		s := serve(t, p.env)
		s.initialize()
		s.signIn(p.Sandbox)
		s.end()
		for _, args := range [][]string{{"doctor"}, {"install", "cursor", "--yes"}, {"stop", "for", "a", "while"}} {
			run(t, p.env, "", args...)
		}
		for _, name := range namesBelow(t, folderOf(p)) {
			matches := func(pattern string) bool { is, err := path.Match(pattern, name); return is && err == nil }
			at := slices.IndexFunc(documented, matches)
			switch {
			case at < 0:
				t.Errorf("%s: docs/security.md has no line for %s", store, name)
			case store == "memory" && !strings.Contains(name, "/") && name != "stopped" && name != "identity.age":
				t.Errorf("there is a %s with VALET_STORE=memory", name)
			default:
				seen = append(seen, documented[at])
			}
		}
		for _, name := range namesBelow(t, home) {
			if name != ".cursor/mcp.json" && !strings.HasSuffix(name, "valetkey/stopped") {
				t.Errorf("%s: there is a %s in the home", store, name)
			}
		}
	}
	for _, pattern := range documented {
		if pattern != "*.sealed" && !slices.Contains(seen, pattern) {
			t.Errorf("docs/security.md has a line for %s, and there is none", pattern)
		}
	}
}

// filesInSecurity are the files that the page names in its list of what is written.
func filesInSecurity(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## What is written to disk\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var all []string
	for line := range strings.Lines(section) {
		if cell, _, isRow := strings.Cut(strings.TrimPrefix(line, "| "), " | "); isRow {
			for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
				all = append(all, name[1])
			}
		}
	}
	return all
}

// namesBelow are the files in a folder, by their paths in it.
func namesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(filepath.Clean(folder)), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
