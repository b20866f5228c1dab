package credentials_test

import (
	"errors"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

func (w *world) faulty() *faulty {
	store := &faulty{}
	w.store = store
	return store
}

func troubles() []credentials.Outcome {
	return []credentials.Outcome{credentials.Locked, credentials.Declined, credentials.Broken, credentials.Absent}
}

// A store that can't be read may hold a token: no sign-in, no change, no other
// store, and all is well when it can be read again.
func TestStoreThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, outcome := range troubles() {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.faulty()
			w.signIn(w.credential())
			changes := store.changes()
			store.refuse(refusal(outcome), refusal(outcome))
			c := w.credential()
			_, signIn := c.SignIn(t.Context())
			_, signOut := c.SignOut(t.Context())
			status, statusErr := c.Status(t.Context())
			for name, err := range map[string]error{"a call": w.call(c), "SignIn": signIn, "SignOut": signOut, "Status": statusErr} {
				var failed *credentials.StoreError
				if !errors.As(err, &failed) || failed.Outcome != outcome {
					t.Errorf("%s: %v", name, err)
					continue
				}
				contains(t, name, err.Error(), "github: the keyring is "+string(outcome))
			}
			equal(t, "signed in", status.SignedIn, false)
			equal(t, "outcome", status.Outcome, outcome)
			contains(t, "why", status.Reason, "the keyring is "+string(outcome))
			equal(t, "the line about it", status.Describe(), status.Reason+"; "+status.Mend)
			equal(t, "device authorizations", w.signIns(), 1)
			equal(t, "changes", store.changes(), changes)
			store.refuse(nil, nil)
			must(t, w.call(c))
		})
	}
}

// The token can't be stored when it arrives: it is used all the same, the
// person is told, and it is stored later, during calls or at the end.
func TestTokenThatCannotBeStoredYet(t *testing.T) {
	t.Parallel()
	for _, outcome := range troubles() {
		for name, later := range map[string]func(*world, *faulty, *credentials.Credential){
			"by a later call": func(w *world, store *faulty, c *credentials.Credential) {
				w.clock.Advance(time.Minute)
				must(w.t, w.call(c))
				equal(w.t, "writes", store.changes(), 1)
			},
			"at the end": func(*world, *faulty, *credentials.Credential) {},
		} {
			t.Run(string(outcome)+" "+name, func(t *testing.T) {
				t.Parallel()
				w := lasting(t)
				store := w.faulty()
				c := w.credential()
				store.refuse(nil, refusal(outcome))
				w.signIn(c)
				for range 2 {
					must(t, w.call(c))
				}
				contains(t, "the log", w.log.String(), "can't be stored", "the keyring is "+string(outcome))
				status, err := c.Status(t.Context())
				must(t, err)
				equal(t, "signed in", status.SignedIn, true)
				equal(t, "source", status.Source, credentials.SourceMemory)
				equal(t, "store", status.Store, credentials.SourceKeyring)
				contains(t, "the line about it", status.Describe(), "token kept in memory", "has not taken the token")
				store.refuse(nil, nil)
				later(w, store, c)
				c.Close()
				equal(t, "writes", store.changes(), 1)
				next := w.credential()
				must(t, w.call(next))
				equal(t, "device authorizations", w.signIns(), 1)
				if w.record(next).Account == "" {
					t.Error("the account is lost")
				}
			})
		}
	}
}

// A store that goes on refusing is asked once a minute, and the end says what
// is lost.
func TestTokenThatCannotBeStoredAtAll(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.Identify = nil
	store := w.faulty()
	c := w.credential()
	store.refuse(nil, refusal(credentials.Locked))
	w.signIn(c)
	for range 9 {
		w.clock.Advance(20 * time.Second)
		must(t, w.call(c))
	}
	equal(t, "attempts in three minutes", store.refused, 1+3)
	c.Close()
	contains(t, "the log", w.log.String(), "lost with this process")
}

// The record can't be read when a token arrives, for instance since a later
// version has written it: nothing is overwritten.
func TestTokenIsNotStoredOverWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	r := required(t, w.call(c))
	store.refuse(refusal(credentials.Broken), nil)
	w.approve(r)
	must(t, w.call(c))
	c.Close()
	equal(t, "changes", store.changes(), 0)
}

// While a token waits to be stored, another process signs in: its later token
// is not overwritten.
func TestHeldTokenGivesWayToALaterOne(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	store.refuse(nil, refusal(credentials.Locked))
	w.signIn(c)
	store.refuse(nil, nil)
	w.clock.Advance(30 * time.Second)
	other := w.credential()
	w.signIn(other)
	later := w.record(other)
	w.clock.Advance(time.Minute)
	must(t, w.call(c))
	c.Close()
	equal(t, "the later token is still there", w.record(other).Token.Access.Equal(later.Token.Access), true)
}

// What is later but of no use doesn't stand in the way.
func TestHeldTokenReplacesAMarkedOne(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	store.refuse(nil, refusal(credentials.Locked))
	w.signIn(c)
	store.refuse(nil, nil)
	w.clock.Advance(time.Second)
	other := w.credential()
	w.signIn(other)
	marked := w.record(other)
	marked.SignInNeeded = true
	must(t, w.store.Write(t.Context(), c.Name(), marked))
	c.Close()
	must(t, w.call(w.credential()))
	equal(t, "marked", w.record(c).SignInNeeded, false)
}

// Neither is a refresh by another process overwritten.
func TestHeldTokenGivesWayToALaterRefresh(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	w.clock.Advance(8 * time.Hour)
	store.refuse(nil, refusal(credentials.Locked))
	must(t, w.call(c))
	store.refuse(nil, nil)
	later := w.record(c)
	later.Refreshed = w.clock.Now().Add(time.Second)
	later.Token.Expiry = w.clock.Now().Add(8 * time.Hour)
	later.Token.Access = oauth.NewSecret("example-later")
	must(t, w.store.Write(t.Context(), c.Name(), later))
	c.Close()
	equal(t, "token", w.record(c).Token.Access.Reveal(), "example-later")
}

// The store takes no mark: the refused token is not used again all the same,
// and the mark is made later.
func TestMarkThatCannotBeStoredYet(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	w.box.RevokeTokens()
	store.refuse(nil, refusal(credentials.Locked))
	required(t, w.call(c))
	calls := w.calls()
	required(t, w.call(c))
	equal(t, "calls with the refused token", w.calls(), calls)
	contains(t, "the log", w.log.String(), "can't note")
	store.refuse(nil, nil)
	required(t, w.call(c))
	equal(t, "marked", w.record(c).SignInNeeded, true)
}

// A held mark is not put over a token that another process has stored since.
func TestHeldMarkGivesWay(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.with(options(w, func(o *credentials.Options) { o.Sleep = never }))
	w.signIn(w.credential())
	must(t, w.call(c))
	w.box.RevokeTokens()
	store.refuse(nil, refusal(credentials.Locked))
	required(t, w.call(c))
	store.refuse(nil, nil)
	w.clock.Advance(time.Minute)
	w.signIn(w.credential())
	must(t, w.call(c))
	equal(t, "marked", w.record(c).SignInNeeded, false)
}

// A refreshed token can't be stored: the old refresh token is spent, so the
// new one must not be lost.
func TestRefreshedTokenThatCannotBeStoredYet(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	w.clock.Advance(8 * time.Hour)
	store.refuse(nil, refusal(credentials.Broken))
	must(t, w.call(c))
	must(t, w.call(c))
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 2)
	store.refuse(nil, nil)
	c.Close()
	next := w.credential()
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(next))
	equal(t, "refreshes", w.refreshes(), 3)
	equal(t, "device authorizations", w.signIns(), 1)
}

// Two accounts are two entries.
func TestAccountsAreApart(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	home := w.credential()
	w.signIn(home)
	w.settings.Account = "work"
	work := w.credential()
	w.signIn(work)
	equal(t, "the same token", w.record(home).Token.Access.Equal(w.record(work).Token.Access), false)
	_, err := work.SignOut(t.Context())
	must(t, err)
	must(t, w.call(home))
	required(t, w.call(work))
}

// A person signs out, or in again, with another process: this one notices
// within a minute.
func TestOtherProcessesAreNoticed(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	// A provider that revokes nothing, so that the API can't tell.
	w.service.Revoke = nil
	store := w.faulty()
	c, other := w.credential(), w.credential()
	w.signIn(other)
	must(t, w.call(c))
	w.clock.Advance(time.Second)
	r, err := other.SignIn(t.Context())
	must(t, err)
	w.approve(r)
	w.clock.Advance(time.Minute)
	must(t, w.call(c))
	equal(t, "the token sent", w.sent(), w.record(c).Token.Access.Reveal())
	_, err = other.SignOut(t.Context())
	must(t, err)
	w.clock.Advance(time.Minute)
	required(t, w.call(c))
	store.refuse(refusal(credentials.Locked), nil)
	equal(t, "outcome when the store is locked after that", credentials.OutcomeOf(w.call(c)), credentials.Locked)
}

// The keyring is locked while a token is in use: work goes on.
func TestStoreThatIsLockedLater(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	store.refuse(refusal(credentials.Locked), refusal(credentials.Locked))
	for range 3 {
		w.clock.Advance(time.Minute)
		must(t, w.call(c))
	}
	w.clock.Advance(8*time.Hour - 5*time.Minute)
	must(t, w.call(c))
	w.clock.Advance(5 * time.Minute)
	calls := w.calls()
	equal(t, "outcome at the token's end", credentials.OutcomeOf(w.call(c)), credentials.Locked)
	equal(t, "calls with the expired token", w.calls(), calls)
	store.refuse(nil, nil)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
}
