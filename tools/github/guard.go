package github

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// guard keeps all requests to the repositories a person allows. What it can't
// judge it refuses, before anything is sent: a path that isn't in its tables,
// GraphQL that isn't one of our own documents, another host. GitHub's answers
// about an allowed repository may still mention others, such as the fork a pull
// request comes from.
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
	if err != nil || filter == nil || answer.StatusCode != http.StatusOK {
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
		// GitHub keeps archives and logs elsewhere, and leads there itself.
		if !redirected {
			return nil, nil, outside("%s is not GitHub's API", oneLine(r.URL.Host, 100))
		}
		return r, nil, nil
	case r.URL.EscapedPath() == graphPath(g.base):
		return r, nil, g.graph(r)
	}
	segments, err := g.segments(r.URL)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case segments[0] == "repos" && len(segments) >= 3:
		return r, nil, g.repository(r, segments[1], segments[2], segments[3:])
	case segments[0] == "repositories" && len(segments) >= 2 && redirected:
		return r, nil, g.moved(r, segments[1])
	}
	return g.elsewhere(r, strings.Join(segments, "/"))
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
	if !below || slices.Contains(parts, ".") || slices.Contains(parts, "..") || strings.Contains(rest, "//") {
		return nil, outside("the path %s can't be judged", oneLine(address.EscapedPath(), 200))
	}
	return strings.Split(strings.TrimSuffix(rest, "/"), "/"), nil
}

// repository judges what is below /repos/OWNER/NAME.
func (g *guard) repository(r *http.Request, owner, name string, below []string) error {
	if err := g.allowed.check(owner, name); err != nil {
		return err
	}
	plain, err := url.PathUnescape(strings.Join(below, "/"))
	if err != nil {
		return outside("the path can't be judged")
	}
	if spec, is := strings.CutPrefix(plain, "compare/"); is {
		return g.comparison(name, spec)
	}
	return g.target(r, owner, name, plain)
}

// comparison judges the commits compared, which may be another repository's:
// OWNER:BRANCH or OWNER:NAME:BRANCH.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (g *guard) comparison(name, spec string) error {
	for side := range strings.SplitSeq(spec, "...") {
		parts := strings.Split(side, ":")
		other := name
		if len(parts) > 2 {
			other = parts[1]
		}
		if len(parts) > 1 {
			if err := g.allowed.check(parts[0], other); err != nil {
				return err
			}
		}
	}
	return nil
}

// target judges requests that make or name another repository, by the fields of
// their body.
func (g *guard) target(r *http.Request, owner, name, below string) error {
	fields := map[string]struct{ owner, name string }{
		"POST forks":    {"organization", "name"},
		"POST transfer": {"new_owner", "new_name"},
		"POST generate": {"owner", "name"},
		"PATCH ":        {"", "name"},
	}
	field, names := fields[r.Method+" "+below]
	if !names {
		return nil
	}
	var body map[string]any
	if err := readJSON(r, &body); err != nil {
		return err
	}
	to, is := body[field.owner].(string)
	if field.owner == "" {
		to, is = owner, true
	}
	if !is {
		return outside("whose the new repository would be can't be judged; name the %s", field.owner)
	}
	if given, is := body[field.name].(string); is && given != "" {
		name = given
	}
	return g.allowed.check(to, name)
}

const maxJudged = 8 << 20

// readJSON reads a copy of a request's body.
func readJSON(r *http.Request, into any) error {
	if r.GetBody == nil {
		return outside("the body of the request can't be judged")
	}
	body, err := r.GetBody()
	if err != nil {
		return err
	}
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxJudged+1))
	if err != nil {
		return err
	}
	if len(content) > maxJudged || json.Unmarshal(content, into) != nil {
		return outside("the body of the request can't be judged")
	}
	return nil
}

// moved judges where GitHub redirects to for a repository that has another name
// by now: by that name.
func (g *guard) moved(r *http.Request, id string) error {
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodGet, g.base.JoinPath("repositories", id).String(), nil)
	if err != nil {
		return err
	}
	answer, err := g.next.RoundTrip(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var now struct {
		FullName string `json:"full_name"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxJudged)).Decode(&now); err != nil || now.FullName == "" {
		return outside("the repository has another name by now, and GitHub doesn't say which (%d)", answer.StatusCode)
	}
	if !g.allowed.hasFull(now.FullName) {
		return outside("the repository is %s by now, which is not one of those it allows", oneLine(now.FullName, 140))
	}
	return nil
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
	case of("user", "users/*", "rate_limit", "meta", "emojis", "licenses", "licenses/*", "gitignore/templates", "gitignore/templates/*", "search/users"):
		return r, nil, nil
	case of("user/repos", "users/*/repos", "orgs/*/repos", "user/subscriptions", "issues", "user/issues", "orgs/*/issues", "notifications"):
		return r, g.filterList, nil
	case of("search/repositories", "search/code", "search/commits", "search/issues"):
		narrowed, err := g.narrow(r, below == "search/issues")
		return narrowed, g.filterFound, err
	}
	return nil, nil, outside("%s %s is not about one repository, so it can't be judged", r.Method, oneLine(below, 100))
}
