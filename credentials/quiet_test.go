package credentials_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

// quietCall is w.call in a context that troubles nobody.
func (w *world) quietCall(c *credentials.Credential, path string) (status int, err error) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(credentials.Quietly(w.t.Context()), http.MethodGet, w.service.APIURL+path, nil)
	must(w.t, err)
	answer, err := c.Client().Do(request)
	if err != nil {
		return 0, err
	}
	answer.Body.Close()
	return answer.StatusCode, nil
}

// TestQuietlyWithoutASignIn: nobody is asked and no code is fetched. A call that
// isn't quiet then starts the sign-in, which quiet ones don't show either.
func TestQuietlyWithoutASignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	quiet := func() {
		t.Helper()
		if _, err := w.quietCall(c, "user"); !errors.Is(err, credentials.ErrNotSignedIn) {
			t.Errorf("got %v", err)
		}
	}
	quiet()
	equal(t, "requests", len(w.box.Requests()), 0)
	r := required(t, w.call(c))
	quiet()
	equal(t, "sign-ins", w.signIns(), 1)
	w.approve(r)
	status, err := w.quietCall(c, "user")
	must(t, err)
	equal(t, "status", status, http.StatusOK)
}

// TestQuietlyRefreshes: a stale token is refreshed as usual, and one that
// can't be is no reason for a sign-in.
func TestQuietlyRefreshes(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	stale := func() { w.clock.Advance(w.record(c).Token.Expiry.Sub(w.clock.Now())) }
	stale()
	status, err := w.quietCall(c, "user")
	must(t, err)
	equal(t, "status", status, http.StatusOK)
	equal(t, "refreshes", w.refreshes(), 1)
	w.box.RevokeGrants()
	stale()
	if _, err := w.quietCall(c, "user"); !errors.Is(err, credentials.ErrNotSignedIn) {
		t.Errorf("got %v", err)
	}
	equal(t, "sign-ins", w.signIns(), 1)
}

// TestQuietlyRefused: a refusal that would take a person is the answer.
func TestQuietlyRefused(t *testing.T) {
	t.Parallel()
	w := forbidding(t, insufficient)
	c := w.credential()
	w.signIn(c)
	status, err := w.quietCall(c, "gists")
	must(t, err)
	equal(t, "a scope is missing", status, http.StatusForbidden)
	w.box.RevokeTokens()
	status, err = w.quietCall(c, "user")
	must(t, err)
	equal(t, "the token is revoked", status, http.StatusUnauthorized)
	equal(t, "sign-ins", w.signIns(), 1)
}
