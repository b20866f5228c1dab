package policy_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
)

func TestPathsAllow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patterns, request string
		want              bool
	}{
		{"repos/octocat/**", "GET repos/octocat/hello", true},
		{"repos/octocat/**", "GET repos/octocat/hello/issues/1", true},
		{"repos/octocat/**", "GET repos/octocat", true},
		{"repos/octocat/**", "GET repos/octocats/hello", false},
		{"repos/octocat/*", "GET repos/octocat/hello", true},
		{"repos/octocat/*", "GET repos/octocat/hello/", true},
		{"repos/octocat/*/", "GET repos/octocat/hello", true},
		{"/repos/octocat/*", "GET repos/octocat/hello", true},
		{"repos/octocat/*", "GET repos/octocat/hello/issues", false},
		{"repos/octocat/h*o", "GET repos/octocat/hello", true},
		{"repos/octocat/h*o", "GET repos/octocat/help", false},
		{"**/issues/*", "GET repos/a/b/issues/1", true},
		{"repos/**/issues", "GET repos/a/b/issues", true},
		{"repos/**/issues", "GET repos/issues", true},
		{"GET:repos/**", "POST repos/a", false},
		{"get:repos/**,POST:x", "GET repos/a", true},
		{"x POST:repos/**", "POST repos/a", true},
		{"**", "DELETE anything/at/all", true},
		{"**", "GET ", true},
		// An escaped letter is that letter.
		{"repos/octocat/**", "GET repos/%6fctocat/x", true},
		// An escaped slash is none of a segment that * may be.
		{"repos/octocat/*", "GET repos/octocat/x%2Fcollaborators%2Fy", false},
		{"repos/octocat/*", "GET repos/octocat%2Fx", false},
		{"projects/*/issues", "GET projects/group%2Fname/issues", false},
		{"projects/group%2Fname/issues", "GET projects/group%2fname/issues", true},
		{"projects/group%2F*/**", "GET projects/group%2fname/issues", true},
		{"projects/group%2F*/**", "GET projects/group/name/issues", false},
		// What leads elsewhere.
		{"repos/octocat/**", "GET repos/octocat/../evil/x", false},
		{"repos/octocat/**", "GET repos/octocat/%2e%2E/evil/x", false},
		{"repos/octocat/**", "GET repos/octocat/..%2f..%2fevil", false},
		{"repos/octocat/**", "GET repos/octocat/%252e%252e/evil", false},
		{"repos/octocat/**", "GET repos/octocat/%25zz%252e%252e/evil", false},
		{"repos/octocat/**", "GET repos/octocat/.", false},
		{"repos/octocat/**", "GET repos/octocat/..;x/evil", false},
		{"repos/octocat/**", "GET repos/octocat/..%5cevil", false},
		{"repos/octocat/**", "GET repos/octocat/%20..%20/evil", false},
		{"repos/octocat/**", "GET repos/octocat//evil", false},
		{"repos/octocat/**", "GET //evil/repos/octocat/x", false},
		{"**", "GET /api/other", false},
		{"repos/octocat/**", "GET repos/octocat/%zz", false},
		{"repos/octocat/**", "GET repos/octocat/%00", false},
		{"repos/octocat/**", "GET repos/octocat/%ff", false},
		{"repos/octocat/**", "GET REPOS/octocat/x", false},
	} {
		paths, err := policy.ParsePaths(c.patterns)
		if err != nil {
			t.Fatal(c.patterns, err)
		}
		method, path, _ := strings.Cut(c.request, " ")
		if got := paths.Allow(method, path); got != c.want {
			t.Errorf("%s, %s: %v", c.patterns, c.request, got)
		}
	}
}

// TestPathsMay: what could be meant is, however it is written.
func TestPathsMay(t *testing.T) {
	t.Parallel()
	paths, err := policy.ParsePaths("projects/*/members/** **/*invite DELETE:projects/*")
	if err != nil {
		t.Fatal(err)
	}
	for request, want := range map[string]bool{
		"POST projects/1/members":                            true,
		"POST projects/1/members/":                           true,
		"PUT projects/group%2Fname/members/2":                true,
		"POST projects/a%2Fb%2Fc/members":                    true,
		"POST projects%2F1%2Fmembers":                        true,
		"POST Projects/1/MEMBERS":                            true,
		"POST projects/1/%6Dembers":                          true,
		"POST projects/1/%4DEMBER%C5%BF":                     true,
		"POST projects/1/members.json":                       true,
		"POST projects/1/members%20":                         true,
		"POST projects/1/x/../members":                       true,
		"POST projects/1//members":                           true,
		"POST projects/1/members;x=1":                        true,
		"POST projects/1/%256dembers":                        true,
		"POST projects/1/%zz":                                true,
		"POST me/drive/items/a/invite":                       true,
		"POST me/drive/items/a/microsoft.graph.invite":       true,
		"POST me/drive/root:/a/b:/Invite":                    true,
		"DELETE projects/1":                                  true,
		"DELETE projects/group%2Fname":                       true,
		"POST projects/1":                                    false,
		"POST projects/1/issues":                             false,
		"POST projects/members/issues":                       false,
		"POST projects/group%2Fname/issues/1/notes":          false,
		"PUT projects/1/repository/files/members%2Eto%2Eadd": false,
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := paths.May(method, path); got != want {
			t.Errorf("%s: %v", request, got)
		}
	}
	if (policy.Paths{}).May("POST", "a/../b") {
		t.Error("no pattern means something")
	}
}

func TestParsePathsSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "there is no path",
		"/":                           `"/" is not a path`,
		"https://api.github.com/user": "whole address",
		"FETCH:user":                  "GET, HEAD, POST, PUT, PATCH, DELETE",
		"user GET:":                   `"GET:"`,
		"user?x=1":                    "more than a path",
		"a//b":                        "an empty one",
		"a/../b":                      ". or ..",
		"a/%zz":                       "escape",
		"a/%2A":                       "escaped *",
	} {
		_, err := policy.ParsePaths(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "GET:repos/octocat/*/issues") {
			t.Errorf("%q: %v", text, err)
		}
	}
	paths, err := policy.ParsePaths("GET:a/**, me/drive:x")
	if err != nil || paths.String() != "GET:a/** me/drive:x" {
		t.Error(paths, err)
	}
}

// FuzzPaths: what is allowed fits a regular expression made of the pattern, which
// the path a server would come to fits as well.
func FuzzPaths(f *testing.F) {
	for _, seed := range [][2]string{
		{"repos/octocat/**", "repos/octocat/hello"}, {"**/x/*", "a/b/x/y"}, {"projects/g%2F*/i", "projects/g%2fn/i"}, {"a*/**", "ab/%2e%2e/c"},
		{"a/**/b/**/c", "a/b/b/x/c/c"}, {"a", "a/"}, {"**", "/"}, {"a/*", "a//b"}, {"a/*", "a/b%2Fc"}, {"a/**", "a/%252e%252e/b"}, {"GET:a", "a"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		paths, err := policy.ParsePaths(pattern)
		if err != nil || len(paths) != 1 || strings.ContainsAny(pattern, " ,:%") {
			return
		}
		allowed := paths.Allow("GET", path)
		if allowed && !paths.May("GET", path) {
			t.Fatalf("%s allows %q, which it could not mean", pattern, path)
		}
		plain, err := url.PathUnescape(path)
		isOdd := err != nil || !regexp.MustCompile(`\A[a-z0-9*_-]+(/[a-z0-9*_-]+)*/?\z`).MatchString(path)
		if want := pathOracle(paths.String(), path); !isOdd && allowed != want {
			t.Fatalf("%s, %q: %v", pattern, path, allowed)
		}
		if allowed && (strings.Contains(plain, "/../") || strings.HasPrefix(plain, "../") || strings.HasSuffix(plain, "/..") || strings.Contains(plain, "//")) {
			t.Fatalf("%s allows %q", pattern, path)
		}
		if allowed && !strings.Contains(strings.ToLower(path), "%2f") && !pathOracle(paths.String(), plain) {
			t.Fatalf("%s allows %q", pattern, path)
		}
	})
}

// pathOracle matches a path that holds no escapes.
func pathOracle(pattern, path string) bool {
	expression := ""
	for segment := range strings.SplitSeq(strings.Trim(pattern, "/"), "/") {
		if segment == "**" {
			expression += `(/[^/]+)*`
			continue
		}
		expression += "/" + strings.ReplaceAll(regexp.QuoteMeta(latin(segment)), `\*`, `[^/]*`)
	}
	return regexp.MustCompile(`\A(?s:` + expression + `)\z`).MatchString(strings.TrimSuffix("/"+latin(path), "/"))
}
