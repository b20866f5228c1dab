package stdio

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// listenBuffer is how many notices of changes may wait. What finds no place is
// dropped: those that wait tell of the change already.
const listenBuffer = 64

// listenSession serves one subscriptions/listen. mcp-go keeps one filter a
// session, and a client may listen several times.
type listenSession struct {
	*statelessSession
	notices chan mcp.JSONRPCNotification

	mu     sync.Mutex
	filter mcp.SubscriptionFilter
}

func (s *listenSession) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notices }

func (s *listenSession) SetSubscriptionFilter(filter mcp.SubscriptionFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = filter
}

func (s *listenSession) SubscriptionFilter() (mcp.SubscriptionFilter, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filter, true
}

// listen answers subscriptions/listen when it is over. Until then the client is
// told of the changes it asked for.
func (l *loop) listen(e *envelope, c *call) []byte {
	s := &listenSession{
		statelessSession: newStatelessSession(l.session, c),
		notices:          make(chan mcp.JSONRPCNotification, listenBuffer),
	}
	s.id = rand.Text()
	if err := l.MCP.RegisterSession(c.ctx, s); err != nil {
		return failure(e.id, internalError, err.Error())
	}
	over := make(chan struct{})
	var forwarding sync.WaitGroup
	forwarding.Go(func() { l.forward(e.id, s, over) })
	response := l.respond(c.ctx, e, s)
	l.MCP.UnregisterSession(c.ctx, s.id)
	close(over)
	forwarding.Wait()
	return response
}

// forward passes on what a subscription is told, beginning with its
// acknowledgement, until it is over.
func (l *loop) forward(id json.RawMessage, s *listenSession, over <-chan struct{}) {
	var early []mcp.JSONRPCNotification
	acknowledged := false
	pass := func(notice mcp.JSONRPCNotification) {
		isAcknowledgement := notice.Method == mcp.MethodNotificationSubscriptionsAcknowledged
		if !acknowledged && !isAcknowledgement {
			early = append(early, notice)
			return
		}
		acknowledged = true
		for _, n := range append([]mcp.JSONRPCNotification{notice}, early...) {
			l.tell(id, s.call, n)
		}
		early = nil
	}
	for {
		select {
		case notice := <-s.notices:
			pass(notice)
		case <-over:
			for len(s.notices) > 0 {
				pass(<-s.notices)
			}
			return
		}
	}
}

// tell sends a notice that carries its subscription's id, unless the client has
// cancelled it.
func (l *loop) tell(id json.RawMessage, c *call, notice mcp.JSONRPCNotification) {
	meta := map[string]any{}
	maps.Copy(meta, notice.Params.Meta)
	meta[mcp.MetaKeySubscriptionID] = id
	notice.Params.Meta = meta
	if encoded := encodeNotice(notice); encoded != nil && !c.unwanted.Load() {
		l.pump.answer(encoded)
	}
}
