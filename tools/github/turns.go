package github

import (
	"context"
	"sync"
)

// turns let only so many calls at the same time do what takes much memory, or a
// process. A call keeps its turn until it is over, since it holds on to what it
// has read. Whoever takes turns of two kinds takes those of filters first.
type turns chan struct{}

// calling is the turns that a call has taken. It is safe for concurrent use.
type calling struct {
	mu    sync.Mutex
	taken map[turns]bool
}

type callingKey struct{}

// withTurns begins a call, unless this is part of one. The caller ends it, which
// gives its turns back.
func withTurns(ctx context.Context) (_ context.Context, end func()) {
	if _, isPart := ctx.Value(callingKey{}).(*calling); isPart {
		return ctx, func() {}
	}
	c := &calling{taken: map[turns]bool{}}
	return context.WithValue(ctx, callingKey{}, c), c.end
}

func (c *calling) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.taken {
		<-t
	}
	clear(c.taken)
}

// take waits for a turn of the call that has begun, unless it has one.
func (t turns) take(ctx context.Context) error {
	c := ctx.Value(callingKey{}).(*calling)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[t] {
		return nil
	}
	select {
	case t <- struct{}{}:
		c.taken[t] = true
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
