package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const helloPath = "/repos/octocat/Hello-World"

// reading is arguments, the requests they make and the answer.
type reading struct {
	arguments string
	requests  []string
	want      string
}

func checkReadings(t *testing.T, f *fake, tool string, readings []reading) {
	t.Helper()
	for _, test := range readings {
		f.gives(tool, `{"repo":"octocat/Hello-World",`+test.arguments+`}`, strings.ReplaceAll(test.want, "WEB", f.url))
		f.wasAsked(test.requests...)
	}
}

func TestRepositorySummary(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + helloPath: file("repository"), "GET " + helloPath + "/languages": {body: `{"C":78769,"Python":7769}`},
	})
	const facts = "# octocat/Hello-World\npublic, default branch master, created 2011-01-26, pushed 2011-01-26\n" +
		"https://github.com/octocat/Hello-World\n> This your first repo!\nhomepage: https://github.com\ntopics: octocat, atom, electron, api\n"
	const rest = "license MIT License, 80 stars, 9 forks, 42 watchers, 108.0 kB\nmerging by: merge commit, squash, rebase\nyour permissions: pull"
	f.gives("github_repository", `{"repo":"octocat/Hello-World"}`, facts+"languages: C 91.0 %, Python 9.0 %\n"+rest)
	f.wasAsked("GET "+helloPath, "GET "+helloPath+"/languages")
	f.answers["GET "+helloPath+"/languages"] = message(403, "Resource not accessible by personal access token")
	f.gives("github_repository", `{"repo":"octocat/Hello-World"}`, facts+rest)
	f.answers["GET "+helloPath] = answer{body: `{"full_name":"octocat/Hello-World","private":true,"fork":true,"parent":{"full_name":"a/b"},"archived":true,"is_template":true,"default_branch":"main","open_issues_count":1234,"description":"one\n# two\u202e"}`}
	f.gives("github_repository", `{"repo":"octocat/Hello-World"}`,
		"# octocat/Hello-World\nprivate, fork of a/b, archived (read-only), template, default branch main\n> one # two\nopen issues and pull requests: 1,234, 0 B")
}

func TestRepositoryLanguagesAreCut(t *testing.T) {
	t.Parallel()
	languages := []string{`"Z":90`}
	for i := range 10 {
		languages = append(languages, fmt.Sprintf(`"L%d":1`, i))
	}
	f := start(t, map[string]answer{"GET " + helloPath: {body: `{"full_name":"o/r"}`}, "GET " + helloPath + "/languages": {body: "{" + strings.Join(languages, ",") + "}"}})
	got, err := f.call("github_repository", `{"repo":"octocat/Hello-World"}`)
	if want := "languages: Z 90.0 %, L0 1.0 %, L1 1.0 %, L2 1.0 %, L3 1.0 %, L4 1.0 %, L5 1.0 %, L6 1.0 %, 3 more\n"; err != nil || !strings.Contains(got, want) {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestRepositoryLists(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + helloPath + "/branches": answer{body: `[{"name":"master","commit":{"sha":"c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"},"protected":true},{"name":"x\ny","commit":{"sha":"abc"}}]`}.
			with("Link", links("page=2", "page=9")),
		"GET " + helloPath + "/tags":                  {body: `[{"name":"v0.1","commit":{"sha":"c5b97d5ae6c19d5c5df71a34c7fbeeda2479ccbc"}}]`},
		"GET " + helloPath + "/releases":              file("releases"),
		"GET " + helloPath + "/labels":                file("labels_added"),
		"GET " + helloPath + "/milestones":            file("milestones"),
		"GET " + helloPath + "/contributors":          {body: `[{"login":"octocat","contributions":32}]`},
		"GET " + helloPath + "/collaborators":         file("collaborators"),
		"GET " + helloPath + "/stats/commit_activity": {body: `[{"days":[0,3,26,20,39,1,0],"total":89,"week":1336280400}]`},
	})
	page := func(part string) []string { return []string{"GET " + helloPath + "/" + part + "?page=1&per_page=30"} }
	checkReadings(t, f, "github_repository", []reading{
		{`"part":"branches","per_page":2`, []string{"GET " + helloPath + "/branches?page=1&per_page=2"},
			"octocat/Hello-World: 2 branches on page 1 of 9; next: page=2\n\nmaster c5b97d5 protected\nx y abc"},
		{`"part":"tags"`, page("tags"), "octocat/Hello-World: 1 tag on page 1 of 1\n\nv0.1 c5b97d5"},
		{`"part":"releases"`, page("releases"), "octocat/Hello-World: 1 release on page 1 of 1\n\nv1.0.0 — v1.0.0 — published 2013-02-27, @octocat, 1 file"},
		{`"part":"labels"`, page("labels"), "octocat/Hello-World: 2 labels on page 1 of 1\n\nbug #f29513 — Something isn't working\nenhancement #a2eeef — New feature or request"},
		{`"part":"milestones"`, []string{"GET " + helloPath + "/milestones?page=1&per_page=30&state=all"},
			"octocat/Hello-World: 1 milestone on page 1 of 1\n\n1 v1.0 — open, due 2012-10-09, 4 open and 8 closed issues — Tracking milestone for version 1.0"},
		{`"part":"contributors"`, page("contributors"), "octocat/Hello-World: 1 contributor on page 1 of 1\n\n@octocat — 32 commits"},
		{`"part":"collaborators"`, page("collaborators"), "octocat/Hello-World: 1 collaborator on page 1 of 1\n\n@octocat — write: push, triage, pull"},
		{`"part":"activity"`, []string{"GET " + helloPath + "/stats/commit_activity"},
			"octocat/Hello-World: commits to the default branch: 89 in 1 week\n\nweek of 2012-05-06: 89"},
	})
	f.answers["GET "+helloPath+"/branches"] = answer{body: `[]`}
	f.gives("github_repository", `{"repo":"octocat/Hello-World","part":"branches"}`, "octocat/Hello-World: no branches here; page 1 of 1")
	// https://docs.github.com/rest/repos/repos#list-repository-contributors: 204 if the repository is empty.
	f.answers["GET "+helloPath+"/contributors"] = answer{status: http.StatusNoContent}
	f.gives("github_repository", `{"repo":"octocat/Hello-World","part":"contributors"}`, "octocat/Hello-World: no contributors here; page 1 of 1")
}

// GitHub counts when it is asked.
func TestRepositoryActivityLater(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET " + helloPath + "/stats/commit_activity": {status: http.StatusAccepted, body: `{}`}})
	f.refuses("github_repository", `{"repo":"octocat/Hello-World","part":"activity"}`,
		"github: activity of octocat/Hello-World: GitHub is still counting; ask again in a few seconds")
	var weeks []string
	for week := range 52 {
		weeks = append(weeks, fmt.Sprintf(`{"total":%d,"week":%d}`, week, 1336280400+week*604800))
	}
	f.answers["GET "+helloPath+"/stats/commit_activity"] = answer{body: "[" + strings.Join(weeks, ",") + "]"}
	got, err := f.call("github_repository", `{"repo":"octocat/Hello-World","part":"activity"}`)
	if err != nil || !strings.HasPrefix(got, "octocat/Hello-World: commits to the default branch: 1,326 in 52 weeks\n\nweek of 2013-02-10: 40\n") ||
		!strings.HasSuffix(got, "\nweek of 2013-04-28: 51") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestRepositoryOne(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + helloPath + "/branches/feature/x%23":                             file("branch"),
		"GET " + helloPath + "/git/ref/tags/v0.0.1":                               {body: `{"ref":"refs/tags/v0.0.1","object":{"type":"tag","sha":"940bd336248efae0f9ee5bc7b2d5c985887b16ac"}}`},
		"GET " + helloPath + "/git/tags/940bd336248efae0f9ee5bc7b2d5c985887b16ac": file("git_tag"),
		"GET " + helloPath + "/git/ref/tags/plain":                                {body: `{"ref":"refs/tags/plain","object":{"type":"commit","sha":"c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"}}`},
		"GET " + helloPath + "/labels/good%20first%2Fissue":                       {body: `{"name":"good first/issue","color":"7057ff"}`},
	})
	checkReadings(t, f, "github_repository", []reading{
		{`"part":"branches","name":"refs/heads/feature/x#"`, []string{"GET " + helloPath + "/branches/feature/x%23"},
			"branch main of octocat/Hello-World\nhead 7fd1a60b01f91b314f59955a4e4d4e80d8edf11d\n7fd1a60 2012-03-06 @octocat — Merge pull request #6 from Spaceghost/patch-1\nWEB/octocat/Hello-World/tree/main"},
		{`"part":"tags","name":"v0.0.1"`, []string{"GET " + helloPath + "/git/ref/tags/v0.0.1", "GET " + helloPath + "/git/tags/940bd336248efae0f9ee5bc7b2d5c985887b16ac"},
			"tag v0.0.1 of octocat/Hello-World: commit c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c, by Monalisa Octocat, 2014-11-07\n> initial version"},
		{`"part":"tags","name":"plain"`, []string{"GET " + helloPath + "/git/ref/tags/plain"},
			"tag plain of octocat/Hello-World: a plain tag of commit c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"},
		{`"part":"labels","name":"good first/issue"`, []string{"GET " + helloPath + "/labels/good%20first%2Fissue"},
			"label of octocat/Hello-World: good first/issue #7057ff\nWEB/octocat/Hello-World/labels/good%20first%2Fissue"},
	})
	f.refuses("github_repository", `{"repo":"octocat/Hello-World","part":"branches","name":"gone"}`,
		"github: branches gone of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestReleases(t *testing.T) {
	t.Parallel()
	documented := file("releases")
	f := start(t, map[string]answer{
		"GET " + helloPath + "/releases/latest":      {body: `{"tag_name":"v2","name":"Two","author":{"login":"octocat"},"body":"## Changes\n- a\u200b\n# fake"}`},
		"GET " + helloPath + "/releases":             documented,
		"GET " + helloPath + "/releases/tags/long/1": {body: `{"tag_name":"long/1","body":"` + strings.Repeat("0123456789", 2000) + `"}`},
	})
	checkReadings(t, f, "github_repository", []reading{
		{`"part":"releases","name":"latest"`, []string{"GET " + helloPath + "/releases/latest"}, "# v2 — Two\n@octocat\n\n> ## Changes\n> - a\n> # fake"},
		// Drafts have no address by tag.
		{`"part":"releases","name":"v1.0.0"`, []string{"GET " + helloPath + "/releases/tags/v1.0.0", "GET " + helloPath + "/releases?per_page=100"},
			"# v1.0.0 — v1.0.0\npublished 2013-02-27, @octocat, 1 file, made from master\nhttps://github.com/octocat/Hello-World/releases/v1.0.0\n" +
				"file example.zip, 1.0 kB, 42 downloads\n\n> Description of the release"},
		{`"part":"releases","name":"long/1"`, []string{"GET " + helloPath + "/releases/tags/long/1"},
			"# long/1\n@ghost\n\n> " + strings.Repeat("0123456789", 1800) + "\n[cut after 18,000 of 20,000 characters; next: name=long/1 offset=18000]"},
		{`"part":"releases","name":"long/1","offset":18000`, []string{"GET " + helloPath + "/releases/tags/long/1"}, "> " + strings.Repeat("0123456789", 200)},
	})
	for _, list := range []answer{documented, {body: `[]`}, message(403, "no")} {
		f.answers["GET "+helloPath+"/releases"] = list
		f.refuses("github_repository", `{"repo":"octocat/Hello-World","part":"releases","name":"v9"}`,
			"github: releases v9 of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
	}
}

func TestReleaseWithManyFiles(t *testing.T) {
	t.Parallel()
	assets := strings.Repeat(`{"name":"`+strings.Repeat("n", 400)+`","size":1},`, 60)
	f := start(t, map[string]answer{"GET " + helloPath + "/releases/tags/v1": {body: `{"tag_name":"v1","assets":[` + strings.TrimSuffix(assets, ",") + `],"body":"` + strings.Repeat("x", 30_000) + `"}`}})
	got, err := f.call("github_repository", `{"repo":"octocat/Hello-World","part":"releases","name":"v1"}`)
	if err != nil || len(got) > 32_000 || !strings.Contains(got, "\n[10 more files are on the release's page]\n") || !strings.HasSuffix(got, "next: name=v1 offset=18000]") {
		t.Errorf("%v, %d bytes\n%s", err, len(got), got)
	}
}

func TestStarred(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /user/starred": file("starred").with("Link", links("page=3", "page=4")), "GET /users/octocat/starred": file("starred")})
	const line = "octocat/Hello-World — 80 stars, pushed 2011-01-26: This your first repo!, starred 2011-01-16"
	f.gives("github_repository", `{"part":"starred","page":2}`, "1 starred repository on page 2 of 4; next: page=3\n\n"+line)
	f.gives("github_repository", `{"part":"starred","name":"@octocat"}`, "1 starred repository on page 1 of 1\n\n"+line)
	f.wasAsked("GET /user/starred?page=2&per_page=30", "GET /users/octocat/starred?page=1&per_page=30")
	f.refuses("github_repository", `{"part":"starred","name":"nobody"}`,
		"github: starred repositories by @nobody: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestRepositoryRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`{}`:                                                  `'repo' must be "owner/name", like "octocat/Hello-World"; got ""`,
		`{"repo":"../x"}`:                                     `'repo' must be "owner/name", like "octocat/Hello-World"; got "../x"`,
		`{"repo":"o/r","part":"starred"}`:                     "part starred does not use 'repo'; 'name' says whose stars, if not the account's own",
		`{"part":"starred","name":"a/b"}`:                     `'name' must be a login; got "a/b"`,
		`{"repo":"o/r","name":"x"}`:                           "part summary does not use 'name'",
		`{"repo":"o/r","offset":5}`:                           "'offset' needs 'name', and 'part' tags or releases",
		`{"repo":"o/r","part":"commits"}`:                     `'part' must be one of summary, branches, tags, releases, labels, milestones, contributors, collaborators, activity, starred; got "commits"`,
		`{"repo":"o/r","part":"tags","name":".."}`:            `'name' ".." can't be the name of a branch, a tag or a commit`,
		`{"repo":"o/r","part":"branches","name":"a/../../b"}`: `'name' "a/../../b" can't be the name of a branch, a tag or a commit`,
		`{"repo":"o/r","part":"releases","name":"a?b"}`:       `'name' "a?b" can't be the name of a branch, a tag or a commit`,
		`{"repo":"o/r","part":"labels","name":".."}`:          `'name' ".." can't be a label`,
	} {
		f.refuses("github_repository", arguments, "github_repository: "+want)
	}
	f.wasAsked()
	f.refuses("github_repository", `{"repo":"o/r","part":"collaborators"}`,
		"github: collaborators of o/r: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}
