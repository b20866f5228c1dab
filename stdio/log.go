package stdio

import (
	"io"
	"sync"
	"time"
)

const (
	logLines    = 256
	logPatience = 200 * time.Millisecond
)

// Log is a writer that never waits: hosts may not read what a server writes to
// stderr, and a full pipe would stop it. Lines that find no place are dropped.
type Log struct {
	lines chan []byte
	done  chan struct{}
	once  sync.Once
	mu    sync.RWMutex
	over  bool
}

// NewLog starts a goroutine that writes to w. Close ends it.
func NewLog(w io.Writer) *Log {
	l := &Log{lines: make(chan []byte, logLines), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			if _, err := w.Write(line); err != nil {
				// Nobody is there to be told.
				continue
			}
		}
	}()
	return l
}

// Write queues a line. It always succeeds.
func (l *Log) Write(line []byte) (int, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if !l.over {
		select {
		case l.lines <- append([]byte(nil), line...):
		default:
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
