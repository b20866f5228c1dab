package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// change is a call of the tool, GitHub's answers, every request with its body
// and ours.
type change struct {
	arguments string
	answers   map[string]answer
	asked     []string // "METHOD /path", and its body after a space if it has one
	want      string
}

func checkChanges(t *testing.T, changes []change) {
	t.Helper()
	for _, test := range changes {
		f := start(t, test.answers)
		f.gives("github_repository_write", `{"repo":"octocat/Hello-World",`+test.arguments+`}`, strings.ReplaceAll(test.want, "WEB", f.url))
		var asked []string
		for _, r := range f.sent() {
			asked = append(asked, strings.TrimSpace(strings.Replace(r.line, apiPath, "", 1)+" "+r.body))
		}
		if fmt.Sprintf("%q", asked) != fmt.Sprintf("%q", test.asked) {
			t.Errorf("%s\nasked %q\nwant  %q", test.arguments, asked, test.asked)
		}
	}
}

const me = `{"login":"Octocat"}`

func TestRepositoryCreate(t *testing.T) {
	t.Parallel()
	created := func(path, visibility string) map[string]answer {
		return map[string]answer{"GET /user": {body: me}, "POST " + path: {status: http.StatusCreated,
			body: `{"full_name":"octocat/Hello-World","visibility":"` + visibility + `","default_branch":"main","html_url":"https://github.com/octocat/Hello-World"}`}}
	}
	other := created("/orgs/octocat/repos", "private")
	other["GET /user"] = answer{body: `{"login":"mona"}`}
	checkChanges(t, []change{
		{`"action":"create","description":"My first","homepage":"https://github.com"`, created("/user/repos", "private"),
			[]string{"GET /user", `POST /user/repos {"name":"Hello-World","description":"My first","homepage":"https://github.com","private":true}`},
			"created the private repository octocat/Hello-World, empty; its first files come with github_commit_files_write\nhttps://github.com/octocat/Hello-World"},
		{`"action":"create","private":false,"auto_init":true`, created("/user/repos", "public"),
			[]string{"GET /user", `POST /user/repos {"name":"Hello-World","private":false,"auto_init":true}`},
			"created the public repository octocat/Hello-World, with a README on branch main\nhttps://github.com/octocat/Hello-World"},
		{`"action":"create"`, other, []string{"GET /user", `POST /orgs/octocat/repos {"name":"Hello-World","private":true}`},
			"created the private repository octocat/Hello-World, empty; its first files come with github_commit_files_write\nhttps://github.com/octocat/Hello-World"},
	})
	f := start(t, map[string]answer{"GET /user": {body: me}, "POST /user/repos": {status: 422,
		body: `{"message":"Repository creation failed.","errors":[{"resource":"Repository","code":"custom","field":"name","message":"name already exists on this account"}]}`}})
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"create"}`,
		"github: octocat/Hello-World: not accepted (422): Repository creation failed.; name: name already exists on this account")
}

func TestRepositoryItself(t *testing.T) {
	t.Parallel()
	fork := map[string]answer{"POST " + helloPath + "/forks": {status: http.StatusAccepted, body: `{"full_name":"github/My-World","html_url":"https://github.com/github/My-World"}`}}
	const forked = "forked octocat/Hello-World to github/My-World; GitHub may copy the content for some minutes more\nhttps://github.com/github/My-World"
	edit := map[string]answer{"PATCH " + helloPath: file("repository")}
	topics := map[string]answer{"PUT " + helloPath + "/topics": {body: `{"names":["octocat","atom"]}`}}
	none := answer{status: http.StatusNoContent}
	checkChanges(t, []change{
		{`"action":"fork"`, fork, []string{"POST " + helloPath + "/forks {}"}, forked},
		{`"action":"fork","new_name":"My-World"`, fork, []string{"POST " + helloPath + `/forks {"name":"My-World"}`}, forked},
		{`"action":"fork","new_name":"github/My-World"`, fork, []string{"POST " + helloPath + `/forks {"organization":"github","name":"My-World"}`}, forked},
		{`"action":"edit","description":"","homepage":"https://x","default_branch":"main"`, edit,
			[]string{"PATCH " + helloPath + ` {"description":"","homepage":"https://x","default_branch":"main"}`},
			"changed octocat/Hello-World: description, homepage, default_branch\nhttps://github.com/octocat/Hello-World"},
		{`"action":"set_topics","topics":["octocat","atom"]`, topics, []string{"PUT " + helloPath + `/topics {"names":["octocat","atom"]}`},
			"topics of octocat/Hello-World are now: octocat, atom\nWEB/octocat/Hello-World"},
		{`"action":"set_topics","topics":[]`, map[string]answer{"PUT " + helloPath + "/topics": {body: `{"names":[]}`}}, []string{"PUT " + helloPath + `/topics {"names":[]}`},
			"topics of octocat/Hello-World are now: none\nWEB/octocat/Hello-World"},
		{`"action":"star"`, map[string]answer{"PUT /user/starred/octocat/Hello-World": none}, []string{"PUT /user/starred/octocat/Hello-World"},
			"starred octocat/Hello-World\nWEB/octocat/Hello-World"},
		{`"action":"unstar"`, map[string]answer{"DELETE /user/starred/octocat/Hello-World": none}, []string{"DELETE /user/starred/octocat/Hello-World"},
			"took the star back from octocat/Hello-World\nWEB/octocat/Hello-World"},
	})
}

func TestBranchesAndTags(t *testing.T) {
	t.Parallel()
	made := answer{status: http.StatusCreated, body: refAnswer}
	none := answer{status: http.StatusNoContent}
	checkChanges(t, []change{
		{`"action":"create_branch","name":"feature/a#"`, map[string]answer{"GET " + helloPath + "/commits/HEAD": {body: headSHA}, "POST " + gitPath + "/refs": made},
			[]string{"GET " + helloPath + "/commits/HEAD", "POST " + gitPath + `/refs {"ref":"refs/heads/feature/a#","sha":"` + headSHA + `"}`},
			"created branch feature/a# of octocat/Hello-World at " + headSHA + " (the default branch)\nWEB/octocat/Hello-World/tree/feature/a%23"},
		{`"action":"create_branch","name":"refs/heads/b","from":"v1"`, map[string]answer{"GET " + helloPath + "/commits/v1": {body: headSHA}, "POST " + gitPath + "/refs": made},
			[]string{"GET " + helloPath + "/commits/v1", "POST " + gitPath + `/refs {"ref":"refs/heads/b","sha":"` + headSHA + `"}`},
			"created branch b of octocat/Hello-World at " + headSHA + " (v1)\nWEB/octocat/Hello-World/tree/b"},
		{`"action":"delete_branch","name":"feature/a#"`, map[string]answer{"GET " + gitPath + "/ref/heads/feature/a%23": {body: refAnswer}, "DELETE " + gitPath + "/refs/heads/feature/a%23": none},
			[]string{"GET " + gitPath + "/ref/heads/feature/a%23", "DELETE " + gitPath + "/refs/heads/feature/a%23"},
			"deleted branch feature/a# of octocat/Hello-World, which was at " + headSHA + "; create_branch with from=" + headSHA + " brings it back\nWEB/octocat/Hello-World/branches"},
		{`"action":"create_tag","name":"refs/tags/v1.0"`, map[string]answer{"GET " + helloPath + "/commits/HEAD": {body: headSHA}, "POST " + gitPath + "/refs": made},
			[]string{"GET " + helloPath + "/commits/HEAD", "POST " + gitPath + `/refs {"ref":"refs/tags/v1.0","sha":"` + headSHA + `"}`},
			"created tag v1.0 of octocat/Hello-World at " + headSHA + " (the default branch)\nWEB/octocat/Hello-World/tree/v1.0"},
		{`"action":"create_tag","name":"v1.0","body":"The first","from":"main"`, map[string]answer{"GET " + helloPath + "/commits/main": {body: headSHA},
			"POST " + gitPath + "/tags": {status: http.StatusCreated, body: file("git_tag").body}, "POST " + gitPath + "/refs": made},
			[]string{"GET " + helloPath + "/commits/main", "POST " + gitPath + `/tags {"tag":"v1.0","message":"The first","object":"` + headSHA + `","type":"commit"}`,
				"POST " + gitPath + `/refs {"ref":"refs/tags/v1.0","sha":"940bd336248efae0f9ee5bc7b2d5c985887b16ac"}`},
			"created annotated tag v1.0 of octocat/Hello-World at " + headSHA + " (main)\nWEB/octocat/Hello-World/tree/v1.0"},
	})
	f := start(t, map[string]answer{"GET " + helloPath + "/commits/HEAD": {body: headSHA}, "POST " + gitPath + "/refs": message(422, "Reference already exists"),
		"GET " + gitPath + "/ref/heads/main": {body: refAnswer}, "DELETE " + gitPath + "/refs/heads/main": message(422, "Cannot delete this branch")})
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"create_branch","name":"b"}`,
		"github: branch b of octocat/Hello-World: not accepted (422): Reference already exists")
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"delete_branch","name":"main"}`,
		"github: branch main of octocat/Hello-World: not accepted (422): Cannot delete this branch")
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"create_tag","name":"b","from":"gone"}`,
		"github: gone of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

func TestReleasesWritten(t *testing.T) {
	t.Parallel()
	released := func(flags string) answer {
		return answer{body: `{"id":1,"tag_name":"v1.0.0","name":"One","html_url":"https://github.com/octocat/Hello-World/releases/v1.0.0",` + flags + `}`}
	}
	create := "POST " + helloPath + "/releases"
	byTag, byID := "GET "+helloPath+"/releases/tags/v1.0.0", helloPath+"/releases/1"
	drafts := map[string]answer{"GET " + helloPath + "/releases": file("releases"), "PATCH " + byID: released(`"draft":false`)}
	checkChanges(t, []change{
		{`"action":"create_release","name":"v1.0.0","title":"One","body":"Notes","from":"main","prerelease":true,"generate_notes":true`, map[string]answer{create: released(`"prerelease":true`)},
			[]string{create + ` {"tag_name":"v1.0.0","target_commitish":"main","name":"One","body":"Notes","prerelease":true,"generate_release_notes":true}`},
			"published release v1.0.0 of octocat/Hello-World, One, prerelease\nhttps://github.com/octocat/Hello-World/releases/v1.0.0"},
		{`"action":"create_release","name":"v1.0.0","draft":true`, map[string]answer{create: released(`"draft":true`)},
			[]string{create + ` {"tag_name":"v1.0.0","draft":true}`},
			"drafted (update_release with draft=false publishes it) release v1.0.0 of octocat/Hello-World, One\nhttps://github.com/octocat/Hello-World/releases/v1.0.0"},
		{`"action":"update_release","name":"v1.0.0","draft":false,"body":""`, drafts,
			[]string{byTag, "GET " + helloPath + "/releases?per_page=100", "PATCH " + byID + ` {"body":"","draft":false}`},
			"changed release v1.0.0 of octocat/Hello-World: body, draft; it is now: published\nhttps://github.com/octocat/Hello-World/releases/v1.0.0"},
		{`"action":"delete_release","name":"v1.0.0"`, map[string]answer{byTag: released(`"assets":[{"id":1},{"id":2}]`), "DELETE " + byID: {status: http.StatusNoContent}},
			[]string{byTag, "DELETE " + byID},
			"deleted release v1.0.0 of octocat/Hello-World with 2 files; its tag stays, if there was one\nWEB/octocat/Hello-World/releases"},
	})
	// A tag may be named latest; the latest release is never meant here.
	f := start(t, map[string]answer{"GET " + helloPath + "/releases/latest": released(`"draft":false`), "DELETE " + byID: {status: http.StatusNoContent}})
	const missing = "github: release latest of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it"
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"delete_release","name":"latest"}`, missing)
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"update_release","name":"latest","draft":true}`, missing)
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"create_release","name":"v1"}`, strings.Replace(missing, "latest", "v1", 1))
}

func TestLabelsWritten(t *testing.T) {
	t.Parallel()
	const address = helloPath + "/labels"
	bug := answer{status: http.StatusCreated, body: `{"name":"bug","color":"f29513","description":"Something isn't working"}`}
	checkChanges(t, []change{
		{`"action":"create_label","name":"bug","color":"#f29513","description":"Something isn't working"`, map[string]answer{"POST " + address: bug},
			[]string{"POST " + address + ` {"name":"bug","color":"f29513","description":"Something isn't working"}`},
			"created the label of octocat/Hello-World: bug #f29513 — Something isn't working\nWEB/octocat/Hello-World/labels/bug"},
		{`"action":"update_label","name":"a/b c","new_name":"bug","description":""`, map[string]answer{"PATCH " + address + "/a%2Fb%20c": {body: bug.body}},
			[]string{"PATCH " + address + `/a%2Fb%20c {"new_name":"bug","description":""}`},
			"changed label a/b c of octocat/Hello-World; it is now: bug #f29513 — Something isn't working\nWEB/octocat/Hello-World/labels/bug"},
		{`"action":"delete_label","name":"a/b c"`, map[string]answer{"DELETE " + address + "/a%2Fb%20c": {status: http.StatusNoContent}},
			[]string{"DELETE " + address + "/a%2Fb%20c"},
			"deleted label a/b c of octocat/Hello-World, also from its issues and pull requests\nWEB/octocat/Hello-World/labels"},
	})
	f := start(t, map[string]answer{"POST " + address: {status: 422, body: `{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}`}})
	f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","action":"create_label","name":"bug"}`,
		"github: label bug of octocat/Hello-World: not accepted (422): Validation Failed; name exists already")
	for _, action := range []string{"delete_label", `update_label","color":"000000`} {
		f.refuses("github_repository_write", `{"repo":"octocat/Hello-World","name":"gone","action":"`+action+`"}`,
			"github: label gone of octocat/Hello-World: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
	}
}

// A refusal is told of whatever was asked for.
func TestRepositoryWriteForbidden(t *testing.T) {
	t.Parallel()
	no := message(403, "Must have admin rights to Repository.")
	for arguments, request := range map[string]string{
		`"action":"create"`:                     "GET /user",
		`"action":"fork"`:                       "POST " + helloPath + "/forks",
		`"action":"edit","homepage":"x"`:        "PATCH " + helloPath,
		`"action":"set_topics","topics":["x"]`:  "PUT " + helloPath + "/topics",
		`"action":"star"`:                       "PUT /user/starred/octocat/Hello-World",
		`"action":"unstar"`:                     "DELETE /user/starred/octocat/Hello-World",
		`"action":"delete_branch","name":"b"`:   "GET " + gitPath + "/ref/heads/b",
		`"action":"create_tag","name":"b"`:      "GET " + helloPath + "/commits/HEAD",
		`"action":"create_label","name":"b"`:    "POST " + helloPath + "/labels",
		`"action":"delete_release","name":"b"`:  "GET " + helloPath + "/releases/tags/b",
		`"action":"create_release","name":"v1"`: "POST " + helloPath + "/releases",
	} {
		f := start(t, map[string]answer{request: no})
		_, err := f.call("github_repository_write", `{"repo":"octocat/Hello-World",`+arguments+`}`)
		if err == nil || !strings.Contains(err.Error(), "no permission (403 Must have admin rights to Repository.)") {
			t.Errorf("%s: %v", arguments, err)
		}
		f.wasAsked(request)
	}
	f := start(t, map[string]answer{"GET " + helloPath + "/commits/HEAD": {body: headSHA}, "POST " + gitPath + "/tags": no, "GET " + helloPath + "/releases/tags/v": {body: `{"id":1}`},
		"DELETE " + helloPath + "/releases/1": no, "PATCH " + helloPath + "/releases/1": no})
	for arguments, want := range map[string]string{
		`"action":"create_tag","name":"v","body":"x"`:       "tag v",
		`"action":"delete_release","name":"v"`:              "release v",
		`"action":"update_release","name":"v","draft":true`: "release v",
	} {
		f.refuses("github_repository_write", `{"repo":"octocat/Hello-World",`+arguments+`}`,
			"github: "+want+" of octocat/Hello-World: no permission (403 Must have admin rights to Repository.)")
	}
}

func TestRepositoryWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"action":"edit"`:                                   "action edit needs at least one of description, homepage, default_branch",
		`"action":"edit","private":false`:                   "2 faults in the arguments\n- action edit does not use 'private'; it uses description, homepage, default_branch\n- action edit needs at least one of description, homepage, default_branch",
		`"action":"star","name":"x"`:                        "action star does not use 'name'; it uses none",
		`"action":"set_topics"`:                             "action set_topics needs 'topics'",
		`"action":"create_branch"`:                          "action create_branch needs 'name'",
		`"action":"delete_branch","name":" "`:               "2 faults in the arguments\n- action delete_branch needs 'name'\n- 'name' \"\" can't be the name of a branch, a tag or a commit",
		`"action":"delete_branch","name":"../../issues"`:    `'name' "../../issues" can't be the name of a branch, a tag or a commit`,
		`"action":"create_tag","name":"-x"`:                 `'name' "-x" can't be the name of a branch, a tag or a commit`,
		`"action":"create_branch","name":"x","from":"a..b"`: `'from' "a..b" can't be the name of a branch, a tag or a commit`,
		`"action":"delete_label","name":".."`:               `'name' ".." can't be a label`,
		`"action":"delete_label"`:                           "action delete_label needs 'name'",
		`"action":"create_label","name":"x","color":"red"`:  `'color' must be six hexadecimal digits like "d73a4a"; got "red"`,
		`"action":"update_label","name":"x"`:                "action update_label needs at least one of new_name, color, description",
		`"action":"update_release","name":"v1","from":"x"`:  "2 faults in the arguments\n- action update_release does not use 'from'; it uses name, title, body, draft, prerelease\n- action update_release needs at least one of title, body, draft, prerelease",
		`"action":"fork","new_name":"a/b/c"`:                `'new_name' must be a repository's name, or organization/name; got "a/b/c"`,
		`"action":"fork","new_name":"a/"`:                   `'new_name' must be a repository's name, or organization/name; got "a/"`,
		`"action":"delete"`:                                 `'action' must be one of create, fork, edit, set_topics, star, unstar, create_branch, delete_branch, create_tag, create_release, update_release, delete_release, create_label, update_label, delete_label; got "delete"; did you mean "delete_branch"?`,
	} {
		f.refuses("github_repository_write", `{"repo":"octocat/Hello-World",`+arguments+`}`, "github_repository_write: "+want)
	}
	f.wasAsked()
}
