package oauth

import (
	"context"
	"errors"
	"math"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const maxBody = 1 << 20

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// sending follows a request to know whether a byte of it may have left.
type sending struct{ followed, connected atomic.Bool }

func (s *sending) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { s.followed.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { s.connected.Store(true) },
	})
}

// mayHaveLeft is true from the first connection on, and always for a transport
// that isn't net/http's and doesn't say.
func (s *sending) mayHaveLeft(by *http.Client) bool {
	if s.followed.Load() {
		return s.connected.Load()
	}
	transport := by.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	_, tells := transport.(*http.Transport)
	return !tells
}

// Linger answers a context that lasts a moment longer than another: for a
// request whose answer can't be had again, such as a token's. Call the function
// when the answer is there.
func Linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	end := time.AfterFunc(math.MaxInt64, cancel)
	stop := context.AfterFunc(ctx, func() { end.Reset(d) })
	return lasting, func() {
		stop()
		end.Stop()
		cancel()
	}
}

// cause is why there is no answer, in words that hold neither the address nor
// the form. What it wraps can be asked for but not unwrapped, and so not be
// printed. It is no end of the caller's context: that would be answered as it is.
type cause struct {
	text string
	err  error
}

// causeOf answers the cause behind an error of net/http.
func causeOf(err error, hide hiding) *cause {
	var outer *url.Error
	for errors.As(err, &outer) {
		err = outer.Err
	}
	var network *net.OpError
	var timed net.Error
	if !errors.As(err, &network) && errors.As(err, &timed) && timed.Timeout() {
		return &cause{"no answer in time", err}
	}
	return &cause{hide.words(err.Error()), err}
}

// Error answers the words.
func (c *cause) Error() string { return c.text }

// Is implements [errors.Is].
func (c *cause) Is(target error) bool {
	return target != context.Canceled && target != context.DeadlineExceeded && errors.Is(c.err, target)
}

// As implements [errors.As].
func (c *cause) As(target any) bool { return errors.As(c.err, target) }

// Sleep waits, or answers why the context has ended.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
