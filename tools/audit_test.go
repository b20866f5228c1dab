package tools_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/audit"
	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
)

// notebook is what was written down. Its zero value takes all.
type notebook struct {
	required, plain bool

	mu      sync.Mutex
	records []audit.Record
	full    error // what is answered instead of writing; nil: it is written
}

func (n *notebook) audit(offer tools.Offer, credential *credentials.Credential, log *slog.Logger) *tools.Audit {
	if n == nil {
		return nil
	}
	return tools.NewAudit(tools.AuditOptions{
		Append: n.write, Required: n.required, Arguments: n.plain, Offer: offer, Mask: credential.Mask, Log: log,
		Whose: func(tool string) (string, string) { return "github", "of " + tool },
	})
}

func (n *notebook) write(_ context.Context, r audit.Record) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.full != nil {
		return n.full
	}
	n.records = append(n.records, r)
	return nil
}

func (n *notebook) fill(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.full = err
}

// only takes out the one record that there has to be.
func (n *notebook) only(t *testing.T) audit.Record {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.records) != 1 {
		t.Fatalf("%d records: %+v", len(n.records), n.records)
	}
	r := n.records[0]
	n.records = nil
	return r
}

func (h *host) path(below string) string { return strings.TrimPrefix(h.box.URL(), "http://") + below }

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// One record says who called what, of which service, and what came of it.
func TestAudit(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written notebook
			h := newAuditedHost(t, c, &gate.Rules{Confirm: gate.Never}, true, &written)
			h.send(map[string]any{"id": "list", "method": "tools/list", "params": h.meta()})
			h.receive()
			h.tool, h.arguments = "github_issue_write", map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "Fine <by> me."}
			h.call(nil)
			result := h.result()
			r := written.only(t)
			if r.Time.IsZero() || r.Milliseconds <= 0 || r.Bytes != len(textOf(t, result)) {
				t.Errorf("%+v", r)
			}
			r.Time, r.Milliseconds, r.Bytes = audit.Time{}, 0, 0
			got, want := fmt.Sprintf("%+v", r), fmt.Sprintf("%+v", audit.Record{
				Host: "test", HostVersion: "1", Request: "1", Tool: "github_issue_write", Class: "write",
				Service: "github", Account: "of github_issue_write", Target: "POST " + h.path(commentPath), ServiceRequest: r.ServiceRequest,
				Decision: audit.Allowed, Outcome: "ok",
				Arguments: map[string]string{"action": sha(`"comment"`), "repo": sha(`"tidepool-example/harbour"`), "number": sha("1"), "body": sha(`"Fine <by> me."`)},
			})
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// meta is what a client of this era sends with each request.
func (h *host) meta() map[string]any {
	if !h.modern() {
		return map[string]any{}
	}
	return map[string]any{"_meta": map[string]any{"io.modelcontextprotocol/protocolVersion": h.era, "io.modelcontextprotocol/clientCapabilities": h.caps}}
}

// What becomes of a call is in its record, in a word each.
func TestAuditDecisions(t *testing.T) {
	t.Parallel()
	comment := map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "x"}
	dry := map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "x", "dry_run": true}
	stopped := &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{PerSession: 1}}
	for name, c := range map[string]struct {
		rules                          *gate.Rules
		tool, resource                 string
		arguments                      map[string]any
		out                            bool // nobody is signed in
		calls                          int
		decision, outcome, class, sent string
	}{
		"read":         {tool: "github_whoami", arguments: map[string]any{}, decision: "allowed", outcome: "ok", class: "read", sent: "GET /api/v3/user"},
		"a query":      {tool: "github_search", arguments: map[string]any{"kind": "repositories", "query": "secret words"}, decision: "allowed", outcome: "ok", class: "read", sent: "GET /api/v3/search/repositories"},
		"no such tool": {tool: "github_nope", arguments: map[string]any{}, decision: "denied", outcome: "error"},
		"wrong":        {tool: "github_issue", arguments: map[string]any{"number": "x"}, decision: "allowed", outcome: "error", class: "read"},
		"dry run":      {tool: "github_issue_write", arguments: dry, decision: "dry_run", outcome: "ok", class: "write", sent: "POST " + commentPath + " (not sent)"},
		"budget":       {rules: stopped, tool: "github_issue_write", arguments: comment, calls: 1, decision: "budget", outcome: "error", class: "write"},
		"cannot ask":   {rules: &gate.Rules{Confirm: gate.Writes}, tool: "github_issue_write", arguments: comment, decision: "unconfirmed", outcome: "error", class: "write", sent: "POST " + commentPath + " (not sent)"},
		"sign-in":      {tool: "github_whoami", arguments: map[string]any{}, out: true, decision: "allowed", outcome: "sign_in", class: "read", sent: "GET /api/v3/user (not sent)"},
		"resource":     {resource: "github://tidepool-example/harbour/contents/README.md", decision: "allowed", class: "read"},
		"no resource":  {resource: "github://nope", decision: "allowed", outcome: "error", class: "read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var written notebook
			h := newAuditedHost(t, client{era: "2025-06-18"}, c.rules, !c.out, &written)
			h.tool, h.arguments, h.resource = c.tool, c.arguments, c.resource
			for range c.calls {
				h.call(nil)
				h.result()
				written.only(t)
			}
			h.call(nil)
			answer := h.receive()
			r := written.only(t)
			target := c.sent
			if method, path, found := strings.Cut(c.sent, " "); found {
				target = method + " " + h.path(path)
			}
			if c.outcome == "" {
				// What the practice GitHub has of it doesn't matter.
				c.outcome, target = r.Outcome, r.Target
			}
			if r.Decision != c.decision || r.Outcome != c.outcome || r.Class != c.class || r.Target != target {
				t.Errorf("%+v, want %+v; answered %v", r, c, answer)
			}
			if c.resource != "" && (r.Tool != "resources/read" || r.Arguments["uri"] != sha(fmt.Sprintf("%q", c.resource))) {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A question within a call is part of that call's one record, where the client is asked
// in between; a client that comes back makes another call.
func TestAuditOfQuestions(t *testing.T) {
	t.Parallel()
	for name, c := range asking() {
		for action, want := range map[string]string{"accept": "confirmed ok", "decline": "declined error", "cancel": "unanswered error"} {
			t.Run(name+" "+action, func(t *testing.T) {
				t.Parallel()
				var written notebook
				h := newAuditedHost(t, c, &gate.Rules{Confirm: gate.Writes}, true, &written)
				h.tool = "github_issue_write"
				h.arguments = map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "x"}
				h.call(nil)
				q := h.asked()
				if h.modern() {
					if r := written.only(t); r.Decision != "unconfirmed" || r.Outcome != "asked" || r.Target != "POST "+h.path(commentPath)+" (not sent)" {
						t.Errorf("%+v", r)
					}
				}
				h.reply(q, action)
				h.result()
				if r := written.only(t); r.Decision+" "+r.Outcome != want {
					t.Errorf("%+v, want %s", r, want)
				}
			})
		}
	}
}

// Nothing that looks like a token is written down, wherever it stands, nor what nobody
// could see.
func TestAuditSecrets(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		written := notebook{plain: plain}
		h := newAuditedHost(t, client{era: "2025-06-18"}, &gate.Rules{Confirm: gate.Never}, true, &written)
		own := h.box.IssueToken("repo")
		const token = "ghp_exampleexampleexampleexample1234"
		h.tool, h.arguments = "github_contents", map[string]any{
			"repo": "tidepool-example/harbour", "path": "a/" + token + "/b", "ref": "x\u202e\u200b\x1b[31m" + strings.Repeat("long ", 300), token: map[string]any{"deep": []any{token, own}},
		}
		for _, path := range []any{"a/" + token, token} {
			h.arguments["path"] = path
			h.call(nil)
			h.result()
			delete(h.arguments, token)
		}
		for _, r := range written.records {
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "exampleexample") || strings.ContainsAny(string(text), "\u202e\u200b\x1b") || len(text) > 2_000 {
				t.Errorf("%s", text)
			}
			if plain != (r.Arguments["repo"] == "tidepool-example/harbour") {
				t.Errorf("%s", text)
			}
		}
		if len(written.records) != 2 {
			t.Errorf("%d records", len(written.records))
		}
	}
}

// A call that couldn't be written down says so; where it has to be, nothing is sent.
func TestAuditFull(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	for name, c := range map[string]struct {
		required       bool
		tool, resource string
		sent           int
		words          string
	}{
		"tool":              {tool: "github_issue_write", sent: 1, words: "[not logged: no space left on device"},
		"no tool":           {tool: "github_nope", words: "[not logged: no space left on device"},
		"resource":          {resource: "github://nope", words: "[not logged: no space left on device"},
		"required":          {required: true, tool: "github_issue_write", words: "nothing was sent: by VALET_AUDIT=required a call has to be logged first, and it can't be: no space left"},
		"required resource": {required: true, resource: "github://nope", words: "[not logged: no space left on device"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			written := notebook{required: c.required, full: full}
			h := newAuditedHost(t, client{era: "2025-11-25"}, &gate.Rules{Confirm: gate.Never}, true, &written)
			h.tool, h.resource = c.tool, c.resource
			h.arguments = map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": 1, "body": "x"}
			before := len(h.box.Requests())
			h.call(nil)
			answer, err := json.Marshal(h.receive())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(answer), c.words) || h.sent() != c.sent || c.required && len(h.box.Requests()) != before {
				t.Errorf("%d sent: %s", h.sent(), answer)
			}
			written.fill(nil)
			h.call(nil)
			h.receive()
			if c.required && c.tool != "" {
				if len(written.records) != 2 || written.records[0].Phase != audit.Begun || written.records[1].Phase != audit.Done ||
					written.records[0].Call == "" || written.records[0].Call != written.records[1].Call || written.records[0].Target != "" || h.sent() != 1 {
					t.Errorf("%+v", written.records)
				}
			} else if c.tool != "" {
				written.only(t)
			}
		})
	}
}

// Of more arguments than fit, those that are kept are the first by name.
func TestAuditManyArguments(t *testing.T) {
	t.Parallel()
	var written notebook
	a := tools.NewAudit(tools.AuditOptions{Append: written.write, Arguments: true, Mask: func(text string) string { return text }})
	given, want := map[string]string{}, map[string]string{}
	for i := range 90 {
		name := fmt.Sprintf("n%02d", i)
		given[name] = "x"
		if i < 50 {
			want[name] = "x"
		}
	}
	arguments, err := json.Marshal(given)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Call(t.Context(), "", "", "x", arguments, func(context.Context) (string, error) { return "", nil }); err != nil {
		t.Fatal(err)
	}
	if got := written.only(t).Arguments; !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What a credential masks is in no record, nor in what a person is told.
func TestAuditMasks(t *testing.T) {
	t.Parallel()
	var written notebook
	a := tools.NewAudit(tools.AuditOptions{Append: written.write, Arguments: true, Mask: func(text string) string { return strings.ReplaceAll(text, "open sesame", "***") }})
	do := func(context.Context) (string, error) { return "done", nil }
	arguments := json.RawMessage(`{"a":"open\u0020sesame","open sesame":{"b":["open\u0020sesame"]}}`)
	if answer, err := a.Call(t.Context(), "open sesame", "open sesame", "open sesame", arguments, do); answer != "done" || err != nil {
		t.Error(answer, err)
	}
	if text := fmt.Sprintf("%+v", written.only(t)); strings.Contains(text, "sesame") || strings.Count(text, "***") != 6 {
		t.Error(text)
	}
	written.fill(errors.New("open sesame"))
	if answer, err := a.Call(t.Context(), "", "", "x", arguments, do); err != nil || !strings.HasPrefix(answer, "done\n[not logged: ***; ") {
		t.Error(answer, err)
	}
	wrong := errors.New("wrong")
	if _, err := a.Call(t.Context(), "", "", "x", arguments, func(context.Context) (string, error) { return "", wrong }); !errors.Is(err, wrong) || !strings.Contains(err.Error(), "wrong [not logged: ***; ") {
		t.Error(err)
	}
}

// What looks like a token is in no record, whatever stands before it or was hidden there.
func TestAuditMasksShapes(t *testing.T) {
	t.Parallel()
	var written notebook
	a := tools.NewAudit(tools.AuditOptions{Append: written.write, Arguments: true, Mask: func(text string) string { return text }})
	const token = "ghp_exampleexampleexample"
	long := strings.Repeat("example-", 5)
	for given, want := range map[any]string{
		"is " + token:      "is ***",
		"repos%2F" + token: "repos%2F***",
		"is\u200b" + token: "is***",
		"is\x00ghp_exam\U000E0041pleexampleexample":     "is***",
		"is\xffghp_exam\u200bpleexampleexample":         "is\uFFFD***",
		"is ya29.c.exampleexampleexample":               "is ***",
		"is 1//0example" + long:                         "is ***",
		"repos%2F1%2f%2F0example" + long:                "repos%2F***",
		"is GOCSPX-exampleexampleexample":               "is ***",
		"is eyJ" + long + "." + long + "." + long + "!": "is ***!",
		"is eyJ" + long + ".." + long + "." + long:      "is ***",
		"english-language-documentation":                "english-language-documentation",
		"total = 1//number_of_examples":                 "total = 1//number_of_examples",
		"see eyJexample.go, and ya29.example":           "see eyJexample.go, and ya29.example",
		[1]string{"is\n" + token}:                       `["is\n***"]`,
		[1]string{"is\u2028" + token}:                   `["is\u2028***"]`,
		[1]string{"is\u200b" + token}:                   `["is***"]`,
	} {
		arguments, err := json.Marshal(map[string]any{"a": given})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Call(t.Context(), "", "", "x", arguments, func(context.Context) (string, error) { return "", nil }); err != nil {
			t.Fatal(err)
		}
		if got := written.only(t).Arguments["a"]; got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// A credential may know only once a call was made what must not be seen, and a record
// that is written before that holds nothing of what the call was given.
func TestAuditMasksLate(t *testing.T) {
	t.Parallel()
	for _, required := range []bool{false, true} {
		var written notebook
		known := false
		a := tools.NewAudit(tools.AuditOptions{Append: written.write, Arguments: true, Required: required, Mask: func(text string) string {
			if known {
				return strings.ReplaceAll(text, "sesame", "***")
			}
			return text
		}})
		arguments := json.RawMessage(`{"path":"dir/sesame/0","sesame":1,"uri":"x:sesame"}`)
		if _, err := a.Call(t.Context(), "", "", "x", arguments, func(context.Context) (string, error) { known = true; return "", nil }); err != nil {
			t.Error(err)
		}
		if text := fmt.Sprintf("%+v", written.records); strings.Contains(text, "sesame") || !strings.Contains(text, "path:dir/***/0") {
			t.Error(text)
		}
		if required && written.records[0].Arguments["uri"] != sha(`"x:sesame"`) {
			t.Errorf("%+v", written.records[0])
		}
	}
}
