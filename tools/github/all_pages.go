package github

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/go-github/v62/github"
	"golang.org/x/sync/errgroup"
)

const (
	perFullPage = 100 // the most GitHub gives on a page
	maxPages    = 10  // that are read of one list
	pagesAtOnce = 4
)

// wholeList is what was read of a list, in GitHub's order. Of a very long one
// the pages between the first and the last ones are missing.
type wholeList[T any] struct {
	items []T
	first int  // how many of them are from the first page
	gap   bool // there are more than items
}

// allPages reads a list for whoever decides something by all of it: page after
// page wouldn't do. get is called for several pages at the same time; the
// first error ends all.
func allPages[T any](ctx context.Context, get func(context.Context, github.ListOptions) ([]T, *github.Response, error)) (wholeList[T], error) {
	items, r, err := get(ctx, github.ListOptions{PerPage: perFullPage})
	if err != nil {
		return wholeList[T]{}, err
	}
	list := wholeList[T]{items: items, first: len(items), gap: r.NextPage > 0}
	if !list.gap || r.LastPage < 2 {
		return list, nil
	}
	from := max(2, r.LastPage-maxPages+2)
	list.gap = from > 2
	further := make([][]T, r.LastPage-from+1)
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(pagesAtOnce)
	for i := range further {
		group.Go(func() (err error) {
			further[i], _, err = get(groupContext, github.ListOptions{Page: from + i, PerPage: perFullPage})
			return err
		})
	}
	err = group.Wait()
	list.items = append(list.items, slices.Concat(further...)...)
	return list, err
}

// part says which of all were read; "" if all were.
func (l wholeList[T]) part() string {
	rest := len(l.items) - l.first
	switch {
	case !l.gap:
		return ""
	case rest == 0:
		return fmt.Sprintf("the first %d", l.first)
	}
	return fmt.Sprintf("the first %d and the last %d", l.first, rest)
}
