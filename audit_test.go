package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// auditedPractice is a practice GitHub with a token for it, and a folder for the log.
func auditedPractice(t *testing.T, more ...string) (p practice, folder string) {
	t.Helper()
	p = startPractice(t, more...)
	dir := filepath.Join(t.TempDir(), "valetkey")
	p.env = with(p.env, "VALET_STORE=memory", "VALET_DIR="+dir, "GITHUB_TOKEN="+p.IssueToken("repo"))
	return p, filepath.Join(dir, "audit")
}

// TestAuditCommands: what hosts and commands did is shown, as a table and as it is, and
// verified; whoever has changed something is found out.
func TestAuditCommands(t *testing.T) {
	t.Parallel()
	p, folder := auditedPractice(t)
	for _, args := range [][]string{{"audit"}, {"audit", "verify"}} {
		if got := run(t, p.env, "", args...); got.code != 0 || !strings.Contains(got.stdout, "No call is in the log") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	s := serve(t, p.env)
	s.send(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"ev\u202ei\u200bl\u001b[31m\nhost","version":"1"}}}`)
	s.receive()
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	s.receive()
	if _, err := os.Stat(filepath.Dir(folder)); err == nil {
		t.Error("there is a folder before the first call")
	}
	s.call("github_whoami", "{}")
	s.end()
	if got := run(t, p.env, "", "call", "github_nope"); got.code != 2 {
		t.Errorf("%+v", got)
	}
	if got := run(t, p.env, "", "call", "github_issue_write", `{"action":"comment","repo":"a/b","number":1,"body":"x","dry_run":true}`); got.code != 0 {
		t.Errorf("%+v", got)
	}
	table := run(t, p.env, "", "audit")
	rows := regexp.MustCompile(`(?s)^TIME +HOST .* MS\n[-0-9]{10} [:0-9]{8}  evil\[31m host +github_whoami +GET 127\.0\.0\.1:\d+/api/v3/user +allowed +ok +[0-9.]+\n` +
		`.*  valetkey call +github_nope +- +denied +error .*\n.*  valetkey call +github_issue_write +POST 127\.0\.0\.1:\d+/api/v3/repos/a/b/issues/1/comments \(not sent\) +dry_run +ok +[0-9.]+\n$`)
	if table.code != 0 || !rows.MatchString(table.stdout) || strings.ContainsAny(table.stdout, "\u202e\u200b\x1b") {
		t.Errorf("%+v", table)
	}
	for _, c := range []struct{ args, want string }{
		{"--refused", "github_nope"}, {"--decision dry_run", "github_issue_write"}, {"--host evil*", "github_whoami"}, {"--tool *_write", "github_issue_write"},
		{"-n 1", "github_issue_write"}, {"--service github --host *call", "github_issue_write"}, {"--since 5m --refused", "github_nope"},
	} {
		got := run(t, p.env, "", append([]string{"audit", "--json"}, strings.Fields(c.args)...)...)
		var record map[string]any
		if err := json.Unmarshal([]byte(got.stdout), &record); err != nil || record["tool"] != c.want {
			t.Errorf("%s: %v in %+v", c.args, err, got)
		}
	}
	p.checkVerify(t, folder)
}

// checkVerify: the log in a folder is whole, and isn't once a byte of it was changed.
func (p practice) checkVerify(t *testing.T, folder string) {
	t.Helper()
	path := filepath.Join(folder, "audit.jsonl")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if all := run(t, p.env, "", "audit", "--json", "-n", "0"); all.stdout != string(content) {
		t.Errorf("--json prints %s", all.stdout)
	}
	p.expectNoSecretOf(t, string(content))
	whole := run(t, p.env, "", "audit", "verify")
	hash := regexp.MustCompile(`3 records in 1 file; hash of the last: ([0-9a-f]{64})\n`).FindStringSubmatch(whole.stdout)
	if whole.code != 0 || hash == nil {
		t.Fatalf("%+v", whole)
	}
	if known := run(t, p.env, "", "audit", "verify", "--head", strings.ToUpper(hash[1])); known.code != 0 {
		t.Errorf("%+v", known)
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	for name, c := range map[string]struct {
		content []byte
		args    []string
		want    string
	}{
		"changed": {bytes.Replace(content, []byte(`"github_nope"`), []byte(`"github_nice"`), 1), nil, "Broken: audit.jsonl:3 ("},
		"cut off": {bytes.Join(lines[:2], nil), []string{"--head", hash[1]}, "Missing: no record here has the hash"},
	} {
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := run(t, p.env, "", append([]string{"audit", "verify"}, c.args...)...); got.code != 1 || !strings.Contains(got.stdout, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func (p practice) expectNoSecretOf(t *testing.T, said string) {
	t.Helper()
	for _, r := range p.Requests() {
		if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.Contains(said, token) {
			t.Error("a token is in the log")
		}
	}
}

// TestAuditUsage: what makes no sense is refused as such.
func TestAuditUsage(t *testing.T) {
	t.Parallel()
	env := environment(t.TempDir())
	for _, args := range []string{"audit x", "audit --since yesterday", "audit --since -1h", "audit -n -1", "audit --tool [", "audit --decision foo", "audit verify --head 12", "audit verify x"} {
		if got := run(t, env, "", strings.Fields(args)...); got.code != 2 || got.stderr == "" {
			t.Errorf("%s: %+v", args, got)
		}
	}
	for _, wrong := range []string{"VALET_AUDIT=maybe", "VALET_AUDIT_ARGS=yes"} {
		if got := run(t, with(env, wrong), "", "status"); got.code != 1 || !strings.Contains(got.stderr, wrong[:strings.Index(wrong, "=")]) {
			t.Errorf("%s: %+v", wrong, got)
		}
	}
}

// TestAuditOfRefusals: what a person's variables refuse is in the log by what refused it,
// over MCP and from the command line, and so among what was refused; VALET_LOG=debug
// says it as well.
func TestAuditOfRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variable, tool, arguments, decision string }{
		{"VALET_REPOS=mona-example/*", "github_issues", `{"repo":"evil-example/x"}`, "repos"},
		{"VALET_ROLE=read-only", "github_issue_write", `{"action":"comment","repo":"a/b","number":1,"body":"x"}`, "role"},
		{"VALET_GRANT=github:*:read", "github_issue_write", `{"action":"comment","repo":"a/b","number":1,"body":"x"}`, "grant"},
		{"VALET_GRANT=github:gist:write", "github_gist_write", `{"action":"delete","id":"aa5a315d61ae9438b18d"}`, "grant"},
		{"VALET_ROLE=user", "github_issue_wriet", `{}`, "denied"},
	} {
		p, _ := auditedPractice(t, c.variable, "VALET_TOOLSETS=all", "VALET_LOG=debug")
		s := serve(t, p.env)
		s.initialize()
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + c.tool + `","arguments":` + c.arguments + `}}`)
		s.receive()
		s.end()
		logged := c.tool
		if c.decision == "denied" {
			logged = "unknown"
		}
		line := regexp.MustCompile(`level=DEBUG msg="tool call" tool=` + logged + ` .*decision=` + c.decision)
		if said := s.stderr.String(); !line.MatchString(said) {
			t.Errorf("%s: it says %q", c.variable, said)
		}
		if got := run(t, p.env, "", "call", c.tool, c.arguments); got.code == 0 || !line.MatchString(got.stderr) {
			t.Errorf("%s: %+v", c.variable, got)
		}
		got := run(t, p.env, "", "audit", "--refused", "--json", "--decision", c.decision)
		if strings.Count(got.stdout, `"decision":"`+c.decision+`"`) != 2 {
			t.Errorf("%s: %+v", c.variable, got)
		}
	}
}

// TestAuditOfWrongSettings: a server whose settings are wrong writes down the calls that
// say so, and the log can be read beside the same mistake, also where it is a host's.
func TestAuditOfWrongSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wrong, more string
		records     int
	}{
		{"VALET_ROLE=root", "VALET_AUDIT=on", 1},
		{"VALET_ROLE=root", "VALET_AUDIT=required", 2},
		{"VALET_ROLE=root", "VALET_AUDIT=off", 0},
		{"VALET_AUDIT=maybe", "VALET_AUDIT_ARGS=1", 1},
		{"VALET_KEYRING=a/b", "VALET_AUDIT=on", 1},
		{"VALET_CA_FILE=" + filepath.Join(t.TempDir(), "none"), "VALET_AUDIT_ARGS=1", 1},
		{"GITHUB_TOOLSETS=nothing", "VALET_ROLE=user", 1},
		{"VALET_SERVICES=acme,github", "VALET_ROLE=user", 1},
	} {
		p, folder := auditedPractice(t, c.wrong, c.more)
		tool, arguments := "github_issue", `{"repo":"a/b","number":1}`
		if strings.Contains(c.wrong, "acme") {
			tool, arguments = "acme_api", `{"path":"x"}`
		}
		s := serve(t, p.env)
		s.initialize()
		if text, isError := s.call(tool, arguments); !isError {
			t.Errorf("%s: %q", c.wrong, text)
		}
		s.end()
		got := run(t, p.env, "", "audit", "--json")
		said := fmt.Sprintf(`"tool":%q.*"decision":"misconfigured","outcome":"error",.*"sha256:`, tool)
		if got.code != 0 || strings.Count(got.stdout, "\n") != c.records || (c.records > 0) != regexp.MustCompile(said).MatchString(got.stdout) {
			t.Errorf("%s, %s: %+v", c.wrong, c.more, got)
		}
		if got := run(t, p.env, "", "audit", "verify"); got.code != 0 {
			t.Errorf("%s: %+v", c.wrong, got)
		}
		if len(p.Requests()) > 0 {
			t.Errorf("%s: %d requests", c.wrong, len(p.Requests()))
		}
		checkBorrowedLog(t, filepath.Dir(folder), c.wrong, c.records > 0)
	}
}

// checkBorrowedLog: who looks at the log of a host with wrong settings sees it.
func checkBorrowedLog(t *testing.T, dir, wrong string, isLogged bool) {
	t.Helper()
	name, value, _ := strings.Cut(wrong, "=")
	entry, err := json.Marshal(map[string]any{"mcpServers": map[string]any{"valetkey": map[string]any{"command": "valetkey", "env": map[string]string{"VALET_DIR": dir, name: value}}}})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	writeIn(t, home, ".cursor/mcp.json", string(entry))
	got := run(t, environment(home), "", "audit", "--refused")
	if got.code != 0 || strings.Contains(got.stdout, "misconfigured") != isLogged {
		t.Errorf("%s: borrowed: %+v", wrong, got)
	}
}

// TestAuditWithoutItsPlace: a place that makes no sense isn't replaced by another, and the
// call says that it isn't in the log.
func TestAuditWithoutItsPlace(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := environment(home, "VALET_DIR=here")
	s := serve(t, env)
	s.initialize()
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"github_whoami","arguments":{}}}`)
	if answer := fmt.Sprint(s.receive()); strings.Count(answer, `VALET_DIR="here" is not a whole path`) != 2 || !strings.Contains(answer, `[not logged: VALET_DIR="here"`) {
		t.Error(answer)
	}
	s.end()
	if got := run(t, env, "", "audit"); got.code != 1 || !strings.Contains(got.stderr, `VALET_DIR="here" is not a whole path`) {
		t.Errorf("%+v", got)
	}
	if got := run(t, environment(home), "", "audit"); !strings.Contains(got.stdout, "No call is in the log") {
		t.Errorf("%+v", got)
	}
}

// TestLogThatCannotBeWritten: doctor finds out what keeps calls from being logged, and
// leaves nothing that looks like a log; verify says so of one that was emptied.
func TestLogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	p, folder := auditedPractice(t)
	file := filepath.Join(folder, "audit.jsonl")
	says := func(env []string, code int, command, want string) {
		t.Helper()
		got := run(t, env, "", strings.Fields(command)...)
		if isThere := strings.Contains(got.stdout, strings.TrimPrefix(want, "!")); got.code != code || isThere == strings.HasPrefix(want, "!") {
			t.Errorf("%s: want %q in %+v", command, want, got)
		}
	}
	const emptied = "what it looks like if somebody has removed"
	says(p.env, 0, "doctor", "calls are written down in "+folder)
	says(p.env, 0, "audit verify", "!"+emptied)
	says(p.env, 0, "audit verify", "!"+emptied)
	says(p.env, 0, "call github_whoami", "@")
	says(p.env, 0, "doctor", "calls are written down in "+folder)
	says(p.env, 0, "audit verify", "1 record")
	says(with(p.env, "VALET_AUDIT=off"), 0, "doctor", "no call is written down (VALET_AUDIT=off)")
	if runtime.GOOS != "windows" {
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		says(p.env, 1, "doctor", "no call can be written down: other users may open "+file)
		says(with(p.env, "VALET_AUDIT=required"), 1, "doctor", "so none is made (VALET_AUDIT=required)")
	}
	if err := os.Truncate(file, 0); err != nil {
		t.Fatal(err)
	}
	says(p.env, 0, "audit verify", emptied)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	says(p.env, 0, "audit verify", emptied)
	says(p.env, 0, "audit verify --json", `"emptied": true`)
	says(with(p.env, "VALET_DIR="+t.TempDir()), 0, "audit verify", "!"+emptied)
}

// TestUnloggedCalls: where nothing can be written a call says so; with
// VALET_AUDIT=required it isn't made, and with off nobody minds.
func TestUnloggedCalls(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a link needs a privilege there")
	}
	for mode, want := range map[string]struct {
		code, requests int
		words          string
	}{
		"on":       {0, 1, "[not logged: "},
		"required": {1, 0, "nothing was sent: by VALET_AUDIT=required"},
		"off":      {0, 1, "@mona-example"},
	} {
		p, folder := auditedPractice(t, "VALET_AUDIT="+mode)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(folder, "elsewhere"), filepath.Join(folder, "audit.jsonl")); err != nil {
			t.Fatal(err)
		}
		got := run(t, p.env, "", "call", "github_whoami")
		said := got.stdout + got.stderr
		if got.code != want.code || !strings.Contains(said, want.words) || (len(p.Requests()) > 0) != (want.requests > 0) || mode == "off" && strings.Contains(said, "logged") {
			t.Errorf("%s: %d requests, %+v", mode, len(p.Requests()), got)
		}
		s := serve(t, p.env)
		s.initialize()
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"github_whoami","arguments":{}}}`)
		if answer := fmt.Sprint(s.receive()); !strings.Contains(answer, want.words) {
			t.Errorf("%s: %s", mode, answer)
		}
		s.end()
	}
}

// TestAuditOfAHostileLog: --json prints the records, and nothing that a terminal would
// obey or nobody would see.
func TestAuditOfAHostileLog(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	line := "{\"prev\":\"\",\r\t\"time\":\"2026-11-22T00:00:00Z\",\"tool\":\"a\u009b31m\u202e\u200b\U000e0041\x7f❤️é\",\"ms\":0,\"bytes\":0}"
	if err := errors.Join(os.Mkdir(filepath.Join(folder, "audit"), 0o700), os.WriteFile(filepath.Join(folder, "audit", "audit.jsonl"), []byte(line+"\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	got := run(t, with(environment(t.TempDir()), "VALET_DIR="+folder), "", "audit", "--json")
	var was, is map[string]any
	if err := errors.Join(json.Unmarshal([]byte(line), &was), json.Unmarshal([]byte(got.stdout), &is)); err != nil || !reflect.DeepEqual(was, is) {
		t.Errorf("%v: %+v", err, got)
	}
	if strings.ContainsAny(got.stdout, "\u009b\u202e\u200b\U000e0041\x7f\t\r") || !strings.Contains(got.stdout, "❤️é") {
		t.Errorf("%q", got.stdout)
	}
}
