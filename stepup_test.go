package main

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestFurtherScope: a tool that needs a scope nobody has granted yet asks for
// it, and the same call works once it is approved.
func TestFurtherScope(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "GITHUB_SCOPES=gist")
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	const comment = `{"repo":"tidepool-example/harbour","number":4,"action":"comment","body":"It is an hour."}`
	text, isError := s.call("github_issue_write", comment)
	code := userCode.FindString(text)
	if isError || code == "" || !strings.Contains(text, "gist, public_repo") {
		t.Fatalf("no further sign-in is asked for: %q", text)
	}
	if text, isError := s.call("github_whoami", "{}"); isError || !strings.Contains(text, "@mona-example") {
		t.Errorf("the token at hand doesn't serve meanwhile: %q", text)
	}
	if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", code); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the comment", func() bool {
		text, isError = s.call("github_issue_write", comment)
		return !isError && userCode.FindString(text) == ""
	})
	if text, _ := s.call("github_whoami", "{}"); !strings.Contains(text, "scopes: gist, public_repo") {
		t.Errorf("the scopes afterwards: %q", text)
	}
	if codes := p.asked(deviceCodePath); codes != 2 {
		t.Errorf("%d codes, want 2", codes)
	}
	s.end()
}

// TestFurtherScopeFromTheCommandLine: a command that is gone before anybody can
// approve says which scope is missing, and which sign-in asks for it.
func TestFurtherScopeFromTheCommandLine(t *testing.T) {
	t.Parallel()
	p, _ := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "GITHUB_SCOPES=gist", "VALET_CONFIRM=never")
	s := serve(t, env)
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	const comment = `{"repo":"tidepool-example/harbour","number":4,"action":"comment","body":"It is an hour."}`
	for name, c := range map[string]struct {
		env  []string
		args []string
		said string
	}{
		"the service wants it": {env, []string{"call", "github_issue_write", comment},
			"it lacks the scope public_repo; set GITHUB_SCOPES=gist,public_repo and run: valetkey login github"},
		"the tools want it": {with(env, "GITHUB_SCOPES=gist,repo"), []string{"call", "github_whoami"},
			"it lacks the scope repo; run: valetkey login github"},
	} {
		if got := run(t, c.env, "", c.args...); got.code != 4 || !strings.Contains(got.stderr, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes, want 1", codes)
	}
}
