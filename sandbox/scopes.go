package sandbox

import (
	"slices"
	"strings"
)

// scope is one scope as the page shows it.
type scope struct {
	Name     string
	Words    string
	includes []string // GitHub: scopes that add nothing beside this one
}

// knownScopes are GitHub's ("Scopes for OAuth apps"), in plain words.
func knownScopes() []scope {
	return []scope{
		{"repo", "Read and change your repositories, private ones too", []string{"public_repo", "repo:status", "repo_deployment", "repo:invite", "security_events"}},
		{"public_repo", "Read and change your public repositories", nil},
		{"repo:status", "Read and set the state of commits", nil},
		{"repo_deployment", "Read and set the state of deployments", nil},
		{"repo:invite", "Accept and decline invitations to repositories", nil},
		{"security_events", "Read and change security alerts", nil},
		{"delete_repo", "Delete your repositories", nil},
		{"workflow", "Add and change the workflows that run in your repositories", nil},
		{"gist", "Write gists", nil},
		{"notifications", "Read your notifications and mark them as read", nil},
		{"user", "Read and change your profile", []string{"read:user", "user:email", "user:follow"}},
		{"read:user", "Read your profile", nil},
		{"user:email", "Read your email addresses", nil},
		{"user:follow", "Follow and unfollow people", nil},
		{"admin:org", "Manage your organisations, their teams and members", []string{"write:org", "read:org"}},
		{"write:org", "Read and change who is in your organisations", []string{"read:org"}},
		{"read:org", "See your organisations and teams", nil},
		{"project", "Read and change your projects", []string{"read:project"}},
		{"read:project", "Read your projects", nil},
		{"write:packages", "Publish packages", []string{"read:packages"}},
		{"read:packages", "Download packages", nil},
		{"delete:packages", "Delete packages", nil},
		{"admin:repo_hook", "Manage the webhooks of your repositories", []string{"write:repo_hook", "read:repo_hook"}},
		{"admin:public_key", "Manage your SSH keys", []string{"write:public_key", "read:public_key"}},
		{"admin:gpg_key", "Manage your GPG keys", []string{"write:gpg_key", "read:gpg_key"}},
		{"codespace", "Create and manage codespaces", nil},
		{"offline_access", "Stay signed in while you are away", nil},
	}
}

func findScope(name string) (scope, bool) {
	known := knownScopes()
	i := slices.IndexFunc(known, func(s scope) bool { return s.Name == name })
	if i < 0 {
		return scope{Name: name}, false
	}
	return known[i], true
}

// describeScopes puts scopes into words. One that is not known is described by its name.
func describeScopes(names []string) []scope {
	described := make([]scope, 0, len(names))
	for _, name := range names {
		s, known := findScope(name)
		if !known {
			s.Words = "Something this page has no words for"
		}
		described = append(described, s)
	}
	return described
}

// parseScopes reads the scope parameter (RFC 6749 §3.3), each scope once. GitHub also takes commas and drops what another scope includes.
func parseScopes(parameter string, github bool) ([]string, *refusal) {
	separators := " "
	if github {
		separators = " ,"
	}
	var scopes []string
	for name := range strings.FieldsFuncSeq(parameter, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if strings.ContainsFunc(name, notInScope) {
			return nil, refuse(invalidScope)
		}
		if !slices.Contains(scopes, name) {
			scopes = append(scopes, name)
		}
	}
	if github {
		scopes = withoutIncluded(scopes)
	}
	return scopes, nil
}

// notInScope tells whether a scope can't contain r: %x21 / %x23-5B / %x5D-7E (RFC 6749 §3.3).
func notInScope(r rune) bool {
	return r <= ' ' || r > '~' || r == '"' || r == '\\'
}

func withoutIncluded(scopes []string) []string {
	var included []string
	for _, name := range scopes {
		s, _ := findScope(name)
		included = append(included, s.includes...)
	}
	return slices.DeleteFunc(scopes, func(name string) bool { return slices.Contains(included, name) })
}
