package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type issuesArguments struct {
	repository
	Part      string   `json:"part,omitempty" enum:"issues,types,fields" default:"issues"`
	State     string   `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Labels    []string `json:"labels,omitempty"`
	Assignee  string   `json:"assignee,omitempty" doc:"login, none or *"`
	Creator   string   `json:"creator,omitempty"`
	Milestone string   `json:"milestone,omitempty" doc:"number, title, none or *"`
	Type      string   `json:"type,omitempty" doc:"name, none or *"`
	Since     string   `json:"since,omitempty" doc:"updated, YYYY-MM-DD"`
	Sort      string   `json:"sort,omitempty" enum:"created,updated,comments"`
	Direction string   `json:"direction,omitempty" enum:"asc,desc"`
	Page      int      `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage   int      `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
	After     string   `json:"after,omitempty" doc:"cursor"`
	detailed
}

// Check adds what a schema can't say: a date that is one, labels that the
// query can carry, and filters only where there are issues to filter.
func (in issuesArguments) Check() []string {
	faults := append(in.repository.Check(), checkTime("since", in.Since)...)
	for _, label := range in.Labels {
		if strings.Contains(label, ",") {
			faults = append(faults, fmt.Sprintf("'labels' is a list; give %q as separate items", oneLine(label, 60)))
		}
	}
	if in.Part != "issues" {
		faults = append(faults, tools.Usage{Needs: []string{"repo"}}.Faults("part "+in.Part, in.given())...)
	}
	return faults
}

// checkTime says what keeps an argument from being a day or a moment.
func checkTime(argument, s string) []string {
	if _, err := parseSince(s); err != nil {
		return []string{fmt.Sprintf("'%s' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got %q", argument, oneLine(s, 60))}
	}
	return nil
}

func (in issuesArguments) given() []string {
	return names([]sent{
		{"repo", true}, {"labels", len(in.Labels) > 0}, {"assignee", in.Assignee != ""}, {"creator", in.Creator != ""},
		{"milestone", in.Milestone != ""}, {"type", in.Type != ""}, {"since", in.Since != ""}, {"after", in.After != ""}, {"page", in.Page > 1},
	})
}

// parseSince reads a day or a moment; "" is the zero time.
func parseSince(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

func (a *api) issuesTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_issues",
		Title:       "Issues",
		Description: "List a repository's issues (not pull requests), newest first, or the types or fields they can have. To find them by words, or in several repositories, use github_search.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.issues)
}

func (a *api) issues(ctx context.Context, in issuesArguments) (string, error) {
	parts := map[string]func(context.Context, issuesArguments) (string, error){
		"issues": a.issueList,
		"types":  a.issueTypes,
		"fields": a.issueFields,
	}
	return parts[in.Part](ctx, in)
}

func (a *api) issueList(ctx context.Context, in issuesArguments) (string, error) {
	var err error
	if in.Milestone, err = a.milestone(ctx, in.repository, in.Milestone); err != nil {
		return "", err
	}
	var all []*fullIssue
	r, err := a.send(ctx, http.MethodGet, fmt.Sprintf("repos/%s/issues?%s", in.Repo, in.query().Encode()), nil, &all, "issues of "+in.Repo)
	if err != nil {
		return "", err
	}
	byUpdate := in.Since != "" || in.Sort == "updated"
	var lines []string
	for _, issue := range all {
		if !issue.IsPullRequest() {
			lines = append(lines, issueLine(&issue.Issue, byUpdate, issue.Type.String()))
		}
	}
	heading := fmt.Sprintf("%s: %s", in.Repo, here(len(lines), ofState(in.State, "issue"), in.position(r)))
	if left := len(all) - len(lines); left > 0 {
		heading += fmt.Sprintf(" (%s on this page left out)", count(left, "pull request"))
	}
	return listing(heading, lines), nil
}

// query is written out here because the library's options know no cursor, and
// GitHub refuses page numbers in large repositories
// (https://github.com/google/go-github/issues/3565).
func (in issuesArguments) query() url.Values {
	since, _ := parseSince(in.Since)
	values := url.Values{
		"state": {in.State}, "sort": {cmp.Or(in.Sort, "created")}, "direction": {cmp.Or(in.Direction, "desc")},
		"per_page": {strconv.Itoa(in.PerPage)},
	}
	optional := map[string]string{
		"labels": strings.Join(in.Labels, ","), "assignee": in.Assignee, "creator": in.Creator, "after": in.After,
		"milestone": in.Milestone, "type": in.Type,
	}
	if !since.IsZero() {
		optional["since"] = since.UTC().Format(time.RFC3339)
	}
	if in.After == "" {
		optional["page"] = strconv.Itoa(in.Page)
	}
	for name, value := range optional {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// position prefers the cursor, which large repositories need, to a number.
func (in issuesArguments) position(r *github.Response) string {
	switch {
	case r.After != "" && in.After == "":
		return fmt.Sprintf("page %d; next: after=%s", in.Page, r.After)
	case r.After != "":
		return "next: after=" + r.After
	case in.After != "":
		return "last page"
	}
	return position(in.Page, r)
}

// ofState names what a list filtered by state holds.
func ofState(state, noun string) string {
	if state == "all" {
		return noun
	}
	return state + " " + noun
}

// issueLine says what matters about an issue, or a pull request found by
// searching, in a line: with the day it was created, or that of its last change.
// more are facts beyond those the library knows.
func issueLine(issue *github.Issue, byUpdate bool, more ...string) string {
	state := issue.GetState()
	if !mergedAt(issue).IsZero() {
		state = "merged"
	}
	if issue.GetDraft() {
		state = join(" ", state, "draft")
	}
	if reason := issue.GetStateReason(); reason != "" && reason != "completed" && state == "closed" {
		state += " as " + reason
	}
	assigned := ""
	if len(issue.Assignees) > 0 {
		assigned = "assigned " + logins(issue.Assignees)
	}
	facts := join(", ", state, join(", ", more...), strings.Join(labelNames(issue.Labels), ", "), login(issue.User), assigned,
		count(issue.GetComments(), "comment"), listedDay(byUpdate, issue.GetCreatedAt(), issue.GetUpdatedAt()))
	return fmt.Sprintf("#%d %s — %s", issue.GetNumber(), oneLine(issue.GetTitle(), 120), oneLine(facts, 170))
}

// listedDay is the day a line of a list shows. Lists are by creation unless
// somebody asks otherwise.
func listedDay(byUpdate bool, created, updated github.Timestamp) string {
	if byUpdate {
		return dated("updated", updated)
	}
	return day(created)
}

// mergedAt is when an issue that is a pull request was merged.
func mergedAt(issue *github.Issue) github.Timestamp {
	return issue.GetPullRequestLinks().GetMergedAt()
}
