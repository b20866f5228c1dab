package github

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-github/v62/github"
)

// TestFirstErrorEndsAllPages: pages that nobody will see are given up, and the
// error is the one that ended them.
func TestFirstErrorEndsAllPages(t *testing.T) {
	t.Parallel()
	lost := errors.New("lost")
	_, err := allPages(t.Context(), func(ctx context.Context, o github.ListOptions) ([]int, *github.Response, error) {
		switch o.Page {
		case 0:
			return []int{1}, &github.Response{NextPage: 2, LastPage: 9}, nil
		case 3:
			return nil, nil, lost
		}
		<-ctx.Done()
		return nil, nil, ctx.Err()
	})
	if !errors.Is(err, lost) {
		t.Errorf("%v", err)
	}
}
