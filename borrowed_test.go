package main

import (
	"strings"
	"testing"
)

// TestBorrowedVariables: at a terminal a service is where the hosts have it, unless a
// secret is set there: that goes nowhere but where it was meant for.
func TestBorrowedVariables(t *testing.T) {
	t.Parallel()
	p := startPractice(t)
	entry := func(host, more string) string {
		return `{"mcpServers": {"valetkey": {"command": "valetkey", "env": {"GITHUB_HOST": "` + host + `"` + more + `}}}}`
	}
	const nowhere = "http://127.0.0.1:9"
	for name, row := range map[string]struct {
		cursor, gemini string
		here           []string
		borrowed       []string
		host           string
	}{
		"from a host":            {cursor: entry(p.URL(), `, "GITHUB_CLIENT_ID": "example"`), borrowed: []string{"GITHUB_CLIENT_ID (Cursor)", "GITHUB_HOST (Cursor)"}, host: p.URL()},
		"all from one host":      {cursor: entry(p.URL(), ""), gemini: entry(nowhere, `, "GITHUB_CLIENT_ID": "example"`), borrowed: []string{"GITHUB_HOST (Cursor)"}, host: p.URL()},
		"what is set here first": {cursor: entry(nowhere, ""), here: []string{"GITHUB_HOST=" + p.URL()}, host: p.URL()},
		"not beside a key":       {cursor: entry(nowhere, ""), here: []string{"GH_TOKEN=example-of-a-key"}, host: "github.com"},
		"not beside a secret":    {cursor: entry(nowhere, ""), here: []string{"GITHUB_CLIENT_SECRET=example-secret"}, host: "github.com"},
		"no secret":              {cursor: entry(p.URL(), `, "GITHUB_TOKEN": "example-of-a-key"`), borrowed: []string{"GITHUB_HOST (Cursor)"}, host: p.URL()},
		"nothing unexpanded":     {cursor: entry("${env:GITHUB_HOST}", ""), host: "github.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{".cursor/mcp.json": row.cursor}
			if row.gemini != "" {
				files[".gemini/settings.json"] = row.gemini
			}
			got := run(t, environment(homeWith(t, files), append(row.here, "VALET_STORE=memory", "PATH=")...), "", "status")
			host := strings.TrimPrefix(row.host, "http://")
			if !strings.Contains(got.stdout, "GitHub ("+host+")") || strings.Contains(got.stdout, "example-of-a-key") {
				t.Errorf("%+v", got)
			}
			_, list, _ := strings.Cut(got.stdout, "From the entries of hosts: ")
			if want := strings.Join(row.borrowed, ", "); !strings.HasPrefix(list, want) || list != "" && list[len(want)] != '.' {
				t.Errorf("borrowed %q, want %q", list, want)
			}
		})
	}
	if len(p.Requests()) > 0 {
		t.Errorf("status has asked %+v", p.Requests())
	}
}

// TestGivenTokenStaysHere: a token that is given at a terminal isn't sent to an address
// from a host's entry, unless the person says that address as well.
func TestGivenTokenStaysHere(t *testing.T) {
	t.Parallel()
	p, home := adopting(t)
	writeIn(t, home, ".cursor/mcp.json", `{"mcpServers": {"valetkey": {"command": "valetkey", "env": {"GITHUB_HOST": "`+p.URL()+`"}}}}`)
	token := p.IssueToken("repo")
	elsewhere := with(p.env, "GITHUB_HOST=", "GITHUB_CLIENT_SECRET=")
	if got := run(t, elsewhere, token, "login", "github", "--with-token"); got.code != 2 || !strings.Contains(got.stderr, "GITHUB_HOST is from the entry of Cursor") {
		t.Errorf("%+v", got)
	}
	if sent := p.Requests(); len(sent) > 0 {
		t.Errorf("it was sent: %+v", sent)
	}
	if got := run(t, p.env, token, "login", "github", "--with-token"); got.code != 0 {
		t.Errorf("with the address: %+v", got)
	}
}
