package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

func (a *api) commentOnIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	comment, _, err := a.client.Issues.CreateComment(ctx, in.owner(), in.name(), in.Number, &github.IssueComment{Body: in.Body})
	if err != nil {
		return "", explain(err, in.String())
	}
	if err := unconfirmed(in.String(), "the comment's id and address", a.page(in), comment.GetID() > 0, comment.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	return fmt.Sprintf("commented on %s (comment %d)\n%s", in, comment.GetID(), comment.GetHTMLURL()), nil
}

// addLabels sends an object, as GitHub recommends; the library's own sends a
// list. https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue
func (a *api) addLabels(ctx context.Context, in issueWriteArguments) (string, error) {
	var labels []*github.Label
	address := fmt.Sprintf("repos/%s/issues/%d/labels", in.Repo, in.Number)
	if _, err := a.send(ctx, http.MethodPost, address, map[string][]string{"labels": in.Labels}, &labels, in.String()); err != nil {
		return "", err
	}
	return join("\n", a.labelsNow(ctx, in, labels), in.ignored(&fullIssue{Issue: github.Issue{Labels: labels}})), nil
}

func (a *api) labelsNow(ctx context.Context, in issueWriteArguments, labels []*github.Label) string {
	names := labelNames(labels)
	quote(ctx, names, in.Labels)
	return fmt.Sprintf("labels of %s are now: %s\n%s", in, orNone(names), a.page(in))
}

// removeLabels takes away one label a request, as the API wants it. When it
// has to stop, it says what is done already.
func (a *api) removeLabels(ctx context.Context, in issueWriteArguments) (string, error) {
	var removed, absent []string
	var left []string
	leftNow := "not known"
	for _, label := range in.Labels {
		labels, err := a.removeLabel(ctx, in, label)
		switch {
		case err == nil:
			removed = append(removed, oneLine(label, 60))
			left = labelNames(labels)
			leftNow = orNone(left)
		case isStatus(err, http.StatusNotFound) && strings.Contains(err.Error(), "Label does not exist"):
			absent = append(absent, oneLine(label, 60))
		case len(removed) > 0:
			return "", tools.UserError("%w (removed before that: %s)", explain(err, in.String()), strings.Join(removed, ", "))
		default:
			return "", explain(err, in.String())
		}
	}
	if len(absent) == len(in.Labels) {
		return fmt.Sprintf("nothing to remove: %s has no label %s\n%s", in, strings.Join(absent, ", "), a.page(in)), nil
	}
	text := fmt.Sprintf("removed from %s: %s; labels left: %s", in, strings.Join(removed, ", "), leftNow)
	quote(ctx, left, nil)
	if len(absent) > 0 {
		text += "\nwas not there: " + strings.Join(absent, ", ")
	}
	return text + "\n" + a.page(in), nil
}

// removeLabel is written out because the library's own neither escapes the
// name nor gives the labels that remain.
func (a *api) removeLabel(ctx context.Context, in issueWriteArguments, label string) ([]*github.Label, error) {
	address := fmt.Sprintf("repos/%s/issues/%d/labels/%s", in.Repo, in.Number, url.PathEscape(label))
	request, err := a.client.NewRequest(http.MethodDelete, address, nil)
	if err != nil {
		return nil, err
	}
	var labels []*github.Label
	_, err = a.client.Do(ctx, request, &labels)
	return labels, err
}

// assign is written out for what Copilot is told.
func (a *api) assign(ctx context.Context, in issueWriteArguments) (string, error) {
	body := issueChange{Assignees: &in.Assignees}
	if in.Body != nil || in.Target != "" {
		body.Agent = &agentAssignment{Branch: in.Target}
		if in.Body != nil {
			body.Agent.Instructions = *in.Body
		}
	}
	issue := &fullIssue{}
	if _, err := a.send(ctx, http.MethodPost, fmt.Sprintf("repos/%s/issues/%d/assignees", in.Repo, in.Number), body, issue, in.String()); err != nil {
		return "", err
	}
	if err := unconfirmed(in.String(), "who is assigned", a.page(in), issue.GetNumber() > 0); err != nil {
		return "", err
	}
	return join("\n", a.assigneesNow(in, &issue.Issue), in.ignored(issue)), nil
}

func (a *api) unassign(ctx context.Context, in issueWriteArguments) (string, error) {
	issue, _, err := a.client.Issues.RemoveAssignees(ctx, in.owner(), in.name(), in.Number, in.Assignees)
	if err != nil {
		return "", explain(err, in.String())
	}
	return a.assigneesNow(in, issue), unconfirmed(in.String(), "who is assigned", a.page(in), issue.GetNumber() > 0)
}

func (a *api) assigneesNow(in issueWriteArguments, issue *github.Issue) string {
	return fmt.Sprintf("assigned to %s now: %s\n%s", in, orNone(strings.Fields(logins(issue.Assignees))), a.page(in))
}
