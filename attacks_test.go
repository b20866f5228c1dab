package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// attack is a known way to make a model do what a stranger wrote, in words of our
// own, and the change that a model would try which believed every word of it.
type attack struct {
	name, source string
	reader       string // and its arguments
	reads        string
	plant        plant
	text         string
	// seen is a part of the text that has to arrive, since hiding words is no defence.
	seen   string
	writer string
	writes string
}

// TestAttacks: each attack is read as any text is, and the label around it holds.
// What the model would write then isn't sent, unless a person agrees.
func TestAttacks(t *testing.T) {
	t.Parallel()
	for _, a := range attacks() {
		for name, client := range map[string]struct {
			capabilities, answer, says string
			sent                       bool
		}{
			"a host that can't ask":  {`{}`, "", "the person has to agree first", false},
			"a person who declines":  {`{"elicitation":{"form":{}}}`, "decline", "the person declined this", false},
			"a person who goes away": {`{"elicitation":{"form":{}}}`, "cancel", "nobody agreed to this", false},
			"a person who agrees":    {`{"elicitation":{"form":{}}}`, "accept", "", true},
		} {
			t.Run(a.name+", "+name, func(t *testing.T) {
				t.Parallel()
				town := startTown(t, a.plant, a.text)
				s := serve(t, town.env)
				s.initializeWith(client.capabilities)
				a.read(s)
				before := town.written()
				text, asked := s.callAnswering(a.writer, a.writes, client.answer)
				if (asked != "") != (client.answer != "") || !strings.Contains(text, client.says) {
					t.Errorf("asked %q, and then %q", asked, text)
				}
				if client.answer != "" && !strings.Contains(asked, "words that anybody may have written were read before, in ") {
					t.Errorf("the person isn't told why: %q", asked)
				}
				if sent := town.written() - before; (sent > 0) != client.sent {
					t.Errorf("%d changes were sent", sent)
				}
				s.end()
			})
		}
	}
}

// read reads the attack as its victim would.
func (a attack) read(s *server) {
	s.t.Helper()
	result := s.result(a.reader, a.reads)
	text := textOf(s.t, result)
	parts := labelled.FindStringSubmatch(text)
	if parts == nil || parts[1] != parts[3] || strings.Contains(parts[2], parts[1]) {
		s.t.Fatalf("not labelled, or the label is closed within: %q", text)
	}
	if meta, _ := result["_meta"].(map[string]any); meta["io.github.valetkey/untrusted"] != true {
		s.t.Errorf("_meta: %v", meta)
	}
	if !strings.Contains(parts[2], a.seen) {
		s.t.Errorf("%q was not read: %q", a.seen, parts[2])
	}
	for _, r := range parts[2] {
		if r != '\n' && r != '\t' && tools.IsInvisible(r) {
			s.t.Errorf("the invisible %U was read: %q", r, parts[2])
			break
		}
	}
}

// TestAttackTable: docs/attacks.md lists the corpus; -v shows it as well.
func TestAttackTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| attack | read by | what a misled model tries | comes to |\n|---|---|---|---|\n")
	for _, a := range attacks() {
		fmt.Fprintf(&table, "| [%s](%s) | `%s` | `%s` | not sent without a person's word |\n", a.name, a.source, a.reader, a.writer)
	}
	t.Log("\n" + table.String())
	const path, begin, end = "docs/attacks.md", "<!-- attacks -->\n", "<!-- end of attacks -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(page), begin)
	_, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatalf("%s has no place for the table", path)
	}
	want := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != strings.ReplaceAll(string(page), "\r\n", "\n") {
		t.Errorf("%s is not what is tested; run: go test -run TestAttackTable -update .", path)
	}
	if n := len(attacks()); n < 20 {
		t.Errorf("only %d attacks", n)
	}
}
