package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/hosts"
)

// TestHostsPage: every host has a section that says the same things in the same
// order, and what it has people paste is what valetkey install would write.
func TestHostsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/hosts.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{"VS Code Insiders": "as VS Code"}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		sections[heading] = body
	}
	said := regexp.MustCompile(`(?s)\*\*Run\*\*.*\*\*paste\*\*.*\*\*Environment:\*\*.*\*\*Time limit:\*\*.*\*\*Signing in:\*\*.*\*\*Log:\*\*.*\*\*If it doesn't connect:\*\*.*\[Its documentation\]\(https://`)
	known := []string{"What signing in looks like", "In any host"}
	for _, host := range hosts.All() {
		known = append(known, host.Title)
		if host.Name == "vscode-insiders" {
			continue
		}
		t.Run(host.Name, func(t *testing.T) {
			t.Parallel()
			section := sections[host.Title]
			if !said.MatchString(section) || !strings.Contains(section, "`valetkey install "+host.Name+"`") {
				t.Errorf("the section %q lacks something, or has it elsewhere", host.Title)
			}
			pasted := snippets(section)
			if len(pasted) != 1 {
				t.Fatalf("%d texts to paste, want 1", len(pasted))
			}
			expectSnippet(t, host, pasted[0])
		})
	}
	for heading := range sections {
		if !slices.Contains(known, heading) {
			t.Errorf("a section for a host that valetkey install doesn't know: %q", heading)
		}
	}
}

var fenced = regexp.MustCompile("(?ms)^( *)```(?:json|toml|yaml)\n(.*?)^ *```$")

// snippets are the texts to paste, in one of the formats of hosts' files.
func snippets(section string) []string {
	var found []string
	for _, block := range fenced.FindAllStringSubmatch(section, -1) {
		found = append(found, strings.TrimPrefix(strings.ReplaceAll("\n"+block[2], "\n"+block[1], "\n"), "\n"))
	}
	return found
}

// expectSnippet: as the host's file, a text holds valetkey alone, with nothing secret
// in it, and install would change no more than the path and the client id.
func expectSnippet(t *testing.T, host hosts.Host, text string) {
	t.Helper()
	place := hosts.Place{Host: host, File: filepath.Join(t.TempDir(), "settings")}
	if err := os.WriteFile(place.File, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := place.Read()
	if err != nil {
		t.Fatal(err)
	}
	entry, ok := config.Server(hosts.Entry)
	if !ok || len(config.Servers()) != 1 || !regexp.MustCompile(`^(/full/path/to/)?valetkey$`).MatchString(entry.Command) {
		t.Errorf("it has %+v", config.Servers())
	}
	if len(entry.Args) != 0 || len(entry.Env) != 1 || entry.Env["GITHUB_CLIENT_ID"] != "" {
		t.Errorf("the entry is %+v", entry)
	}
	if err := config.Set(hosts.Server{Command: entry.Command, Env: entry.Env}); err != nil {
		t.Fatal(err)
	}
	if config.IsChanged() {
		t.Errorf("install writes\n%s", config.After())
	}
}
