package github_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET /search/repositories": file("search_repositories").with("Link", links("q=tetris&page=2", "q=tetris&page=3")),
		"GET /search/code":         file("search_code"),
		"GET /search/issues":       file("recorded_search_issues"),
		"GET /search/users":        file("search_users"),
		"GET /search/commits":      file("search_commits"),
	})
	for _, test := range []struct{ arguments, request, want string }{
		{`{"kind":"repositories","query":"tetris language:assembly","sort":"stars"}`,
			"GET /search/repositories?page=1&per_page=15&q=tetris+language%3Aassembly&sort=stars",
			"repositories: 40 found; page 1 of 3; next: page=2\n\n" +
				"dtrupenn/Tetris — archived, Assembly, 1 star, pushed 2012-01-01: A C implementation of Tetris using Pennsim through LC4"},
		{`{"kind":"code","query":"addClass repo:jquery/jquery","page":2,"per_page":5}`,
			"GET /search/code?page=2&per_page=5&q=addClass+repo%3Ajquery%2Fjquery",
			"files: 7 found; page 2\n\njquery/jquery src/attributes/classes.js"},
		{`{"kind":"issues","query":"sesame repo:octokit-fixture-org/search-issues"}`,
			"GET /search/issues?page=1&per_page=15&q=sesame+repo%3Aoctokit-fixture-org%2Fsearch-issues+is%3Aissue",
			"issues: 2 found; page 1 of 1\n\n" +
				"octokit-fixture-org/search-issues#2 Sesame seeds split without a pop! — open, @octokit-fixture-user-b, 42 comments, 2017-10-10\n" +
				"octokit-fixture-org/search-issues#1 The doors don’t open — open, @octokit-fixture-user-a, 42 comments, 2017-10-10"},
		{`{"kind":"pull_requests","query":"sesame is:pr"}`,
			"GET /search/issues?page=1&per_page=15&q=sesame+is%3Apr",
			"pull requests: 2 found; page 1 of 1\n\n" +
				"octokit-fixture-org/search-issues#2 Sesame seeds split without a pop! — open, @octokit-fixture-user-b, 42 comments, 2017-10-10\n" +
				"octokit-fixture-org/search-issues#1 The doors don’t open — open, @octokit-fixture-user-a, 42 comments, 2017-10-10"},
		{`{"kind":"users","query":"mojombo"}`,
			"GET /search/users?page=1&per_page=15&q=mojombo",
			"accounts: 12 found; page 1 of 1\n\n@mojombo — user, https://github.com/mojombo"},
		{`{"kind":"commits","query":"css repo:octocat/Spoon-Knife"}`,
			"GET /search/commits?page=1&per_page=15&q=css+repo%3Aoctocat%2FSpoon-Knife",
			"commits: 1 found; page 1 of 1\n\noctocat/Spoon-Knife bb4cc8d 2014-02-04 @octocat — Create styles.css and updated README"},
	} {
		f.gives("github_search", test.arguments, test.want)
		f.wasAsked(test.request)
	}
}

// https://docs.github.com/rest/search/search#text-match-metadata
func TestSearchCodeShowsFragments(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /search/code": {body: `{"total_count":1,"incomplete_results":true,"items":[{"path":"src/a.js",
		"repository":{"full_name":"jquery/jquery"},
		"text_matches":[{"fragment":"if (elem) {\n\taddClass( elem )\n}"},{"fragment":"second"},{"fragment":"third"}]}]}`}})
	f.gives("github_search", `{"kind":"code","query":"addClass"}`,
		"files: 1 found (GitHub ran out of time: some are missing); page 1 of 1\n\njquery/jquery src/a.js\n  if (elem) { addClass( elem ) }\n  second")
	asked := f.wasAsked("GET /search/code?page=1&per_page=15&q=addClass")
	if !strings.Contains(asked[0].accept, "text-match") {
		t.Errorf("Accept %q asks for no fragments", asked[0].accept)
	}
}

func TestSearchFindsNothing(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /search/users": {body: `{"total_count":0,"incomplete_results":false,"items":[]}`}})
	f.gives("github_search", `{"kind":"users","query":"nobody"}`, "no accounts found; try fewer words or qualifiers")
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.refuses("github_search", `{"kind":"repos","query":"x"}`,
		`github_search: 'kind' must be one of repositories, code, issues, pull_requests, users, commits; got "repos"; did you mean "repositories"?`)
	f.refuses("github_search", `{"query":"x"}`, "github_search: missing 'kind': one of repositories, code, issues, pull_requests, users, commits")
	f.refuses("github_search", `{"kind":"issues","query":"x","sort":"stars"}`,
		`github_search: 'sort' for kind issues must be one of created, updated, comments, reactions, interactions; got "stars"`)
	f.refuses("github_search", `{"kind":"code","query":"x","sort":"updated"}`, `github_search: 'sort' can't be used with kind code`)
	f.refuses("github_search", `{"kind":"code"}`,
		`github_search: missing 'query' (words and qualifiers, e.g. crash is:open repo:cli/cli author:octocat)`)
	f.refuses("github_search", `{"kind":"code","query":"x","per_page":100}`, `github_search: 'per_page' must be from 1 to 50, got 100`)
	f.wasAsked()
}

// TestSearchPartlyAllowed: how many are left of what was found isn't known, but
// the next page is.
func TestSearchPartlyAllowed(t *testing.T) {
	t.Parallel()
	const (
		ours   = `{"number":1,"title":"Ours","state":"open","repository_url":"https://api.github.com/repos/octocat/Hello-World"}`
		theirs = `{"number":2,"title":"Theirs","state":"open","repository_url":"https://api.github.com/repos/moved/away"}`
	)
	search := func(link string, items ...string) string {
		body := fmt.Sprintf(`{"total_count":240,"incomplete_results":false,"items":[%s]}`, strings.Join(items, ","))
		f := start(t, map[string]answer{"GET /search/issues": answer{body: body}.with("Link", link)}, "octocat/Hello-World")
		got, err := f.call("github_search", `{"kind":"issues","query":"x"}`)
		if err != nil || strings.Contains(got, "Theirs") {
			t.Errorf("%v\n%s", err, got)
		}
		heading, _, _ := strings.Cut(got, "\n")
		return heading
	}
	middle, limits := links("page=2", "page=9"), " (only in what VALET_REPOS allows)"
	for _, c := range []struct{ got, want string }{
		{search(middle, ours), "issues: 240 found" + limits + "; page 1 of 9; next: page=2"},
		{search(middle, ours, theirs), "issues found here" + limits + "; page 1; next: page=2"},
		{search(middle, theirs), "issues: none here" + limits + "; page 1; next: page=2"},
		{search("", ours, theirs), "issues found here" + limits + "; page 1 of 1"},
		{search("", theirs), "issues: none here" + limits + "; page 1 of 1"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// Accounts are in no repository, so nobody claims to have looked in some only.
func TestSearchForAccountsIsNotLimited(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /search/users": file("search_users"), "GET /search/issues": {body: `{"total_count":0,"items":[]}`}}, "mona/x")
	f.gives("github_search", `{"kind":"users","query":"mojombo"}`, "accounts: 12 found; page 1 of 1\n\n@mojombo — user, https://github.com/mojombo")
	f.gives("github_search", `{"kind":"issues","query":"x"}`, "no issues found (only in what VALET_REPOS allows); try fewer words or qualifiers")
}

// Projects show issues of any repository.
func TestProjectsAreRefused(t *testing.T) {
	t.Parallel()
	f := start(t, nil, "mona/*")
	f.refuses("github_projects", `{"owner":"mona"}`,
		"github: refused by VALET_REPOS: what mona has beside its repositories, such as projects, may show any of them, so it can't be judged; only the person can change that list")
	f.wasAsked()
}
