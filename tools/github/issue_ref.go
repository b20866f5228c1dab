package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// parseIssue reads "12", "#12", "owner/name#12" or an issue's address, which may
// lead to a comment. Without a repository it is one of repo. host is the
// address's; "": it is none.
func parseIssue(text, repo string) (issue numbered, host string, ok bool) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "://") {
		address, err := url.Parse(text)
		if err != nil {
			return issue, "", false
		}
		parts := strings.Split(strings.Trim(address.Path, "/"), "/")
		if address.Host == "" || len(parts) != 4 || parts[2] != "issues" {
			return issue, "", false
		}
		host, text = address.Host, parts[0]+"/"+parts[1]+"#"+parts[3]
	}
	name, number, found := strings.Cut(text, "#")
	if !found {
		name, number = "", text
	}
	n, err := strconv.Atoi(number)
	if name == "" {
		name = repo
	}
	issue = numbered{repository{name}, n}
	return issue, host, err == nil && n > 0 && len(issue.repository.Check()) == 0
}

// other finds the issue that an argument names beside the one written to.
func (a *api) other(ctx context.Context, in issueWriteArguments, text string) (*github.Issue, numbered, error) {
	ref, host, _ := parseIssue(text, in.Repo)
	if _, ours, _ := strings.Cut(a.web, "://"); host != "" && !strings.EqualFold(host, ours) {
		return nil, ref, tools.UserError("github: %s is at %s, but the API in use is that of %s; give owner/name#number", ref, oneLine(host, 60), ours)
	}
	issue, _, err := a.client.Issues.Get(ctx, ref.owner(), ref.name(), ref.Number)
	if err != nil {
		return nil, ref, explain(err, ref.String())
	}
	return issue, ref, unreadable(ref.String(), issue.GetID() > 0)
}

// nodeID is what the GraphQL API calls an issue by.
func (a *api) nodeID(ctx context.Context, in issueWriteArguments) (string, error) {
	issue, _, err := a.client.Issues.Get(ctx, in.owner(), in.name(), in.Number)
	if err != nil {
		return "", explain(err, in.String())
	}
	return issue.GetNodeID(), unreadable(in.String(), issue.GetNodeID() != "")
}

// milestone answers the number of a milestone that is given by number or
// title, as a filter and a change want it.
func (a *api) milestone(ctx context.Context, in repository, text string) (string, error) {
	text = strings.TrimSpace(text)
	if _, err := strconv.ParseUint(text, 10, 31); err == nil || text == "" || text == "*" || text == "none" {
		return text, nil
	}
	all, err := allPages(ctx, func(ctx context.Context, o github.ListOptions) ([]*github.Milestone, *github.Response, error) {
		return a.client.Issues.ListMilestones(ctx, in.owner(), in.name(), &github.MilestoneListOptions{State: "all", ListOptions: o})
	})
	if err != nil {
		return "", explain(err, "milestones of "+in.Repo)
	}
	milestones := all.items
	at := slices.IndexFunc(milestones, func(m *github.Milestone) bool { return strings.EqualFold(m.GetTitle(), text) })
	if at >= 0 {
		return strconv.Itoa(milestones[at].GetNumber()), nil
	}
	var known []string
	for _, m := range milestones[:min(len(milestones), 20)] {
		known = append(known, fmt.Sprintf("%d %s", m.GetNumber(), oneLine(m.GetTitle(), 60)))
	}
	among := labelled(" among ", all.part())
	if among != "" {
		among += "; give its number"
	}
	return "", tools.UserError("github: %s has no milestone %q%s; known: %s", in.Repo, oneLine(text, 60), among, orNone(known))
}

// subIssueChange is the body of the requests about sub-issues, which go by id.
type subIssueChange struct {
	SubIssue int64 `json:"sub_issue_id"`
	After    int64 `json:"after_id,omitempty"`
	Before   int64 `json:"before_id,omitempty"`
}

func (a *api) addSubIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.changeSubIssue(ctx, in, http.MethodPost, "sub_issues", "added %s to the sub-issues of %s", subIssueChange{})
}

func (a *api) removeSubIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	return a.changeSubIssue(ctx, in, http.MethodDelete, "sub_issue", "removed %s from the sub-issues of %s", subIssueChange{})
}

// moveSubIssue puts a sub-issue behind another one, or in front of all.
func (a *api) moveSubIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	if in.After != "first" {
		before, _, err := a.other(ctx, in, in.After)
		if err != nil {
			return "", err
		}
		return a.changeSubIssue(ctx, in, http.MethodPatch, "sub_issues/priority", "moved %s among the sub-issues of %s", subIssueChange{After: before.GetID()})
	}
	var subs []*github.Issue
	if _, err := a.send(ctx, http.MethodGet, fmt.Sprintf("repos/%s/issues/%d/sub_issues?per_page=1", in.Repo, in.Number), nil, &subs, in.String()); err != nil {
		return "", err
	}
	if len(subs) == 0 {
		return "", tools.UserError("github: %s has no sub-issues; add one with action add_sub_issue", in)
	}
	return a.changeSubIssue(ctx, in, http.MethodPatch, "sub_issues/priority", "moved %s to the front of the sub-issues of %s", subIssueChange{Before: subs[0].GetID()})
}

func (a *api) changeSubIssue(ctx context.Context, in issueWriteArguments, method, path, done string, change subIssueChange) (string, error) {
	sub, ref, err := a.other(ctx, in, in.Target)
	if err != nil {
		return "", err
	}
	change.SubIssue = sub.GetID()
	if change.SubIssue == change.Before {
		return fmt.Sprintf("%s is in front already\n%s", ref, a.page(in)), nil
	}
	if _, err := a.send(asOwn(ctx), method, fmt.Sprintf("repos/%s/issues/%d/%s", in.Repo, in.Number, path), change, nil, fmt.Sprintf("%s and %s", in, ref)); err != nil {
		return "", err
	}
	return fmt.Sprintf(done+"\n%s", ref, in, a.page(in)), nil
}
