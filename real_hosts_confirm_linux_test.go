package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	cantAsk     = "can't ask"
	asCancelled = "cancelled"
)

// TestHostsConfirm: in hosts of other people's making, with nobody in front of them,
// a change that has to be agreed to is never sent, and the model is told why and what
// the person can do.
func TestHostsConfirm(t *testing.T) {
	needHosts(t)
	c := startComputer(t)
	c.settings = with(c.settings, "VALET_CONFIRM=writes")
	c.signIn(t)
	seen := newTable(t, "host", "version", "sent", "the model is told")
	var hosts []*runningHost
	for _, host := range realHosts() {
		hosts = append(hosts, c.settle(t, host.calling(commentTool), commentTool, commentArguments(commentText)))
	}
	c.install(t, hosts)
	atOnce(t, "asked", hosts, func(t *testing.T, h *runningHost) {
		said := h.asks(t)
		h.expectHeld(t, said)
		seen.add(h.name, h.version(t), fmt.Sprint(len(h.comments())), said)
	})
	c.expectComments(t, 0)
}

// calling is the host with its person's leave to call another tool.
func (h realHost) calling(tool string) realHost {
	var ask []string
	for _, argument := range h.ask {
		ask = append(ask, strings.ReplaceAll(argument, "github_whoami", tool))
	}
	h.ask = append(ask, h.leave...)
	return h
}

// signIn signs in to the practice GitHub, for all hosts.
func (c *computer) signIn(t *testing.T) {
	t.Helper()
	s := serve(t, with(c.env, c.keyring.env()...))
	s.initialize()
	s.signIn(c.Sandbox)
	s.end()
}

// expectHeld: the model is told what came of the question, why there was one, and
// what the person can do.
func (h *runningHost) expectHeld(t *testing.T, said string) {
	t.Helper()
	words := map[string]string{cantAsk: "this host can't ask them", asCancelled: "nobody agreed to this", asDeclined: "declined this"}[h.agrees]
	if !containsAll(said, []string{words, "nothing was sent", "VALET_CONFIRM=writes", "VALET_CONFIRM=untrusted"}) {
		t.Errorf("%s: the model is told %q", h.agrees, said)
	}
}

// TestHostsConfirmAtATerminal: a person at Claude Code's terminal sees what is done to
// what, though they see a few lines of the question, and it is sent once if they agree.
func TestHostsConfirmAtATerminal(t *testing.T) {
	needHosts(t)
	c := startComputer(t)
	c.settings = with(c.settings, "VALET_CONFIRM=writes")
	c.signIn(t)
	h := c.settle(t, atItsTerminal(realHosts()[0], c.home), commentTool, commentArguments(commentText))
	c.install(t, []*runningHost{h})
	for _, row := range []struct {
		key, told string
		sent      int
	}{{"\x1b", "nobody agreed to this", 0}, {"\r", "commented on tidepool-example/harbour#4", 1}} {
		person := h.opens(t)
		person.sees("auto mode on")
		person.types("Comment on the issue")
		person.types("\r")
		asked := person.sees("Accept")
		t.Log("\n" + asked)
		for _, part := range []string{"server “valetkey” requests", "comment, repo tidepool-example/harbour, number 4", commentText, "It sends POST"} {
			if !strings.Contains(strings.Join(strings.Fields(asked), " "), part) {
				t.Errorf("the dialog lacks %q", part)
			}
		}
		c.expectComments(t, 0)
		person.types(row.key)
		person.sees(row.told)
		person.end()
		c.expectComments(t, row.sent)
	}
}

// atItsTerminal is Claude Code as its person has set it up, who lets it call the tool.
func atItsTerminal(claude realHost, home string) realHost {
	claude.files = map[string]string{
		".claude.json": fmt.Sprintf(`{"hasCompletedOnboarding":true,"theme":"dark","customApiKeyResponses":{"approved":["sk-example"],"rejected":[]},`+
			`"projects":{%q:{"hasTrustDialogAccepted":true}}}`, filepath.Join(home, "work")),
		".claude/settings.json": fmt.Sprintf(`{"permissions":{"allow":["mcp__valetkey__%s"]}}`, commentTool),
	}
	return claude
}

// typist is a person at a host's terminal.
type typist struct {
	t       *testing.T
	stdin   io.WriteCloser
	lines   *bufio.Reader
	command *exec.Cmd
}

// opens opens the host at a terminal.
func (h *runningHost) opens(t *testing.T) *typist {
	t.Helper()
	host := h.command(t, t.Context())
	if _, err := os.Stat("pictures/node_modules"); err != nil {
		t.Fatalf("%v; run: npm ci --prefix pictures", err)
	}
	script, err := filepath.Abs(filepath.Join(hostsFolder, "terminal.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(node(t), script, host.Path)
	command.Env, command.Dir = host.Env, host.Dir
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	return &typist{t, stdin, background(t, command), command}
}

func (p *typist) does(what, text string) {
	p.t.Helper()
	if err := json.NewEncoder(p.stdin).Encode(map[string]string{what: text}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *typist) types(text string) {
	p.t.Helper()
	p.does("types", text)
}

// sees waits until the screen shows a pattern, and answers what it shows.
func (p *typist) sees(pattern string) string {
	p.t.Helper()
	p.does("sees", pattern)
	var screen string
	decode(p.t, firstLine(p.t, p.lines), &screen)
	return screen
}

func (p *typist) end() {
	p.t.Helper()
	p.stdin.Close()
	if err := p.command.Wait(); err != nil {
		p.t.Error(err)
	}
}
