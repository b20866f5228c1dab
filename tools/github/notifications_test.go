package github_test

import (
	"net/http"
	"strings"
	"testing"
)

const inbox = "GET /notifications"

func TestNotifications(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		inbox: file("notifications").with("Link", links("page=2", "page=3")),
		"GET /repos/octocat/Hello-World/notifications": {body: `[]`},
	})
	line := "1 octocat/Hello-World Issue: Greetings — subscribed, unread, 2014-11-07 22:01 UTC\n  " + f.url + "/octokit/octokit.rb/issues/123#issuecomment-123"
	f.gives("github_notifications", `{}`, "1 unread notification on page 1 of 3; next: page=2\n\n"+line)
	f.gives("github_notifications", `{"all":true,"participating":true,"since":"2014-11-01","before":"2014-11-08T00:00:00+02:00","page":3}`,
		"1 notification on page 3 of 3\n\n"+line)
	f.gives("github_notifications", `{"repo":"octocat/Hello-World"}`, "no unread notifications here; page 1 of 1")
	f.wasAsked(inbox+"?page=1&per_page=50",
		inbox+"?all=true&before=2014-11-07T22%3A00%3A00Z&page=3&participating=true&per_page=50&since=2014-11-01T00%3A00%3A00Z",
		"GET /repos/octocat/Hello-World/notifications?page=1&per_page=50")
}

func TestNotificationThread(t *testing.T) {
	t.Parallel()
	const thread = inbox + "/threads/1"
	f := start(t, map[string]answer{thread: file("thread"), thread + "/subscription": file("thread_subscription")})
	text := "1 octocat/Hello-World Issue: Greetings — subscribed, unread, 2014-11-07 22:01 UTC\n  " + f.url + "/octokit/octokit.rb/issues/123#issuecomment-123\nlast read 2014-11-07 22:01 UTC\n"
	f.gives("github_notifications", `{"thread":1}`, text+"subscribed")
	f.wasAsked(thread, thread+"/subscription")
	f.answers[thread+"/subscription"] = answer{body: `{"subscribed":false,"ignored":true}`}
	f.gives("github_notifications", `{"thread":1}`, text+"ignored: no notifications")
	delete(f.answers, thread+"/subscription")
	f.gives("github_notifications", `{"thread":1}`, text+"not subscribed")
	f.refuses("github_notifications", `{"thread":2}`, "github: notification 2"+notFound)
}

// Every kind of notification leads to a page, and no address of somebody's
// making does.
func TestNotificationPages(t *testing.T) {
	t.Parallel()
	const repo, comments = "https://api.github.com/repos/o/r", `","latest_comment_url":"https://api.github.com/repos/o/r`
	for subject, want := range map[string]string{
		`"type":"Issue","url":"` + repo + `/issues/5"`:                                                          "/o/r/issues/5",
		`"type":"PullRequest","url":"` + repo + `/pulls/5` + comments + `/pulls/5"`:                             "/o/r/pull/5",
		`"type":"PullRequest","url":"` + repo + `/pulls/5` + comments + `/pulls/comments/7"`:                    "/o/r/pull/5#discussion_r7",
		`"type":"Commit","url":"` + repo + `/commits/abc` + comments + `/comments/8"`:                           "/o/r/commit/abc#commitcomment-8",
		`"type":"Release","url":"` + repo + `/releases/9"`:                                                      "/o/r/releases",
		`"type":"CheckSuite","url":null`:                                                                        "/o/r/actions",
		`"type":"Discussion"`:                                                                                   "/o/r/discussions",
		`"type":"RepositoryDependabotAlertsThread"`:                                                             "/o/r/security/dependabot",
		`"type":"Something\nnew"`:                                                                               "/o/r",
		`"type":"Issue","url":"https://evil.example/repos/o/r/issues/5?x=](y)"`:                                 "/o/r",
		`"type":"Issue","url":"` + repo + `/issues/5` + comments + `/issues/comments/7](https://evil.example)"`: "/o/r/issues/5",
	} {
		f := start(t, map[string]answer{inbox: {body: `[{"id":"1","repository":{"full_name":"o/r"},"reason":"mention","subject":{"title":"a\n\nb\u202e",` + subject + `}}]`}})
		got, err := f.call("github_notifications", `{}`)
		lines := strings.Split(got, "\n")
		if err != nil || len(lines) != 4 || lines[3] != "  "+f.url+want || !strings.Contains(lines[2], ": a b — mention, ") {
			t.Errorf("%s: %v\n%s\nwant %s", subject, err, got, want)
		}
	}
}

func TestNotificationsRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{inbox: message(403, "No").with("X-OAuth-Scopes", "repo").with("X-Accepted-OAuth-Scopes", "notifications")})
	for arguments, want := range map[string]string{
		`"since":"yesterday"`:   `'since' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "yesterday"`,
		`"before":"1.1.2026"`:   `'before' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "1.1.2026"`,
		`"repo":"x"`:            `'repo' must be "owner/name", like "octocat/Hello-World"; got "x"`,
		`"thread":1,"all":true`: "one thread does not use 'all'; it uses thread",
		`"thread":-1`:           "'thread' must be an id from github_notifications",
	} {
		f.refuses("github_notifications", "{"+arguments+"}", "github_notifications: "+want)
	}
	f.wasAsked()
	f.refuses("github_notifications", `{}`, "github: notifications: no permission (403 No); it needs the scope notifications; the credential has: repo; sign in again with that scope added to GITHUB_SCOPES")
}

func TestNotificationsWrite(t *testing.T) {
	t.Parallel()
	none, reset := answer{status: http.StatusNoContent}, answer{status: http.StatusResetContent}
	later := answer{status: http.StatusAccepted, body: `{"message":"Unread notifications couldn't be marked in a single request. Notifications are being marked as read in the background."}`}
	const thread, repo, web = "/notifications/threads/1", "/repos/octocat/Hello-World", "\nWEB/notifications"
	checkDoings(t, "github_notifications_write", "",
		doing{`"action":"mark_read","thread":1`, "PATCH " + thread, "", reset, "marked read: notification 1" + web},
		doing{`"action":"mark_done","thread":1`, "DELETE " + thread, "", none, "marked done, and out of the inbox: notification 1" + web},
		doing{`"action":"mark_all_read"`, "PUT /notifications", "{}", reset, "marked read: all notifications" + web},
		doing{`"action":"mark_all_read","before":"2026-01-31"`, "PUT /notifications", `{"last_read_at":"2026-01-31T00:00:00Z"}`, later,
			"marked read: all notifications before 2026-01-31T00:00:00Z (GitHub is still at it)" + web},
		doing{`"action":"mark_all_read","repo":"octocat/Hello-World"`, "PUT " + repo + "/notifications", "{}", later,
			"marked read: all notifications of octocat/Hello-World (GitHub is still at it)\nWEB/octocat/Hello-World"},
		doing{`"action":"subscribe","thread":1`, "PUT " + thread + "/subscription", `{"ignored":false}`, file("thread_subscription"), "subscribed to notification 1" + web},
		doing{`"action":"ignore","thread":1`, "PUT " + thread + "/subscription", `{"ignored":true}`, file("thread_subscription"), "ignored until a comment or mention of the person: notification 1" + web},
		doing{`"action":"unsubscribe","thread":1`, "DELETE " + thread + "/subscription", "", none, "unsubscribed until a comment or mention of the person: notification 1" + web},
		doing{`"action":"watch_repo","repo":"octocat/Hello-World"`, "PUT " + repo + "/subscription", `{"ignored":false,"subscribed":true}`, file("repository_subscription"), "watching octocat/Hello-World\nWEB/octocat/Hello-World"},
		doing{`"action":"ignore_repo","repo":"octocat/Hello-World"`, "PUT " + repo + "/subscription", `{"ignored":true,"subscribed":false}`, file("repository_subscription"), "no more notifications of octocat/Hello-World\nWEB/octocat/Hello-World"},
		doing{`"action":"unwatch_repo","repo":"octocat/Hello-World"`, "DELETE " + repo + "/subscription", "", none, "no longer watching octocat/Hello-World\nWEB/octocat/Hello-World"},
	)
}

func TestNotificationsWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"action":"mark_read"`:                      "action mark_read needs 'thread'",
		`"action":"mark_all_read","thread":1`:       "action mark_all_read does not use 'thread'; it uses repo, before",
		`"action":"mark_all_read","before":"now"`:   `'before' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "now"`,
		`"action":"watch_repo"`:                     "action watch_repo needs 'repo'",
		`"action":"watch_repo","repo":"../x"`:       `'repo' must be "owner/name", like "octocat/Hello-World"; got "../x"`,
		`"action":"ignore","thread":1,"repo":"o/r"`: "action ignore does not use 'repo'; it uses thread",
		`"action":"mark_done","thread":-1`:          "'thread' must be an id from github_notifications",
	} {
		f.refuses("github_notifications_write", "{"+arguments+"}", "github_notifications_write: "+want)
	}
	f.wasAsked()
	f.refuses("github_notifications_write", `{"action":"mark_done","thread":2}`, "github: notification 2"+notFound)
}
