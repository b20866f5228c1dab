package gate

import (
	"slices"
	"sync"
	"time"
)

// Budget is how many calls may change something: in a minute, and as long as the
// process lasts; 0: any number. A call counts once, with the first change that it
// has sent. It is safe for concurrent use; a nil one is any number.
type Budget struct {
	PerMinute, PerSession int
	// Now is the clock; nil: the system's.
	Now func() time.Time

	mu    sync.Mutex
	spent int
	last  []time.Time // of the last minute, oldest first
}

// spend takes one, or says when there is another. It answers when that was.
func (b *Budget) spend() (time.Time, error) {
	if b == nil {
		return time.Time{}, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.last = slices.DeleteFunc(b.last, func(at time.Time) bool { return now.Sub(at) >= time.Minute })
	switch {
	case b.PerSession > 0 && b.spent >= b.PerSession:
		return now, refused(byBudget, "nothing was sent: the changes from the start of this server to its end, VALET_WRITES_PER_SESSION=%d, are used up; the person can restart it in their host, or allow more", b.PerSession)
	case b.PerMinute > 0 && len(b.last) >= b.PerMinute:
		wait := time.Minute - now.Sub(b.last[0])
		return now, refused(byBudget, "nothing was sent: the changes of this minute, VALET_WRITES_PER_MINUTE=%d, are used up; try again in %d s", b.PerMinute, (wait+time.Second-1)/time.Second)
	}
	b.spent++
	if b.PerMinute > 0 {
		b.last = append(b.last, now)
	}
	return now, nil
}

// refund gives back what was taken then.
func (b *Budget) refund(at time.Time) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent--
	if i := slices.Index(b.last, at); i >= 0 {
		b.last = slices.Delete(b.last, i, i+1)
	}
}

func (b *Budget) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}
