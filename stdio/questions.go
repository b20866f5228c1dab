package stdio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// questions are the server's own requests that wait for the client.
type questions struct {
	send    func(message []byte)
	timeout time.Duration
	after   func(time.Duration) <-chan time.Time
	// prefix begins the ids, so that they can't be ids of the client's.
	prefix string
	// over is closed when the client can answer nothing any more.
	over chan struct{}

	mu      sync.Mutex
	number  int
	waiting map[string]chan json.RawMessage
}

func newQuestions(send func([]byte), timeout time.Duration, after func(time.Duration) <-chan time.Time) *questions {
	return &questions{
		send: send, timeout: timeout, after: after,
		prefix: "valetkey-" + rand.Text() + "-", over: make(chan struct{}), waiting: map[string]chan json.RawMessage{},
	}
}

// end cancels every question, those to come as well.
func (q *questions) end() { close(q.over) }

// ask sends a request and waits for its answer: until the timeout, until the
// context ends, until the input ends. An answer that isn't one is an empty
// result.
func (q *questions) ask(ctx context.Context, method string, params any, timeout time.Duration) (result mcp.ElicitationResult) {
	select {
	case <-ctx.Done():
		return result
	case <-q.over:
		return result
	default:
	}
	id, answered := q.register()
	defer q.forget(id)
	message, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "id": id, "method": method, "params": params})
	if err != nil {
		return result
	}
	q.send(message)
	reason := q.wait(ctx, answered, timeout)
	select {
	case raw := <-answered:
		if json.Unmarshal(raw, &result) != nil {
			return mcp.ElicitationResult{}
		}
	default:
		q.withdraw(id, reason)
	}
	return result
}

// wait waits for an answer, and for what makes it useless. An answer that came
// first counts, even if the input ended with it.
func (q *questions) wait(ctx context.Context, answered chan json.RawMessage, timeout time.Duration) (reason string) {
	select {
	case raw := <-answered:
		answered <- raw
	case <-q.after(timeout):
		reason = "nobody answered in time"
	case <-ctx.Done():
		reason = "the call is over"
	case <-q.over:
		reason = "the input is over"
	}
	return reason
}

// withdraw takes a question back. The client would leave its dialog open
// otherwise.
func (q *questions) withdraw(id, reason string) {
	notice, err := json.Marshal(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "method": mcp.MethodNotificationCancelled,
		"params": map[string]any{"requestId": id, "reason": reason}})
	if err == nil {
		q.send(notice)
	}
}

func (q *questions) register() (string, chan json.RawMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.number++
	id := fmt.Sprintf("%s%d", q.prefix, q.number)
	answered := make(chan json.RawMessage, 1)
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
	waiting <- e.result
}
