package github

import (
	"net/http"
	"slices"
	"testing"
)

// Every tool says which scopes it needs, and a sign-in asks for no others.
func TestScopesOfTools(t *testing.T) {
	t.Parallel()
	known := toolScopes()
	all := Tools(&http.Client{}, "https://api.github.com/", nil)
	for _, tool := range all {
		if _, ok := known[tool.Name]; !ok {
			t.Errorf("%s has no scopes; say none if it needs none", tool.Name)
		}
	}
	if len(known) != len(all) {
		t.Errorf("scopes for %d tools, and there are %d", len(known), len(all))
	}
	at, err := Service("").At("")
	if err != nil || !slices.Equal(at.Scopes, []string{"repo"}) {
		t.Errorf("a sign-in asks for %q, %v", at.Scopes, err)
	}
}
