package credentials_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// credentialGoroutines are those that run code of this package or poll.
func credentialGoroutines(t *testing.T) string {
	t.Helper()
	var all bytes.Buffer
	must(t, pprof.Lookup("goroutine").WriteTo(&all, 1))
	var found []string
	for _, stack := range strings.Split(all.String(), "\n\n") {
		if strings.Contains(stack, "credentials.(*") || strings.Contains(stack, "deviceflow.(*") || strings.Contains(stack, "singleflight") {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}

// Not parallel: it looks at the goroutines of the whole process.
func TestCloseEndsThePolling(t *testing.T) {
	w := lasting(t)
	polling, o := w.watched()
	sleep, closed := o.Sleep, make(chan struct{})
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		err := sleep(ctx, d)
		// Time for a Close that doesn't wait to show itself.
		select {
		case <-closed:
			t.Error("Close has returned while the polling goes on")
		case <-time.After(20 * time.Millisecond):
		}
		return err
	}
	c := w.with(o)
	r := required(t, w.call(c))
	<-polling
	if credentialGoroutines(t) == "" {
		t.Fatal("nobody polls, so this test proves nothing")
	}
	go func() {
		c.Close()
		close(closed)
	}()
	wait(t, "Close", closed)
	wait(t, "the end of the sign-in", r.Done())
	if !errors.Is(r.Err(), context.Canceled) {
		t.Errorf("%v", r.Err())
	}
	if left := credentialGoroutines(t); left != "" {
		t.Errorf("after Close there is still:\n%s", left)
	}
	if err := w.call(c); err == nil || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("a call after Close: %v", err)
	}
	equal(t, "device authorizations", w.signIns(), 1)
	c.Close()
}

// slowToWrite is a store whose writes wait for a sign.
type slowToWrite struct {
	credentials.Memory
	entered, release chan struct{}
	once             sync.Once
}

func (s *slowToWrite) Write(ctx context.Context, entry string, r *credentials.Record) error {
	s.once.Do(func() { close(s.entered) })
	<-s.release
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.Memory.Write(ctx, entry, r)
}

// A token that has been issued is stored even if the process ends just then.
func TestTokenInHandAtCloseIsStored(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := &slowToWrite{entered: make(chan struct{}), release: make(chan struct{})}
	w.store = store
	polling, o := w.watched()
	c := w.with(o)
	r := required(t, w.call(c))
	background := <-polling
	must(t, w.box.Approve(r.UserCode))
	w.clock.tick(t)
	wait(t, "the token is to be stored", store.entered)
	closed := make(chan struct{})
	go func() {
		c.Close()
		close(closed)
	}()
	wait(t, "Close has begun", background.Done())
	close(store.release)
	wait(t, "Close", closed)
	must(t, r.Err())
	if strings.Contains(w.log.String(), "ERROR") {
		t.Errorf("it went wrong at first: %s", w.log)
	}
	next := w.credential()
	must(t, w.call(next))
	equal(t, "device authorizations", w.signIns(), 1)
}

// A process that is told to end while a refresh is on its way waits for the
// answer: it holds the only refresh token that still works.
func TestRefreshOnItsWayAtCloseIsKept(t *testing.T) {
	// Alone: the answer has a second and a half, and nobody else may take that.
	w, first := signedIn(t)
	before := w.record(first).Token.Refresh
	w.clock.Advance(8 * time.Hour)
	asked, release := make(chan struct{}), make(chan struct{})
	c := w.with(options(w, func(o *credentials.Options) {
		o.HTTP = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			close(asked)
			<-release
			return http.DefaultTransport.RoundTrip(r)
		})}
	}))
	var all sync.WaitGroup
	all.Go(func() { _ = w.call(c) })
	wait(t, "the refresh", asked)
	all.Go(c.Close)
	for !c.IsClosing() {
		runtime.Gosched()
	}
	close(release)
	all.Wait()
	after := w.record(first)
	equal(t, "the refresh token is the old one", after.Token.Refresh.Equal(before), false)
	must(t, w.call(w.credential()))
	equal(t, "refreshes", w.refreshes(), 1)
}
