package credentials

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	keyring "github.com/zalando/go-keyring"
)

// The clock of these tests is synctest's, so that no deadline is really waited
// for.

// hanging is a keyring whose reads don't come back before they are released,
// such as one that waits for a password.
func hanging() (k *Keyring, calls *atomic.Int32, release chan struct{}) {
	k, calls, release = working(), new(atomic.Int32), make(chan struct{})
	k.system.get = func(string, string) (string, error) {
		calls.Add(1)
		<-release
		return "", keyring.ErrNotFound
	}
	return k, calls, release
}

func TestKeyringThatHangs(t *testing.T) {
	t.Parallel()
	for interactive, limit := range map[bool]time.Duration{false: 2 * time.Second, true: 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			k, calls, release := hanging()
			k.Interactive = interactive
			began := time.Now()
			_, err := k.Read(t.Context(), "github")
			expectOutcome(t, "the call that hangs", err, Locked)
			if waited := time.Since(began); waited != limit {
				t.Errorf("it took %s, want %s", waited, limit)
			}
			began = time.Now()
			for name, run := range operations(k) {
				expectOutcome(t, name+" meanwhile", run(t.Context()), Locked)
			}
			if waited := time.Since(began); waited != 0 {
				t.Errorf("calls meanwhile took %s", waited)
			}
			// However long it takes, nobody opens a second dialog.
			pass(time.Hour)
			_, err = k.Read(t.Context(), "github")
			expectOutcome(t, "an hour later", err, Locked)
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls of go-keyring, want 1", n)
			}
			close(release)
			synctest.Wait()
			if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
				t.Errorf("after the late answer: %v", err)
			}
		})
	}
}

// A call that waits for its turn behind a slow one has a deadline of its own.
func TestKeyringCallsTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, calls, release := hanging()
		slow, next, late := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		read := func(ended chan<- error) {
			_, err := k.Read(t.Context(), "github")
			ended <- err
		}
		go read(slow)
		synctest.Wait()
		pass(time.Second)
		go read(next)
		go func() { late <- k.Write(t.Context(), "github", fullRecord()) }()
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("%d calls at a time", n)
		}
		pass(999 * time.Millisecond)
		close(release)
		if err := <-slow; !errors.Is(err, ErrNotFound) {
			t.Errorf("the slow one: %v", err)
		}
		if err := <-next; !errors.Is(err, ErrNotFound) {
			t.Errorf("the one that waited: %v", err)
		}
		// hanging has nothing to read back.
		expectOutcome(t, "the write that waited", <-late, Declined)
	})
	synctest.Test(t, func(t *testing.T) {
		k, _, release := hanging()
		defer close(release)
		first := make(chan error, 1)
		go func() {
			_, err := k.Read(t.Context(), "github")
			first <- err
		}()
		synctest.Wait()
		pass(time.Second)
		began := time.Now()
		expectOutcome(t, "the one that waits", k.Delete(t.Context(), "github"), Locked)
		if waited := time.Since(began); waited != 2*time.Second {
			t.Errorf("it waited %s", waited)
		}
		expectOutcome(t, "the one that hangs", <-first, Locked)
	})
}

// pass lets synctest's clock run on.
func pass(d time.Duration) { <-time.After(d) }

// The caller's own end is no fault of the keyring's.
func TestKeyringCallerGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, _, release := hanging()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := k.Read(ctx, "github")
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*StoreError)) {
			t.Errorf("the caller's deadline: %v", err)
		}
		cancelled, cancelNow := context.WithCancel(t.Context())
		cancelNow()
		if _, err := k.Read(cancelled, "github"); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller's cancel: %v", err)
		}
		close(release)
		synctest.Wait()
		if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("after that: %v", err)
		}
	})
}

// A bus that gives no answer to the probe: go-keyring isn't called at all, and
// the bus is left alone for fifteen seconds.
func TestKeyringProbeThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := working()
		get := k.system.get
		k.system.get = func(string, string) (string, error) { t.Error("go-keyring was called"); return "", nil }
		probes := 0
		k.system.probe = func(ctx context.Context, _ bool) error {
			probes++
			<-ctx.Done()
			return &StoreError{Outcome: Absent, Reason: "what a probe says after its time is up"}
		}
		_, err := k.Read(t.Context(), "github")
		expectOutcome(t, "the probe that hangs", err, Locked)
		pass(14 * time.Second)
		_, err = k.Read(t.Context(), "github")
		expectOutcome(t, "within fifteen seconds", err, Locked)
		if probes != 1 {
			t.Errorf("%d probes", probes)
		}
		pass(time.Second)
		k.system.get = get
		k.system.probe = func(context.Context, bool) error { return nil }
		if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) {
			t.Errorf("after fifteen seconds: %v", err)
		}
	})
}

func TestKeyringProbeRefuses(t *testing.T) {
	t.Parallel()
	for _, outcome := range []Outcome{Absent, Locked, Declined, Broken} {
		k := working()
		k.system.probe = func(context.Context, bool) error { return &StoreError{Outcome: outcome, Reason: "a test"} }
		k.system.get = func(string, string) (string, error) { t.Error("go-keyring was called"); return "", nil }
		_, err := k.Read(t.Context(), "github")
		expectOutcome(t, string(outcome), err, outcome)
	}
}

// A person is told, once a call, that the keyring lets them wait; a host isn't.
func TestKeyringSaysThatItWaits(t *testing.T) {
	t.Parallel()
	for interactive, want := range map[bool]int{false: 0, true: 1} {
		synctest.Test(t, func(t *testing.T) {
			k, _, release := hanging()
			began, said := time.Now(), 0
			k.Interactive = interactive
			k.Waiting = func() {
				said++
				if waited := time.Since(began); waited != time.Second {
					t.Errorf("said after %s", waited)
				}
			}
			_, err := k.Read(t.Context(), "github")
			expectOutcome(t, "Read", err, Locked)
			if said != want {
				t.Errorf("interactive %v: said %d times, want %d", interactive, said, want)
			}
			close(release)
			synctest.Wait()
			if _, err := k.Read(t.Context(), "github"); !errors.Is(err, ErrNotFound) || said != want {
				t.Errorf("a quick call: %v, said %d times", err, said)
			}
		})
	}
}
