package github_test

import (
	"net/http"
	"testing"
)

const (
	pullHeadSHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
	mergePath   = "PUT " + pullWritePath + "/1347/merge"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	const tool = "github_merge_write"
	get := step{pullPath, "", openPull("")}
	merged := answer{body: `{"sha":"7dcb09b5b57875f334f61aebed695e2e4193db5e","merged":true,"message":"Pull Request successfully merged"}`}
	checkSteps(t, tool, `"number":1347,"action":"merge"`,
		"merged octocat/Hello-World#1347 Amazing new feature into master as 7dcb09b (merge)\n"+pullPage,
		get, step{mergePath, `{"merge_method":"merge","sha":"` + pullHeadSHA + `"}`, merged})
	checkSteps(t, tool, `"number":1347,"action":"merge","method":"squash","title":"One","message":"Two","sha":"6DCB09B"`,
		"merged octocat/Hello-World#1347 Amazing new feature into master as 7dcb09b (squash)\n"+pullPage,
		get, step{mergePath, `{"commit_message":"Two","commit_title":"One","merge_method":"squash","sha":"` + pullHeadSHA + `"}`, merged})
	checkSteps(t, tool, `"number":1347,"action":"merge"`, "nothing to do: merged 2026-01-31 by @hubot as e5bd391\n"+pullPage,
		step{pullPath, "", openPull(`,"state":"closed","merged":true,"merged_at":"2026-01-31T00:00:00Z","merged_by":{"login":"hubot"},"merge_commit_sha":"e5bd3914e2e596debea16f433f57875b5b90bcd6"`)})
}

func TestAutoMerge(t *testing.T) {
	t.Parallel()
	const tool = "github_merge_write"
	checkSteps(t, tool, `"number":1347,"action":"auto_merge","method":"squash","title":"One","message":"Two"`,
		"octocat/Hello-World#1347 will be merged into master (squash) as soon as its requirements are met\n"+pullPage,
		step{pullPath, "", openPull(`,"mergeable_state":"blocked"`)},
		step{graphPath + " enablePullRequestAutoMerge(", `{"head":"` + pullHeadSHA + `","id":"PR_example","message":"Two","method":"SQUASH","title":"One"}`, done("enablePullRequestAutoMerge")})
	checkSteps(t, tool, `"number":1347,"action":"cancel_auto_merge"`,
		"octocat/Hello-World#1347 won't be merged automatically any more\n"+pullPage,
		step{pullPath, "", openPull(`,"auto_merge":{"merge_method":"squash"}`)},
		step{graphPath + " disablePullRequestAutoMerge(", `{"id":"PR_example"}`, done("disablePullRequestAutoMerge")})
	checkSteps(t, tool, `"number":1347,"action":"cancel_auto_merge"`,
		"nothing to do: octocat/Hello-World#1347 isn't set to be merged automatically\n"+pullPage, step{pullPath, "", openPull("")})
	f := start(t, map[string]answer{pullPath: openPull(`,"mergeable_state":"clean"`)})
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"auto_merge"}`,
		"github: octocat/Hello-World#1347: nothing has to be waited for, which GitHub refuses; use action merge")
	f.answers[pullPath] = openPull(`,"mergeable_state":"blocked"`)
	f.answers[graphPath] = answer{body: `{"data":{"enablePullRequestAutoMerge":null},"errors":[{"type":"UNPROCESSABLE","message":"Auto merge is not allowed for this repository"}]}`}
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347,"action":"auto_merge"}`,
		"github: octocat/Hello-World#1347: refused: Auto merge is not allowed for this repository")
}

// https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request
func TestMergeRefuses(t *testing.T) {
	t.Parallel()
	const tool, arguments = "github_merge_write", `{"repo":"octocat/Hello-World","number":1347,"action":"merge"`
	f := start(t, map[string]answer{pullPath: openPull("")})
	for want, given := range map[string]answer{
		"github: octocat/Hello-World#1347: refused (405 Pull Request is not mergeable); github_pull_request says what is in the way; auto_merge waits for it": message(http.StatusMethodNotAllowed, "Pull Request is not mergeable"),
		"github: octocat/Hello-World#1347: refused (409 Head branch was modified. Review and try the merge again.)":                                           message(http.StatusConflict, "Head branch was modified. Review and try the merge again."),
		"github: octocat/Hello-World#1347: no permission (403 Resource not accessible by integration)":                                                        message(http.StatusForbidden, "Resource not accessible by integration"),
		"github: octocat/Hello-World#1347: not merged: no way":                                                                                                {body: `{"merged":false,"message":"no\nway"}`},
	} {
		f.answers[mergePath] = given
		f.refuses(tool, arguments+`}`, want)
		f.wasAsked(pullPath, mergePath)
	}
	f.refuses(tool, arguments+`,"sha":"7dcb09b"}`, "github: octocat/Hello-World#1347: the head is 6dcb09b by now, not 7dcb09b; nothing was merged; look at what is new")
	f.answers[pullPath] = openPull(`,"state":"closed"`)
	f.refuses(tool, arguments+`}`, "github: octocat/Hello-World#1347: it is closed; reopen it first")
	f.wasAsked(pullPath, pullPath)
	f.refuses(tool, arguments+`,"sha":"main"}`, `github_merge_write: 'sha' must be a commit's, of 7 characters or more; got "main"`)
	f.refuses(tool, arguments+`,"method":"rebase","title":"x"}`, "github_merge_write: method rebase makes no commit of its own, so it does not use 'title' and 'message'")
	f.refuses(tool, `{"repo":"octocat/Hello-World","number":1347}`, "github_merge_write: missing 'action': one of merge, auto_merge, cancel_auto_merge")
	f.wasAsked()
}
