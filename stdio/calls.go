package stdio

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// The limits of what is worked on at the same time: so many requests, and the
// bytes of so many of the longest ones.
const (
	maxInFlight        = 16384
	maxLongestInFlight = 16
)

// calls are the requests that are being worked on.
type calls struct {
	maxBytes int
	timeout  time.Duration // of one that isn't a stream

	mu    sync.Mutex
	byKey map[string]*call
	bytes int
}

func newCalls(maxLine int, timeout time.Duration) *calls {
	return &calls{maxBytes: maxLongestInFlight * maxLine, timeout: timeout, byKey: map[string]*call{}}
}

// call is one of them.
type call struct {
	key    string
	ctx    context.Context
	cancel context.CancelFunc
	stream bool
	bytes  int
	// unwanted: the client has cancelled it, so it gets nothing any more.
	unwanted atomic.Bool
	// over: it has returned. What it has left running isn't heard any more.
	over atomic.Bool
}

// notices answers where the call may send notices, given where they go. A nil
// channel takes none.
func (c *call) notices(to chan<- mcp.JSONRPCNotification) chan<- mcp.JSONRPCNotification {
	if c != nil && (c.unwanted.Load() || c.over.Load()) {
		return nil
	}
	return to
}

var (
	errDuplicate = errors.New("a request with this id is still being worked on")
	errTooMany   = errors.New("too many requests are being worked on; wait for some answers")
)

func (cs *calls) add(ctx context.Context, e *envelope) (*call, error) {
	c := &call{key: key(e.id), stream: mcp.MCPMethod(e.method) == mcp.MethodSubscriptionsListen, bytes: len(e.line)}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if _, taken := cs.byKey[c.key]; taken {
		return nil, errDuplicate
	}
	if len(cs.byKey) >= maxInFlight || cs.bytes+c.bytes > cs.maxBytes {
		return nil, errTooMany
	}
	if c.stream {
		c.ctx, c.cancel = context.WithCancel(ctx)
	} else {
		c.ctx, c.cancel = context.WithTimeout(ctx, cs.timeout)
	}
	cs.byKey[c.key] = c
	cs.bytes += c.bytes
	return c, nil
}

// has reports whether a request with this id is being worked on.
func (cs *calls) has(id json.RawMessage) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	_, taken := cs.byKey[key(id)]
	return taken
}

// remove ends a call. It reports whether the client still wants the answer.
func (cs *calls) remove(c *call) bool {
	c.over.Store(true)
	c.cancel()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byKey, c.key)
	cs.bytes -= c.bytes
	return !c.unwanted.Load()
}

// cancel obeys notifications/cancelled. An id that isn't there is ignored: its
// answer is on its way.
func (cs *calls) cancel(id json.RawMessage) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byKey[key(id)]; ok {
		c.unwanted.Store(true)
		c.cancel()
	}
}

// endStreams ends the requests that last as long as their client listens.
func (cs *calls) endStreams() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.byKey {
		if c.stream {
			c.cancel()
		}
	}
}
