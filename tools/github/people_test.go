package github_test

import (
	"net/http"
	"testing"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET /user":          file("user"),
		"GET /users/octocat": {body: `{"login":"octocat","type":"User","public_repos":1,"bio":"a\nb\u202e","company":"@github\n## x","created_at":"2008-01-14T04:33:35Z","suspended_at":"2020-01-01T00:00:00Z"}`},
	})
	f.gives("github_people", `{}`, `@octocat, monalisa octocat, user, https://github.com/octocat
GitHub, San Francisco, octocat@github.com, https://github.com/blog
since 2008-01-14, 2 public repositories, 1 public gist, 20 followers
> There once was...`)
	f.wasAsked("GET /user")
	f.gives("github_people", `{"login":"octocat"}`, "@octocat, user\n@github ## x\nsince 2008-01-14, 1 public repository, suspended\n> a\n> b")
	f.wasAsked("GET /users/octocat")
	f.refuses("github_people", `{"login":"nobody"}`,
		"github: @nobody: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestTeams(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET /orgs/github/teams": file("teams").with("Link", links("page=2", "page=3")),
		"GET /user/teams":        {body: `[{"slug":"a","name":"A\nx","privacy":"secret","organization":{"login":"octo-org"},"parent":{"slug":"all"}},{"slug":"b","name":"B","organization":{"login":"other"}}]`},
		"GET /orgs/empty/teams":  {body: `[]`},
	})
	f.gives("github_people", `{"part":"teams","org":"github"}`, "teams of github: 1 team on page 1 of 3; next: page=2\n\ngithub/justice-league Justice League — A great team.")
	f.wasAsked("GET /orgs/github/teams?page=1&per_page=30")
	f.gives("github_people", `{"part":"teams","page":2,"per_page":2}`, "your teams: 2 teams on page 2\n\nocto-org/a A x — secret, in all\nother/b B")
	f.wasAsked("GET /user/teams?page=2&per_page=2")
	f.gives("github_people", `{"part":"teams","org":"empty"}`, "teams of empty: no teams here; page 1 of 1")
}

func TestTeamsOfSomebody(t *testing.T) {
	t.Parallel()
	f := startGraph(t, [2]string{"userLogins:[$login]", `{"data":{"user":{"organizations":{"nodes":[
		{"login":"octo-org","teams":{"totalCount":1,"nodes":[{"slug":"a","name":"A","description":"All\nof us","privacy":"SECRET"}]}},
		{"login":"other","teams":{"totalCount":1,"nodes":[{"slug":"b","name":"B","description":null,"privacy":"VISIBLE"}]}},
		{"login":"third","teams":{"totalCount":0,"nodes":[]}}]}}}}`})
	f.gives("github_people", `{"part":"teams","login":"hubot"}`, "teams of @hubot that you may see: 2 teams\n\nocto-org/a A — secret: All of us\nother/b B")
	f.wasAsked(`{"login":"hubot"}`)
	f.gives("github_people", `{"part":"teams","login":"hubot","org":"Octo-Org"}`, "teams of @hubot in Octo-Org that you may see: 1 team\n\nocto-org/a A — secret: All of us")
	f.gives("github_people", `{"part":"teams","login":"hubot","org":"third"}`, "teams of @hubot in third that you may see: no teams here")
	nobody := startGraph(t, [2]string{"", `{"data":{"user":null},"errors":[{"type":"NOT_FOUND","path":["user"],"message":"Could not resolve to a User with the login of 'nobody'."}]}`})
	nobody.refuses("github_people", `{"part":"teams","login":"nobody"}`,
		"github: teams of @nobody: not found (Could not resolve to a User with the login of 'nobody'.); check the spelling with github_search; if it is private, the account needs access to it")
	startGraph(t, [2]string{"", `{"data":{"user":null}}`}).refuses("github_people", `{"part":"teams","login":"nobody"}`,
		"github: there is no user nobody; check the spelling with github_search, kind users")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	const octocat = `[{"login":"octocat","id":1,"type":"User","site_admin":false}]`
	f := start(t, map[string]answer{
		"GET /orgs/github/members":                      {body: octocat},
		"GET /orgs/github/teams/justice-league/members": {body: octocat},
		"GET /orgs/secret/members":                      {status: http.StatusForbidden, body: `{"message":"Forbidden"}`},
	})
	f.gives("github_people", `{"part":"members","org":"github","per_page":100}`, "members of github: 1 member on page 1 of 1\n\n@octocat")
	f.wasAsked("GET /orgs/github/members?page=1&per_page=100")
	f.gives("github_people", `{"part":"members","org":"github","team":"justice-league"}`, "members of github/justice-league: 1 member on page 1 of 1\n\n@octocat")
	f.wasAsked("GET /orgs/github/teams/justice-league/members?page=1&per_page=30")
	f.refuses("github_people", `{"part":"members","org":"secret"}`, "github: members of secret: no permission (403 Forbidden)")
	f.wasAsked("GET /orgs/secret/members?page=1&per_page=30")
	for arguments, want := range map[string]string{
		`{"part":"members"}`:                        "part members needs 'org'",
		`{"part":"members","org":"a","login":"b"}`:  "part members does not use 'login'; it uses org, team, page, per_page",
		`{"org":"a"}`:                               "part profile does not use 'org'; it uses login, page, per_page",
		`{"part":"teams","team":"a"}`:               "part teams does not use 'team'; it uses login, org, page, per_page",
		`{"login":"../user"}`:                       `'login' must be a plain name, like octocat; got "../user"`,
		`{"part":"members","org":"a","team":"b/c"}`: `'team' must be a plain name, like octocat; got "b/c"`,
	} {
		f.refuses("github_people", arguments, "github_people: "+want)
	}
	f.wasAsked()
}

// Organisations are found with the search for accounts.
func TestSearchForOrganisations(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /search/users": {body: `{"total_count":1,"items":[{"login":"github","type":"Organization","html_url":"https://github.com/github"}]}`}})
	f.gives("github_search", `{"kind":"users","query":"github type:org"}`, "accounts: 1 found; page 1 of 1\n\n@github — organization, https://github.com/github")
	f.wasAsked("GET /search/users?page=1&per_page=15&q=github+type%3Aorg")
}
