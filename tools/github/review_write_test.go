package github_test

import (
	"net/http"
	"testing"
)

const (
	reviewsPath  = pullWritePath + "/1347/reviews"
	reviewPage   = "https://github.com/octocat/Hello-World/pull/12#pullrequestreview-80"
	pullVariable = `{"name":"Hello-World","number":1347,"owner":"octocat"}`
)

// reviewOf is the documented answer of every request that changes a review.
func reviewOf(state string) answer {
	return answer{body: `{"id":80,"node_id":"PRR_example","user":{"login":"octocat"},"body":"b","state":"` + state + `","html_url":"` + reviewPage + `"}`}
}

func pendingIs(review string) step {
	return step{graphPath + " states:PENDING", pullVariable, answer{body: `{"data":{"repository":{"pullRequest":{"reviews":{"nodes":[` + review + `]}}}}}`}}
}

const pendingReview = `{"id":"PRR_example","fullDatabaseId":"2900000080","url":"` + reviewPage + `","body":"all in all","comments":{"totalCount":2,"nodes":[
	{"path":"a.go","line":3,"body":"one\n## two"},{"path":"b.go","line":null,"body":"three"}]}}`

func threadIs(raw string) answer {
	return answer{body: `{"data":{"addPullRequestReviewThread":{"thread":` + raw + `}}}`}
}

func TestReview(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	checkSteps(t, tool, `"action":"review","number":1347,"event":"request_changes","body":"close to perfect","comments":[{"path":"a.go","line":7,"start_line":3,"body":"typo"},{"path":"b.go","line":1,"side":"LEFT","body":"why?"}]`,
		"reviewed octocat/Hello-World#1347: changes requested with 2 comments (review 80)\n"+reviewPage,
		step{"POST " + reviewsPath, `{"body":"close to perfect","event":"REQUEST_CHANGES","comments":[{"path":"a.go","body":"typo","start_side":"RIGHT","side":"RIGHT","start_line":3,"line":7},{"path":"b.go","body":"why?","side":"LEFT","line":1}]}`,
			reviewOf("CHANGES_REQUESTED")})
	checkSteps(t, tool, `"action":"review","number":1347,"event":"approve"`,
		"reviewed octocat/Hello-World#1347: approved (review 80)\n"+reviewPage,
		step{"POST " + reviewsPath, `{"event":"APPROVE"}`, reviewOf("APPROVED")})
	checkSteps(t, tool, `"action":"review","number":1347,"comments":[{"path":"a.go","body":"rename it"},{"path":"b.go","line":2,"body":"typo"}]`,
		"started pending review 80 of octocat/Hello-World#1347 with 2 comments; others see it after action submit\n"+reviewPage,
		step{"POST " + reviewsPath, `{"comments":[{"path":"b.go","body":"typo","side":"RIGHT","line":2}]}`, reviewOf("PENDING")},
		step{graphPath + " addPullRequestReviewThread(", `{"body":"rename it","kind":"FILE","path":"a.go","review":"PRR_example"}`, threadIs(`{"id":"PRRT_1"}`)})
	checkSteps(t, tool, `"action":"dismiss","number":1347,"id":80,"body":"You are dismissed"`,
		"dismissed review 80 of octocat/Hello-World#1347, by @octocat\n"+reviewPage,
		step{"PUT " + reviewsPath + "/80/dismissals", `{"message":"You are dismissed"}`, reviewOf("DISMISSED")})
	checkSteps(t, tool, `"action":"reply","number":1347,"id":8,"body":"Great stuff!"`,
		"replied to comment 8 of octocat/Hello-World#1347 (comment 10)\nhttps://github.com/octocat/Hello-World/pull/1#discussion-diff-1",
		step{"POST " + pullWritePath + "/1347/comments/8/replies", `{"body":"Great stuff!"}`,
			answer{status: 201, body: `{"id":10,"html_url":"https://github.com/octocat/Hello-World/pull/1#discussion-diff-1"}`}})
}

func TestPendingReview(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	checkSteps(t, tool, `"action":"add_comments","number":1347,"comments":[{"path":"a.go","line":7,"start_line":3,"side":"LEFT","body":"typo"}]`,
		"added 1 comment to pending review 2900000080 of octocat/Hello-World#1347, which has 3 now; others see them after action submit\n"+reviewPage,
		pendingIs(pendingReview),
		step{graphPath + " addPullRequestReviewThread(", `{"body":"typo","kind":"LINE","line":7,"path":"a.go","review":"PRR_example","side":"LEFT","startLine":3,"startSide":"LEFT"}`, threadIs(`{"id":"PRRT_1"}`)})
	checkSteps(t, tool, `"action":"submit","number":1347,"event":"comment","body":"all in all"`,
		"submitted review 2900000080 of octocat/Hello-World#1347: commented with 2 comments\n"+reviewPage,
		pendingIs(pendingReview),
		step{"POST " + reviewsPath + "/2900000080/events", `{"body":"all in all","event":"COMMENT"}`, reviewOf("COMMENTED")})
	checkSteps(t, tool, `"action":"delete_pending","number":1347`,
		"deleted pending review 2900000080 of octocat/Hello-World#1347 with 2 comments\nWEB/octocat/Hello-World/pull/1347\n\n> all in all\n\n### a.go:3\n> one\n> ## two\n\n### b.go\n> three",
		pendingIs(pendingReview),
		step{"DELETE " + reviewsPath + "/2900000080", "", reviewOf("PENDING")})
	f := start(t, map[string]answer{graphPath: pendingIs("").answer})
	for _, action := range []string{`"submit","event":"approve"`, `"delete_pending"`, `"add_comments","comments":[{"path":"a","body":"b"}]`} {
		f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":`+action+`}`,
			"github: octocat/Hello-World#1347: you have no pending review there; action review without 'event' starts one")
		f.wasAsked(graphPath)
	}
}

// What stops in the middle says what is done already.
func TestReviewInPart(t *testing.T) {
	t.Parallel()
	const tool = "github_pull_request_write"
	f := start(t, map[string]answer{
		"POST " + reviewsPath:              reviewOf("PENDING"),
		pendingIs("").request:              pendingIs(pendingReview).answer,
		graphPath + ` "path":"a.go"`:       threadIs(`{"id":"PRRT_1"}`),
		graphPath + ` "path":"outside.go"`: threadIs(`null`),
		graphPath + ` "path":"no<.go"`:     {body: `{"data":{"addPullRequestReviewThread":null},"errors":[{"type":"UNPROCESSABLE","message":"Path is invalid"}]}`},
	})
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"add_comments","comments":[{"path":"a.go","line":1,"body":"b"},{"path":"outside.go","line":9,"body":"b"}]}`,
		"github: octocat/Hello-World#1347: GitHub takes no comment on outside.go:9; the line must be in the diff (part=diff) (1 comment added before that)")
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"review","comments":[{"path":"no<.go","body":"b"}]}`,
		"github: the comment on no<.go in octocat/Hello-World#1347: refused: Path is invalid (review 80 is pending; go on with add_comments)")
	f.answers["POST "+reviewsPath] = answer{status: http.StatusUnprocessableEntity, body: `{"message":"Unprocessable Entity","errors":["User can only have one pending review per pull request"]}`}
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"review"}`,
		"github: octocat/Hello-World#1347: not accepted (422): Unprocessable Entity; User can only have one pending review per pull request; you have one: add_comments, submit or delete_pending")
	f.answers["POST "+reviewsPath] = answer{status: http.StatusUnprocessableEntity, body: `{"message":"Unprocessable Entity","errors":["Can not approve your own pull request"]}`}
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"review","event":"approve"}`,
		"github: octocat/Hello-World#1347: not accepted (422): Unprocessable Entity; Can not approve your own pull request")
}

func threadOf(resolved, repo string) step {
	return step{graphPath + " PullRequestReviewThread{", `{"id":"PRRT_1"}`,
		answer{body: `{"data":{"node":{"isResolved":` + resolved + `,"path":"a.go","line":3,"pullRequest":{"number":1347,"repository":{"nameWithOwner":"` + repo + `"}}}}}`}}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	const tool, tail = "github_pull_request_write", " the review thread on a.go:3 of octocat/Hello-World#1347\nWEB/octocat/Hello-World/pull/1347"
	checkSteps(t, tool, `"action":"resolve","number":1347,"thread":"PRRT_1"`, "resolved"+tail,
		threadOf("false", "Octocat/hello-world"), step{graphPath + " {resolveReviewThread(", `{"id":"PRRT_1"}`, done("resolveReviewThread")})
	checkSteps(t, tool, `"action":"unresolve","number":1347,"thread":"PRRT_1"`, "unresolved again"+tail,
		threadOf("true", "octocat/Hello-World"), step{graphPath + " {unresolveReviewThread(", `{"id":"PRRT_1"}`, done("unresolveReviewThread")})
	checkSteps(t, tool, `"action":"resolve","number":1347,"thread":"PRRT_1"`, "nothing to do: resolved already:"+tail, threadOf("true", "octocat/Hello-World"))
	checkSteps(t, tool, `"action":"unresolve","number":1347,"thread":"PRRT_1"`, "nothing to do: not resolved:"+tail, threadOf("false", "octocat/Hello-World"))
	f := start(t, map[string]answer{graphPath: threadOf("false", "octocat/Other").answer})
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"resolve","number":1347,"thread":"PRRT_1"}`,
		"github: review thread PRRT_1 of octocat/Hello-World#1347: it belongs to octocat/Other#1347; nothing was changed")
	f.refuses(tool, `{"repo":"octocat/Other","action":"resolve","number":1,"thread":"PRRT_1"}`,
		"github: review thread PRRT_1 of octocat/Other#1: it belongs to octocat/Other#1347; nothing was changed")
	f.wasAsked(graphPath, graphPath)
	f.answers[graphPath] = answer{body: `{"data":{"node":{}}}`}
	f.refuses(tool, `{"repo":"octocat/Hello-World","action":"unresolve","number":1347,"thread":"PR_\n1"}`,
		"github: review thread PR_ 1 of octocat/Hello-World#1347: this is no review thread; part=review_threads of github_pull_request gives their ids")
}
