package github

// repoScope is what most tools need of an OAuth App's token. GitHub has no
// scope that only reads private repositories, nor one for their issues or pull
// requests alone: repo is the least that works for all of a person's own. For
// public repositories public_repo is enough, and reading those takes none.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
func repoScope() []string { return []string{"repo"} }
