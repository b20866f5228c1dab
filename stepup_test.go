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
