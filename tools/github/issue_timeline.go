package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
)

// event is one line of an issue's history. Which fields are there depends on
// its kind.
// https://docs.github.com/en/rest/using-the-rest-api/issue-event-types
type event struct {
	Event       string            `json:"event"`
	ID          int64             `json:"id"`
	Actor       *github.User      `json:"actor"`
	User        *github.User      `json:"user"` // of reviews
	CreatedAt   github.Timestamp  `json:"created_at"`
	SubmittedAt github.Timestamp  `json:"submitted_at"` // of reviews
	Author      gitPerson         `json:"author"`       // of commits
	SHA         string            `json:"sha"`          // of commits
	CommitID    string            `json:"commit_id"`
	Message     string            `json:"message"`
	Body        string            `json:"body"`
	State       string            `json:"state"`
	StateReason string            `json:"state_reason"`
	LockReason  string            `json:"lock_reason"`
	Label       *named            `json:"label"`
	Milestone   *github.Milestone `json:"milestone"`
	Assignee    *github.User      `json:"assignee"`
	Reviewer    *github.User      `json:"requested_reviewer"`
	Team        *named            `json:"requested_team"`
	Rename      *github.Rename    `json:"rename"`
	Type        *named            `json:"issue_type"`
	TypeBefore  *named            `json:"prev_issue_type"`
	SubIssue    *related          `json:"sub_issue"`
	Parent      *related          `json:"parent_issue"`
	BlockedBy   *related          `json:"blocked_by"`
	Blocking    *related          `json:"blocking"`
	Source      struct {
		Issue *related `json:"issue"`
	} `json:"source"`
}

type gitPerson struct {
	Name string           `json:"name"`
	Date github.Timestamp `json:"date"`
}

// related is an issue or pull request that another one leads to.
type related struct {
	Number      int    `json:"number"`
	Title       string `json:"title"`
	State       string `json:"state"`
	PullRequest *struct {
		MergedAt *github.Timestamp `json:"merged_at"`
	} `json:"pull_request"`
	Repository struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// String names it with its state; "" for none.
func (r *related) String() string {
	if r == nil || r.Number == 0 {
		return ""
	}
	state := r.State
	if r.PullRequest != nil {
		if r.PullRequest.MergedAt != nil {
			state = "merged"
		}
		state = join(" ", state, "pull request")
	}
	return fmt.Sprintf("%s#%d %s (%s)", oneLine(r.Repository.FullName, 140), r.Number, oneLine(r.Title, 80), oneLine(state, 40))
}

// issueTimeline lists what happened, oldest first, without what only concerns
// people's notifications.
func (a *api) issueTimeline(ctx context.Context, in issueArguments) (string, error) {
	var events []event
	path := fmt.Sprintf("repos/%s/issues/%d/timeline?page=%d&per_page=%d&exclude=mentioned,subscribed,unsubscribed", in.Repo, in.Number, in.Page, in.PerPage)
	r, err := a.send(ctx, http.MethodGet, path, nil, &events, in.part(in.Part))
	if err != nil {
		return "", err
	}
	lines := make([]string, len(events))
	for i := range events {
		lines[i] = events[i].line()
	}
	return listing(fmt.Sprintf("%s: %s", in, here(len(lines), "event", position(in.Page, r))), lines), nil
}

// line writes "2026-01-31 @octocat labeled: bug".
func (e *event) line() string {
	when, who := e.CreatedAt, ""
	switch {
	case e.Event == "committed":
		when, who = e.Author.Date, oneLine(e.Author.Name, 60)
	case e.Actor != nil:
		who = login(e.Actor)
	default:
		who = login(e.User)
	}
	if when.IsZero() {
		when = e.SubmittedAt
	}
	what := strings.ReplaceAll(oneLine(e.Event, 60), "_", " ")
	if e.Event == "commented" {
		what += fmt.Sprintf(" (comment %d)", e.ID)
	}
	return join(": ", join(" ", day(when), who, what), oneLine(e.detail(), 250))
}

// detail says what the event was about.
func (e *event) detail() string {
	people := func(u *github.User) string {
		if u == nil {
			return ""
		}
		return login(u)
	}
	team := ""
	if e.Team != nil {
		team = "team " + e.Team.String()
	}
	renamed := ""
	if e.Rename != nil {
		renamed = fmt.Sprintf("%q → %q", oneLine(e.Rename.GetFrom(), 100), oneLine(e.Rename.GetTo(), 100))
	}
	milestone := ""
	if e.Milestone != nil {
		milestone = oneLine(e.Milestone.GetTitle(), 100)
	}
	commit := ""
	if sha := join("", e.SHA, e.CommitID); sha != "" {
		commit = "commit " + shortSHA(oneLine(sha, 40))
	}
	return join(" ", e.Label.String(), milestone, people(e.Assignee), people(e.Reviewer), team, renamed,
		join(" → ", e.TypeBefore.String(), e.Type.String()), e.LockReason, e.StateReason, e.State,
		e.SubIssue.String(), e.Parent.String(), e.BlockedBy.String(), e.Blocking.String(), e.Source.Issue.String(),
		commit, oneLine(firstLine(e.Message), 100), oneLine(e.Body, 160))
}
