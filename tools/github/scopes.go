package github

import "slices"

// toolScopes is what each tool needs of an OAuth App's token. GitHub has no
// scope that only reads private repositories, nor one for their issues or pull
// requests alone: repo is the least that works for all of a person's own. For
// public repositories public_repo is enough, and reading those takes none.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
func toolScopes() map[string][]string {
	repo := []string{"repo"}
	return map[string][]string{
		"github_whoami":        nil,
		"github_search":        repo,
		"github_contents":      repo,
		"github_issues":        repo,
		"github_issue":         repo,
		"github_issue_write":   repo,
		"github_pull_requests": repo,
		"github_pull_request":  repo,
	}
}

// leastScopes answers what all tools together need, sorted.
func leastScopes() []string {
	var all []string
	for _, scopes := range toolScopes() {
		all = append(all, scopes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
