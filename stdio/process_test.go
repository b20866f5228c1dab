package stdio_test

import (
	"io"
	"strings"
	"testing"
)

// A host closes stdin, and the process answers what it has read and exits
// with 0.
func TestProcessEndsWithItsInput(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	c.handshake("2025-11-25", noCaps)
	var lines []string
	for i := range 100 {
		lines = append(lines, call(i, "echo", `{"text":"a"}`))
	}
	c.write(strings.Join(lines, "\n"))
	rest, err := c.close()
	if err != nil || len(rest) != 100 {
		t.Errorf("%d answers, then %v", len(rest), err)
	}
}

// Whatever prints, stdout carries nothing but messages.
func TestProcessKeepsStdoutPrivate(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	stderr := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(c.stderr)
		stderr <- string(text)
	}()
	c.handshake("2025-11-25", noCaps)
	wantText(t, c.ask(call(1, "print", "{}")), "1", "printed")
	wantText(t, c.ask(call(2, "spawn", "{}")), "2", "spawned")
	wantText(t, c.ask(call(3, "echo", `{"text":"alive"}`)), "3", "alive")
	if rest, err := c.close(); len(rest) != 0 || err != nil {
		t.Errorf("then %v, %v", rest, err)
	}
	text := wait(t, stderr, "stderr")
	for _, want := range append(strayTexts, "intruder") {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't on stderr: %q", want, text)
		}
	}
}

// A host that never reads stderr stops nothing.
func TestProcessWhoseStderrNobodyReads(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	c.handshake("2025-11-25", noCaps)
	wantText(t, c.ask(call(1, "chatter", `{"lines":20000}`)), "1", "said")
	wantText(t, c.ask(call(2, "chatter", `{"lines":20000}`)), "2", "said")
	if rest, err := c.close(); len(rest) != 0 || err != nil {
		t.Errorf("then %v, %v", rest, err)
	}
}

// A client that closes its end, though not stdin, is an error and an exit, not
// a death by SIGPIPE.
func TestProcessWhoseStdoutIsClosed(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	c.handshake("2025-11-25", noCaps)
	c.send(call(1, "wait", "{}"))
	c.stdout.Close()
	c.send(ping(2))
	c.exits(exitError)
}

// A host that closes its end of stderr, though nothing else, costs nothing but
// the log: neither a line of it nor a stray print is a death by SIGPIPE.
func TestProcessWhoseStderrIsClosed(t *testing.T) {
	t.Parallel()
	c := startChild(t)
	c.handshake("2025-11-25", noCaps)
	c.stderr.Close()
	wantText(t, c.ask(call(1, "print", "{}")), "1", "printed")
	wantText(t, c.ask(call(2, "chatter", `{"lines":100}`)), "2", "said")
	wantText(t, c.ask(call(3, "echo", `{"text":"alive"}`)), "3", "alive")
	if rest, err := c.close(); len(rest) != 0 || err != nil {
		t.Errorf("then %v, %v", rest, err)
	}
}
