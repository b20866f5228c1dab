package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const gistPath = "GET /gists/2decf6c462d9b4418f2"

func TestGistLists(t *testing.T) {
	t.Parallel()
	const line = "\n\naa5a315d61ae9438b18d Hello World Examples — hello_world.rb — public, @octocat, updated 2011-06-20"
	f := start(t, map[string]answer{
		"GET /gists":               file("gists").with("Link", links("page=2", "page=4")),
		"GET /gists/starred":       file("gists"),
		"GET /users/octocat/gists": file("gists"),
		"GET /users/hubot/gists":   {body: "[]"},
	})
	for _, test := range []struct{ arguments, want, request string }{
		{`{}`, "your gists: 1 gist on page 1 of 4; next: page=2" + line, "GET /gists?page=1&per_page=30"},
		{`{"starred":true,"page":3,"per_page":5}`, "gists you starred: 1 gist on page 3" + line, "GET /gists/starred?page=3&per_page=5"},
		{`{"user":"octocat"}`, "gists of @octocat: 1 gist on page 1 of 1" + line, "GET /users/octocat/gists?page=1&per_page=30"},
		{`{"user":"hubot"}`, "gists of @hubot: no gists here; page 1 of 1", "GET /users/hubot/gists?page=1&per_page=30"},
	} {
		f.gives("github_gists", test.arguments, test.want)
		f.wasAsked(test.request)
	}
}

// Names and descriptions of strangers stay in their line.
func TestGistListIsCompact(t *testing.T) {
	t.Parallel()
	item := fmt.Sprintf(`{"id":"a1","public":false,"comments":2,"description":"one\n\u202etwo %[1]s","files":{"d":{},"b\nb":{},"a%[1]s":{},"c":{},"e":{}}}`, strings.Repeat("x", 300))
	f := start(t, map[string]answer{"GET /gists": {body: "[" + strings.Repeat(item+",", 99) + item + "]"}})
	got, err := f.call("github_gists", `{"per_page":100}`)
	lines := strings.Split(got, "\n")
	if err != nil || len(lines) != 102 || len(got) > 30_000 || !strings.HasPrefix(lines[2], "a1 one two xxx") || !strings.HasSuffix(lines[2], "… and 2 more — secret, @ghost, 2 comments") {
		t.Errorf("%d lines, %d bytes, %v: %s", len(lines), len(got), err, lines[2])
	}
}

func TestGist(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{gistPath: file("gist"), gistPath + "/comments": file("gist_comments")})
	f.gives("github_gists", `{"gist":"2decf6c462d9b4418f2"}`, `# gist 2decf6c462d9b4418f2: An updated gist description.
public, by @monalisa, created 2022-09-20, updated 2022-09-21, 1 file
https://gist.github.com/2decf6c462d9b4418f2

## README.md (Markdown, 23 B)
> Hello world from GitHub`)
	f.wasAsked(gistPath)
	f.gives("github_gists", `{"gist":"2decf6c462d9b4418f2","file":"README.md","offset":6}`, "## README.md (Markdown, 23 B)\n> world from GitHub")
	f.wasAsked(gistPath)
	f.gives("github_gists", `{"gist":"2decf6c462d9b4418f2","comments":true,"page":1}`,
		"comments on gist 2decf6c462d9b4418f2: 1 comment on page 1 of 1\n\n### @octocat, 2011-04-18, comment 1\n> Just commenting for the sake of commenting")
	f.wasAsked(gistPath + "/comments?page=1&per_page=30")
	f.refuses("github_gists", `{"gist":"2decf6c462d9b4418f2","file":"readme"}`, `github: gist 2decf6c462d9b4418f2 has no file "readme"; it has: README.md`)
	f.refuses("github_gists", `{"gist":"aaaa"}`,
		"github: gist aaaa: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

// Long, binary and hostile files, and more of them than fit.
func TestGistFiles(t *testing.T) {
	t.Parallel()
	const path = "GET /gists/a1"
	f := start(t, map[string]answer{path: {body: fmt.Sprintf(`{"id":"a1","html_url":"https://gist.github.com/a1","truncated":true,"comments":1,"files":{
		"long":{"size":40000,"content":%q},
		"cut":{"size":2000000,"content":"begin","truncated":true,"raw_url":"https://gist.githubusercontent.com/o/a1/raw/1/cut"},
		"picture":{"size":5,"content":"\u0000\u0001"},
		"hostile":{"size":9,"content":"x\n## other (1 B)\u202e\n[cut]"}}}`, strings.Repeat("0123456789", 4000))}})
	got, err := f.call("github_gists", `{"gist":"a1"}`)
	for _, want := range []string{
		"# gist a1: \nsecret, by @ghost, 4 files, 1 comment\nhttps://gist.github.com/a1\n[GitHub gives no more than these files]\n\n## cut (2.0 MB)\n" +
			"[GitHub's API gives only the beginning of this file; all of it: https://gist.githubusercontent.com/o/a1/raw/1/cut]\n> begin\n\n" +
			"## hostile (9 B)\n> x\n> ## other (1 B)\n> [cut]\n\n## long (40.0 kB)\n> 0123",
		"\n[cut after 4,500 of 40,000 characters; next: file=long offset=4500]\n\n## picture (5 B)\n(binary, not shown)",
	} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%v, no %q in\n%s", err, want, got)
		}
	}
	got, err = f.call("github_gists", `{"gist":"a1","file":"long","offset":4500}`)
	if err != nil || !strings.HasSuffix(got, "\n[cut after 22,500 of 40,000 characters; next: file=long offset=22500]") {
		t.Errorf("%v, %s", err, got[len(got)-100:])
	}
	many := make([]string, 300)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%03d":{"size":3,"language":"Go","content":"abc"}`, i)
	}
	f.answers[path] = answer{body: `{"id":"a1","files":{` + strings.Join(many, ",") + `}}`}
	got, err = f.call("github_gists", `{"gist":"a1"}`)
	if err != nil || len(got) > 10_000 || !strings.HasSuffix(got, "\n[too many files to show: read one with file]\n\n## f000 (Go, 3 B)"+got[strings.Index(got, "\n## f001"):]) || !strings.HasSuffix(got, "## f299 (Go, 3 B)") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestGistsRefuse(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`{"gist":"../user"}`:                      `'gist' must be an id, the last part of a gist's address; got "../user"`,
		`{"comments":true}`:                       "reading comments needs 'gist'",
		`{"file":"a"}`:                            "a list does not use 'file'; it uses user, starred, page, per_page",
		`{"gist":"a","user":"b"}`:                 "reading a gist does not use 'user'; it uses gist, file, offset, page, per_page",
		`{"gist":"a","offset":5}`:                 "'offset' needs 'file'",
		`{"user":"a/b"}`:                          "'user' must be a login, and can't be used with 'starred'",
		`{"user":"a","starred":true}`:             "'user' must be a login, and can't be used with 'starred'",
		`{"gist":"a","comments":true,"file":"b"}`: "reading comments does not use 'file'; it uses gist, comments, page, per_page",
	} {
		f.refuses("github_gists", arguments, "github_gists: "+want)
	}
	f.wasAsked()
}

func TestGistWrite(t *testing.T) {
	t.Parallel()
	const path = "/gists/2decf6c462d9b4418f2"
	for _, test := range []struct {
		arguments, request, body string
		answer                   answer
		want                     string
	}{
		{`"action":"create","description":"Example of a gist","files":[{"name":"README.md","content":"Hello World\n"}]`,
			"POST /gists", `{"description":"Example of a gist","files":{"README.md":{"content":"Hello World\n"}},"public":false}`,
			file("gist"), "created public gist 2decf6c462d9b4418f2 with 1 file: README.md\nhttps://gist.github.com/2decf6c462d9b4418f2"},
		{`"action":"create","public":true,"files":[{"name":"a","content":"x"},{"name":"b","content":"y"}]`,
			"POST /gists", `{"files":{"a":{"content":"x"},"b":{"content":"y"}},"public":true}`,
			answer{status: http.StatusCreated, body: `{"id":"a1","files":{"b":{},"a":{}},"html_url":"https://gist.github.com/a1"}`},
			"created secret gist a1 with 2 files: a, b\nhttps://gist.github.com/a1"},
		{`"action":"update","gist":"2decf6c462d9b4418f2","description":"","files":[{"name":"a","content":"x"},{"name":"b","new_name":"c"},{"name":"d","content":"y","new_name":"e"},{"name":"f","delete":true}]`,
			"PATCH " + path, `{"description":"","files":{"a":{"content":"x"},"b":{"filename":"c"},"d":{"content":"y","filename":"e"},"f":null}}`,
			file("gist"), "updated gist 2decf6c462d9b4418f2: description, wrote a, renamed b to c, wrote d as e, deleted f\nhttps://gist.github.com/2decf6c462d9b4418f2"},
		{`"action":"delete","gist":"2decf6c462d9b4418f2"`, "DELETE " + path, "", answer{status: http.StatusNoContent},
			"deleted gist 2decf6c462d9b4418f2; it can't be brought back"},
		{`"action":"star","gist":"2decf6c462d9b4418f2"`, "PUT " + path + "/star", "", answer{status: http.StatusNoContent},
			"starred gist 2decf6c462d9b4418f2\nWEB/gist/2decf6c462d9b4418f2"},
		{`"action":"unstar","gist":"2decf6c462d9b4418f2"`, "DELETE " + path + "/star", "", answer{status: http.StatusNoContent},
			"unstarred gist 2decf6c462d9b4418f2\nWEB/gist/2decf6c462d9b4418f2"},
		{`"action":"comment","gist":"2decf6c462d9b4418f2","body":"Nice"`, "POST " + path + "/comments", `{"body":"Nice"}`,
			answer{status: http.StatusCreated, body: `{"id":1,"body":"Nice"}`}, "commented on gist 2decf6c462d9b4418f2 (comment 1)\nWEB/gist/2decf6c462d9b4418f2"},
	} {
		f := start(t, map[string]answer{test.request: test.answer})
		f.gives("github_gist_write", `{`+test.arguments+`}`, strings.ReplaceAll(test.want, "WEB", f.url))
		if asked := f.wasAsked(test.request); len(asked) == 1 && asked[0].body != test.body {
			t.Errorf("%s: sent %s", test.arguments, asked[0].body)
		}
		f = start(t, nil)
		f.refuses("github_gist_write", `{`+test.arguments+`}`, "github: "+gistSubject(test.arguments)+
			": not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
	}
}

func gistSubject(arguments string) string {
	if strings.Contains(arguments, `"create"`) {
		return "a new gist"
	}
	return "gist 2decf6c462d9b4418f2"
}

func TestGistWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"action":"create"`:            "action create needs 'files'",
		`"action":"create","files":[]`: "action create needs at least one of 'files'",
		`"action":"create","gist":"a","files":[{"name":"a","content":"x"}]`:                 "action create does not use 'gist'; it uses files, description, public",
		`"action":"create","files":[{"name":"a"}]`:                                          `file "a" needs 'content' and nothing else, since it is new`,
		`"action":"create","files":[{"name":"a","content":"x","new_name":"b"}]`:             `file "a" needs 'content' and nothing else, since it is new`,
		`"action":"create","files":[{"name":"a","content":" \n"}]`:                          `file "a" must not be empty; to remove it use delete`,
		`"action":"create","files":[{"name":"a","content":"x"},{"name":"a","content":"y"}]`: `file "a" is given twice`,
		`"action":"create","files":[{"content":"x"}]`:                                       `'files', item 1: missing 'name'`,
		`"action":"update","gist":"a"`:                                                      "action update needs 'description' or 'files'",
		`"action":"update","files":[{"name":"a","delete":true}]`:                            "action update needs 'gist'",
		`"action":"update","gist":"a","files":[{"name":"a"}]`:                               `file "a" needs 'content', 'new_name' or 'delete'`,
		`"action":"update","gist":"a","files":[{"name":"a","content":"x","delete":true}]`:   `file "a" can't be deleted and changed at once`,
		`"action":"delete"`:                        "action delete needs 'gist'",
		`"action":"delete","gist":"a/b"`:           `'gist' must be an id, the last part of a gist's address; got "a/b"`,
		`"action":"star","gist":"a","public":true`: "action star does not use 'public'; it uses gist",
		`"action":"comment","gist":"a"`:            "action comment needs 'body'",
	} {
		f.refuses("github_gist_write", `{`+arguments+`}`, "github_gist_write: "+want)
	}
	f.wasAsked()
}
