package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	pullWritePath = "/repos/octocat/Hello-World/pulls"
	pullPage      = "https://github.com/octocat/Hello-World/pull/1347"
)

// step is a request a call makes, its body, and GitHub's answer.
type step struct {
	request, body string
	answer        answer
}

// checkSteps makes a call and checks every request and the whole answer.
func checkSteps(t *testing.T, tool, arguments, want string, steps ...step) {
	t.Helper()
	answers := map[string]answer{}
	var lines []string
	for _, s := range steps {
		answers[s.request] = s.answer
		line := s.request
		if strings.HasPrefix(line, graphPath) {
			line = graphPath
		}
		lines = append(lines, line)
	}
	f := start(t, answers)
	f.gives(tool, `{"repo":"octocat/Hello-World",`+arguments+`}`, strings.ReplaceAll(want, "WEB", f.url))
	for i, asked := range f.wasAsked(lines...) {
		switch {
		case i >= len(steps):
		case lines[i] == graphPath:
			checkVariables(t, asked.body, steps[i].body)
		case asked.body != steps[i].body:
			t.Errorf("%s: sent %s, want %s", arguments, asked.body, steps[i].body)
		}
	}
}

// done is the answer to a mutation that nothing is asked of.
func done(mutation string) answer {
	return answer{body: `{"data":{"` + mutation + `":{"clientMutationId":null}}}`}
}

// openPull is a pull request as far as writing looks at it.
func openPull(fields string) answer {
	return answer{body: `{"number":1347,"node_id":"PR_example","state":"open","title":"Amazing new feature","html_url":"` + pullPage + `",
		"head":{"ref":"new-topic","sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e"},"base":{"ref":"master"}` + fields + `}`}
}

func TestPullRequestCreate(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	checkSteps(t, tool, `"action":"create","title":"Amazing new feature","head":"octocat:new-topic","base":"master","body":"Please pull these awesome changes in!","draft":true,"maintainer_can_modify":false`,
		"created as a draft octocat/Hello-World#1347 Amazing new feature\nnew-topic → master\n"+pullPage,
		step{"POST " + pullWritePath, `{"title":"Amazing new feature","head":"octocat:new-topic","base":"master","body":"Please pull these awesome changes in!","maintainer_can_modify":false,"draft":true}`, openPull(`,"draft":true`)})
	checkSteps(t, tool, `"action":"create","title":"Amazing new feature","head":"new-topic"`,
		"created octocat/Hello-World#1347 Amazing new feature\nnew-topic → master\n"+pullPage,
		step{"GET /repos/octocat/Hello-World", "", answer{body: `{"default_branch":"master"}`}},
		step{"POST " + pullWritePath, `{"title":"Amazing new feature","head":"new-topic","base":"master","draft":false}`, file("pull")})
	f := start(t, map[string]answer{"POST " + pullWritePath: {status: 422, body: `{"message":"Validation Failed","errors":[{"resource":"PullRequest","code":"custom","message":"A pull request already exists for octocat:new-topic."}]}`}})
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"create","title":"t","head":"new-topic","base":"master"}`,
		"github: a pull request from new-topic to master in octocat/Hello-World: not accepted (422): Validation Failed; A pull request already exists for octocat:new-topic.")
}

func TestPullRequestChange(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	checkSteps(t, tool, `"action":"update","number":1347,"title":"new title","body":"","state":"open","base":"master","maintainer_can_modify":true`,
		"updated octocat/Hello-World#1347: title, body, base, maintainer_can_modify, state; it is open, into master\n"+pullPage,
		step{"PATCH " + pullWritePath + "/1347", `{"title":"new title","body":"","state":"open","base":"master","maintainer_can_modify":true}`, openPull("")})
	checkSteps(t, tool, `"action":"update","number":1347,"state":"closed"`,
		"updated octocat/Hello-World#1347: state; it is closed, into master\n"+pullPage,
		step{"PATCH " + pullWritePath + "/1347", `{"state":"closed"}`, openPull(`,"state":"closed"`)})
	checkSteps(t, tool, `"action":"update","number":1347,"body":""`,
		"updated octocat/Hello-World#1347: body; it is open, into master\n"+pullPage,
		step{"PATCH " + pullWritePath + "/1347", `{"body":""}`, openPull("")})
	checkSteps(t, tool, `"action":"update_branch","number":1347`,
		"GitHub is merging the base branch into the branch of octocat/Hello-World#1347, which takes some seconds\nWEB/octocat/Hello-World/pull/1347",
		step{"PUT " + pullWritePath + "/1347/update-branch", `{}`, answer{status: 202, body: `{"message":"Updating pull request branch.","url":"https://github.com/repos/octocat/Hello-World/pulls/53"}`}})
	checkSteps(t, tool, `"action":"comment","number":1347,"body":"Me too"`,
		"commented on octocat/Hello-World#1347 (comment 1)\n"+page+"#issuecomment-1",
		step{"POST " + writePath + "/1347/comments", `{"body":"Me too"}`, file("comment")})
}

func TestPullRequestDraft(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	get := step{"GET " + pullWritePath + "/1347", "", openPull("")}
	getDraft := step{"GET " + pullWritePath + "/1347", "", openPull(`,"draft":true`)}
	checkSteps(t, tool, `"action":"ready","number":1347`, "octocat/Hello-World#1347 is ready for review\n"+pullPage,
		getDraft, step{graphPath + " markPullRequestReadyForReview(", `{"id":"PR_example"}`, done("markPullRequestReadyForReview")})
	checkSteps(t, tool, `"action":"draft","number":1347`, "octocat/Hello-World#1347 is a draft now\n"+pullPage,
		get, step{graphPath + " convertPullRequestToDraft(", `{"id":"PR_example"}`, done("convertPullRequestToDraft")})
	checkSteps(t, tool, `"action":"ready","number":1347`, "nothing to do: octocat/Hello-World#1347 is no draft\n"+pullPage, get)
	checkSteps(t, tool, `"action":"draft","number":1347`, "nothing to do: octocat/Hello-World#1347 is a draft already\n"+pullPage, getDraft)
	refused := answer{body: `{"data":{"convertPullRequestToDraft":null},"errors":[{"type":"FORBIDDEN","message":"octocat does not have the correct permissions to execute this"}]}`}
	f := start(t, map[string]answer{get.request: get.answer, graphPath: refused})
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"draft","number":1347}`,
		"github: octocat/Hello-World#1347: no permission (octocat does not have the correct permissions to execute this); github_whoami shows the account and its scopes")
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"ready","number":9}`,
		"github: octocat/Hello-World#9: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestPullRequestReviewers(t *testing.T) {
	t.Parallel()
	const tool, path = "github_pull_request_write", pullWritePath + "/1347/requested_reviewers"
	now := openPull(`,"requested_reviewers":[{"login":"other_user"},{"login":"Copilot"}],"requested_teams":[{"name":"Justice League","slug":"justice-league"}]`)
	checkSteps(t, tool, `"action":"request_reviewers","number":1347,"reviewers":["@other_user","github/justice-league","Copilot"]`,
		"asked to review octocat/Hello-World#1347 now: @other_user @Copilot team Justice League\nWEB/octocat/Hello-World/pull/1347",
		step{"POST " + path, `{"reviewers":["other_user","copilot-pull-request-reviewer[bot]"],"team_reviewers":["justice-league"]}`, now})
	checkSteps(t, tool, `"action":"request_reviewers","number":1347,"reviewers":["octocat","github/a-team","copilot"]`,
		"asked to review octocat/Hello-World#1347 now: nobody\n"+
			"not asked by GitHub: octocat, copilot-pull-request-reviewer[bot], a-team (no access to the repository, the author, or has reviewed already)\nWEB/octocat/Hello-World/pull/1347",
		step{"POST " + path, `{"reviewers":["octocat","copilot-pull-request-reviewer[bot]"],"team_reviewers":["a-team"]}`, openPull("")})
	checkSteps(t, tool, `"action":"remove_reviewers","number":1347,"reviewers":["github/justice-league"]`,
		"asked to review octocat/Hello-World#1347 now: @other_user @Copilot team Justice League\nWEB/octocat/Hello-World/pull/1347",
		step{"DELETE " + path, `{"reviewers":[],"team_reviewers":["justice-league"]}`, now})
	f := start(t, map[string]answer{"POST " + path: {status: http.StatusUnprocessableEntity, body: `{"message":"Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the octocat/Hello-World repository."}`}})
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"request_reviewers","number":1347,"reviewers":["nobody"]}`,
		"github: octocat/Hello-World#1347: not accepted (422): Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the octocat/Hello-World repository.")
}

// Everything an action lacks or can't use is said before anything is asked of
// GitHub.
func TestPullRequestWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"action":"create","title":"t"`:                                                             "action create needs 'head'",
		`"action":"create","title":" ","head":"h"`:                                                  "action create needs 'title'",
		`"action":"create","title":"t","head":"h","number":1`:                                       "action create does not use 'number'; it uses title, head, body, base, draft, maintainer_can_modify",
		`"action":"update","number":1`:                                                              "action update needs at least one of title, body, base, state, maintainer_can_modify",
		`"action":"update","number":1,"title":""`:                                                   "action update needs at least one of title, body, base, state, maintainer_can_modify",
		`"action":"update","body":""`:                                                               "action update needs 'number'",
		`"action":"update","number":1,"state":"merged"`:                                             `'state' must be one of open, closed; got "merged"`,
		`"action":"comment","number":1,"body":"\n"`:                                                 "action comment needs 'body'",
		`"action":"reply","number":1,"body":"x"`:                                                    "action reply needs 'id'",
		`"action":"ready","number":1,"body":"x"`:                                                    "action ready does not use 'body'; it uses number",
		`"action":"request_reviewers","number":1,"reviewers":[]`:                                    "action request_reviewers needs 'reviewers'",
		`"action":"request_reviewers","number":1,"reviewers":["a b"]`:                               `'reviewers' must be logins, or teams as org/team; got "a b"`,
		`"action":"request_reviewers","number":1,"reviewers":["@"]`:                                 `'reviewers' must be logins, or teams as org/team; got "@"`,
		`"action":"request_reviewers","number":1,"reviewers":["a/b/c"]`:                             `'reviewers' must be logins, or teams as org/team; got "a/b/c"`,
		`"action":"add_comments","number":1`:                                                        "action add_comments needs 'comments'",
		`"action":"add_comments","number":1,"comments":[]`:                                          "action add_comments needs 'comments'",
		`"action":"add_comments","number":1,"comments":[{"path":"a"}]`:                              "'comments', item 1: missing 'body'",
		`"action":"submit","number":1`:                                                              "action submit needs 'event'",
		`"action":"resolve","number":1`:                                                             "action resolve needs 'thread'",
		`"action":"dismiss","number":1,"id":80`:                                                     "action dismiss needs 'body'",
		`"action":"submit","number":1,"event":"comment","thread":"PRRT_1"`:                          "action submit does not use 'thread'; it uses number, event, body",
		`"action":"merge","number":1`:                                                               `'action' must be one of create, update, ready, draft, update_branch, request_reviewers, remove_reviewers, comment, reply, review, add_comments, submit, delete_pending, resolve, unresolve, dismiss; got "merge"`,
		`"action":"review","number":1,"comments":[{"path":"a","body":"b","line":-1}]`:               "'comments', item 1: lines are counted from 1",
		`"action":"review","number":1,"comments":[{"path":"a","body":"b","line":3,"start_line":3}]`: "'comments', item 1: 'start_line' must be before 'line'",
		`"action":"review","number":1,"comments":[{"path":"a","body":"b","start_line":3}]`:          "'comments', item 1: 'start_line' must be before 'line'",
		`"action":"review","number":1,"event":"approve","comments":[{"path":"a\nb","body":"b"}]`:    "a comment on a whole file (a b) can't be sent with 'event'; leave that out, then submit",
		`"action":"review","number":1,"event":"APPROVED"`:                                           `'event' must be one of approve, request_changes, comment; got "APPROVED"; did you mean "approve"?`,
	} {
		f.refuses("github_pull_request_write", `{"repo":"octocat/Hello-World",`+arguments+`}`, "github_pull_request_write: "+want)
	}
	f.refuses("github_pull_request_write", `{"repo":"x","action":"reply","thread":"t"}`, `github_pull_request_write: 5 faults in the arguments
- 'repo' must be "owner/name", like "octocat/Hello-World"; got "x"
- action reply needs 'number'
- action reply needs 'id'
- action reply needs 'body'
- action reply does not use 'thread'; it uses number, id, body`)
	f.wasAsked()
}

// Every action in the schema is one the tool can do, and the other way round.
func TestPullRequestWriteActions(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for _, action := range []string{
		"create", "update", "ready", "draft", "update_branch", "request_reviewers", "remove_reviewers", "comment", "reply",
		"review", "add_comments", "submit", "delete_pending", "resolve", "unresolve", "dismiss",
	} {
		_, err := f.call("github_pull_request_write", fmt.Sprintf(`{"repo":"octocat/Hello-World","action":%q}`, action))
		if err == nil || !strings.Contains(err.Error(), "action "+action+" needs") {
			t.Errorf("%s: %v", action, err)
		}
	}
}
