package github

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestNarrowedSearch: the limit stands first, in the syntax of what is
// searched, and no query leads out of it.
func TestNarrowedSearch(t *testing.T) {
	t.Parallel()
	both := []string{"octocat/Hello-World", "mona/*"}
	for _, c := range []struct {
		patterns     []string
		kind, query  string
		want, refuse string
	}{
		{both, "issues", "crash is:open", "(repo:octocat/hello-world OR user:mona) crash is:open", ""},
		{both, "code", "crash", "repo:octocat/hello-world user:mona crash", ""},
		{both[:1], "issues", "crash", "repo:octocat/hello-world crash", ""},
		{both, "commits", "fix repo:Mona/x more", "repo:mona/x fix more", ""},
		{both, "repositories", "", "repo:octocat/hello-world user:mona", ""},
		{both, "code", "f(x) NOT y", "repo:octocat/hello-world user:mona f(x) NOT y", ""},
		{both, "code", `" repo:mona/x "`, `repo:mona/x " "`, ""},
		{both, "issues", "corridor", "(repo:octocat/hello-world OR user:mona) corridor", ""},
		{both, "issues", "x repo:evil/y", "", "repo:"},
		{both, "issues", "x REPO:evil/y", "", "repo:"},
		{both, "issues", `x repo:"evil/y"`, "", "repo:"},
		{both, "issues", "-repo:mona/x", "", "repo:"},
		{both, "issues", "x user:evil", "", "user:"},
		{both, "issues", "x org:evil", "", "org:"},
		{both, "issues", "x) OR (y", "", "OR"},
		{both, "issues", "x or y", "", "OR"},
		{both, "issues", "x\u00a0OR\u00a0y", "", "OR"},
		{both, "issues", "x)OR(y", "", "OR"},
		{both, "issues", `"x"OR"y"`, "", "OR"},
		{both, "issues", "x || y", "", "|"},
		{both, "issues", `"error: no such file" is:open -label:"a: b" updated:>2026-01-01T10:00:00Z`, `(repo:octocat/hello-world OR user:mona) "error: no such file" is:open -label:"a: b" updated:>2026-01-01T10:00:00Z`, ""},
		{both, "issues", "project:evil/1", "", "project:"},
		{both, "issues", "enterprise:evil", "", "enterprise:"},
		{both, "repositories", "fullname:evil/x", "", "fullname:"},
		{both, "issues", "parent-issue:evil/x#1", "", "parent-issue:"},
		{both, "issues", "(is:open team:evil/t)", "", "team:"},
		{both, "issues", "NOT user:mona", "", "user:"},
		{both, "issues", "user :evil", "", "user :"},
		{both, "issues", `"repo":evil/x`, "", "what _:"},
		{both, "issues", `"a\" repo:evil/x "b"`, "", "repo:"},
		{both, "issues", `"a\" b`, "", "quotation mark"},
		{both, "issues", `"a`, "", "quotation mark"},
		{both, "issues", "repo：evil/x", "", "what repo:"},
		{both, "issues", "panic: x", "", "quotation marks"},
		{[]string{"acme/web-*"}, "code", "x", "", "add repo:owner/name"},
		{[]string{"acme/web-*"}, "code", "x repo:acme/web-1", "repo:acme/web-1 x", ""},
		{[]string{"acme/web-*"}, "code", "x repo:acme/api", "", "repo:"},
	} {
		g, asked := guarded(t, publicAPI, `{"items":[]}`, c.patterns...)
		address := publicAPI + "search/" + c.kind + "?" + url.Values{"q": {c.query}, "page": {"2"}}.Encode()
		_, err := g.RoundTrip(newRequest(t, http.MethodGet, address, ""))
		if c.refuse != "" {
			if err == nil || !strings.Contains(err.Error(), c.refuse) || len(*asked) > 0 {
				t.Errorf("%q: %v, sent %v", c.query, err, *asked)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.query, err)
			continue
		}
		_, sent, _ := strings.Cut((*asked)[0], "?")
		values, _ := url.ParseQuery(sent)
		if values.Get("q") != c.want || values.Get("page") != "2" {
			t.Errorf("%q became %q", c.query, values.Get("q"))
		}
	}
	g, asked := guarded(t, publicAPI, `{"items":[]}`, both...)
	for _, query := range []string{"", "?q=a&q=repo:evil/x", "?Q=x"} {
		if _, err := g.RoundTrip(newRequest(t, http.MethodGet, publicAPI+"search/code"+query, "")); err == nil || len(*asked) > 0 {
			t.Errorf("%q was sent", query)
		}
	}
}

// TestFilteredAnswers: whatever GitHub finds, only what is allowed comes
// through, and nothing tells how much else there is.
func TestFilteredAnswers(t *testing.T) {
	t.Parallel()
	const (
		code   = `{"name":"a","repository":{"full_name":"Mona/x"}}`
		issue  = `{"number":1,"repository_url":"https://api.github.com/repos/mona/x"}`
		repo   = `{"full_name":"mona/x"}`
		other  = `{"full_name":"evil/x"}`
		other2 = `{"number":2,"repository_url":"https://api.github.com/repos/evil/x"}`
		mixed  = `{"full_name":"mona/x","repository":{"full_name":"evil/x"}}`
		none   = `{"name":"a"}`
	)
	for _, c := range []struct{ path, answer, want string }{
		{"search/code?q=x", `{"total_count":7,"incomplete_results":false,"items":[` + code + `]}`, `{"incomplete_results":false,"items":[` + code + `],"total_count":7}`},
		{"search/issues?q=x", `{"total_count":7,"items":[` + issue + "," + other2 + `]}`, `{"items":[` + issue + `]}`},
		{"search/repositories?q=x", `{"total_count":7,"items":[` + other + "," + mixed + "," + none + `]}`, `{"items":[]}`},
		{"user/repos", "[" + repo + "," + other + "]", "[" + repo + "]"},
		{"users/evil/repos", "[" + other + "]", "[]"},
		{"notifications", "[" + code + "," + none + "]", "[" + code + "]"},
		{"issues", "[" + other2 + "," + issue + "]", "[" + issue + "]"},
	} {
		g, _ := guarded(t, publicAPI, c.answer, "mona/*")
		answer, err := g.RoundTrip(newRequest(t, http.MethodGet, publicAPI+c.path, ""))
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		body, _ := io.ReadAll(answer.Body)
		if string(body) != c.want || answer.ContentLength != int64(len(body)) {
			t.Errorf("%s\n got %s\nwant %s", c.path, body, c.want)
		}
		if link := answer.Header.Get("Link"); strings.Contains(c.path, "search") && (strings.Contains(link, "last") == strings.Contains(c.answer, "evil") || !strings.Contains(link, "next")) {
			t.Errorf("%s: Link %q", c.path, link)
		}
	}
	g, _ := guarded(t, publicAPI, "["+other+"]", "mona/*")
	next := g.next
	g.next = sender(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		answer.StatusCode = http.StatusNonAuthoritativeInfo
		return answer, err
	})
	answer, err := g.RoundTrip(newRequest(t, http.MethodGet, publicAPI+"user/repos", ""))
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(answer.Body); string(body) != "[]" {
		t.Errorf("an answer with another status: %s", body)
	}
	for _, unreadable := range []string{"<html>", `{"items":{}}`, `{"items":["x"]}`, `{}`, strings.Repeat(" ", maxJudged+1)} {
		g, _ := guarded(t, publicAPI, unreadable, "mona/*")
		if _, err := g.RoundTrip(newRequest(t, http.MethodGet, publicAPI+"search/code?q=x", "")); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
			t.Errorf("%.20s: %v", unreadable, err)
		}
	}
}
