package credentials_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// A clock that is wrong is noticed by the dates of answers and told once.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		date string
		want time.Duration
		ok   bool
		told int
	}{
		"right":        {"Mon, 02 Nov 2026 08:00:00 GMT", 0, true, 0},
		"a bit ahead":  {"Mon, 02 Nov 2026 07:59:00 GMT", time.Minute, true, 0},
		"ahead":        {"Mon, 02 Nov 2026 07:58:59 GMT", 61 * time.Second, true, 1},
		"an hour back": {"Mon, 02 Nov 2026 09:00:00 GMT", -time.Hour, true, 1},
		"no date":      {"", 0, false, 0},
		"nonsense":     {"yesterday", 0, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.settings = credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GITHUB_TOKEN"}
			w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{"Date": {test.date}}, Body: http.NoBody, Request: r}, nil
			})
			c := w.credential()
			for range 2 {
				response, err := c.Client().Get(w.service.APIURL)
				must(t, err)
				response.Body.Close()
			}
			ahead, ok := c.ClockSkew()
			if ahead != test.want || ok != test.ok {
				t.Errorf("got %s, %v; want %s, %v", ahead, ok, test.want, test.ok)
			}
			equal(t, "times told", strings.Count(w.log.String(), "clock"), test.told)
		})
	}
}

// The authorization server's clock counts as well.
func TestClockSkewAtSignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	required(t, w.call(c))
	if _, ok := c.ClockSkew(); !ok {
		t.Error("the date of the device authorization isn't noticed")
	}
}
