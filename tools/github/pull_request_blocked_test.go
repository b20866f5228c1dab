package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// blockedAnswers is an open pull request that GitHub calls blocked, and what
// the GraphQL API says of it, in the shape of GitHub's reference.
func blockedAnswers(fields, checks string) map[string]answer {
	answers := pullAnswers()
	answers[pullPath] = answer{body: `{"number":1347,"title":"t","state":"open","mergeable":true,"mergeable_state":"blocked","head":{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e"}}`}
	answers[graphPath] = answer{body: fmt.Sprintf(`{"data":{"repository":{"pullRequest":{%s,
		"commits":{"nodes":[{"commit":{"statusCheckRollup":{"contexts":{"nodes":[%s]}}}}]}}}}}`, fields, checks)}
	return answers
}

const threadsOpen = `"reviewThreads":{"nodes":[{"isResolved":true},{"isResolved":false},{"isResolved":false}]}`

func TestPullRequestBlockedBy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ fields, checks, want string }{
		{`"reviewDecision":"REVIEW_REQUIRED",` + threadsOpen + `,"baseRef":{"refUpdateRule":{"requiredApprovingReviewCount":2,"requiredStatusCheckContexts":["build","deploy\nnow"],
			"requiresCodeOwnerReviews":true,"requiresConversationResolution":true,"requiresSignatures":true}}`,
			`{"name":"build","status":"COMPLETED","conclusion":"FAILURE","isRequired":true},{"name":"test","status":"IN_PROGRESS","conclusion":null,"isRequired":true},
			{"name":"lint","status":"COMPLETED","conclusion":"FAILURE","isRequired":false},{"context":"ci/ok","state":"SUCCESS","isRequired":true},{"context":"ci/x","state":"PENDING","isRequired":true}`,
			"not yet: 2 approving reviews are needed, of the code's owners too; required checks: build (failure), test (in_progress), ci/x (pending), deploy now (not reported yet); " +
				"2 unresolved review threads; all commits must be signed"},
		{`"reviewDecision":"CHANGES_REQUESTED",` + threadsOpen + `,"baseRef":{"refUpdateRule":{"requiredApprovingReviewCount":1,"requiresConversationResolution":false}}`, ``,
			"not yet: a reviewer requests changes"},
		{`"reviewDecision":"REVIEW_REQUIRED","reviewThreads":{"nodes":[]},"baseRef":{"refUpdateRule":null}`, ``, "not yet: an approving review is missing"},
		{`"reviewDecision":null,"reviewThreads":{"nodes":[]},"baseRef":null`, ``, "not yet, a required review or check is missing"},
	} {
		f := start(t, blockedAnswers(test.fields, test.checks))
		got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, "\nmergeable: "+test.want+"\n") {
			t.Errorf("%v, want %q in\n%s", err, test.want, got)
		}
	}
}

// Why it is blocked adds to a summary that is whole without it.
func TestPullRequestBlockedByUnknown(t *testing.T) {
	t.Parallel()
	for name, graph := range map[string]answer{
		"refused":   {status: http.StatusForbidden, body: `{"message":"Resource not accessible by integration"}`},
		"forbidden": {body: `{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`},
		"no JSON":   {body: `<html>`},
	} {
		answers := blockedAnswers(`"reviewDecision":null`, ``)
		answers[graphPath] = graph
		got, err := start(t, answers).call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
		if err != nil || !strings.Contains(got, "\nmergeable: not yet, a required review or check is missing\n") || !strings.Contains(got, "\nreviews: approved") {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
}
