package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// issueChange is the body that creates or changes an issue. The library's own
// can't clear a milestone or a type, and doesn't know duplicates or Copilot.
// https://docs.github.com/en/rest/issues/issues#update-an-issue
type issueChange struct {
	Title       *string          `json:"title,omitempty"`
	Body        *string          `json:"body,omitempty"`
	Labels      *[]string        `json:"labels,omitempty"`
	Assignees   *[]string        `json:"assignees,omitempty"`
	Milestone   json.RawMessage  `json:"milestone,omitempty"`
	Type        json.RawMessage  `json:"type,omitempty"`
	State       string           `json:"state,omitempty"`
	StateReason string           `json:"state_reason,omitempty"`
	DuplicateOf int64            `json:"duplicate_issue_id,omitempty"`
	Agent       *agentAssignment `json:"agent_assignment,omitempty"`
}

// agentAssignment is what Copilot is told with an issue.
// https://docs.github.com/en/copilot/how-tos/use-copilot-agents/cloud-agent/use-cloud-agent-via-the-api
type agentAssignment struct {
	Branch       string `json:"base_branch,omitempty"`
	Instructions string `json:"custom_instructions,omitempty"`
}

// null clears a milestone or a type.
func null() json.RawMessage { return json.RawMessage("null") }

// change carries the fields that create and update share.
func (a *api) change(ctx context.Context, in issueWriteArguments) (issueChange, error) {
	c := issueChange{Title: in.Title, Body: in.Body}
	if in.Labels != nil {
		c.Labels = &in.Labels
	}
	if in.Assignees != nil {
		c.Assignees = &in.Assignees
	}
	if in.Type != nil {
		c.Type = null()
		if name := strings.TrimSpace(*in.Type); name != "" {
			c.Type, _ = json.Marshal(name)
		}
	}
	if in.Milestone != nil {
		number, err := a.milestone(ctx, in.repository, *in.Milestone)
		if err != nil {
			return c, err
		}
		c.Milestone = null()
		if _, err := strconv.Atoi(number); err == nil {
			c.Milestone = json.RawMessage(number)
		}
	}
	return c, nil
}

// write sends a change and answers the issue as it is then.
func (a *api) write(ctx context.Context, in issueWriteArguments, c issueChange) (*fullIssue, error) {
	method, path := http.MethodPost, fmt.Sprintf("repos/%s/issues", in.Repo)
	if in.Number > 0 {
		method, path = http.MethodPatch, fmt.Sprintf("%s/%d", path, in.Number)
	}
	issue := &fullIssue{}
	if _, err := a.send(asOwn(ctx), method, path, c, issue, in.String()); err != nil {
		return nil, err
	}
	return issue, unconfirmed(in.String(), "its number and address", a.page(in), issue.GetNumber() > 0, issue.GetHTMLURL() != "")
}

func (a *api) createIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	c, err := a.change(ctx, in)
	if err != nil {
		return "", err
	}
	issue, err := a.write(ctx, in, c)
	if err != nil {
		return "", err
	}
	return written(ctx, fmt.Sprintf("created %s#%d %s", in.Repo, issue.GetNumber(), oneLine(issue.GetTitle(), 120)), in, issue), nil
}

func (a *api) updateIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	c, err := a.change(ctx, in)
	if err != nil {
		return "", err
	}
	issue, err := a.write(ctx, in, c)
	if err != nil {
		return "", err
	}
	changed := in.given()[1:] // without the number
	return written(ctx, fmt.Sprintf("updated %s: %s", in, strings.Join(changed, ", ")), in, issue), nil
}

// written says what an issue is like after a change.
func written(ctx context.Context, done string, in issueWriteArguments, issue *fullIssue) string {
	quote(ctx, append(labelNames(issue.Labels), issue.GetMilestone().GetTitle(), issue.Type.String()),
		append(slices.Clone(in.Labels), textOf(in.Milestone), textOf(in.Type)))
	return join("\n", done, issue.GetHTMLURL(),
		join("; ", attributes(issue.Labels, issue.Assignees, issue.Milestone), issue.kind()),
		in.ignored(issue))
}

func (i *fullIssue) kind() string {
	if kind := i.Type.String(); kind != "" {
		return "type: " + kind
	}
	return ""
}

func (a *api) closeIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	c := issueChange{State: "closed", StateReason: in.Reason}
	of := ""
	if in.Target != "" {
		original, ref, err := a.other(ctx, in, in.Target)
		if err != nil {
			return "", err
		}
		c.StateReason, c.DuplicateOf, of = "duplicate", original.GetID(), " of "+ref.String()
	}
	issue, err := a.write(ctx, in, c)
	if err != nil {
		return "", err
	}
	how := "closed " + in.String()
	if reason := issue.GetStateReason(); reason != "" {
		how += " as " + oneLine(reason, 40) + of
	}
	return how + "\n" + issue.GetHTMLURL(), nil
}

func (a *api) reopenIssue(ctx context.Context, in issueWriteArguments) (string, error) {
	issue, err := a.write(ctx, in, issueChange{State: "open"})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("reopened %s\n%s", in, issue.GetHTMLURL()), nil
}
