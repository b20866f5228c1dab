package credentials_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// The answer to a refresh is lost, and with it the new tokens; the server has
// ended the old ones. The refresh token is sent once more, and that is all.
func TestRefreshWithALostAnswer(t *testing.T) {
	t.Parallel()
	for _, left := range []time.Duration{30 * time.Second, 0} {
		for name, grace := range map[string]time.Duration{"strict": 0, "with grace": 30 * time.Second} {
			t.Run(fmt.Sprintf("%s, %s before the end", name, left), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, sandbox.Options{GitHubManners: true, TokenLifetime: 8 * time.Hour, Grace: grace})
				c := w.credential()
				w.signIn(c)
				w.clock.Advance(8*time.Hour - left)
				w.box.FailToken(sandbox.Fault{Lost: true})
				err := w.call(c)
				equal(t, "refreshes", w.refreshes(), 2)
				if grace == 0 {
					required(t, err)
					return
				}
				must(t, err)
				equal(t, "device authorizations", w.signIns(), 1)
			})
		}
	}
}

// A second answer that is lost as well ends the call, not the record.
func TestRefreshWithTwoLostAnswers(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	w.clock.Advance(8 * time.Hour)
	w.box.FailToken(sandbox.Fault{Dropped: true}, sandbox.Fault{Dropped: true})
	if err := w.call(c); !errors.As(err, new(*oauth.TransportError)) {
		t.Fatalf("%v", err)
	}
	equal(t, "refreshes", w.refreshes(), 2)
	if err := w.call(c); !errors.As(err, new(*oauth.TransportError)) {
		t.Errorf("within the pause: %v", err)
	}
	equal(t, "refreshes within the pause", w.refreshes(), 2)
	w.clock.Advance(10 * time.Second)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 3)
}
