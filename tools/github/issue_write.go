package github

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type issueWriteArguments struct {
	repository
	Action    string          `json:"action" enum:"create,update,comment,update_comment,close,reopen,add_labels,remove_labels,assign,unassign,set_fields,add_sub_issue,remove_sub_issue,move_sub_issue,react,lock,unlock,pin,unpin,transfer,hide_comment,unhide_comment"`
	Number    int             `json:"number,omitempty"`
	Title     *string         `json:"title,omitempty"`
	Body      *string         `json:"body,omitempty" doc:"Markdown"`
	Labels    []string        `json:"labels,omitempty"`
	Assignees []string        `json:"assignees,omitempty" doc:"logins; copilot (body: its instructions, target: its base branch)"`
	Milestone *string         `json:"milestone,omitempty" doc:"number or title"`
	Type      *string         `json:"type,omitempty"`
	Fields    json.RawMessage `json:"fields,omitempty" doc:"values by name; null clears"`
	Target    string          `json:"target,omitempty" doc:"sub-issue or original of a duplicate: 5 or owner/name#5; transfer: owner/name"`
	After     string          `json:"after,omitempty" doc:"move_sub_issue: an issue, or first"`
	Comment   int64           `json:"comment,omitempty" doc:"id"`
	Reaction  string          `json:"reaction,omitempty" doc:"+1, heart, …"`
	Reason    string          `json:"reason,omitempty" doc:"close: not_planned, …; lock, hide_comment: spam, …"`
}

// Outward is for [tools.Define]: a transfer takes all of an issue to a place that isn't
// the one in repo.
func (in issueWriteArguments) Outward() tools.Outward {
	if in.Action == "transfer" {
		return tools.Anywhere
	}
	return tools.InPublic
}

func (a *api) issueWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_issue_write",
		Title:       "Write issues",
		Description: "Create, change, comment on, close, organise or moderate an issue (mostly also a pull request). update replaces labels and assignees; empty values clear. Others see it at once.",
		Access:      tools.Write,
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.issueWrite)
}

// reactions are GitHub's.
// https://docs.github.com/en/rest/reactions/reactions#about-reactions
func reactions() []string {
	return []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}
}

// issueAction is one thing the tool does: the arguments it takes, the reasons
// it knows, and how it is done.
type issueAction struct {
	tools.Usage
	reasons []string
	run     func(a *api, ctx context.Context, in issueWriteArguments) (string, error)
}

func issueActions() map[string]issueAction {
	number, comment, sub := []string{"number"}, []string{"comment"}, []string{"number", "target"}
	changes := []string{"title", "body", "labels", "assignees", "milestone", "type"}
	lockReasons := []string{"off-topic", "too heated", "resolved", "spam"}
	hideReasons := []string{"abuse", "duplicate", "off-topic", "outdated", "resolved", "spam"}
	return map[string]issueAction{
		"create":           {tools.Usage{Needs: changes[:1], Also: changes[1:]}, nil, (*api).createIssue},
		"update":           {tools.Usage{Needs: number, OneOf: changes}, nil, (*api).updateIssue},
		"comment":          {tools.Usage{Needs: []string{"number", "body"}}, nil, (*api).commentOnIssue},
		"update_comment":   {tools.Usage{Needs: []string{"comment", "body"}, Also: number}, nil, (*api).updateComment},
		"close":            {tools.Usage{Needs: number, Also: []string{"reason", "target"}}, []string{"completed", "not_planned", "duplicate"}, (*api).closeIssue},
		"reopen":           {tools.Usage{Needs: number}, nil, (*api).reopenIssue},
		"add_labels":       {tools.Usage{Needs: []string{"number", "labels"}}, nil, (*api).addLabels},
		"remove_labels":    {tools.Usage{Needs: []string{"number", "labels"}}, nil, (*api).removeLabels},
		"assign":           {tools.Usage{Needs: []string{"number", "assignees"}, Also: []string{"body", "target"}}, nil, (*api).assign},
		"unassign":         {tools.Usage{Needs: []string{"number", "assignees"}}, nil, (*api).unassign},
		"set_fields":       {tools.Usage{Needs: []string{"number", "fields"}}, nil, (*api).setFields},
		"add_sub_issue":    {tools.Usage{Needs: sub}, nil, (*api).addSubIssue},
		"remove_sub_issue": {tools.Usage{Needs: sub}, nil, (*api).removeSubIssue},
		"move_sub_issue":   {tools.Usage{Needs: []string{"number", "target", "after"}}, nil, (*api).moveSubIssue},
		"react":            {tools.Usage{Needs: []string{"reaction"}, OneOf: []string{"number", "comment"}}, nil, (*api).react},
		"lock":             {tools.Usage{Needs: number, Also: []string{"reason"}}, lockReasons, (*api).lockIssue},
		"unlock":           {tools.Usage{Needs: number}, nil, (*api).unlockIssue},
		"pin":              {tools.Usage{Needs: number}, nil, (*api).pinIssue},
		"unpin":            {tools.Usage{Needs: number}, nil, (*api).unpinIssue},
		"transfer":         {tools.Usage{Needs: sub}, nil, (*api).transferIssue},
		"hide_comment":     {tools.Usage{Needs: []string{"comment", "reason"}, Also: number}, hideReasons, (*api).hideComment},
		"unhide_comment":   {tools.Usage{Needs: comment, Also: number}, nil, (*api).unhideComment},
	}
}

// given lists the arguments that were sent and hold something to work with.
// An update may empty what it changes; nothing else makes sense empty.
func (in issueWriteArguments) given() []string {
	emptying := in.Action == "update"
	return names([]sent{
		{"number", in.Number > 0},
		{"title", filled(in.Title)},
		{"body", filled(in.Body) || emptying && in.Body != nil},
		{"labels", len(in.Labels) > 0 || emptying && in.Labels != nil},
		{"assignees", len(in.Assignees) > 0 || emptying && in.Assignees != nil},
		{"milestone", filled(in.Milestone) || emptying && in.Milestone != nil},
		{"type", filled(in.Type) || emptying && in.Type != nil},
		{"fields", len(in.Fields) > 0},
		{"target", in.Target != ""},
		{"after", in.After != ""},
		{"comment", in.Comment > 0},
		{"reaction", in.Reaction != ""},
		{"reason", in.Reason != ""},
	})
}

// Check compares what was sent with what the action needs and uses, before
// anything is asked of GitHub.
func (in issueWriteArguments) Check() []string {
	do := issueActions()[in.Action]
	faults := append(in.repository.Check(), do.Faults("action "+in.Action, in.given())...)
	faults = append(faults, oneOf("reason", in.Reason, do.reasons)...)
	if in.Action == "react" {
		faults = append(faults, oneOf("reaction", in.Reaction, reactions())...)
	}
	return append(append(faults, in.checkItems()...), in.checkOthers()...)
}

// checkOthers looks at what names other issues and repositories.
func (in issueWriteArguments) checkOthers() []string {
	var faults []string
	issue := func(name, text string) {
		if _, _, ok := parseIssue(text, in.Repo); !ok {
			faults = append(faults, fmt.Sprintf("'%s' must be an issue, 5 or owner/name#5; got %q", name, oneLine(text, 60)))
		}
	}
	switch {
	case in.Target == "" || in.Action == "assign":
	case in.Action == "transfer" && len(repository{in.Target}.Check()) > 0:
		faults = append(faults, fmt.Sprintf("'target' of transfer must be owner/name; got %q", oneLine(in.Target, 60)))
	case in.Action != "transfer":
		issue("target", in.Target)
	}
	if in.After != "" && in.After != "first" {
		issue("after", in.After)
	}
	if in.Action == "close" && in.Target != "" && in.Reason != "" && in.Reason != "duplicate" {
		faults = append(faults, "'target' of close is what it duplicates; its 'reason' is duplicate")
	}
	if in.Action == "assign" && (in.Body != nil || in.Target != "") && !slices.ContainsFunc(in.Assignees, isCopilot) {
		faults = append(faults, "'body' and 'target' of assign are for copilot, who is not among 'assignees'")
	}
	if in.Action == "set_fields" && string(in.Fields) == "{}" {
		faults = append(faults, "'fields' is empty")
	}
	return faults
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
		if isCopilot(in.Assignees[i]) {
			in.Assignees[i] = copilotLogin
		}
	}
	return issueActions()[in.Action].run(a, ctx, in)
}

// copilotLogin is what the API assigns Copilot's coding agent by. Answers call
// it Copilot.
const copilotLogin = "copilot-swe-agent[bot]"

func isCopilot(login string) bool {
	login = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(login), "@"))
	return login == "copilot" || strings.TrimSuffix(login, "[bot]") == "copilot-swe-agent"
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
	if in.Number == 0 {
		return fmt.Sprintf("%s/%s/issues", a.web, in.Repo)
	}
	return fmt.Sprintf("%s/%s/issues/%d", a.web, in.Repo, in.Number)
}

// ignored says what GitHub left out without a word, as it does when the account
// may not push or the login can't be assigned.
func (in issueWriteArguments) ignored(issue *fullIssue) string {
	var lines []string
	left := func(format string, missing []string) {
		if len(missing) > 0 {
			lines = append(lines, "not set by GitHub: "+fmt.Sprintf(format, strings.Join(missing, ", ")))
		}
	}
	left("labels %s (needs triage or push access)", missingFrom(in.Labels, labelNames(issue.Labels)))
	missing := missingFrom(in.Assignees, loginNames(issue.Assignees))
	people := slices.DeleteFunc(slices.Clone(missing), isCopilot)
	left("assignees %s (no such login, or no access to the repository)", people)
	if len(people) < len(missing) {
		left("assignee %s (its coding agent is not enabled for this repository and account)", []string{"copilot"})
	}
	if filled(in.Type) {
		left("type %s (needs triage or push access)", missingFrom([]string{*in.Type}, []string{issue.Type.String()}))
	}
	if filled(in.Milestone) && issue.Milestone == nil {
		left("milestone %s (needs triage or push access)", []string{oneLine(*in.Milestone, 60)})
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
		if isCopilot(names[i]) {
			names[i] = copilotLogin
		}
	}
	return names
}
