package github_test

import (
	"fmt"
	"strings"
	"testing"
)

const issuesPath = "GET /repos/octokit-fixture-org/paginate-issues/issues"

func TestIssues(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{issuesPath: file("recorded_issues_page_1").with("Link",
		`<https://api.github.com/repositories/1000/issues?per_page=3&page=2>; rel="next", <https://api.github.com/repositories/1000/issues?per_page=3&page=5>; rel="last"`)})
	f.gives("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","per_page":3}`,
		`octokit-fixture-org/paginate-issues: 3 open issues on page 1 of 5; next: page=2

#13 Test issue 13 — open, @octokit-fixture-user-a, 42 comments, 2017-10-10
#12 Test issue 12 — open, @octokit-fixture-user-a, 42 comments, 2017-10-10
#11 Test issue 11 — open, @octokit-fixture-user-a, 42 comments, 2017-10-10`)
	f.wasAsked(issuesPath + "?direction=desc&page=1&per_page=3&sort=created&state=open")
	if _, err := f.call("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","state":"all","labels":["bug","help wanted"],"assignee":"*","creator":"octocat","since":"2026-01-31","sort":"updated","direction":"asc","page":2}`); err != nil {
		t.Error(err)
	}
	f.wasAsked(issuesPath + "?assignee=%2A&creator=octocat&direction=asc&labels=bug%2Chelp+wanted&page=2&per_page=30&since=2026-01-31T00%3A00%3A00Z&sort=updated&state=all")
}

func TestIssuesLastPage(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{issuesPath: file("recorded_issues_page_5").with("Link",
		`<https://api.github.com/repositories/1000/issues?per_page=3&page=4>; rel="prev", <https://api.github.com/repositories/1000/issues?per_page=3&page=1>; rel="first"`)})
	f.gives("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","per_page":3,"page":5}`,
		"octokit-fixture-org/paginate-issues: 1 open issue on page 5 of 5\n\n#1 Test issue 1 — open, @octokit-fixture-user-a, 42 comments, 2017-10-10")
}

// Large repositories answer with a cursor and refuse page numbers
// (https://github.com/google/go-github/issues/3565).
func TestIssuesByCursor(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{issuesPath: file("recorded_issues_page_5").with("Link",
		`<https://api.github.com/repositories/1000/issues?per_page=30&after=Y3Vyc29yOnYyOg%3D%3D&page=2>; rel="next"`)})
	f.gives("github_issues", `{"repo":"octokit-fixture-org/paginate-issues"}`,
		"octokit-fixture-org/paginate-issues: 1 open issue on page 1; next: after=Y3Vyc29yOnYyOg==\n\n#1 Test issue 1 — open, @octokit-fixture-user-a, 42 comments, 2017-10-10")
	got, err := f.call("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","after":"Y3Vyc29yOnYyOg=="}`)
	if err != nil || !strings.Contains(got, "1 open issue; next: after=Y3Vyc29yOnYyOg==\n") {
		t.Errorf("got %q, %v", got, err)
	}
	f.wasAsked(issuesPath+"?direction=desc&page=1&per_page=30&sort=created&state=open",
		issuesPath+"?after=Y3Vyc29yOnYyOg%3D%3D&direction=desc&per_page=30&sort=created&state=open")
}

// The documented example of the list is a pull request, which this endpoint
// gives among the issues.
func TestIssuesLeavesPullRequestsOut(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /repos/octocat/Hello-World/issues": file("issues")})
	f.gives("github_issues", `{"repo":"octocat/Hello-World","state":"closed"}`,
		"octocat/Hello-World: no closed issues here; page 1 of 1 (1 pull request on this page left out)")
}

func TestIssueLine(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{issuesPath: {body: `[{"number":7,"state":"closed","state_reason":"not_planned","title":"a\u202e\n  b","user":null,
		"labels":[{"name":"bug"},{"name":"help wanted"}],"assignees":[{"login":"hubot"}],"comments":1,"created_at":"2026-01-31T23:59:59Z"}]`}})
	f.gives("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","state":"all"}`,
		"octokit-fixture-org/paginate-issues: 1 issue on page 1 of 1\n\n#7 a b — closed as not_planned, bug, help wanted, @ghost, assigned @hubot, 1 comment, 2026-01-31")
}

// A list that goes by the last change shows its day.
func TestListsByUpdate(t *testing.T) {
	t.Parallel()
	const item = `{"number":7,"state":"open","title":"a","created_at":"2025-12-24T00:00:00Z","updated_at":"2026-01-31T00:00:00Z"}`
	f := start(t, map[string]answer{
		"GET /repos/o/r/issues": {body: "[" + item + "]"}, "GET /repos/o/r/pulls": {body: "[" + item + "]"},
		"GET /search/issues": {body: `{"total_count":1,"items":[` + item + `]}`},
	})
	for _, test := range []struct {
		tool, arguments string
		byUpdate        bool
	}{
		{"github_issues", `{"repo":"o/r"}`, false},
		{"github_issues", `{"repo":"o/r","since":"2026-01-01"}`, true},
		{"github_issues", `{"repo":"o/r","sort":"updated"}`, true},
		{"github_pull_requests", `{"repo":"o/r"}`, false},
		{"github_pull_requests", `{"repo":"o/r","sort":"updated"}`, true},
		{"github_search", `{"kind":"issues","query":"a"}`, false},
		{"github_search", `{"kind":"issues","query":"a","sort":"updated"}`, true},
		{"github_search", `{"kind":"pull_requests","query":"a updated:>2026-01-01"}`, true},
	} {
		got, err := f.call(test.tool, test.arguments)
		if want := map[bool]string{true: ", updated 2026-01-31", false: ", 2025-12-24"}[test.byUpdate]; err != nil || !strings.Contains(got, want) {
			t.Errorf("%s %s: no %q in %q, %v", test.tool, test.arguments, want, got, err)
		}
	}
}

// An issue that is a pull request says so, and when it was merged.
// https://docs.github.com/en/rest/issues/issues#get-an-issue
func TestMergedAmongIssues(t *testing.T) {
	t.Parallel()
	const merged = `{"number":7,"state":"closed","title":"a","closed_at":"2026-01-31T00:00:00Z","pull_request":{"url":"https://api.github.com/repos/o/r/pulls/7","merged_at":"2026-01-31T00:00:00Z"}}`
	f := start(t, map[string]answer{
		"GET /repos/o/r/issues/7": {body: merged},
		"GET /repos/o/r/issues/8": {body: strings.ReplaceAll(merged, `"merged_at":"2026-01-31T00:00:00Z"`, `"merged_at":null`)},
		"GET /repos/o/r/issues/9": {body: `{"number":9,"state":"closed","title":"a","closed_at":"2026-01-31T00:00:00Z"}`},
		"GET /search/issues":      {body: `{"total_count":1,"items":[` + merged + `]}`},
	})
	const rest = "\ngithub_pull_request shows the rest of it\n\n(no description)"
	f.gives("github_issue", `{"repo":"o/r","number":7}`, "# #7 a\npull request, merged 2026-01-31, by @ghost"+rest)
	f.gives("github_issue", `{"repo":"o/r","number":8}`, "# #7 a\npull request, closed 2026-01-31, by @ghost"+rest)
	f.gives("github_issue", `{"repo":"o/r","number":9}`, "# #9 a\nclosed 2026-01-31, by @ghost\n\n(no description)")
	f.gives("github_search", `{"kind":"pull_requests","query":"a"}`, "pull requests: 1 found; page 1 of 1\n\n#7 a — merged, @ghost")
}

// What isn't there is said with its part, and a pull request that may be an
// issue with the tool for those.
func TestMissingParts(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for tool, parts := range map[string]map[string]string{
		"github_issue": {"summary": "o/r#3", "comments": "comments of o/r#3", "timeline": "timeline of o/r#3", "sub_issues": "sub_issues of o/r#3", "reactions": "reactions of o/r#3"},
		"github_pull_request": {"summary": "o/r#3", "files": "files of o/r#3", "diff": "diff of o/r#3", "reviews": "reviews of o/r#3",
			"review_comments": "review_comments of o/r#3", "comments": "comments of o/r#3", "commits": "commits of o/r#3", "checks": "checks of o/r#3"},
	} {
		for part, what := range parts {
			_, err := f.call(tool, `{"repo":"o/r","number":3,"part":"`+part+`"}`)
			if err == nil || !strings.HasPrefix(err.Error(), "github: "+what+notFound) ||
				strings.HasSuffix(err.Error(), "; if it is an issue, github_issue reads it") != (tool == "github_pull_request") {
				t.Errorf("%s %s: %v", tool, part, err)
			}
		}
	}
}

// The longest page still fits an answer.
func TestIssuesSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40)
	label := fmt.Sprintf(`{"name":%q},`, long)
	item := fmt.Sprintf(`{"number":12345,"state":"closed","state_reason":"not_planned","title":%q,"labels":[%s{"name":"x"}],"comments":1234}`, long, strings.Repeat(label, 20))
	f := start(t, map[string]answer{issuesPath: {body: "[" + strings.Repeat(item+",", 99) + item + "]"}})
	got, err := f.call("github_issues", `{"repo":"octokit-fixture-org/paginate-issues","state":"closed","per_page":100}`)
	if err != nil || len(got) > 32_000 || strings.Count(got, "\n#12345 ") != 100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestIssuesRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_issues", `{"repo":"octocat/Hello-World","since":"yesterday","labels":["bug,ui"],"mentioned":"x"}`,
		`github_issues: 3 faults in the arguments
- unknown argument "mentioned"; allowed: repo, part, state, labels, assignee, creator, milestone, type, since, sort, direction, page, per_page, after, detail
- 'since' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "yesterday"
- 'labels' is a list; give "bug,ui" as separate items`)
	f.wasAsked()
}

const issuePath = "GET /repos/octocat/Hello-World/issues/1347"

func TestIssue(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		issuePath:               {body: strings.Replace(contentOf(t, "issue"), `"comments": 0`, `"comments": 1`, 1)},
		issuePath + "/comments": file("comments").with("Link", links("page=2", "page=4")),
	})
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":"1347"}`, `# #1347 Found a bug
pull request, open, locked, by @octocat, created 2011-04-22, updated 2011-04-22
https://github.com/octocat/Hello-World/issues/1347
github_pull_request shows the rest of it
labels: bug; assigned: @octocat; milestone: v1.0

> I'm having a problem with this.

## comments on octocat/Hello-World#1347: page 1 of 4; next: page=2

### @octocat, 2011-04-14, comment 1
> Me too`)
	f.wasAsked(issuePath, issuePath+"/comments?page=1&per_page=20")
	f.gives("github_issue", `{"repo":"octocat/Hello-World","number":1347,"page":3,"per_page":1}`,
		"## comments on octocat/Hello-World#1347: page 3 of 4\n\n### @octocat, 2011-04-14, comment 1\n> Me too")
	f.wasAsked(issuePath + "/comments?page=3&per_page=1")
}

// Nothing of a long text is lost: each answer says how to read on.
func TestIssueLongTexts(t *testing.T) {
	t.Parallel()
	const perLine = "0123456789 ü 0123456789\n"
	body := strings.TrimSpace(strings.Repeat(perLine, 1000))
	const comment = "GET /repos/octocat/Hello-World/issues/comments/7"
	f := start(t, map[string]answer{
		issuePath:               {body: fmt.Sprintf(`{"number":1347,"title":"t","state":"open","body":%q,"comments":1}`, body)},
		issuePath + "/comments": {body: fmt.Sprintf(`[{"id":7,"body":%q}]`, body)},
		comment:                 {body: fmt.Sprintf(`{"id":7,"body":%q}`, body)},
	})
	text, err := f.call("github_issue", `{"repo":"octocat/Hello-World","number":1347}`)
	if err != nil || !strings.Contains(text, "\n[cut after 7,680 of 23,999 characters; next: offset=7680]\n") ||
		!strings.Contains(text, "\n[cut after 5,760 of 23,999 characters; next: comment=7 offset=5760]") {
		t.Errorf("got %s, %v", text, err)
	}
	for _, start := range []string{`"offset":0`, `"comment":7`} {
		if got := f.readOn(t, start); got != body {
			t.Errorf("%s: read on to %d characters of %d", start, len(got), len(body))
		}
	}
	got, err := f.call("github_issue", `{"repo":"octocat/Hello-World","number":1347,"offset":23999}`)
	if err != nil || !strings.HasSuffix(got, "\n\n[the text has only 23,999 characters]") {
		t.Errorf("got %q, %v", got, err)
	}
}

// readOn follows the directions from one answer to the next and puts the
// quoted text together.
func (f *fake) readOn(t *testing.T, arguments string) string {
	t.Helper()
	var whole strings.Builder
	for range 10 {
		text, err := f.call("github_issue", `{"repo":"octocat/Hello-World","number":1347,`+arguments+`}`)
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ = strings.Cut(text, "\n## comments")
		arguments = ""
		for line := range strings.SplitSeq(text, "\n") {
			if quoted, ok := strings.CutPrefix(line, "> "); ok {
				whole.WriteString(quoted + "\n")
			}
			if _, next, ok := strings.Cut(line, "; next: "); ok {
				arguments = strings.NewReplacer("comment=", `"comment":`, " offset=", `,"offset":`, "offset=", `"offset":`, "]", "").Replace(next)
			}
		}
		if arguments == "" {
			return strings.TrimSpace(whole.String())
		}
	}
	t.Fatal("no end")
	return ""
}

func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":"abc"}`, `github_issue: 'number' must be a whole number, got "abc"`)
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","issue_number":1}`,
		"github_issue: 2 faults in the arguments\n- unknown argument \"issue_number\"; did you mean \"number\"?; allowed: repo, number, part, comment, offset, page, per_page, detail\n- missing 'number'")
	f.wasAsked()
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":5}`,
		"github: octocat/Hello-World#5: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
	f.refuses("github_issue", `{"repo":"octocat/Hello-World","number":5,"comment":9}`,
		"github: comment 9 in octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}
