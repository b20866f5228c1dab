package rest

import (
	"context"
	"sync"
)

// Turns let only so many calls at the same time do what takes much memory, or a
// process. A call keeps its turn until it is over, since it holds on to what it
// has read. Whoever takes turns of two kinds takes those of filters first.
type Turns chan struct{}

// calling is the turns that a call has taken. It is safe for concurrent use.
type calling struct {
	mu    sync.Mutex
	taken map[Turns]bool
}

type callingKey struct{}

// WithTurns begins a call, unless this is part of one. The caller ends it, which
// gives its turns back.
func WithTurns(ctx context.Context) (_ context.Context, end func()) {
	if _, isPart := ctx.Value(callingKey{}).(*calling); isPart {
		return ctx, func() {}
	}
	c := &calling{taken: map[Turns]bool{}}
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

// Take waits for a turn of the call that has begun, unless it has one.
func (t Turns) Take(ctx context.Context) error {
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

// LargeAnswers are the turns for what [ReadBody] reads, which a service's tools
// share.
func LargeAnswers() Turns { return make(Turns, largeAtOnce) }
