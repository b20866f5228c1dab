package github

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-github/v62/github"
)

// TestAuthor holds who is an insider against GitHub's list:
// https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
func TestAuthor(t *testing.T) {
	t.Parallel()
	mona := &github.User{Login: github.String("mona")}
	for association, want := range map[string]string{
		"OWNER": "@mona", "MEMBER": "@mona", "COLLABORATOR": "@mona", "": "@mona",
		"CONTRIBUTOR": "@mona (outsider)", "FIRST_TIMER": "@mona (outsider)", "FIRST_TIME_CONTRIBUTOR": "@mona (outsider)",
		"MANNEQUIN": "@mona (outsider)", "NONE": "@mona (outsider)", "SOMETHING_NEW": "@mona (outsider)",
	} {
		if got := author(mona, association); got != want {
			t.Errorf("%s: %s, want %s", association, got, want)
		}
	}
}

// TestOutsidersAreLabelled wherever their words are shown, and insiders never.
func TestOutsidersAreLabelled(t *testing.T) {
	t.Parallel()
	const outsider = "@mona (outsider)"
	user := &github.User{Login: github.String("mona")}
	for association, labelled := range map[string]bool{"NONE": true, "MEMBER": false} {
		by := github.String(association)
		for what, text := range map[string]string{
			"issue":          issueHead(&fullIssue{Issue: github.Issue{User: user, AuthorAssociation: by}}),
			"comment":        commentText(&github.IssueComment{User: user, AuthorAssociation: by}, 0, 99),
			"pull request":   pullHead(&github.PullRequest{User: user, AuthorAssociation: by}),
			"review":         reviewText(&github.PullRequestReview{User: user, AuthorAssociation: by}, 0, 99),
			"review comment": reviewCommentText(&github.PullRequestComment{User: user, AuthorAssociation: by}, 0, 99),
		} {
			if !strings.Contains(text, "@mona") || strings.Contains(text, outsider) != labelled {
				t.Errorf("%s, %s: %s", what, association, text)
			}
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text          string
		offset, limit int
		want          string
	}{
		{"", 0, 5, ""},
		{" ab\ncd ", 0, 5, "> ab\n> cd"},
		{"abcdef", 0, 5, "> abcde\n[cut after 5 of 6 characters; next: comment=1 offset=5]"},
		{"abcdef", 5, 5, "> f"},
		{"abcdef", 6, 5, "[the text has only 6 characters]"},
		{"ab\ncdef\ng", 0, 4, "> ab\n> c\n[cut after 4 of 9 characters; next: comment=1 offset=4]"},
		{"abcd\nefgh", 0, 6, "> abcd\n> e\n[cut after 6 of 9 characters; next: comment=1 offset=6]"},
		{"abcdefgh\nij", 0, 10, "> abcdefgh\n[cut after 9 of 11 characters; next: comment=1 offset=9]"},
		{"üüüüüü", 2, 7, "> üüü\n[cut after 5 of 6 characters; next: comment=1 offset=5]"},
		{"### @boss, 2026-01-01, comment 2\n> yes", 0, 99, "> ### @boss, 2026-01-01, comment 2\n> > yes"},
	} {
		if got := excerpt(test.text, test.offset, test.limit, "comment=1"); got != test.want {
			t.Errorf("%q from %d: got %q, want %q", test.text, test.offset, got, test.want)
		}
	}
}

func TestDay(t *testing.T) {
	t.Parallel()
	east := github.Timestamp{Time: time.Date(2026, 2, 1, 1, 0, 0, 0, time.FixedZone("", 2*3600))}
	if got := day(east); got != "2026-01-31" {
		t.Errorf("a day is UTC's: %s", got)
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		page             int
		next, last, prev int
		want             string
	}{
		{1, 0, 0, 0, "page 1 of 1"},
		{1, 2, 5, 0, "page 1 of 5; next: page=2"},
		{2, 3, 0, 1, "page 2; next: page=3"},
		{5, 0, 0, 4, "page 5 of 5"},
		{9, 0, 5, 5, "page 9 of 5"},
		{9, 0, 0, 0, "page 9"},
	} {
		r := &github.Response{NextPage: test.next, LastPage: test.last, PrevPage: test.prev}
		if got := position(test.page, r); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
}

// A page that holds nothing is not the last one, whatever leads to it.
func TestHere(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"2 issues on page 3 of 3":                   here(2, "issue", "page 3 of 3"),
		"no issues here; page 1 of 1":               here(0, "issue", "page 1 of 1"),
		"no issues here; page 9 is beyond the last": here(0, "issue", "page 9 of 9"),
		"no issues here; page 9 of 5":               here(0, "issue", "page 9 of 5"),
		"no issues here; page 2; next: after=x":     here(0, "issue", "page 2; next: after=x"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReadWindow(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200_000)
	for _, test := range []struct {
		text       string
		start, end int
		want       []string
		total      int
		full, torn bool
	}{
		{"", 1, 0, nil, 0, false, false},
		{"a\nb\nc", 1, 0, []string{"a", "b", "c"}, 3, false, false},
		{"a\nb\nc\n", 2, 2, []string{"b"}, 3, false, false},
		{"\n\n", 1, 0, []string{"", ""}, 2, false, false},
		{"a\nb", 5, 9, nil, 2, false, false},
		{"aaaa\nbbbb\ncccc", 1, 0, []string{"aaaa", "bbbb"}, 3, true, false},
		{"a\n" + long + "\nb", 1, 0, []string{"a"}, 3, true, false},
		{"a\n" + long + "\nb", 2, 0, []string{long[:10]}, 3, true, true},
		{"a\n" + long + "\nb", 3, 0, []string{"b"}, 3, false, false},
	} {
		w, err := readWindow(strings.NewReader(test.text), test.start, test.end, 10)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(w.lines, "|") != strings.Join(test.want, "|") || len(w.lines) != len(test.want) ||
			w.total != test.total || w.full != test.full || w.torn != test.torn {
			t.Errorf("%.20q from %d: %+v", test.text, test.start, w)
		}
	}
	w, err := readWindow(bytes.NewReader([]byte("GIF89a\x00")), 1, 0, 10)
	if err != nil || !w.binary || w.mediaType != "image/gif" {
		t.Errorf("%+v, %v", w, err)
	}
	broken := io.MultiReader(strings.NewReader(strings.Repeat("line\n", 50_000)), iotest.ErrReader(errors.New("gone")))
	if _, err := readWindow(broken, 1, 0, 10); err == nil || err.Error() != "gone" {
		t.Errorf("a broken answer: %v", err)
	}
}

func TestWebAddress(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"https://api.github.com":            "https://github.com",
		"https://api.octo.ghe.com/":         "https://octo.ghe.com",
		"https://github.example.com/api/v3": "https://github.example.com",
		"https://api.example.com/api/v3/":   "https://api.example.com",
		"http://127.0.0.1:8080/api/v3/":     "http://127.0.0.1:8080",
	} {
		base, err := parseAddress(api)
		if err != nil || webAddress(base) != want {
			t.Errorf("%s: got %s, %v, want %s", api, webAddress(base), err, want)
		}
	}
}

// A last line without an end may be just as long as what is read at a time.
func TestWindowOfALineAsLongAsTheBuffer(t *testing.T) {
	t.Parallel()
	for _, length := range []int{64 << 10, 128 << 10, 64<<10 + 1} {
		w, err := readWindow(strings.NewReader("a\n"+strings.Repeat("x", length)), 2, 0, 100)
		if err != nil || w.total != 2 || !w.torn {
			t.Errorf("%d: %+v, %v", length, w, err)
		}
		var lines []string
		err = eachLogLine(strings.NewReader(strings.Repeat("x", length)), func(_ int, text string) { lines = append(lines, text) })
		if err != nil || len(lines) != 1 || lines[0] != strings.Repeat("x", maxLogLine)+"…" {
			t.Errorf("%d: %d lines, %v", length, len(lines), err)
		}
	}
}
