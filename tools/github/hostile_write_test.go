package github_test

import (
	"strings"
	"testing"
)

// TestUnconfirmedWrites: an answer that doesn't say what came of a change is no
// success, and no invitation to send it again.
func TestUnconfirmedWrites(t *testing.T) {
	t.Parallel()
	const sha = `"6dcb09b5b57875f334f61aebed695e2e4193db5e"`
	pull := answer{body: `{"number":1,"node_id":"PR_1","html_url":"https://github.com/o/r/pull/1","state":"open","head":{"sha":` + sha + `}}`}
	for arguments, c := range map[string]struct{ tool, lacks, page string }{
		`{"repo":"o/r","action":"create","title":"t"}`:                       {"github_issue_write", "o/r: %its number and address", "/o/r/issues"},
		`{"repo":"o/r","action":"update","number":1,"title":"t"}`:            {"github_issue_write", "o/r#1: %its number and address", "/o/r/issues/1"},
		`{"repo":"o/r","action":"comment","number":1,"body":"b"}`:            {"github_issue_write", "o/r#1: %the comment's id and address", "/o/r/issues/1"},
		`{"repo":"o/r","action":"assign","number":1,"assignees":["a"]}`:      {"github_issue_write", "o/r#1: %who is assigned", "/o/r/issues/1"},
		`{"repo":"o/r","action":"create","title":"t","head":"h","base":"b"}`: {"github_pull_request_write", "o/r: %the pull request's number and address", "/o/r/pulls"},
		`{"repo":"o/r","action":"ready","number":2}`:                         {"github_pull_request_write", "o/r#2: %what came of it", ""},
		`{"repo":"o/r","action":"review","number":1,"event":"approve"}`:      {"github_pull_request_write", "o/r#1: %the review's id, state and address", "/o/r/pull/1"},
		`{"repo":"o/r","action":"set_topics","topics":["a"]}`:                {"github_repository_write", "o/r: %its topics", "/o/r"},
		`{"repo":"o/r","action":"create_label","name":"a"}`:                  {"github_repository_write", "label a of o/r: %its name", "/o/r/labels"},
		`{"repo":"o/r","action":"create_release","name":"v1"}`:               {"github_repository_write", "release v1 of o/r: %its id and address", "/o/r/releases"},
		`{"action":"create","files":[{"name":"a","content":"b"}]}`:           {"github_gist_write", "a new gist: %its id and address", "/gist/"},
		`{"repo":"o/r","action":"merge","number":1}`:                         {"github_merge_write", "o/r#1: %whether it is merged, and as which commit", "pull"},
	} {
		draft := answer{body: `{"number":2,"draft":true,"node_id":"PR_2","html_url":"https://github.com/o/r/pull/2","state":"open","head":{"sha":` + sha + `}}`}
		nothing := answer{body: "{}"}
		f := start(t, map[string]answer{
			"GET /repos/o/r/pulls/1": pull, "GET /repos/o/r/pulls/2": draft, graphPath: nothing,
			"POST /repos/o/r/issues": nothing, "PATCH /repos/o/r/issues/1": nothing, "POST /repos/o/r/issues/1/comments": nothing, "POST /repos/o/r/issues/1/assignees": nothing,
			"POST /repos/o/r/pulls": nothing, "POST /repos/o/r/pulls/1/reviews": nothing, "PUT /repos/o/r/pulls/1/merge": nothing,
			"PUT /repos/o/r/topics": nothing, "POST /repos/o/r/labels": nothing, "POST /repos/o/r/releases": nothing, "POST /gists": nothing,
		})
		page := f.url + c.page
		if c.page == "pull" {
			page = "https://github.com/o/r/pull/1"
		}
		what, lacks, _ := strings.Cut(c.lacks, "%")
		f.refuses(c.tool, arguments, "github: "+what+"GitHub took it but said nothing of "+lacks+"; look at "+page+" before trying again")
	}
}

// TestAcceptedWrites: 202 is neither a success nor a failure.
func TestAcceptedWrites(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"POST /repos/o/r/issues": answer{status: 202, body: "{}"}.with(unlikely, "GitHub makes issues at once")})
	f.refuses("github_issue_write", `{"repo":"o/r","action":"create","title":"t"}`,
		"github: o/r: GitHub took it but has yet to do it (202), and said nothing of what comes of it; look there before trying again")
	f.wasAsked("POST /repos/o/r/issues")
}

// TestNothingIsChangedBlindly: what has to be known first isn't taken from an
// answer that doesn't say it.
func TestNothingIsChangedBlindly(t *testing.T) {
	t.Parallel()
	for arguments, asked := range map[string][2]string{
		`{"repo":"o/r","action":"delete_branch","name":"b"}`:              {"github_repository_write", "GET /repos/o/r/git/ref/heads/b"},
		`{"repo":"o/r","action":"create_branch","name":"b"}`:              {"github_repository_write", "GET /repos/o/r/commits/HEAD"},
		`{"repo":"o/r","action":"update_release","name":"v1","body":"b"}`: {"github_repository_write", "GET /repos/o/r/releases/tags/v1"},
		`{"repo":"o/r","action":"pin","number":1}`:                        {"github_issue_write", "GET /repos/o/r/issues/1"},
		`{"repo":"o/r","action":"merge","number":1}`:                      {"github_merge_write", "GET /repos/o/r/pulls/1"},
	} {
		f := start(t, map[string]answer{asked[1]: {body: "{}"}})
		_, err := f.call(asked[0], arguments)
		if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v", arguments, err)
		}
		f.wasAsked(asked[1])
	}
}
