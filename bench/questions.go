package main

import "encoding/json"

// The ten questions, the small one that shows what a call costs, and the two
// whose answers are large.
const (
	askMe            = "who am I"
	askPullRequests  = "30 open pull requests"
	askIssue         = "an issue with its comments"
	askFile          = "a file of 500 lines"
	askDirectory     = "a directory"
	askCode          = "a search in code"
	askDiff          = "the diff of a pull request"
	askFailure       = "why CI failed"
	askCommits       = "the commits of a month"
	askNotifications = "notifications"
	askRepository    = "a repository's summary"
	askLargeLog      = "why CI failed, by a large log"
	askLargeTree     = "a tree of 20,000 files"
)

// tenQuestions are those whose answers are counted.
func tenQuestions() []string {
	return []string{
		askPullRequests, askIssue, askFile, askDirectory, askCode, askDiff, askFailure, askCommits, askNotifications, askRepository,
	}
}

func ourQuestions() map[string][]call {
	one := func(tool, arguments string) []call { return []call{{tool, json.RawMessage(arguments)}} }
	return map[string][]call{
		askMe:            one("github_whoami", `{}`),
		askPullRequests:  one("github_pull_requests", `{"repo":"octo-org/harbour"}`),
		askIssue:         one("github_issue", `{"repo":"octo-org/harbour","number":42}`),
		askFile:          one("github_contents", `{"repo":"octo-org/harbour","path":"tide/predict.go"}`),
		askDirectory:     one("github_contents", `{"repo":"octo-org/harbour","path":"tide"}`),
		askCode:          one("github_search", `{"kind":"code","query":"PredictHeight repo:octo-org/harbour"}`),
		askDiff:          one("github_pull_request", `{"repo":"octo-org/harbour","number":7,"part":"diff"}`),
		askFailure:       one("github_pull_request", `{"repo":"octo-org/harbour","number":7,"part":"checks"}`),
		askCommits:       one("github_commits", `{"repo":"octo-org/harbour","since":"2026-08-01","until":"2026-08-31"}`),
		askNotifications: one("github_notifications", `{}`),
		askRepository:    one("github_repository", `{"repo":"octo-org/harbour"}`),
		askLargeLog:      one("github_pull_request", `{"repo":"octo-org/harbour","number":8,"part":"checks"}`),
		askLargeTree:     one("github_contents", `{"repo":"octo-org/harbour","recursive":true}`),
	}
}

// request is one request to the API, with its Accept header if it isn't JSON
// that is wanted.
type request struct{ path, accept string }

// bareRequests are what it takes to answer a question without a server between.
func bareRequests() map[string][]request {
	const repo = "/repos/octo-org/harbour"
	return map[string][]request{
		askMe:            {{path: "/user"}},
		askPullRequests:  {{path: repo + "/pulls"}},
		askIssue:         {{path: repo + "/issues/42"}, {path: repo + "/issues/42/comments"}},
		askFile:          {{path: repo + "/contents/tide/predict.go"}},
		askDirectory:     {{path: repo + "/contents/tide"}},
		askCode:          {{path: "/search/code?q=PredictHeight+repo:octo-org/harbour", accept: "application/vnd.github.text-match+json"}},
		askDiff:          {{path: repo + "/pulls/7", accept: "application/vnd.github.diff"}},
		askFailure:       {{path: repo + "/pulls/7"}, {path: repo + "/commits/" + failingHead + "/check-runs"}, {path: repo + "/actions/jobs/1001/logs"}},
		askCommits:       {{path: repo + "/commits"}},
		askNotifications: {{path: "/notifications"}},
		askRepository:    {{path: repo}, {path: repo + "/languages"}},
	}
}
