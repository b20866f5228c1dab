package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	readPublic  = `{"repo":"` + publicRepo + `","number":5}`
	readPrivate = `{"repo":"mona-example/dotfiles","path":"README.md"}`
	inPrivate   = `{"action":"create","repo":"mona-example/dotfiles","title":"Notes %d"}`
)

// lookups is how often GitHub was asked about a repository itself.
func (w *town) lookups(repo string) int {
	n := 0
	for _, r := range w.Requests() {
		if r.Method == http.MethodGet && r.Path == "/api/v3/repos/"+repo {
			n++
		}
	}
	return n
}

// TestPrivateWorkIsNotAskedAbout: what is read and written among those who may
// read it anyway goes on as before, and so does what is written where strangers
// can't read. Places are looked up when something is written, and once.
func TestPrivateWorkIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "")
	s := serve(t, w.env)
	s.initialize()
	s.call("github_contents", readPrivate)
	if n := w.lookups("mona-example/dotfiles"); n != 0 {
		t.Errorf("reading alone was followed by %d questions", n)
	}
	for i := range 3 {
		if text, isError := s.call("github_issue_write", fmt.Sprintf(inPrivate, i)); isError {
			t.Errorf("in private: %q", text)
		}
	}
	before := w.written()
	if text, _ := s.call("github_gist_write", aGist); w.written() != before+1 {
		t.Errorf("a gist after private reading alone: %q", text)
	}
	if n := w.lookups("mona-example/dotfiles"); n != 1 {
		t.Errorf("%d questions about one repository", n)
	}
	s.call("github_issue", readPublic)
	if n := w.lookups(publicRepo); n != 0 {
		t.Errorf("reading alone was followed by %d questions", n)
	}
	if text, isError := s.call("github_issue_write", fmt.Sprintf(inPrivate, 4)); isError {
		t.Errorf("into private after public: %q", text)
	}
	if text, isError := s.call("github_gist_write", aGist); !isError || !strings.Contains(text, "in "+publicRepo+" at github") {
		t.Errorf("outward after public: %q", text)
	}
	if text, isError := s.call("github_notifications_write", `{"action":"mark_all_read"}`); strings.Contains(text, "agree") {
		t.Errorf("a mark was asked about: %q, %t", text, isError)
	}
	if n := w.lookups(publicRepo); n != 1 {
		t.Errorf("%d questions about one repository", n)
	}
	s.end()
}

// TestOwnEventsAreNotAskedAbout: an event without guests is nobody else's to read.
func TestOwnEventsAreNotAskedAbout(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "")
	s := serve(t, w.env)
	s.initialize()
	s.call("google_calendar_events", `{"from":"2026-10-26","to":"2026-10-30"}`)
	if text, isError := s.call("google_calendar_event_write", `{"action":"create","title":"Tea","start":"2026-10-28T10:00"}`); isError {
		t.Errorf("an event of one's own: %q", text)
	}
	if text, isError := s.call("google_calendar_event_write", `{"action":"respond","id":"review00","response":"accepted"}`); isError {
		t.Errorf("an answer without words: %q", text)
	}
	s.end()
}

// TestReadingAResourceCounts: as a tool does, and a completion doesn't.
func TestReadingAResourceCounts(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "")
	s := serve(t, w.env)
	s.initialize()
	s.complete("2025-11-25", "path", "", map[string]any{"owner": "tidepool-example", "repo": "harbour"})
	before := w.written()
	if text, _ := s.call("github_gist_write", aGist); w.written() != before+1 {
		t.Errorf("a completion counts as reading: %q", text)
	}
	answer := s.ask("2025-11-25", "resources/read", map[string]any{"uri": harbour + "pulls/13"})
	if !strings.Contains(fmt.Sprint(answer), "io.github.valetkey/untrusted:true") {
		t.Errorf("not labelled: %v", answer)
	}
	if text, isError := s.call("github_gist_write", aGist); !isError || !strings.Contains(text, "in "+publicRepo+" at github") {
		t.Errorf("after reading a resource: %q", text)
	}
	s.end()
}

// TestConfirmNever: the person may decide not to be asked, and words are labelled all
// the same.
func TestConfirmNever(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "", "VALET_CONFIRM=never")
	s := serve(t, w.env)
	s.initialize()
	if text := textOf(t, s.result("github_issue", readPublic)); !labelled.MatchString(text) {
		t.Errorf("not labelled: %q", text)
	}
	if text, _ := s.call("github_gist_write", aGist); w.written() != 1 {
		t.Errorf("not sent: %q", text)
	}
	if n := w.lookups(publicRepo); n != 0 {
		t.Errorf("%d questions for nothing", n)
	}
	s.end()
}

// TestWhatIsOutOfBoundsIsNotLookedUp: VALET_REPOS holds for the lookups too.
func TestWhatIsOutOfBoundsIsNotLookedUp(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "", "VALET_REPOS=mona-example/*")
	s := serve(t, w.env)
	s.initialize()
	for _, c := range [][2]string{{"github_issue", readPublic}, {"github_contents", readPrivate}, {"github_issue_write", aComment}, {"github_issue_write", fmt.Sprintf(inPrivate, 1)}} {
		s.call(c[0], c[1])
	}
	if out, in := w.lookups(publicRepo), w.lookups("mona-example/dotfiles"); out != 0 || in != 1 {
		t.Errorf("%d questions out of bounds, %d within", out, in)
	}
	s.end()
}

// TestErrorsAreLabelled: what a service says of a failure may be anybody's words;
// what valetkey says itself is to be followed.
func TestErrorsAreLabelled(t *testing.T) {
	t.Parallel()
	w := startTown(t, plant{}, "")
	s := serve(t, w.env)
	s.initialize()
	for _, c := range []struct {
		tool, arguments string
		want            bool
	}{
		{"github_issue", `{"repo":"nobody-example/nothing","number":5}`, true},
		{"acme_api", `{"path":"nothing"}`, true},
		{"github_issue", `{"repo":"nothing"}`, false},
		{"github_whoami", `{}`, false},
		{"github_issue_write", `{"action":"create","repo":"mona-example/dotfiles","title":"a"}`, false},
	} {
		result := s.result(c.tool, c.arguments)
		meta, _ := result["_meta"].(map[string]any)
		_, marked := meta["io.github.valetkey/untrusted"]
		if text := textOf(t, result); labelled.MatchString(text) != c.want || marked != c.want {
			t.Errorf("%s %s: %q, %v", c.tool, c.arguments, text, meta)
		}
	}
	s.end()
	// A pipe gets the words alone.
	if got := run(t, w.env, "", "call", "github_issue", readPublic); got.code != 0 || strings.Contains(got.stdout, "untrusted") {
		t.Errorf("valetkey call: %+v", got)
	}
}
