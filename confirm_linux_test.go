package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

const yesOrNo = "[y/N] "

// TestCallAsksAtATerminal: a person at a terminal is asked before a change, and it
// is sent once if they say so, and else isn't; what they did is on record.
func TestCallAsksAtATerminal(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		types    string
		sent     int
		code     int
		sees     string
		decision string
	}{
		"y":           {"y\n", 1, 0, "commented on tidepool-example/harbour#4", "confirmed"},
		"yes":         {"Yes\n", 1, 0, "commented on tidepool-example/harbour#4", "confirmed"},
		"Enter":       {"\n", 0, 1, "you didn't agree; nothing was sent", "declined"},
		"n":           {"n\n", 0, 1, "you didn't agree; nothing was sent", "declined"},
		"other words": {"yep, but shorter\n", 0, 1, "you didn't agree; nothing was sent", "declined"},
		"Ctrl-D":      {"\x04", 0, 1, "the input has ended before an answer", "unanswered"},
		"Ctrl-C":      {"\x03", 0, 1, "valetkey: stopped", "unanswered"},
		"y, Ctrl-C":   {"y\x03", 0, 1, "valetkey: stopped", "unanswered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := askFirst(t)
			asked := atTerminal(t, p.env, "call", commentTool, commentArguments(commentText))
			asked.sees(yesOrNo)
			p.expectComments(t, 0)
			if !containsAll(asked.screen(), decision()) {
				t.Errorf("the question is %q", asked.screen())
			}
			asked.types(row.types)
			if code := asked.code(); code != row.code {
				t.Errorf("exit code %d", code)
			}
			asked.sees(row.sees)
			p.expectComments(t, row.sent)
			if screen := asked.screen(); strings.Count(screen, yesOrNo) != 1 || strings.Contains(screen, yesOrNo+"valetkey:") {
				t.Errorf("%q", screen)
			}
			if log := run(t, p.env, "", "audit", "--json"); strings.Count(log.stdout, `"decision":`) != 1 || !strings.Contains(log.stdout, fmt.Sprintf(`"decision":%q`, row.decision)) {
				t.Errorf("on record is %+v", log)
			}
		})
	}
}

// restless is a GitHub with one pull request, whose head moves.
type restless struct {
	mu sync.Mutex
	// moves is how often it still does, once it was looked at; head counts.
	moves, head int
	merges      []string
}

func (g *restless) sha() string { return strings.Repeat(fmt.Sprint(g.head), 40) }

// ServeHTTP implements [http.Handler].
func (g *restless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPut {
		body, _ := io.ReadAll(r.Body)
		g.merges = append(g.merges, string(body))
		fmt.Fprintf(w, `{"merged":true,"sha":%q}`, g.sha())
		return
	}
	fmt.Fprintf(w, `{"number":4,"node_id":"PR_example","state":"open","title":"Lamps","html_url":"http://127.0.0.1:1/4","head":{"ref":"lamps","sha":%q},"base":{"ref":"main"}}`, g.sha())
	if g.moves > 0 {
		g.moves--
		g.head++
	}
}

// TestCallAsksAgain: whoever has agreed to what would no longer be sent is asked again,
// and nothing is sent if that doesn't end.
func TestCallAsksAgain(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		moves, asked, code int
		sees, sent         string
	}{
		"it moves once":   {1, 2, 0, "merged tidepool-example/harbour#4", strings.Repeat("1", 40)},
		"it moves always": {100, 3, 1, "what would be sent was another thing each time", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &restless{moves: row.moves}
			front := httptest.NewServer(service)
			defer front.Close()
			env := environment(t.TempDir(), "GITHUB_HOST="+front.URL, "GITHUB_TOKEN=token-example", "VALET_STORE=memory", "VALET_CONFIRM=writes")
			asked := atTerminal(t, env, "call", "github_merge_write", `{"action":"merge","repo":"tidepool-example/harbour","number":4}`)
			for i := range row.asked {
				eventually(t, "another question", func() bool { return strings.Count(asked.screen(), yesOrNo) == i+1 })
				asked.types("y\n")
			}
			if code := asked.code(); code != row.code {
				t.Errorf("exit code %d", code)
			}
			asked.sees(row.sees)
			service.mu.Lock()
			defer service.mu.Unlock()
			sent := strings.Join(service.merges, "\n")
			if strings.Count(asked.screen(), yesOrNo) != row.asked || (sent == "") != (row.sent == "") || !strings.Contains(sent, row.sent) || len(service.merges) > 1 {
				t.Errorf("%q was sent: %q", sent, asked.screen())
			}
		})
	}
}

// TestCallWithoutATerminal: where nobody can be asked nothing is sent, whatever is
// in the pipe, and a dry run is never asked about.
func TestCallWithoutATerminal(t *testing.T) {
	t.Parallel()
	p := askFirst(t)
	got := run(t, p.env, "y\n", "call", commentTool, commentArguments(commentText))
	if got.code != 1 || got.stdout != "" || !containsAll(got.stderr, []string{"nothing was sent", "VALET_CONFIRM=writes", "at a terminal", "VALET_CONFIRM=never"}) {
		t.Errorf("%+v", got)
	}
	got = run(t, p.env, "", "call", commentTool, rehearsed())
	if got.code != 0 || !containsAll(got.stdout, []string{"dry run: nothing was sent", "POST ", commentPath}) {
		t.Errorf("%+v", got)
	}
	p.expectComments(t, 0)
	unasked := with(p.env, "VALET_CONFIRM=never")
	if got := run(t, unasked, "", "call", commentTool, commentArguments(commentText)); got.code != 0 {
		t.Errorf("%+v", got)
	}
	p.expectComments(t, 1)
}

// TestCallAfterAnotherProcess: what goes outward is asked about in a process for a
// single call too, since whoever makes it may have read strangers' words in another.
func TestCallAfterAnotherProcess(t *testing.T) {
	t.Parallel()
	p := askFirst(t)
	usual := with(p.env, "VALET_CONFIRM=")
	got := run(t, usual, "", "call", commentTool, commentArguments(commentText))
	if got.code != 1 || !containsAll(got.stderr, []string{"nothing was sent", "words that anybody may have written", "another process"}) {
		t.Errorf("%+v", got)
	}
	p.expectComments(t, 0)
	private := strings.ReplaceAll(commentArguments(commentText), "tidepool-example/harbour", "mona-example/dotfiles")
	if got := run(t, usual, "", "call", commentTool, private); strings.Contains(got.stderr, "nothing was sent") {
		t.Errorf("a private repository: %+v", got)
	}
}

// TestDryRunAtATerminal: a person isn't asked about what isn't sent.
func TestDryRunAtATerminal(t *testing.T) {
	t.Parallel()
	p := askFirst(t)
	shown := atTerminal(t, p.env, "call", commentTool, rehearsed())
	if code := shown.code(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	shown.sees("dry run: nothing was sent")
	if strings.Contains(shown.screen(), yesOrNo) {
		t.Errorf("it asks: %q", shown.screen())
	}
	p.expectComments(t, 0)
}

// rehearsed are the arguments of a dry run.
func rehearsed() string {
	return strings.TrimSuffix(commentArguments(commentText), "}") + `,"dry_run":true}`
}
