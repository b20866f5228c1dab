package github_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	pullsPath  = "GET /repos/octocat/Hello-World/pulls"
	pullPath   = pullsPath + "/1347"
	commitPath = "GET /repos/octocat/Hello-World/commits/6dcb09b5b57875f334f61aebed695e2e4193db5e"
)

func TestPullRequests(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{pullsPath: file("pulls").with("Link", links("page=2", "page=7"))})
	f.gives("github_pull_requests", `{"repo":"octocat/Hello-World"}`,
		"octocat/Hello-World: 1 open pull request on page 1 of 7; next: page=2\n\n#1347 Amazing new feature — open, @octocat, 2011-01-26, new-topic → master, bug")
	f.wasAsked(pullsPath + "?direction=desc&page=1&per_page=30&sort=created&state=open")
	if _, err := f.call("github_pull_requests", `{"repo":"octocat/Hello-World","state":"all","head":"new-topic","base":"master","sort":"long-running","direction":"asc","page":2,"per_page":10}`); err != nil {
		t.Error(err)
	}
	f.wasAsked(pullsPath + "?base=master&direction=asc&head=octocat%3Anew-topic&page=2&per_page=10&sort=long-running&state=all")
	if _, err := f.call("github_pull_requests", `{"repo":"octocat/Hello-World","head":"hubot:fix"}`); err != nil {
		t.Error(err)
	}
	f.wasAsked(pullsPath + "?direction=desc&head=hubot%3Afix&page=1&per_page=30&sort=created&state=open")
	f.refuses("github_pull_requests", `{"repo":"octocat/Hello-World","state":"merged"}`,
		`github_pull_requests: 'state' must be one of open, closed, all; got "merged"`)
	f.wasAsked()
}

// Thirty pull requests with long titles, names and several labels.
func TestPullRequestsSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 40)
	item := fmt.Sprintf(`{"number":12345,"state":"closed","merged_at":"2026-01-31T00:00:00Z","title":%q,"body":%q,"created_at":"2026-01-30T00:00:00Z",
		"user":{"login":"a-long-login-of-somebody"},"labels":[{"name":"kind/bug"},{"name":"priority/critical"},{"name":"area/networking"}],
		"head":{"ref":%q},"base":{"ref":"release-1.2"}}`, long, long, strings.ReplaceAll(long, " ", "-"))
	f := start(t, map[string]answer{pullsPath: {body: "[" + strings.Repeat(item+",", 29) + item + "]"}})
	got, err := f.call("github_pull_requests", `{"repo":"octocat/Hello-World","state":"closed"}`)
	if err != nil || len(got) > 6_000 || strings.Count(got, "\n#12345 ") != 30 {
		t.Errorf("%d bytes, %v:\n%s", len(got), err, got)
	}
	usual := fmt.Sprintf(`{"number":12345,"state":"open","title":%q,"created_at":"2026-01-30T00:00:00Z","user":{"login":"octocat"},
		"labels":[{"name":"kind/bug"}],"head":{"ref":"fix-the-thing-in-the-parser"},"base":{"ref":"main"}}`, "Fix the thing in the parser that breaks on input with two of them")
	f.answers[pullsPath] = answer{body: "[" + strings.Repeat(usual+",", 29) + usual + "]"}
	got, err = f.call("github_pull_requests", `{"repo":"octocat/Hello-World"}`)
	if err != nil || len(got) > 6_000 || strings.Count(got, "\n#12345 ") != 30 {
		t.Errorf("%d bytes, %v:\n%s", len(got), err, got)
	}
}

func pullAnswers() map[string]answer {
	return map[string]answer{
		pullPath:                   file("pull"),
		pullPath + "/files":        file("files"),
		pullPath + "/reviews":      file("reviews"),
		pullPath + "/reviews/80":   {body: `{"id":80,"user":{"login":"octocat"},"state":"CHANGES_REQUESTED","body":"one\ntwo","submitted_at":"2019-11-17T17:43:43Z","commit_id":"ecdd80bb57125d7ba9641ffaa4d7d2c19d3f3091"}`},
		pullPath + "/comments":     file("review_comments"),
		pullPath + "/commits":      file("commits"),
		pullsPath + "/comments/10": {body: `{"id":10,"path":"a.go","original_line":4,"diff_hunk":"@@ -1 +1 @@\n-old\n+new","user":{"login":"octocat"},"created_at":"2011-04-14T16:00:49Z","body":"why?"}`},
		"GET /repos/octocat/Hello-World/issues/1347/comments": file("comments"),
		"GET /repos/octocat/Hello-World/issues/comments/1":    file("comment"),
		commitPath + "/check-runs":                            file("check_runs"),
		commitPath + "/status":                                file("status"),
	}
}

const summary = `# #1347 Amazing new feature
open, by @octocat, octocat:new-topic at 6dcb09b → master, created 2011-01-26, updated 2011-01-26
https://github.com/octocat/Hello-World/pull/1347
labels: bug; assigned: @octocat @hubot; milestone: v1.0
3 commits, 5 files +100 −3, 10 comments
mergeable: yes
checks: 1 neutral, 2 success
reviews: approved by @octocat; waiting for @other_user team Justice League

> Please pull these awesome changes in!`

func TestPullRequestSummary(t *testing.T) {
	t.Parallel()
	f := start(t, pullAnswers())
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`, summary)
	// Checks and reviews are asked for at the same time.
	slices.SortFunc(f.requests[1:], func(a, b request) int { return strings.Compare(a.line, b.line) })
	f.wasAsked(pullPath, commitPath+"/check-runs?per_page=100", commitPath+"/status?per_page=100", pullPath+"/reviews?per_page=100")
}

// What the credential may not read is said, and the rest is shown.
func TestPullRequestSummaryOutOfReach(t *testing.T) {
	t.Parallel()
	forbidden := answer{status: http.StatusForbidden, body: `{"message":"Resource not accessible by personal access token"}`}
	f := start(t, pullAnswers())
	f.answers[commitPath+"/check-runs"], f.answers[pullPath+"/reviews"] = forbidden, forbidden
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`,
		strings.NewReplacer("checks: 1 neutral, 2 success", "checks: 2 success (check runs: not readable with this credential)",
			"reviews: approved by @octocat; waiting for @other_user team Justice League", "reviews: not readable with this credential").Replace(summary))
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"checks"}`,
		"octocat/Hello-World#1347: 2 checks of commit 6dcb09b; page 1 of 1 (check runs: not readable with this credential)\n\ncontinuous-integration/jenkins — success\nsecurity/brakeman — success")
	f.answers[commitPath+"/status"] = forbidden
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"checks"}`,
		"github: checks of octocat/Hello-World#1347: no permission (403 Resource not accessible by personal access token)")
	f.answers[pullPath+"/reviews"] = answer{status: http.StatusBadGateway}
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`,
		"github: octocat/Hello-World#1347: GitHub has trouble (502); try again in a minute")
}

func TestPullRequestMergeability(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`"state":"open","mergeable":null,"mergeable_state":"unknown"`:                                         "mergeable: not known yet; ask again in a few seconds",
		`"state":"open","mergeable":true,"mergeable_state":"clean"`:                                           "mergeable: yes",
		`"state":"open","mergeable":true,"mergeable_state":"unstable"`:                                        "mergeable: yes, but not all checks are green",
		`"state":"open","mergeable":false,"mergeable_state":"dirty"`:                                          "mergeable: no, it conflicts with the base branch",
		`"state":"open","mergeable":true,"mergeable_state":"blocked"`:                                         "mergeable: not yet, a required review or check is missing",
		`"state":"open","mergeable":true,"mergeable_state":"unstable","auto_merge":{"merge_method":"squash"}`: "mergeable: yes, but not all checks are green; will be merged automatically (squash)",
		`"state":"open","mergeable":true,"mergeable_state":"behind"`:                                          "mergeable: not yet, the branch is behind the base branch",
		`"state":"open","draft":true,"mergeable":true,"mergeable_state":"draft"`:                              "mergeable: no, it is a draft",
		`"state":"open","mergeable":true,"mergeable_state":"new"`:                                             "mergeable: yes, new",
		`"state":"open","mergeable":false`:                                                                    "mergeable: no",
		`"state":"closed","closed_at":"2026-01-31T00:00:00Z"`:                                                 "closed without merging, 2026-01-31",
		`"state":"closed","merged":true,"merged_at":"2026-01-31T00:00:00Z","merged_by":{"login":"hubot"},"merge_commit_sha":"e5bd3914e2e596debea16f433f57875b5b90bcd6"`: "merged 2026-01-31 by @hubot as e5bd391",
	} {
		answers := pullAnswers()
		answers[pullPath] = answer{body: `{"number":1347,"title":"t","head":{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e"},` + fields + `}`}
		got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("%s: %v, want %q in\n%s", fields, err, want, got)
		}
	}
}

func TestPullRequestVerdicts(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	answers[pullPath] = answer{body: `{"number":1347,"title":"t","state":"open","head":{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e"}}`}
	answers[pullPath+"/reviews"] = answer{body: `[{"user":{"login":"a"},"state":"CHANGES_REQUESTED"},{"user":{"login":"b"},"state":"COMMENTED"},
		{"user":{"login":"a"},"state":"APPROVED"},{"user":{"login":"a"},"state":"COMMENTED"},{"user":{"login":"c"},"state":"PENDING"},{"user":{"login":"d"},"state":"CHANGES_REQUESTED"}]`}
	answers[commitPath+"/check-runs"] = answer{body: `{"total_count":4,"check_runs":[{"name":"build","status":"completed","conclusion":"failure"},
		{"name":"lint","status":"in_progress"},{"name":"test","status":"completed","conclusion":"success"},{"name":"fuzz","status":"completed","conclusion":"failure"}]}`}
	answers[commitPath+"/status"] = answer{body: `{"statuses":[]}`}
	got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
	want := "\nchecks: 2 failure (build, fuzz), 1 in_progress (lint), 1 success\nreviews: changes requested by @d; approved by @a; commented on by @b\n\n(no description)"
	if err != nil || !strings.HasSuffix(got, want) {
		t.Errorf("%v, got %s", err, got)
	}
}

func TestPullRequestParts(t *testing.T) {
	t.Parallel()
	f := start(t, pullAnswers())
	for _, test := range []struct {
		arguments, want string
		requests        []string
	}{
		{`"part":"files"`, "octocat/Hello-World#1347: 1 file on page 1 of 1\n\nadded file1.txt +103 −21",
			[]string{pullPath + "/files?page=1&per_page=30"}},
		{`"part":"reviews","page":2,"per_page":5`, "octocat/Hello-World#1347: 1 review on page 2\n\n### @octocat: approved, 2019-11-17, commit ecdd80b, review 80\n> Here is the body for the review.",
			[]string{pullPath + "/reviews?page=2&per_page=5"}},
		{`"part":"reviews","comment":80`, "### @octocat: changes requested, 2019-11-17, commit ecdd80b, review 80\n> one\n> two",
			[]string{pullPath + "/reviews/80"}},
		{`"part":"review_comments"`, "octocat/Hello-World#1347: 1 review comment on page 1 of 1\n\n### file1.txt:2 @octocat, 2011-04-14, comment 10, in reply to 8\n> Great stuff!",
			[]string{pullPath + "/comments?page=1&per_page=30"}},
		{`"part":"review_comments","comment":10`, "### a.go:4 (outdated) @octocat, 2011-04-14, comment 10\n`+new`\n> why?",
			[]string{pullsPath + "/comments/10"}},
		{`"part":"comments"`, "## comments on octocat/Hello-World#1347: page 1 of 1\n\n### @octocat, 2011-04-14, comment 1\n> Me too",
			[]string{"GET /repos/octocat/Hello-World/issues/1347/comments?page=1&per_page=30"}},
		{`"part":"comments","comment":1`, "### @octocat, 2011-04-14, comment 1\n> Me too",
			[]string{"GET /repos/octocat/Hello-World/issues/comments/1"}},
		{`"part":"commits"`, "octocat/Hello-World#1347: 1 commit on page 1 of 1\n\n6dcb09b 2011-04-14 @octocat — Fix all the bugs",
			[]string{pullPath + "/commits?page=1&per_page=30"}},
		{`"part":"checks"`, "octocat/Hello-World#1347: 3 checks of commit 6dcb09b; page 1 of 1\n\nmighty_readme — neutral\ncontinuous-integration/jenkins — success\nsecurity/brakeman — success",
			[]string{pullPath, commitPath + "/check-runs?page=1&per_page=30", commitPath + "/status?page=1&per_page=30"}},
		{`"offset":7`, "> pull these awesome changes in!", []string{pullPath}},
	} {
		f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,`+test.arguments+`}`, test.want)
		f.wasAsked(test.requests...)
	}
}

func TestPullRequestChecksThatFail(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	answers[commitPath+"/check-runs"] = answer{body: `{"total_count":41,"check_runs":[{"name":"test","status":"completed","conclusion":"success"},
		{"name":"build","status":"completed","conclusion":"failure","html_url":"https://github.com/octocat/Hello-World/runs/4","output":{"title":"2 errors","summary":"x.go:1"}},
		{"name":"lint","status":"queued"}]}`}.with("Link", links("page=2", "page=14"))
	f := start(t, answers)
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"checks","per_page":3}`,
		`octocat/Hello-World#1347: 5 checks of commit 6dcb09b; page 1 of 14; next: page=2

build — failure: 2 errors: x.go:1
  https://github.com/octocat/Hello-World/runs/4
lint — queued
test — success
continuous-integration/jenkins — success
security/brakeman — success`)
	got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
	want := "\nchecks: 12 success, 10 failure (build, build, build, build, build, …), 10 queued (lint, lint, lint, lint, lint, …); these are the first 3 and the last 27 check runs, more with part=checks\n"
	if err != nil || !strings.Contains(got, want) {
		t.Errorf("%v, got %s", err, got)
	}
}

func TestPullRequestRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1,"part":"file"}`,
		`github_pull_request: 'part' must be one of summary, files, diff, reviews, review_threads, review_comments, comments, commits, checks; got "file"; did you mean "files"?`)
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1,"comment":5,"part":"files","offset":1}`,
		`github_pull_request: 'comment' needs 'part' reviews, review_threads, review_comments or comments`)
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1,"part":"diff","offset":1}`,
		`github_pull_request: 'offset' needs 'comment', or 'part' summary`)
	f.wasAsked()
}
