// Package deviceflow is the OAuth 2.0 device authorization grant (RFC 8628):
// a person approves a code in any browser, and this program, which asked for
// it, gets the token.
//
// [Flow.Start] asks for a code and answers an [Authorization] to show to the
// person; [Flow.Wait] polls until they have decided. The two are apart, so that
// a terminal can wait while a server answers first. An Authorization can be
// saved and taken up again, also by another process.
//
// The package shows nothing and stores nothing. It knows no keyring, no
// terminal, no browser and no provider.
package deviceflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/valetkey/valetkey/oauth"
)

const grantType = "urn:ietf:params:oauth:grant-type:device_code"

// What a server may say about its times, and what holds where it doesn't.
const (
	defaultInterval = 5 * time.Second // RFC 8628 §3.2
	minInterval     = time.Second
	maxInterval     = time.Minute
	defaultLifetime = 15 * time.Minute
	minLifetime     = time.Minute
	maxLifetime     = 30 * time.Minute
	maxUserCode     = 64
)

// Flow is a client about to sign somebody in. It is safe for concurrent use.
type Flow struct {
	Client *oauth.Client
	// Scopes are asked for, separated by spaces (RFC 6749 §3.3).
	Scopes []string
	// Parameters are sent besides, such as an audience.
	Parameters url.Values
	// Sleep waits between polls; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Authorization is a sign-in that waits for a person (RFC 8628 §3.2).
type Authorization struct {
	// DeviceCode is this program's half, which nobody else may see.
	DeviceCode oauth.Secret
	// UserCode is what the person enters at VerificationURI. With
	// VerificationURIComplete, if not "", there is nothing to enter; show the
	// code all the same, to be compared (§3.3.1). The addresses are https, or
	// http on a loopback host.
	UserCode, VerificationURI, VerificationURIComplete string
	// Interval is the least time between two polls.
	Interval time.Duration
	// Expiry is when both codes end.
	Expiry time.Time
}

// Start asks for a device code and a user code.
func (f *Flow) Start(ctx context.Context) (*Authorization, error) {
	form := url.Values{}
	for name, values := range f.Parameters {
		form[name] = values
	}
	if len(f.Scopes) > 0 {
		form.Set("scope", strings.Join(f.Scopes, " "))
	}
	answer, err := f.Client.Post(ctx, f.Client.Endpoint.DeviceAuthURL, form)
	if err != nil {
		return nil, explain(err)
	}
	a := &Authorization{
		DeviceCode:              answer.Secret("device_code"),
		UserCode:                strings.TrimSpace(answer.String("user_code")),
		VerificationURI:         firstOf(answer.String("verification_uri"), answer.String("verification_url")),
		VerificationURIComplete: firstOf(answer.String("verification_uri_complete"), answer.String("verification_url_complete")),
		Interval:                seconds(answer, "interval", defaultInterval, minInterval, maxInterval),
		Expiry:                  f.Client.Time().Add(seconds(answer, "expires_in", defaultLifetime, minLifetime, maxLifetime)),
	}
	return a, a.check()
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// seconds reads a duration. What is missing, zero or negative is replaced by
// the default, and what is outlandish is brought within bounds.
func seconds(answer oauth.Answer, name string, usual, least, most time.Duration) time.Duration {
	given, ok := answer.Seconds(name)
	if !ok || given <= 0 {
		return usual
	}
	return min(max(given, least), most)
}

func (a *Authorization) check() error {
	if a.DeviceCode.IsZero() || a.UserCode == "" || a.VerificationURI == "" {
		return fmt.Errorf("%w: it holds no device code, user code or verification address", oauth.ErrAnswer)
	}
	if len(a.UserCode) > maxUserCode || strings.ContainsFunc(a.UserCode, isUnfit) {
		return fmt.Errorf("%w: its user code is not something to type", oauth.ErrAnswer)
	}
	if err := oauth.CheckAddress(a.VerificationURI); err != nil {
		return err
	}
	if a.VerificationURIComplete == "" {
		return nil
	}
	return oauth.CheckAddress(a.VerificationURIComplete)
}

// isUnfit finds what can make a code read as something else where it is shown.
func isUnfit(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }

// Wait polls until the person has decided, the code has expired or the context
// ends; the context's own error is answered as it is. The gap is counted from
// the last answer and a fifth longer than asked for, since some clocks run
// fast and a poll too early is punished with a longer interval. What may pass
// is borne with until the code expires.
func (f *Flow) Wait(ctx context.Context, a *Authorization) (*oauth.Token, error) {
	w := &waiting{Flow: f, Authorization: a, interval: max(a.Interval, minInterval)}
	for pause := w.interval; ; {
		if err := w.sleep(ctx, pause); err != nil {
			return nil, err
		}
		token, err := f.Client.Exchange(ctx, url.Values{"grant_type": {grantType}, "device_code": {a.DeviceCode.Reveal()}})
		if err == nil {
			return token, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if pause, err = w.next(err); err != nil {
			return nil, err
		}
	}
}

// waiting is one Wait: what it has met so far.
type waiting struct {
	*Flow
	*Authorization
	interval       time.Duration
	troubles       int
	incorrectCodes int
}

// sleep waits, or says that the code ends before the next poll.
func (w *waiting) sleep(ctx context.Context, pause time.Duration) error {
	pause += pause / 5
	left := w.Expiry.Sub(w.Client.Time())
	if left <= 0 {
		return ErrExpired
	}
	sleep := w.Sleep
	if sleep == nil {
		sleep = timer
	}
	if err := sleep(ctx, min(pause, left)); err != nil {
		return err
	}
	if pause > left {
		return ErrExpired
	}
	return nil
}

// next answers how long to wait after an answer that is no token, or the error
// that ends the flow.
func (w *waiting) next(err error) (time.Duration, error) {
	var refused *oauth.Error
	var lost *oauth.TransportError
	switch {
	case errors.As(err, &lost):
		return w.backOff(0), nil
	case !errors.As(err, &refused):
		return 0, err
	case refused.Code == "authorization_pending":
		w.troubles = 0
		return w.interval, nil
	case refused.Code == "slow_down":
		w.interval = min(max(w.interval+5*time.Second, refused.Interval), maxInterval)
		return w.interval, nil
	case isIncorrectCode(refused.Code) && w.incorrectCodes == 0:
		// GitHub has been seen to answer this once right after the approval.
		w.incorrectCodes++
		return w.interval, nil
	case refused.Temporary():
		return w.backOff(refused.RetryAfter), nil
	}
	return 0, explain(err)
}

// backOff doubles the pause with each trouble in a row (RFC 8628 §3.5).
func (w *waiting) backOff(asked time.Duration) time.Duration {
	w.troubles = min(w.troubles+1, 6)
	return max(asked, min(w.interval<<w.troubles, max(maxInterval, w.interval)))
}

func timer(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type saved struct {
	DeviceCode              string        `json:"device_code"`
	UserCode                string        `json:"user_code"`
	VerificationURI         string        `json:"verification_uri"`
	VerificationURIComplete string        `json:"verification_uri_complete,omitempty"`
	Interval                time.Duration `json:"interval_ns"`
	Expiry                  time.Time     `json:"expiry"`
}

// Save answers the authorization as JSON, with its device code in clear and
// with absolute times, for a place that keeps secrets.
func (a *Authorization) Save() oauth.Secret {
	text, err := json.Marshal(saved{a.DeviceCode.Reveal(), a.UserCode, a.VerificationURI, a.VerificationURIComplete, a.Interval, a.Expiry.UTC().Round(0)})
	if err != nil {
		// Only a year beyond 9999 can't be marshalled.
		return oauth.Secret{}
	}
	return oauth.NewSecret(string(text))
}

// Restore takes up what Save has answered. It checks it as an answer of a
// server would be.
func Restore(text oauth.Secret) (*Authorization, error) {
	var s saved
	if err := json.Unmarshal([]byte(text.Reveal()), &s); err != nil {
		return nil, errors.New("the saved authorization can't be read; start a new sign-in")
	}
	a := &Authorization{oauth.NewSecret(s.DeviceCode), s.UserCode, s.VerificationURI, s.VerificationURIComplete, min(max(s.Interval, minInterval), maxInterval), s.Expiry}
	return a, a.check()
}
