package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLinksDecode reads the links as the hosts' documentation says they do.
func TestLinksDecode(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("../config.example.json")
	if err != nil {
		t.Fatal(err)
	}
	var example struct {
		MCPServers map[string]map[string]any `json:"mcpServers"`
	}
	if err := json.Unmarshal(config, &example); err != nil {
		t.Fatal(err)
	}
	want := example.MCPServers["valetkey"]
	all, err := links(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		address, err := url.Parse(l.address)
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		got := map[string]any{}
		switch l.host {
		case "Cursor":
			// ?name=NAME&config=BASE64, https://cursor.com/docs/mcp/install-links
			text, err := base64.StdEncoding.DecodeString(query.Get("config"))
			if err != nil || query.Get("name") != "valetkey" || address.Host != "cursor.com" || address.Path != "/en/install-mcp" {
				t.Errorf("%s: %v", l.address, err)
			}
			decodeJSON(t, text, &got)
		default:
			// vscode:mcp/install?ENCODED with a name in the object, behind a redirect.
			scheme := map[string]string{"VS Code": "vscode:", "VS Code Insiders": "vscode-insiders:"}[l.host]
			encoded, isInstall := strings.CutPrefix(query.Get("url"), scheme+"mcp/install?")
			text, err := url.PathUnescape(encoded)
			if err != nil || !isInstall || address.Host != "insiders.vscode.dev" || address.Path != "/redirect" {
				t.Errorf("%s: %v", l.address, err)
			}
			decodeJSON(t, []byte(text), &got)
			if got["name"] != "valetkey" {
				t.Errorf("%s installs %v", l.host, got["name"])
			}
			delete(got, "name")
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s installs %v, want %v", l.host, got, want)
		}
		if strings.ContainsAny(l.address, "()[]<>\" +") {
			t.Errorf("%s ends a link in Markdown, or is read as something else", l.address)
		}
	}
	if len(all) != 3 {
		t.Errorf("%d links", len(all))
	}
}

// TestLinks: the links on our pages are the ones that are made of what a person
// would paste, and there is one for each host.
func TestLinks(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("../config.example.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := links(config)
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	anyLink := regexp.MustCompile(`(https://(cursor\.com|[a-z.]*vscode\.dev)/|(cursor|vscode|vscode-insiders):)[^)\s"?]*\?[^)\s"]*`)
	for _, page := range append(pages, "../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range anyLink.FindAllString(string(text), -1) {
			if !slices.ContainsFunc(all, func(l link) bool { return l.address == address }) {
				t.Errorf("%s links to %s, which isn't among those of: go run ./packaging links", page, address)
			}
			found[address] = true
		}
	}
	for _, l := range all {
		if !found[l.address] {
			t.Errorf("no page has the link for %s; run: go run ./packaging links", l.host)
		}
	}
}

func decodeJSON(t *testing.T, text []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	if err := decoder.Decode(into); err != nil || decoder.More() {
		t.Errorf("%s: %v", text, err)
	}
}
