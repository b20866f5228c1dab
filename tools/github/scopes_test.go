package github

import (
	"slices"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// A sign-in for the usual tools asks for no more than they need.
func TestScopesOfTheUsualTools(t *testing.T) {
	t.Parallel()
	selected, err := tools.Selection{}.Of(Offer(tools.Setup{}), usualToolsets())
	if scopes := tools.ScopesOf(selected.Tools); err != nil || !slices.Equal(scopes, []string{"repo"}) {
		t.Errorf("a sign-in asks for %q, %v", scopes, err)
	}
}
