package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

func (a *api) createPull(ctx context.Context, in pullWriteArguments) (string, error) {
	if in.Base == "" {
		repo, _, err := a.client.Repositories.Get(ctx, in.owner(), in.name())
		if err != nil {
			return "", explain(err, in.Repo)
		}
		in.Base = repo.GetDefaultBranch()
	}
	pull, _, err := a.client.PullRequests.Create(ctx, in.owner(), in.name(), &github.NewPullRequest{
		Title: in.Title, Head: &in.Head, Base: &in.Base, Body: in.Body, Draft: &in.Draft, MaintainerCanModify: in.MaintainerCanModify,
	})
	if err != nil {
		return "", explain(err, fmt.Sprintf("a pull request from %s to %s in %s", oneLine(in.Head, 100), oneLine(in.Base, 100), in.Repo))
	}
	pulls := fmt.Sprintf("%s/%s/pulls", a.web, in.Repo)
	if err := unconfirmed(in.Repo, "the pull request's number and address", pulls, pull.GetNumber() > 0, pull.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	created := "created " + flag(pull.GetDraft(), "as a draft ")
	return join("\n",
		fmt.Sprintf("%s%s#%d %s", created, in.Repo, pull.GetNumber(), oneLine(pull.GetTitle(), 120)),
		oneLine(pull.GetHead().GetRef(), 100)+" → "+oneLine(pull.GetBase().GetRef(), 100),
		pull.GetHTMLURL(),
	), nil
}

func (a *api) updatePull(ctx context.Context, in pullWriteArguments) (string, error) {
	change := &github.PullRequest{Title: in.Title, Body: in.Body, MaintainerCanModify: in.MaintainerCanModify}
	if in.State != "" {
		change.State = &in.State
	}
	if in.Base != "" {
		change.Base = &github.PullRequestBranch{Ref: &in.Base}
	}
	pull, _, err := a.client.PullRequests.Edit(ctx, in.owner(), in.name(), in.Number, change)
	if err != nil {
		return "", explain(err, in.String())
	}
	if err := unconfirmed(in.String(), "its state and address", a.pullPage(in.pull()), pull.GetState() != "", pull.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	changed := tools.Given(in, "repo", "action", "number")
	return fmt.Sprintf("updated %s: %s; it is %s, into %s\n%s", in, strings.Join(changed, ", "),
		pullState(pull), oneLine(pull.GetBase().GetRef(), 100), pull.GetHTMLURL()), nil
}

// The REST API can't change whether a pull request is a draft.
// https://docs.github.com/en/graphql/reference/mutations#markpullrequestreadyforreview
const (
	readyMutation = `mutation($id:ID!){markPullRequestReadyForReview(input:{pullRequestId:$id}){clientMutationId}}`
	draftMutation = `mutation($id:ID!){convertPullRequestToDraft(input:{pullRequestId:$id}){clientMutationId}}`
)

func (a *api) readyPull(ctx context.Context, in pullWriteArguments) (string, error) {
	pull, err := a.pullToChange(ctx, in.pull())
	switch {
	case err != nil:
		return "", err
	case !pull.GetDraft():
		return fmt.Sprintf("nothing to do: %s is no draft\n%s", in, pull.GetHTMLURL()), nil
	}
	if err := a.graph(ctx, readyMutation, map[string]any{"id": pull.GetNodeID()}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is ready for review\n%s", in, pull.GetHTMLURL()), nil
}

func (a *api) draftPull(ctx context.Context, in pullWriteArguments) (string, error) {
	pull, err := a.pullToChange(ctx, in.pull())
	switch {
	case err != nil:
		return "", err
	case pull.GetDraft():
		return fmt.Sprintf("nothing to do: %s is a draft already\n%s", in, pull.GetHTMLURL()), nil
	}
	if err := a.graph(ctx, draftMutation, map[string]any{"id": pull.GetNodeID()}, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is a draft now\n%s", in, pull.GetHTMLURL()), nil
}

// pullToChange gets a pull request whose state decides what to do.
func (a *api) pullToChange(ctx context.Context, in numbered) (*github.PullRequest, error) {
	pull, _, err := a.client.PullRequests.Get(ctx, in.owner(), in.name(), in.Number)
	if err != nil {
		return nil, explain(err, in.String())
	}
	return pull, unreadable(in.String(), pull.GetNumber() > 0, pull.GetNodeID() != "", pull.GetHTMLURL() != "", pull.GetHead().GetSHA() != "")
}

func (a *api) updatePullBranch(ctx context.Context, in pullWriteArguments) (string, error) {
	address := fmt.Sprintf("repos/%s/pulls/%d/update-branch", in.Repo, in.Number)
	if _, err := a.put(ctx, http.MethodPut, address, struct{}{}, nil, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("GitHub is merging the base branch into the branch of %s, which takes some seconds\n%s", in, a.pullPage(in.pull())), nil
}

// copilotReviewer is the login by which the REST API takes GitHub's own
// reviewer; in answers it is called Copilot.
// https://docs.github.com/en/copilot/how-tos/use-copilot-agents/request-a-code-review/use-code-review
const copilotReviewer = "copilot-pull-request-reviewer[bot]"

// reviewersRequest tells teams, as org/team, from logins.
func (in pullWriteArguments) reviewersRequest() github.ReviewersRequest {
	r := github.ReviewersRequest{}
	for _, reviewer := range in.Reviewers {
		reviewer = strings.TrimPrefix(strings.TrimSpace(reviewer), "@")
		_, team, isTeam := strings.Cut(reviewer, "/")
		switch {
		case isTeam:
			r.TeamReviewers = append(r.TeamReviewers, team)
		case strings.EqualFold(reviewer, "copilot"):
			r.Reviewers = append(r.Reviewers, copilotReviewer)
		default:
			r.Reviewers = append(r.Reviewers, reviewer)
		}
	}
	return r
}

func (a *api) requestReviewers(ctx context.Context, in pullWriteArguments) (string, error) {
	request := in.reviewersRequest()
	pull, err := a.changeReviewers(ctx, in, http.MethodPost, request)
	if err != nil {
		return "", err
	}
	line := ""
	if missing := notAsked(request, pull); len(missing) > 0 {
		line = fmt.Sprintf("not asked by GitHub: %s (no access to the repository, the author, or has reviewed already)", strings.Join(missing, ", "))
	}
	return join("\n", reviewersNow(in, pull), line, a.pullPage(in.pull())), nil
}

func (a *api) removeReviewers(ctx context.Context, in pullWriteArguments) (string, error) {
	pull, err := a.changeReviewers(ctx, in, http.MethodDelete, in.reviewersRequest())
	if err != nil {
		return "", err
	}
	return reviewersNow(in, pull) + "\n" + a.pullPage(in.pull()), nil
}

func (a *api) changeReviewers(ctx context.Context, in pullWriteArguments, method string, request github.ReviewersRequest) (*github.PullRequest, error) {
	// GitHub wants the logins also where there are none.
	body := struct {
		Reviewers []string `json:"reviewers"`
		Teams     []string `json:"team_reviewers,omitempty"`
	}{append([]string{}, request.Reviewers...), request.TeamReviewers}
	pull := &github.PullRequest{}
	if _, err := a.put(ctx, method, fmt.Sprintf("repos/%s/pulls/%d/requested_reviewers", in.Repo, in.Number), body, pull, in.String()); err != nil {
		return nil, err
	}
	return pull, unconfirmed(in.String(), "its reviewers", a.pullPage(in.pull()), pull.GetNumber() > 0)
}

func reviewersNow(in pullWriteArguments, pull *github.PullRequest) string {
	return fmt.Sprintf("asked to review %s now: %s", in, cmp.Or(waitingFor(pull), "nobody"))
}

// notAsked is who GitHub left out without a word.
func notAsked(request github.ReviewersRequest, pull *github.PullRequest) []string {
	have := loginNames(pull.RequestedReviewers)
	if slices.ContainsFunc(have, isCopilot) {
		have = append(have, copilotReviewer)
	}
	var teams []string
	for _, team := range pull.RequestedTeams {
		teams = append(teams, team.GetSlug())
	}
	return append(missingFrom(request.Reviewers, have), missingFrom(request.TeamReviewers, teams)...)
}

func (a *api) commentOnPull(ctx context.Context, in pullWriteArguments) (string, error) {
	return a.commentOnIssue(ctx, issueWriteArguments{repository: in.repository, Number: in.Number, Body: in.Body})
}
