package github

import (
	"context"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// What every service's texts are made with, by the names used here.

func clean(s string) string                         { return rest.Clean(s) }
func cleanNoting(s string) (shown, note string)     { return rest.CleanNoting(s) }
func oneLine(s string, limit int) string            { return rest.OneLine(s, limit) }
func join(separator string, parts ...string) string { return rest.Join(separator, parts...) }
func thousands(n int) string                        { return rest.Thousands(n) }
func count(n int, noun string) string               { return rest.Count(n, noun) }
func size(bytes int) string                         { return rest.Size(bytes) }
func quoted(s string) string                        { return rest.Quoted(s) }
func excerpt(s string, offset, limit int, more string) string {
	return rest.Excerpt(s, offset, limit, more)
}

// some writes how many a list holds, also when it holds none.
func some(n int, noun string) string {
	if n == 0 {
		return "no " + rest.Plural(noun) + " here"
	}
	return count(n, noun)
}

// day writes a time as YYYY-MM-DD; "" for none.
func day(t github.Timestamp) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02")
}

// dated writes what happened and the day; "" for none.
func dated(what string, t github.Timestamp) string {
	if t.IsZero() {
		return ""
	}
	return what + " " + day(t)
}

// moment writes a time to the minute.
func moment(t github.Timestamp) string {
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// login names an account. GitHub shows deleted ones as ghost.
func login(u *github.User) string {
	if u.GetLogin() == "" {
		return "@ghost"
	}
	return "@" + oneLine(u.GetLogin(), 60)
}

// author names who wrote a text, and says so if they don't belong to the
// repository: their words deserve the least trust. GitHub gives no association
// with some answers, which then say nothing.
// https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
func author(u *github.User, association string) string {
	if isInsider(association) {
		return login(u)
	}
	return login(u) + " (outsider)"
}

func isInsider(association string) bool {
	return slices.Contains([]string{"", "OWNER", "MEMBER", "COLLABORATOR"}, association)
}

func logins(users []*github.User) string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = login(user)
	}
	return strings.Join(names, " ")
}

func labelNames(labels []*github.Label) []string {
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = oneLine(label.GetName(), 60)
	}
	return names
}

// quote marks the answer of a call that shows other names than the call itself did.
func quote(ctx context.Context, shown, said []string) {
	for _, name := range shown {
		isSame := func(other string) bool { return strings.EqualFold(oneLine(name, 1000), oneLine(other, 1000)) }
		if name != "" && !slices.ContainsFunc(said, isSame) {
			tools.Quote(ctx)
		}
	}
}

// shortSHA is what people call a commit.
func shortSHA(sha string) string {
	return sha[:min(len(sha), 7)]
}

// firstLine is the subject of a commit message or the like.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
