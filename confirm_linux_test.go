package main

import (
	"strings"
	"testing"
)

const yesOrNo = "[y/N] "

// TestCallAsksAtATerminal: a person at a terminal is asked before a change, and it
// is sent once if they say so, and else isn't.
func TestCallAsksAtATerminal(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		types string
		sent  int
		code  int
		sees  string
	}{
		"y":           {"y\n", 1, 0, "commented on tidepool-example/harbour#4"},
		"yes":         {"Yes\n", 1, 0, "commented on tidepool-example/harbour#4"},
		"Enter":       {"\n", 0, 1, "you didn't agree; nothing was sent"},
		"n":           {"n\n", 0, 1, "you didn't agree; nothing was sent"},
		"other words": {"yep, but shorter\n", 0, 1, "you didn't agree; nothing was sent"},
		"Ctrl-D":      {"\x04", 0, 1, "the input has ended before an answer"},
		"Ctrl-C":      {"\x03", 0, 1, "valetkey: stopped"},
		"y, Ctrl-C":   {"y\x03", 0, 1, "valetkey: stopped"},
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
