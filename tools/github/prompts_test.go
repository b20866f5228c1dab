package github_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// prompt writes a prompt of those offered; the first with the name if there are
// several.
func (f *fake) prompt(name string, given map[string]string) (string, error) {
	f.t.Helper()
	i := slices.IndexFunc(f.offer.Prompts, func(p tools.Prompt) bool { return p.Name == name })
	return f.offer.Prompts[i].Text(given)
}

// filledPrompts are all prompts in all their ways, with arguments.
func filledPrompts() map[string][]map[string]string {
	return map[string][]map[string]string{
		"github_review_pull_request": {{"repo": "acme/web", "number": "7"}},
		"github_triage_issues":       {{"repo": "acme/web"}},
		"github_why_did_ci_fail": {
			{"repo": "acme/web", "number": "7"}, {"repo": "acme/web"}, {"repo": "acme/web", "branch": "feature/x"}, {"repo": "acme/web", "run": "12345678901"},
		},
		"github_what_did_i_do_this_week": {{}, {"days": "1"}, {"org": "acme"}},
	}
}

var toolCall = regexp.MustCompile("`(github_[a-z_]+) ({[^`]*})`")

// TestPromptsNameCalls: what a model is told to call is a tool the prompt is
// offered with, and takes these arguments.
func TestPromptsNameCalls(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for name, ways := range filledPrompts() {
		for _, p := range f.offer.Prompts {
			if p.Name != name {
				continue
			}
			named := map[string]bool{}
			for _, given := range ways {
				text, err := p.Text(given)
				if err != nil {
					if len(p.Tools) == 1 && given["number"] == "" {
						continue
					}
					t.Fatalf("%s %v: %v", name, given, err)
				}
				for _, call := range toolCall.FindAllStringSubmatch(text, -1) {
					named[call[1]] = true
					arguments := strings.NewReplacer(`"NUMBER"`, "1", `"RUN"`, "1", `"JOB"`, "1", `"LINE"`, "1").Replace(call[2])
					_, err := f.call(call[1], arguments)
					var bad *tools.ArgumentError
					if errors.As(err, &bad) || !slices.Contains(p.Tools, call[1]) {
						t.Errorf("%s %v: %s %s: %v", name, given, call[1], arguments, err)
					}
				}
				if unnamed := strings.Count(text, "github_") - len(toolCall.FindAllString(text, -1)); unnamed != 0 || len(text) > 1600 {
					t.Errorf("%s: %d bytes, %d tools outside of calls:\n%s", name, len(text), unnamed, text)
				}
			}
			if len(named) != len(p.Tools) {
				t.Errorf("%s names %v and needs %q", name, named, p.Tools)
			}
		}
	}
}

// TestPromptTexts: what depends on the arguments.
func TestPromptTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allowed string
		name    string
		given   map[string]string
		has     []string
		not     string
	}{
		{"", "github_what_did_i_do_this_week", nil, []string{"since 2026-01-24.", `author:LOGIN updated:>=2026-01-24"`}, "org:"},
		{"", "github_what_did_i_do_this_week", map[string]string{"days": "1", "org": "acme"}, []string{"since 2026-01-30.", `>=2026-01-30 org:acme"`}, "Leave out what is not in"},
		{"acme/*", "github_what_did_i_do_this_week", map[string]string{"org": "acme"}, []string{"Leave out what is not in acme."}, "org:acme"},
		{"", "github_why_did_ci_fail", map[string]string{"repo": "acme/web"}, []string{"the last run that failed.", `"part":"runs","status":"failure","per_page":5}`, `"run":"RUN"`}, "branch"},
		{"", "github_why_did_ci_fail", map[string]string{"repo": "acme/web", "branch": "x"}, []string{"the last run that failed on branch x.", `"branch":"x"}`}, "run 0"},
		{"", "github_why_did_ci_fail", map[string]string{"repo": "acme/web", "run": "12345678901"}, []string{": run 12345678901.", `"run":12345678901}`}, "runs"},
		{"acme/*", "github_why_did_ci_fail", map[string]string{"repo": "acme/web", "number": "7"}, []string{"pull request 7 of acme/web"}, "github_actions"},
	} {
		var allowed []string
		if c.allowed != "" {
			allowed = []string{c.allowed}
		}
		f := start(t, nil, allowed...)
		text, err := f.prompt(c.name, c.given)
		if err != nil || strings.Contains(text, c.not) || slices.ContainsFunc(c.has, func(part string) bool { return !strings.Contains(text, part) }) {
			t.Errorf("%s %v: %v\n%s", c.name, c.given, err, text)
		}
		f.wasAsked()
	}
}

// TestPromptArguments that don't fit say what would.
func TestPromptArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		given map[string]string
		want  string
	}{
		{"github_review_pull_request", map[string]string{"repo": "acme", "number": "7"}, `github_review_pull_request: 'repo' must be "owner/name", like "octocat/Hello-World"; got "acme"`},
		{"github_review_pull_request", map[string]string{"repo": "acme/web", "number": "#7"}, `github_review_pull_request: 'number' must be a whole number, got "#7"`},
		{"github_review_pull_request", map[string]string{"repo": "acme/web\"}` x", "number": "7"}, "github_review_pull_request: 'repo' must be \"owner/name\", like \"octocat/Hello-World\"; got \"acme/web\\\"}` x\""},
		{"github_why_did_ci_fail", map[string]string{"repo": "acme/web", "number": "7", "run": "8"}, "github_why_did_ci_fail: give only one of number, run"},
		{"github_why_did_ci_fail", map[string]string{"repo": "acme/web", "branch": "a..b"}, `github_why_did_ci_fail: 'branch' "a..b" can't be the name of a branch, a tag or a commit`},
		{"github_what_did_i_do_this_week", map[string]string{"days": "365"}, "github_what_did_i_do_this_week: 'days' must be from 1 to 92, got 365"},
		{"github_what_did_i_do_this_week", map[string]string{"org": "a b"}, `github_what_did_i_do_this_week: 'org' must be a plain name, like octo-org; got "a b"`},
	} {
		if text, err := start(t, nil).prompt(c.name, c.given); err == nil || err.Error() != c.want {
			t.Errorf("%s %v: %q, %v", c.name, c.given, text, err)
		}
	}
	for _, name := range []string{"github_review_pull_request", "github_triage_issues", "github_why_did_ci_fail"} {
		given := map[string]string{"repo": "octocat/x", "number": "7"}
		if name == "github_triage_issues" {
			delete(given, "number")
		}
		if _, err := start(t, nil, "acme/*").prompt(name, given); err == nil || !strings.Contains(err.Error(), "octocat/x is not one of the repositories it allows") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
