package github

import (
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
	for _, tool := range Offer(tools.Setup{API: client, At: credentials.Service{APIURL: "https://api.github.com"}, Repositories: []string{"nonsense"}}).Tools {
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
		return answered(200, answer, "Content-Type", "application/json", "Link", `<https://api.github.com/search?q=a,b&page=2>; rel="next", <https://api.github.com/search?page=9>; rel="last"`), nil
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
	for line, want := range guardLines() {
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
			http.Redirect(w, r, strings.Replace(elsewhere.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		case parts[3] == "compare":
			http.Redirect(w, r, "/repositories/1/compare/main...evil:main", http.StatusMovedPermanently)
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
		"repos/mona/2":       "this is in evil/taken-over",
		"repos/mona/3":       "doesn't say which repository this is about (404)",
		"repos/mona/archive": "archive",
		"repos/mona/other":   "evil/x is not one",
		"repos/mona/compare": "which of evil's repositories",
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
		for _, tool := range Offer(tools.Setup{API: client, At: credentials.Service{APIURL: publicAPI}, Repositories: c.repositories}).Tools {
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

// TestImplied: what a request would do to a repository that nobody names is
// found out before it is sent.
func TestImplied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		request, answer string
		want            bool
	}{
		{"PUT repos/mona/x/pulls/1/update-branch", `{"head":{"repo":{"full_name":"mona/fork"}}}`, true},
		{"PUT repos/mona/x/pulls/1/update-branch", `{"head":{"repo":{"full_name":"evil/fork"}}}`, false},
		{"PUT repos/mona/x/pulls/1/update-branch", `{"head":{"repo":null}}`, false},
		{"PUT repos/mona/x/pulls/%31/update-branch", `{"head":{"repo":{"full_name":"evil/fork"}}}`, false},
		{"POST repos/mona/x/merge-upstream", `{"parent":{"full_name":"mona/y"}}`, true},
		{"POST repos/mona/x/merge-upstream", `{"parent":{"full_name":"evil/y"}}`, false},
		{"POST repos/mona/x/merge-upstream", `{}`, false},
		{"POST repos/mona/x/merge-upstream", `nonsense`, false},
	} {
		g, asked := guarded(t, publicAPI, c.answer, "mona/*")
		method, target, _ := strings.Cut(c.request, " ")
		_, err := g.RoundTrip(newRequest(t, method, publicAPI+target, ""))
		if c.want != (err == nil) || c.want != (len(*asked) == 2) || !strings.HasPrefix((*asked)[0], "GET /repos/mona/x") {
			t.Errorf("%s %s: %v, sent %v", c.request, c.answer, err, *asked)
		}
	}
}

// TestStored: what GitHub keeps elsewhere is read there, unless its address
// names a repository that isn't allowed.
func TestStored(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://codeload.github.com/mona/x/legacy.zip/main":      true,
		"https://objects.githubusercontent.com/example?sig=x":     true,
		"https://results-receiver.actions.example.com/logs/1":     true,
		"https://codeload.github.com/evil/x/legacy.zip/main":      false,
		"https://CODELOAD.github.com/evil/x/legacy.zip/main":      false,
		"https://raw.githubusercontent.com/evil/x/main/README.md": false,
		"https://github.com/evil/x":                               false,
		"http://api.github.com/repos/mona/x":                      false,
		"https://api.github.com/repos/evil/x":                     false,
		"https://API.github.com/repos/evil/x":                     false,
		"https://api.github.com:443/repos/evil/x":                 false,
		"https://api.github.com./repos/evil/x":                    false,
	} {
		g, asked := guarded(t, publicAPI, `{}`, "mona/*")
		r := newRequest(t, http.MethodGet, address, "")
		r.Response = answered(302, "")
		if _, err := g.RoundTrip(r); want != (err == nil) || want != (len(*asked) == 1) {
			t.Errorf("%s: %v, sent %v", address, err, *asked)
		}
	}
}
