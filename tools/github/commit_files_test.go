package github_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	gitPath   = helloPath + "/git"
	headSHA   = "7638417db6d59f3c431d3e1f261cc637155684cd" // of the documented commit
	baseTree  = "691272480426f78a0138979dd3ce63b77f706feb" // of the same
	subTree   = "f484d249c660418515fb01c2b9662073663c242e" // of the documented tree
	madeTree  = "cd8274d15fa3ae2ab983129fb037999f264ba9a7"
	madeSHA   = "1acc419d4d6a9ce985db7be48c6349a0475975b5"
	blobSHA   = "3a0f86fb8db8eea7ccbb9a95f325ddbedfb25e15"
	refAnswer = `{"ref":"refs/heads/featureA","object":{"type":"commit","sha":"` + headSHA + `"}}`
)

// commitAnswers are GitHub's for a branch feature/a# that has the documented
// tree: file.rb, exec_file and subdir.
func commitAnswers() map[string]answer {
	return map[string]answer{
		"GET " + gitPath + "/ref/heads/feature/a%23":    {body: refAnswer},
		"GET " + gitPath + "/commits/" + headSHA:        file("git_commit"),
		"GET " + gitPath + "/trees/" + baseTree:         file("git_tree"),
		"GET " + gitPath + "/trees/" + subTree:          {body: `{"sha":"` + subTree + `","tree":[{"path":"old.md","mode":"100644","type":"blob"},{"path":"link","mode":"120000","type":"blob"},{"path":"module","mode":"160000","type":"commit"}]}`},
		"POST " + gitPath + "/blobs":                    {status: http.StatusCreated, body: `{"sha":"` + blobSHA + `"}`},
		"POST " + gitPath + "/trees":                    {status: http.StatusCreated, body: `{"sha":"` + madeTree + `","tree":[]}`},
		"POST " + gitPath + "/commits":                  {status: http.StatusCreated, body: `{"sha":"` + madeSHA + `","message":"m"}`},
		"PATCH " + gitPath + "/refs/heads/feature/a%23": {body: refAnswer},
		"POST " + gitPath + "/refs":                     {status: http.StatusCreated, body: refAnswer},
	}
}

// An answer without what the next step needs ends the commit, and none is told
// of that GitHub hasn't confirmed.
func TestCommitFilesUnconfirmed(t *testing.T) {
	t.Parallel()
	for name := range commitAnswers() {
		from := ""
		if strings.HasSuffix(name, "/refs") {
			from = `,"from":"main"`
		}
		answers := commitAnswers()
		if from != "" {
			delete(answers, "GET "+gitPath+"/ref/heads/feature/a%23")
			answers["GET "+helloPath+"/commits/main"] = answer{body: headSHA}
		}
		answers[name] = answer{body: `{}`}
		f := start(t, answers)
		_, err := f.call("github_commit_files_write", onBranch+`[{"path":"subdir/a","content":"aGk=","encoding":"base64"}]`+from+`}`)
		if err == nil || !strings.Contains(err.Error(), "nothing was changed") && !strings.Contains(err.Error(), "before trying again") && !strings.Contains(err.Error(), "is not what GitHub's API gives") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const onBranch = `{"repo":"octocat/Hello-World","branch":"feature/a#","message":"Change things","files":`

// requestsUpTo are those of a commit to file.rb.
func requestsUpTo(last ...string) []string {
	return append([]string{"GET " + gitPath + "/ref/heads/feature/a%23", "GET " + gitPath + "/commits/" + headSHA, "GET " + gitPath + "/trees/" + baseTree}, last...)
}

func TestCommitFiles(t *testing.T) {
	t.Parallel()
	f := start(t, commitAnswers())
	f.gives("github_commit_files_write", onBranch+`[
		{"path":"file.rb","content":"puts 1\n"},{"path":"exec_file","content":"#!/bin/sh\n"},{"path":"docs/new/a.md","content":"# A"},
		{"path":"logo.png","content":"aGk=","encoding":"base64"},{"path":"subdir/old.md","delete":true},{"path":".keep","content":""}],"expected_head":"7638417"}`,
		"committed "+madeSHA+" to branch feature/a# of octocat/Hello-World: added 3 files, changed 2 files, deleted 1 file\n"+f.url+"/octocat/Hello-World/commit/"+madeSHA)
	asked := f.wasAsked(requestsUpTo("GET "+gitPath+"/trees/"+subTree,
		"POST "+gitPath+"/blobs", "POST "+gitPath+"/blobs", "POST "+gitPath+"/trees", "POST "+gitPath+"/commits", "PATCH "+gitPath+"/refs/heads/feature/a%23")...)
	for i, want := range []string{
		`{"content":"aGk=","encoding":"base64"}`,
		`{"content":"","encoding":"utf-8"}`,
		`{"base_tree":"` + baseTree + `","tree":[` + strings.Join([]string{
			`{"path":"file.rb","mode":"100644","type":"blob","content":"puts 1\n"}`,
			`{"path":"exec_file","mode":"100755","type":"blob","content":"#!/bin/sh\n"}`,
			`{"path":"docs/new/a.md","mode":"100644","type":"blob","content":"# A"}`,
			`{"sha":"` + blobSHA + `","path":"logo.png","mode":"100644","type":"blob"}`,
			`{"sha":null,"path":"subdir/old.md","mode":"100644","type":"blob"}`,
			`{"sha":"` + blobSHA + `","path":".keep","mode":"100644","type":"blob"}`}, ",") + `]}`,
		`{"message":"Change things","tree":"` + madeTree + `","parents":["` + headSHA + `"]}`,
		`{"sha":"` + madeSHA + `","force":false}`,
	} {
		if got := asked[4+i].body; got != want {
			t.Errorf("sent %s\nwant %s", got, want)
		}
	}
}

func TestCommitFilesOnANewBranch(t *testing.T) {
	t.Parallel()
	answers := commitAnswers()
	delete(answers, "GET "+gitPath+"/ref/heads/feature/a%23")
	answers["GET "+helloPath+"/commits/release/1"] = answer{body: headSHA + "\n"}
	f := start(t, answers)
	const files = `[{"path":"file.rb","content":"x"}]`
	f.gives("github_commit_files_write", onBranch+files+`,"from":"release/1"}`,
		"committed "+madeSHA+" to branch feature/a# of octocat/Hello-World, new from release/1: changed 1 file\n"+f.url+"/octocat/Hello-World/commit/"+madeSHA)
	asked := f.wasAsked("GET "+gitPath+"/ref/heads/feature/a%23", "GET "+helloPath+"/commits/release/1", "GET "+gitPath+"/commits/"+headSHA,
		"GET "+gitPath+"/trees/"+baseTree, "POST "+gitPath+"/trees", "POST "+gitPath+"/commits", "POST "+gitPath+"/refs")
	if want := `{"ref":"refs/heads/feature/a#","sha":"` + madeSHA + `"}`; asked[6].body != want {
		t.Errorf("sent %s, want %s", asked[6].body, want)
	}
	const missing = "not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it"
	f.refuses("github_commit_files_write", onBranch+files+`}`, "github: branch feature/a# of octocat/Hello-World: "+missing+"; to make the branch, give 'from'")
	f.refuses("github_commit_files_write", onBranch+files+`,"from":"gone"}`, "github: gone of octocat/Hello-World: "+missing)
	f.answers["GET "+gitPath+"/ref/heads/feature/a%23"] = answer{body: refAnswer}
	f.refuses("github_commit_files_write", onBranch+files+`,"from":"release/1"}`,
		"github: branch feature/a# of octocat/Hello-World exists already; leave out 'from' to commit to it")
}

// In each of these nothing is written at all.
func TestCommitFilesFindsOut(t *testing.T) {
	t.Parallel()
	const onIt = "github: branch feature/a# of octocat/Hello-World: "
	for files, want := range map[string]string{
		`[{"path":"gone.md","delete":true}]`:                                                       onIt + "gone.md is not there, so it can't be deleted; nothing was written",
		`[{"path":"no/where/gone.md","delete":true}]`:                                              onIt + "no/where/gone.md is not there, so it can't be deleted; nothing was written",
		`[{"path":"subdir","content":"x"}]`:                                                        onIt + "subdir is a directory; name its files; nothing was written",
		`[{"path":"subdir/link","content":"x"}]`:                                                   onIt + "subdir/link is a symbolic link; write to the file it leads to; nothing was written",
		`[{"path":"subdir/module","delete":true}]`:                                                 onIt + "subdir/module is a submodule; nothing was written",
		`[{"path":"file.rb/a","content":"x"}]`:                                                     "github: octocat/Hello-World: file.rb is no directory; nothing was written",
		`[{"path":"subdir/module/a","content":"x"}]`:                                               "github: octocat/Hello-World: subdir/module is no directory; nothing was written",
		`[{"path":"a.png","content":"aGk=","encoding":"base64"},{"path":"gone.md","delete":true}]`: onIt + "gone.md is not there, so it can't be deleted; nothing was written",
	} {
		f := start(t, commitAnswers())
		f.refuses("github_commit_files_write", onBranch+files+`}`, want)
		for _, asked := range linesOf(f.sent()) {
			if !strings.HasPrefix(asked, "GET ") {
				t.Errorf("%s: %s", files, asked)
			}
		}
	}
	f := start(t, commitAnswers())
	f.refuses("github_commit_files_write", onBranch+`[{"path":"file.rb","content":"x"}],"expected_head":"aaaaaaa"}`,
		"github: branch feature/a# of octocat/Hello-World is at "+headSHA+" now and not at aaaaaaa; nothing was written; read the files again")
	f.wasAsked("GET " + gitPath + "/ref/heads/feature/a%23")
	f.answers["GET "+gitPath+"/trees/"+subTree] = answer{body: `{"sha":"` + subTree + `","tree":[{"path":"link","mode":"120000","type":"blob"}]}`}
	f.gives("github_commit_files_write", onBranch+`[{"path":"subdir/link","delete":true}]}`,
		"committed "+madeSHA+" to branch feature/a# of octocat/Hello-World: deleted 1 file\n"+f.url+"/octocat/Hello-World/commit/"+madeSHA)
}

func TestCommitFilesRefusedOnTheWay(t *testing.T) {
	t.Parallel()
	const files, onIt = `[{"path":"file.rb","content":"x"}]}`, "github: branch feature/a# of octocat/Hello-World: "
	const update = "PATCH " + gitPath + "/refs/heads/feature/a%23"
	for _, test := range []struct {
		request, files string
		answer         answer
		want           string
	}{
		// https://docs.github.com/rest/git/refs#update-a-reference
		{update, files, message(422, "Update is not a fast forward"), onIt + "another commit came first, so nothing was changed on it; read the files again, then commit"},
		{update, files, message(422, "Required status check \"ci\" is expected."), onIt + `not accepted (422): Required status check "ci" is expected.`},
		{update, strings.Replace(files, "file.rb", ".github/workflows/ci.yml", 1), message(404, "Not Found").with("X-OAuth-Scopes", "repo"),
			onIt + "not found (404); check the spelling with github_search; if it is private, the account needs access to it; changing .github/workflows takes the scope workflow too"},
		{"POST " + gitPath + "/trees", files, message(403, "Resource not accessible by integration"), onIt + "no permission (403 Resource not accessible by integration)"},
		{"POST " + gitPath + "/trees", files, answer{body: `{"sha":"` + baseTree + `"}`}, onIt + "nothing to commit: the files are the same at 7638417 already"},
		{"POST " + gitPath + "/commits", files, message(500, ""), onIt + "GitHub has trouble (500); try again in a minute"},
		{"GET " + gitPath + "/trees/" + baseTree, files, message(500, ""), onIt + "GitHub has trouble (500); try again in a minute"},
		{"GET " + gitPath + "/commits/" + headSHA, files, message(500, ""), onIt + "GitHub has trouble (500); try again in a minute"},
		{"GET " + gitPath + "/ref/heads/feature/a%23", files, message(500, ""), onIt + "GitHub has trouble (500); try again in a minute"},
		{"POST " + gitPath + "/blobs", `[{"path":"a","content":""}]}`, message(403, "no"), onIt + "no permission (403 no)"},
	} {
		answers := commitAnswers()
		answers[test.request] = test.answer
		f := start(t, answers)
		f.refuses("github_commit_files_write", onBranch+test.files, test.want)
		if lines := linesOf(f.sent()); lines[len(lines)-1] != test.request {
			t.Errorf("%s is followed by %s", test.request, lines[len(lines)-1])
		}
	}
}

// GitHub's Git database refuses everything while a repository is empty.
// https://docs.github.com/rest/git
func TestFirstCommit(t *testing.T) {
	t.Parallel()
	answers := commitAnswers()
	answers["GET "+gitPath+"/ref/heads/feature/a%23"] = message(409, "Git Repository is empty.")
	answers["PUT "+helloPath+"/contents/docs/a%20b.md"] = answer{status: http.StatusCreated, body: file("content_created").body}
	f := start(t, answers)
	first := "committed " + headSHA + " to branch feature/a# of octocat/Hello-World, the first one: docs/a b.md\n" + f.url + "/octocat/Hello-World/commit/" + headSHA
	f.gives("github_commit_files_write", onBranch+`[{"path":"docs/a b.md","content":"aGk=","encoding":"base64"}]}`, first)
	asked := f.wasAsked("GET "+gitPath+"/ref/heads/feature/a%23", "PUT "+helloPath+"/contents/docs/a%20b.md")
	if want := `{"message":"Change things","content":"aGk=","branch":"feature/a#"}`; asked[1].body != want {
		t.Errorf("sent %s, want %s", asked[1].body, want)
	}
	const two = onBranch + `[{"path":"docs/a b.md","content":"hi"},{"path":"new.md","content":"x"}]}`
	f.gives("github_commit_files_write", two,
		first+"\ncommitted "+madeSHA+" to branch feature/a# of octocat/Hello-World: added 1 file\n"+f.url+"/octocat/Hello-World/commit/"+madeSHA)
	asked = f.wasAsked("GET "+gitPath+"/ref/heads/feature/a%23", "PUT "+helloPath+"/contents/docs/a%20b.md",
		"GET "+gitPath+"/trees/"+baseTree, "POST "+gitPath+"/trees", "POST "+gitPath+"/commits", "PATCH "+gitPath+"/refs/heads/feature/a%23")
	if want := `{"base_tree":"` + baseTree + `","tree":[{"path":"new.md","mode":"100644","type":"blob","content":"x"}]}`; asked[3].body != want {
		t.Errorf("sent %s, want %s", asked[3].body, want)
	}
	f.answers["POST "+gitPath+"/trees"] = message(500, "")
	f.refuses("github_commit_files_write", two, "github: branch feature/a# of octocat/Hello-World: GitHub has trouble (500); try again in a minute (done before that: "+first+")")
	const empty = "github: octocat/Hello-World is empty: its first commit takes no 'from', no 'expected_head' and no 'delete'"
	f.refuses("github_commit_files_write", onBranch+`[{"path":"a","delete":true}]}`, empty)
	f.refuses("github_commit_files_write", onBranch+`[{"path":"a","content":"x"}],"expected_head":"`+headSHA+`"}`, empty)
	f.refuses("github_commit_files_write", onBranch+`[{"path":"a","content":"x"}],"from":"main"}`, empty)
	delete(f.answers, "PUT "+helloPath+"/contents/docs/a%20b.md")
	f.refuses("github_commit_files_write", two,
		"github: branch feature/a# of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestCommitFilesRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	const plain = " must be a plain one from the repository's root, like docs/guide.md"
	for files, want := range map[string]string{
		`[]`:             "'files' is empty",
		`{}`:             "'files' must be a list of objects, got an object",
		`[{"path":"a"}]`: `'files': "a" needs 'content', or 'delete'`,
		`[{"path":"a","content":"","delete":true}]`:                 `'files': "a" is deleted and has 'content' too`,
		`[{"path":"a","content":"%","encoding":"base64"}]`:          `'files': the 'content' of "a" is not base64`,
		`[{"path":"a","content":"x","encoding":"latin1"}]`:          `'files', item 1: 'encoding' must be one of utf-8, base64; got "latin1"`,
		`[{"path":"a","content":"x","mode":"100755"}]`:              `'files', item 1: unknown argument "mode"; did you mean "encoding"?; allowed: path, content, encoding, delete`,
		`[{"path":"a","content":"x"},{"path":"a","delete":true}]`:   `'files' holds "a" twice`,
		`[{"path":"a/b","content":"x"},{"path":"a","content":"x"}]`: `'files' holds "a" as a file and as a directory`,
		`[{"path":"/etc/passwd","content":"x"}]`:                    `'files': path "/etc/passwd"` + plain,
		`[{"path":"a/../../b","content":"x"}]`:                      `'files': path "a/../../b"` + plain,
		`[{"path":"./a","content":"x"}]`:                            `'files': path "./a"` + plain,
		`[{"path":"a//b","content":"x"}]`:                           `'files': path "a//b"` + plain,
		`[{"path":"a/","content":"x"}]`:                             `'files': path "a/"` + plain,
		`[{"path":".git/config","content":"x"}]`:                    `'files': path ".git/config"` + plain,
		`[{"path":"sub/.GIT/hooks/post-checkout","content":"x"}]`:   `'files': path "sub/.GIT/hooks/post-checkout"` + plain,
		`[{"path":".g\u200bit/config","content":"x"}]`:              `'files': path ".git/config"` + plain,
		`[{"path":"a\nb","content":"x"}]`:                           `'files': path "a b"` + plain,
		`[{"path":"a","content":"x"}],"expected_head":"main"`:       `'expected_head' must be the SHA of a commit; got "main"`,
		`[{"path":"a","content":"x"}],"from":"a b"`:                 `'from' "a b" can't be the name of a branch, a tag or a commit`,
	} {
		_, err := f.call("github_commit_files_write", `{"repo":"o/r","branch":"b","message":"m","files":`+files+`}`)
		if err == nil || strings.Replace(err.Error(), `; did you mean "encoding"?`, "", 1) != "github_commit_files_write: "+strings.Replace(want, `; did you mean "encoding"?`, "", 1) {
			t.Errorf("%s\n got %v\nwant %s", files, err, want)
		}
	}
	f.refuses("github_commit_files_write", `{"repo":"o/r","branch":"refs/heads/","message":" ","files":[{"path":"a","content":"x"}]}`, "github_commit_files_write: 'message' must not be empty")
	f.refuses("github_commit_files_write", `{"repo":"o/r","branch":"refs/heads/","message":"m","files":[{"path":"a","content":"x"}]}`, `github_commit_files_write: 'branch' "refs/heads/" can't be the name of a branch, a tag or a commit`)
	f.wasAsked()
}
