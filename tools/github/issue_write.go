package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type issueWriteArguments struct {
	repository
	Action      string   `json:"action" enum:"create,update,comment,close,reopen,add_labels,remove_labels,assign,unassign"`
	Number      int      `json:"number,omitempty" minimum:"1" doc:"all but create"`
	Title       *string  `json:"title,omitempty" doc:"create, update"`
	Body        *string  `json:"body,omitempty" doc:"Markdown; create, update, comment"`
	Labels      []string `json:"labels,omitempty" doc:"create, update (replaces all), add_labels, remove_labels"`
	Assignees   []string `json:"assignees,omitempty" doc:"logins; create, update (replaces all), assign, unassign"`
	StateReason string   `json:"state_reason,omitempty" enum:"completed,not_planned,duplicate" doc:"close"`
}

func (a *api) issueWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_issue_write",
		Title:       "Write issues",
		Description: "Create an issue, or change, comment on, close or reopen one, or add and remove its labels and assignees. One action a call; others see it at once and may be notified, so be sure the person wants it. All but create work on pull requests too.",
		Access:      tools.Write,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.issueWrite)
}

// action is one thing the tool does: what it needs, what it can use as well,
// and how it is done. oneOf is for actions that need any of what they can use.
type action struct {
	needs []string
	also  []string
	oneOf bool
	run   func(a *api, ctx context.Context, in issueWriteArguments) (string, error)
}

func actions() map[string]action {
	return map[string]action{
		"create":        {needs: []string{"title"}, also: []string{"body", "labels", "assignees"}, run: (*api).createIssue},
		"update":        {needs: []string{"number"}, also: []string{"title", "body", "labels", "assignees"}, oneOf: true, run: (*api).updateIssue},
		"comment":       {needs: []string{"number", "body"}, run: (*api).commentOnIssue},
		"close":         {needs: []string{"number"}, also: []string{"state_reason"}, run: (*api).closeIssue},
		"reopen":        {needs: []string{"number"}, run: (*api).reopenIssue},
		"add_labels":    {needs: []string{"number", "labels"}, run: (*api).addLabels},
		"remove_labels": {needs: []string{"number", "labels"}, run: (*api).removeLabels},
		"assign":        {needs: []string{"number", "assignees"}, run: (*api).assign},
		"unassign":      {needs: []string{"number", "assignees"}, run: (*api).unassign},
	}
}

// given lists the arguments that were sent and hold something to work with.
// An update may empty a body or a list; nothing else makes sense empty.
func (in issueWriteArguments) given() []string {
	emptying := in.Action == "update"
	all := []sent{
		{"number", in.Number > 0},
		{"title", in.Title != nil && strings.TrimSpace(*in.Title) != ""},
		{"body", in.Body != nil && (emptying || strings.TrimSpace(*in.Body) != "")},
		{"labels", in.Labels != nil && (emptying || len(in.Labels) > 0)},
		{"assignees", in.Assignees != nil && (emptying || len(in.Assignees) > 0)},
		{"state_reason", in.StateReason != ""},
	}
	return given(all)
}

// Check compares what was sent with what the action needs and uses, before
// anything is asked of GitHub.
func (in issueWriteArguments) Check() []string {
	faults := in.repository.Check()
	do := actions()[in.Action]
	faults = append(faults, uses{do.needs, do.also, do.oneOf}.check("action "+in.Action, in.given())...)
	return append(faults, in.checkItems()...)
}

// checkItems refuses names that would change the meaning of an address: a
// label removed by an empty name would be all labels.
func (in issueWriteArguments) checkItems() []string {
	var faults []string
	for _, label := range in.Labels {
		if name := strings.TrimSpace(label); name == "" || name == "." || name == ".." {
			faults = append(faults, fmt.Sprintf("'labels' holds %q, which can't be a label", label))
		}
	}
	for _, assignee := range in.Assignees {
		if strings.Trim(assignee, "@ ") == "" {
			faults = append(faults, "'assignees' holds an empty login")
		}
	}
	return faults
}

func (a *api) issueWrite(ctx context.Context, in issueWriteArguments) (string, error) {
	for i, assignee := range in.Assignees {
		in.Assignees[i] = strings.TrimPrefix(strings.TrimSpace(assignee), "@")
	}
	return actions()[in.Action].run(a, ctx, in)
}

// String names the issue that is written to.
func (in issueWriteArguments) String() string {
	if in.Number == 0 {
		return in.Repo
	}
	return fmt.Sprintf("%s#%d", in.Repo, in.Number)
}

// page is where people see the issue; GitHub leads on to the pull request if
// it is one.
func (a *api) page(in issueWriteArguments) string {
	return fmt.Sprintf("%s/%s/issues/%d", a.web, in.Repo, in.Number)
}

// request carries the fields that create and update share.
func (in issueWriteArguments) request() *github.IssueRequest {
	r := &github.IssueRequest{Title: in.Title, Body: in.Body}
	if in.Labels != nil {
		r.Labels = &in.Labels
	}
	if in.Assignees != nil {
		r.Assignees = &in.Assignees
	}
	return r
}

// ignored says which labels and logins GitHub left out without a word, as it
// does when the account may not push or the login can't be assigned.
func (in issueWriteArguments) ignored(labels []*github.Label, assignees []*github.User) string {
	var lines []string
	if missing := missingFrom(in.Labels, labelNames(labels)); len(missing) > 0 {
		lines = append(lines, fmt.Sprintf("not set by GitHub: labels %s (needs triage or push access)", strings.Join(missing, ", ")))
	}
	if missing := missingFrom(in.Assignees, loginNames(assignees)); len(missing) > 0 {
		lines = append(lines, fmt.Sprintf("not set by GitHub: assignees %s (no such login, or no access to the repository)", strings.Join(missing, ", ")))
	}
	return strings.Join(lines, "\n")
}

func missingFrom(wanted, have []string) []string {
	var missing []string
	for _, name := range wanted {
		same := func(other string) bool { return strings.EqualFold(oneLine(name, 60), other) }
		if !slices.ContainsFunc(have, same) {
			missing = append(missing, oneLine(name, 60))
		}
	}
	return missing
}

func loginNames(users []*github.User) []string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = user.GetLogin()
	}
	return names
}
