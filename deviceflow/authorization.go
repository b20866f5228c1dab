package deviceflow

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// Authorization is a sign-in that waits for a person (RFC 8628 §3.2). It can be
// printed; only Save shows the device code.
type Authorization struct {
	// DeviceCode is this program's half, which only the server that issued it
	// may see again.
	DeviceCode oauth.Secret
	// UserCode is what the person enters at VerificationURI: letters, digits,
	// hyphens and spaces, at most 32 of them. With VerificationURIComplete, if not "", there is
	// nothing to enter; show the code all the same, to be compared (§3.3.1).
	// The addresses are https, or http on a loopback host.
	UserCode, VerificationURI, VerificationURIComplete string
	// Interval is the least time between two polls, from 1 to 60 s.
	Interval time.Duration
	// Expiry is when both codes end, at most 30 minutes after Start.
	Expiry time.Time
}

// check makes sure that the codes and the addresses are fit to be sent and
// shown.
func (a *Authorization) check() error {
	if err := a.checkPresent(); err != nil {
		return err
	}
	const mostCode = 32
	if len(a.UserCode) > mostCode || strings.ContainsFunc(a.UserCode, isUnfit) {
		return fmt.Errorf("%w: its user_code is not something to type", oauth.ErrAnswer)
	}
	const mostAddress = 2048
	for name, address := range map[string]string{"verification_uri": a.VerificationURI, "verification_uri_complete": a.VerificationURIComplete} {
		if len(address) > mostAddress {
			return fmt.Errorf("%w: its %s is longer than %d characters", oauth.ErrAnswer, name, mostAddress)
		}
		if address == "" {
			continue
		}
		if err := oauth.CheckAddress(address); err != nil {
			return fmt.Errorf("the authorization server sends people to an unsafe %s: %w", name, err)
		}
	}
	return a.checkShown()
}

// checkShown makes sure that nothing people see holds the device code.
func (a *Authorization) checkShown() error {
	const leastSecret = 12
	for _, shown := range []string{a.UserCode, a.VerificationURI, a.VerificationURIComplete} {
		if plain, err := url.PathUnescape(shown); err == nil {
			shown = plain
		}
		if secret := a.DeviceCode.Reveal(); len(secret) >= leastSecret && strings.Contains(shown, secret) {
			return fmt.Errorf("%w: what it shows to people holds the device_code", oauth.ErrAnswer)
		}
	}
	return nil
}

func (a *Authorization) checkPresent() error {
	var missing []string
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"device_code", !a.DeviceCode.IsZero()},
		{"user_code", a.UserCode != ""},
		{"verification_uri", a.VerificationURI != ""},
	} {
		if !field.given {
			missing = append(missing, field.name)
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%w: it holds no %s", oauth.ErrAnswer, strings.Join(missing, ", no "))
}

// isUnfit finds what can make a code read as something else where it is shown:
// controls, marks that turn the direction of writing, look-alikes, and whatever
// makes a sentence or a command. RFC 8628 §6.1 asks for less.
func isUnfit(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != ' '
}

// record is how an authorization is saved: like the server's answer, but with
// an absolute time.
type record struct {
	DeviceCode              string        `json:"device_code"`
	UserCode                string        `json:"user_code"`
	VerificationURI         string        `json:"verification_uri"`
	VerificationURIComplete string        `json:"verification_uri_complete,omitempty"`
	Interval                time.Duration `json:"interval_ns"`
	Expiry                  time.Time     `json:"expiry"`
}

// Save answers the authorization as JSON, with its device code in clear and
// with absolute times, for a place that keeps secrets. It answers no secret for
// an Expiry outside the years 0 to 9999.
func (a *Authorization) Save() oauth.Secret {
	text, err := json.Marshal(record{
		DeviceCode:              a.DeviceCode.Reveal(),
		UserCode:                a.UserCode,
		VerificationURI:         a.VerificationURI,
		VerificationURIComplete: a.VerificationURIComplete,
		Interval:                a.Interval,
		Expiry:                  a.Expiry.UTC(),
	})
	if err != nil {
		return oauth.Secret{}
	}
	return oauth.NewSecret(string(text))
}

// Restore takes up what Save has answered, and checks it like an answer of the
// server. The error is [ErrSaved]. It doesn't look at the clock: an expired
// authorization is Wait's to tell. Wait for it with a [Flow] for the same client
// of the same server, since no other may see the device code.
func Restore(saved oauth.Secret) (*Authorization, error) {
	var r record
	// The decoder's error would quote what it can't decode.
	if json.Unmarshal([]byte(saved.Reveal()), &r) != nil {
		return nil, ErrSaved
	}
	a := &Authorization{
		DeviceCode:              oauth.NewSecret(r.DeviceCode),
		UserCode:                r.UserCode,
		VerificationURI:         r.VerificationURI,
		VerificationURIComplete: r.VerificationURIComplete,
		Interval:                clamp(r.Interval, defaultInterval, minInterval, maxInterval),
		Expiry:                  r.Expiry,
	}
	if a.check() != nil {
		return nil, ErrSaved
	}
	return a, nil
}
