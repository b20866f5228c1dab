package credentials_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// shared makes every credential of a world a process of its own, which sees the
// others by a store and a folder only.
func (w *world) shared() *faulty {
	w.clock.still = true
	w.folder = &credentials.Folder{Path: filepath.Join(w.t.TempDir(), "valetkey")}
	return w.faulty()
}

// tickUntil lets pauses pass, of whichever process, until a sign-in is over. It
// leaves the one that polls the time to do so: those that only look are so much
// faster that the code would expire under them.
func (w *world) tickUntil(r *credentials.SignInRequired) {
	w.t.Helper()
	pace, late := time.NewTicker(5*time.Millisecond), time.After(patience)
	defer pace.Stop()
	for {
		select {
		case <-pace.C:
		case <-r.Done():
			return
		}
		select {
		case w.clock.ticks <- struct{}{}:
		case <-r.Done():
			return
		case <-late:
			w.t.Fatal("the sign-in doesn't end")
		}
	}
}

func (w *world) polls() int { return w.asked("/login/oauth/access_token", "device_code") }

// Several processes show one code, one of them polls, and all have the token.
func TestSignInIsShared(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	one, two, three := w.credential(), w.credential(), w.credential()
	first := required(t, w.call(one))
	for _, c := range []*credentials.Credential{two, three} {
		r := required(t, w.call(c))
		equal(t, "code", r.UserCode, first.UserCode)
		equal(t, "address", r.VerificationURI, first.VerificationURI)
		equal(t, "expiry", r.Expiry.Equal(first.Expiry), true)
	}
	equal(t, "device authorizations", w.signIns(), 1)
	must(t, w.box.Approve(first.UserCode))
	for _, c := range []*credentials.Credential{one, two, three} {
		err := w.call(c)
		if err == nil {
			continue
		}
		r := required(t, err)
		w.tickUntil(r)
		must(t, r.Err())
		must(t, w.call(c))
	}
	equal(t, "device authorizations", w.signIns(), 1)
	equal(t, "polls", w.polls(), 1)
	equal(t, "pending", w.record(one).Pending, nil)
}

// Processes that start a sign-in at the same moment start one.
func TestSignInStartedByManyAtOnce(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	codes := make([]string, 12)
	var all sync.WaitGroup
	for i := range codes {
		c := w.credential()
		all.Go(func() {
			var r *credentials.SignInRequired
			if err := w.call(c); errors.As(err, &r) {
				codes[i] = r.UserCode
			}
		})
	}
	all.Wait()
	for _, code := range codes {
		if code == "" || code != codes[0] {
			t.Fatalf("codes: %q", codes)
		}
	}
	equal(t, "device authorizations", w.signIns(), 1)
}

// A process that is gone leaves its sign-in to the next one, and to one that is
// there already.
func TestSignInOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	there := w.credential()
	second := required(t, w.call(there))
	one.Close()
	w.clock.Advance(time.Minute)
	third := required(t, w.call(w.credential()))
	equal(t, "code", third.UserCode, first.UserCode)
	must(t, w.box.Approve(first.UserCode))
	w.tickUntil(second)
	w.tickUntil(third)
	must(t, second.Err())
	must(t, third.Err())
	must(t, w.call(there))
	equal(t, "device authorizations", w.signIns(), 1)
}

// What a person denies is over for all processes, and the next call offers a
// new code.
func TestSharedSignInDenied(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	one, two := w.credential(), w.credential()
	first, second := required(t, w.call(one)), required(t, w.call(two))
	must(t, w.box.Deny(first.UserCode))
	w.tickUntil(first)
	w.tickUntil(second)
	if first.Err() == nil || second.Err() == nil {
		t.Errorf("%v, %v", first.Err(), second.Err())
	}
	if _, err := store.Read(t.Context(), one.Name()); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("what is left in the store: %v", err)
	}
	if r := required(t, w.call(two)); r.UserCode == first.UserCode {
		t.Error("the denied code is offered again")
	}
}

// A person who stops a sign-in where it was begun stops it for good; the end of
// a process does not.
func TestSharedSignInCancelled(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	one.CancelSignIn()
	if _, err := store.Read(t.Context(), one.Name()); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("what is left in the store: %v", err)
	}
	if r := required(t, w.call(w.credential())); r.UserCode == first.UserCode {
		t.Error("the cancelled code is offered again")
	}
}

// An expired code is replaced without a word.
func TestSharedSignInExpired(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	one.Close()
	w.clock.Advance(15 * time.Minute)
	second := required(t, w.call(w.credential()))
	if second.UserCode == first.UserCode {
		t.Error("the expired code is offered again")
	}
	must(t, w.box.Approve(second.UserCode))
	w.tickUntil(second)
	must(t, second.Err())
}

// A sign-in for something else isn't taken up.
func TestSignInForSomethingElse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"client": func(w *world) { w.service.ClientID = "another-client-example" },
		"host":   func(w *world) { w.service.Host = "github.example" },
		"scopes": func(w *world) { w.settings.Scopes = "repo gist" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lasting(t)
			w.shared()
			first := required(t, w.call(w.credential()))
			change(w)
			err := w.call(w.credential())
			var r *credentials.SignInRequired
			if errors.As(err, &r) && r.UserCode == first.UserCode {
				t.Error("it was taken up")
			}
		})
	}
}

// A store that doesn't take the sign-in costs nothing but its being shared.
func TestSignInThatCannotBeShared(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	store.refuse(nil, refusal(credentials.Declined))
	c := w.credential()
	r := required(t, w.call(c))
	store.refuse(nil, nil)
	must(t, w.box.Approve(r.UserCode))
	w.tickUntil(r)
	must(t, r.Err())
	must(t, w.call(c))
	equal(t, "pending", w.record(c).Pending, nil)
}

// A person who signs in at a terminal is told before they approve anything that
// the store takes nothing.
func TestSignInThatCannotBeKept(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	store.refuse(nil, refusal(credentials.Declined))
	c := w.credential()
	r, err := c.SignIn(t.Context())
	if credentials.OutcomeOf(err) != credentials.Declined || r != nil {
		t.Fatalf("%v, %v", r, err)
	}
	store.refuse(nil, nil)
	again, err := c.SignIn(t.Context())
	must(t, err)
	w.finish(again)
	must(t, again.Err())
}

// While a person signs in again, the old token serves, and is renewed beside
// the sign-in that waits.
func TestTokenServesBesideASharedSignIn(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.shared()
	one, two := w.credential(), w.credential()
	first := required(t, w.call(one))
	must(t, w.box.Approve(first.UserCode))
	w.tickUntil(first)
	must(t, w.call(two))
	w.clock.Advance(8*time.Hour - 14*time.Minute)
	again, err := one.SignIn(t.Context())
	must(t, err)
	must(t, w.call(two))
	w.clock.Advance(14 * time.Minute)
	must(t, w.call(two))
	equal(t, "refreshes", w.refreshes(), 1)
	if pending := w.record(one).Pending; pending == nil || pending.Authorization.UserCode != again.UserCode {
		t.Errorf("pending: %+v", pending)
	}
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(two))
	equal(t, "pending, after its code has expired", w.record(one).Pending, nil)
}

// Signing out ends the sign-in that waits as well.
func TestSignOutEndsASharedSignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	polling, o := w.watched()
	first := required(t, w.call(w.with(o)))
	<-polling
	c := w.credential()
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "found", out.Found, false)
	if _, err := store.Read(t.Context(), c.Name()); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("what is left in the store: %v", err)
	}
	w.finish(first)
	if first.Err() == nil {
		t.Error("the sign-in goes on")
	}
	equal(t, "polls", w.polls(), 0)
}

// A command that is gone in a moment shows the code that waits.
func TestBriefCommandShowsASharedSignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	first := required(t, w.call(w.credential()))
	brief := w.with(options(w, func(o *credentials.Options) { o.SignInElsewhere = true }))
	err := w.call(brief)
	if !errors.Is(err, credentials.ErrNotSignedIn) {
		t.Fatalf("%v", err)
	}
	contains(t, "the error", err.Error(), first.UserCode, first.VerificationURI)
}

// Twelve processes find one expired token that rotates: one renews it.
func TestOneRefreshAmongMany(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	must(t, w.box.Approve(first.UserCode))
	w.tickUntil(first)
	for round := range 10 {
		w.clock.Advance(8 * time.Hour)
		var all sync.WaitGroup
		for range 12 {
			c := w.credential()
			all.Go(func() {
				if _, err := login(context.Background(), c.Client(), w.service.APIURL); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		all.Wait()
		equal(t, "refreshes", w.refreshes(), round+1)
	}
}
