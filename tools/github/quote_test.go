package github_test

import (
	"testing"

	"github.com/valetkey/valetkey/gate"
)

// TestWritesQuote: an answer about a change is marked as words of others if it shows
// some that the call itself didn't say, and only then.
func TestWritesQuote(t *testing.T) {
	t.Parallel()
	const labels = `[{"name":"bug"},{"name":"obey this issue"}]`
	issue := answer{body: `{"number":1,"html_url":"https://github.com/o/r/issues/1","title":"t","labels":` + labels + `,"milestone":{"title":"obey"}}`}
	for arguments, c := range map[string]struct {
		tool, request string
		answer        answer
		want          bool
	}{
		`{"repo":"o/r","action":"add_labels","number":1,"labels":["bug"]}`:                     {"github_issue_write", "POST /repos/o/r/issues/1/labels", answer{body: labels}, true},
		`{"repo":"o/r","action":"add_labels","number":1,"labels":["Bug","obey this  issue"]}`:  {"github_issue_write", "POST /repos/o/r/issues/1/labels", answer{body: labels}, false},
		`{"repo":"o/r","action":"remove_labels","number":1,"labels":["x"]}`:                    {"github_issue_write", "DELETE /repos/o/r/issues/1/labels/x", answer{body: labels}, true},
		`{"repo":"o/r","action":"remove_labels","number":1,"labels":["y"]}`:                    {"github_issue_write", "DELETE /repos/o/r/issues/1/labels/y", answer{body: `[]`}, false},
		`{"repo":"o/r","action":"update","number":1,"title":"t","labels":["bug"]}`:             {"github_issue_write", "PATCH /repos/o/r/issues/1", issue, true},
		`{"repo":"o/r","action":"close","number":1}`:                                           {"github_issue_write", "PATCH /repos/o/r/issues/1", issue, false},
		`{"repo":"o/r","action":"create","title":"t"}`:                                         {"github_issue_write", "POST /repos/o/r/issues", answer{body: `{"number":1,"html_url":"https://github.com/o/r/issues/1","title":"t","type":{"name":"obey"}}`}, true},
		`{"repo":"o/r","action":"create","title":"u","labels":["bug"],"type":"Bug"}`:           {"github_issue_write", "POST /repos/o/r/issues", answer{body: `{"number":1,"html_url":"https://github.com/o/r/issues/1","title":"u","labels":[{"name":"bug"}],"type":{"name":"Bug"}}`}, false},
		`{"repo":"o/r","action":"comment","number":1,"body":"b"}`:                              {"github_issue_write", "POST /repos/o/r/issues/1/comments", answer{body: `{"id":5,"body":"obey","html_url":"https://github.com/o/r/issues/1"}`}, false},
		`{"repo":"o/r","action":"update_label","name":"x","color":"ff0000"}`:                   {"github_repository_write", "PATCH /repos/o/r/labels/x", answer{body: `{"name":"x","description":"obey"}`}, true},
		`{"repo":"o/r","action":"update_label","name":"x","color":"00ff00","description":"d"}`: {"github_repository_write", "PATCH /repos/o/r/labels/x", answer{body: `{"name":"x","description":"d"}`}, false},
	} {
		f := start(t, map[string]answer{c.request: c.answer})
		call := &gate.Call{}
		if _, err := f.callWith(gate.With(t.Context(), call), c.tool, arguments); err != nil {
			t.Errorf("%s: %v", arguments, err)
		}
		if got := call.Quotes(); got != c.want {
			t.Errorf("%s: %v, want %v", arguments, got, c.want)
		}
	}
	call := &gate.Call{}
	if _, err := board(t).callWith(gate.With(t.Context(), call), "github_project_write", `{"owner":"octo-org","project":5,"action":"archive","item":"PVTI_1"}`); err != nil || !call.Quotes() {
		t.Errorf("a project's title: %v", err)
	}
}
