package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type mergeArguments struct {
	numbered
	Action  string `json:"action" enum:"merge,auto_merge,cancel_auto_merge"`
	Method  string `json:"method,omitempty" enum:"merge,squash,rebase" default:"merge"`
	Title   string `json:"title,omitempty" doc:"of the commit"`
	Message string `json:"message,omitempty"`
	SHA     string `json:"sha,omitempty" doc:"head you looked at; refused if it moved"`
}

// Check adds what a schema can't say.
func (in mergeArguments) Check() []string {
	faults := in.numbered.Check()
	if in.SHA != "" && (len(in.SHA) < 7 || len(in.SHA) > 64 || strings.Trim(strings.ToLower(in.SHA), "0123456789abcdef") != "") {
		faults = append(faults, fmt.Sprintf("'sha' must be a commit's, of 7 characters or more; got %q", oneLine(in.SHA, 70)))
	}
	if in.Method == "rebase" && in.Title+in.Message != "" {
		faults = append(faults, "method rebase makes no commit of its own, so it does not use 'title' and 'message'")
	}
	return faults
}

// mergeTool is apart from the other ways to change a pull request, so that it
// can be asked about or left out by itself: others build on what is merged, and
// may deploy it at once, and no call takes that back. Hence destructive.
func (a *api) mergeTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_merge_write",
		Title:       "Merge pull requests",
		Description: "Merge a pull request now, or with auto_merge once required reviews and checks are there.",
		Access:      tools.Destructive,
		Actions:     mergeAccess(),
		Strangers:   true,
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.mergeWrite)
}

// mergeAccess: what isn't merged yet can still be held back.
// https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/automatically-merging-a-pull-request
func mergeAccess() map[string]policy.Access {
	return map[string]policy.Access{"merge": tools.Destructive, "auto_merge": tools.Destructive, "cancel_auto_merge": tools.Write}
}

func (a *api) mergeWrite(ctx context.Context, in mergeArguments) (string, error) {
	pull, err := a.pullToChange(ctx, in.numbered)
	if err != nil {
		return "", err
	}
	head := pull.GetHead().GetSHA()
	switch {
	case pullState(pull) == "merged":
		return fmt.Sprintf("nothing to do: %s\n%s", mergeLine(pull, ""), pull.GetHTMLURL()), nil
	case pull.GetState() != "open":
		return "", tools.UserError("github: %s: it is closed; reopen it first", in)
	case in.SHA != "" && !strings.HasPrefix(head, strings.ToLower(in.SHA)):
		return "", tools.UserError("github: %s: the head is %s by now, not %s; nothing was merged; look at what is new", in, shortSHA(head), shortSHA(in.SHA))
	case in.Action == "auto_merge":
		return a.autoMerge(ctx, in, pull)
	case in.Action == "cancel_auto_merge":
		return a.cancelAutoMerge(ctx, in, pull)
	}
	return a.merge(ctx, in, pull)
}

// merge merges what was just looked at, and nothing pushed since.
func (a *api) merge(ctx context.Context, in mergeArguments, pull *github.PullRequest) (string, error) {
	result, _, err := a.client.PullRequests.Merge(ctx, in.owner(), in.name(), in.Number, in.Message,
		&github.PullRequestOptions{CommitTitle: in.Title, SHA: pull.GetHead().GetSHA(), MergeMethod: in.Method})
	switch {
	case isStatus(err, http.StatusMethodNotAllowed):
		return "", tools.Explain(err, explain(err, in.String()).Error()+"; github_pull_request says what is in the way; auto_merge waits for it")
	case err != nil:
		return "", explain(err, in.String())
	case result.Merged == nil, result.GetMerged() && result.GetSHA() == "":
		return "", unconfirmed(in.String(), "whether it is merged, and as which commit", pull.GetHTMLURL(), false)
	case !result.GetMerged():
		return "", tools.UserError("github: %s: not merged: %s", in, oneLine(result.GetMessage(), 300))
	}
	return fmt.Sprintf("merged %s %s into %s as %s (%s)\n%s", in, oneLine(pull.GetTitle(), 120), oneLine(pull.GetBase().GetRef(), 100),
		shortSHA(result.GetSHA()), in.Method, pull.GetHTMLURL()), nil
}

// https://docs.github.com/en/graphql/reference/mutations#enablepullrequestautomerge
const (
	autoMergeMutation = `mutation($id:ID!,$method:PullRequestMergeMethod!,$title:String,$message:String,$head:GitObjectID){
enablePullRequestAutoMerge(input:{pullRequestId:$id,mergeMethod:$method,commitHeadline:$title,commitBody:$message,expectedHeadOid:$head}){clientMutationId}}`
	cancelMutation = `mutation($id:ID!){disablePullRequestAutoMerge(input:{pullRequestId:$id}){clientMutationId}}`
)

func (a *api) autoMerge(ctx context.Context, in mergeArguments, pull *github.PullRequest) (string, error) {
	if pull.GetMergeableState() == "clean" {
		return "", tools.UserError("github: %s: nothing has to be waited for, which GitHub refuses; use action merge", in)
	}
	variables := map[string]any{"id": pull.GetNodeID(), "method": strings.ToUpper(in.Method), "head": pull.GetHead().GetSHA()}
	if in.Title != "" {
		variables["title"] = in.Title
	}
	if in.Message != "" {
		variables["message"] = in.Message
	}
	if err := a.graph(ctx, autoMergeMutation, variables, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s will be merged into %s (%s) as soon as its requirements are met\n%s", in,
		oneLine(pull.GetBase().GetRef(), 100), in.Method, pull.GetHTMLURL()), nil
}

func (a *api) cancelAutoMerge(ctx context.Context, in mergeArguments, pull *github.PullRequest) (string, error) {
	if pull.AutoMerge == nil {
		return fmt.Sprintf("nothing to do: %s isn't set to be merged automatically\n%s", in, pull.GetHTMLURL()), nil
	}
	if err := a.graph(ctx, cancelMutation, map[string]any{"id": pull.GetNodeID()}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s won't be merged automatically any more\n%s", in, pull.GetHTMLURL()), nil
}
