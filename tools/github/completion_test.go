package github_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// completes asks the resource or prompt with an argument for suggestions.
func (f *fake) completes(of, argument, typed string, given map[string]string) string {
	f.t.Helper()
	complete := map[string]map[string]tools.Complete{}
	for _, r := range f.offer.Resources {
		complete["resource "+r.Name] = r.Completions
	}
	for _, p := range f.offer.Prompts {
		if complete["prompt "+p.Name] == nil {
			complete["prompt "+p.Name] = p.Completions
		}
	}
	if complete[of][argument] == nil {
		f.t.Fatalf("%s doesn't complete %s", of, argument)
	}
	s, err := complete[of][argument](f.t.Context(), typed, given)
	if err != nil {
		return "error"
	}
	return strings.Join(s.Values, " ") + map[bool]string{true: " and more"}[s.More]
}

const (
	contentsOf  = "resource github_contents"
	issueOf     = "resource github_issue"
	pullOf      = "resource github_pull_request"
	reviewingOf = "prompt github_review_pull_request"
	failureOf   = "prompt github_why_did_ci_fail"
	daysOf      = "prompt github_what_did_i_do_this_week"
)

func repos(names ...string) answer {
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf(`{"full_name":%q}`, name))
	}
	return answer{body: "[" + strings.Join(all, ",") + "]"}
}

// completionAnswers are shaped as in
// https://docs.github.com/rest/orgs/orgs, /rest/search/search, /rest/repos/repos, /rest/git/refs and /rest/issues/issues.
func completionAnswers() map[string]answer {
	next := links("page=2", "")
	return map[string]answer{
		"GET /user":         {body: `{"login":"mona"}`},
		"GET /user/orgs":    {body: `[{"login":"Moonshot"},{"login":"acme"}]`},
		"GET /search/users": answer{body: `{"total_count":200,"items":[{"login":"mo-nk"},{"login":"mona"},{"login":"thelonious-mo"}]}`}.with("Link", next),
		"GET /user/repos":   repos("mona/dotfiles", "acme/web", "mona/Zoo"),
		"GET /user/repos?per_page=100&sort=pushed&affiliation=owner": repos("mona/dotfiles", "mona/Zoo", "mona/old"),
		"GET /users/mona/repos":     repos("mona/Zoo", "mona/old"),
		"GET /orgs/acme/repos":      repos("acme/web", "acme/api").with("Link", next),
		"GET /users/acme/repos":     repos("acme/web"),
		"GET /search/repositories":  {body: `{"total_count":1,"items":[{"full_name":"acme/thing-of-old"}]}`},
		"GET /repos/acme/web/pulls": {body: `[{"number":12},{"number":7},{"number":1}]`},
		"GET /repos/acme/web/issues": answer{body: `[{"number":12,"pull_request":{"url":"x"}},{"number":11},{"number":5}]`}.
			with("Link", next),
		"GET /repos/acme/web/branches":                          {body: `[{"name":"main"},{"name":"feature/x"}]`},
		"GET /repos/acme/web/git/matching-refs/heads/feature":   {body: `[{"ref":"refs/heads/feature/x"},{"ref":"refs/heads/feature-y"}]`},
		"GET /repos/acme/web/git/matching-refs/heads/release-1": {body: `[{"ref":"refs/heads/release-1.2"},{"ref":"refs/heads/release-10"}]`},
		"GET /repos/acme/web/contents/":                         {body: `{"type":"dir","entries":[{"name":"src","type":"dir"},{"name":"README.md","type":"file"}]}`},
		"GET /repos/acme/web/contents/src":                      {body: `{"type":"dir","entries":[{"name":"a.go","type":"file"},{"name":"A.txt","type":"file"},{"name":"b.go","type":"file"}]}`},
	}
}

// TestCompletion: what is suggested for every argument.
func TestCompletion(t *testing.T) {
	t.Parallel()
	acmeWeb := map[string]string{"owner": "acme", "repo": "web"}
	f := start(t, completionAnswers())
	for _, c := range []struct {
		of, argument, typed string
		given               map[string]string
		want                string
	}{
		{contentsOf, "owner", "", nil, "mona Moonshot acme"},
		{contentsOf, "owner", "M", nil, "mona Moonshot"},
		{contentsOf, "owner", "mo", nil, "mona Moonshot"},
		{contentsOf, "owner", "mo-", nil, "mo-nk and more"},
		{contentsOf, "owner", "t", nil, ""},
		{contentsOf, "owner", "th", nil, "thelonious-mo and more"},
		{contentsOf, "owner", "th user:x", nil, ""},
		{daysOf, "org", "ac", nil, "acme"},
		{issueOf, "repo", "", map[string]string{"owner": "mona"}, "dotfiles Zoo old"},
		{issueOf, "repo", "z", map[string]string{"owner": "Mona"}, "Zoo"},
		{issueOf, "repo", "", map[string]string{"owner": "acme"}, "web api and more"},
		{issueOf, "repo", "thing", map[string]string{"owner": "acme"}, "thing-of-old"},
		{issueOf, "repo", "nothing", map[string]string{"owner": "mona"}, ""},
		{issueOf, "repo", "", nil, ""},
		{issueOf, "repo", "", map[string]string{"owner": "../x"}, ""},
		{reviewingOf, "repo", "", nil, "mona/dotfiles acme/web mona/Zoo"},
		{reviewingOf, "repo", "mona", nil, "mona/dotfiles mona/Zoo"},
		{reviewingOf, "repo", "acme/", nil, "acme/web acme/api and more"},
		{reviewingOf, "repo", "acme/a", nil, "acme/api and more"},
		{reviewingOf, "number", "1", map[string]string{"repo": "acme/web"}, "12 1"},
		{pullOf, "number", "", acmeWeb, "12 7 1"},
		{issueOf, "number", "", acmeWeb, "11 5 and more"},
		{issueOf, "number", "", map[string]string{"owner": "acme"}, ""},
		{contentsOf, "ref", "", acmeWeb, "main feature/x"},
		{contentsOf, "ref", "feature/", acmeWeb, "feature/x"},
		{contentsOf, "ref", "release-1.", acmeWeb, "release-1.2"},
		{failureOf, "branch", "feature", map[string]string{"repo": "acme/web"}, "feature/x feature-y"},
		{failureOf, "branch", "a/../../../../zoo", map[string]string{"repo": "acme/web"}, ""},
		{contentsOf, "path", "", acmeWeb, "src/ README.md"},
		{contentsOf, "path", "/s", acmeWeb, "src/"},
		{contentsOf, "path", "src/a", acmeWeb, "src/a.go src/A.txt"},
		{contentsOf, "path", "src/../../../zoo/x", acmeWeb, ""},
		{contentsOf, "path", "none/", acmeWeb, "error"},
	} {
		if got := f.completes(c.of, c.argument, c.typed, c.given); got != c.want {
			t.Errorf("%s, %s %q: %q, want %q", c.of, c.argument, c.typed, got, c.want)
		}
	}
	if asked := strings.Join(linesOf(f.sent()), "\n"); strings.Contains(asked, "..") || strings.Contains(asked, "zoo") {
		t.Errorf("asked\n%s", asked)
	}
}

// TestCompletionInside: only what a person allows is suggested, and nothing is
// asked about anything else.
func TestCompletionInside(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		allowed             []string
		of, argument, typed string
		given               map[string]string
		want                string
		asks                int
	}{
		{[]string{"acme/web", "mona/*"}, contentsOf, "owner", "", nil, "acme mona", 0},
		{[]string{"acme/web", "mona/*"}, contentsOf, "owner", "mo", nil, "mona", 0},
		{[]string{"*/dotfiles", "mo*/x"}, contentsOf, "owner", "mo", nil, "mona", 1},
		{[]string{"mo*/x"}, contentsOf, "owner", "mo-", nil, "mo-nk and more", 2},
		{[]string{"mo*/x"}, contentsOf, "owner", "th", nil, " and more", 2},
		{[]string{"mo*/x", "hubot/x"}, contentsOf, "owner", "", nil, "hubot mona", 1},
		{[]string{"acme/secret", "mona/*"}, issueOf, "repo", "", map[string]string{"owner": "acme"}, "secret and more", 3},
		{[]string{"acme/secret", "mona/*"}, issueOf, "repo", "", map[string]string{"owner": "other"}, "", 0},
		{[]string{"acme/api", "mona/*"}, reviewingOf, "repo", "", nil, "mona/dotfiles mona/Zoo acme/api", 1},
		{[]string{"mona/*"}, reviewingOf, "number", "", map[string]string{"repo": "acme/web"}, "", 0},
		{[]string{"mona/*"}, contentsOf, "ref", "", map[string]string{"owner": "acme", "repo": "web"}, "", 0},
		{[]string{"mona/*"}, contentsOf, "path", "", map[string]string{"owner": "acme", "repo": "web"}, "error", 0},
	} {
		f := start(t, completionAnswers(), c.allowed...)
		if got := f.completes(c.of, c.argument, c.typed, c.given); got != c.want {
			t.Errorf("%v: %s, %s %q: %q, want %q", c.allowed, c.of, c.argument, c.typed, got, c.want)
		}
		if asked := linesOf(f.sent()); len(asked) != c.asks || slices.ContainsFunc(asked, func(line string) bool { return strings.Contains(line, "acme/web") }) {
			t.Errorf("%v: %s %q asked %q", c.allowed, c.argument, c.typed, asked)
		}
	}
}

// TestCompletionIsRemembered: what is asked again is asked conditionally.
func TestCompletionIsRemembered(t *testing.T) {
	t.Parallel()
	answers := completionAnswers()
	answers["GET /repos/acme/web/branches"] = answers["GET /repos/acme/web/branches"].with("ETag", `"1"`)
	f := start(t, answers)
	for range 2 {
		f.completes(contentsOf, "ref", "", map[string]string{"owner": "acme", "repo": "web"})
	}
	if sent := f.sent(); len(sent) != 2 || sent[0].condition != "" || sent[1].condition != `"1"` {
		t.Errorf("sent %+v", sent)
	}
}

// TestCompletionWhereNothingCanBeAsked: with a list of repositories that is none
// there is no guard, so that nothing is looked up.
func TestCompletionWhereNothingCanBeAsked(t *testing.T) {
	t.Parallel()
	f := start(t, completionAnswers(), "nonsense")
	for _, r := range f.offer.Resources {
		if r.Completions != nil {
			t.Errorf("%s completes", r.Name)
		}
	}
	for _, p := range f.offer.Prompts {
		if p.Completions != nil {
			t.Errorf("%s completes", p.Name)
		}
	}
	if _, err := f.read(octocat + "issues/1"); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
		t.Errorf("got %v", err)
	}
	f.wasAsked()
}

// TestCompletionOfNamesAsksOnce: a person types several characters, and which of
// three lists an owner's repositories are in is known after the first.
func TestCompletionOfNamesAsksOnce(t *testing.T) {
	t.Parallel()
	const query = "/repos?per_page=100&sort=pushed"
	for owner, list := range map[string]string{"mona": "GET /user" + query + "&affiliation=owner", "acme": "GET /orgs/acme" + query, "hubot": "GET /users/hubot" + query} {
		answers := completionAnswers()
		answers["GET /users/hubot/repos"] = repos("hubot/hat")
		f := start(t, answers)
		f.completes(issueOf, "repo", "", map[string]string{"owner": owner})
		if asked := len(f.sent()); asked != 3 {
			t.Errorf("%s: asked %d times at first", owner, asked)
		}
		f.requests = nil
		f.completes(issueOf, "repo", "", map[string]string{"owner": owner})
		f.completes(reviewingOf, "repo", owner+"/", nil)
		f.wasAsked(list, list)
	}
}

// TestCompletionAfterAnotherSignIn: a list that has turned out to be somebody
// else's, or is gone, isn't kept to.
func TestCompletionAfterAnotherSignIn(t *testing.T) {
	t.Parallel()
	f := start(t, completionAnswers())
	mona, acme := map[string]string{"owner": "mona"}, map[string]string{"owner": "acme"}
	f.completes(issueOf, "repo", "", mona)
	f.completes(issueOf, "repo", "", acme)
	f.answers["GET /user/repos?per_page=100&sort=pushed&affiliation=owner"] = repos("hubot/hat")
	delete(f.answers, "GET /orgs/acme/repos")
	if got := f.completes(issueOf, "repo", "", mona); got != "Zoo old" {
		t.Errorf("mona's: %s", got)
	}
	if got := f.completes(issueOf, "repo", "", acme); got != "web" {
		t.Errorf("acme's: %s", got)
	}
}

// TestUnfitSuggestions: a name that can't be one, or that hides something, isn't
// suggested, and many are gone through once.
func TestUnfitSuggestions(t *testing.T) {
	t.Parallel()
	var refs []string
	for i := range 99_000 {
		refs = append(refs, fmt.Sprintf(`{"ref":"refs/heads/a%06d"}`, i))
	}
	refs = append(refs, `{"ref":"refs/heads/A000000"}`, `{"ref":"refs/heads/a\u200b"}`, `{"ref":"refs/heads/a\udb40\udd50"}`,
		fmt.Sprintf(`{"ref":"refs/heads/a%s"}`, strings.Repeat("b", 300)))
	f := start(t, map[string]answer{"GET /repos/acme/web/git/matching-refs/heads/a": {body: "[" + strings.Join(refs, ",") + "]"}})
	got := strings.Fields(f.completes(contentsOf, "ref", "a", map[string]string{"owner": "acme", "repo": "web"}))
	if len(got) != 99_000 || got[0] != "a000000" || got[98_999] != "a098999" {
		t.Errorf("%d suggestions, from %q on", len(got), got[:min(len(got), 1)])
	}
}
