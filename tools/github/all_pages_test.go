package github_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// paged gives n pages of a list, each as body has it, with the headers that
// GitHub leads through them with. more is the rest of the query.
func paged(answers map[string]answer, path, more string, n int, body func(page int) string) {
	last := fmt.Sprintf("page=%d", n)
	for page := 1; page <= n; page++ {
		a := answer{body: body(page)}
		if page < n {
			a = a.with("Link", links(fmt.Sprintf("page=%d", page+1), last))
		}
		answers[fmt.Sprintf("%s?page=%d&per_page=100%s", path, page, more)] = a
		if page == 1 {
			answers[path+"?per_page=100"+more] = a
		}
	}
}

func reviewedBy(page int) string {
	return fmt.Sprintf(`[{"user":{"login":"ann"},"state":%q},{"user":{"login":"p%d"},"state":"APPROVED"}]`,
		map[bool]string{true: "CHANGES_REQUESTED", false: "APPROVED"}[page%2 == 1], page)
}

// TestAllReviewsDecide: GitHub gives the oldest first, so a verdict is only as
// good as the last page. Where there are too many, the answer says so.
func TestAllReviewsDecide(t *testing.T) {
	t.Parallel()
	for pages, want := range map[int]string{
		1:  "reviews: changes requested by @ann; approved by @p1; waiting",
		2:  "reviews: approved by @ann @p1 @p2; waiting",
		5:  "reviews: changes requested by @ann; approved by @p1 @p2 @p3 @p4 @p5; waiting",
		10: "reviews: approved by @ann @p1 @p2 @p3 @p4 @p5 @p6 @p7 @p8 @p9 @p10; waiting",
		11: "reviews: changes requested by @ann; approved by @p1 @p3 @p4 @p5 @p6 @p7 @p8 @p9 @p10 @p11; read the first 2 and the last 18 reviews only; all: part=reviews; waiting",
		50: "reviews: approved by @ann @p1 @p42 @p43 @p44 @p45 @p46 @p47 @p48 @p49 @p50; read the first 2 and the last 18 reviews only; all: part=reviews; waiting",
	} {
		answers := pullAnswers()
		paged(answers, pullPath+"/reviews", "", pages, reviewedBy)
		f := start(t, answers)
		got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, "\n"+want) {
			t.Errorf("%d pages: %v, want %q in\n%s", pages, err, want, got)
		}
		asked := slices.DeleteFunc(linesOf(f.sent()), func(line string) bool { return !strings.Contains(line, "/reviews?") })
		slices.Sort(asked)
		if len(asked) != min(pages, 10) || len(slices.Compact(asked)) != len(asked) {
			t.Errorf("%d pages: asked %q", pages, asked)
		}
	}
}

// Where GitHub doesn't say how many pages there are, what was read is said.
func TestReviewsWithoutLastPage(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	answers[pullPath+"/reviews"] = answer{body: reviewedBy(2)}.with("Link", links("page=2", ""))
	got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
	if err != nil || !strings.Contains(got, "approved by @ann @p2; read the first 2 reviews only; all: part=reviews; ") {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestPageThatFails: what a page lacks isn't passed over in silence.
func TestPageThatFails(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	paged(answers, pullPath+"/reviews", "", 4, reviewedBy)
	answers[pullPath+"/reviews?page=3&per_page=100"] = answer{status: http.StatusInternalServerError, body: `{"message":"Oops"}`}
	f := start(t, answers)
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`,
		"github: octocat/Hello-World#1347: GitHub has trouble (500 Oops); try again in a minute")
	answers = maps.Clone(answers)
	answers[pullPath+"/reviews?page=3&per_page=100"] = answer{status: http.StatusNotFound, body: `{"message":"Not Found"}`}
	got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
	if err != nil || !strings.Contains(got, "\nreviews: not readable with this credential\n") {
		t.Errorf("%v\n%s", err, got)
	}
}

func runsOn(page int) string {
	result := map[bool]string{true: "failure", false: "success"}[page == 3]
	return fmt.Sprintf(`{"total_count":9,"check_runs":[{"name":"c%d","status":"completed","conclusion":%q}]}`, page, result)
}

// TestAllChecksAreCounted: one that failed may be on any page.
func TestAllChecksAreCounted(t *testing.T) {
	t.Parallel()
	for pages, want := range map[int]string{
		3:  "\nchecks: 4 success, 1 failure (c3)\n",
		12: "\nchecks: 12 success; these are the first 1 and the last 9 check runs, more with part=checks\n",
	} {
		answers := pullAnswers()
		paged(answers, commitPath+"/check-runs", "", pages, runsOn)
		got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%d pages: %v, want %q in\n%s", pages, err, want, got)
		}
	}
}

// TestMilestoneOnAnyPage: a title is looked for on all pages before it is said
// not to be there.
func TestMilestoneOnAnyPage(t *testing.T) {
	t.Parallel()
	const path = "GET /repos/octocat/Hello-World/"
	titled := func(page int) string { return fmt.Sprintf(`[{"number":%d,"title":"v%d"}]`, page, page) }
	for _, c := range []struct {
		pages        int
		title, fails string
	}{
		{3, "V3", ""},
		{12, "v12", ""},
		{3, "v4", `github: octocat/Hello-World has no milestone "v4"; known: 1 v1, 2 v2, 3 v3`},
		{12, "v2", `github: octocat/Hello-World has no milestone "v2" among the first 1 and the last 9; give its number; known: 1 v1, 4 v4, 5 v5, 6 v6, 7 v7, 8 v8, 9 v9, 10 v10, 11 v11, 12 v12`},
	} {
		answers := map[string]answer{path + "issues": {body: "[]"}}
		paged(answers, path+"milestones", "&state=all", c.pages, titled)
		f := start(t, answers)
		arguments := fmt.Sprintf(`{"repo":"octocat/Hello-World","milestone":%q}`, c.title)
		if c.fails != "" {
			f.refuses("github_issues", arguments, c.fails)
			continue
		}
		if got, err := f.call("github_issues", arguments); err != nil {
			t.Errorf("%+v: %v\n%s", c, err, got)
		}
		if asked := linesOf(f.sent()); !strings.Contains(asked[len(asked)-1], "milestone="+strings.ToLower(c.title)[1:]) {
			t.Errorf("%+v: asked %q", c, asked)
		}
	}
}

// TestRequiredCheckOnAnyPage: the GraphQL API leads through by cursors.
func TestRequiredCheckOnAnyPage(t *testing.T) {
	t.Parallel()
	contexts := func(page int, more bool) answer {
		return answer{body: fmt.Sprintf(`{"data":{"repository":{"pullRequest":{"reviewDecision":null,
			"reviewThreads":{"pageInfo":{"hasNextPage":true},"nodes":[{"isResolved":false}]},
			"baseRef":{"refUpdateRule":{"requiredStatusCheckContexts":["c2","zz"],"requiresConversationResolution":true}},
			"commits":{"nodes":[{"commit":{"statusCheckRollup":{"contexts":{"pageInfo":{"hasNextPage":%t,"endCursor":"at%d"},
			"nodes":[{"name":"c%d","status":"COMPLETED","conclusion":"SUCCESS","isRequired":true}]}}}}]}}}}}`, more, page, page)}
	}
	for pages, want := range map[int]string{
		2:  "not yet: required checks: zz (not reported yet); at least 1 unresolved review thread",
		99: "not yet: required checks: zz (not among the first 10 checks); at least 1 unresolved review thread",
	} {
		answers := blockedAnswers("", "")
		answers[graphPath] = contexts(1, true)
		for page := 1; page < pages; page++ {
			answers[fmt.Sprintf(`%s "after":"at%d"`, graphPath, page)] = contexts(page+1, page+1 < pages)
		}
		f := start(t, answers)
		got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, "\nmergeable: "+want+"\n") {
			t.Errorf("%d pages: %v, want %q in\n%s", pages, err, want, got)
		}
		asked := slices.DeleteFunc(linesOf(f.sent()), func(line string) bool { return !strings.Contains(line, "/graphql") })
		if len(asked) != min(pages, 10) {
			t.Errorf("%d pages: asked %d times", pages, len(asked))
		}
	}
}
