package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type pullRequestsArguments struct {
	repository
	State     string `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Head      string `json:"head,omitempty" doc:"branch, or owner:branch of a fork"`
	Base      string `json:"base,omitempty" doc:"target branch"`
	Sort      string `json:"sort,omitempty" enum:"created,updated,popularity,long-running" default:"created"`
	Direction string `json:"direction,omitempty" enum:"asc,desc" default:"desc"`
	Page      int    `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage   int    `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
	detailed
}

func (a *api) pullRequestsTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_pull_requests",
		Title:       "Pull requests of a repository",
		Description: "List a repository's pull requests, newest first, by state or branch. To filter by author, draft, label, review or words use github_search with kind pull_requests.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.pullRequests)
}

func (a *api) pullRequests(ctx context.Context, in pullRequestsArguments) (string, error) {
	head := in.Head
	if head != "" && !strings.Contains(head, ":") {
		head = in.owner() + ":" + head
	}
	var pulls []*listedPull
	paging := paged{in.Page, in.PerPage}
	r, err := a.get(ctx, fmt.Sprintf("repos/%s/pulls", in.Repo), paging.query(map[string]string{
		"state": in.State, "head": head, "base": in.Base, "sort": in.Sort, "direction": in.Direction,
	}), &pulls, "pull requests of "+in.Repo)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(pulls))
	for i, pull := range pulls {
		lines[i] = pullLine(pull, in.Sort == "updated")
	}
	return listing(fmt.Sprintf("%s: %s", in.Repo, here(len(lines), ofState(in.State, "pull request"), position(in.Page, r))), lines), nil
}

// listedPull is a pull request without the two repositories that come with each,
// which are two thirds of GitHub's answer.
type listedPull struct {
	github.PullRequest
	Head listedBranch `json:"head"`
	Base listedBranch `json:"base"`
}

type listedBranch struct {
	Ref string `json:"ref"`
}

// pullLine says what matters about a pull request in less than 200 bytes; labels
// are what is cut first.
func pullLine(pull *listedPull, byUpdate bool) string {
	facts := join(", ", pullState(&pull.PullRequest), login(pull.User), listedDay(byUpdate, pull.GetCreatedAt(), pull.GetUpdatedAt()),
		oneLine(pull.Head.Ref, 32)+" → "+oneLine(pull.Base.Ref, 20), strings.Join(labelNames(pull.Labels), ", "))
	return fmt.Sprintf("#%d %s — %s", pull.GetNumber(), oneLine(pull.GetTitle(), 70), oneLine(facts, 104))
}

// pullState is open, draft, merged or closed.
func pullState(pull *github.PullRequest) string {
	switch {
	case pull.GetState() == "open" && pull.GetDraft():
		return "draft"
	case pull.GetState() == "closed" && (pull.GetMerged() || !pull.GetMergedAt().IsZero()):
		return "merged"
	}
	return pull.GetState()
}
