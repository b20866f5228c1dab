package deviceflow

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

const (
	// GrantType is what servers call the flow (RFC 8628 §3.4).
	GrantType = "urn:ietf:params:oauth:grant-type:device_code"
	// slowDown is what slow_down adds for all polls to come (RFC 8628 §3.5).
	slowDown = 5 * time.Second
	// lingering is how long the answer to a poll is waited for after the
	// context has ended.
	lingering = time.Second
	// lastCall is how long before the end a poll is still worth it.
	lastCall = 2 * time.Second
	// mostUnusable is how many answers in a row may make no sense: a captive
	// portal passes, a wrong address doesn't.
	mostUnusable = 3
)

// Wait polls until the person has decided, the code has expired or the context
// ends, whose own error is then answered as it is; an answer that is on its way
// then is waited for up to a second. The server hands the token over once, so
// keep it before anything else.
//
// The gap is counted from the last answer and a fifth longer than the server
// asks for, since some clocks run fast and a poll too early is punished with a
// longer one. Network errors, statuses 408, 429 and 5xx and one
// incorrect_device_code are borne with, at doubling gaps of up to a minute,
// until the code expires.
//
// The authorization isn't changed, and Wait may be called again after a cancel.
func (f *Flow) Wait(ctx context.Context, a *Authorization) (*oauth.Token, error) {
	w := &waiting{flow: f, a: a, interval: clamp(a.Interval, defaultInterval, minInterval, maxInterval)}
	for next := w.regular(); ; {
		if err := w.sleep(ctx, next); err != nil {
			return nil, err
		}
		token, err := f.poll(ctx, a)
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if next, err = w.judge(err); err != nil {
			return nil, err
		}
	}
}

// poll asks once. An answer on its way when the context ends is still taken in,
// since a token isn't handed over twice.
func (f *Flow) poll(ctx context.Context, a *Authorization) (*oauth.Token, error) {
	ctx, cancel := oauth.Linger(ctx, lingering)
	defer cancel()
	return f.Client.Exchange(ctx, url.Values{"grant_type": {GrantType}, "device_code": {a.DeviceCode.Reveal()}})
}

// waiting is one Wait: what it has met so far.
type waiting struct {
	flow     *Flow
	a        *Authorization
	interval time.Duration
	// trouble is the last answer, if it was none or no use; troubles and
	// unusable count those in a row.
	trouble            error
	troubles, unusable int
	hasBeenIncorrect   bool
}

// gap is a time between an answer and the next poll: the least the server
// allows, and what is wanted.
type gap struct{ least, wanted time.Duration }

func (w *waiting) regular() gap { return gap{w.interval, w.interval} }

// sleep waits for the next poll, or until the code expires if that comes first.
func (w *waiting) sleep(ctx context.Context, next gap) error {
	left := w.a.Expiry.Sub(w.flow.Client.Time())
	pause := stretched(next.wanted)
	if pause >= left {
		pause = max(stretched(next.least), left-lastCall)
	}
	if left > 0 {
		if err := w.flow.sleep(ctx, min(pause, left)); err != nil {
			return err
		}
	}
	if pause < left {
		return nil
	}
	if w.trouble != nil {
		return fmt.Errorf("%w (the last poll met with trouble: %s)", ErrExpired, w.trouble)
	}
	return ErrExpired
}

func stretched(d time.Duration) time.Duration { return d + d/5 }

func (f *Flow) sleep(ctx context.Context, d time.Duration) error {
	if f.Sleep != nil {
		return f.Sleep(ctx, d)
	}
	return oauth.Sleep(ctx, d)
}

// judge answers how long to wait after an answer that is no token, or the error
// that ends the flow.
func (w *waiting) judge(err error) (gap, error) {
	var refused *oauth.Error
	var lost *oauth.TransportError
	switch {
	case errors.As(err, &refused):
		return w.judgeRefusal(refused)
	case errors.As(err, &lost):
		return w.backOff(err, 0), nil
	case errors.Is(err, oauth.ErrAnswer):
		if w.unusable++; w.unusable < mostUnusable {
			return w.backOff(err, 0), nil
		}
	}
	return gap{}, err
}

func (w *waiting) judgeRefusal(refused *oauth.Error) (gap, error) {
	w.unusable = 0
	why := refused.Meaning(meanings())
	switch {
	case refused.Code == "authorization_pending":
		return w.carryOn(refused), nil
	case refused.Code == "slow_down":
		w.interval = max(w.interval+slowDown, min(refused.Interval, maxInterval))
		return w.carryOn(refused), nil
	case why == ErrIncorrectDeviceCode && !w.hasBeenIncorrect && mayBeEarly(refused.Code):
		w.hasBeenIncorrect = true
		return w.carryOn(refused), nil
	case why == nil && refused.Temporary():
		return w.backOff(refused, refused.RetryAfter), nil
	}
	return gap{}, oauth.Explain(refused, meanings())
}

// mayBeEarly is true for the codes that come once, right after the approval,
// from a server whose parts don't agree yet; GitHub has been seen to do so.
func mayBeEarly(code string) bool {
	return code == "incorrect_device_code" || code == "invalid_device_code"
}

// carryOn is the regular gap after a regular answer.
func (w *waiting) carryOn(refused *oauth.Error) gap {
	w.trouble, w.troubles = nil, 0
	least := max(w.interval, refused.RetryAfter)
	return gap{least, least}
}

// backOff doubles the gap with each trouble in a row (RFC 8628 §3.5), and is
// never shorter than the server asks for.
func (w *waiting) backOff(trouble error, asked time.Duration) gap {
	const mostDoublings = 6
	w.trouble, w.troubles = trouble, min(w.troubles+1, mostDoublings)
	least := max(w.interval, asked)
	return gap{least, max(least, min(w.interval<<w.troubles, maxInterval))}
}
