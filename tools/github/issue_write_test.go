package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const writePath = "/repos/octocat/Hello-World/issues"

// writing is a call, the one request it makes, GitHub's answer and ours.
type writing struct {
	arguments, request, body string
	answer                   answer
	want                     string
}

func checkWritings(t *testing.T, writings ...writing) {
	t.Helper()
	for _, test := range writings {
		f := start(t, map[string]answer{test.request: test.answer})
		f.gives("github_issue_write", `{"repo":"octocat/Hello-World",`+test.arguments+`}`, strings.ReplaceAll(test.want, "WEB", f.url))
		if asked := f.wasAsked(test.request); len(asked) == 1 && asked[0].body != test.body {
			t.Errorf("%s: sent %s, want %s", test.arguments, asked[0].body, test.body)
		}
	}
}

const page = "https://github.com/octocat/Hello-World/issues/1347"

func TestIssueWrite(t *testing.T) {
	t.Parallel()
	checkWritings(t, []writing{
		{`"action":"create","title":"Found a bug","body":"I'm having a problem with this.","labels":["bug"],"assignees":["@octocat"]`,
			"POST " + writePath, `{"title":"Found a bug","body":"I'm having a problem with this.","labels":["bug"],"assignees":["octocat"]}`,
			file("issue_created"), "created octocat/Hello-World#1347 Found a bug\n" + page + "\nlabels: bug; assigned: @octocat; milestone: v1.0"},
		{`"action":"create","title":"Found a bug","labels":["BUG","urgent"],"assignees":["nobody"]`,
			"POST " + writePath, `{"title":"Found a bug","labels":["BUG","urgent"],"assignees":["nobody"]}`,
			file("issue_created"), "created octocat/Hello-World#1347 Found a bug\n" + page + "\nlabels: bug; assigned: @octocat; milestone: v1.0\n" +
				"not set by GitHub: labels urgent (needs triage or push access)\n" +
				"not set by GitHub: assignees nobody (no such login, or no access to the repository)"},
		{`"action":"update","number":1347,"title":"Found a bug","body":"","labels":[]`,
			"PATCH " + writePath + "/1347", `{"title":"Found a bug","body":"","labels":[]}`,
			file("issue_updated"), "updated octocat/Hello-World#1347: title, body, labels\n" + page + "\nlabels: bug; assigned: @octocat; milestone: v1.0"},
		{`"action":"comment","number":1347,"body":"Me too"`,
			"POST " + writePath + "/1347/comments", `{"body":"Me too"}`,
			file("comment"), "commented on octocat/Hello-World#1347 (comment 1)\n" + page + "#issuecomment-1"},
		{`"action":"close","number":1347`,
			"PATCH " + writePath + "/1347", `{"state":"closed"}`,
			answer{body: `{"number":1347,"state":"closed","state_reason":"completed","html_url":"` + page + `"}`}, "closed octocat/Hello-World#1347 as completed\n" + page},
		{`"action":"close","number":1347,"reason":"not_planned"`,
			"PATCH " + writePath + "/1347", `{"state":"closed","state_reason":"not_planned"}`,
			answer{body: `{"number":1347,"state":"closed","state_reason":"not_planned","html_url":"` + page + `"}`}, "closed octocat/Hello-World#1347 as not_planned\n" + page},
		{`"action":"reopen","number":1347`,
			"PATCH " + writePath + "/1347", `{"state":"open"}`,
			file("issue_updated"), "reopened octocat/Hello-World#1347\n" + page},
	}...)
}

func TestLabelsAndAssignees(t *testing.T) {
	t.Parallel()
	checkWritings(t, []writing{
		{`"action":"add_labels","number":1347,"labels":["bug","enhancement"]`,
			"POST " + writePath + "/1347/labels", `{"labels":["bug","enhancement"]}`,
			file("labels_added"), "labels of octocat/Hello-World#1347 are now: bug, enhancement\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"remove_labels","number":1347,"labels":["help/wanted ?"]`,
			"DELETE " + writePath + "/1347/labels/help%2Fwanted%20%3F", "",
			file("label_removed"), "removed from octocat/Hello-World#1347: help/wanted ?; labels left: bug\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"assign","number":1347,"assignees":["octocat"]`,
			"POST " + writePath + "/1347/assignees", `{"assignees":["octocat"]}`,
			file("assignees_added"), "assigned to octocat/Hello-World#1347 now: @octocat\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"unassign","number":1347,"assignees":["octocat"]`,
			"DELETE " + writePath + "/1347/assignees", `{"assignees":["octocat"]}`,
			answer{body: `{"number":1347,"assignees":[]}`}, "assigned to octocat/Hello-World#1347 now: none\nWEB/octocat/Hello-World/issues/1347"},
	}...)
}

// Recorded answers of a create and of labels added, as GitHub gave them.
func TestIssueWriteRecorded(t *testing.T) {
	t.Parallel()
	const path = "POST /repos/octokit-fixture-org/add-labels-to-issue/issues"
	f := start(t, map[string]answer{path: file("recorded_issue_created"), path + "/1/labels": file("recorded_labels_added")})
	f.gives("github_issue_write", `{"repo":"octokit-fixture-org/add-labels-to-issue","action":"create","title":"Issue without a label"}`,
		"created octokit-fixture-org/add-labels-to-issue#1 Issue without a label\nhttps://github.com/octokit-fixture-org/add-labels-to-issue/issues/1")
	f.gives("github_issue_write", `{"repo":"octokit-fixture-org/add-labels-to-issue","action":"add_labels","number":1,"labels":["Foo","bAr","baZ"]}`,
		"labels of octokit-fixture-org/add-labels-to-issue#1 are now: Foo, bAr, baZ\n"+f.url+"/octokit-fixture-org/add-labels-to-issue/issues/1")
}

func TestRemoveLabelsInPart(t *testing.T) {
	t.Parallel()
	const path = "DELETE " + writePath + "/1347/labels/"
	absent := answer{status: http.StatusNotFound, body: `{"message":"Label does not exist","documentation_url":"https://docs.github.com/rest"}`}
	f := start(t, map[string]answer{
		path + "bug": file("label_removed"), path + "gone": absent,
		path + "broken": {status: http.StatusBadGateway, body: `<html>`},
	})
	f.gives("github_issue_write", `{"repo":"octocat/Hello-World","action":"remove_labels","number":1347,"labels":["gone","bug"]}`,
		"removed from octocat/Hello-World#1347: bug; labels left: bug\nwas not there: gone\n"+f.url+"/octocat/Hello-World/issues/1347")
	f.gives("github_issue_write", `{"repo":"octocat/Hello-World","action":"remove_labels","number":1347,"labels":["gone"]}`,
		"nothing to remove: octocat/Hello-World#1347 has no label gone\n"+f.url+"/octocat/Hello-World/issues/1347")
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"remove_labels","number":1347,"labels":["bug","broken"]}`,
		"github: octocat/Hello-World#1347: GitHub has trouble (502); try again in a minute (removed before that: bug)")
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"remove_labels","number":9,"labels":["bug"]}`,
		"github: octocat/Hello-World#9: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

// Everything an action lacks or can't use is said before anything is asked of
// GitHub.
func TestIssueWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"action":"create"`:                                                "action create needs 'title'",
		`"action":"create","title":" "`:                                    "action create needs 'title'",
		`"action":"create","title":"x","number":1`:                         "action create does not use 'number'; it uses title, body, labels, assignees, milestone, type",
		`"action":"update","number":1`:                                     "action update needs at least one of title, body, labels, assignees, milestone, type",
		`"action":"update","title":"x"`:                                    "action update needs 'number'",
		`"action":"comment","number":1`:                                    "action comment needs 'body'",
		`"action":"comment","number":1,"body":"\n"`:                        "action comment needs 'body'",
		`"action":"close","number":1,"body":"done"`:                        "action close does not use 'body'; it uses number, reason, target",
		`"action":"reopen","number":1,"reason":"completed"`:                "action reopen does not use 'reason'; it uses number",
		`"action":"add_labels","number":1`:                                 "action add_labels needs 'labels'",
		`"action":"add_labels","number":1,"labels":[]`:                     "action add_labels needs 'labels'",
		`"action":"remove_labels","number":1,"labels":["."]`:               `'labels' holds ".", which can't be a label`,
		`"action":"remove_labels","number":1,"labels":[""]`:                `'labels' holds "", which can't be a label`,
		`"action":"remove_labels","number":1,"labels":[".."]`:              `'labels' holds "..", which can't be a label`,
		`"action":"assign","number":1,"assignees":["@"]`:                   "'assignees' holds an empty login",
		`"action":"unassign","number":1`:                                   "action unassign needs 'assignees'",
		`"action":"delete","number":1`:                                     `'action' must be one of create, update, comment, update_comment, close, reopen, add_labels, remove_labels, assign, unassign, set_fields, add_sub_issue, remove_sub_issue, move_sub_issue, react, lock, unlock, pin, unpin, transfer, hide_comment, unhide_comment; got "delete"`,
		`"action":"close","number":1,"reason":"wontfix"`:                   `'reason' must be one of completed, not_planned, duplicate; got "wontfix"`,
		`"action":"lock","number":1,"reason":"abuse"`:                      `'reason' must be one of off-topic, too heated, resolved, spam; got "abuse"`,
		`"action":"hide_comment","comment":1`:                              "action hide_comment needs 'reason'",
		`"action":"hide_comment","number":1,"reason":"spam"`:               "action hide_comment needs 'comment'",
		`"action":"update_comment","comment":1`:                            "action update_comment needs 'body'",
		`"action":"close","number":1,"target":"x"`:                         `'target' must be an issue, 5 or owner/name#5; got "x"`,
		`"action":"close","number":1,"target":"2","reason":"completed"`:    "'target' of close is what it duplicates; its 'reason' is duplicate",
		`"action":"add_sub_issue","number":1`:                              "action add_sub_issue needs 'target'",
		`"action":"add_sub_issue","number":1,"target":"o/r#0"`:             `'target' must be an issue, 5 or owner/name#5; got "o/r#0"`,
		`"action":"add_sub_issue","number":1,"target":"../x#1"`:            `'target' must be an issue, 5 or owner/name#5; got "../x#1"`,
		`"action":"move_sub_issue","number":1,"target":"2"`:                "action move_sub_issue needs 'after'",
		`"action":"move_sub_issue","number":1,"target":"2","after":"last"`: `'after' must be an issue, 5 or owner/name#5; got "last"`,
		`"action":"transfer","number":1,"target":"#2"`:                     `'target' of transfer must be owner/name; got "#2"`,
		`"action":"react","number":1`:                                      "action react needs 'reaction'",
		`"action":"react","reaction":"+1"`:                                 "action react needs at least one of number, comment",
		`"action":"react","number":1,"reaction":"thumbs"`:                  `'reaction' must be one of +1, -1, laugh, confused, heart, hooray, rocket, eyes; got "thumbs"`,
		`"action":"set_fields","number":1,"fields":{}`:                     "'fields' is empty",
		`"action":"set_fields","number":1,"fields":[]`:                     "'fields' must be a JSON object, got a list",
		`"action":"assign","number":1,"assignees":["octocat"],"body":"x"`:  "'body' and 'target' of assign are for copilot, who is not among 'assignees'",
		`"action":"comment","number":-1,"body":"x"`:                        "action comment needs 'number'",
	} {
		f.refuses("github_issue_write", `{"repo":"octocat/Hello-World",`+arguments+`}`, "github_issue_write: "+want)
	}
	f.refuses("github_issue_write", `{"repo":"x","action":"comment","title":"t"}`, `github_issue_write: 4 faults in the arguments
- 'repo' must be "owner/name", like "octocat/Hello-World"; got "x"
- action comment needs 'number'
- action comment needs 'body'
- action comment does not use 'title'; it uses number, body`)
	f.wasAsked()
}

// Every action in the schema is one the tool can do, and the other way round.
func TestIssueWriteActions(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for _, action := range []string{"create", "update", "comment", "close", "reopen", "add_labels", "remove_labels", "assign", "unassign", "set_fields", "update_comment",
		"add_sub_issue", "remove_sub_issue", "move_sub_issue", "react", "lock", "unlock", "pin", "unpin", "transfer", "hide_comment", "unhide_comment"} {
		_, err := f.call("github_issue_write", fmt.Sprintf(`{"repo":"octocat/Hello-World","action":%q}`, action))
		if err == nil || !strings.Contains(err.Error(), "action "+action+" needs") {
			t.Errorf("%s: %v", action, err)
		}
	}
}
