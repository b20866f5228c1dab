package stdio

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

const (
	// maxQueued is how many bytes wait for a client that doesn't read before
	// those who send have to wait as well.
	maxQueued = 64 << 20
	// noticeBuffer is how many notices a call may send in one go. mcp-go drops
	// what finds no place.
	noticeBuffer = 8192
)

// output is the way to the client. Lines are queued in order and written by one
// goroutine.
type output struct {
	to io.Writer

	mu     sync.Mutex
	room   *sync.Cond
	queue  [][]byte
	size   int
	closed bool
	failed error

	wake chan struct{}
	// done is closed when nothing will be written any more.
	done chan struct{}
}

func newOutput(to io.Writer) *output {
	o := &output{to: to, wake: make(chan struct{}, 1), done: make(chan struct{})}
	o.room = sync.NewCond(&o.mu)
	return o
}

// send queues a message. It waits only when the queue is full.
func (o *output) send(message []byte) {
	o.mu.Lock()
	for o.size > maxQueued && !o.closed && o.failed == nil {
		o.room.Wait()
	}
	if !o.closed && o.failed == nil {
		o.queue = append(o.queue, message)
		o.size += len(message)
	}
	o.mu.Unlock()
	o.signal()
}

// close ends the output after what is queued.
func (o *output) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.room.Broadcast()
	o.signal()
}

func (o *output) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run writes until close or until the client is gone.
func (o *output) run() {
	defer close(o.done)
	for range o.wake {
		for {
			batch, over := o.take()
			if len(batch) == 0 {
				if over {
					return
				}
				break
			}
			if err := o.write(batch); err != nil {
				o.fail(err)
				return
			}
		}
	}
}

func (o *output) take() (batch [][]byte, over bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch = o.queue
	o.queue, o.size = nil, 0
	o.room.Broadcast()
	return batch, o.closed
}

// write puts several messages into one write where they are small.
func (o *output) write(batch [][]byte) error {
	const together = 64 << 10
	var buffer []byte
	for i, message := range batch {
		buffer = append(append(buffer, message...), '\n')
		if len(buffer) < together && i+1 < len(batch) {
			continue
		}
		if _, err := o.to.Write(buffer); err != nil {
			return err
		}
		buffer = buffer[:0]
	}
	return nil
}

func (o *output) fail(err error) {
	o.mu.Lock()
	o.failed = err
	o.queue, o.size = nil, 0
	o.mu.Unlock()
	o.room.Broadcast()
}

// err answers why the client can't be reached any more.
func (o *output) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// pump brings notices and answers into one order: whatever a call has sent
// before it ended is queued before its answer.
type pump struct {
	out     *output
	notices chan mcp.JSONRPCNotification
	answers chan []byte
	stop    chan struct{}
	done    chan struct{}
}

func newPump(out *output) *pump {
	return &pump{
		out:     out,
		notices: make(chan mcp.JSONRPCNotification, noticeBuffer),
		answers: make(chan []byte),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
}

func (p *pump) run() {
	defer close(p.done)
	for {
		select {
		case notice := <-p.notices:
			p.notify(notice)
		case message := <-p.answers:
			p.drain()
			p.out.send(message)
		case <-p.stop:
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
	if encoded, err := json.Marshal(notice); err == nil {
		p.out.send(encoded)
	}
}

// answer hands a message over, or drops it after the end.
func (p *pump) answer(message []byte) {
	select {
	case p.answers <- message:
	case <-p.done:
	}
}
