package credentials_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// The calls that meet the 401 succeed all the same, with one refresh.
func TestRevokedTokenIsRefreshedInTheSameCall(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	before := w.record(c)
	w.box.RevokeTokens()
	for _, err := range w.together(50, c) {
		must(t, err)
	}
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "generation", w.record(c).Generation, before.Generation+1)
	equal(t, "device authorizations", w.signIns(), 1)
}

func TestRevokedTokenAsksForASignIn(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*testing.T) *world{"without a refresh token": lasting, "with one that is refused": expiring} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t)
			store := w.faulty()
			c := w.credential()
			w.signIn(c)
			old := w.record(c)
			w.box.RevokeGrants()
			errs := w.together(20, c)
			for _, err := range errs {
				required(t, err)
				if !errors.As(err, new(*url.Error)) {
					t.Errorf("%T isn't what a client answers", err)
				}
			}
			marked := w.record(c)
			equal(t, "marked", marked.SignInNeeded, true)
			equal(t, "the record's token", marked.Token.Access.Equal(old.Token.Access), true)
			equal(t, "deletions", store.deletes, 0)
			calls := w.calls()
			required(t, w.call(c))
			required(t, w.call(w.credential()))
			equal(t, "calls to the API with a token known to be refused", w.calls(), calls)
			equal(t, "device authorizations", w.signIns(), 3)
		})
	}
}

func TestSignInAfterARevokedToken(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	c := w.credential()
	w.signIn(c)
	w.box.RevokeTokens()
	w.clock.Advance(time.Minute)
	r := required(t, w.call(c))
	w.approve(r)
	must(t, w.call(c))
	equal(t, "marked", w.record(c).SignInNeeded, false)
}

// Another process has a better token already.
func TestRevokedTokenIsReplacedByAnotherProcess(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	other := w.credential()
	must(t, w.call(other))
	w.box.RevokeTokens()
	must(t, w.call(other))
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
}

// Another process has signed out, or has noted that the token is refused: what
// is left in memory isn't renewed, and nothing is put back.
func TestRevokedTokenThatIsGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *world, *credentials.Credential){
		"signed out": func(t *testing.T, w *world, c *credentials.Credential) {
			_, err := c.SignOut(t.Context())
			must(t, err)
		},
		"refused": func(t *testing.T, w *world, c *credentials.Credential) {
			w.box.RevokeGrants()
			required(t, w.call(c))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.faulty()
			c, other := w.credential(), w.credential()
			w.signIn(c)
			must(t, w.call(other))
			end(t, w, other)
			changes, refreshes := store.changes(), w.refreshes()
			required(t, w.call(c))
			calls := w.calls()
			required(t, w.call(c))
			equal(t, "calls with the dead token", w.calls(), calls)
			equal(t, "refreshes", w.refreshes(), refreshes)
			equal(t, "changes in the store", store.changes(), changes)
		})
	}
}

// refusing is a way to the API that answers 401 to everything, after doing
// something of the test's.
func refusing(calls *atomic.Int32, before func(call int32)) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		before(calls.Add(1))
		recorder := httptest.NewRecorder()
		recorder.WriteHeader(http.StatusUnauthorized)
		return recorder.Result(), nil
	}
}

// A service that refuses even a token it has just issued: two tries, one
// refresh, then a sign-in. Later calls don't try again.
func TestTokenRefusedTwice(t *testing.T) {
	t.Parallel()
	w, _ := signedIn(t)
	var calls atomic.Int32
	c := w.with(options(w, func(o *credentials.Options) { o.Transport = refusing(&calls, func(int32) {}) }))
	for range 3 {
		required(t, w.call(c))
	}
	equal(t, "calls", calls.Load(), 2)
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "device authorizations", w.signIns(), 2)
	equal(t, "marked", w.record(c).SignInNeeded, true)
}

// The same, while another process stores a better token: that one is not
// marked.
func TestTokenRefusedTwiceWhileAnotherIsStored(t *testing.T) {
	t.Parallel()
	w, first := signedIn(t)
	var calls atomic.Int32
	better := w.record(first)
	better.Token.Access = oauth.NewSecret("example-better")
	c := w.with(options(w, func(o *credentials.Options) {
		o.Transport = refusing(&calls, func(call int32) {
			if call == 2 {
				if err := w.store.Write(t.Context(), first.Name(), better); err != nil {
					t.Error(err)
				}
			}
		})
	}))
	// The better token is there, so no sign-in begins: the call keeps its 401.
	if err := w.call(c); err == nil || !strings.HasPrefix(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	equal(t, "device authorizations", w.signIns(), 1)
	equal(t, "calls", calls.Load(), 2)
	kept := w.record(c)
	equal(t, "token", kept.Token.Access.Reveal(), "example-better")
	equal(t, "marked", kept.SignInNeeded, false)
}

// A sign-in ends while an older token is refused for the second time, and its
// token can't be stored: it is not lost for the sake of the mark.
func TestTokenRefusedTwiceWhileASignInEnds(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.service.Identify = nil
	store := w.faulty()
	w.signIn(w.credential())
	w.box.RevokeTokens()
	var signIn *credentials.SignInRequired
	var calls atomic.Int32
	c := w.with(options(w, func(o *credentials.Options) {
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if calls.Add(1) == 2 {
				store.refuse(nil, refusal(credentials.Locked))
				w.clock.Advance(time.Second)
				w.approve(signIn)
				recorder := httptest.NewRecorder()
				recorder.WriteHeader(http.StatusUnauthorized)
				return recorder.Result(), nil
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	}))
	var err error
	signIn, err = c.SignIn(t.Context())
	must(t, err)
	if err := w.call(c); err == nil || !strings.HasPrefix(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	must(t, w.call(c))
	store.refuse(nil, nil)
	c.Close()
	must(t, w.call(w.credential()))
	equal(t, "device authorizations", w.signIns(), 2)
}

// A token is refused while the authorization server is out of reach.
func TestRevokedTokenThatCannotBeRefreshedNow(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	w.service.Endpoint.TokenURL = closedAddress
	w.unbind(c)
	next := w.with(w.options())
	must(t, w.call(next))
	w.box.RevokeTokens()
	for range 2 {
		err := w.call(next)
		if !errors.As(err, new(*oauth.TransportError)) {
			t.Fatalf("%v", err)
		}
		contains(t, "the error", err.Error(), "no longer good", "try again")
	}
	equal(t, "marked", w.record(c).SignInNeeded, false)
	must(t, w.call(c))
	must(t, w.call(next))
}

// closedAddress is one where nobody listens: its port is never handed out.
const closedAddress = "http://127.0.0.1:1"

// The store is locked when the 401 comes. A better token may be in it, so
// nothing is marked and no sign-in begins.
func TestRevokedTokenWhileTheStoreIsLocked(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	changes := store.changes()
	w.box.RevokeTokens()
	store.refuse(refusal(credentials.Locked), refusal(credentials.Locked))
	for range 2 {
		err := w.call(c)
		equal(t, "outcome", credentials.OutcomeOf(err), credentials.Locked)
	}
	equal(t, "device authorizations", w.signIns(), 1)
	equal(t, "changes in the store", store.changes(), changes)
	store.refuse(nil, nil)
	required(t, w.call(c))
}

// A request that comes back late with a 401 finds that another has renewed the
// token since, and goes on with that one.
func TestLateRefusalOfAnOldToken(t *testing.T) {
	t.Parallel()
	w, first := signedIn(t)
	old := w.record(first).Token.Access.Reveal()
	arrived, release := make(chan struct{}), make(chan struct{})
	c := w.with(options(w, func(o *credentials.Options) {
		o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("X-Late") != "" && strings.HasSuffix(r.Header.Get("Authorization"), old) {
				close(arrived)
				<-release
			}
			return http.DefaultTransport.RoundTrip(r)
		})
	}))
	late := make(chan int, 1)
	go func() {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.service.APIURL+"user", nil)
		r.Header.Set("X-Late", "yes")
		response, err := c.Client().Do(r)
		if err != nil {
			late <- 0
			return
		}
		response.Body.Close()
		late <- response.StatusCode
	}()
	<-arrived
	w.box.RevokeTokens()
	must(t, w.call(c))
	close(release)
	equal(t, "the late one", <-late, http.StatusOK)
	equal(t, "refreshes", w.refreshes(), 1)
}
