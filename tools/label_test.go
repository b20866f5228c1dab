package tools_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/gate"
)

// An error that may quote what the service has answered is marked, whatever was asked;
// one in words of ours isn't.
func TestErrorsAreLabelled(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newAuditedHost(t, c, &gate.Rules{Confirm: gate.Never}, true, nil)
			for _, number := range []any{99999, "x"} {
				h.tool, h.arguments = "github_issue_write", map[string]any{"action": "comment", "repo": "tidepool-example/harbour", "number": number, "body": "x"}
				h.call(nil)
				result := h.result()
				if text := textOf(t, result); strings.HasPrefix(text, "[untrusted ") != (number != "x") || result["isError"] != true {
					t.Errorf("%v: %v", number, result)
				}
			}
			for uri, is := range map[string]bool{"github://tidepool-example/harbour/contents/nope.md": true, "github://nope": false} {
				h.resource = uri
				h.call(nil)
				failed, _ := h.receive()["error"].(map[string]any)
				if says := fmt.Sprint(failed["message"]); strings.Contains(says, "[untrusted ") != is || failed == nil {
					t.Errorf("%s: %v", uri, failed)
				}
			}
		})
	}
}

// What a change is answered by is marked in all its parts where others' words are in it,
// and a confirmation of ours isn't.
func TestWritesAreLabelled(t *testing.T) {
	t.Parallel()
	for name, c := range clients() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newAuditedHost(t, c, &gate.Rules{Confirm: gate.Never}, true, nil)
			change := func(action, with string, value any) (text, structured string, meta map[string]any) {
				t.Helper()
				h.tool, h.arguments = "github_issue_write", map[string]any{"action": action, "repo": "tidepool-example/harbour", "number": 1, with: value}
				h.call(nil)
				result := h.result()
				if result["isError"] == true {
					t.Fatal(result)
				}
				fields, _ := result["structuredContent"].(map[string]any)
				structured, _ = fields["text"].(string)
				meta, _ = result["_meta"].(map[string]any)
				return textOf(t, result), structured, meta
			}
			for _, action := range []string{"comment", "update"} {
				text, structured, meta := change(action, "body", "x")
				is := action == "update"
				if strings.HasPrefix(text, "[untrusted ") != is || strings.HasPrefix(structured, "[untrusted ") != is || (meta["io.github.valetkey/untrusted"] == true) != is {
					t.Errorf("%s: %q, %q, %v", action, text, structured, meta)
				}
			}
		})
	}
}
