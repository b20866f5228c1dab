package github

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// allowList is the repositories a person lets the tools touch, as owner/name
// in lower case with * for any part of either. An empty one is all.
type allowList []string

// CheckRepositories says what is wrong with a list of repositories to touch,
// the value of VALET_REPOS.
func CheckRepositories(patterns []string) error {
	_, err := parseAllowList(patterns)
	return err
}

func parseAllowList(patterns []string) (allowList, error) {
	var list allowList
	for _, pattern := range patterns {
		owner, name, _ := strings.Cut(pattern, "/")
		if !isName(owner, "*") || !isName(name, ".*") || strings.Trim(name, ".") == "" {
			return nil, tools.UserError("github: VALET_REPOS holds %q, which is not owner/name; write it like octocat/Hello-World or octocat/*, with commas in between", oneLine(pattern, 60))
		}
		list = append(list, strings.ToLower(pattern))
	}
	return list, nil
}

// restricts tells whether anything is out of bounds.
func (l allowList) restricts() bool {
	return len(l) > 0 && !slices.Contains(l, "*/*")
}

// has tells whether a repository may be touched. GitHub takes names in any
// case, and with .git at the end.
func (l allowList) has(owner, name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".git")
	if !isName(owner, "") || !isName(name, ".") || strings.Trim(name, ".") == "" {
		return false
	}
	return slices.ContainsFunc(l, func(pattern string) bool {
		matched, err := path.Match(pattern, strings.ToLower(owner)+"/"+name)
		return matched && err == nil
	})
}

// hasFull is has for owner/name.
func (l allowList) hasFull(repo string) bool {
	owner, name, _ := strings.Cut(repo, "/")
	return l.has(owner, name)
}

// hasAllOf tells whether all of an account's repositories may be touched.
func (l allowList) hasAllOf(owner string) bool {
	return slices.Contains(l, strings.ToLower(owner)+"/*")
}

// hasOwner tells whether anything of an owner may be touched.
func (l allowList) hasOwner(owner string) bool {
	return slices.ContainsFunc(l, func(pattern string) bool {
		allowed, _, _ := strings.Cut(pattern, "/")
		matched, err := path.Match(allowed, strings.ToLower(owner))
		return matched && err == nil
	})
}

// whole are the patterns that name one repository.
func (l allowList) whole() []string {
	return slices.DeleteFunc(slices.Clone(l), func(pattern string) bool { return strings.Contains(pattern, "*") })
}

// owners are those the patterns name; all says that they name no others.
func (l allowList) owners() (named []string, all bool) {
	all = true
	for _, pattern := range l {
		owner, _, _ := strings.Cut(pattern, "/")
		if strings.Contains(owner, "*") {
			all = false
			continue
		}
		named = append(named, owner)
	}
	return named, all
}

// check refuses a repository that may not be touched.
func (l allowList) check(owner, name string) error {
	if l.has(owner, name) {
		return nil
	}
	return outside("%s/%s is not one of the repositories it allows", oneLine(owner, 60), oneLine(name, 100))
}

// qualifiers limit a search to the list. GitHub can search for whole names and
// whole owners only; for other patterns ok is false.
func (l allowList) qualifiers() (all []string, ok bool) {
	for _, pattern := range l {
		owner, name, _ := strings.Cut(pattern, "/")
		switch {
		case !strings.Contains(pattern, "*"):
			all = append(all, "repo:"+pattern)
		case name == "*" && !strings.Contains(owner, "*"):
			all = append(all, "user:"+owner)
		default:
			return nil, false
		}
	}
	return all, true
}

// outside is how everything is refused that the list doesn't allow. Only the
// person can change that, so the error names the variable.
func outside(format string, args ...any) error {
	return tools.Explain(tools.ErrRepositories, "github: refused by VALET_REPOS: "+fmt.Sprintf(format, args...)+"; only the person can change that list")
}
