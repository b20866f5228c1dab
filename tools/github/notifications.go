package github

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// notificationsScope is the least for one's own notifications and for watching
// repositories.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
func notificationsScope() []string { return []string{"notifications"} }

type notificationsArguments struct {
	Thread        int64  `json:"thread,omitempty" doc:"id: read only this one, and whether it is subscribed to"`
	Repo          string `json:"repo,omitempty" doc:"owner/name"`
	All           bool   `json:"all,omitempty" doc:"read ones too"`
	Participating bool   `json:"participating,omitempty" doc:"taking part or mentioned"`
	Since         string `json:"since,omitempty" doc:"updated since, YYYY-MM-DD"`
	Before        string `json:"before,omitempty"`
	Page          int    `json:"page,omitempty"`
}

// notificationsPerPage is GitHub's maximum.
const notificationsPerPage = 50

// Check adds what a schema can't say.
func (in notificationsArguments) Check() []string {
	faults := append(checkTime("since", in.Since), checkTime("before", in.Before)...)
	if in.Repo != "" {
		faults = append(faults, repository{in.Repo}.Check()...)
	}
	if in.Thread != 0 {
		faults = append(faults, tools.Usage{Needs: []string{"thread"}}.Faults("one thread", tools.Given(in, "page"))...)
	}
	return append(faults, checkThread(in.Thread)...)
}

func checkThread(thread int64) []string {
	if thread < 0 {
		return []string{"'thread' must be an id from github_notifications"}
	}
	return nil
}

func (a *api) notificationsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_notifications",
		Title:       "Notifications",
		Description: "List the person's GitHub notifications, newest first, unread ones unless all is set, with why each came and its page; or read one thread.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      notificationsScope(),
	}, a.notifications)
}

func (a *api) notifications(ctx context.Context, in notificationsArguments) (string, error) {
	if in.Thread > 0 {
		return a.notificationThread(ctx, in.Thread)
	}
	address, what := "notifications", "notifications"
	if in.Repo != "" {
		address, what = fmt.Sprintf("repos/%s/notifications", in.Repo), "notifications of "+in.Repo
	}
	paging := paged{in.Page, notificationsPerPage}
	var found []*github.Notification
	r, err := a.get(ctx, address, paging.query(map[string]string{
		"all": truth(in.All), "participating": truth(in.Participating), "since": utc(in.Since), "before": utc(in.Before),
	}), &found, what)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(found))
	for i, n := range found {
		lines[i] = a.notificationLine(n)
	}
	noun := "unread notification"
	if in.All {
		noun = "notification"
	}
	return listing(here(len(lines), noun, paging.position(r)), lines), nil
}

func truth(set bool) string { return flag(set, "true") }

// utc writes a day or moment as GitHub wants it; "" for none.
func utc(value string) string {
	t, err := parseSince(value)
	if err != nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (a *api) notificationLine(n *github.Notification) string {
	facts := join(", ", oneLine(strings.ReplaceAll(n.GetReason(), "_", " "), 40), flag(n.GetUnread(), "unread"), moment(n.GetUpdatedAt()))
	return fmt.Sprintf("%s %s %s: %s — %s\n  %s", oneLine(n.GetID(), 20), oneLine(n.GetRepository().GetFullName(), 140),
		oneLine(n.GetSubject().GetType(), 40), oneLine(n.GetSubject().GetTitle(), 150), facts, a.subjectPage(n))
}

// thread shows one notification and what the person gets to hear of it.
func (a *api) notificationThread(ctx context.Context, id int64) (string, error) {
	what := fmt.Sprintf("notification %d", id)
	n, _, err := a.client.Activity.GetThread(ctx, strconv.FormatInt(id, 10))
	if err != nil {
		return "", explain(err, what)
	}
	text := a.notificationLine(n)
	if !n.GetLastReadAt().IsZero() {
		text += "\nlast read " + moment(n.GetLastReadAt())
	}
	subscription, _, err := a.client.Activity.GetThreadSubscription(ctx, strconv.FormatInt(id, 10))
	switch {
	case isStatus(err, http.StatusNotFound):
		return text + "\nnot subscribed", nil
	case err != nil:
		return "", explain(err, "subscription of "+what)
	}
	return text + "\n" + subscriptionText(subscription), nil
}

func subscriptionText(s *github.Subscription) string {
	switch {
	case s.GetIgnored():
		return "ignored: no notifications"
	case s.GetSubscribed():
		return "subscribed"
	}
	return "not subscribed"
}

// subjectPage is where a person reads what a notification is about. GitHub
// gives the address of the API, and of some kinds none at all.
func (a *api) subjectPage(n *github.Notification) string {
	repo := a.web + "/" + oneLine(n.GetRepository().GetFullName(), 140)
	subject := n.GetSubject()
	if page := a.pageOf(subject.GetURL()); page != "" {
		return page + commentAnchor(subject.GetLatestCommentURL())
	}
	pages := map[string]string{
		"CheckSuite":                       "/actions",
		"WorkflowRun":                      "/actions",
		"Discussion":                       "/discussions",
		"Release":                          "/releases",
		"RepositoryInvitation":             "/invitations",
		"RepositoryVulnerabilityAlert":     "/security/dependabot",
		"RepositoryDependabotAlertsThread": "/security/dependabot",
		"RepositoryAdvisory":               "/security/advisories",
	}
	return repo + pages[subject.GetType()]
}

// pageOf turns the API's address of an issue, a pull request or a commit into
// the one of its page; "" for anything else.
func (a *api) pageOf(address string) string {
	_, path, found := strings.Cut(address, "/repos/")
	parts := strings.Split(path, "/")
	if !found || len(parts) != 4 {
		return ""
	}
	kind := map[string]string{"issues": "issues", "pulls": "pull", "commits": "commit", "discussions": "discussions"}[parts[2]]
	if kind == "" || (repository{parts[0] + "/" + parts[1]}).Check() != nil || !isName(parts[3], "") {
		return ""
	}
	return fmt.Sprintf("%s/%s/%s/%s/%s", a.web, parts[0], parts[1], kind, parts[3])
}

// commentAnchor leads to the latest comment, if there is one.
func commentAnchor(comment string) string {
	anchors := []struct{ path, anchor string }{
		{"/issues/comments/", "#issuecomment-"}, {"/pulls/comments/", "#discussion_r"}, {"/comments/", "#commitcomment-"},
	}
	for _, a := range anchors {
		if _, id, found := strings.Cut(comment, a.path); found && isName(id, "") {
			return a.anchor + id
		}
	}
	return ""
}
