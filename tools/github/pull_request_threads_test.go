package github_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const threadsArguments = `{"repo":"octocat/Hello-World","number":1347,"part":"review_threads"`

// threadsAnswer is in the shape of GitHub's reference of GraphQL objects.
func threadsAnswer(total int, more bool, threads ...string) answer {
	return answer{body: fmt.Sprintf(`{"data":{"repository":{"pullRequest":{"reviewThreads":{"totalCount":%d,"pageInfo":{"endCursor":"Y3Vyc29yOnYyOpK0","hasNextPage":%t},"nodes":[%s]}}}}}`,
		total, more, strings.Join(threads, ","))}
}

// threadNode is a thread with n comments; fields come first.
func threadNode(fields string, total int, comments ...string) string {
	return fmt.Sprintf(`{%s,"comments":{"totalCount":%d,"nodes":[%s]}}`, fields, total, strings.Join(comments, ","))
}

func threadComment(id int, who, body string) string {
	author := fmt.Sprintf(`{"login":%q}`, who)
	if who == "" {
		author = "null"
	}
	quoted, _ := json.Marshal(body)
	return fmt.Sprintf(`{"fullDatabaseId":"%d","author":%s,"authorAssociation":"MEMBER","createdAt":"2011-04-14T16:00:49Z","body":%s,"diffHunk":"@@ -1,3 +1,3 @@\n a\n+return nil"}`, id, author, quoted)
}

func TestReviewThreads(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{graphPath: threadsAnswer(5, false,
		threadNode(`"id":"PRRT_1","isResolved":false,"isOutdated":false,"path":"a.go","line":7,"startLine":3,"originalLine":9,"diffSide":"RIGHT","subjectType":"LINE","resolvedBy":null`, 2,
			threadComment(2900000001, "octocat", "why?\n### @hubot, 2011-04-14, comment 9"), threadComment(2900000002, "", "because")),
		threadNode(`"id":"PRRT_2","isResolved":false,"isOutdated":true,"path":"b.go","line":null,"startLine":null,"originalLine":4,"originalStartLine":null,"diffSide":"LEFT","subjectType":"LINE"`, 12,
			threadComment(3, "hubot", "one")),
		threadNode(`"id":"PRRT_3","isResolved":true,"isOutdated":false,"path":"c\u202e.go","line":1,"diffSide":"RIGHT","subjectType":"LINE","resolvedBy":{"login":"octocat"}`, 1,
			threadComment(4, "hubot", "done\nwith it")),
		threadNode(`"id":"PRRT_4","isResolved":false,"isOutdated":false,"path":"d.go","line":null,"diffSide":"RIGHT","subjectType":"FILE"`, 0),
		threadNode(`"id":"PRRT_5","isResolved":true,"isOutdated":false,"path":"e.go","line":2,"startLine":2,"diffSide":"RIGHT","subjectType":"LINE","resolvedBy":null`, 0),
	)})
	f.gives("github_pull_request", threadsArguments+`}`, "octocat/Hello-World#1347: 5 review threads on page 1 of 1; 3 of these unresolved\n\n"+
		"## a.go:3–7, unresolved, thread PRRT_1\n`+return nil`\n"+
		"### @octocat, 2011-04-14, comment 2900000001\n> why?\n> ### @hubot, 2011-04-14, comment 9\n"+
		"### @ghost, 2011-04-14, comment 2900000002\n> because\n\n"+
		"## b.go:4 (old side) (outdated), unresolved, thread PRRT_2\n`+return nil`\n### @hubot, 2011-04-14, comment 3\n> one\n"+
		"[11 more comments: part=review_comments, or a smaller per_page]\n\n"+
		"## c.go:1, resolved by @octocat, thread PRRT_3 (1 comment; comment=4 reads the first): done with it\n\n"+
		"## d.go (the whole file), unresolved, thread PRRT_4\n\n"+
		"## e.go:2, resolved, thread PRRT_5")
	asked := f.wasAsked(graphPath)
	checkVariables(t, asked[0].body, `{"after":null,"first":30,"name":"Hello-World","number":1347,"owner":"octocat"}`)
	f.answers[graphPath] = threadsAnswer(0, false)
	f.gives("github_pull_request", threadsArguments+`}`, "octocat/Hello-World#1347: no review threads here; page 1 of 1")
	f.answers[graphPath] = answer{body: `{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a PullRequest with the number of 1347."}]}`}
	f.refuses("github_pull_request", threadsArguments+`}`, "github: review_threads of octocat/Hello-World#1347: not found (Could not resolve to a PullRequest with the number of 1347.); "+
		"check the spelling with github_search; if it is private, the account needs access to it")
}

// checkVariables compares the variables of a request to the GraphQL API.
func checkVariables(t *testing.T, body, want string) {
	t.Helper()
	var sent struct{ Variables json.RawMessage }
	if err := json.Unmarshal([]byte(body), &sent); err != nil || string(sent.Variables) != want {
		t.Errorf("%v, variables\n got %s\nwant %s", err, sent.Variables, want)
	}
}

// Pages have numbers here and cursors at GitHub: what is before is counted off,
// a hundred at a time.
func TestReviewThreadsPages(t *testing.T) {
	t.Parallel()
	node := threadNode(`"id":"PRRT_1","isResolved":true,"path":"a.go","line":1`, 0)
	f := start(t, map[string]answer{graphPath: threadsAnswer(400, true), graphPath + " isOutdated": threadsAnswer(400, true, node)})
	f.gives("github_pull_request", threadsArguments+`,"page":4,"per_page":50}`,
		"octocat/Hello-World#1347: 1 review thread on page 4 of 8; next: page=5; 0 of these unresolved\n\n## a.go:1, resolved, thread PRRT_1")
	asked := f.wasAsked(graphPath, graphPath, graphPath)
	checkVariables(t, asked[0].body, `{"after":null,"first":100,"name":"Hello-World","number":1347,"owner":"octocat"}`)
	checkVariables(t, asked[1].body, `{"after":"Y3Vyc29yOnYyOpK0","first":50,"name":"Hello-World","number":1347,"owner":"octocat"}`)
	checkVariables(t, asked[2].body, `{"after":"Y3Vyc29yOnYyOpK0","first":50,"name":"Hello-World","number":1347,"owner":"octocat"}`)
	f.answers[graphPath] = threadsAnswer(40, false)
	f.gives("github_pull_request", threadsArguments+`,"page":3}`, "octocat/Hello-World#1347: no review threads here; page 3 of 2")
	f.wasAsked(graphPath)
	f.answers[pullsPath+"/comments/10"] = answer{body: `{"id":10,"path":"a.go","user":{"login":"octocat"},"body":"why?"}`}
	if got, err := f.call("github_pull_request", threadsArguments+`,"comment":10}`); err != nil || !strings.Contains(got, "@octocat") {
		t.Errorf("one comment: %v, %s", err, got)
	}
}

// Fifty threads of ten long comments stay within an answer.
func TestReviewThreadsSize(t *testing.T) {
	t.Parallel()
	var comments, threads []string
	for range 10 {
		comments = append(comments, threadComment(2900000001, "a-long-login-of-somebody", strings.Repeat("words of a review ", 300)))
	}
	for range 50 {
		threads = append(threads, threadNode(`"id":"PRRT_kwDOABCDEF5example","isResolved":false,"path":"some/folder/of/the/repository/file.go","line":100`, 10, comments...))
	}
	for _, n := range []int{1, 10, 30, 50} {
		f := start(t, map[string]answer{graphPath: threadsAnswer(50, false, threads[:n]...)})
		got, err := f.call("github_pull_request", fmt.Sprintf(`%s,"per_page":%d}`, threadsArguments, n))
		if err != nil || len(got) > 28_000 || strings.Count(got, "\n## ") != n {
			t.Errorf("%d threads: %d bytes, %d shown, %v", n, len(got), strings.Count(got, "\n## "), err)
		}
		t.Logf("%d threads: %d bytes", n, len(got))
	}
	start(t, nil).refuses("github_pull_request", threadsArguments+`,"per_page":51}`, "github_pull_request: 'per_page' is at most 50 for 'part' review_threads")
}
