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
	"github.com/valetkey/valetkey/sandbox"
)

// signedIn is a world with tokens of eight hours, signed in.
func signedIn(t *testing.T) (*world, *credentials.Credential) {
	t.Helper()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	return w, c
}

func TestRefreshOnceForManyCalls(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	before := w.record(c)
	w.clock.Advance(8 * time.Hour)
	for _, err := range w.together(50, c) {
		must(t, err)
	}
	equal(t, "refreshes", w.refreshes(), 1)
	after := w.record(c)
	equal(t, "generation", after.Generation, before.Generation+1)
	equal(t, "the same access token", after.Token.Access.Equal(before.Token.Access), false)
	equal(t, "the same refresh token", after.Token.Refresh.Equal(before.Token.Refresh), false)
	equal(t, "expiry", after.Token.Expiry, w.clock.Now().Add(8*time.Hour))
	equal(t, "refreshed", after.Refreshed, w.clock.Now())
	equal(t, "signed in", after.SignedIn, before.SignedIn)
	equal(t, "granted", strings.Join(after.Token.Scopes, " "), "repo")
	// The rotated refresh token is the one that works next time.
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 2)
	equal(t, "device authorizations", w.signIns(), 1)
}

// A token is renewed a minute before its end, so that it doesn't end on its
// way.
func TestRefreshIsEarly(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	w.clock.Advance(8*time.Hour - 61*time.Second)
	must(t, w.call(c))
	equal(t, "refreshes with 61 s left", w.refreshes(), 0)
	w.clock.Advance(time.Second)
	must(t, w.call(c))
	equal(t, "refreshes with 60 s left", w.refreshes(), 1)
}

// Another process has refreshed: its token is found and nothing is asked.
func TestRefreshByAnotherProcessIsAdopted(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	other := w.credential()
	must(t, w.call(other))
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(c))
	must(t, w.call(other))
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "the token sent", w.sent(), w.record(c).Token.Access.Reveal())
}

// tooLate is a way to the token endpoint on which the first refresh is
// overtaken: another process does its own, and this one is refused.
func tooLate(t *testing.T, overtake func()) roundTrip {
	var overtaken atomic.Bool
	return func(r *http.Request) (*http.Response, error) {
		if !overtaken.CompareAndSwap(false, true) {
			return http.DefaultTransport.RoundTrip(r)
		}
		overtake()
		recorder := httptest.NewRecorder()
		recorder.WriteHeader(http.StatusBadRequest)
		recorder.WriteString(`{"error":"invalid_grant"}`)
		return recorder.Result(), r.Body.Close()
	}
}

// Two processes refresh at the same time, and this one comes second: its
// refresh token is refused since it has been used. It takes over what the other
// has stored, and refreshes that only if it is over.
func TestRefreshThatComesSecond(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		left      time.Duration
		refreshes int
	}{{"fresh", 8 * time.Hour, 1}, {"nearly over", 30 * time.Second, 1}, {"over", 0, 2}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, first := signedIn(t)
			w.clock.Advance(8 * time.Hour)
			var newer *credentials.Record
			second := w.with(options(w, func(o *credentials.Options) {
				o.HTTP = &http.Client{Transport: tooLate(t, func() {
					if err := w.call(first); err != nil {
						t.Errorf("the other process: %v", err)
						return
					}
					newer = w.record(first)
					newer.Token.Expiry = w.clock.Now().Add(c.left)
					if err := w.store.Write(t.Context(), first.Name(), newer); err != nil {
						t.Error(err)
					}
				})}
			}))
			must(t, w.call(second))
			equal(t, "refreshes", w.refreshes(), c.refreshes)
			equal(t, "the other's token is used", w.sent() == newer.Token.Access.Reveal(), c.refreshes == 1)
			equal(t, "marked", w.record(second).SignInNeeded, false)
			equal(t, "device authorizations", w.signIns(), 1)
		})
	}
}

// The store can't be read after the refusal, so that nobody knows whether
// another process has stored a better token: no mark, no sign-in.
func TestRefreshThatIsRefusedWhileTheStoreIsLocked(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.faulty()
	first := w.credential()
	w.signIn(first)
	w.clock.Advance(8 * time.Hour)
	changes := store.changes()
	second := w.with(options(w, func(o *credentials.Options) {
		o.HTTP = &http.Client{Transport: tooLate(t, func() { store.refuse(refusal(credentials.Locked), refusal(credentials.Locked)) })}
	}))
	err := w.call(second)
	equal(t, "outcome", credentials.OutcomeOf(err), credentials.Locked)
	equal(t, "changes in the store", store.changes(), changes)
	store.refuse(nil, nil)
	must(t, w.call(second))
	equal(t, "device authorizations", w.signIns(), 1)
}

func withRefresh(r *credentials.Record, refresh string) *credentials.Record {
	changed := *r
	changed.Token.Refresh = oauth.NewSecret(refresh)
	return &changed
}

// A refresh token the provider has ended: the record is marked, not deleted,
// and a sign-in begins within the same call.
func TestRefreshThatIsRefused(t *testing.T) {
	t.Parallel()
	for name, manners := range map[string]bool{"invalid_grant": false, "bad_refresh_token": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sandbox.Options{GitHubManners: manners, TokenLifetime: 8 * time.Hour})
			store := w.faulty()
			c := w.credential()
			w.signIn(c)
			before := w.record(c)
			w.box.RevokeGrants()
			w.clock.Advance(8 * time.Hour)
			r := required(t, w.call(c))
			equal(t, "refreshes", w.refreshes(), 1)
			marked := w.record(c)
			equal(t, "marked", marked.SignInNeeded, true)
			equal(t, "generation", marked.Generation, before.Generation+1)
			equal(t, "the record's token", marked.Token.Access.Equal(before.Token.Access), true)
			equal(t, "deletions", store.deletes, 0)
			required(t, w.call(c))
			other := w.credential()
			required(t, w.call(other))
			other.Close()
			equal(t, "refreshes after more calls", w.refreshes(), 1)
			w.clock.Advance(time.Minute)
			w.approve(r)
			must(t, w.call(c))
			equal(t, "the new record's mark", w.record(c).SignInNeeded, false)
		})
	}
}

// failing makes the token endpoint fail in ways a server does when it is ill,
// without carrying the request out.
func failing() map[string]func(*world) {
	return map[string]func(*world){
		"503": func(w *world) { w.box.FailToken(sandbox.Fault{Status: http.StatusServiceUnavailable}) },
		"429": func(w *world) {
			w.box.FailToken(sandbox.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second})
		},
		"a captive": func(w *world) { w.box.FailToken(sandbox.Fault{Status: http.StatusOK}) },
	}
}

// The old token serves until it really ends.
func TestRefreshThatFailsForNow(t *testing.T) {
	t.Parallel()
	for name, fail := range failing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.faulty()
			c := w.credential()
			w.signIn(c)
			changes := store.changes()
			old := w.record(c).Token.Access.Reveal()
			w.clock.Advance(8*time.Hour - 30*time.Second)
			fail(w)
			for _, err := range w.together(10, c) {
				must(t, err)
			}
			equal(t, "the token sent", w.sent(), old)
			equal(t, "refreshes", w.refreshes(), 1)
			equal(t, "changes in the store", store.changes(), changes)
			equal(t, "device authorizations", w.signIns(), 1)
			contains(t, "the log", w.log.String(), "serves on until it expires")
			w.clock.Advance(10 * time.Second)
			must(t, w.call(c))
			equal(t, "refreshes when the server is well", w.refreshes(), 2)
			equal(t, "the old token", w.sent() == old, false)
		})
	}
}

func TestRefreshThatFailsForNowAfterTheEnd(t *testing.T) {
	t.Parallel()
	for name, fail := range failing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.faulty()
			c := w.credential()
			w.signIn(c)
			changes, calls := store.changes(), w.calls()
			w.clock.Advance(8 * time.Hour)
			fail(w)
			err := w.call(c)
			if err == nil || errors.As(err, new(*credentials.SignInRequired)) {
				t.Fatalf("%v", err)
			}
			contains(t, "the error", err.Error(), "github: ", "can't be refreshed", "try again", "valetkey login github")
			equal(t, "refreshes", w.refreshes(), 1)
			equal(t, "calls to the API", w.calls(), calls)
			equal(t, "changes in the store", store.changes(), changes)
			equal(t, "device authorizations", w.signIns(), 1)
		})
	}
}

// An ill server isn't asked by every call, and as long as it asks not to be,
// within reason.
func TestRefreshPause(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		asked, want time.Duration
	}{
		{"not said", 0, 10 * time.Second},
		{"short", time.Second, 10 * time.Second},
		{"a minute", time.Minute, time.Minute},
		{"a day", 24 * time.Hour, 5 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, credential := signedIn(t)
			w.clock.Advance(8 * time.Hour)
			w.box.FailToken(sandbox.Fault{Status: http.StatusServiceUnavailable, RetryAfter: c.asked})
			if err := w.call(credential); err == nil {
				t.Fatal("no error")
			}
			w.clock.Advance(c.want - time.Second)
			if err := w.call(credential); err == nil {
				t.Fatal("no error within the pause")
			}
			equal(t, "refreshes within the pause", w.refreshes(), 1)
			w.clock.Advance(time.Second)
			must(t, w.call(credential))
			equal(t, "refreshes after it", w.refreshes(), 2)
		})
	}
}

func TestRefreshWithoutANetwork(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	w.clock.Advance(8 * time.Hour)
	w.box.Close()
	err := w.call(c)
	if !errors.As(err, new(*oauth.TransportError)) {
		t.Fatalf("%v", err)
	}
	equal(t, "the record's mark", w.record(c).SignInNeeded, false)
}

// A token that expires and can't be refreshed serves until it ends, and then
// asks for a sign-in.
func TestExpiringTokenWithoutARefreshToken(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	old := withRefresh(w.record(c), "")
	must(t, w.store.Write(t.Context(), c.Name(), old))
	next := w.credential()
	w.clock.Advance(8*time.Hour - time.Second)
	must(t, w.call(next))
	w.clock.Advance(time.Second)
	required(t, w.call(next))
	equal(t, "refreshes", w.refreshes(), 0)
}

// A server that says nothing about the refresh token and the scopes: they stay
// what they were.
func TestRefreshThatAnswersLittle(t *testing.T) {
	t.Parallel()
	w, c := signedIn(t)
	before := w.record(c)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Write([]byte(`{"access_token":"` + w.box.IssueToken("repo") + `","token_type":"bearer","expires_in":"3600"}`))
	}))
	t.Cleanup(server.Close)
	w.service.Endpoint.TokenURL = server.URL
	w.unbind(c)
	w.clock.Advance(8 * time.Hour)
	next := w.credential()
	must(t, w.call(next))
	after := w.record(next)
	equal(t, "refresh token kept", after.Token.Refresh.Equal(before.Token.Refresh), true)
	equal(t, "its expiry kept", after.Token.RefreshExpiry, before.Token.RefreshExpiry)
	equal(t, "it has one", after.Token.RefreshExpiry.IsZero(), false)
	equal(t, "granted", strings.Join(after.Token.Scopes, " "), "repo")
	equal(t, "account", after.Account, before.Account)
	equal(t, "expiry", after.Token.Expiry, w.clock.Now().Add(time.Hour))
}

// The client secret goes along where there is one: GitHub Apps need it.
func TestRefreshSendsTheClientSecret(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.settings.ClientSecret = oauth.NewSecret(sandbox.ClientSecret)
	c := w.credential()
	w.signIn(c)
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(c))
	var form url.Values
	for _, r := range w.box.Requests() {
		if r.Form.Get("grant_type") == "refresh_token" {
			form = r.Form
		}
	}
	equal(t, "client_secret", form.Get("client_secret"), sandbox.ClientSecret)
}
