package credentials_test

import (
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

// A token goes to the tenant and to the API it was given for, also where others
// are at the same hosts.
func TestTokenIsBound(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*credentials.Service){
		"another tenant":   func(s *credentials.Service) { s.Endpoint.TokenURL += "/other" },
		"another customer": func(s *credentials.Service) { s.APIURL += "other/" },
	} {
		w := newWorld(t, sandbox.Options{TokenLifetime: 8 * time.Hour})
		w.shared()
		w.finish(required(t, w.call(w.credential())))
		before := len(w.box.Requests())
		change(&w.service)
		c := w.credential()
		status, err := c.Status(t.Context())
		must(t, err)
		equal(t, name+": signed in", status.SignedIn, false)
		contains(t, name, status.Reason, "it is for other addresses")
		required(t, w.call(c))
		w.clock.Advance(9 * time.Hour)
		required(t, w.call(c))
		for _, r := range w.box.Requests()[before:] {
			if strings.HasPrefix(r.Path, "/api/") || r.Form.Get("grant_type") == "refresh_token" {
				t.Errorf("%s: %s %s is asked with somebody else's token", name, r.Method, r.Path)
			}
		}
		if _, err := c.SignOut(t.Context()); err == nil || !strings.Contains(err.Error(), "the token there is for") {
			t.Errorf("%s: a sign-out gives %v", name, err)
		}
	}
}
