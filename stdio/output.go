package stdio

import (
	"io"
	"sync"
)

// maxLongestQueued is how many of the longest messages wait for a client that
// doesn't read before those who send have to wait as well: with 16 MiB, enough
// for 10,000 lists of a dozen tools.
const maxLongestQueued = 8

// output is the way to the client. Lines are queued in order and written by one
// goroutine.
type output struct {
	to      io.Writer
	maxSize int

	mu     sync.Mutex
	room   *sync.Cond
	queue  [][]byte
	size   int // of what is queued and of what is being written
	over   bool
	failed error

	wake chan struct{}
	// done is closed when nothing will be written any more.
	done chan struct{}
}

func newOutput(to io.Writer, maxLine int) *output {
	o := &output{to: to, maxSize: maxLongestQueued * maxLine, wake: make(chan struct{}, 1), done: make(chan struct{})}
	o.room = sync.NewCond(&o.mu)
	return o
}

// send queues a message. It waits only when the queue is full, and drops the
// message after the end.
func (o *output) send(message []byte) {
	o.mu.Lock()
	for o.size > o.maxSize && !o.over && o.failed == nil {
		o.room.Wait()
	}
	if !o.over && o.failed == nil {
		o.queue = append(o.queue, message)
		o.size += len(message)
	}
	o.mu.Unlock()
	o.signal()
}

// end ends the output after what is queued.
func (o *output) end() {
	o.mu.Lock()
	o.over = true
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

// run writes until the end or until the client is gone.
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
	batch, o.queue = o.queue, nil
	return batch, o.over
}

// write puts several messages into one write where they are small.
func (o *output) write(batch [][]byte) error {
	const together = 64 << 10
	var buffer []byte
	size := 0
	for i, message := range batch {
		size += len(message)
		buffer = append(append(buffer, message...), '\n')
		batch[i] = nil
		if len(buffer) < together && i+1 < len(batch) {
			continue
		}
		if _, err := o.to.Write(buffer); err != nil {
			return err
		}
		o.written(size)
		size, buffer = 0, buffer[:0]
	}
	return nil
}

func (o *output) written(size int) {
	o.mu.Lock()
	o.size -= size
	o.mu.Unlock()
	o.room.Broadcast()
}

func (o *output) fail(err error) {
	o.mu.Lock()
	o.failed = err
	o.queue = nil
	o.mu.Unlock()
	o.room.Broadcast()
}

// err answers why the client can't be reached any more.
func (o *output) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}
