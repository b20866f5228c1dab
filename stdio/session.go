package stdio

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// session is what mcp-go remembers of a client that has shaken hands.
type session struct {
	id          string
	notices     chan<- mcp.JSONRPCNotification
	initialized atomic.Bool
	questions   *questions

	mu           sync.Mutex
	version      string
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
	filter       mcp.SubscriptionFilter
}

func newSession(notices chan<- mcp.JSONRPCNotification, questions *questions) *session {
	return &session{id: rand.Text(), notices: notices, questions: questions}
}

func (s *session) Initialize()       { s.initialized.Store(true) }
func (s *session) Initialized() bool { return s.initialized.Load() }
func (s *session) SessionID() string { return s.id }

func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification { return s.notices }

func (s *session) ProtocolVersion() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

func (s *session) SetProtocolVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version = version
}

func (s *session) GetClientInfo() mcp.Implementation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.info
}

func (s *session) SetClientInfo(info mcp.Implementation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.info = info
}

func (s *session) GetClientCapabilities() mcp.ClientCapabilities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.capabilities
}

func (s *session) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.capabilities = capabilities
}

// SetSubscriptionFilter and SubscriptionFilter keep what a client of 2026-07-28
// has asked to be told; without a subscription it is told nothing.
func (s *session) SetSubscriptionFilter(filter mcp.SubscriptionFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filter = filter
}

func (s *session) SubscriptionFilter() (mcp.SubscriptionFilter, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filter, s.version == ""
}

// RequestElicitation asks the person through the client. It never answers an
// error: a question that can't be delivered, isn't answered in time or is
// answered with nonsense is a cancelled one, so that the call which asked goes
// on in words.
func (s *session) RequestElicitation(ctx context.Context, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	result := s.questions.ask(ctx, string(mcp.MethodElicitationCreate), request.Params)
	switch result.Action {
	case mcp.ElicitationResponseActionAccept, mcp.ElicitationResponseActionDecline:
		return &result, nil
	}
	result.Action = mcp.ElicitationResponseActionCancel
	return &result, nil
}

// statelessSession serves one request of 2026-07-28, which brings its client's
// identity and capabilities along. mcp-go writes them into the session, so two
// such requests must not share one. It has no way to ask the client anything:
// the protocol forbids it.
type statelessSession struct {
	*session
	info         mcp.Implementation
	capabilities mcp.ClientCapabilities
}

func (s *statelessSession) GetClientInfo() mcp.Implementation     { return s.info }
func (s *statelessSession) SetClientInfo(info mcp.Implementation) { s.info = info }

func (s *statelessSession) GetClientCapabilities() mcp.ClientCapabilities { return s.capabilities }

func (s *statelessSession) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.capabilities = capabilities
}

func (s *statelessSession) Initialize()             {}
func (s *statelessSession) Initialized() bool       { return true }
func (s *statelessSession) ProtocolVersion() string { return "" }

// questions are the server's own requests that wait for the client.
type questions struct {
	send    func(message []byte)
	timeout time.Duration
	after   func(time.Duration) <-chan time.Time

	mu      sync.Mutex
	number  int
	waiting map[string]chan json.RawMessage
}

// ask sends a request and waits for its answer: until the timeout, until the
// context ends. An answer that isn't one is an empty result.
func (q *questions) ask(ctx context.Context, method string, params any) (result mcp.ElicitationResult) {
	id, answered := q.register()
	defer q.forget(id)
	message, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "id": id, "method": method, "params": params})
	if err != nil {
		return result
	}
	q.send(message)
	reason := "nobody answered in time"
	select {
	case raw := <-answered:
		if json.Unmarshal(raw, &result) != nil {
			return mcp.ElicitationResult{}
		}
		return result
	case <-q.after(q.timeout):
	case <-ctx.Done():
		reason = "the call is over"
	}
	// The client would leave its dialog open otherwise.
	notice, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "method": "notifications/cancelled",
		"params": map[string]any{"requestId": id, "reason": reason}})
	if err == nil {
		q.send(notice)
	}
	return result
}

func (q *questions) register() (string, chan json.RawMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.number++
	id := fmt.Sprintf("valetkey-%d", q.number)
	answered := make(chan json.RawMessage, 1)
	if q.waiting == nil {
		q.waiting = map[string]chan json.RawMessage{}
	}
	q.waiting[id] = answered
	return id, answered
}

func (q *questions) forget(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, id)
}

// answered passes on what a client has answered. Answers nobody waits for, late
// ones among them, are dropped.
func (q *questions) answered(e *envelope) {
	var id string
	if json.Unmarshal(e.id, &id) != nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting, ok := q.waiting[id]
	if !ok {
		return
	}
	delete(q.waiting, id)
	if e.result == nil || bytes.Equal(e.result, null) {
		waiting <- json.RawMessage("{}")
		return
	}
	waiting <- e.result
}
