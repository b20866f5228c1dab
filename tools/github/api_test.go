package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const topicsPath = "GET /repos/octocat/Hello-World/topics"

// The answer is the example in GitHub's documentation.
// https://docs.github.com/rest/repos/repos#get-all-repository-topics
func topics() answer {
	return answer{body: `{
  "names": ["octocat", "atom", "electron", "api"]
}`}
}

func TestAPIReads(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		topicsPath:                              topics().with("Link", links("per_page=2&page=2", "page=2")),
		"GET /repos/octocat/Hello-World/issues": file("recorded_issues_page_1").with("Link", links("page=2&after=Y3Vyc29y&per_page=1", "")),
		"GET /user/starred/a/b":                 {status: http.StatusNoContent},
		"GET /repos/a/b/stats/contributors":     {status: http.StatusAccepted, body: `{}`},
		"GET /zen%20of":                         answer{body: "Keep it\r\nlogically\u202e awesome."}.with("Content-Type", "text/plain"),
		"GET /zip":                              answer{body: "PK\x03\x04\x00\x00"}.with("Content-Type", "application/zip"),
	})
	for _, test := range []struct{ arguments, want, request string }{
		{`{"path":"/repos/octocat/Hello-World/topics/","query":{"per_page":2}}`,
			`GET repos/octocat/Hello-World/topics: 200; next: page=2` + "\n\n" + `{"names":["octocat","atom","electron","api"]}`, topicsPath + "?per_page=2"},
		{`{"path":"repos/octocat/Hello-World/topics?per_page=2","page":1,"jq":".names[1:]|join(\"\\n\")"}`,
			"GET repos/octocat/Hello-World/topics?per_page=2: 200; next: page=2\n\natom\nelectron\napi", topicsPath + "?page=1&per_page=2"},
		{`{"path":"repos/octocat/Hello-World/issues","query":{"state":"all","since":"2020-01-01T00:00:00Z"},"jq":".[]|{number,title}"}`,
			`GET repos/octocat/Hello-World/issues: 200; next: query with {"after":"Y3Vyc29y","page":"2","per_page":"1"}` + "\n\n" + firstIssues(t),
			"GET /repos/octocat/Hello-World/issues?since=2020-01-01T00%3A00%3A00Z&state=all"},
		{`{"path":"user/starred/a/b"}`, "GET user/starred/a/b: 204", "GET /user/starred/a/b"},
		{`{"path":"repos/a/b/stats/contributors"}`, "GET repos/a/b/stats/contributors: 202, GitHub is still at work on it\n\n{}", "GET /repos/a/b/stats/contributors"},
		{`{"path":"zen of"}`, "GET zen of: 200; [1 invisible character left out]\n\nKeep it\nlogically awesome.", "GET /zen%20of"},
		{`{"path":"zen of","jq":".[0:4]"}`, "GET zen of: 200\n\nKeep", "GET /zen%20of"},
		{`{"path":"zip"}`, "GET zip: 200; binary and not shown, application/zip, 6 B", "GET /zip"},
		{`{"path":"repos/octocat/Hello-World/topics","query":{"per_page":"2"},"jq":"empty"}`, "GET repos/octocat/Hello-World/topics: 200; next: page=2; jq gave nothing", topicsPath + "?per_page=2"},
	} {
		f.gives("github_api", test.arguments, test.want)
		f.wasAsked(test.request)
	}
}

func firstIssues(t *testing.T) string {
	var lines []string
	for number := 13; number > 10; number-- {
		lines = append(lines, fmt.Sprintf(`{"number":%d,"title":"Test issue %d"}`, number, number))
	}
	return strings.Join(lines, "\n")
}

// A raw file and a diff are texts, also when they happen to be JSON.
func TestAPIReadsText(t *testing.T) {
	t.Parallel()
	const path = "GET /repos/o/r/contents/a%20b/package.json"
	long := strings.Repeat("0123456789abcdef\n", 3000)
	f := start(t, map[string]answer{
		path:                      {body: "{}", raw: "{\n  \"a\": 1\n}\n"},
		"GET /repos/o/r/pulls/1":  {body: "{}", raw: long},
		"GET /repos/o/r/pulls/2":  {body: `"` + strings.Repeat("ü", 30_000) + `"`},
		"GET /repos/o/r/pulls/3":  {body: `[` + strings.Repeat(`"x",`, 20_000) + `1]`},
		"GET /repos/o/r/broken/1": {body: `{"a":`},
	})
	f.gives("github_api", `{"path":"repos/o/r/contents/a b/package.json","accept":"application/vnd.github.raw+json"}`,
		"GET repos/o/r/contents/a b/package.json: 200\n\n{\n  \"a\": 1\n}\n")
	if asked := f.wasAsked(path); asked[0].accept != "application/vnd.github.raw+json" {
		t.Errorf("accepts %s", asked[0].accept)
	}
	for arguments, want := range map[string]string{
		`{"path":"repos/o/r/pulls/1","accept":"application/vnd.github.diff"}`:                       "GET repos/o/r/pulls/1: 200; cut after 23,987 of 51,000 characters; next: jq=.[23987:47987]\n\n0123456789abcdef\n0123",
		`{"path":"repos/o/r/pulls/1","accept":"application/vnd.github.diff","jq":".[23987:47987]"}`: "GET repos/o/r/pulls/1: 200\n\n0123456789abcdef\n0123",
		`{"path":"repos/o/r/pulls/2"}`:            "GET repos/o/r/pulls/2: 200; cut after 24.0 kB of 60.0 kB: pick fields with jq, or ask for less\n\n\"üü",
		`{"path":"repos/o/r/pulls/3"}`:            "GET repos/o/r/pulls/3: 200; cut after 24.0 kB of 80.0 kB: pick fields with jq, or ask for less\n\n[\"x\",\"x\"",
		`{"path":"repos/o/r/pulls/3","jq":".[]"}`: "GET repos/o/r/pulls/3: 200; cut after 24.0 kB: let jq pick less\n\nx\nx\n",
		`{"path":"repos/o/r/broken/1"}`:           "GET repos/o/r/broken/1: 200\n\n{\"a\":",
	} {
		if got, err := f.call("github_api", arguments); err != nil || !strings.HasPrefix(got, want) || len(got) > 25_000 {
			t.Errorf("%s: %v, %d bytes: %.200s", arguments, err, len(got), got)
		}
	}
}

func TestAPIWrites(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"PUT /repos/octocat/Hello-World/topics":            topics(),
		"DELETE /repos/octocat/Hello-World/pages":          {status: http.StatusNoContent},
		"POST /repos/octocat/Hello-World/dispatches":       {status: http.StatusUnprocessableEntity, body: `{"message":"Invalid request.","errors":[{"resource":"R","field":"event_type","code":"missing_field"}]}`},
		"PATCH /repos/octocat/Hello-World/milestones/1":    {status: http.StatusOK, body: `{"number":1,"state":"closed"}`},
		"POST /repos/octocat/Hello-World/transfer":         {status: http.StatusAccepted, body: `{"id":1296269}`},
		"POST /repos/octocat/Hello-World/pulls/1/comments": {status: http.StatusCreated, body: `{"id":10}`},
	})
	for _, test := range []struct{ arguments, want, request, body string }{
		{`{"method":"PUT","path":"repos/octocat/Hello-World/topics","body":{"names":["octocat", "<b>"]},"jq":".names[0]"}`,
			"PUT repos/octocat/Hello-World/topics: 200\n\noctocat", "PUT /repos/octocat/Hello-World/topics", `{"names":["octocat","<b>"]}`},
		{`{"method":"DELETE","path":"repos/octocat/Hello-World/pages"}`, "DELETE repos/octocat/Hello-World/pages: 204", "DELETE /repos/octocat/Hello-World/pages", ""},
		{`{"method":"PATCH","path":"repos/octocat/Hello-World/milestones/1","query":{"a":true},"body":{"state":"closed"}}`,
			"PATCH repos/octocat/Hello-World/milestones/1: 200\n\n" + `{"number":1,"state":"closed"}`, "PATCH /repos/octocat/Hello-World/milestones/1?a=true", `{"state":"closed"}`},
		{`{"method":"POST","path":"repos/octocat/Hello-World/transfer","body":{"new_owner":"github"}}`,
			"POST repos/octocat/Hello-World/transfer: 202, GitHub is still at work on it\n\n" + `{"id":1296269}`, "POST /repos/octocat/Hello-World/transfer", `{"new_owner":"github"}`},
		{`{"method":"POST","path":"repos/octocat/Hello-World/pulls/1/comments"}`,
			"POST repos/octocat/Hello-World/pulls/1/comments: 201\n\n" + `{"id":10}`, "POST /repos/octocat/Hello-World/pulls/1/comments", ""},
	} {
		f.gives("github_api_write", test.arguments, test.want)
		if asked := f.wasAsked(test.request); len(asked) == 1 && asked[0].body != test.body {
			t.Errorf("%s: sent %s", test.arguments, asked[0].body)
		}
	}
	f.refuses("github_api_write", `{"method":"POST","path":"repos/octocat/Hello-World/dispatches"}`,
		"github: POST repos/octocat/Hello-World/dispatches: not accepted (422): Invalid request.; event_type is missing")
	f.wasAsked("POST /repos/octocat/Hello-World/dispatches")
}

const graphqlPath = "POST /api/graphql"

func TestAPIGraphQL(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{graphqlPath: {body: `{"data": {"viewer": {"login": "octocat"}}}`}})
	f.gives("github_api", `{"graphql":"query($n:Int){ viewer { login } }","variables":{"n": 1}}`,
		"this GraphQL document: 200\n\n"+`{"data":{"viewer":{"login":"octocat"}}}`)
	if asked := f.wasAsked(graphqlPath); asked[0].body != `{"query":"query($n:Int){ viewer { login } }","variables":{"n":1}}` {
		t.Errorf("sent %s", asked[0].body)
	}
	f.gives("github_api", `{"graphql":"{viewer{login}}","jq":".data.viewer.login"}`, "this GraphQL document: 200\n\noctocat")
	f.gives("github_api_write", `{"graphql":"mutation{a{b}}"}`, "this GraphQL document: 200\n\n"+`{"data":{"viewer":{"login":"octocat"}}}`)
	f.answers[graphqlPath] = answer{body: `{"data":{"a":{"b":1},"c":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node"}]}`}
	f.gives("github_api", `{"graphql":"{a{b} c}","jq":".data.a.b"}`, "this GraphQL document: 200; with errors: Could not resolve to a node\n\n1")
	f.answers[graphqlPath] = answer{body: `{"data":{"c":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node"}]}`}
	f.refuses("github_api", `{"graphql":"{c}"}`,
		"github: this GraphQL document: not found (Could not resolve to a node); check the spelling with github_search; if it is private, the account needs access to it")
	f.answers[graphqlPath] = answer{body: `{"errors":[{"message":"Field 'c' doesn't exist on type 'Query'"}]}`}
	f.refuses("github_api", `{"graphql":"{c}"}`, "github: this GraphQL document: refused: Field 'c' doesn't exist on type 'Query'")
	f.answers[graphqlPath] = answer{body: `<html>`}
	f.refuses("github_api", `{"graphql":"{c}"}`,
		"github: the answer is not what GitHub's API gives; check GITHUB_HOST and whether a proxy or sign-in page is in between")
}

// What could reach something else than it seems to is refused before anything
// is sent.
func TestAPIRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	const plain = "'path' is not a plain path, like repos/octocat/Hello-World"
	const host = "'path' must be a path below the API's address, without a host, like repos/octocat/Hello-World"
	const parts = "'path' must be a plain path, without '..' and empty parts"
	const slashes = "'path' must not hold escaped slashes or the like; for such a name use another tool"
	const secret = "a token or secret has no place in an address; the request is signed in already"
	for arguments, want := range map[string]string{
		`{}`:                                                     "give either 'path' or 'graphql'",
		`{"path":"a","graphql":"{a}"}`:                           "'graphql' takes the place of 'path' and 'query'",
		`{"query":{"a":1},"graphql":"{a}"}`:                      "'graphql' takes the place of 'path' and 'query'",
		`{"path":"a","variables":{}}`:                            "'variables' needs 'graphql'",
		`{"page":2,"graphql":"{a}"}`:                             "'page' can't be used with 'graphql'",
		`{"accept":"text/x","graphql":"{a}"}`:                    "'accept' can't be used with 'graphql'",
		`{"path":"a?page=1","page":2}`:                           "'page' is given twice",
		`{"path":"a","accept":"raw\r\nX: y"}`:                    `'accept' must be a media type, like application/vnd.github.diff; got "raw X: y"`,
		`{"path":"a","jq":".["}`:                                 `'jq' is not a filter: unexpected EOF after ".["`,
		`{"graphql":"mutation{a}"}`:                              "'graphql' must be a query here; use github_api_write for a mutation",
		`{"graphql":"{a} mutation{b}"}`:                          "'graphql': it holds 2 operations (query, mutation); send one a call",
		`{"graphql":"subscription{a}"}`:                          "'graphql' must be a query; a subscription can't be sent",
		`{"path":"https://evil.example/user"}`:                   host,
		`{"path":"//evil.example/user"}`:                         host,
		`{"path":"/https://evil.example"}`:                       host,
		`{"path":"repos/../user"}`:                               parts,
		`{"path":"repos/%2e%2e/user"}`:                           parts,
		`{"path":"repos//user"}`:                                 parts,
		`{"path":"."}`:                                           parts,
		`{"path":"/"}`:                                           parts,
		`{"path":"repos/a%2Fb"}`:                                 slashes,
		`{"path":"repos/a%252Fb"}`:                               slashes,
		`{"path":"repos/a%5Cb"}`:                                 slashes,
		`{"path":"repos/a\\b"}`:                                  plain,
		`{"path":"repos/a#b"}`:                                   plain,
		`{"path":"repos/a%zz"}`:                                  plain,
		`{"path":"repos/a\nb"}`:                                  plain,
		`{"path":"repos/a%00b"}`:                                 parts,
		`{"path":"graphql"}`:                                     "'path' can't be graphql; put the document into the argument 'graphql'",
		`{"path":"%67raphQL/"}`:                                  "'path' can't be graphql; put the document into the argument 'graphql'",
		`{"path":"a?b=%zz"}`:                                     "the query in 'path' can't be read; use 'query' instead",
		`{"path":"a?b=1","query":{"b":1}}`:                       `query parameter "b" is given twice`,
		`{"path":"a","query":{"b":[1]}}`:                         `query parameter "b" must be a text, a number, true or false`,
		`{"path":"a","query":{"access_token":"x"}}`:              secret,
		`{"path":"a","query":{"q":"ghp_exampleexampleexample"}}`: secret,
		`{"path":"a/github_pat_exampleexampleexample"}`:          secret,
	} {
		f.refuses("github_api", arguments, "github_api: "+want)
	}
	for arguments, want := range map[string]string{
		`{"path":"a"}`:                "'path' needs 'method'; to read use github_api",
		`{"method":"GET","path":"a"}`: `'method' must be one of POST, PATCH, PUT, DELETE; got "GET"`,
		`{"method":"POST","path":"graphql","body":{"query":"mutation{a}"}}`: "'path' can't be graphql; put the document into the argument 'graphql'",
		`{"method":"POST","graphql":"mutation{a}"}`:                         "'method' can't be used with 'graphql'",
		`{"body":{},"graphql":"mutation{a}"}`:                               "'body' can't be used with 'graphql'",
		`{"graphql":"{a}"}`:                                                 "'graphql' must be a mutation here; use github_api for a query",
		`{"method":"POST","path":"a","body":[1]}`:                           "'body' must be a JSON object, got a list",
	} {
		f.refuses("github_api_write", arguments, "github_api_write: "+want)
	}
	f.wasAsked()
	f.refuses("github_api", `{"path":"repos/o/r/nothing"}`,
		"github: GET repos/o/r/nothing: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}
