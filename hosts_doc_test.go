package main

import (
	"encoding/json"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// hostSections are the hosts that valetkey install knows, by the headings of their
// sections in docs/hosts.md.
func hostSections() map[string]string {
	return map[string]string{
		"Claude Desktop": "claude-desktop", "Claude Code": "claude-code", "Cursor": "cursor", "VS Code": "vscode",
		"Windsurf": "windsurf", "Zed": "zed", "Codex": "codex", "Gemini CLI": "gemini", "Cline": "cline", "Goose": "goose",
		"opencode": "opencode",
	}
}

// TestHostsPage: every host has a section that says the same things in the same
// order, and what it has people paste starts valetkey.
func TestHostsPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/hosts.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split(string(text), "\n## ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		sections[heading] = body
	}
	said := regexp.MustCompile(`(?s)\*\*Run\*\*.*\*\*paste\*\*.*\*\*Environment:\*\*.*\*\*Time limit:\*\*.*\*\*Signing in:\*\*.*\*\*Log:\*\*.*\*\*If it doesn't connect:\*\*.*\[Its documentation\]\(https://`)
	for heading, name := range hostSections() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			section := sections[heading]
			if !said.MatchString(section) || !strings.Contains(section, "`valetkey install "+name+"`") {
				t.Errorf("the section %q lacks something, or has it elsewhere", heading)
			}
			pasted := snippets(section, "json", "toml", "yaml")
			if len(pasted) != 1 {
				t.Fatalf("%d texts to paste, want 1", len(pasted))
			}
			for _, wrong := range pasted[0].faults(string(readme)) {
				t.Error(wrong)
			}
		})
	}
	for heading := range sections {
		if _, known := hostSections()[heading]; !known && heading != "What signing in looks like" && heading != "In any host" {
			t.Errorf("a section for a host that isn't known: %q", heading)
		}
	}
}

// snippet is a text to paste, in one of the formats of hosts' files.
type snippet struct{ format, text string }

var fenced = regexp.MustCompile("(?ms)^( *)```([a-z]+)\n(.*?)^ *```$")

func snippets(section string, formats ...string) []snippet {
	var found []snippet
	for _, block := range fenced.FindAllStringSubmatch(section, -1) {
		if slices.Contains(formats, block[2]) {
			text := strings.TrimPrefix(strings.ReplaceAll("\n"+block[3], "\n"+block[1], "\n"), "\n")
			found = append(found, snippet{block[2], text})
		}
	}
	return found
}

// faults are what is wrong with a text to paste: its format, what it starts, the
// variables it names, or a secret.
func (s snippet) faults(readme string) []string {
	var faults []string
	entry, ok := s.entry()
	if !ok {
		return []string{s.format + " doesn't hold an entry of the name valetkey: " + s.text}
	}
	command, _ := first(entry, "command", "cmd").(string)
	if list, ok := first(entry, "command").([]any); ok && len(list) == 1 {
		command, _ = list[0].(string)
	}
	if path.Base(command) != "valetkey" {
		faults = append(faults, "it starts "+command)
	}
	env, ok := first(entry, "env", "envs", "environment").(map[string]any)
	if !ok || len(env) == 0 {
		faults = append(faults, "it hands on no variable")
	}
	for name, value := range env {
		if !strings.Contains(readme, "`"+name+"`") {
			faults = append(faults, "the readme knows no "+name)
		}
		if value != "" {
			faults = append(faults, "it gives "+name+" a value")
		}
	}
	return faults
}

func first(entry map[string]any, names ...string) any {
	for _, name := range names {
		if value, ok := entry[name]; ok {
			return value
		}
	}
	return nil
}

// entry reads the entry of the name valetkey in the one table of servers.
func (s snippet) entry() (map[string]any, bool) {
	root := map[string]any{}
	switch s.format {
	case "json":
		if json.Unmarshal([]byte(s.text), &root) != nil {
			return nil, false
		}
	case "toml":
		root = simpleTOML(s.text)
	case "yaml":
		root = simpleYAML(s.text)
	}
	for _, servers := range root {
		table, _ := servers.(map[string]any)
		entry, ok := table["valetkey"].(map[string]any)
		return entry, ok && len(root) == 1 && len(table) == 1
	}
	return nil, false
}

var (
	tomlTable  = regexp.MustCompile(`^\[([a-z_]+)\.([a-z_]+)\]$`)
	tomlValue  = regexp.MustCompile(`^([a-z_]+) = (.+)$`)
	tomlInline = regexp.MustCompile(`([A-Za-z_]+) = `)
	yamlLine   = regexp.MustCompile(`^((?:  )*)([A-Za-z_]+):(?: (.+))?$`)
)

// simpleTOML reads what is both simple TOML and, but for the signs around names,
// JSON; nil for anything else.
func simpleTOML(text string) map[string]any {
	root := map[string]any{}
	var table map[string]any
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if header := tomlTable.FindStringSubmatch(line); header != nil && table == nil {
			table = map[string]any{}
			root[header[1]] = map[string]any{header[2]: table}
			continue
		}
		pair := tomlValue.FindStringSubmatch(line)
		var value any
		if pair == nil || table == nil || json.Unmarshal([]byte(tomlInline.ReplaceAllString(pair[2], `"$1": `)), &value) != nil {
			return nil
		}
		table[pair[1]] = value
	}
	return root
}

// simpleYAML reads nested mappings, two spaces a level, of values in JSON or plain
// words; nil for anything else.
func simpleYAML(text string) map[string]any {
	levels := []map[string]any{{}}
	for line := range strings.Lines(text) {
		pair := yamlLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if pair == nil || len(pair[1])/2 >= len(levels) {
			return nil
		}
		levels = levels[:len(pair[1])/2+1]
		parent := levels[len(levels)-1]
		if pair[3] == "" {
			nested := map[string]any{}
			parent[pair[2]] = nested
			levels = append(levels, nested)
			continue
		}
		var value any
		if json.Unmarshal([]byte(pair[3]), &value) != nil {
			value = pair[3]
		}
		parent[pair[2]] = value
	}
	return levels[0]
}
