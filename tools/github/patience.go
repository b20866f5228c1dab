package github

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

const (
	// maxPatience is how long the waits of one tool call last, from the first
	// on, since hosts give a call up after a minute. What takes longer is the
	// model's to know.
	maxPatience = 20 * time.Second
	// leastAnswerTime is what a wait leaves of the caller's time.
	leastAnswerTime = 3 * time.Second
	maxAttempts     = 3
	// maxWait is longer than GitHub ever lets anybody wait.
	maxWait = 24 * time.Hour

	limitReason = "GitHub's rate limit"
)

// patience waits for a rate limit that ends soon, and asks again when GitHub
// has trouble for a moment. Only what reads is asked again; what writes is
// merely held back while a limit is known to last. While a longer limit lasts,
// requests are answered without being sent, since GitHub may ban who goes on
// asking; but one a minute is sent, so that another account's don't have to
// wait: whose a request is shows only in its answer. The library for this,
// gofri/go-github-ratelimit, sends what writes again too, with its body spent,
// and never waits for a primary limit.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
//
// It is safe for concurrent use.
type patience struct {
	next  http.RoundTripper
	base  *url.URL                             // of the API; other hosts' limits are nobody else's
	after func(time.Duration) <-chan time.Time // nil: the system's clock

	limits
}

// RoundTrip implements [http.RoundTripper].
func (p *patience) RoundTrip(r *http.Request) (*http.Response, error) {
	wait := waiting{r.Context(), p.after, patienceOf(r.Context())}
	kinds := p.kinds(r)
	if pause, marks := p.held(kinds); pause > 0 && wait.has(pause) {
		if err := wait.pause(pause, limitReason); err != nil {
			closeBody(r)
			return nil, err
		}
	} else if pause > 0 && !p.probes(kinds) {
		closeBody(r)
		return refusal(r, marks, pause), nil
	}
	for attempt := 1; ; attempt++ {
		answer, err := p.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		p.note(kinds, answer)
		pause, reason := pauseAfter(answer, attempt)
		if pause <= 0 || !reads(r) || attempt == maxAttempts || !wait.has(pause) {
			return answer, nil
		}
		drain(answer)
		if err := wait.pause(pause, reason); err != nil {
			return nil, err
		}
	}
}

// reads tells requests that may be sent again.
func reads(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (r.Body == nil || r.Body == http.NoBody)
}

// pauseAfter is how long to wait before the same request has a chance, and
// what for; 0 if it has none.
func pauseAfter(answer *http.Response, attempt int) (pause time.Duration, reason string) {
	left, known := limitLeft(answer.Header)
	switch answer.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return max(left, time.Duration(attempt)*time.Second), fmt.Sprintf("GitHub to recover (%d)", answer.StatusCode)
	case http.StatusForbidden, http.StatusTooManyRequests:
	default:
		return 0, ""
	}
	switch {
	case !known:
		return 0, ""
	case isSecondary(answer.Header):
		return left, limitReason
	}
	// The server's clock and this one's needn't agree on the second.
	return left + time.Second, limitReason
}

// limitLeft is how long a limit still lasts. What GitHub never says isn't known
// to be one.
func limitLeft(header http.Header) (left time.Duration, known bool) {
	seconds, known := number(header, "Retry-After")
	left = time.Duration(seconds) * time.Second
	if !isSecondary(header) {
		seconds, known = number(header, "X-RateLimit-Reset")
		left = max(time.Until(time.Unix(seconds, 0)), 0)
	}
	return left, known && left <= maxWait
}

// number reads a header that counts something, or the seconds since 1970.
func number(header http.Header, name string) (n int64, known bool) {
	n, err := strconv.ParseInt(header.Get(name), 10, 64)
	if err != nil || n < 0 || n > 1<<33 {
		return 0, false
	}
	return n, true
}

// drain reads the rest of a short answer so that its connection can be used
// again.
func drain(answer *http.Response) {
	io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	answer.Body.Close()
}

// spell is when the waits of one tool call have to be over; it begins with the
// first of them. Requests of a call may wait at the same time.
type spell struct {
	mu  sync.Mutex
	end time.Time
}

type spellKey struct{}

// withPatience begins a tool call. The library is told not to answer in
// GitHub's place: it would do so for as long as any server says, and for other
// accounts too. Its key for that has no name outside, but a neighbour.
func withPatience(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, github.SleepUntilPrimaryRateLimitResetWhenRateLimited-1, true)
	return context.WithValue(ctx, spellKey{}, &spell{})
}

func patienceOf(ctx context.Context) *spell {
	if s, of := ctx.Value(spellKey{}).(*spell); of {
		return s
	}
	return &spell{}
}

// has tells whether a pause fits.
func (s *spell) has(pause time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.end.IsZero() && pause <= maxPatience {
		s.end = now.Add(maxPatience)
	}
	return !now.Add(pause).After(s.end)
}

// waiting is one request's.
type waiting struct {
	ctx   context.Context
	after func(time.Duration) <-chan time.Time
	spell *spell
}

// has tells whether a pause is worth it: whoever asks is still there after it.
func (w *waiting) has(pause time.Duration) bool {
	deadline, limited := w.ctx.Deadline()
	return (!limited || time.Until(deadline) >= pause+leastAnswerTime) && w.spell.has(pause)
}

func (w *waiting) pause(pause time.Duration, reason string) error {
	tools.Progress(w.ctx, fmt.Sprintf("waiting %d s for %s", int((pause+time.Second-1)/time.Second), reason))
	after := w.after
	if after == nil {
		after = time.After
	}
	select {
	case <-after(pause):
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}
