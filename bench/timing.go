package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// timing is how long calls took, each and together.
type timing struct {
	took []time.Duration
	all  time.Duration
}

// load makes n calls, so many at once, after one that nobody counts.
func load(ctx context.Context, atOnce, n int, call func(context.Context) error) (timing, error) {
	if err := call(ctx); err != nil {
		return timing{}, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := timing{took: make([]time.Duration, n)}
	var next atomic.Int64
	var group sync.WaitGroup
	begin := time.Now()
	for range atOnce {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && ctx.Err() == nil; i = next.Add(1) - 1 {
				sent := time.Now()
				if err := call(ctx); err != nil {
					cancel(err)
				}
				t.took[i] = time.Since(sent)
			}
		})
	}
	group.Wait()
	t.all = time.Since(begin)
	return t, context.Cause(ctx)
}

// percentile is the time that so many in a hundred calls took at most.
func (t timing) percentile(hundredths int) time.Duration {
	sorted := slices.Sorted(slices.Values(t.took))
	return sorted[max(0, (len(sorted)*hundredths+99)/100-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
