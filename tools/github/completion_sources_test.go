package github

import (
	"strconv"
	"testing"
)

// TestSourcesAreBounded: whatever is typed as an owner, memory doesn't grow.
func TestSourcesAreBounded(t *testing.T) {
	t.Parallel()
	var s sources
	for i := range 10 * maxSources {
		s.learn(strconv.Itoa(i), "list")
	}
	if last := s.of(strconv.Itoa(10*maxSources - 1)); len(s.best) > maxSources || last != "list" {
		t.Errorf("%d are known, of the last %q", len(s.best), last)
	}
}
