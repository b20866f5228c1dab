package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What the library doesn't know of is shown all the same: the documented
// values of fields, and how the issue stands to others.
func TestIssueFacts(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{issuePath: {body: fmt.Sprintf(`{"number":1347,"title":"t","state":"open","user":{"login":"octocat"},"body":"b","type":{"name":"Bug"},
		"parent_issue_url":"https://api.github.com/repos/octo-org/plans/issues/12","sub_issues_summary":{"total":5,"completed":2,"percent_completed":40},
		"issue_dependencies_summary":{"blocked_by":1,"blocking":2,"total_blocked_by":1,"total_blocking":2},
		"reactions":{"total_count":4,"+1":3,"heart":1},"issue_field_values":%s}`, contentOf(t, "issue_field_values"))}})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347}`, `# #1347 t
open, by @octocat
type: Bug; DRI: DRI; Priority: High; Points: 42; Due Date: 2025-12-25; Labels: Frontend + Backend; parent: octo-org/plans#12; sub-issues: 2 of 5 completed; blocked by 1 issue; blocking 2 issues; reactions: +1 3, heart 1

> b`)
}

func TestIssueTimeline(t *testing.T) {
	t.Parallel()
	const path = issuePath + "/timeline"
	f := start(t, map[string]answer{path: file("timeline").with("Link", links("page=2", "page=3"))})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"timeline","per_page":4}`, `octocat/Hello-World#1347: 4 events on page 1 of 3; next: page=2

2022-04-13 @github locked
2022-04-13 @github-product-roadmap labeled: beta
2022-05-18 @github-product-roadmap renamed: "Secret scanning: dry-runs for enterprise-level custom patterns (cloud)" → "Secret scanning: dry-runs for enterprise-level custom patterns"
2022-05-19 @octocat commented (comment 1130876857): 🚢 Shipped to the cloud: https://github.blog/changelog/2022-05-12-secret-scanning-dry-runs-for-enterprise-level-custom-patterns/`)
	f.wasAsked(path + "?page=1&per_page=4&exclude=mentioned,subscribed,unsubscribed")
}

// One event of every shape that GitHub documents.
func TestIssueEvents(t *testing.T) {
	t.Parallel()
	const other = `{"number":7,"title":"Other","state":"open","repository":{"full_name":"octo-org/plans"}}`
	for fields, want := range map[string]string{
		`"event":"closed","commit_id":"6dcb09b5b57875f334f61aebed695e2e4193db5e","state_reason":"completed"`: "@hubot closed: completed commit 6dcb09b",
		`"event":"locked","lock_reason":"too heated"`:                                                        "@hubot locked: too heated",
		`"event":"assigned","assignee":{"login":"octocat"}`:                                                  "@hubot assigned: @octocat",
		`"event":"milestoned","milestone":{"title":"v1.0"}`:                                                  "@hubot milestoned: v1.0",
		`"event":"review_requested","requested_reviewer":{"login":"octocat"}`:                                "@hubot review requested: @octocat",
		`"event":"review_requested","requested_team":{"name":"Justice League"}`:                              "@hubot review requested: team Justice League",
		`"event":"issue_type_changed","prev_issue_type":{"name":"Task"},"issue_type":{"name":"Bug"}`:         "@hubot issue type changed: Task → Bug",
		`"event":"sub_issue_added","sub_issue":` + other:                                                     "@hubot sub issue added: octo-org/plans#7 Other (open)",
		`"event":"parent_issue_added","parent_issue":` + other:                                               "@hubot parent issue added: octo-org/plans#7 Other (open)",
		`"event":"blocked_by_added","blocked_by":` + other:                                                   "@hubot blocked by added: octo-org/plans#7 Other (open)",
		`"event":"blocking_removed","blocking":` + other:                                                     "@hubot blocking removed: octo-org/plans#7 Other (open)",
		`"event":"cross-referenced","source":{"type":"issue","issue":` + other + `}`:                         "@hubot cross-referenced: octo-org/plans#7 Other (open)",
		`"event":"labeled","label":{"name":"a\u202e\nb"}`:                                                    "@hubot labeled: a b",
		`"event":"renamed","rename":{"from":"a\n## b","to":"c"}`:                                             `@hubot renamed: "a ## b" → "c"`,
		`"event":"pinned"`: "@hubot pinned",
		`"event":"commented","id":9,"body":"a\n\n2026-01-31 @root closed"`: "@hubot commented (comment 9): a 2026-01-31 @root closed",
	} {
		f := start(t, map[string]answer{issuePath + "/timeline": {body: `[{"actor":{"login":"hubot"},"created_at":"2026-01-31T00:00:00Z",` + fields + `}]`}})
		f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"timeline"}`,
			"octocat/Hello-World#1347: 1 event on page 1 of 1\n\n2026-01-31 "+want)
	}
	// Commits and reviews have no actor, and a merged pull request is no longer open.
	f := start(t, map[string]answer{issuePath + "/timeline": {body: `[
		{"event":"committed","sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","author":{"name":"Mona","date":"2026-01-30T00:00:00Z"},"message":"Fix it\n\nat last"},
		{"event":"reviewed","user":{"login":"octocat"},"submitted_at":"2026-01-31T00:00:00Z","state":"approved","body":"Fine"},
		{"event":"cross-referenced","actor":null,"created_at":"2026-02-01T00:00:00Z","source":{"issue":{"number":8,"title":"PR","state":"closed","pull_request":{"merged_at":"2026-02-01T00:00:00Z"},"repository":{"full_name":"o/r"}}}}]`}})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"timeline"}`, `octocat/Hello-World#1347: 3 events on page 1 of 1

2026-01-30 Mona committed: commit 6dcb09b Fix it
2026-01-31 @octocat reviewed: approved Fine
2026-02-01 @ghost cross-referenced: o/r#8 PR (merged pull request)`)
}

func TestIssueTimelineSize(t *testing.T) {
	t.Parallel()
	item := fmt.Sprintf(`{"event":"commented","id":1234567890,"actor":{"login":"a-long-login-of-somebody"},"created_at":"2026-01-31T00:00:00Z","body":%q}`, strings.Repeat("word ", 100))
	f := start(t, map[string]answer{issuePath + "/timeline": {body: "[" + strings.Repeat(item+",", 99) + item + "]"}})
	got, err := f.call("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"timeline","per_page":100}`)
	if err != nil || len(got) > 32_000 || strings.Count(got, "\n2026-01-31 ") != 100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestSubIssues(t *testing.T) {
	t.Parallel()
	const line = "octocat/Hello-World#1347 Found a bug — open, bug, @octocat, assigned @octocat, 2011-04-22"
	f := start(t, map[string]answer{issuePath + "/sub_issues": file("sub_issues"), issuePath + "/parent": file("issue")})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"sub_issues"}`,
		"octocat/Hello-World#1347: 1 sub-issue on page 1 of 1\nparent: "+line+"\n\n"+line)
	f.wasAsked(issuePath+"/sub_issues?page=1&per_page=20", issuePath+"/parent")
	if got, err := f.call("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"sub_issues","page":2}`); err != nil || strings.Contains(got, "parent") {
		t.Errorf("%v, page 2 is %s", err, got)
	}
	f.wasAsked(issuePath + "/sub_issues?page=2&per_page=20")
	delete(f.answers, issuePath+"/parent")
	f.answers[issuePath+"/sub_issues"] = answer{body: "[]"}
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"sub_issues"}`,
		"octocat/Hello-World#1347: no sub-issues here; page 1 of 1\nno parent")
	f.wasAsked(issuePath+"/sub_issues?page=1&per_page=20", issuePath+"/parent")
	f.answers[issuePath+"/parent"] = answer{status: http.StatusBadGateway}
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"sub_issues"}`,
		"github: parent of octocat/Hello-World#1347: GitHub has trouble (502); try again in a minute")
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":5,"part":"sub_issues"}`,
		"github: sub_issues of octocat/Hello-World#5: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestIssueReactions(t *testing.T) {
	t.Parallel()
	const comment = "GET /repos/octocat/Hello-World/issues/comments/7/reactions"
	f := start(t, map[string]answer{
		issuePath + "/reactions": file("issue_reactions"),
		comment:                  {body: `[{"content":"+1","user":{"login":"a"}},{"content":"heart","user":null},{"content":"+1","user":{"login":"b"}}]`},
	})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"reactions"}`,
		"octocat/Hello-World#1347: 1 reaction on page 1 of 1\n\nheart: @octocat")
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"reactions","comment":7,"per_page":50}`,
		"comment 7 in octocat/Hello-World: 3 reactions on page 1 of 1\n\n+1: @a @b\nheart: @ghost")
	f.wasAsked(issuePath+"/reactions?page=1&per_page=20", comment+"?page=1&per_page=50")
}

func TestIssueLinked(t *testing.T) {
	t.Parallel()
	const of = `"repository":{"nameWithOwner":"octocat/Hello-World"}`
	for body, want := range map[string]string{
		`{"data":{"repository":{"issueOrPullRequest":{"pulls":{"totalCount":2,"nodes":[
			{"number":8,"title":"Fix\nit","state":"MERGED","isDraft":false,` + of + `,"author":{"login":"octocat"}},
			{"number":9,"title":"Again","state":"OPEN","isDraft":true,` + of + `,"author":null}]}}}}}`: `octocat/Hello-World#1347: 2 pull requests linked to close it

octocat/Hello-World#8 Fix it — merged, @octocat
octocat/Hello-World#9 Again — open draft, @ghost`,
		`{"data":{"repository":{"issueOrPullRequest":{"issues":{"totalCount":60,"nodes":[{"number":8,"title":"Bug","state":"CLOSED",` + of + `,"author":{"login":"octocat"}}]}}}}}`: `octocat/Hello-World#1347: 60 issues linked that it closes, the first 1

octocat/Hello-World#8 Bug — closed, @octocat`,
		`{"data":{"repository":{"issueOrPullRequest":{"pulls":{"totalCount":0,"nodes":[]}}}}}`: "octocat/Hello-World#1347: no pull requests linked to close it; part=timeline has mentions",
	} {
		f := start(t, map[string]answer{graphPath: {body: body}})
		f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"linked"}`, want)
		if asked := f.wasAsked(graphPath); !strings.HasSuffix(asked[0].body, `"variables":{"name":"Hello-World","number":1347,"owner":"octocat"}}`) {
			t.Errorf("asked %s", asked[0].body)
		}
	}
	f := start(t, map[string]answer{graphPath: {body: `{"data":{"repository":{"issueOrPullRequest":null}},"errors":[{"type":"NOT_FOUND","path":["repository","issueOrPullRequest"],
		"message":"Could not resolve to an issue or pull request with the number of 1347."}]}`}})
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":1347,"part":"linked"}`,
		"github: what is linked to octocat/Hello-World#1347: not found (Could not resolve to an issue or pull request with the number of 1347.); check the spelling with github_search; if it is private, the account needs access to it")
}

func TestIssuePartsRefuse(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":1,"part":"timeline","comment":5,"offset":1}`,
		"github_issue: 2 faults in the arguments\n- 'comment' needs 'part' comments or reactions\n- 'offset' needs 'part' summary, or 'comment' with 'part' comments")
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":1,"part":"events"}`,
		`github_issue: 'part' must be one of summary, comments, timeline, sub_issues, reactions, linked; got "events"`)
	f.wasAsked()
}

func TestIssueTypesAndFields(t *testing.T) {
	t.Parallel()
	const typesPath = "GET /repos/octocat/Hello-World/issue-types"
	f := start(t, map[string]answer{typesPath: file("issue_types"), graphPath: {body: issueFields}})
	f.gives("github_issues", `{"repo":"octocat/Hello-World","part":"types"}`,
		"octocat/Hello-World: 2 issue types\n\nTask — A specific piece of work\nBug — An unexpected problem or behavior")
	f.gives("github_issues", `{"repo":"octocat/Hello-World","part":"fields"}`, `octocat/Hello-World: 5 issue fields

DRI (text) — Who does it
Priority (single select: High, Medium, Low)
Categories (multi select: Frontend, Backend)
Points (number)
Due Date (date)`)
	f.wasAsked(typesPath, graphPath)
	f.answers[typesPath] = answer{body: `[{"name":"Epic","is_enabled":false,"description":null}]`}
	f.gives("github_issues", `{"repo":"octocat/Hello-World","part":"types"}`, "octocat/Hello-World: 1 issue type\n\nEpic (disabled)")
	delete(f.answers, typesPath)
	f.refuses("github_issues", `{"repo":"octocat/Hello-World","part":"types"}`,
		"github: issue types of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it; only organisations' repositories have issue types")
	f.answers[graphPath] = answer{body: `{"data":{"repository":{"issueFields":{"nodes":[]}}}}`}
	f.gives("github_issues", `{"repo":"octocat/Hello-World","part":"fields"}`, "octocat/Hello-World: no issue fields here")
	f.refuses("github_issues", `{"repo":"octocat/Hello-World","part":"types","labels":["bug"]}`, "github_issues: part types does not use 'labels'; it uses repo")
}

// A milestone goes by number or title, and the type is shown in the line.
func TestIssuesOfMilestone(t *testing.T) {
	t.Parallel()
	const path, milestones = "GET /repos/octocat/Hello-World/issues", "GET /repos/octocat/Hello-World/milestones"
	f := start(t, map[string]answer{milestones: file("milestones"),
		path: {body: `[{"number":7,"state":"open","title":"a","user":{"login":"b"},"type":{"name":"Bug"},"labels":[{"name":"ui"}],"created_at":"2026-01-31T00:00:00Z"}]`}})
	f.gives("github_issues", `{"repo":"octocat/Hello-World","milestone":"V1.0","type":"Bug"}`,
		"octocat/Hello-World: 1 open issue on page 1 of 1\n\n#7 a — open, Bug, ui, @b, 2026-01-31")
	f.wasAsked(milestones+"?per_page=100&state=all", path+"?direction=desc&milestone=1&page=1&per_page=30&sort=created&state=open&type=Bug")
	for _, milestone := range []string{"4", "*", "none"} {
		if _, err := f.call("github_issues", `{"repo":"octocat/Hello-World","milestone":"`+milestone+`"}`); err != nil {
			t.Error(err)
		}
		f.wasAsked(path + "?direction=desc&milestone=" + strings.Replace(milestone, "*", "%2A", 1) + "&page=1&per_page=30&sort=created&state=open")
	}
	f.refuses("github_issues", `{"repo":"octocat/Hello-World","milestone":"v2.0"}`, `github: octocat/Hello-World has no milestone "v2.0"; known: 1 v1.0`)
}
