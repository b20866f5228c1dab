package cli

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/services"
)

// ownWords are the tools whose answers hold nothing that strangers wrote, and why.
func ownWords() map[string]string {
	return map[string]string{
		"github_whoami":              "the person's own account",
		"github_actions_write":       "what was started, by the numbers and names that were given",
		"github_commit_files_write":  "the commit's address, and the names that were given",
		"github_discussion_write":    "the address of what was written, and the title that was given",
		"github_gist_write":          "the gist's address, and the names that were given",
		"github_issue_write":         "the issue's address and the title that was given; labels and fields are the repository's own people's",
		"github_notifications_write": "how many were marked",
		"github_project_write":       "the item's id; the project's name is its own people's",
		"github_repository_write":    "the address of what was written; labels and releases are the repository's own people's",
		"google_calendar_free_busy":  "times, and the addresses that were given",
	}
}

// carriesNothing are the tools that change something which nobody else reads.
func carriesNothing() map[string]string {
	return map[string]string{
		"github_notifications_write": "read, done and muted are marks in the person's own inbox",
	}
}

// TestEveryToolSaysWhoseWordsItReads: a new tool reads what strangers wrote, and
// carries what it writes outward, unless a line above says why not.
func TestEveryToolSaysWhoseWordsItReads(t *testing.T) {
	t.Parallel()
	own, nothing := ownWords(), carriesNothing()
	for _, tool := range everyTool(t) {
		reason, excepted := own[tool.Name]
		if tool.Strangers == excepted {
			t.Errorf("%s: Strangers is %t, and the reason against it %q", tool.Name, tool.Strangers, reason)
		}
		delete(own, tool.Name)
		reason, excepted = nothing[tool.Name]
		if reads := tool.Access == tools.Read; (tool.Outward == tools.Nowhere) != (reads || excepted) {
			t.Errorf("%s (%s): Outward is %d, and the reason against it %q", tool.Name, tool.Access, tool.Outward, reason)
		}
		delete(nothing, tool.Name)
		if strings.HasSuffix(tool.Name, "_api_write") && tool.Outward != tools.Anywhere {
			t.Errorf("%s: Outward is %d, though it writes anywhere", tool.Name, tool.Outward)
		}
	}
	for name := range own {
		t.Errorf("there is no tool %s", name)
	}
	for name := range nothing {
		t.Errorf("there is no tool %s", name)
	}
}

// everyTool is all of every service, and of one that only variables describe.
func everyTool(t *testing.T) []tools.Tool {
	t.Helper()
	custom, err := services.Custom("acme")
	if err != nil {
		t.Fatal(err)
	}
	var all []tools.Tool
	for _, service := range append(builtIn(), custom) {
		at, _ := service.At(credentials.Settings{})
		all = append(all, service.Offer(tools.Setup{At: at}).Tools...)
	}
	if len(all) < 40 {
		t.Fatalf("only %d tools", len(all))
	}
	return all
}

// TestEventsForOneselfCarryNothing: what an event's arguments say decides whether
// others get to read it.
func TestEventsForOneselfCarryNothing(t *testing.T) {
	t.Parallel()
	all := map[string]tools.Tool{}
	for _, tool := range everyTool(t) {
		all[tool.Name] = tool
	}
	const google, microsoft = "google_calendar_event_write", "microsoft_event_write"
	for _, c := range []struct {
		tool, arguments string
		want            gate.Outward
	}{
		{google, `{"action":"create","title":"Tea","start":"2026-10-26"}`, gate.Nowhere},
		{google, `{"action":"create","calendar":"primary","title":"Tea","start":"2026-10-26"}`, gate.Nowhere},
		{google, `{"action":"create","title":"Tea","start":"2026-10-26","attendees":["eve@example.com"]}`, gate.Anywhere},
		{google, `{"action":"create","calendar":"Harbour","title":"Tea","start":"2026-10-26"}`, gate.Anywhere},
		{google, `{"action":"update","id":"tea00","start":"2026-10-26"}`, gate.Nowhere},
		{google, `{"action":"update","id":"tea00","description":"x"}`, gate.Anywhere},
		{google, `{"action":"update","id":"tea00","recurrence":["RDATE;X-A=b;VALUE=DATE:20261026"]}`, gate.Anywhere},
		{google, `{"action":"update","id":"tea00","attendees":["+eve@example.com"]}`, gate.Anywhere},
		{google, `{"action":"create","calendar":"ada@example.com","title":"Tea","start":"2026-10-26"}`, gate.Anywhere},
		{google, `{"action":"update","calendar":"Harbour","id":"tea00","start":"2026-10-26","free":true,"meet":true}`, gate.Nowhere},
		{google, `{"action":"delete","id":"tea00","send_updates":"all"}`, gate.Nowhere},
		{google, `{"action":"respond","id":"tea00","response":"accepted"}`, gate.Nowhere},
		{microsoft, `{"action":"create","title":"Tea","start":"2026-10-26"}`, gate.Nowhere},
		{microsoft, `{"action":"create","title":"Tea","start":"2026-10-26","attendees":["eve@example.com"]}`, gate.Anywhere},
		{microsoft, `{"action":"create","calendar":"Harbour","title":"Tea","start":"2026-10-26"}`, gate.Anywhere},
		{microsoft, `{"action":"update","id":"AAA=","start":"2026-10-26"}`, gate.Nowhere},
		{microsoft, `{"action":"update","id":"AAA=","location":"x"}`, gate.Anywhere},
		{microsoft, `{"action":"update","id":"AAA=","attendees":["+eve@example.com"]}`, gate.Anywhere},
		{microsoft, `{"action":"update","id":"AAA=","recurrence":"FREQ=DAILY","free":true,"online":true}`, gate.Nowhere},
		{microsoft, `{"action":"delete","id":"AAA="}`, gate.Nowhere},
		{microsoft, `{"action":"respond","id":"AAA=","response":"accepted"}`, gate.Nowhere},
		{microsoft, `{"action":"respond","id":"AAA=","response":"accepted","comment":"x"}`, gate.Anywhere},
		{microsoft, `{"action":"cancel","id":"AAA="}`, gate.Nowhere},
		{microsoft, `{"action":"cancel","id":"AAA=","comment":"x"}`, gate.Anywhere},
	} {
		tool := all[c.tool]
		call := tool.NewCall()
		ctx, cancel := context.WithCancel(gate.With(t.Context(), call))
		cancel() // The arguments are looked at, and nothing is sent.
		_, err := tool.Call(ctx, json.RawMessage(c.arguments))
		if bad := new(tools.ArgumentError); errors.As(err, &bad) {
			t.Errorf("%s %s: %v", c.tool, c.arguments, err)
		}
		if call.Outward != c.want {
			t.Errorf("%s %s: Outward is %d, want %d", c.tool, c.arguments, call.Outward, c.want)
		}
	}
}
