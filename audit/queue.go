package audit

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"
)

// queue are the records that wait to be written, so that whoever has the lock writes
// all of them: what many calls do together waits for other processes once.
type queue struct {
	mu      sync.Mutex
	waiting []*waiting
}

type waiting struct {
	record Record
	// done gets what became of it, once it has left the queue for good.
	done chan error
}

func (q *queue) add(r Record) *waiting {
	w := &waiting{r, make(chan error, 1)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	return w
}

func (q *queue) take() (all []*waiting) {
	q.mu.Lock()
	defer q.mu.Unlock()
	all, q.waiting = q.waiting, nil
	return all
}

// outcome is what became of a record: err, unless somebody has taken it to write it.
func (q *queue) outcome(w *waiting, err error) error {
	q.mu.Lock()
	i := slices.Index(q.waiting, w)
	if i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
	q.mu.Unlock()
	if i >= 0 {
		return err
	}
	return <-w.done
}

// Append writes a record behind the last one. It fails after 10 s without a turn, or as
// soon as somebody who writes nothing has held the log's lock for 2 s; a record that is
// being written waits for the end of that. So it does if the context ends: a call that
// was cancelled was made nevertheless. After an error the record isn't in the log, unless
// it was written with others that didn't fit and the file can't be made shorter again.
func (l *Log) Append(ctx context.Context, r Record) error {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), maxTurn, errCrowded)
	defer cancel()
	w := l.queue.add(r)
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return l.queue.outcome(w, context.Cause(ctx))
	}
	if len(w.done) > 0 {
		return <-w.done
	}
	err := l.writeAll(ctx)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errReplaced) {
		l.path = ""
		err = l.writeAll(ctx)
	}
	if errors.Is(err, errBusy) {
		// Whoever else waits would wait for the same.
		answer(l.queue.take(), err)
	}
	return l.queue.outcome(w, err)
}

// writeAll writes the records that wait by the time when other processes are kept away,
// in a folder that is made if there is none. It needs the turn. After an error none was
// taken.
func (l *Log) writeAll(ctx context.Context) (err error) {
	if l.path == "" {
		if l.path, err = l.folder(); err != nil {
			return err
		}
	}
	unlock, err := lock(ctx, l.path)
	if err != nil {
		return err
	}
	defer unlock()
	for left := l.queue.take(); len(left) > 0; {
		left = l.writeFile(left)
	}
	return nil
}
