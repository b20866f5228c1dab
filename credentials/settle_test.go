package credentials_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

// whileAsked makes something happen while the service is asked whose the next
// token is.
func (p *person) whileAsked(then func()) func(context.Context, *http.Client, string) (string, error) {
	return func(ctx context.Context, api *http.Client, address string) (string, error) {
		then()
		return p.identify(ctx, api, address)
	}
}

// A keyring that is locked between the code and the approval doesn't make the
// credential anybody's.
func TestOtherAccountWhileTheStoreIsLocked(t *testing.T) {
	t.Parallel()
	w, p, _ := owned(t)
	c := w.credential()
	p.is("eve", nil)
	r := signInAgain(t, c)
	store := w.store.(*faulty)
	store.refuse(refusal(credentials.Locked), refusal(credentials.Locked))
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Errorf("%v", r.Err())
	}
	store.refuse(nil, nil)
	must(t, w.call(c))
	equal(t, "account", w.record(c).Account, "mona")
}

// Nobody uses a token before it is known whose it is.
func TestTokenIsNotUsedBeforeItsOwnerIsKnown(t *testing.T) {
	t.Parallel()
	w, p, before := owned(t)
	old := w.record(before).Token.Access.Reveal()
	var c *credentials.Credential
	p.is("eve", nil)
	w.service.Identify = p.whileAsked(func() {
		must(t, w.call(before))
		equal(t, "the token another process sends", w.sent(), old)
		must(t, w.call(c))
		equal(t, "the token this process sends", w.sent(), old)
	})
	c = w.credential()
	must(t, w.call(c))
	r := signInAgain(t, c)
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Fatalf("%v", r.Err())
	}
}

// killedWhileAsked is a world whose process was killed while it asked whose a
// second token is: what the others find.
func killedWhileAsked(t *testing.T, who string) (w *world, old string) {
	t.Helper()
	w, p, c := owned(t)
	old = w.record(c).Token.Access.Reveal()
	p.is(who, nil)
	var left *credentials.Record
	w.service.Identify = p.whileAsked(func() { left = w.record(c) })
	r := signInAgain(t, w.credential())
	w.finish(r)
	must(t, w.store.Write(t.Context(), c.Name(), left))
	w.service.Identify = p.identify
	return w, old
}

// The token of a process that was killed meanwhile is the next one's to use.
func TestKilledBeforeTheOwnerIsKnown(t *testing.T) {
	t.Parallel()
	w, old := killedWhileAsked(t, "mona")
	c := w.credential()
	must(t, w.call(c))
	equal(t, "it is the new one", w.sent() == old, false)
	equal(t, "account", w.record(c).Account, "mona")
	equal(t, "pending", w.record(c).Pending, nil)
	equal(t, "device authorizations", w.signIns(), 2)
}

// It is found out all the same if it is somebody else's, and costs nothing.
func TestKilledBeforeAnotherOwnerIsKnown(t *testing.T) {
	t.Parallel()
	w, old := killedWhileAsked(t, "mona")
	w.service.Identify = func(context.Context, *http.Client, string) (string, error) { return "eve", nil }
	c := w.credential()
	must(t, w.call(c))
	equal(t, "the token sent", w.sent(), old)
	equal(t, "pending", w.record(c).Pending, nil)
	contains(t, "the log", w.log.String(), "eve, but this sign-in belongs to mona")
}

// Sign-ins for different things don't wait for each other.
func TestDifferentSignInsGoOnBesideEachOther(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	w.settings.Scopes = "repo gist"
	two := w.credential()
	second := required(t, w.call(two))
	if first.UserCode == second.UserCode {
		t.Fatal("one sign-in serves both, so this test proves nothing")
	}
	w.finish(second)
	must(t, second.Err())
	must(t, w.call(two))
	select {
	case <-first.Done():
		t.Errorf("the second had to wait for the end of the first: %v", first.Err())
	default:
	}
	w.tickUntil(first)
	equal(t, "device authorizations", w.signIns(), 2)
}

// The one that was replaced can still be approved, and the other one waits on.
func TestReplacedSignInIsApproved(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	one := w.credential()
	first := required(t, w.call(one))
	w.settings.Scopes = "repo gist"
	gone := w.credential()
	code := required(t, w.call(gone)).UserCode
	gone.Close()
	w.finish(first)
	must(t, first.Err())
	must(t, w.call(one))
	second := required(t, w.call(w.credential()))
	equal(t, "code", second.UserCode, code)
	w.finish(second)
	must(t, second.Err())
	equal(t, "pending", w.record(one).Pending, nil)
}

// tokenSeen does something when a token is on its way.
type tokenSeen func()

func (then tokenSeen) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if bytes.Contains(body, []byte("access_token")) {
		then()
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// Whoever signs out while an approval is on its way has signed out.
func TestSignOutWhileTheTokenComes(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	other := w.credential()
	c := w.with(options(w, func(o *credentials.Options) {
		o.HTTP = &http.Client{Transport: tokenSeen(func() {
			_, err := other.SignOut(context.Background())
			must(t, err)
		})}
	}))
	r := required(t, w.call(c))
	w.finish(r)
	if r.Err() == nil {
		t.Error("the sign-in has given a token")
	}
	if _, err := store.Read(t.Context(), c.Name()); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("what is left in the store: %v", err)
	}
}

// A renewed token that could not be stored is not put back after a sign-out.
func TestUnsavedRefreshAfterASignOut(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	store := w.shared()
	c := w.credential()
	w.finish(required(t, w.call(c)))
	w.clock.Advance(8 * time.Hour)
	store.refuse(nil, refusal(credentials.Declined))
	must(t, w.call(c))
	store.refuse(nil, nil)
	_, err := w.credential().SignOut(t.Context())
	must(t, err)
	w.clock.Advance(time.Minute)
	required(t, w.call(c))
	if r, err := store.Read(t.Context(), c.Name()); err == nil && !r.Token.Access.IsZero() {
		t.Error("the token is in the store again")
	}
}

// A person's approval counts for more than a renewal of the token before it.
func TestUnsavedSignInBesideARefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{TokenLifetime: 8 * time.Hour})
	store := w.shared()
	one, two := w.credential(), w.credential()
	w.finish(required(t, w.call(one)))
	must(t, w.call(two))
	again := signInAgain(t, one)
	store.refuse(nil, refusal(credentials.Declined))
	w.clock.Advance(10 * time.Minute)
	w.finish(again)
	must(t, again.Err())
	store.refuse(nil, nil)
	approved := w.clock.Now()
	w.clock.Advance(8*time.Hour - 10*time.Minute)
	must(t, w.call(two))
	equal(t, "refreshes", w.refreshes(), 1)
	w.clock.Advance(time.Minute)
	must(t, w.call(one))
	equal(t, "what the person approved last is stored", w.record(one).SignedIn.Equal(approved), true)
}

// A browser waits for as long as it takes to find out whose the token is.
func TestBrowserWaitsForTheOwner(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	w.faulty()
	told := make(chan struct{})
	identify := w.service.Identify
	w.service.Identify = func(ctx context.Context, api *http.Client, apiURL string) (string, error) {
		select {
		case <-told:
		case <-time.After(2 * time.Second): // longer than a page outlives the end of its sign-in
		}
		return identify(ctx, api, apiURL)
	}
	r := required(t, w.call(w.credential()))
	page := w.inBrowser(r, func(ctx context.Context, address string) (string, error) {
		page, err := sandbox.ApproveInBrowser(ctx, address)
		if err == nil {
			close(told)
		}
		return page, err
	})
	must(t, r.Err())
	contains(t, "page", page, "signed in to GitHub")
}
