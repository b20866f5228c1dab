package github_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const octocatSHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

func TestCommits(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET " + helloPath + "/commits": file("commits").with("Link", links("page=3", ""))})
	const line = "6dcb09b 2011-04-14 @octocat — Fix all the bugs"
	checkReadings(t, f, "github_commits", []reading{
		{`"page":2`, []string{"GET " + helloPath + "/commits?page=2&per_page=30"}, "octocat/Hello-World: 1 commit on page 2; next: page=3\n\n" + line},
		{`"ref":"feature/x","path":"/docs/a b.md","author":"@octocat","since":"2026-01-01","until":"2026-01-31","per_page":5`,
			[]string{"GET " + helloPath + "/commits?author=octocat&page=1&path=docs%2Fa+b.md&per_page=5&sha=feature%2Fx&since=2026-01-01T00%3A00%3A00Z&until=2026-01-31T23%3A59%3A59Z"},
			"octocat/Hello-World/docs/a b.md at feature/x: 1 commit on page 1; next: page=3\n\n" + line},
		{`"until":"2026-01-31T12:00:00Z"`, []string{"GET " + helloPath + "/commits?page=1&per_page=30&until=2026-01-31T12%3A00%3A00Z"},
			"octocat/Hello-World: 1 commit on page 1; next: page=3\n\n" + line},
	})
	// https://docs.github.com/rest/commits/commits#list-commits: 409 if the repository is empty.
	f.answers["GET "+helloPath+"/commits"] = message(409, "Git Repository is empty.")
	f.refuses("github_commits", `{"repo":"octocat/Hello-World"}`, "github: octocat/Hello-World: refused (409 Git Repository is empty.)")
	f.answers["GET "+helloPath+"/commits"] = answer{body: `[]`}
	f.gives("github_commits", `{"repo":"octocat/Hello-World","path":"gone"}`, "octocat/Hello-World/gone: no commits here; page 1 of 1")
}

const commitText = "# commit " + octocatSHA + "\nby @octocat (Monalisa Octocat), 2011-04-14, parents: 6dcb09b, +104 −4\n" +
	"https://github.com/octocat/Hello-World/commit/" + octocatSHA + "\n\n> Fix all the bugs"

// withDiff adds the diff to a commit, which is asked for at the same address.
func withDiff(a answer, diff string) answer {
	a.raw = diff
	return a
}

func TestCommit(t *testing.T) {
	t.Parallel()
	diff := diffOf("a.go", 300) + diffOf("b.go", 300)
	f := start(t, map[string]answer{
		"GET " + helloPath + "/commits/feature/x%23":  file("commit"),
		"GET " + helloPath + "/commits/" + octocatSHA: withDiff(file("commit"), diff),
		"GET " + helloPath + "/commits/HEAD":          file("commit"),
	})
	// The diff is that of the commit shown, whatever has come to the branch since.
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"commit","ref":"feature/x#"}`,
		commitText+"\n\noctocat/Hello-World at 6dcb09b: diff of 2 files; page 1 of 2; next: page=2\n\n"+diffOf("a.go", 300))
	asked := f.wasAsked("GET "+helloPath+"/commits/feature/x%23?per_page=1", "GET "+helloPath+"/commits/"+octocatSHA)
	if !strings.Contains(asked[1].accept, "diff") {
		t.Errorf("Accept %q", asked[1].accept)
	}
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"commit","ref":"`+octocatSHA+`","page":2}`,
		"octocat/Hello-World at 6dcb09b: diff of 2 files; page 2 of 2\n\n"+diffOf("b.go", 300))
	f.wasAsked("GET " + helloPath + "/commits/" + octocatSHA)
	f.answers["GET "+helloPath+"/commits/"+octocatSHA] = message(406, "Sorry, the diff exceeded the maximum number of lines (20000)")
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"commit"}`,
		commitText+"\n\n[github: octocat/Hello-World at 6dcb09b: GitHub gives no diff this large; use github_contents for single files at this commit]")
	f.wasAsked("GET "+helloPath+"/commits/HEAD?per_page=1", "GET "+helloPath+"/commits/"+octocatSHA)
	f.answers["GET "+helloPath+"/commits/"+octocatSHA] = message(500, "")
	f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"commit"}`, "github: octocat/Hello-World at 6dcb09b: GitHub has trouble (500); try again in a minute")
	f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"commit","ref":"gone"}`,
		"github: octocat/Hello-World at gone: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

// What a commit says of its author anybody can write.
func TestCommitPeople(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 1000)
	const path = "GET " + helloPath + "/commits/HEAD"
	f := start(t, map[string]answer{path: {body: `{"sha":"abc","author":null,"committer":{"login":"web"},"parents":[{"sha":"1"},{"sha":"2"}],"commit":{
		"author":{"name":"Mona\n# x","date":"2026-01-02T00:00:00Z"},"committer":{"name":"Webb","date":"2026-01-03T00:00:00Z"},
		"verification":{"verified":true},"message":"subject\n\n` + long + `"}}`}, "GET " + helloPath + "/commits/abc": {raw: diffOf("a.go", 1)}})
	got, err := f.call("github_commits", `{"repo":"octocat/Hello-World","part":"commit"}`)
	want := "# commit abc\nby Mona # x (no account), 2026-01-02, committed by @web (Webb) 2026-01-03, parents: 1 2, +0 −0, signature verified\n\n> subject\n> \n> word "
	if err != nil || !strings.HasPrefix(got, want) || !strings.Contains(got, "\n[cut after 4,000 of 5,008 characters; next: offset=4000]\n\n") {
		t.Errorf("%v\n%s", err, got)
	}
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"commit","offset":4989}`, "> word word word word")
}

func TestCompare(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + helloPath + "/compare/release%2F1...mona%3Atopic": withDiff(file("compare"), diffOf("a.go", 1)),
		"GET " + helloPath + "/compare/master...HEAD":              file("compare").with("Link", links("", "")),
	})
	const head = "1 ahead, 2 behind; merge base 6dcb09b; 1 commit on page 1 of 1\nhttps://github.com/octocat/Hello-World/compare/master...topic\n\n6dcb09b 2011-04-14 @octocat — Fix all the bugs"
	checkReadings(t, f, "github_commits", []reading{
		{`"part":"compare","base":"release/1","ref":"mona:topic"`, []string{"GET " + helloPath + "/compare/release%2F1...mona%3Atopic?page=1&per_page=30"},
			"octocat/Hello-World release/1...mona:topic: " + head + "\n\n1 file\n\nadded file1.txt +103 −21"},
		{`"part":"compare","base":"master","page":2`, []string{"GET " + helloPath + "/compare/master...HEAD?page=2&per_page=30"},
			"octocat/Hello-World master...HEAD: " + strings.Replace(head, "page 1 of 1", "page 2", 1)},
		{`"part":"diff","base":"release/1","ref":"mona:topic"`, []string{"GET " + helloPath + "/compare/release%2F1...mona%3Atopic"},
			"octocat/Hello-World release/1...mona:topic: diff of 1 file; page 1 of 1\n\n" + diffOf("a.go", 1)},
	})
	f.answers["GET "+helloPath+"/compare/master...HEAD"] = message(406, "too large")
	f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"diff","base":"master"}`,
		"github: octocat/Hello-World master...HEAD: GitHub gives no diff this large; use part=compare for the files, then github_contents for single ones")
	f.answers["GET "+helloPath+"/compare/master...HEAD"] = answer{body: `{"status":"identical","merge_base_commit":{"sha":"abcdefghi"},"html_url":"https://x"}`}
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"compare","base":"master"}`,
		"octocat/Hello-World master...HEAD: 0 ahead, 0 behind; merge base abcdefg; no commits here; page 1 of 1\nhttps://x\n\nno files here")
}

func TestCompareManyFiles(t *testing.T) {
	t.Parallel()
	var files []string
	for i := range 300 {
		files = append(files, fmt.Sprintf(`{"filename":"%s%d","status":"renamed","previous_filename":"old","additions":1}`, strings.Repeat("f", 200), i))
	}
	f := start(t, map[string]answer{"GET " + helloPath + "/compare/a...HEAD": {body: `{"files":[` + strings.Join(files, ",") + `]}`}})
	got, err := f.call("github_commits", `{"repo":"octocat/Hello-World","part":"compare","base":"a"}`)
	lines := strings.Split(got, "\n")
	if err != nil || len(got) > 20_000 || !strings.Contains(got, "\n300 files (GitHub lists no more here; part=diff shows all)\n\nrenamed old → fff") ||
		lines[len(lines)-1] != fmt.Sprintf("[%d more: part=diff]", 300-strings.Count(got, "renamed")) {
		t.Errorf("%v, %d bytes, %s", err, len(got), lines[len(lines)-1])
	}
}

// blameAnswer has the shape of the query, which GitHub keeps.
func blameAnswer(object string) answer {
	return answer{body: `{"data":{"repository":{"object":` + object + `}}}`}
}

const blameRanges = `{"ranges":[
	{"startingLine":1,"endingLine":4,"commit":{"oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e","messageHeadline":"Fix all the bugs","author":{"name":"Mona","date":"2011-04-14T16:00:49Z","user":{"login":"octocat"}}}},
	{"startingLine":5,"endingLine":9,"commit":{"oid":"7fd1a60b01f91b314f59955a4e4d4e80d8edf11d","messageHeadline":"New\u202eline\n# x","author":{"name":"Nobody","date":"2012-03-06T23:06:50+02:00","user":null}}}]}`

func TestBlame(t *testing.T) {
	t.Parallel()
	const graph = "POST /api/graphql"
	f := start(t, map[string]answer{graph: blameAnswer(`{"blame":` + blameRanges + `}`)})
	const first, second = "6dcb09b 2011-04-14 @octocat — Fix all the bugs", "7fd1a60 2012-03-06 Nobody — Newline"
	checkReadings(t, f, "github_commits", []reading{
		{`"part":"blame","path":"./a.go"`, []string{graph}, "octocat/Hello-World/a.go: blame of lines 1–9 of 9\n\n1–4 " + first + "\n5–9 " + second},
		{`"part":"blame","path":"a.go","start_line":3,"end_line":6`, []string{graph},
			"octocat/Hello-World/a.go: blame of lines 3–6 of 9; next: start_line=7\n\n3–4 " + first + "\n5–6 " + second},
		{`"part":"blame","path":"a.go","start_line":9,"end_line":99`, []string{graph}, "octocat/Hello-World/a.go: blame of lines 9–9 of 9\n\n9–9 " + second},
	})
	f.answers[graph] = blameAnswer(`{"target":{"blame":` + blameRanges + `}}`)
	f.gives("github_commits", `{"repo":"octocat/Hello-World","part":"blame","path":"a.go","ref":"v1","end_line":1}`,
		"octocat/Hello-World/a.go at v1: blame of lines 1–1 of 9; next: start_line=2\n\n1–1 "+first)
	var sent struct{ Variables map[string]string }
	if asked := f.wasAsked(graph); json.Unmarshal([]byte(asked[0].body), &sent) != nil ||
		fmt.Sprint(sent.Variables) != "map[name:Hello-World owner:octocat path:a.go ref:v1]" {
		t.Errorf("sent %v", sent.Variables)
	}
	f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"blame","path":"a.go","start_line":10}`,
		"github: octocat/Hello-World/a.go: start_line 10 is beyond the end: there are 9 lines")
	for object, want := range map[string]string{
		`null`:                    "there is no such branch, tag or commit; github_repository lists branches and tags",
		`{}`:                      "no such file there, or an empty one; github_contents lists files",
		`{"blame":{"ranges":[]}}`: "no such file there, or an empty one; github_contents lists files",
	} {
		f.answers[graph] = blameAnswer(object)
		f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"blame","path":"a.go"}`, "github: octocat/Hello-World/a.go: "+want)
	}
	f.answers[graph] = answer{body: `{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a Repository with the name 'octocat/Hello-World'."}]}`}
	f.refuses("github_commits", `{"repo":"octocat/Hello-World","part":"blame","path":"a.go"}`,
		"github: octocat/Hello-World/a.go: not found (Could not resolve to a Repository with the name 'octocat/Hello-World'.); check the spelling with github_search; if it is private, the account needs access to it")
}

func TestLongBlame(t *testing.T) {
	t.Parallel()
	var ranges []string
	for line := 1; line <= 2000; line++ {
		ranges = append(ranges, fmt.Sprintf(`{"startingLine":%d,"endingLine":%[1]d,"commit":{"oid":"%040d","messageHeadline":"a change"}}`, line, line))
	}
	f := start(t, map[string]answer{"POST /api/graphql": blameAnswer(`{"blame":{"ranges":[` + strings.Join(ranges, ",") + `]}}`)})
	next, seen := 1, 0
	for range 10 {
		got, err := f.call("github_commits", fmt.Sprintf(`{"repo":"octocat/Hello-World","part":"blame","path":"p","start_line":%d}`, next))
		if err != nil || len(got) > 25_000 {
			t.Fatalf("%v, %d bytes", err, len(got))
		}
		seen += strings.Count(got, " — a change")
		_, after, more := strings.Cut(got, "; next: start_line=")
		if !more {
			break
		}
		fmt.Sscan(after, &next)
	}
	if seen != 2000 {
		t.Errorf("%d lines", seen)
	}
}

func TestCommitsRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"base":"a"`:                     "part list does not use 'base'; it uses ref, path, author, since, until",
		`"part":"compare"`:               "part compare needs 'base'",
		`"part":"diff","ref":"x"`:        "part diff needs 'base'",
		`"part":"blame"`:                 "part blame needs 'path'",
		`"part":"blame","path":"/"`:      "part blame needs 'path'",
		`"part":"commit","path":"a"`:     "part commit does not use 'path'; it uses ref, offset",
		`"since":"yesterday"`:            `'since' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "yesterday"`,
		`"until":"2026-02-30"`:           `'until' must be a date like 2026-01-31 or a time like 2026-01-31T12:00:00Z, got "2026-02-30"`,
		`"ref":"a..b"`:                   `'ref' "a..b" can't be the name of a branch, a tag or a commit`,
		`"ref":"a\nb"`:                   `'ref' "a b" can't be the name of a branch, a tag or a commit`,
		`"part":"diff","base":"../../x"`: `'base' "../../x" can't be the name of a branch, a tag or a commit`,
		`"path":"a/../b"`:                "'path' must be a plain path from the repository's root, without . and ..",
		`"part":"blame","path":"a","start_line":3,"end_line":2`: "'end_line' 2 is before 'start_line' 3",
		`"part":"log"`: `'part' must be one of list, commit, compare, diff, blame; got "log"`,
	} {
		f.refuses("github_commits", `{"repo":"octocat/Hello-World",`+arguments+`}`, "github_commits: "+want)
	}
	f.wasAsked()
}
