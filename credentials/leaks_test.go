package credentials_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// held counts what a process can leak: goroutines, file descriptors and, where
// /proc tells, children.
func held(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{"goroutines": runtime.NumGoroutine()}
	for what, pattern := range map[string]string{"file descriptors": "/proc/self/fd/*", "tasks with children": "/proc/self/task/*/children"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if what == "file descriptors" {
				counts[what]++
			} else if children, err := os.ReadFile(path); err == nil && len(children) > 0 {
				counts[what]++
			}
		}
	}
	return counts
}

// A thousand sign-ins, each with a call, a code, a token and an end, leave
// nothing behind.
func TestSignInsLeakNothing(t *testing.T) {
	w := lasting(t)
	w.shared()
	sign := func() {
		c := w.credential()
		r := required(t, w.call(c))
		w.finish(r)
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		if err := w.call(c); err != nil {
			t.Fatal(err)
		}
		if _, err := c.SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Close()
		w.clock.Advance(time.Minute)
	}
	sign()
	before := held(t)
	const signIns = 1000
	for range signIns {
		sign()
	}
	// A connection the server has just closed takes its goroutines a moment.
	const tolerated = 20
	var after map[string]int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); runtime.Gosched() {
		if after = held(t); after["goroutines"] <= before["goroutines"]+tolerated && after["file descriptors"] <= before["file descriptors"]+tolerated {
			break
		}
	}
	for what, n := range after {
		if n > before[what]+tolerated {
			t.Errorf("%s: %d after %d sign-ins, %d before", what, n, signIns, before[what])
		}
	}
	t.Logf("before %v, after %v", before, after)
}
