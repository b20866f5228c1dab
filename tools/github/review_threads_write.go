package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// https://docs.github.com/en/graphql/reference/mutations#resolvereviewthread
const (
	whoseThreadQuery  = `query($id:ID!){node(id:$id){...on PullRequestReviewThread{isResolved path line pullRequest{number repository{nameWithOwner}}}}}`
	resolveMutation   = `mutation($id:ID!){resolveReviewThread(input:{threadId:$id}){clientMutationId}}`
	unresolveMutation = `mutation($id:ID!){unresolveReviewThread(input:{threadId:$id}){clientMutationId}}`
)

// foundThread is a thread and the pull request it belongs to.
type foundThread struct {
	IsResolved  bool
	Path        string
	Line        int
	PullRequest struct {
		Number     int
		Repository struct{ NameWithOwner string }
	}
}

func (a *api) resolveThread(ctx context.Context, in pullWriteArguments) (string, error) {
	thread, err := a.threadToChange(ctx, in)
	switch {
	case err != nil:
		return "", err
	case thread.IsResolved:
		return a.threadNow(in, thread, "nothing to do: resolved already:"), nil
	}
	if err := a.graph(ctx, resolveMutation, map[string]any{"id": in.Thread}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return a.threadNow(in, thread, "resolved"), nil
}

func (a *api) unresolveThread(ctx context.Context, in pullWriteArguments) (string, error) {
	thread, err := a.threadToChange(ctx, in)
	switch {
	case err != nil:
		return "", err
	case !thread.IsResolved:
		return a.threadNow(in, thread, "nothing to do: not resolved:"), nil
	}
	if err := a.graph(ctx, unresolveMutation, map[string]any{"id": in.Thread}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return a.threadNow(in, thread, "unresolved again"), nil
}

func (a *api) threadNow(in pullWriteArguments, thread *foundThread, what string) string {
	place := reviewComment{Path: thread.Path, Line: thread.Line}.place()
	return fmt.Sprintf("%s the review thread on %s of %s\n%s", what, place, in, a.pullPage(in.pull()))
}

// threadToChange looks where a thread is: its id alone would do for GitHub, and
// a wrong one would change another pull request.
func (a *api) threadToChange(ctx context.Context, in pullWriteArguments) (*foundThread, error) {
	var data struct{ Node *foundThread }
	what := fmt.Sprintf("review thread %s of %s", oneLine(in.Thread, 100), in)
	if err := a.graph(ctx, whoseThreadQuery, map[string]any{"id": in.Thread}, &data, what); err != nil {
		return nil, err
	}
	if data.Node == nil || data.Node.PullRequest.Number == 0 {
		return nil, tools.UserError("github: %s: this is no review thread; part=review_threads of github_pull_request gives their ids", what)
	}
	pull := data.Node.PullRequest
	if pull.Number != in.Number || !strings.EqualFold(pull.Repository.NameWithOwner, in.Repo) {
		return nil, tools.UserError("github: %s: it belongs to %s#%d; nothing was changed", what, oneLine(pull.Repository.NameWithOwner, 140), pull.Number)
	}
	return data.Node, nil
}
