package github

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// guard keeps all requests to the repositories a person allows. What it can't
// judge it refuses, before anything is sent: a path that isn't in its tables,
// GraphQL that isn't one of our own documents, another host. GitHub's answers
// about an allowed repository may still mention others, such as the fork a pull
// request comes from, and hold commits that forks share with it. What GitHub
// makes of a text, such as "fixes OWNER/NAME#1", isn't looked at.
type guard struct {
	next    http.RoundTripper
	base    *url.URL
	allowed allowList
}

// filter takes out of an answer what is about other repositories; nil: nothing
// is.
type filter func(*http.Response) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, filter, err := g.judge(r)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	answer, err := g.next.RoundTrip(sent)
	if err != nil || filter == nil || answer.StatusCode >= http.StatusMultipleChoices {
		return answer, err
	}
	return filter(answer)
}

// judge answers what to send, and what to do with its answer.
func (g *guard) judge(r *http.Request) (*http.Request, filter, error) {
	redirected := r.Response != nil
	switch {
	case r.URL.Opaque != "" || r.Host != "" && r.Host != r.URL.Host || r.Header.Get("X-HTTP-Method-Override") != "":
		return nil, nil, outside("a request of this form can't be judged")
	case r.URL.Host != g.base.Host || r.URL.Scheme != g.base.Scheme:
		if !redirected || strings.EqualFold(strings.TrimSuffix(r.URL.Hostname(), "."), g.base.Hostname()) {
			return nil, nil, outside("%s://%s is not GitHub's API", r.URL.Scheme, oneLine(r.URL.Host, 100))
		}
		return r, nil, g.stored(r.URL)
	case r.URL.EscapedPath() == graphPath(g.base):
		sent, err := g.graph(r)
		return sent, nil, err
	}
	segments, err := g.segments(r.URL)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case segments[0] == "repos" && len(segments) >= 3:
		return r, nil, g.repository(r, segments[1], segments[2], segments[3:])
	case segments[0] == "repositories" && len(segments) >= 2 && redirected:
		return r, nil, g.moved(r, segments[1], segments[2:])
	case len(segments) == 4 && segments[0] == "user" && segments[1] == "starred":
		return r, nil, g.allowed.check(segments[2], segments[3])
	}
	return g.elsewhere(r, strings.Join(segments, "/"))
}

// stored judges where GitHub itself leads for what it keeps elsewhere. Such an
// address names no repository and holds for minutes, but for those of archives
// and files, which begin with owner/name. No token goes to any.
func (g *guard) stored(address *url.URL) error {
	host := strings.ToLower(address.Host)
	isNamed := strings.HasPrefix(host, "codeload.") || strings.HasPrefix(host, "raw.") || host == strings.TrimPrefix(g.base.Host, "api.")
	if !isNamed {
		return nil
	}
	owner, rest, _ := strings.Cut(strings.TrimPrefix(address.Path, "/"), "/")
	name, _, _ := strings.Cut(rest, "/")
	return g.allowed.check(owner, name)
}

// segments are the parts of a path below the API's address, as they are sent.
// A path that a server might read as another one is refused.
func (g *guard) segments(address *url.URL) ([]string, error) {
	plain := address.EscapedPath()
	rest, below := strings.CutPrefix(plain, g.base.EscapedPath())
	for before := ""; before != plain; {
		before = plain
		if decoded, err := url.PathUnescape(plain); err == nil {
			plain = decoded
		}
		plain = strings.ReplaceAll(plain, `\`, "/")
	}
	parts := strings.Split(plain, "/")
	if !below || strings.ContainsFunc(plain, unicode.IsControl) || slices.Contains(parts, ".") || slices.Contains(parts, "..") || strings.Contains(rest, "//") {
		return nil, outside("the path %s can't be judged", oneLine(address.EscapedPath(), 200))
	}
	return strings.Split(strings.TrimSuffix(rest, "/"), "/"), nil
}

// repository judges what is below /repos/OWNER/NAME.
func (g *guard) repository(r *http.Request, owner, name string, below []string) error {
	if err := g.allowed.check(owner, name); err != nil {
		return err
	}
	if len(below) > 0 && strings.Trim(below[0], "abcdefghijklmnopqrstuvwxyz-_") != "" {
		return outside("%s is not the name of anything known in a repository", oneLine(below[0], 60))
	}
	plain, err := url.PathUnescape(strings.Join(below, "/"))
	if err != nil {
		return outside("the path can't be judged")
	}
	for _, prefix := range []string{"compare/", "dependency-graph/compare/"} {
		if spec, is := strings.CutPrefix(plain, prefix); is {
			return g.comparison(owner, spec)
		}
	}
	if err := g.fields(r, owner, name, plain); err != nil {
		return err
	}
	return g.implied(r, owner, name, plain)
}

// comparison judges the commits compared, which may be another repository's:
// OWNER:BRANCH or OWNER:NAME:BRANCH.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (g *guard) comparison(owner, spec string) error {
	for side := range strings.SplitSeq(strings.ReplaceAll(spec, "...", ".."), "..") {
		parts := strings.Split(side, ":")
		if len(parts) > 2 {
			if err := g.allowed.check(parts[0], parts[1]); err != nil {
				return err
			}
		}
		if len(parts) == 2 {
			if err := g.heads(fields{"": {side}}, "", owner); err != nil {
				return err
			}
		}
	}
	return nil
}

// implied judges requests that touch a repository nobody names, by asking
// GitHub which it is. Forks inside an advisory can't be asked for beforehand.
func (g *guard) implied(r *http.Request, owner, name, below string) error {
	this := []string{"repos", owner, name}
	var about struct {
		Head   struct{ Repo fullName }
		Parent fullName
	}
	matches := func(pattern string) bool {
		matched, err := path.Match(pattern, r.Method+" "+below)
		return matched && err == nil
	}
	switch {
	case matches("PUT pulls/*/update-branch"):
		this = append(this, path.Dir(below))
	case matches("POST merge-upstream"):
	case matches("POST security-advisories/*/forks"):
		return outside("GitHub names this fork itself, so it can't be judged")
	default:
		return nil
	}
	if err := g.lookUp(r, &about, this...); err != nil {
		return err
	}
	return g.checkFull(about.Head.Repo.FullName + about.Parent.FullName)
}

type fullName struct {
	FullName string `json:"full_name"`
}

// bodyOf is a copy of a request's body.
func bodyOf(r *http.Request) (io.ReadCloser, error) {
	if r.GetBody == nil {
		return nil, outside("the body of the request can't be judged")
	}
	return r.GetBody()
}

const maxJudged = 8 << 20

// lookUp asks GitHub for what it takes to judge a request.
func (g *guard) lookUp(r *http.Request, into any, below ...string) error {
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodGet, g.base.JoinPath(below...).String(), nil)
	if err != nil {
		return err
	}
	answer, err := g.next.RoundTrip(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxJudged)).Decode(into); err != nil || answer.StatusCode != http.StatusOK {
		return outside("GitHub doesn't say which repository this is about (%d)", answer.StatusCode)
	}
	return nil
}

// checkFull judges a repository by the name that GitHub says it has.
func (g *guard) checkFull(repo string) error {
	if !g.allowed.hasFull(repo) {
		return outside("this is in %s, which is not one of the repositories it allows", orElse(oneLine(repo, 140), "no repository"))
	}
	return nil
}

// moved judges where GitHub redirects to for a repository that has another name
// by now: by that name.
func (g *guard) moved(r *http.Request, id string, below []string) error {
	var now fullName
	if err := g.lookUp(r, &now, "repositories", id); err != nil {
		return err
	}
	if err := g.checkFull(now.FullName); err != nil {
		return err
	}
	owner, name, _ := strings.Cut(now.FullName, "/")
	return g.repository(r, owner, name, below)
}

// elsewhere judges what isn't below one repository: what belongs to none, and
// lists that can be filtered. Everything else is refused.
func (g *guard) elsewhere(r *http.Request, below string) (*http.Request, filter, error) {
	of := func(patterns ...string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			matched, err := path.Match(pattern, below)
			return matched && err == nil
		})
	}
	switch {
	case r.Method != http.MethodGet || strings.Contains(below, "%"):
	case of("user", "users/*", "rate_limit", "meta", "emojis", "licenses", "licenses/*", "gitignore/templates", "gitignore/templates/*", "search/users", "advisories", "advisories/*"):
		return r, nil, nil
	case of("user/repos", "users/*/repos", "orgs/*/repos", "user/subscriptions", "issues", "user/issues", "orgs/*/issues", "notifications"):
		return r, g.filterList, nil
	case of("search/repositories", "search/code", "search/commits", "search/issues"):
		narrowed, err := g.narrow(r, below == "search/issues")
		return narrowed, g.filterFound, err
	}
	return nil, nil, outside("%s %s is not about one repository, so it can't be judged", r.Method, oneLine(below, 100))
}
