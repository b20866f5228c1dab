package stdio

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// calls are the requests that are being worked on.
type calls struct {
	mu    sync.Mutex
	byKey map[string]*call
}

// call is one of them.
type call struct {
	key    string
	ctx    context.Context
	cancel context.CancelFunc
	stream bool
	// unwanted: the client has cancelled it, so it gets no answer.
	unwanted bool
}

var (
	errDuplicate = errors.New("a request with this id is still being worked on")
	errTooMany   = errors.New("too many requests are being worked on; wait for some answers")
)

func (cs *calls) add(ctx context.Context, e *envelope) (*call, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if _, taken := cs.byKey[key(e.id)]; taken {
		return nil, errDuplicate
	}
	if len(cs.byKey) >= maxInFlight {
		return nil, errTooMany
	}
	c := &call{key: key(e.id), stream: mcp.MCPMethod(e.method) == mcp.MethodSubscriptionsListen}
	c.ctx, c.cancel = context.WithCancel(ctx)
	cs.byKey[c.key] = c
	return c, nil
}

// remove ends a call. It reports whether the client still wants the answer.
func (cs *calls) remove(c *call) bool {
	c.cancel()
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.byKey, c.key)
	return !c.unwanted
}

// cancel obeys notifications/cancelled. An id that isn't there is ignored: its
// answer is on its way.
func (cs *calls) cancel(id json.RawMessage) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byKey[key(id)]; ok {
		c.unwanted = true
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
