package github

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// TestAllowList: names in any case, * for any part.
func TestAllowList(t *testing.T) {
	t.Parallel()
	list, err := parseAllowList([]string{"Octocat/Hello-World", "mona/*", "*/dotfiles", "acme/web-*"})
	if err != nil {
		t.Fatal(err)
	}
	for repo, want := range map[string]bool{
		"octocat/hello-world": true, "OCTOCAT/HELLO-WORLD.git": true, "mona/anything.js": true, "x/dotfiles": true, "acme/web-1": true,
		"octocat/hello": false, "octocat/hello-world2": false, "monalisa/x": false, "acme/api": false, "acme/web": false,
		"mona": false, "mona/": false, "mona/..": false, "mona/.": false, "/dotfiles": false, "mona/a/b": false, "": false, "mona/*": false, "mona/.git": false,
	} {
		if list.hasFull(repo) != want {
			t.Errorf("%s: %t", repo, !want)
		}
	}
}

// TestMalformedAllowList: the variable is named, and every call answers it.
func TestMalformedAllowList(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"octocat", "octocat/", "/x", "a/b/c", "https://github.com/a/b", "a/[b]", "a/b?", `a\/b`, "a/..", "a b/c", "a.b/c", "*", "a/{b,c}"} {
		if err := CheckRepositories([]string{"mona/fine", pattern}); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
			t.Errorf("%s: %v", pattern, err)
		}
	}
	client := &http.Client{Transport: sender(func(*http.Request) (*http.Response, error) {
		t.Error("something was sent")
		return nil, io.EOF
	})}
	for _, tool := range Tools(tools.Setup{API: client, At: credentials.Service{APIURL: "https://api.github.com"}, Repositories: []string{"nonsense"}}) {
		if _, err := tool.Call(t.Context(), json.RawMessage(`{}`)); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
			t.Errorf("%s: %v", tool.Name, err)
		}
	}
}

// guarded is a guard before a server that answers everything with 200, and
// what that was asked.
func guarded(t *testing.T, base string, answer string, patterns ...string) (*guard, *[]string) {
	t.Helper()
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := parseAllowList(patterns)
	if err != nil {
		t.Fatal(err)
	}
	asked := &[]string{}
	return &guard{base: address, allowed: allowed, next: sender(func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.Method+" "+r.URL.RequestURI())
		return answered(200, answer, "Content-Type", "application/json", "Link", `<x>; rel="last"`), nil
	})}, asked
}

const publicAPI = "https://api.github.com/"

func newRequest(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestGuard: what may go out and what may not, with all the ways around that we
// could think of.
func TestGuard(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"GET repos/octocat/Hello-World":                  true,
		"GET repos/OCTOCAT/hello-world/issues?state=all": true,
		"GET repos/octocat/Hello-World.git":              true,
		"DELETE repos/mona/x/git/refs/heads/a%2Fb":       true,
		"GET repos/mona/x/contents/a%20b/c..d":           true,
		"GET repos/mona/x/compare/v1...main":             true,
		"GET repos/mona/x/compare/v1...mona:y:main":      true,
		"GET user":             true,
		"GET rate_limit":       true,
		"GET users/hubot":      true,
		"GET search/users?q=x": true,
		"POST repos/mona/x/forks {\"organization\":\"mona\",\"name\":\"y\"}": true,
		"POST repos/mona/x/transfer {\"new_owner\":\"mona\"}":                true,
		"PATCH repos/mona/x {\"name\":\"y\"}":                                true,
		"PATCH repos/octocat/hello-world {\"description\":\"evil/name\"}":    true,
		"GET repos/evil/x":                                                false,
		"GET repos/octocat/Hello-World2":                                  false,
		"GET repos/octocat%2FHello-World/x":                               false,
		"GET repos/mona%2Fx":                                              false,
		"GET repos/mona/x%2F..%2F..%2Fevil/y":                             false,
		"GET repos/mona/x/../../evil/y":                                   false,
		"GET repos/mona/x/%2e%2e/%2E%2E/evil/y":                           false,
		"GET repos/mona/x/..%2F..%2Fevil%2Fy":                             false,
		"GET repos/mona/x/..%5C..%5Cevil%5Cy":                             false,
		"GET repos/mona/x/%252e%252e/%252e%252e/evil/y":                   false,
		"GET repos/mona/x/%25252e%25252e/y":                               false,
		"GET repos/mona/./x":                                              false,
		"GET repos/mona/..":                                               false,
		"GET repos//mona/x":                                               false,
		"GET /repos/mona/x":                                               false,
		"GET repos/mona//evil/y":                                          false,
		"GET repos/mona/x//../y":                                          false,
		"GET repos/mona":                                                  false,
		"GET repos/m%6Fna/x":                                              false,
		"GET REPOS/mona/x":                                                false,
		"GET repos/%6D%6F%6E%61/x":                                        false,
		"GET repos/mona/x%00":                                             false,
		"GET repos/mona/x;y=z":                                            false,
		"GET repos/mona/x/compare/main...evil:main":                       false,
		"GET repos/mona/x/compare/evil:y:main...main":                     false,
		"GET repos/mona/x/compare/main...evil%3Amain":                     false,
		"GET repos/mona/x/c%6Fmpare/main...evil:main":                     false,
		"GET repos/octocat/Hello-World/compare/main...octocat:other:main": false,
		"POST repos/mona/x/forks {}":                                      false,
		"POST repos/mona/x/forks {\"organization\":\"evil\"}":             false,
		"POST repos/mona/x/f%6Frks {\"organization\":\"evil\"}":           false,
		"POST repos/mona/x/forks/ {\"organization\":\"evil\"}":            false,
		"POST repos/mona/x/transfer {\"new_owner\":\"evil\"}":             false,
		"POST repos/mona/x/transfer nonsense":                             false,
		"POST repos/mona/x/generate {\"owner\":\"evil\",\"name\":\"y\"}":  false,
		"PATCH repos/octocat/hello-world {\"name\":\"other\"}":            false,
		"PATCH repos/octocat/hello-world/ {\"name\":\"other\"}":           false,
		"GET repositories/1296269":                                        false,
		"GET repositories/1296269/issues":                                 false,
		"GET users/hubot/events":                                          false,
		"GET users/hubot%2Frepos":                                         false,
		"POST user/repos {\"name\":\"y\"}":                                false,
		"GET gists":                                                       false,
		"GET gists/1":                                                     false,
		"GET orgs/acme":                                                   false,
		"GET notifications/threads/1":                                     false,
		"PUT notifications {}":                                            false,
		"HEAD user/repos":                                                 false,
		"GET search/labels?q=x&repository_id=1":                           false,
		"GET teams/1/repos":                                               false,
		"GET user/installations/1/repositories":                           false,
		"GET ":                                                            false,
		"POST graphql {\"query\":\"{viewer{login}}\"}":                    false,
		"POST graphql/ {\"query\":\"{viewer{login}}\"}":                   false,
		"POST gr%61phql {\"query\":\"{viewer{login}}\"}":                  false,
		"GET graphql?query={viewer{login}}":                               false,
		"GET app/installations":                                           false,
	} {
		for _, base := range []string{publicAPI, "https://github.example.com/api/v3/"} {
			g, asked := guarded(t, base, `{}`, "octocat/hello-world", "mona/*")
			method, rest, _ := strings.Cut(line, " ")
			target, body, _ := strings.Cut(rest, " ")
			answer, err := g.RoundTrip(newRequest(t, method, base+target, body))
			if want != (err == nil) || want != (len(*asked) == 1) {
				t.Errorf("%s: %v, sent %v", line, err, *asked)
			}
			if err != nil && !strings.Contains(err.Error(), "VALET_REPOS") || err == nil && answer.StatusCode != 200 {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

// TestGuardOfHosts: the API's path means nothing elsewhere, and headers that
// make another request of one are refused.
func TestGuardOfHosts(t *testing.T) {
	t.Parallel()
	const base = "https://github.example.com/api/v3/"
	for name, change := range map[string]func(*http.Request){
		"another host":   func(r *http.Request) { r.URL.Host, r.Host = "evil.example", "evil.example" },
		"another port":   func(r *http.Request) { r.URL.Host, r.Host = "github.example.com:1", "github.example.com:1" },
		"in the clear":   func(r *http.Request) { r.URL.Scheme = "http" },
		"Host":           func(r *http.Request) { r.Host = "evil.example" },
		"opaque":         func(r *http.Request) { r.URL.Opaque = "//github.example.com/api/v3/repos/evil/x" },
		"another method": func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "DELETE") },
		"above the API":  func(r *http.Request) { r.URL.Path = "/repos/mona/x" },
		"the raw path": func(r *http.Request) {
			r.URL.RawPath = "/api/v3/repos/mona%2fx/y"
			r.URL.Path = "/api/v3/repos/mona/x/y"
		},
		"the GraphQL API": func(r *http.Request) {
			r.URL.Path = "/api/graphql"
		},
	} {
		g, asked := guarded(t, base, `{}`, "mona/*")
		r := newRequest(t, http.MethodGet, base+"repos/mona/x", "")
		change(r)
		if _, err := g.RoundTrip(r); err == nil || len(*asked) > 0 {
			t.Errorf("%s: sent %v", name, *asked)
		}
	}
}

// TestRedirects as GitHub gives them for renamed repositories and for what it
// keeps elsewhere. Only the client follows them; nobody can ask for them.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "archive") }))
	t.Cleanup(elsewhere.Close)
	names := map[string]string{"1": "mona/new", "2": "evil/taken-over"}
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		parts := strings.Split(r.URL.Path, "/")
		switch {
		case parts[1] == "repositories" && len(parts) == 3 && names[parts[2]] != "":
			json.NewEncoder(w).Encode(map[string]string{"full_name": names[parts[2]]})
		case parts[1] == "repositories" && len(parts) == 3:
			http.NotFound(w, r)
		case parts[1] == "repositories":
			io.WriteString(w, "issues of "+names[parts[2]])
		case parts[3] == "archive":
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
		case parts[3] == "other":
			http.Redirect(w, r, "/repos/evil/x", http.StatusMovedPermanently)
		case parts[3] == "gists":
			http.Redirect(w, r, "/gists/1", http.StatusMovedPermanently)
		default:
			http.Redirect(w, r, "/repositories/"+parts[3]+"/issues", http.StatusMovedPermanently)
		}
	}))
	t.Cleanup(server.Close)
	base, _ := url.Parse(server.URL + "/")
	client := &http.Client{Transport: &guard{next: http.DefaultTransport, base: base, allowed: allowList{"mona/*"}}}
	for path, want := range map[string]string{
		"repos/mona/1":       "issues of mona/new",
		"repos/mona/2":       "evil/taken-over by now",
		"repos/mona/3":       "doesn't say which (404)",
		"repos/mona/archive": "archive",
		"repos/mona/other":   "evil/x is not one",
		"repos/mona/gists":   "gists/1 is not about one repository",
	} {
		asked = nil
		answer, err := client.Get(base.String() + path)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			content, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			got = string(content)
		}
		if !strings.Contains(got, want) || slices.Contains(asked, "/repos/evil/x") || slices.Contains(asked, "/repositories/2/issues") {
			t.Errorf("%s: %s; asked %v", path, got, asked)
		}
	}
}

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
		{both, "issues", "x || y", "", "OR"},
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
		{"search/issues?q=x", `{"total_count":7,"items":[` + issue + "," + other2 + `]}`, `{"items":[` + issue + `],"total_count":1}`},
		{"search/repositories?q=x", `{"total_count":7,"items":[` + other + "," + mixed + "," + none + `]}`, `{"items":[],"total_count":0}`},
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
		if strings.Contains(c.path, "search") && (answer.Header.Get("Link") == "") != strings.Contains(c.answer, "evil") {
			t.Errorf("%s: Link %q", c.path, answer.Header.Get("Link"))
		}
	}
	for _, unreadable := range []string{"<html>", `{"items":{}}`, `{"items":["x"]}`, `{}`, strings.Repeat(" ", maxJudged+1)} {
		g, _ := guarded(t, publicAPI, unreadable, "mona/*")
		if _, err := g.RoundTrip(newRequest(t, http.MethodGet, publicAPI+"search/code?q=x", "")); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
			t.Errorf("%.20s: %v", unreadable, err)
		}
	}
}

// TestGraphVariables: our own documents are judged by their variables, and ids
// by asking GitHub what they stand for.
func TestGraphVariables(t *testing.T) {
	t.Parallel()
	where := func(ids ...string) string { return `{"data":{"nodes":[` + strings.Join(ids, ",") + `]}}` }
	const inside, thread = `{"repository":{"nameWithOwner":"mona/x"}}`, `{"discussion":{"repository":{"nameWithOwner":"Mona/Y"}}}`
	const outsideNode, user = `{"repository":{"nameWithOwner":"evil/x"}}`, `{}`
	const named = "query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id}}"
	for _, c := range []struct {
		query, variables, where string
		want                    bool
	}{
		{named, `{"owner":"mona","name":"x"}`, "", true},
		{named, `{"owner":"Mona","repo":"x"}`, "", true},
		{named, `{"repo":"mona/x"}`, "", true},
		{named, `{"input":{"branch":{"repositoryNameWithOwner":"mona/x"},"clientMutationId":"1"}}`, "", true},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where(inside), true},
		{"mutation", `{"input":{"id":"D_1","labelIds":["L_1"]}}`, where(thread, inside), true},
		{"query($where: [ID!]!)", `{"where":["D_1"]}`, where(thread), true},
		{named, `{"owner":"evil","name":"x"}`, "", false},
		{named, `{"owner":"mona","name":"x","repo":"evil/x"}`, "", false},
		{named, `{"owner":"mona"}`, "", false},
		{named, `{"owner":"mona","name":7}`, "", false},
		{named, `{"repo":"evil/x"}`, "", false},
		{named, `{"input":{"branch":{"repositoryNameWithOwner":"evil/x"}}}`, "", false},
		{named, `{}`, "", false},
		{named, `{"login":"mona"}`, "", false},
		{named, `{"q":"repo:mona/x"}`, "", false},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where(outsideNode), false},
		{"mutation", `{"input":{"threadId":"PRRT_1"}}`, where("null"), false},
		{"mutation", `{"input":{"userId":"U_1"}}`, where(user), false},
		{"mutation", `{"input":{"id":"D_1","labelIds":["L_1","L_2"]}}`, where(inside, inside, outsideNode), false},
		{"mutation", `{"input":{"id":"D_1"}}`, where(inside, inside), false},
		{"mutation", `{"input":{"id":"D_1"}}`, `{"errors":[{"message":"no"}]}`, false},
		{"mutation", `{"owner":"mona","name":"x","threadId":"PRRT_1"}`, where(outsideNode), false},
		{"query($where:[ID!]!,$owner:String!,$name:String!)", `{"owner":"mona","name":"x","where":["D_1"]}`, where(outsideNode), false},
	} {
		g, asked := guarded(t, publicAPI, c.where, "mona/*")
		body, _ := json.Marshal(map[string]any{"query": c.query, "variables": json.RawMessage(c.variables)})
		r := newRequest(t, http.MethodPost, publicAPI+"graphql", "")
		r = r.WithContext(asOwn(t.Context()))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		lookups := 0
		if c.where != "" {
			lookups = 1
		}
		_, err := g.RoundTrip(r)
		if want := len(*asked) == lookups+1; c.want != (err == nil) || c.want != want {
			t.Errorf("%s: %v, asked %v", c.variables, err, *asked)
		}
	}
}

// TestOnlyOwnDocumentsAreJudged: whatever variables a free document has.
func TestOnlyOwnDocumentsAreJudged(t *testing.T) {
	t.Parallel()
	var asked int
	transport := sender(func(*http.Request) (*http.Response, error) {
		asked++
		return answered(200, `{"data":{}}`, "Content-Type", "application/json"), nil
	})
	setup := tools.Setup{API: &http.Client{Transport: transport}, At: credentials.Service{APIURL: publicAPI}, Repositories: []string{"mona/*"}}
	a, err := newAPI(setup)
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]any{"owner": "mona", "name": "x"}
	if err := a.graph(t.Context(), "query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id}}", variables, &struct{}{}, "x"); err != nil || asked != 1 {
		t.Errorf("our own: %v, %d asked", err, asked)
	}
	free, err := a.client.NewRequest(http.MethodPost, a.graphAddress(), map[string]any{"query": "{viewer{login}}", "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.client.Do(context.Background(), free, nil); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") || asked != 1 {
		t.Errorf("a free one: %v, %d asked", err, asked)
	}
}

// TestAllowedRepositoriesInTools: the whole way, from a tool's arguments to the
// error a model reads, and without a list nothing is kept back.
func TestAllowedRepositoriesInTools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		repositories []string
		want         string
	}{
		{[]string{"mona/*"}, "github: refused by VALET_REPOS: o/r is not one of the repositories it allows; only the person can change that list"},
		{[]string{"*/*"}, ""},
		{nil, ""},
	} {
		var asked int
		client := &http.Client{Transport: sender(func(*http.Request) (*http.Response, error) {
			asked++
			return answered(200, `{"number":1}`, "Content-Type", "application/json"), nil
		})}
		for _, tool := range Tools(tools.Setup{API: client, At: credentials.Service{APIURL: publicAPI}, Repositories: c.repositories}) {
			if tool.Name != "github_issue" {
				continue
			}
			_, err := tool.Call(t.Context(), json.RawMessage(`{"repo":"o/r","number":1}`))
			if c.want == "" && (err != nil || asked != 1) || c.want != "" && (err == nil || err.Error() != c.want || asked != 0) {
				t.Errorf("%v: %v, %d asked", c.repositories, err, asked)
			}
		}
	}
}
