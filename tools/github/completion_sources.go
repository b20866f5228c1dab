package github

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/google/go-github/v62/github"
)

// maxSources is of how many owners it is known where their repositories are.
const maxSources = 100

// sources remembers which list has an owner's repositories, so that a keystroke
// is one request. The zero value is empty. It is safe for concurrent use.
type sources struct {
	mu   sync.Mutex
	best map[string]string // by owner
}

func (s *sources) of(owner string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.best[owner]
}

func (s *sources) learn(owner, address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.best == nil || len(s.best) >= maxSources {
		s.best = map[string]string{}
	}
	s.best[owner] = address
}

// ownedBy gives an owner's repositories, from the list that had them before or
// else from all: the account's own, with the private ones; an organisation's; and
// anybody's public ones. It tells of each whether it goes on.
func (a *api) ownedBy(ctx context.Context, owner string) ([]*github.Repository, []bool) {
	const page = "repos?per_page=100&sort=pushed"
	own := "user/" + page + "&affiliation=owner"
	if best := a.sources.of(owner); best != "" {
		var repos []*github.Repository
		more := a.lookUp(ctx, lookup{best, &repos})
		// The list of the account's own is somebody else's after another sign-in.
		if best != own && repos != nil || hasOwner(repos, owner) {
			return repos, more
		}
	}
	var mine, ofOrg, public []*github.Repository
	all := []lookup{{own, &mine}, {"orgs/" + owner + "/" + page, &ofOrg}, {"users/" + owner + "/" + page, &public}}
	more := a.lookUp(ctx, all...)
	for i, found := range []bool{hasOwner(mine, owner), ofOrg != nil, public != nil} {
		if found {
			a.sources.learn(owner, all[i].address)
			break
		}
	}
	return slices.Concat(mine, ofOrg, public), more
}

func hasOwner(repos []*github.Repository, owner string) bool {
	return slices.ContainsFunc(repos, func(repo *github.Repository) bool {
		of, _, _ := strings.Cut(repo.GetFullName(), "/")
		return strings.EqualFold(of, owner)
	})
}
