package deviceflow_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/deviceflow"
	"github.com/valetkey/valetkey/oauth"
)

// Another process takes the sign-in up, with another clock, and finishes it.
func TestSavedAuthorizationIsTakenUp(t *testing.T) {
	t.Parallel()
	p := serve(t, jsonAnswer(200, device(map[string]any{"interval": 7, "verification_uri_complete": "https://github.com/login/device?user_code=WDJB-MJHT"})), granted())
	started, err := p.flow().Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	saved := started.Save()
	p.clock.Advance(time.Minute)
	restored, err := deviceflow.Restore(oauth.NewSecret(saved.Reveal()))
	if err != nil {
		t.Fatal(err)
	}
	if !restored.DeviceCode.Equal(started.DeviceCode) || !restored.Expiry.Equal(started.Expiry) {
		t.Errorf("got %+v, want %+v", restored, started)
	}
	rest := *restored
	rest.DeviceCode, rest.Expiry = started.DeviceCode, started.Expiry
	if rest != *started {
		t.Errorf("got %+v, want %+v", restored, started)
	}
	if token, err := p.flow().Wait(t.Context(), restored); err != nil || token.Access.Reveal() != "example-token" {
		t.Errorf("got %v, %v", token, err)
	}
	if got := p.requests()[1].form.Get("device_code"); got != deviceCode {
		t.Errorf("sent %q", got)
	}
	checkSleeps(t, "the other process", p, 8.4)
}

func TestSavedTimesAreAbsolute(t *testing.T) {
	t.Parallel()
	a := deviceflow.Authorization{
		DeviceCode: oauth.NewSecret(deviceCode), UserCode: "WDJB-MJHT", VerificationURI: "https://github.com/login/device",
		Interval: 5 * time.Second, Expiry: time.Date(2026, 3, 1, 13, 15, 0, 0, time.FixedZone("", 3600)),
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(a.Save().Reveal()), &got); err != nil || got["expiry"] != "2026-03-01T12:15:00Z" {
		t.Errorf("got %v, %v", got, err)
	}
	if text := a.Save().String(); text != "[redacted]" {
		t.Errorf("printed as %q", text)
	}
}

func TestAuthorizationThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	a := deviceflow.Authorization{Expiry: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	if saved := a.Save(); !saved.IsZero() {
		t.Errorf("got %s", saved.Reveal())
	}
}

func TestRestoreChecksWhatItIsGiven(t *testing.T) {
	t.Parallel()
	good := (&deviceflow.Authorization{
		DeviceCode: oauth.NewSecret(deviceCode), UserCode: "WDJB-MJHT", VerificationURI: "https://github.com/login/device",
		Interval: 5 * time.Second, Expiry: newClock().Now(),
	}).Save().Reveal()
	for name, text := range map[string]string{
		"nothing":          "",
		"no JSON":          deviceCode,
		"a list":           `["` + deviceCode + `"]`,
		"null":             "null",
		"half":             good[:len(good)-5],
		"no device code":   strings.Replace(good, "device_code", "other", 1),
		"a bad code":       strings.Replace(good, "WDJB", `\u202e`, 1),
		"a bad address":    strings.Replace(good, "https:", "javascript:", 1),
		"an ill-typed one": strings.Replace(good, `"`+deviceCode+`"`, "17", 1),
		"no time":          strings.Replace(good, "2026-03", "`"+deviceCode, 1),
	} {
		a, err := deviceflow.Restore(oauth.NewSecret(text))
		if a != nil || err != deviceflow.ErrSaved || !errors.Is(err, deviceflow.ErrSaved) {
			t.Errorf("%s: got %v, %v", name, a, err)
		}
	}
	for change, want := range map[string]time.Duration{"-1": 5 * time.Second, "0": 5 * time.Second, "1": time.Second, "9000000000000000000": time.Minute} {
		a, err := deviceflow.Restore(oauth.NewSecret(strings.Replace(good, "5000000000", change, 1)))
		if err != nil || a.Interval != want {
			t.Errorf("interval %s: got %v, %v", change, a, err)
		}
	}
}
