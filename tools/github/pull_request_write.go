package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

type pullWriteArguments struct {
	repository
	Action              string          `json:"action" enum:"create,update,ready,draft,update_branch,request_reviewers,remove_reviewers,comment,reply,review,add_comments,submit,delete_pending,resolve,unresolve,dismiss"`
	Number              int             `json:"number,omitempty" minimum:"1" doc:"all but create"`
	Title               *string         `json:"title,omitempty"`
	Body                *string         `json:"body,omitempty"`
	Head                string          `json:"head,omitempty" doc:"create: branch or owner:branch"`
	Base                string          `json:"base,omitempty"`
	Draft               bool            `json:"draft,omitempty" doc:"create"`
	MaintainerCanModify *bool           `json:"maintainer_can_modify,omitempty"`
	State               string          `json:"state,omitempty" enum:"open,closed"`
	Reviewers           []string        `json:"reviewers,omitempty" doc:"logins, org/team, copilot"`
	ID                  int64           `json:"id,omitempty" doc:"comment (reply), review (dismiss)"`
	Thread              string          `json:"thread,omitempty" doc:"id"`
	Event               string          `json:"event,omitempty" enum:"approve,request_changes,comment" doc:"submit; review: none = pending"`
	Comments            []reviewComment `json:"comments,omitempty"`
}

// reviewComment is a comment on lines of a file, or on the whole of it. Side is
// of the diff: the old lines are left, and right is usual.
type reviewComment struct {
	Path      string `json:"path"`
	Body      string `json:"body"`
	Line      int    `json:"line,omitempty" doc:"none: whole file"`
	StartLine int    `json:"start_line,omitempty"`
	Side      string `json:"side,omitempty" enum:"LEFT,RIGHT"`
}

// Check says what is wrong with the place.
func (c reviewComment) Check() []string {
	switch {
	case c.Line < 0 || c.StartLine < 0:
		return []string{"lines are counted from 1"}
	case c.StartLine > 0 && c.StartLine >= c.Line:
		return []string{"'start_line' must be before 'line'"}
	}
	return nil
}

func (a *api) pullWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_pull_request_write",
		Title:       "Write pull requests",
		Description: "Create or change a pull request, ask for reviews, comment, or review: at once, or pending for add_comments and submit. Others may be notified.",
		Access:      tools.Write,
		Strangers:   true,
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.pullWrite)
}

// pullAction is one thing the tool does: what it takes, and how it is done.
type pullAction struct {
	tools.Usage
	run func(*api, context.Context, pullWriteArguments) (string, error)
}

func pullActions() map[string]pullAction {
	number := func(names ...string) []string { return append([]string{"number"}, names...) }
	return map[string]pullAction{
		"create":            {tools.Usage{Needs: []string{"title", "head"}, Also: []string{"body", "base", "draft", "maintainer_can_modify"}}, (*api).createPull},
		"update":            {tools.Usage{Needs: number(), OneOf: []string{"title", "body", "base", "state", "maintainer_can_modify"}}, (*api).updatePull},
		"ready":             {tools.Usage{Needs: number()}, (*api).readyPull},
		"draft":             {tools.Usage{Needs: number()}, (*api).draftPull},
		"update_branch":     {tools.Usage{Needs: number()}, (*api).updatePullBranch},
		"request_reviewers": {tools.Usage{Needs: number("reviewers")}, (*api).requestReviewers},
		"remove_reviewers":  {tools.Usage{Needs: number("reviewers")}, (*api).removeReviewers},
		"comment":           {tools.Usage{Needs: number("body")}, (*api).commentOnPull},
		"reply":             {tools.Usage{Needs: number("id", "body")}, (*api).replyInReview},
		"review":            {tools.Usage{Needs: number(), Also: []string{"event", "body", "comments"}}, (*api).review},
		"add_comments":      {tools.Usage{Needs: number("comments")}, (*api).addReviewComments},
		"submit":            {tools.Usage{Needs: number("event"), Also: []string{"body"}}, (*api).submitReview},
		"delete_pending":    {tools.Usage{Needs: number()}, (*api).deletePendingReview},
		"resolve":           {tools.Usage{Needs: number("thread")}, (*api).resolveThread},
		"unresolve":         {tools.Usage{Needs: number("thread")}, (*api).unresolveThread},
		"dismiss":           {tools.Usage{Needs: number("id", "body")}, (*api).dismissReview},
	}
}

// Check compares what was sent with what the action needs and uses, before
// anything is asked of GitHub. Only an update may empty a text.
func (in pullWriteArguments) Check() []string {
	if isBlank(in.Title) {
		in.Title = nil
	}
	if in.Action != "update" && isBlank(in.Body) {
		in.Body = nil
	}
	if len(in.Reviewers) == 0 {
		in.Reviewers = nil
	}
	if len(in.Comments) == 0 {
		in.Comments = nil
	}
	sent := tools.Given(in, "repo", "action")
	faults := append(in.repository.Check(), pullActions()[in.Action].Faults("action "+in.Action, sent)...)
	return append(faults, in.checkItems()...)
}

func isBlank(text *string) bool { return text != nil && strings.TrimSpace(*text) == "" }

func (in pullWriteArguments) checkItems() []string {
	var faults []string
	for _, reviewer := range in.Reviewers {
		owner, team, isTeam := strings.Cut(strings.TrimPrefix(strings.TrimSpace(reviewer), "@"), "/")
		if !isName(owner, "[]") || isTeam && !isName(team, ".") {
			faults = append(faults, fmt.Sprintf("'reviewers' must be logins, or teams as org/team; got %q", oneLine(reviewer, 60)))
		}
	}
	for _, comment := range in.Comments {
		if in.Event != "" && comment.Line == 0 {
			faults = append(faults, fmt.Sprintf("a comment on a whole file (%s) can't be sent with 'event'; leave that out, then submit", oneLine(comment.Path, 100)))
		}
	}
	return faults
}

func (a *api) pullWrite(ctx context.Context, in pullWriteArguments) (string, error) {
	return pullActions()[in.Action].run(a, ctx, in)
}

// pull names the pull request that is written to.
func (in pullWriteArguments) pull() numbered { return numbered{in.repository, in.Number} }

func (in pullWriteArguments) String() string {
	if in.Number == 0 {
		return in.Repo
	}
	return in.pull().String()
}

func (a *api) pullPage(of numbered) string {
	return fmt.Sprintf("%s/%s/pull/%d", a.web, of.Repo, of.Number)
}
