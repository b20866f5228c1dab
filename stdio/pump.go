package stdio

import (
	"encoding/json"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

const (
	// noticeBuffer is how many notices may wait for the pump. mcp-go drops what
	// finds no place.
	noticeBuffer = 8192
	// fewNotices is how many may wait before those who send more have to wait
	// too. The rest is for those who passed this limit at the same time.
	fewNotices = noticeBuffer / 2
)

// pump brings notices and answers into one order: whatever a call has sent
// before it ended is queued before its answer.
type pump struct {
	out     *output
	notices chan mcp.JSONRPCNotification
	answers chan []byte
	// done is closed when nothing is passed on any more.
	done chan struct{}

	stop func()
	over chan struct{}

	mu    sync.Mutex
	fewer *sync.Cond
	ended bool
}

func newPump(out *output) *pump {
	p := &pump{
		out:     out,
		notices: make(chan mcp.JSONRPCNotification, noticeBuffer),
		answers: make(chan []byte),
		done:    make(chan struct{}),
		over:    make(chan struct{}),
	}
	p.stop = sync.OnceFunc(func() { close(p.over) })
	p.fewer = sync.NewCond(&p.mu)
	return p
}

// end ends the pump after the notices that are there.
func (p *pump) end() { p.stop() }

func (p *pump) run() {
	defer p.release()
	defer close(p.done)
	for {
		select {
		case notice := <-p.notices:
			p.notify(notice)
		case message := <-p.answers:
			p.drain()
			p.out.send(message)
		case <-p.over:
			p.drain()
			return
		}
	}
}

func (p *pump) drain() {
	for {
		select {
		case notice := <-p.notices:
			p.notify(notice)
		default:
			return
		}
	}
}

func (p *pump) notify(notice mcp.JSONRPCNotification) {
	if encoded := encodeNotice(notice); encoded != nil {
		p.out.send(encoded)
	}
	if len(p.notices) <= fewNotices {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fewer.Broadcast()
	}
}

// release lets go whoever still waits for room after the end.
func (p *pump) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.fewer.Broadcast()
}

// room answers where notices go, once there is room for one.
func (p *pump) room() chan<- mcp.JSONRPCNotification {
	if len(p.notices) <= fewNotices {
		return p.notices
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.notices) > fewNotices && !p.ended {
		p.fewer.Wait()
	}
	return p.notices
}

// answer hands a message over, or drops it after the end.
func (p *pump) answer(message []byte) {
	select {
	case p.answers <- message:
	case <-p.done:
	}
}

// encodeNotice answers nil for a notice that can't be encoded: it is lost, and
// nobody waits for it. A value that panics when it is encoded must not end the
// process.
func encodeNotice(notice mcp.JSONRPCNotification) (encoded []byte) {
	defer func() {
		if recover() != nil {
			encoded = nil
		}
	}()
	encoded, err := json.Marshal(notice)
	if err != nil {
		return nil
	}
	return encoded
}
