package loopback_test

import (
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/valetkey/valetkey/loopback"
)

// held counts what a process can leak: goroutines and, where /proc tells, file
// descriptors.
func held(t *testing.T) (goroutines, files int) {
	t.Helper()
	found, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(found)
}

// Two hundred sign-ins, approved, denied and given up, leave nothing behind.
func TestSignInsLeakNothing(t *testing.T) {
	p := serve(t)
	f := p.flow()
	f.Redirect = "http://localhost"
	round := func() {
		approval, page := approved(t, f)
		approval.Tell(nil)
		<-page
		a := start(t, f)
		denied := wait(t.Context(), f, a)
		last := open(a.RedirectURI + "/?error=access_denied&state=" + a.State.Reveal())
		if got := <-denied; got.err == nil {
			t.Fatal("not denied")
		}
		<-last
		if err := start(t, f).Close(); err != nil {
			t.Fatal(err)
		}
		gone := start(t, f)
		gone.Expiry = p.clock.Now()
		if _, err := f.Wait(t.Context(), gone); !errors.Is(err, loopback.ErrExpired) {
			t.Fatal(err)
		}
	}
	round()
	goroutines, files := held(t)
	for range 200 {
		round()
	}
	// The other ends of the last connections take a moment to go.
	const tolerated = 20
	if g, n := held(t); g > goroutines+tolerated || n > files+tolerated {
		t.Errorf("%d goroutines and %d files, then %d and %d", goroutines, files, g, n)
	}
}
