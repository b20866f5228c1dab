package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
)

// issueSubIssues lists the sub-issues of an issue in their order, and names
// the issue it belongs to itself.
func (a *api) issueSubIssues(ctx context.Context, in issueArguments) (string, error) {
	base := fmt.Sprintf("repos/%s/issues/%d/", in.Repo, in.Number)
	var subs []*github.Issue
	r, err := a.send(ctx, http.MethodGet, fmt.Sprintf("%ssub_issues?page=%d&per_page=%d", base, in.Page, in.PerPage), nil, &subs, in.part(in.Part))
	if err != nil {
		return "", err
	}
	heading := fmt.Sprintf("%s: %s", in, here(len(subs), "sub-issue", position(in.Page, r)))
	if in.Page == 1 {
		var parent github.Issue
		_, err := a.send(ctx, http.MethodGet, base+"parent", nil, &parent, "parent of "+in.String())
		switch {
		case isStatus(err, http.StatusNotFound):
			heading += "\nno parent"
		case err != nil:
			return "", err
		default:
			heading += "\nparent: " + issueElsewhere(&parent)
		}
	}
	lines := make([]string, len(subs))
	for i, sub := range subs {
		lines[i] = issueElsewhere(sub)
	}
	return listing(heading, lines), nil
}

// issueElsewhere is an issue's line with its repository, which may be another.
func issueElsewhere(issue *github.Issue) string {
	_, repo, _ := strings.Cut(issue.GetRepositoryURL(), "/repos/")
	return oneLine(repo, 140) + issueLine(issue, false)
}

// issueReactions says who reacted, by kind of reaction.
func (a *api) issueReactions(ctx context.Context, in issueArguments) (string, error) {
	options := &github.ListOptions{Page: in.Page, PerPage: in.PerPage}
	what := in.String()
	list := func() ([]*github.Reaction, *github.Response, error) {
		return a.client.Reactions.ListIssueReactions(ctx, in.owner(), in.name(), in.Number, options)
	}
	if in.Comment > 0 {
		what = fmt.Sprintf("comment %d in %s", in.Comment, in.Repo)
		list = func() ([]*github.Reaction, *github.Response, error) {
			return a.client.Reactions.ListIssueCommentReactions(ctx, in.owner(), in.name(), in.Comment, options)
		}
	}
	reactions, r, err := list()
	if err != nil {
		return "", explain(err, in.Part+" of "+what)
	}
	var order []string
	people := map[string][]string{}
	for _, reaction := range reactions {
		kind := oneLine(reaction.GetContent(), 20)
		if people[kind] == nil {
			order = append(order, kind)
		}
		people[kind] = append(people[kind], login(reaction.User))
	}
	lines := make([]string, len(order))
	for i, kind := range order {
		lines[i] = fmt.Sprintf("%s: %s", kind, strings.Join(people[kind], " "))
	}
	return listing(fmt.Sprintf("%s: %s", what, here(len(reactions), "reaction", position(in.Page, r))), lines), nil
}

// linkedQuery finds what closes an issue, or what a pull request closes.
const linkedQuery = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){issueOrPullRequest(number:$number){
...on Issue{pulls:closedByPullRequestsReferences(first:50,includeClosedPrs:true){totalCount nodes{number title state isDraft repository{nameWithOwner} author{login}}}}
...on PullRequest{issues:closingIssuesReferences(first:50){totalCount nodes{number title state repository{nameWithOwner} author{login}}}}}}}`

type (
	actor struct {
		Login string
	}
	// linkedItem is an issue or pull request as the GraphQL API gives it.
	linkedItem struct {
		Number       int
		Title, State string
		IsDraft      bool
		Repository   struct{ NameWithOwner string }
		Author       *actor
	}
	linkedItems struct {
		TotalCount int
		Nodes      []linkedItem
	}
)

func (a *actor) String() string {
	if a == nil {
		return "@ghost"
	}
	return "@" + oneLine(a.Login, 60)
}

func (a *api) issueLinked(ctx context.Context, in issueArguments) (string, error) {
	var found struct {
		Repository struct {
			IssueOrPullRequest struct{ Pulls, Issues *linkedItems }
		}
	}
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	if err := a.graph(ctx, linkedQuery, variables, &found, "what is linked to "+in.String()); err != nil {
		return "", err
	}
	linked, noun, relation := found.Repository.IssueOrPullRequest.Pulls, "pull request", "to close it"
	if linked == nil {
		linked, noun, relation = found.Repository.IssueOrPullRequest.Issues, "issue", "that it closes"
	}
	if linked == nil || len(linked.Nodes) == 0 {
		return fmt.Sprintf("%s: no %ss linked %s; part=timeline has mentions", in, noun, relation), nil
	}
	heading := fmt.Sprintf("%s: %s linked %s", in, count(linked.TotalCount, noun), relation)
	if linked.TotalCount > len(linked.Nodes) {
		heading += fmt.Sprintf(", the first %d", len(linked.Nodes))
	}
	lines := make([]string, len(linked.Nodes))
	for i, item := range linked.Nodes {
		state := join(" ", strings.ToLower(item.State), flag(item.IsDraft, "draft"))
		lines[i] = fmt.Sprintf("%s#%d %s — %s, %s", oneLine(item.Repository.NameWithOwner, 140), item.Number, oneLine(item.Title, 120), state, item.Author)
	}
	return listing(heading, lines), nil
}
