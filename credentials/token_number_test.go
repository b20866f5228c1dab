package credentials_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// TestTokenNumber: answers to one token have one number, also once it has been
// looked up again, and those to the next token another one.
func TestTokenNumber(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	number := func() string {
		response, err := c.Client().Get(w.service.APIURL + "user")
		must(t, err)
		response.Body.Close()
		return response.Header.Get(credentials.TokenNumberHeader)
	}
	first := number()
	w.clock.Advance(2 * time.Minute)
	equal(t, "after a look at the store", number(), first)
	w.clock.Advance(8 * time.Hour)
	equal(t, "the next token has the same", number() == first, false)
	_, err := c.SignOut(t.Context())
	must(t, err)
	w.signIn(c)
	equal(t, "the next account has the first", number() == first, false)

	lying := newSite(t, false, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(credentials.TokenNumberHeader, "7")
		w.Header().Set("Had", r.Header.Get(credentials.TokenNumberHeader))
	})
	response, err := keyed(t, nil, lying.host()).Get(lying.URL)
	must(t, err)
	response.Body.Close()
	equal(t, "what a server says", response.Header.Get(credentials.TokenNumberHeader)+response.Header.Get("Had"), "1")
}
