package tools

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// progressEvery is how often a client hears of a request that goes on.
const progressEvery = 5 * time.Second

type progressKey struct{}

// Progress tells whoever waits for a call, in a line, what it is doing. Clients
// that haven't asked for that are told nothing. It is safe for concurrent use.
func Progress(ctx context.Context, text string) {
	if p, is := ctx.Value(progressKey{}).(*progress); is {
		p.say(visible(text))
	}
}

// progress is what a client hears of one request, which may be handled several
// times, until its answer.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress
type progress struct {
	after   func(time.Duration) <-chan time.Time
	over    chan struct{}
	running sync.WaitGroup

	mu   sync.Mutex
	send func(step int, text string) // nil: nobody listens
	step int
	text string
}

func newProgress(after func(time.Duration) <-chan time.Time) *progress {
	return &progress{after: after, over: make(chan struct{}), text: "still at work"}
}

// listen has a client that has sent a progress token hear how its request goes.
func listen(ctx context.Context, meta *mcp.Meta) {
	p, is := ctx.Value(progressKey{}).(*progress)
	if !is || meta == nil || meta.ProgressToken == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.send != nil {
		return
	}
	s := server.ServerFromContext(ctx)
	p.send = func(step int, text string) {
		// A client that takes no notices gets the answer all the same.
		_ = s.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress),
			map[string]any{"progressToken": meta.ProgressToken, "progress": step, "message": text})
	}
	p.running.Go(p.repeat)
}

func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
	p.tell(text)
}

// tell sends a line with a number that grows. Call it with the lock held.
func (p *progress) tell(text string) {
	if p.send != nil {
		p.step++
		p.send(p.step, text)
	}
}

// repeat says again and again what was said last: some hosts give up a request
// that they hear nothing of.
func (p *progress) repeat() {
	for passed := progressEvery; ; passed += progressEvery {
		select {
		case <-p.after(progressEvery):
			p.mu.Lock()
			p.tell(fmt.Sprintf("%s (%d s so far)", p.text, int(passed/time.Second)))
			p.mu.Unlock()
		case <-p.over:
			return
		}
	}
}

// end waits until nothing is said any more.
func (p *progress) end() {
	close(p.over)
	p.running.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.send = nil
}
