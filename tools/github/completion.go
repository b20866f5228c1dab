package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// longEnough is how much has to be typed before all of GitHub is searched. That
// is allowed thirty times a minute, and models want to search as well.
const longEnough = 2

// lookup is one request whose answer may hold suggestions. What fails, for want
// of a scope for example, suggests nothing.
type lookup struct {
	address string
	into    any
}

// lookUp makes requests at the same time. more says of each whether GitHub has
// further pages.
func (a *api) lookUp(ctx context.Context, all ...lookup) (more []bool) {
	more = make([]bool, len(all))
	var running sync.WaitGroup
	for i, l := range all {
		running.Go(func() {
			r, err := a.ask(ctx, http.MethodGet, l.address, nil, l.into)
			more[i] = err == nil && r.NextPage > 0
		})
	}
	running.Wait()
	return more
}

// maxSuggestion is longer than what GitHub gives a name, in bytes.
const maxSuggestion = 300

// beginningWith are the values that begin like what was typed, each once. What
// nobody could read, and hold for a name, isn't suggested.
func beginningWith(typed string, values []string) []string {
	var kept []string
	known := map[string]bool{}
	for _, value := range values {
		begins := len(value) >= len(typed) && strings.EqualFold(value[:len(typed)], typed)
		if !begins || len(value) > maxSuggestion || clean(value) != value || known[strings.ToLower(value)] {
			continue
		}
		known[strings.ToLower(value)] = true
		kept = append(kept, value)
	}
	return kept
}

// suggestOwners suggests the account, its organisations and those whom VALET_REPOS
// names, or else whoever GitHub finds.
func (a *api) suggestOwners(ctx context.Context, typed string, _ map[string]string) (tools.Suggestions, error) {
	named, isAll := a.allowed.owners()
	if a.allowed.restricts() && isAll {
		return tools.Suggestions{Values: beginningWith(typed, named)}, nil
	}
	var account github.User
	var orgs []*github.Organization
	more := a.lookUp(ctx, lookup{"user", &account}, lookup{"user/orgs?per_page=100", &orgs})
	owners := append(named, account.GetLogin())
	for _, org := range orgs {
		owners = append(owners, org.GetLogin())
	}
	suggested := a.ownersWith(typed, owners)
	if len(suggested) == 0 && len(typed) >= longEnough && isName(typed, "") {
		var found github.UsersSearchResult
		more = a.lookUp(ctx, lookup{"search/users?per_page=100&q=" + url.QueryEscape(typed+" in:login"), &found})
		for _, user := range found.Users {
			owners = append(owners, user.GetLogin())
		}
		suggested = a.ownersWith(typed, owners)
	}
	return tools.Suggestions{Values: suggested, More: slices.Contains(more, true)}, nil
}

// ownersWith are the owners that begin like what was typed and of whom anything
// may be touched.
func (a *api) ownersWith(typed string, owners []string) []string {
	return slices.DeleteFunc(beginningWith(typed, owners), func(owner string) bool {
		return owner == "" || a.allowed.restricts() && !a.allowed.hasOwner(owner)
	})
}

// suggestNames suggests the repositories of the owner that is given.
func (a *api) suggestNames(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	owner := given["owner"]
	if !isName(owner, "") || a.allowed.restricts() && !a.allowed.hasOwner(owner) {
		return tools.Suggestions{}, nil
	}
	repos, more := a.ownedBy(ctx, owner)
	suggested := beginningWith(typed, a.namesOf(owner, repos))
	if len(suggested) == 0 && slices.Contains(more, true) && isName(typed, ".") {
		var found github.RepositoriesSearchResult
		more = a.lookUp(ctx, lookup{"search/repositories?per_page=100&q=" + url.QueryEscape(typed+" in:name fork:true user:"+owner), &found})
		suggested = beginningWith(typed, a.namesOf(owner, found.Repositories))
	}
	return tools.Suggestions{Values: suggested, More: slices.Contains(more, true)}, nil
}

// namesOf are the names of an owner's repositories that may be touched.
func (a *api) namesOf(owner string, repos []*github.Repository) []string {
	var names []string
	for _, full := range a.fullNames(repos) {
		if of, name, _ := strings.Cut(full, "/"); strings.EqualFold(of, owner) {
			names = append(names, name)
		}
	}
	return names
}

// fullNames are those of repositories, and of all that VALET_REPOS names.
func (a *api) fullNames(repos []*github.Repository) []string {
	var names []string
	for _, repo := range repos {
		names = append(names, repo.GetFullName())
	}
	return append(names, a.allowed.whole()...)
}

// suggestRepositories suggests owner/name. Without an owner it suggests what the
// account works on.
func (a *api) suggestRepositories(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	if owner, name, named := strings.Cut(typed, "/"); named {
		s, err := a.suggestNames(ctx, name, map[string]string{"owner": owner})
		for i := range s.Values {
			s.Values[i] = owner + "/" + s.Values[i]
		}
		return s, err
	}
	var repos []*github.Repository
	more := a.lookUp(ctx, lookup{"user/repos?per_page=100&sort=pushed", &repos})
	return tools.Suggestions{Values: beginningWith(typed, a.fullNames(repos)), More: more[0]}, nil
}

// givenRepository is the repository that the other arguments name.
func givenRepository(given map[string]string) (repo string, ok bool) {
	r := repository{given["repo"]}
	if given["owner"] != "" {
		r = located{given["owner"], given["repo"]}.repository()
	}
	return r.Repo, len(r.Check()) == 0
}

// suggestBranches suggests branches. A name that isn't finished may end as none
// can.
func (a *api) suggestBranches(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	repo, ok := givenRepository(given)
	start := strings.TrimRight(typed, "./")
	if !ok || len(checkRef("ref", start)) > 0 {
		return tools.Suggestions{}, nil
	}
	var names []string
	if start == "" {
		var branches []*github.Branch
		more := a.lookUp(ctx, lookup{"repos/" + repo + "/branches?per_page=100", &branches})
		for _, branch := range branches {
			names = append(names, branch.GetName())
		}
		return tools.Suggestions{Values: beginningWith(typed, names), More: more[0]}, nil
	}
	var refs []*github.Reference
	more := a.lookUp(ctx, lookup{"repos/" + repo + "/git/matching-refs/heads/" + escapePath(start), &refs})
	for _, ref := range refs {
		names = append(names, branchName(ref.GetRef()))
	}
	return tools.Suggestions{Values: beginningWith(typed, names), More: more[0]}, nil
}

// suggestPaths suggests what is in the directory that was typed so far.
func (a *api) suggestPaths(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	repo, ok := givenRepository(given)
	typed = strings.TrimLeft(typed, "/")
	dir, _ := path.Split(typed)
	at := contentsArguments{repository: repository{repo}, Path: dir, Ref: given["ref"]}
	if !ok || len(checkPath("path", dir)) > 0 {
		return tools.Suggestions{}, nil
	}
	found, err := a.content(ctx, at, at.path())
	if err != nil {
		return tools.Suggestions{}, err
	}
	var names []string
	for _, entry := range found.Entries {
		name := dir + entry.GetName()
		if entry.GetType() == "dir" {
			name += "/"
		}
		names = append(names, name)
	}
	return tools.Suggestions{Values: beginningWith(typed, names), More: len(found.Entries) >= maxEntries}, nil
}

// suggestIssues suggests the numbers of open issues, the newest first.
func (a *api) suggestIssues(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	return a.suggestNumbers(ctx, "issues", typed, given)
}

// suggestPulls suggests the numbers of open pull requests.
func (a *api) suggestPulls(ctx context.Context, typed string, given map[string]string) (tools.Suggestions, error) {
	return a.suggestNumbers(ctx, "pulls", typed, given)
}

func (a *api) suggestNumbers(ctx context.Context, kind, typed string, given map[string]string) (tools.Suggestions, error) {
	repo, ok := givenRepository(given)
	if !ok {
		return tools.Suggestions{}, nil
	}
	// Both kinds have what is asked for here; only the list of issues holds pull
	// requests as well, and marks them.
	var open []*github.Issue
	more := a.lookUp(ctx, lookup{fmt.Sprintf("repos/%s/%s?state=open&per_page=100", repo, kind), &open})
	var numbers []string
	for _, one := range open {
		if !one.IsPullRequest() {
			numbers = append(numbers, strconv.Itoa(one.GetNumber()))
		}
	}
	return tools.Suggestions{Values: beginningWith(typed, numbers), More: more[0]}, nil
}
