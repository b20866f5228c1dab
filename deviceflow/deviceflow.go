package deviceflow

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// What a server may say about its times, and what holds where it doesn't.
const (
	defaultInterval = 5 * time.Second // RFC 8628 §3.2
	minInterval     = time.Second
	maxInterval     = time.Minute
	defaultLifetime = 15 * time.Minute
	minLifetime     = time.Minute
	maxLifetime     = 30 * time.Minute
)

// Flow is a client about to sign somebody in. It is safe for concurrent use as
// long as no field is changed.
type Flow struct {
	// Client is required; its Now is the flow's clock.
	Client *oauth.Client
	// Scopes are asked for, separated by spaces (RFC 6749 §3.3).
	Scopes []string
	// Parameters are sent by Start besides, such as an audience.
	Parameters url.Values
	// Sleep waits between polls, and answers the context's error if that ends
	// first; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Start asks for a device code and a user code (RFC 8628 §3.1) with one
// request. Besides those of this package the errors are [oauth.Client.Post]'s,
// and the context's own if it ends.
func (f *Flow) Start(ctx context.Context) (*Authorization, error) {
	address := f.Client.Endpoint.DeviceAuthURL
	if address == "" {
		return nil, fmt.Errorf("%w: no address for it is known", ErrUnsupported)
	}
	answer, err := f.Client.Post(ctx, address, f.request())
	if ctx.Err() != nil && err != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, oauth.Explain(err, meanings())
	}
	a := f.authorization(answer)
	if err := a.check(); err != nil {
		return nil, err
	}
	return a, nil
}

func (f *Flow) request() url.Values {
	form := maps.Clone(f.Parameters)
	if form == nil {
		form = url.Values{}
	}
	if len(f.Scopes) > 0 {
		form.Set("scope", strings.Join(f.Scopes, " "))
	}
	return form
}

// authorization reads the answer to Start. Google writes verification_url.
func (f *Flow) authorization(answer oauth.Answer) *Authorization {
	lifetime := within(answer, "expires_in", defaultLifetime, minLifetime, maxLifetime)
	return &Authorization{
		DeviceCode:              answer.Secret("device_code"),
		UserCode:                strings.TrimSpace(answer.String("user_code")),
		VerificationURI:         either(answer, "verification_uri", "verification_url"),
		VerificationURIComplete: either(answer, "verification_uri_complete", "verification_url_complete"),
		Interval:                within(answer, "interval", defaultInterval, minInterval, maxInterval),
		Expiry:                  f.Client.Time().Add(lifetime),
	}
}

func either(answer oauth.Answer, name, alias string) string {
	if text := answer.String(name); text != "" {
		return text
	}
	return answer.String(alias)
}

// within reads a duration. What is missing, zero or negative is replaced by the
// usual one, and what is outlandish is brought within bounds.
func within(answer oauth.Answer, name string, usual, least, most time.Duration) time.Duration {
	given, _ := answer.Seconds(name)
	return clamp(given, usual, least, most)
}

func clamp(given, usual, least, most time.Duration) time.Duration {
	if given <= 0 {
		return usual
	}
	return min(max(given, least), most)
}
