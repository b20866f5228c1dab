package github

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/google/go-github/v62/github"
)

// ask is for requests whose address the library's own methods don't escape, or
// whose errors they hide. data is a pointer for the answer; nil: none wanted.
func (a *api) ask(ctx context.Context, method, address string, body, data any) (*github.Response, error) {
	request, err := a.client.NewRequest(method, address, body)
	if err != nil {
		return nil, err
	}
	return a.client.Do(ctx, request, data)
}

// send is ask for what is worded as other requests are. what names the thing
// asked for in errors.
func (a *api) send(ctx context.Context, method, address string, body, answer any, what string) (*github.Response, error) {
	r, err := a.ask(ctx, method, address, body, answer)
	return r, explain(err, what)
}

// escapePath escapes each part of a path or of a branch's name. GitHub wants
// the slashes between them as they are.
func escapePath(path string) string {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	return strings.Join(segments, "/")
}

// checkRef says what keeps an argument from naming a branch, a tag or a
// commit, before it becomes part of an address; "" is for GitHub's default.
// https://git-scm.com/docs/git-check-ref-format
func checkRef(argument, ref string) []string {
	strange := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune(` \?*[`, r) }
	segments := strings.Split(ref, "/")
	isBad := strings.Contains(ref, "..") || strings.ContainsFunc(ref, strange) || strings.HasPrefix(ref, "-")
	for _, segment := range segments {
		isBad = isBad || segment == "" || strings.HasPrefix(segment, ".") || strings.HasSuffix(segment, ".")
	}
	if ref == "" || !isBad {
		return nil
	}
	return []string{fmt.Sprintf("'%s' %q can't be the name of a branch, a tag or a commit", argument, oneLine(ref, 60))}
}

// checkPath says what keeps an argument from being a path in a repository.
func checkPath(argument, path string) []string {
	for segment := range strings.SplitSeq(path, "/") {
		if segment == ".." || segment == "." {
			return []string{fmt.Sprintf("'%s' must be a plain path from the repository's root, without . and ..", argument)}
		}
	}
	return nil
}

// plainPath is without the slashes and the ./ that people put around a path.
func plainPath(path string) string {
	return strings.Trim(strings.TrimPrefix(path, "./"), "/")
}

// branchName is without what git puts in front of it.
func branchName(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "heads/")
}
