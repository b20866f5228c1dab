package github

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

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

// excerpt quotes at most limit bytes of a text, from the character at offset
// on. When more follows it says what to ask for: more, plus the new offset.
func excerpt(s string, offset, limit int, more string) string {
	runes := []rune(strings.TrimSpace(clean(s)))
	total := len(runes)
	if offset > 0 && offset >= total {
		return fmt.Sprintf("[the text has only %s characters]", thousands(total))
	}
	rest := string(runes[offset:])
	if len(rest) <= limit {
		return quoted(rest)
	}
	kept := strings.ToValidUTF8(rest[:limit], "")
	// A cut at a line end reads better, if it doesn't cost much.
	if i := strings.LastIndexByte(kept, '\n'); i > len(kept)*3/4 {
		kept = kept[:i+1]
	}
	end := offset + utf8.RuneCountInString(kept)
	kept = strings.TrimSuffix(kept, "\n")
	return fmt.Sprintf("%s\n[cut after %s of %s characters; next: %s]",
		quoted(kept), thousands(end), thousands(total), join(" ", more, fmt.Sprintf("offset=%d", end)))
}

// quoted marks every line as somebody's words, so that nothing in them can pass
// for a line of ours, such as the heading of the next comment.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return "> " + strings.ReplaceAll(s, "\n", "\n> ")
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

// shortSHA is what people call a commit.
func shortSHA(sha string) string {
	return sha[:min(len(sha), 7)]
}

// firstLine is the subject of a commit message or the like.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
