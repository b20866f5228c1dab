package main

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seen is what a person has seen in a browser.
type seen struct {
	Asked, Shown, Heading, Said string
	Complaints                  []string
}

// person does at a sign-in page, in a real browser, what a person would do.
func person(t *testing.T, address, code, button string) seen {
	t.Helper()
	part(t, "playwright-core")
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	said := script(t, "person.mjs", browser, address, code, button)
	var saw seen
	if err := json.Unmarshal([]byte(said), &saw); err != nil {
		t.Fatalf("%v: %q", err, said)
	}
	return saw
}

// script runs one of the scripts beside the real parts to its end and answers
// what it prints.
func script(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, node(t), append([]string{filepath.Join(realParts, name)}, args...)...)
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, output, stderr.String())
	}
	return string(output)
}

// TestPersonAtABrowser: the code a call shows can be typed into the page, in a
// browser nobody has prepared for it, and the decision counts: the call goes
// on, or another one has to be approved afresh.
func TestPersonAtABrowser(t *testing.T) {
	t.Parallel()
	needReal(t, "chromium", "node")
	for button, want := range map[string]struct{ heading, said, answer string }{
		"Approve": {"Signed in", "go back to your assistant", "@mona-example"},
		"Deny":    {"Denied", "valetkey got no access", "Enter the code"},
	} {
		t.Run(button, func(t *testing.T) {
			t.Parallel()
			p := startPractice(t, "VALET_STORE=memory")
			s := serve(t, p.env)
			s.initialize()
			text, _ := s.call("github_whoami", "{}")
			code := userCode.FindString(text)
			saw := person(t, p.URL()+"/login/device", code, button)
			if saw.Shown != code || saw.Heading != want.heading || !strings.Contains(saw.Said, want.said) {
				t.Errorf("code %s: %+v", code, saw)
			}
			if !strings.Contains(saw.Asked, "Approve only if you started this") || len(saw.Complaints) != 0 {
				t.Errorf("the page asks %q; the browser complains: %q", saw.Asked, saw.Complaints)
			}
			eventually(t, want.answer, func() bool {
				text, _ = s.call("github_whoami", "{}")
				return !strings.Contains(text, code) && !strings.Contains(text, "declined in the browser")
			})
			if !strings.Contains(text, want.answer) {
				t.Errorf("then the call answers %q", text)
			}
			s.end()
		})
	}
}
