package github

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
)

// within are requests that stay with octocat/hello-world and mona/*, and beyond
// those that don't, or may not: method, path and body.
const (
	within = `
GET repos/octocat/Hello-World
GET repos/OCTOCAT/hello-world/issues?state=all
GET repos/octocat/Hello-World.git
DELETE repos/mona/x/git/refs/heads/a%2Fb
GET repos/mona/x/contents/a%20b/c..d
GET repos/mona/x/compare/v1...main
GET repos/mona/x/compare/v1...mona:y:main
GET user
GET rate_limit
GET advisories?ecosystem=npm
GET advisories/GHSA-abcd-1234-efgh
GET users/hubot
GET search/users?q=x
POST repos/mona/x/forks {"organization":"mona","name":"y"}
POST repos/mona/x/transfer {"new_owner":"mona"}
PATCH repos/mona/x {"name":"y"}
PATCH repos/octocat/hello-world {"description":"evil/name"}
POST repos/mona/x/forks?organization=mona {"name":"y"}
POST repos/mona/x/generate {"owner":"mona","name":"y"}
POST repos/mona/x/labels {"name":"evil/x","color":"ff0000"}
POST repos/mona/x/issues {"title":"t","agent_assignment":{"target_repo":"mona/y"}}
POST repos/mona/x/pulls {"head":"topic","base":""}
POST repos/mona/x/pulls {"head":"mona:topic","base":"main","head_repo":"y"}
POST repos/octocat/hello-world/pulls {"head":"mona:topic"}
POST repos/octocat/hello-world/pulls {"head":"Octocat:topic"}
POST repos/mona/x/pulls/1/comments {"commit_id":"abc","in_reply_to":1}
POST repos/mona/x/actions/workflows/ci.yml/dispatches {"ref":"main","inputs":{"issue_id":"7","repository":"mona/y"}}
GET repos/mona/x/pulls?head=evil:topic
GET repos/mona/x/actions/artifacts?name=report
GET repos/mona/x/commits/main/check-runs?app_id=1
GET repos/mona/x/dependency-graph/compare/main...topic
GET repos/octocat/hello-world/compare/v1...mona:topic
GET repos/octocat/hello-world/compare/octocat:v1..main
PUT user/starred/mona/x
`
	beyond = `
GET repos/evil/x
GET repos/octocat/Hello-World2
GET repos/octocat%2FHello-World/x
GET repos/mona%2Fx
GET repos/mona/x%2F..%2F..%2Fevil/y
GET repos/mona/x/../../evil/y
GET repos/mona/x/%2e%2e/%2E%2E/evil/y
GET repos/mona/x/..%2F..%2Fevil%2Fy
GET repos/mona/x/..%5C..%5Cevil%5Cy
GET repos/mona/x/%252e%252e/%252e%252e/evil/y
GET repos/mona/x/%25252e%25252e/y
GET repos/mona/./x
GET repos/mona/..
GET repos//mona/x
GET /repos/mona/x
GET repos/mona//evil/y
GET repos/mona/x//../y
GET repos/mona
GET repos/m%6Fna/x
GET REPOS/mona/x
GET repos/%6D%6F%6E%61/x
GET repos/mona/x%00
GET repos/mona/x;y=z
GET repos/mona/x/compare/main...evil:main
GET repos/mona/x/compare/evil:y:main...main
GET repos/mona/x/compare/main...evil%3Amain
GET repos/mona/x/c%6Fmpare/main...evil:main
GET repos/octocat/Hello-World/compare/main...octocat:other:main
POST repos/mona/x/forks {}
POST repos/mona/x/forks {"organization":"evil"}
POST repos/mona/x/f%6Frks {"organization":"evil"}
POST repos/mona/x/forks/ {"organization":"evil"}
POST repos/mona/x//forks {"organization":"evil"}
POST repos/mona/x/transfer {"new_owner":"evil"}
POST repos/mona/x/transfer nonsense
POST repos/mona/x/generate {"owner":"evil","name":"y"}
PATCH repos/octocat/hello-world {"name":"other"}
PATCH repos/octocat/hello-world/ {"name":"other"}
GET repositories/1296269
GET repositories/1296269/issues
GET users/hubot/events
GET users/hubot%2Frepos
POST user/repos {"name":"y"}
GET gists
GET gists/1
GET orgs/acme
GET notifications/threads/1
PUT notifications {}
HEAD user/repos
GET search/labels?q=x&repository_id=1
GET teams/1/repos
GET user/installations/1/repositories
GET 
POST graphql {"query":"{viewer{login}}"}
POST graphql/ {"query":"{viewer{login}}"}
POST gr%61phql {"query":"{viewer{login}}"}
GET graphql?query={viewer{login}}
GET app/installations
POST repos/mona/x/transfer?new_owner=evil
POST repos/mona/x/transfer?new_owner=evil {"new_owner":"mona"}
POST repos/mona/x/transfer?new_owner=mona {"new_owner":"evil"}
POST repos/mona/x/transfer?new_owner[]=evil
POST repos/mona/x/transfer {"new_owner":["evil"]}
POST repos/mona/x/transfer {"new_owner":"evil","new_owner":"mona"}
POST repos/mona/x/transfer {"new_owner":"mona","New_Owner":"evil"}
POST repos/mona/x/transfer {"new_owner":"mona"}{"new_owner":"evil"}
POST repos/mona/x/transfer {"new_owner":"mona"
POST repos/mona/x/transfer.json {"new_owner":"evil"}
POST repos/mona/x/Transfer?new_owner=mona
POST repos/mona/x/transfer?new_owner=mona;new_owner=evil
POST repos/octocat/hello-world/transfer {"new_owner":"mona","new_name":""}
POST repos/octocat/hello-world/transfer {"new_owner":"octocat","new_name":"other"}
POST repos/octocat/hello-world/forks?organization=octocat&name=other
POST repos/mona/x/forks?organization=evil
POST repos/mona/x/forks?organization=evil {"organization":"mona"}
POST repos/mona/x/forks.json
POST repos/mona/x/forks {"organization":""}
POST repos/mona/x/pulls {"head":["evil:topic"]}
POST repos/mona/x/pulls {"head":"octocat:topic"}
GET repos/mona/hello-world/compare/main...octocat:topic
POST repos/mona/x/generate?owner=evil&name=y
POST repos/mona/x/generate {"name":"y"}
PATCH repos/octocat/hello-world?name=other
PATCH repos/octocat/hello-world?name=other {"name":"hello-world"}
PATCH repos/octocat/hello-world {"name":7}
POST repos/mona/x/issues?_method=PATCH
POST repos/mona/x/issues?organization=evil
POST repos/mona/x/issues/1/sub_issues {"sub_issue_id":1}
POST repos/mona/x/issues/1/sub_issues?sub_issue_id=1
DELETE repos/mona/x/issues/1/sub_issue {"sub_issue_id":1}
PATCH repos/mona/x/issues/1/sub_issues/priority {"after_id":1}
PATCH repos/mona/x/issues/1/sub_issues/priority {"before_id":1}
POST repos/mona/x/issues/1/dependencies/blocked_by {"issue_id":1}
PATCH repos/mona/x/issues/1 {"duplicate_issue_id":1}
POST repos/mona/x/issues {"agent_assignment":{"target_repo":"evil/y"}}
POST repos/mona/x/issues?agent_assignment[target_repo]=evil/y
POST repos/mona/x/pulls {"head":"evil:topic","base":"main"}
POST repos/mona/x/pulls?head=evil:topic {"head":"mona:topic"}
POST repos/mona/x/pulls {"head":"topic","head_repo":"evil/x"}
POST repos/octocat/hello-world/pulls {"head":"octocat:topic","head_repo":"other"}
PUT repos/mona/x/import {"vcs_url":"https://example.com/x.git"}
PUT repos/mona/x/actions/permissions {"selected_repository_ids":[1]}
POST repos/mona/x/rulesets {"rules":[{"parameters":{"workflows":[{"repository_id":1}]}}]}
POST repos/mona/x/code-scanning/codeql/variant-analyses {"repositories":["mona/y","evil/x"]}
POST repos/mona/x/code-scanning/codeql/variant-analyses {"repository_owners":["evil"],"repositories":["evil/x"]}
POST repos/mona/x/dispatches {"event_type":"x","client_payload":{"repository":"evil/x"}}
POST repos/mona/x/actions/workflows/ci.yml/dispatches {"inputs":{"repository":"evil/x"}}
POST repos/mona/x/security-advisories/GHSA-1/forks
POST repos/mona/x/security-advisories {"start_private_fork":true}
GET repos/mona/x/issues?repository_id=1
GET repos/mona/x/commits//check-runs
GET repos/mona/x/issues%0A
GET repos/mona/x/contents/a%0Ab
GET repos/mona/x/contents/a%2500b
GET repos/mona/x/%2569ssues
GET repos/mona/x/dependency-graph/compare/main...evil:topic
GET repos/mona/x/compare/main..evil:topic
GET repos/mona%2Fx/issues
GET repos/mona%252Fx/issues
GET repos/octocat/hello-world./issues
GET repos/octocat/hello-world.git.git/issues
GET repos/octocat./hello-world
GET networks/evil/x/events
GET networks/mona/x/events
GET users/evil/starred
GET user/starred/evil/x
PUT user/starred/evil/x
DELETE user/starred/mona/x/..
GET user/starred
GET user/orgs
GET gists/public
GET events
GET orgs/evil/events
GET orgs/evil/teams/t/repos
PUT orgs/mona/teams/t/repos/evil/x
POST orgs/mona/repos {"name":"y"}
PUT user/repository_invitations/1
GET organizations/1/repos
GET projects/1
GET graphql
POST markdown {"text":"#1","mode":"gfm","context":"evil/x"}
POST markdown/raw
DELETE notifications/threads/1/subscription
GET search/code?q=x&q[]=repo:evil/x
GET search/code?q=x&q=repo:evil/x
GET search/code?q[]=x
GET search/code?q=x&repository_id=1
GET search/code?q=x;q=repo:evil/x
GET search/topics?q=x
GET search/issues/?q=repo:evil/x
GET repos/mona/x?a=%zz
`
)

func guardLines() map[string]bool {
	lines := map[string]bool{}
	for text, stays := range map[string]bool{within: true, beyond: false} {
		for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
			lines[line] = stays
		}
	}
	return lines
}

// FuzzGuard: whichever way a path is written, a request that goes out is about
// an allowed repository, or about none, also for a server that decodes what is
// encoded twice, takes backslashes for slashes and resolves dots.
func FuzzGuard(f *testing.F) {
	for line := range guardLines() {
		method, rest, _ := strings.Cut(line, " ")
		target, body, _ := strings.Cut(rest, " ")
		f.Add(method, target, body)
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequestWithContext(t.Context(), method, publicAPI+target, strings.NewReader(body))
		if err != nil {
			return
		}
		g, asked := guarded(t, publicAPI, `{"head":{"repo":{"full_name":"mona/y"}}}`, "octocat/hello-world", "mona/*")
		if _, err := g.RoundTrip(r); err != nil {
			return
		}
		for _, sent := range *asked {
			_, address, _ := strings.Cut(sent, " ")
			if at := asServed(address); !isWithin(at) {
				t.Errorf("%s %q was sent, which is %s", method, target, at)
			}
		}
	})
}

// asServed is a path as the most lenient server would read it.
func asServed(address string) string {
	at, _, _ := strings.Cut(address, "?")
	for before := ""; before != at; {
		before = at
		if decoded, err := url.PathUnescape(at); err == nil {
			at = decoded
		}
	}
	return path.Clean(strings.ReplaceAll(at, `\`, "/"))
}

func isWithin(at string) bool {
	parts := strings.Split(strings.ToLower(at), "/")[1:]
	isRepository := len(parts) > 2 && (parts[1] == "mona" || parts[1] == "octocat" && strings.TrimSuffix(parts[2], ".git") == "hello-world")
	switch {
	case parts[0] == "repos":
		return isRepository
	case strings.HasPrefix(at, "/user/starred/"):
		return len(parts) == 4 && (parts[2] == "mona" || parts[2] == "octocat" && strings.TrimSuffix(parts[3], ".git") == "hello-world")
	}
	ofNone := []string{"user", "users", "rate_limit", "meta", "emojis", "licenses", "gitignore", "search", "issues", "orgs", "notifications", "advisories"}
	return len(parts) <= 3 && slices.Contains(ofNone, parts[0])
}
