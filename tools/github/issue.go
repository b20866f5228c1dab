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

type issueArguments struct {
	numbered
	Part string `json:"part,omitempty" enum:"summary,comments,timeline,sub_issues,reactions,linked" default:"summary"`
	reading
	Page    int `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage int `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"20"`
	detailed
}

// Check ties the arguments for single texts to the parts that have texts.
func (in issueArguments) Check() []string {
	faults := in.numbered.Check()
	if in.Comment > 0 && !slices.Contains([]string{"summary", "comments", "reactions"}, in.Part) {
		faults = append(faults, "'comment' needs 'part' comments or reactions")
	}
	if in.Offset > 0 && in.Part != "summary" && (in.Part != "comments" || in.Comment == 0) {
		faults = append(faults, "'offset' needs 'part' summary, or 'comment' with 'part' comments")
	}
	return faults
}

func (a *api) issueTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_issue",
		Title:       "One issue",
		Description: "Read one issue: summary (text, facts, first comments), comments, timeline of events, sub_issues and parent, reactions, or linked pull requests. Works on a pull request's number too.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.issue)
}

func (a *api) issue(ctx context.Context, in issueArguments) (string, error) {
	parts := map[string]func(context.Context, issueArguments) (string, error){
		"summary":    a.issueSummary,
		"comments":   a.issueComments,
		"timeline":   a.issueTimeline,
		"sub_issues": a.issueSubIssues,
		"reactions":  a.issueReactions,
		"linked":     a.issueLinked,
	}
	return parts[in.Part](ctx, in)
}

func (a *api) issueComments(ctx context.Context, in issueArguments) (string, error) {
	if in.Comment > 0 {
		return a.oneComment(ctx, in.numbered, in.reading)
	}
	return a.comments(ctx, in.numbered, in.Page, in.PerPage)
}

func (a *api) issueSummary(ctx context.Context, in issueArguments) (string, error) {
	if in.Comment > 0 || in.Page > 1 {
		return a.issueComments(ctx, in)
	}
	issue := &fullIssue{}
	_, err := a.send(ctx, http.MethodGet, fmt.Sprintf("repos/%s/issues/%d", in.Repo, in.Number), nil, issue, in.String())
	if err != nil {
		return "", err
	}
	if issue.GetNumber() == 0 {
		return "", errNotGitHub
	}
	text := issueHead(issue) + "\n\n" + issueBody(a.room, &issue.Issue, in.Offset)
	if issue.GetComments() == 0 || in.Offset > 0 {
		return text, nil
	}
	comments, err := a.comments(ctx, in.numbered, 1, in.PerPage)
	if err != nil {
		return "", err
	}
	return text + "\n\n" + comments, nil
}

// issueHead is the title and the facts of an issue.
func issueHead(issue *fullIssue) string {
	state := issue.GetState()
	if state == "closed" {
		state = join(" ", state, day(issue.GetClosedAt()))
		if reason := issue.GetStateReason(); reason != "" {
			state += " as " + reason
		}
	}
	elsewhere := ""
	if issue.IsPullRequest() {
		state = "pull request, " + cmp.Or(dated("merged", mergedAt(&issue.Issue)), state)
		elsewhere = "github_pull_request shows the rest of it"
	}
	return join("\n",
		fmt.Sprintf("# #%d %s", issue.GetNumber(), oneLine(issue.GetTitle(), 300)),
		join(", ", state, flag(issue.GetLocked(), "locked"), "by "+author(issue.User, issue.GetAuthorAssociation()),
			dated("created", issue.GetCreatedAt()), dated("updated", issue.GetUpdatedAt())),
		issue.GetHTMLURL(),
		elsewhere,
		attributes(issue.Labels, issue.Assignees, issue.Milestone),
		issue.facts(),
	)
}

// attributes are what people sort issues and pull requests by.
func attributes(labels []*github.Label, assignees []*github.User, milestone *github.Milestone) string {
	var parts []string
	if len(labels) > 0 {
		parts = append(parts, "labels: "+strings.Join(labelNames(labels), ", "))
	}
	if len(assignees) > 0 {
		parts = append(parts, "assigned: "+logins(assignees))
	}
	if title := milestone.GetTitle(); title != "" {
		parts = append(parts, "milestone: "+oneLine(title, 100))
	}
	return strings.Join(parts, "; ")
}

func issueBody(room room, issue *github.Issue, offset int) string {
	body := issue.GetBody()
	if strings.TrimSpace(body) == "" {
		return "(no description)"
	}
	return excerpt(body, offset, room.body(), "")
}

// comments shows a page of the conversation.
func (a *api) comments(ctx context.Context, in numbered, page, perPage int) (string, error) {
	options := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{Page: page, PerPage: perPage}}
	comments, r, err := a.client.Issues.ListComments(ctx, in.owner(), in.name(), in.Number, options)
	if err != nil {
		return "", explain(err, in.part("comments"))
	}
	texts := []string{fmt.Sprintf("## comments on %s: %s", in, position(page, r))}
	for _, c := range comments {
		texts = append(texts, commentText(c, 0, a.room.each(len(comments))))
	}
	if len(comments) == 0 {
		texts = append(texts, "(none here)")
	}
	return strings.Join(texts, "\n\n"), nil
}

func commentText(c *github.IssueComment, offset, limit int) string {
	edited := c.GetUpdatedAt().After(c.GetCreatedAt().Time)
	head := "### " + join(", ", author(c.User, c.GetAuthorAssociation()), day(c.GetCreatedAt()), fmt.Sprintf("comment %d", c.GetID()), flag(edited, "edited"))
	return head + "\n" + excerpt(c.GetBody(), offset, limit, fmt.Sprintf("comment=%d", c.GetID()))
}

// oneComment shows a comment of the conversation whole, or on from an offset.
func (a *api) oneComment(ctx context.Context, in numbered, from reading) (string, error) {
	c, _, err := a.client.Issues.GetComment(ctx, in.owner(), in.name(), from.Comment)
	if err != nil {
		return "", explain(err, fmt.Sprintf("comment %d in %s", from.Comment, in.Repo))
	}
	return commentText(c, from.Offset, a.room.texts()), nil
}
