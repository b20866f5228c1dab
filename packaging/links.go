package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// link installs valetkey in a host with one click.
type link struct{ host, address string }

// links answers one a host, for what a person would paste otherwise. They are
// addresses of the hosts' own sites, which open the host: GitHub's Markdown makes
// no links to cursor: or vscode:.
func links(config []byte) ([]link, error) {
	var example struct{ MCPServers map[string]json.RawMessage }
	if err := json.Unmarshal(config, &example); err != nil {
		return nil, err
	}
	var entry bytes.Buffer
	if err := json.Compact(&entry, example.MCPServers["valetkey"]); err != nil {
		return nil, err
	}
	// https://cursor.com/docs/mcp/install-links
	cursor := "https://cursor.com/en/install-mcp?name=valetkey&config=" + escaped(base64.StdEncoding.EncodeToString(entry.Bytes()))
	// https://code.visualstudio.com/api/extension-guides/ai/mcp#mcp-url-handler, by way
	// of the redirect that https://github.com/microsoft/playwright-mcp#readme uses.
	// vscode.dev/redirect/mcp/install no longer answers: microsoft/work-iq#150.
	named := `{"name":"valetkey",` + strings.TrimPrefix(entry.String(), "{")
	code := func(scheme string) string {
		return "https://insiders.vscode.dev/redirect?url=" + escaped(scheme+":mcp/install?"+escaped(named))
	}
	return []link{{"Cursor", cursor}, {"VS Code", code("vscode")}, {"VS Code Insiders", code("vscode-insiders")}}, nil
}

// escaped is encodeURIComponent, which escapes no less than this.
func escaped(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// printLinks prints the links as Markdown.
func printLinks(out io.Writer) error {
	config, err := os.ReadFile("config.example.json")
	if err != nil {
		return err
	}
	all, err := links(config)
	if err != nil {
		return err
	}
	var words []string
	for _, l := range all {
		words = append(words, fmt.Sprintf("[%s](%s)", l.host, l.address))
	}
	_, err = fmt.Fprintf(out, "Or with one click, once `valetkey` is on your PATH: %s.\n", strings.Join(words, ", "))
	return err
}
