package github

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// clean removes what a person reading on GitHub would not see: control,
// zero-width, direction-changing, tag and filler characters. They can carry
// words to a model that nobody else reads.
func clean(s string) string {
	return strings.Map(seen, strings.ToValidUTF8(s, "\uFFFD"))
}

// seen is what a person sees of a character; -1: nothing.
func seen(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r >= ' ' && r <= '~':
		return r
	case unicode.In(r, unicode.Zl, unicode.Zp):
		return '\n'
	case tools.IsInvisible(r):
		return -1
	}
	return r
}

// cleanNoting is clean for code, where something invisible is worth knowing: the
// note says how much was left out. Windows line ends don't count.
func cleanNoting(s string) (shown, note string) {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	shown = clean(s)
	return shown, hiddenNote(utf8.RuneCountInString(s) - utf8.RuneCountInString(shown))
}

func hiddenNote(hidden int) string {
	if hidden == 0 {
		return ""
	}
	return fmt.Sprintf("\n[%s left out]", count(hidden, "invisible character"))
}

// oneLine is for text of people inside a line of ours: at most limit
// characters.
func oneLine(s string, limit int) string {
	runes := []rune(strings.Join(strings.Fields(clean(s)), " "))
	if len(runes) <= limit {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

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

// join puts what isn't empty together.
func join(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// thousands writes 1234 as 1,234.
func thousands(n int) string {
	s, sign := strconv.Itoa(n), ""
	if n < 0 {
		s, sign = s[1:], "-"
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// some writes how many a list holds, also when it holds none.
func some(n int, noun string) string {
	if n == 0 {
		return "no " + plural(noun) + " here"
	}
	return count(n, noun)
}

// count writes "1 file" and "2 files"; "" when there are none.
func count(n int, noun string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + noun
	}
	return thousands(n) + " " + plural(noun)
}

func plural(noun string) string {
	if strings.HasSuffix(noun, "ch") {
		return noun + "es"
	}
	if stem, found := strings.CutSuffix(noun, "y"); found {
		return stem + "ies"
	}
	return noun + "s"
}

// size writes a number of bytes for people.
func size(bytes int) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1_000_000)
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
