package credentials_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

// A day of three processes that come and go, with tokens of an hour and all
// that befalls a server in a day: one approval, and every call answered.
func TestADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{GitHubManners: true, TokenLifetime: time.Hour})
	w.shared()
	random := rand.New(rand.NewPCG(1, 2))
	processes := []*credentials.Credential{w.credential(), w.credential(), w.credential()}
	w.finish(required(t, w.call(processes[0])))
	faults := []sandbox.Fault{{Status: 503}, {Dropped: true}, {Status: 429, RetryAfter: 10 * time.Second}}
	const step = 10 * time.Second
	calls := 0
	for at := time.Duration(0); at < 24*time.Hour; at += step {
		w.clock.Advance(step)
		if at%(20*time.Minute) == 0 {
			w.box.FailToken(faults[random.IntN(len(faults))])
		}
		if at%(7*time.Minute) == 0 {
			i := random.IntN(len(processes))
			processes[i].Close()
			processes[i] = w.credential()
		}
		for i, c := range processes {
			calls++
			if err := w.call(c); err != nil {
				t.Fatalf("after %s, process %d: %v", at, i, err)
			}
		}
	}
	equal(t, "device authorizations", w.signIns(), 1)
	if n := w.refreshes(); n < 24 || n > 120 {
		t.Errorf("%d refreshes", n)
	}
	t.Logf("%d calls, %d requests for a refresh, 1 sign-in", calls, w.refreshes())
}
