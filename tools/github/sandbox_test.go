package github_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/tools"
)

// practice is the tools over the practice API.
type practice struct {
	t     *testing.T
	tools []tools.Tool
}

// practise signs the tools in with a token of these scopes.
func practise(t *testing.T, scopes ...string) practice {
	t.Helper()
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	token := s.IssueToken(scopes...)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		authorised := r.Clone(r.Context())
		authorised.Header.Set("Authorization", "Bearer "+token)
		response, err := transport.RoundTrip(authorised)
		if err == nil {
			response.Header.Set(unlikely, "it says more than GitHub does")
		}
		return response, err
	})}
	return practice{t, toolsAt(client, s.URL()+"/api/v3")}
}

// says calls a tool and checks that the answer has all these parts, in order.
func (p practice) says(name, arguments string, parts ...string) string {
	p.t.Helper()
	answer, err := p.call(name, arguments)
	if err != nil {
		p.t.Errorf("%s %s: %v", name, arguments, err)
		return answer
	}
	rest := answer
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			p.t.Errorf("%s %s: no %q, or not in order, in\n%s", name, arguments, part, answer)
			return answer
		}
		rest = after
	}
	return answer
}

func (p practice) call(name, arguments string) (string, error) {
	p.t.Helper()
	i := slices.IndexFunc(p.tools, func(t tools.Tool) bool { return t.Name == name })
	return p.tools[i].Call(p.t.Context(), json.RawMessage(arguments))
}

func TestPracticeReading(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	p.says("github_whoami", `{}`, "@mona-example, Mona Example, http://127.0.0.1:", "\nscopes: repo\n", "rate limit: 4,999 of 5,000 requests left")
	p.says("github_search", `{"kind":"repositories","query":"tide"}`, " found; page 1 of 1\n\n", "tidepool-example/harbour — Go, 214 stars")
	p.says("github_search", `{"kind":"code","query":"Galway repo:tidepool-example/harbour"}`, "files: ", "tidepool-example/harbour tide/stations.go")
	p.says("github_search", `{"kind":"users","query":"mona"}`, "accounts: ", "@mona-example — user")
	p.says("github_search", `{"kind":"commits","query":"Galway"}`, "commits: ", " — tide: add Galway")
	p.says("github_search", `{"kind":"issues","query":"repo:tidepool-example/harbour is:open"}`, "issues: ", "\ntidepool-example/harbour#")
	p.says("github_search", `{"kind":"pull_requests","query":"repo:tidepool-example/harbour is:open"}`, "pull requests: ", "\ntidepool-example/harbour#32 ")
	p.says("github_contents", `{"repo":"tidepool-example/harbour"}`, "directory, entries 1–", "\nREADME.md ", "\ntide/")
	p.says("github_contents", `{"repo":"tidepool-example/harbour","recursive":true,"path":"tide"}`, "\ntide/events.go ", "\ntide/tide_test.go ")
}

func TestPracticeLines(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	first := p.says("github_contents", `{"repo":"tidepool-example/harbour","path":"main.go","end_line":3}`, "lines 1–3 of ", "; next: start_line=4\n\n")
	second := p.says("github_contents", `{"repo":"tidepool-example/harbour","path":"main.go","ref":"main","start_line":2}`, " at main: ", "lines 2–")
	_, firstText, _ := strings.Cut(first, "\n\n")
	_, secondText, _ := strings.Cut(second, "\n\n")
	if _, below, _ := strings.Cut(firstText, "\n"); !strings.HasPrefix(secondText, below) {
		t.Errorf("lines 2 and 3 differ:\n%s\n---\n%s", firstText, secondText)
	}
}

func TestPracticeIssuePages(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	list := p.says("github_issues", `{"repo":"tidepool-example/harbour","per_page":5}`, " open issue", " on page 1 of ", "; next: page=2", "\n#")
	next := p.says("github_issues", `{"repo":"tidepool-example/harbour","per_page":5,"page":2}`, " on page 2 of ", "\n#")
	for _, number := range regexp.MustCompile(`(?m)^#\d+ `).FindAllString(list, -1) {
		if strings.Contains(next, "\n"+number) {
			t.Errorf("issue %s is on both pages", number)
		}
	}
}

// An issue's life, from its creation to its end and back.
func TestPracticeIssueWrite(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	created := p.says("github_issue_write", `{"repo":"tidepool-example/harbour","action":"create","title":"Add Sligo","body":"It has a tide."}`,
		"created tidepool-example/harbour#", " Add Sligo\nhttp://127.0.0.1:")
	number := regexp.MustCompile(`\d+`).FindString(created)
	name := "tidepool-example/harbour#" + number
	write := func(rest string, parts ...string) {
		t.Helper()
		p.says("github_issue_write", `{"repo":"tidepool-example/harbour","number":`+number+`,`+rest+`}`, parts...)
	}
	write(`"action":"comment","body":"I can bring the figures."`, "commented on "+name+" (comment ", "http://")
	write(`"action":"add_labels","labels":["enhancement"]`, "labels of "+name+" are now: enhancement\n")
	write(`"action":"assign","assignees":["mona-example"]`, "assigned to "+name+" now: @mona-example\n")
	write(`"action":"update","title":"Add Sligo harbour"`, "updated "+name+": title\n")
	p.says("github_issue", `{"repo":"tidepool-example/harbour","number":`+number+`}`,
		"# #"+number+" Add Sligo harbour\nopen, by @mona-example, created ", "labels: enhancement; assigned: @mona-example\n\n> It has a tide.\n\n## comments on ",
		"page 1 of 1\n\n### @mona-example, ", "\n> I can bring the figures.")
	write(`"action":"remove_labels","labels":["enhancement","wontfix"]`, "removed from "+name+": enhancement; labels left: none\nwas not there: wontfix\n")
	write(`"action":"unassign","assignees":["mona-example"]`, "now: none\n")
	write(`"action":"close","reason":"not_planned"`, "closed "+name+" as not_planned\n")
	write(`"action":"reopen"`, "reopened "+name+"\n")
}

func TestPracticePullRequests(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	list := p.says("github_pull_requests", `{"repo":"tidepool-example/harbour"}`, "open pull requests on page 1 of 1", "\n#32 ", " → main, ")
	if len(list) > 6_000 {
		t.Errorf("the list is %d bytes", len(list))
	}
	for part, want := range map[string][]string{
		"summary":         {"# #32 ", "open, by @", "\nmergeable: ", "\nchecks: ", "failure", "\nreviews: changes requested by @grace-example"},
		"files":           {": 1 file on page 1 of 1\n\nmodified "},
		"diff":            {": diff of 1 file; page 1 of 1\n\ndiff --git a/"},
		"reviews":         {": 1 review on page 1 of 1\n\n### @grace-example: changes requested, ", "\n> The sign is lost"},
		"review_comments": {": 1 review comment on page 1 of 1\n\n### ", "@grace-example", "\n> Round after the sign is known?"},
		"comments":        {"## comments on tidepool-example/harbour#32: page 1 of 1"},
		"commits":         {" commit", " on page 1 of 1\n\n"},
		"checks":          {" checks of commit ", "; page 1 of 1\n\n", "failure"},
	} {
		p.says("github_pull_request", `{"repo":"tidepool-example/harbour","number":32,"part":"`+part+`"}`, want...)
	}
}

// A token with too few scopes: the answer names what is missing.
func TestPracticeMissingScope(t *testing.T) {
	t.Parallel()
	p := practise(t, "read:user")
	for _, test := range []struct{ tool, arguments, want string }{
		{"github_issue_write", `{"repo":"tidepool-example/harbour","action":"create","title":"x"}`,
			"it needs the scope public_repo or repo; the credential has: read:user; sign in again with that scope added to GITHUB_SCOPES"},
		{"github_contents", `{"repo":"mona-example/dotfiles"}`, "and the credential the scope repo (it has: read:user)"},
	} {
		if _, err := p.call(test.tool, test.arguments); err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want it to end with %q", test.tool, err, test.want)
		}
	}
	p.says("github_contents", `{"repo":"tidepool-example/harbour","path":"README.md"}`, "lines 1–")
}

// What the practice API knows of searches and commits is what was asked for,
// and of what it doesn't know it says so itself.
func TestPracticeLimits(t *testing.T) {
	t.Parallel()
	p := practise(t, "repo")
	const harbour = `"repo":"tidepool-example/harbour"`
	p.says("github_search", `{"kind":"pull_requests","query":"is:merged Brest"}`, "pull requests: 1 found", "harbour#22 Add Brest — merged, ")
	p.says("github_search", `{"kind":"pull_requests","query":"is:unmerged Brest"}`, "no pull requests found")
	p.says("github_search", `{"kind":"issues","query":"(repo:tidepool-example/harbour OR repo:mona-example/dotfiles) is:open"}`, "issues: ", "\ntidepool-example/harbour#")
	p.says("github_issue", `{`+harbour+`,"number":22}`, "pull request, merged 20")
	if got := p.says("github_commits", `{`+harbour+`,"author":"ada-example"}`, " tide: add Galway"); strings.Contains(got, "Brest") {
		t.Errorf("commits by others: %s", got)
	}
	if got := p.says("github_commits", `{`+harbour+`,"since":"2026-08-20"}`, "Brest"); strings.Contains(got, "Galway") {
		t.Errorf("older commits: %s", got)
	}
	p.says("github_api", `{"path":"repos/tidepool-example/harbour/commits/change-32","accept":"application/vnd.github.diff"}`, "diff --git a/tide/events.go b/tide/events.go\n")
	for _, call := range [][2]string{
		{"github_issue", `{` + harbour + `,"number":4,"part":"timeline"}`},
		{"github_issue", `{` + harbour + `,"number":4,"part":"linked"}`},
		{"github_search", `{"kind":"issues","query":"tide OR height"}`},
		{"github_commits", `{` + harbour + `,"path":"main.go"}`},
		{"github_api", `{"path":"repos/tidepool-example/harbour/commits/main","accept":"application/vnd.github.diff"}`},
	} {
		_, err := p.call(call[0], call[1])
		if err == nil || !strings.Contains(err.Error(), "refused (501 this practice GitHub doesn't do that)") {
			t.Errorf("%s: %v", call[1], err)
		}
	}
}
