package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// issueFields are fields of the documented kinds.
const issueFields = `{"data":{"repository":{"issue":{"id":"I_1"},"issueFields":{"nodes":[
	{"id":"IFT_1","name":"DRI","dataType":"TEXT","description":"Who does it"},
	{"id":"IFSS_2","name":"Priority","dataType":"SINGLE_SELECT","description":null,"options":[{"id":"O_1","name":"High"},{"id":"O_2","name":"Medium"},{"id":"O_3","name":"Low"}]},
	{"id":"IFMS_3","name":"Categories","dataType":"MULTI_SELECT","options":[{"id":"O_4","name":"Frontend"},{"id":"O_5","name":"Backend"}]},
	{"id":"IFN_4","name":"Points","dataType":"NUMBER"},
	{"id":"IFD_5","name":"Due Date","dataType":"DATE"}]}}}}`

// steps checks a call that takes several requests: the lines of all, and of
// those with a body the end of it.
func (f *fake) steps(arguments, want string, requests, bodies []string) {
	f.t.Helper()
	f.gives("github_issue_write", `{"repo":"octocat/Hello-World",`+arguments+`}`, strings.ReplaceAll(want, "WEB", f.url))
	var sent []string
	for _, r := range f.wasAsked(requests...) {
		if r.body != "" {
			sent = append(sent, r.body)
		}
	}
	if len(sent) != len(bodies) {
		f.t.Errorf("%s: sent %q", arguments, sent)
		return
	}
	for i, body := range bodies {
		if !strings.HasSuffix(sent[i], body) {
			f.t.Errorf("%s: sent %s, want it to end with %s", arguments, sent[i], body)
		}
	}
}

const (
	shown    = "GET " + writePath + "/1347"
	changed  = "PATCH " + writePath + "/1347"
	elseware = "GET /repos/octo-org/plans/issues/12"
)

func TestIssueChanges(t *testing.T) {
	t.Parallel()
	typed := answer{body: strings.Replace(contentOf(t, "issue_updated"), `"number": 1347,`, `"number": 1347, "type": {"name": "Bug"},`, 1)}
	f := start(t, map[string]answer{
		"POST " + writePath: typed, changed: typed, elseware: {body: `{"id":12000,"node_id":"I_12","number":12}`},
		"GET /repos/octocat/Hello-World/milestones": file("milestones"),
	})
	f.steps(`"action":"create","title":"t","milestone":"v1.0","type":"bug","assignees":["Copilot"]`,
		"created octocat/Hello-World#1347 Found a bug\n"+page+"\nlabels: bug; assigned: @octocat; milestone: v1.0; type: Bug\n"+
			"not set by GitHub: assignee copilot (its coding agent is not enabled for this repository and account)",
		[]string{"GET /repos/octocat/Hello-World/milestones?per_page=100&state=all", "POST " + writePath},
		[]string{`{"title":"t","assignees":["copilot-swe-agent[bot]"],"milestone":1,"type":"bug"}`})
	f.steps(`"action":"update","number":1347,"milestone":"","type":"","assignees":[]`,
		"updated octocat/Hello-World#1347: assignees, milestone, type\n"+page+"\nlabels: bug; assigned: @octocat; milestone: v1.0; type: Bug",
		[]string{changed}, []string{`{"assignees":[],"milestone":null,"type":null}`})
	f.steps(`"action":"update","number":1347,"milestone":"3","type":"Epic"`,
		"updated octocat/Hello-World#1347: milestone, type\n"+page+"\nlabels: bug; assigned: @octocat; milestone: v1.0; type: Bug\nnot set by GitHub: type Epic (needs triage or push access)",
		[]string{changed}, []string{`{"milestone":3,"type":"Epic"}`})
	f.answers[changed] = answer{body: `{"number":1347,"milestone":null,"html_url":"` + page + `"}`}
	f.steps(`"action":"update","number":1347,"milestone":"3"`, "updated octocat/Hello-World#1347: milestone\n"+page+"\nnot set by GitHub: milestone 3 (needs triage or push access)",
		[]string{changed}, []string{`{"milestone":3}`})
	f.answers[changed] = answer{body: `{"number":1347,"state":"closed","state_reason":"duplicate","html_url":"` + page + `"}`}
	f.steps(`"action":"close","number":1347,"target":"octo-org/plans#12"`, "closed octocat/Hello-World#1347 as duplicate of octo-org/plans#12\n"+page,
		[]string{elseware, changed}, []string{`{"state":"closed","state_reason":"duplicate","duplicate_issue_id":12000}`})
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"update","number":1347,"milestone":"v9"}`,
		`github: octocat/Hello-World has no milestone "v9"; known: 1 v1.0`)
	f.wasAsked("GET /repos/octocat/Hello-World/milestones?per_page=100&state=all")
}

func TestAssignCopilot(t *testing.T) {
	t.Parallel()
	const path = "POST " + writePath + "/1347/assignees"
	f := start(t, map[string]answer{path: {status: http.StatusCreated, body: `{"number":1347,"assignees":[{"login":"octocat"},{"login":"Copilot","type":"Bot"}]}`}})
	f.steps(`"action":"assign","number":1347,"assignees":["@copilot"],"body":"Mind the tests","target":"release-1"`,
		"assigned to octocat/Hello-World#1347 now: @octocat, @Copilot\nWEB/octocat/Hello-World/issues/1347", []string{path},
		[]string{`{"assignees":["copilot-swe-agent[bot]"],"agent_assignment":{"base_branch":"release-1","custom_instructions":"Mind the tests"}}`})
	f.answers[path] = file("assignees_added")
	f.steps(`"action":"assign","number":1347,"assignees":["copilot"]`,
		"assigned to octocat/Hello-World#1347 now: @octocat\nWEB/octocat/Hello-World/issues/1347\nnot set by GitHub: assignee copilot (its coding agent is not enabled for this repository and account)",
		[]string{path}, []string{`{"assignees":["copilot-swe-agent[bot]"]}`})
}

func TestModeration(t *testing.T) {
	t.Parallel()
	const none = http.StatusNoContent
	checkWritings(t, []writing{
		{`"action":"update_comment","comment":1,"body":"You too"`, "PATCH " + writePath + "/comments/1", `{"body":"You too"}`,
			file("comment"), "updated comment 1 in octocat/Hello-World\n" + page + "#issuecomment-1"},
		{`"action":"lock","number":1347,"reason":"too heated"`, "PUT " + writePath + "/1347/lock", `{"lock_reason":"too heated"}`,
			answer{status: none}, "locked octocat/Hello-World#1347 as too heated\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"lock","number":1347`, "PUT " + writePath + "/1347/lock", `{}`,
			answer{status: none}, "locked octocat/Hello-World#1347\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"unlock","number":1347`, "DELETE " + writePath + "/1347/lock", "",
			answer{status: none}, "unlocked octocat/Hello-World#1347\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"react","number":1347,"reaction":"+1"`, "POST " + writePath + "/1347/reactions", `{"content":"+1"}`,
			answer{status: http.StatusCreated, body: `{"id":1,"content":"+1"}`}, "reacted to octocat/Hello-World#1347 with +1\nWEB/octocat/Hello-World/issues/1347"},
		{`"action":"react","comment":7,"reaction":"heart"`, "POST " + writePath + "/comments/7/reactions", `{"content":"heart"}`,
			answer{body: `{"id":1,"content":"heart"}`}, "comment 7 in octocat/Hello-World had the reaction heart by this account already"},
	}...)
}

// TestIssueAddresses: only an address at the web pages of the API in use names
// an issue that it can be asked about, and only one that is an issue's.
func TestIssueAddresses(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{elseware: {body: `{"id":12000,"number":12}`}, "POST " + writePath + "/1347/sub_issues": {status: http.StatusCreated, body: `{"number":1347}`}})
	ours := strings.TrimPrefix(f.url, "http://")
	add := func(target string) string {
		return fmt.Sprintf(`{"repo":"octocat/Hello-World","action":"add_sub_issue","number":1347,"target":%q}`, target)
	}
	for _, target := range []string{f.url + "/octo-org/plans/issues/12", " https://" + ours + "/octo-org/plans/issues/12/ ", f.url + "/octo-org/plans/issues/12#issuecomment-1130876857"} {
		if got, err := f.call("github_issue_write", add(target)); err != nil || !strings.HasPrefix(got, "added octo-org/plans#12 ") {
			t.Errorf("%s: %q, %v", target, got, err)
		}
	}
	f.requests = nil
	for _, host := range []string{"github.example.com", ours + "@github.example.com", "127.0.0.1.example.com", "api." + ours} {
		at := host[strings.LastIndex(host, "@")+1:]
		f.refuses("github_issue_write", add("https://"+host+"/octo-org/plans/issues/12"),
			fmt.Sprintf("github: octo-org/plans#12 is at %s, but the API in use is that of %s; give owner/name#number", at, ours))
	}
	for _, target := range []string{f.url + "/5", f.url + "/octo-org/plans#12", f.url + "/octo-org/plans/pull/12", f.url + "/octo-org/plans/issues/12/events",
		f.url + "/octo-org/plans%2312", f.url + "/octo-org/issues/12", f.url + "/../plans/issues/12", "file:///octo-org/plans/issues/12", "https://%zz/o/r/issues/1"} {
		f.refuses("github_issue_write", add(target), fmt.Sprintf("github_issue_write: 'target' must be an issue, 5 or owner/name#5; got %q", target))
	}
	f.wasAsked()
}

func TestSubIssueChanges(t *testing.T) {
	t.Parallel()
	const subs = writePath + "/1347/sub_issue"
	done := answer{status: http.StatusCreated, body: `{"number":1347}`}
	f := start(t, map[string]answer{
		elseware: {body: `{"id":12000,"number":12}`}, "GET " + writePath + "/5": {body: `{"id":5000,"number":5}`},
		"POST " + subs + "s": done, "DELETE " + subs: {body: `{"number":1347}`}, "PATCH " + subs + "s/priority": {body: `{"number":1347}`},
		"GET " + subs + "s": {body: `[{"id":5000,"number":5}]`},
	})
	const where = "\nWEB/octocat/Hello-World/issues/1347"
	f.steps(`"action":"add_sub_issue","number":1347,"target":"octo-org/plans#12"`, "added octo-org/plans#12 to the sub-issues of octocat/Hello-World#1347"+where,
		[]string{elseware, "POST " + subs + "s"}, []string{`{"sub_issue_id":12000}`})
	f.steps(`"action":"remove_sub_issue","number":1347,"target":"#5"`, "removed octocat/Hello-World#5 from the sub-issues of octocat/Hello-World#1347"+where,
		[]string{"GET " + writePath + "/5", "DELETE " + subs}, []string{`{"sub_issue_id":5000}`})
	f.steps(`"action":"move_sub_issue","number":1347,"target":"`+f.url+`/octo-org/plans/issues/12?x=y#issuecomment-77","after":"5"`, "moved octo-org/plans#12 among the sub-issues of octocat/Hello-World#1347"+where,
		[]string{"GET " + writePath + "/5", elseware, "PATCH " + subs + "s/priority"}, []string{`{"sub_issue_id":12000,"after_id":5000}`})
	f.steps(`"action":"move_sub_issue","number":1347,"target":"octo-org/plans#12","after":"first"`, "moved octo-org/plans#12 to the front of the sub-issues of octocat/Hello-World#1347"+where,
		[]string{"GET " + subs + "s?per_page=1", elseware, "PATCH " + subs + "s/priority"}, []string{`{"sub_issue_id":12000,"before_id":5000}`})
	f.steps(`"action":"move_sub_issue","number":1347,"target":"5","after":"first"`, "octocat/Hello-World#5 is in front already"+where,
		[]string{"GET " + subs + "s?per_page=1", "GET " + writePath + "/5"}, nil)
	f.answers["GET "+subs+"s"] = answer{body: "[]"}
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"move_sub_issue","number":1347,"target":"5","after":"first"}`,
		"github: octocat/Hello-World#1347 has no sub-issues; add one with action add_sub_issue")
	f.answers["POST "+subs+"s"] = message(http.StatusUnprocessableEntity, "An error occurred while adding the sub-issue to the parent issue. Issue may not contain duplicate sub-issues")
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"add_sub_issue","number":1347,"target":"5"}`,
		"github: octocat/Hello-World#1347 and octocat/Hello-World#5: not accepted (422): An error occurred while adding the sub-issue to the parent issue. Issue may not contain duplicate sub-issues")
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"add_sub_issue","number":1347,"target":"6"}`,
		"github: octocat/Hello-World#6: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

// What only the GraphQL API can do: the ids come from the REST API, by names
// that were checked.
func TestIssueMutations(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		shown: {body: `{"number":1347,"node_id":"I_1"}`}, "GET /repos/octo-org/plans": {body: `{"node_id":"R_2"}`},
		"GET " + writePath + "/comments/7":     {body: `{"id":7,"node_id":"IC_7","html_url":"` + page + `#issuecomment-7"}`},
		graphPath + " pinIssue":                {body: `{"data":{"pinIssue":{"issue":{"number":1347}}}}`},
		graphPath + " unpinIssue":              {body: `{"data":{"unpinIssue":{"issue":{"number":1347}}}}`},
		graphPath + " {minimizeComment":        {body: `{"data":{"minimizeComment":{"minimizedComment":{"isMinimized":true}}}}`},
		graphPath + " unminimizeComment(input": {body: `{"data":{"unminimizeComment":{"unminimizedComment":{"isMinimized":false}}}}`},
		graphPath + " transferIssue":           {body: `{"data":{"transferIssue":{"issue":{"number":3,"url":"https://github.com/octo-org/plans/issues/3","repository":{"nameWithOwner":"octo-org/plans"}}}}}`},
	})
	f.steps(`"action":"pin","number":1347`, "pinned octocat/Hello-World#1347\nWEB/octocat/Hello-World/issues/1347",
		[]string{shown, graphPath}, []string{`{pinIssue(input:{issueId:$id}){issue{number}}}","variables":{"id":"I_1"}}`})
	f.steps(`"action":"unpin","number":1347`, "unpinned octocat/Hello-World#1347\nWEB/octocat/Hello-World/issues/1347",
		[]string{shown, graphPath}, []string{`{unpinIssue(input:{issueId:$id}){issue{number}}}","variables":{"id":"I_1"}}`})
	f.steps(`"action":"transfer","number":1347,"target":"octo-org/plans"`, "transferred octocat/Hello-World#1347; it is now octo-org/plans#3\nhttps://github.com/octo-org/plans/issues/3",
		[]string{shown, "GET /repos/octo-org/plans", graphPath}, []string{`"variables":{"issue":"I_1","repo":"R_2"}}`})
	f.steps(`"action":"hide_comment","comment":7,"reason":"off-topic"`, "hid comment 7 in octocat/Hello-World as off-topic\n"+page+"#issuecomment-7",
		[]string{"GET " + writePath + "/comments/7", graphPath}, []string{`"variables":{"id":"IC_7","reason":"OFF_TOPIC"}}`})
	f.steps(`"action":"unhide_comment","comment":7`, "comment 7 in octocat/Hello-World is shown again\n"+page+"#issuecomment-7",
		[]string{"GET " + writePath + "/comments/7", graphPath}, []string{`"variables":{"id":"IC_7"}}`})
	f.answers[graphPath+" pinIssue"] = answer{body: `{"data":{"pinIssue":null},"errors":[{"type":"UNPROCESSABLE","message":"Maximum 3 pinned issues per repository"}]}`}
	f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"pin","number":1347}`,
		"github: octocat/Hello-World#1347: refused: Maximum 3 pinned issues per repository")
}

// GitHub's own clients name the features that its schema has for them alone.
func TestFieldsAreFeatures(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{graphPath + " issueFields(": {body: issueFields}})
	if _, err := f.call("github_issues", `{"repo":"octocat/Hello-World","part":"fields"}`); err != nil {
		t.Fatal(err)
	}
	if sent := f.sent(); len(sent) != 1 || sent[0].features != "issue_fields, repo_issue_fields" {
		t.Errorf("%+v", sent)
	}
}

func TestSetFields(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{graphPath + " issueFields(": {body: issueFields},
		graphPath + " mutation($input:SetIssueFieldValueInput": {body: `{"data":{"setIssueFieldValue":{"issue":{"number":1347}}}}`}})
	f.steps(`"action":"set_fields","number":1347,"fields":{"priority":"high","Points":2.5,"DRI":"Mona  L","Due Date":null,"Categories":["Backend","frontend"]}`,
		"fields of octocat/Hello-World#1347: Categories: [\"Backend\",\"frontend\"]; DRI: Mona L; Due Date cleared; Points: 2.5; Priority: high\nWEB/octocat/Hello-World/issues/1347",
		[]string{graphPath, graphPath}, []string{`"variables":{"name":"Hello-World","number":1347,"owner":"octocat"}}`,
			`"variables":{"input":{"issueFields":[{"fieldId":"IFMS_3","multiSelectOptionIds":["O_5","O_4"]},{"fieldId":"IFT_1","textValue":"Mona  L"},` +
				`{"delete":true,"fieldId":"IFD_5"},{"fieldId":"IFN_4","numberValue":2.5},{"fieldId":"IFSS_2","singleSelectOptionId":"O_1"}],"issueId":"I_1"}}}`})
	f.steps(`"action":"set_fields","number":1347,"fields":{"Due Date":"2026-01-31"}`, "fields of octocat/Hello-World#1347: Due Date: 2026-01-31\nWEB/octocat/Hello-World/issues/1347",
		[]string{graphPath, graphPath}, []string{"}}", `"variables":{"input":{"issueFields":[{"dateValue":"2026-01-31","fieldId":"IFD_5"}],"issueId":"I_1"}}}`})
	for fields, want := range map[string]string{
		`{"Effort":1}`:                `there is no issue field "Effort"; known: DRI, Priority, Categories, Points, Due Date`,
		`{"Priority":"Urgent"}`:       `field Priority has no option "Urgent"; known: High, Medium, Low`,
		`{"Priority":["High","Low"]}`: "field Priority takes one of High, Medium, Low",
		`{"Points":"many"}`:           `field Points takes a number, got "many"`,
	} {
		f.refuses("github_issue_write", `{"repo":"octocat/Hello-World","action":"set_fields","number":1347,"fields":`+fields+`}`, "github: octocat/Hello-World#1347: "+want)
		f.wasAsked(graphPath)
	}
}
