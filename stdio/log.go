package stdio

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	logLines    = 256
	logPatience = 200 * time.Millisecond
)

// Log is a writer that never waits: hosts may not read what a server writes to
// stderr, and a full pipe would stop it. Lines that find no place are dropped;
// how many is written once there is room again.
type Log struct {
	dropped atomic.Int64
	lines   chan []byte
	done    chan struct{}
	once    sync.Once
	mu      sync.RWMutex
	over    bool
}

// NewLog starts a goroutine that writes to w. Close ends it.
func NewLog(w io.Writer) *Log {
	l := &Log{lines: make(chan []byte, logLines), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			l.write(w, line)
			if len(l.lines) == 0 {
				l.confess(w)
			}
		}
	}()
	return l
}

// write writes a line. Of an error there is nobody to be told.
func (l *Log) write(w io.Writer, line []byte) { _, _ = w.Write(line) }

// confess says how many lines were dropped since it was last said.
func (l *Log) confess(w io.Writer) {
	if n := l.dropped.Swap(0); n > 0 {
		l.write(w, fmt.Appendf(nil, "lines of the log that were dropped, since nobody read them: %d\n", n))
	}
}

// Write queues a line. It always succeeds.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if !l.over {
		select {
		case l.lines <- append([]byte(nil), line...):
		default:
			l.dropped.Add(1)
		}
	}
	return len(line), nil
}

// Close writes what is queued, unless nobody reads it.
func (l *Log) Close() error {
	l.once.Do(func() {
		l.mu.Lock()
		l.over = true
		close(l.lines)
		l.mu.Unlock()
	})
	select {
	case <-l.done:
	case <-time.After(logPatience):
	}
	return nil
}
