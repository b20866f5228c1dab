//go:build unix

package main

import (
	"strings"
	"testing"
)

func rowOf(t *testing.T, name string) hostRow {
	t.Helper()
	for _, row := range hostRows() {
		if row.name == name {
			return row
		}
	}
	t.Fatalf("there is no host %q", name)
	return hostRow{}
}

// TestTokenOnItsWay: however a host ends the program, or ends itself, just when
// the service hands over the token, which it does once: no process is left, and
// the next one has the token.
func TestTokenOnItsWay(t *testing.T) {
	t.Parallel()
	for _, ways := range [][]string{
		{closes}, {interrupts}, {terminates}, {hangsUp}, {interrupts, terminates}, {terminates, terminates}, {deafens, closes}, {hangsUp, deafens, closes},
	} {
		t.Run(strings.Join(ways, " "), func(t *testing.T) {
			t.Parallel()
			h := sitAt(t, rowOf(t, "Claude Desktop"))
			h.holdsToken = true
			h.start()
			h.probe()
			h.approves(h.expectSteps(h.shows(h.call(nil))))
			h.awaitStall()
			h.ends(ways)
			h.goOn()
			if err := h.awaitEnd(); err != nil {
				t.Errorf("it ended badly: %v; stderr: %s", err, h.stderr.String())
			}
			h.expectGone()
			earlier := h.server
			h.start()
			h.probe()
			if text, isError := textIn(h.result(h.call(nil))); isError || !strings.Contains(text, "@mona-example") {
				t.Errorf("the next process answers %q", text)
			}
			h.end()
			h.expectDiscreet()
			h.server = earlier
			h.expectDiscreet()
		})
	}
}

// TestNobodyReads: a host that dies while its call is answered leaves no process
// behind, and no signal is needed for that.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	h := sitAt(t, rowOf(t, "Zed"))
	h.start()
	h.probe()
	h.signIn()
	h.asks("tools/call", stalledCall())
	h.awaitStall()
	h.ends([]string{deafens})
	h.goOn()
	if err := h.awaitEnd(); h.process.ProcessState.ExitCode() != 1 || !strings.Contains(h.stderr.String(), "the client stopped reading") {
		t.Errorf("it ended with %v; stderr: %s", err, h.stderr.String())
	}
	h.expectGone()
	h.start()
	h.probe()
	if text, _ := textIn(h.result(h.call(nil))); !strings.Contains(text, "@mona-example") {
		t.Errorf("the next process answers %q", text)
	}
	h.end()
}

// TestManyKills: processes that are each killed while their person is about to
// approve show one code; whoever comes next has the token. Kills at every other
// moment are TestKilledSignIns'.
func TestManyKills(t *testing.T) {
	t.Parallel()
	h := sitAt(t, rowOf(t, "Cline CLI"))
	first := ""
	for range rounds(4, 20) {
		h.start()
		h.probe()
		code := h.expectSteps(h.shows(h.call(nil)))
		if first == "" {
			first = code
		}
		if code != first {
			t.Fatalf("the code is %s, and was %s", code, first)
		}
		h.kill()
	}
	h.start()
	h.probe()
	h.signIn()
	h.end()
}

// TestTwoHostsAtOnce: hosts that give their programs quite different
// environments share a sign-in as it goes on: one code, one token, and nobody is
// asked twice. Through a keyring: see TestKeyringIsShared.
func TestTwoHostsAtOnce(t *testing.T) {
	t.Parallel()
	one := sitAt(t, rowOf(t, "Codex"))
	two := one.beside(rowOf(t, "VS Code"))
	var codes []string
	var answers []func(string) string
	for _, h := range []*hostSeat{one, two} {
		h.start()
		h.probe()
		s := h.shows(h.call(nil))
		codes, answers = append(codes, h.expectSteps(s)), append(answers, s.answer)
	}
	if codes[0] != codes[1] {
		t.Errorf("the codes are %q", codes)
	}
	one.approves(codes[0])
	for i, h := range []*hostSeat{one, two} {
		if text, isError := textIn(h.result(answers[i]("accept"))); isError || !strings.Contains(text, "@mona-example") {
			t.Errorf("%s: %q", h.row.name, text)
		}
		h.end()
		h.expectGone()
		h.expectDiscreet()
	}
	if asked := one.asked(deviceCodePath); asked != 1 {
		t.Errorf("%d codes were asked for", asked)
	}
}
