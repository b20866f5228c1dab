package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

type notificationsWriteArguments struct {
	Action string `json:"action" enum:"mark_read,mark_done,mark_all_read,subscribe,ignore,unsubscribe,watch_repo,ignore_repo,unwatch_repo"`
	Thread int64  `json:"thread,omitempty" doc:"id"`
	Repo   string `json:"repo,omitempty" doc:"owner/name; the _repo actions, mark_all_read"`
	Before string `json:"before,omitempty" doc:"mark_all_read: only those updated before, YYYY-MM-DD"`
}

func (a *api) notificationsWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_notifications_write",
		Title:       "Manage notifications",
		Description: "Mark notifications read or done, all read (of repo if given), subscribe to a thread, ignore it or unsubscribe, or watch, ignore or unwatch a repository.",
		Access:      tools.Write,
		Idempotent:  true,
		OpenWorld:   true,
		Scopes:      notificationsScope(),
	}, a.notificationsWrite)
}

// notificationsAction is one thing the tool does: what it takes, its request,
// and what it says afterwards.
type notificationsAction struct {
	tools.Usage
	method, below string // below the thread or the repository
	body          any
	done          string
}

func notificationsActions() map[string]notificationsAction {
	thread, repo := tools.Usage{Needs: []string{"thread"}}, tools.Usage{Needs: []string{"repo"}}
	return map[string]notificationsAction{
		"mark_read":     {thread, http.MethodPatch, "", nil, "marked read:"},
		"mark_done":     {thread, http.MethodDelete, "", nil, "marked done, and out of the inbox:"},
		"mark_all_read": {tools.Usage{Also: []string{"repo", "before"}}, http.MethodPut, "/notifications", nil, "marked read: all notifications"},
		"subscribe":     {thread, http.MethodPut, "/subscription", map[string]bool{"ignored": false}, "subscribed to"},
		"ignore":        {thread, http.MethodPut, "/subscription", map[string]bool{"ignored": true}, "ignored until a comment or mention of the person:"},
		"unsubscribe":   {thread, http.MethodDelete, "/subscription", nil, "unsubscribed until a comment or mention of the person:"},
		"watch_repo":    {repo, http.MethodPut, "/subscription", map[string]bool{"subscribed": true, "ignored": false}, "watching"},
		"ignore_repo":   {repo, http.MethodPut, "/subscription", map[string]bool{"subscribed": false, "ignored": true}, "no more notifications of"},
		"unwatch_repo":  {repo, http.MethodDelete, "/subscription", nil, "no longer watching"},
	}
}

// Check compares what was sent with what the action takes.
func (in notificationsWriteArguments) Check() []string {
	var faults []string
	if do, known := notificationsActions()[in.Action]; known {
		faults = do.Faults("action "+in.Action, tools.Given(in, "action"))
	}
	if in.Repo != "" {
		faults = append(faults, repository{in.Repo}.Check()...)
	}
	return append(append(faults, checkThread(in.Thread)...), checkTime("before", in.Before)...)
}

func (a *api) notificationsWrite(ctx context.Context, in notificationsWriteArguments) (string, error) {
	do := notificationsActions()[in.Action]
	body := do.body
	if in.Action == "mark_all_read" {
		body = in.lastRead()
	}
	address := strings.TrimPrefix(in.address()+do.below, "/")
	accepted, err := a.put(ctx, do.method, address, body, nil, in.what())
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s %s", do.done, in.what())
	if in.Action == "mark_all_read" {
		text = do.done + in.which()
	}
	if accepted {
		text += " (GitHub is still at it)"
	}
	return text + "\n" + in.page(a), nil
}

// lastRead leaves the time to GitHub, which takes the present one.
func (in notificationsWriteArguments) lastRead() map[string]string {
	body := map[string]string{}
	if in.Before != "" {
		body["last_read_at"] = utc(in.Before)
	}
	return body
}

func (in notificationsWriteArguments) address() string {
	switch {
	case in.Thread > 0:
		return fmt.Sprintf("notifications/threads/%d", in.Thread)
	case in.Repo != "":
		return "repos/" + in.Repo
	}
	return ""
}

// what names what is acted on.
func (in notificationsWriteArguments) what() string {
	switch {
	case in.Thread > 0:
		return fmt.Sprintf("notification %d", in.Thread)
	case in.Repo != "":
		return in.Repo
	}
	return "notifications"
}

func (in notificationsWriteArguments) which() string {
	text := ""
	if in.Repo != "" {
		text = " of " + in.Repo
	}
	if in.Before != "" {
		text += " before " + utc(in.Before)
	}
	return text
}

func (in notificationsWriteArguments) page(a *api) string {
	if in.Thread == 0 && in.Repo != "" {
		return a.web + "/" + in.Repo
	}
	return a.web + "/notifications"
}
