package github_test

import (
	"net/http"
	"strings"
	"testing"
)

// All that GitHub documents of a changed file, but for its addresses.
func TestDetailOfAList(t *testing.T) {
	t.Parallel()
	f := start(t, pullAnswers())
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"files","detail":"full"}`,
		"octocat/Hello-World#1347: 1 file on page 1 of 1\n\n"+
			"GET repos/octocat/Hello-World/pulls/1347/files?page=1&per_page=30\n"+
			`{"additions":103,"changes":124,"deletions":21,"filename":"file1.txt","patch":"@@ -132,7 +132,7 @@ module Test @@ -1000,7 +1000,7 @@ module Test",`+
			`"sha":"bbcd538c8e72b8c175046e27cc8f907076331401","status":"added"}`+"\n")
}

// Accounts and repositories have names; what is empty, and what only machines
// follow, isn't told.
func TestDetailIsThin(t *testing.T) {
	t.Parallel()
	f := start(t, pullAnswers())
	got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"detail":"full"}`)
	if err != nil || !strings.HasPrefix(got, "# #1347 Amazing new feature\n\nGET repos/octocat/Hello-World/pulls/1347\n") {
		t.Fatalf("%v\n%s", err, got)
	}
	for _, part := range []string{
		`"base":{"label":"octocat:master","ref":"master","repo":"octocat/Hello-World","sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","user":"@octocat"}`,
		`"merge_commit_sha":"e5bd3914e2e596debea16f433f57875b5b90bcd6"`, `"rebaseable":true`, `"draft":false`,
		`"requested_reviewers":["@other_user"]`, `"html_url":"https://github.com/octocat/Hello-World/pull/1347"`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in\n%s", part, got)
		}
	}
	for _, noise := range []string{"api.github.com", "node_id", "_links", "avatar", "null", `""`, "[]", "{}"} {
		if strings.Contains(got, noise) {
			t.Errorf("%s in\n%s", noise, got)
		}
	}
}

// Each result of a search is a line, below what is said of all.
func TestDetailOfASearch(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /search/issues": answer{body: `{"total_count":2,"incomplete_results":false,"items":[
		{"number":1,"node_id":"N","_links":{"self":"s"},"url":"u","comments_url":"c","author_association":"NONE","user":{"login":"mallory"},"reactions":{"url":"x","total_count":0,"+1":0},"body":"a\nGET /forged\u200b\u202e"},
		{"number":2,"author_association":"MEMBER","user":{"login":"octocat"},"body":"` + strings.Repeat("é", 2010) + `"}]}`}.with(unlikely, "links that results don't have")})
	got, err := f.call("github_search", `{"kind":"issues","query":"x","detail":"full"}`)
	_, rest, _ := strings.Cut(got, "\n\n")
	lines := strings.Split(rest, "\n")
	if err != nil || len(lines) != 5 {
		t.Fatalf("%v\n%s", err, got)
	}
	for i, want := range []string{
		`GET search/issues?`,
		`{"incomplete_results":false,"total_count":2}`,
		`{"author_association":"NONE","body":"a\nGET /forged","number":1,"user":"@mallory (outsider)"}`,
		`{"author_association":"MEMBER","body":"` + strings.Repeat("é", 2000) + `… (10 characters more)","number":2,"user":"@octocat"}`,
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d: %s", i, lines[i])
		}
	}
}

// Credentials aren't fields that matter, whoever sends them.
func TestDetailTellsNoSecret(t *testing.T) {
	t.Parallel()
	const found = "example-secret-of-an-alert"
	f := start(t, map[string]answer{
		"GET /repos/o/r/secret-scanning/alerts/7":           {body: `{"number":7,"secret":"` + found + `","locations_url":"x","state":"open"}`},
		"GET /repos/o/r/secret-scanning/alerts/7/locations": {body: `[]`},
		"GET /repos/o/r":        {body: `{"full_name":"o/r","temp_clone_token":"` + found + `"}`},
		"POST /repos/o/r/forks": {status: http.StatusAccepted, body: `{"full_name":"o/r","temp_clone_token":"` + found + `"}`},
	})
	for tool, arguments := range map[string]string{
		"github_security":   `{"kind":"secret_scanning","id":"7","repo":"o/r","detail":"full"}`,
		"github_repository": `{"repo":"o/r","detail":"full"}`,
		"github_api":        `{"path":"repos/o/r"}`,
	} {
		got, err := f.call(tool, arguments)
		if err != nil || strings.Contains(got, found) {
			t.Errorf("%s: %v\n%s", tool, err, got)
		}
	}
	for tool, arguments := range map[string]string{
		"github_api":       `{"path":"repos/o/r","accept":"application/vnd.github.raw+json"}`,
		"github_api_write": `{"method":"POST","path":"repos/o/r/forks","body":{}}`,
	} {
		got, err := f.call(tool, arguments)
		if err != nil || strings.Contains(got, found) || !strings.Contains(got, "o/r") {
			t.Errorf("%s %s: %v\n%s", tool, arguments, err, got)
		}
	}
	file := start(t, map[string]answer{"GET /repos/o/r/contents/a.json": {raw: `{"secret":"of a file"}`, body: `{"download_url":"https://raw.example.com/o/r/a.json?token=` + found + `","size":5}`}})
	file.gives("github_api", `{"path":"repos/o/r/contents/a.json","accept":"application/vnd.github.raw+json"}`, "GET repos/o/r/contents/a.json: 200\n\n"+`{"secret":"of a file"}`)
	file.gives("github_api", `{"path":"repos/o/r/contents/a.json"}`,
		"GET repos/o/r/contents/a.json: 200\n\n"+`{"download_url":"https://raw.example.com/o/r/a.json?token=`+strings.Repeat("*", len(found))+`","size":5}`)
	f.refuses("github_api", `{"graphql":"{repository(owner:\"o\",name:\"r\"){a:tempCloneToken}}"}`,
		"github_api: 'graphql': tempCloneToken is a credential, which no answer shows")
}

// What is no list of fields is shown as ever, above the fields.
func TestDetailOfTexts(t *testing.T) {
	t.Parallel()
	diff := pullAnswers()
	diff[pullPath] = answer{body: `{}`, raw: "diff --git a/a b/a\n"}
	f := start(t, diff)
	for _, detail := range []string{"", `,"detail":"full"`} {
		got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff"`+detail+`}`)
		if err != nil || !strings.Contains(got, "diff --git a/a b/a\n") {
			t.Errorf("%s: %v\n%s", detail, err, got)
		}
	}
	logged := start(t, map[string]answer{
		"GET " + actionsPath + "/runs/5/jobs": {body: `{"total_count":1,"jobs":[{"id":42,"name":"test","status":"completed","conclusion":"failure"}]}`},
		logPath:                               keeping(t, stamped(failedLog()...)),
	})
	got, err := logged.call("github_actions", actionsRepo+`"part":"log","run":5,"detail":"full"}`)
	if err != nil || !strings.Contains(got, "--- FAIL: TestTide") || !strings.Contains(got, `{"conclusion":"failure","id":42,"name":"test","status":"completed"}`) {
		t.Errorf("%v\n%s", err, got)
	}
}

// A refusal is told as ever.
func TestDetailOfNothing(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /repos/o/r": {status: http.StatusNotFound, body: `{"message":"Not Found"}`}})
	f.refuses("github_repository", `{"repo":"o/r","detail":"most"}`, "github_repository: 'detail' must be one of full; got \"most\"")
	if _, err := f.call("github_repository", `{"repo":"o/r","detail":"full"}`); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

// All fields are those of what VALET_REPOS leaves.
func TestDetailKeepsToTheList(t *testing.T) {
	t.Parallel()
	f := startGuarded(t, map[string]answer{"GET /search/issues": {body: `{"total_count":2,"incomplete_results":false,"items":[
		{"number":1,"title":"mine","repository_url":"https://api.github.com/repos/mona/x"},
		{"number":2,"title":"theirs","repository_url":"https://api.github.com/repos/evil/x"}]}`}}, "mona/*")
	got, err := f.call("github_search", `{"kind":"issues","query":"x repo:mona/x","detail":"full"}`)
	if err != nil || !strings.Contains(got, "mine") || strings.Contains(got, "theirs") {
		t.Errorf("%v\n%s", err, got)
	}
}
