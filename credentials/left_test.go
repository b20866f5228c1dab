package credentials_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/valetkey/valetkey/credentials"
)

// What a process leaves to others in the store, and what others leave to it.

// ahead is a credential whose machine's clock is wrong.
func (w *world) ahead(by *time.Duration) *credentials.Credential {
	return w.with(options(w, func(o *credentials.Options) {
		o.Now = func() time.Time { return w.clock.Now().Add(*by) }
	}))
}

// A token takes the place of the one it renews, whatever the clock says.
func TestRefreshAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.shared()
	wrong := 24 * time.Hour
	c := w.ahead(&wrong)
	wrong = 0
	w.finish(required(t, w.call(c)))
	wrong = 24 * time.Hour
	must(t, w.call(c))
	equal(t, "refreshes with the wrong clock", w.refreshes(), 1)
	wrong = 0
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 2)
	w.clock.Advance(time.Minute)
	must(t, w.call(c))
	must(t, w.call(w.credential()))
	equal(t, "device authorizations", w.signIns(), 1)
}

// So does the one a person approves.
func TestSignInAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	w, p := lasting(t), &person{}
	w.shared()
	w.service.Identify = p.identify
	p.is("mona", nil)
	wrong := 2 * time.Hour
	w.finish(required(t, w.call(w.ahead(&wrong))))
	p.is("eve", nil)
	c := w.credential()
	r, err := c.SwitchAccount(t.Context())
	must(t, err)
	w.finish(r)
	must(t, r.Err())
	equal(t, "account", w.record(c).Account, "eve")
}

// A first token that could not be stored isn't put into the store after a
// sign-out.
func TestUnsavedSignInAfterASignOut(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	c := w.credential()
	r := required(t, w.call(c))
	store.refuse(nil, refusal(credentials.Declined))
	w.finish(r)
	must(t, r.Err())
	store.refuse(nil, nil)
	_, err := w.credential().SignOut(t.Context())
	must(t, err)
	w.clock.Advance(time.Minute)
	required(t, w.call(c))
	if kept, err := store.Read(t.Context(), c.Name()); err == nil && !kept.Token.Access.IsZero() {
		t.Error("the token is in the store again")
	}
}

// It is stored without a call, and nobody polls with its code meanwhile.
func TestUnsavedSignInIsStoredLater(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.shared()
	polling, o := w.watched()
	r := required(t, w.call(w.with(o)))
	<-polling
	other := w.credential()
	theirs := required(t, w.call(other))
	equal(t, "code", theirs.UserCode, r.UserCode)
	store.refuse(nil, refusal(credentials.Declined))
	must(t, w.box.Approve(r.UserCode))
	w.tickUntil(r)
	must(t, r.Err())
	store.refuse(nil, nil)
	w.tickUntil(theirs)
	must(t, theirs.Err())
	equal(t, "polls", w.polls(), 1)
	must(t, w.call(other))
	equal(t, "device authorizations", w.signIns(), 1)
}

// A sign-out revokes a token that is not in use yet as well.
func TestSignOutRevokesAnApprovedSignIn(t *testing.T) {
	t.Parallel()
	w, _ := killedWhileAsked(t, "mona")
	c := w.credential()
	waiting := w.record(c).Pending.Token.Access.Reveal()
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.service.APIURL+"user", nil)
	must(t, err)
	request.Header.Set("Authorization", "Bearer "+waiting)
	answer, err := http.DefaultClient.Do(request)
	must(t, err)
	answer.Body.Close()
	equal(t, "what the API says to it", answer.StatusCode, http.StatusUnauthorized)
}

// busy takes the lock as another process would.
func (w *world) busy() {
	w.t.Helper()
	lock := flock.New(filepath.Join(w.folder.Path, "github.lock"))
	locked, err := lock.TryLock()
	if err != nil || !locked {
		w.t.Errorf("the lock can't be taken: %v, %v", locked, err)
	}
	w.t.Cleanup(func() { lock.Close() })
}

// The end of the process doesn't wait for another one to let go of the lock.
func TestCloseWhileAnotherProcessIsBusy(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	seen := make(chan struct{})
	c := w.with(options(w, func(o *credentials.Options) {
		o.HTTP = &http.Client{Transport: tokenSeen(func() { w.busy(); close(seen) })}
	}))
	r := required(t, w.call(c))
	must(t, w.box.Approve(r.UserCode))
	w.clock.tick(t)
	wait(t, "the token", seen)
	closed := make(chan struct{})
	go func() {
		c.Close()
		close(closed)
	}()
	wait(t, "Close", closed)
	must(t, w.call(w.credential()))
	equal(t, "device authorizations", w.signIns(), 1)
}

// A token that is good for a little longer serves while another process is busy.
func TestValidTokenWhileAnotherProcessIsBusy(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.shared()
	w.finish(required(t, w.call(w.credential())))
	w.clock.Advance(8*time.Hour - 50*time.Second)
	w.busy()
	must(t, w.call(w.credential()))
	equal(t, "refreshes", w.refreshes(), 0)
}

// asGitHub is an Identify that tells a token that is refused, as GitHub's does.
func asGitHub(ctx context.Context, api *http.Client, address string) (string, error) {
	name, err := login(ctx, api, address)
	if err != nil && strings.Contains(err.Error(), "401") {
		return "", fmt.Errorf("somewhere: %w", credentials.ErrTokenRefused)
	}
	return name, err
}

// A token that has waited in the store for longer than it lives is renewed.
func TestApprovedTokenThatHasExpired(t *testing.T) {
	t.Parallel()
	w, p := expiring(t), &person{}
	w.shared()
	p.is("mona", nil)
	c := w.credential()
	var left *credentials.Record
	w.service.Identify = p.whileAsked(func() { left = w.record(c) })
	w.finish(required(t, w.call(w.credential())))
	must(t, w.store.Write(t.Context(), c.Name(), left))
	w.clock.Advance(9 * time.Hour)
	w.service.Identify = asGitHub
	must(t, w.call(w.credential()))
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "device authorizations", w.signIns(), 1)
}

// Of two tokens that come at once one is kept, and the other is worth nothing.
func TestSecondTokenIsGivenBack(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	w.settings.Scopes = "repo gist"
	other := w.credential()
	w.settings.Scopes = ""
	c := w.with(options(w, func(o *credentials.Options) {
		o.HTTP = &http.Client{Transport: tokenSeen(func() {
			r, err := other.SignIn(context.Background())
			must(t, err)
			w.finish(r)
			must(t, r.Err())
		})}
	}))
	r := required(t, w.call(c))
	w.finish(r)
	must(t, r.Err())
	must(t, w.call(c))
	must(t, w.call(other))
	equal(t, "revocations", w.asked("/login/oauth/revoke", ""), 1)
}

// A person who lets the account change doesn't lose what was approved already.
func TestSwitchAccountKeepsAnApprovedToken(t *testing.T) {
	t.Parallel()
	w, _, _ := owned(t)
	polling, o := w.watched()
	one, two := w.with(o), w.credential()
	code := signInAgain(t, one).UserCode
	<-polling
	equal(t, "code", signInAgain(t, two).UserCode, code)
	left := w.record(one)
	approved := *left.Pending
	approved.Token = left.Token
	left.Pending = &approved
	must(t, w.store.Write(t.Context(), one.Name(), left))
	_, err := two.SwitchAccount(t.Context())
	must(t, err)
	if pending := w.record(one).Pending; pending == nil || pending.Token.Access.IsZero() || !pending.Anyone {
		t.Errorf("what is left: %+v", pending)
	}
}

// Whatever an account is called, it is found again.
func TestAccountsOfAFolder(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	for _, account := range []string{"", "ci.poll", "work"} {
		w.settings.Account = account
		w.finish(required(t, w.call(w.credential())))
	}
	accounts, err := w.folder.Accounts("github")
	must(t, err)
	equal(t, "accounts", fmt.Sprintf("%q", accounts), `["ci.poll" "work" ""]`)
}

// A service that refuses a good token once costs nobody a sign-in.
func TestOneRefusalByMistake(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	c := w.credential()
	w.finish(required(t, w.call(c)))
	refused := false
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		if refused {
			return http.DefaultTransport.RoundTrip(r)
		}
		refused = true
		return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	must(t, w.call(w.credential()))
	equal(t, "refused", refused, true)
	equal(t, "marked", w.record(c).SignInNeeded, false)
}

// A refresh token isn't spent where what it gives can't be kept: not while the
// old token is good, and not by a command that is gone in a moment.
func TestRefreshThatCannotBeStored(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left  time.Duration
		brief bool
		works bool
	}{
		"a good token":    {30 * time.Second, false, true},
		"a brief command": {0, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.shared()
			w.finish(required(t, w.call(w.credential())))
			w.clock.Advance(8*time.Hour - c.left)
			store.refuse(nil, refusal(credentials.Broken))
			process := w.with(options(w, func(o *credentials.Options) { o.SignInElsewhere = c.brief }))
			if err := w.call(process); (err == nil) != c.works || err != nil && !strings.Contains(err.Error(), "can't be stored") {
				t.Errorf("%v", err)
			}
			equal(t, "refreshes", w.refreshes(), 0)
			store.refuse(nil, nil)
			w.clock.Advance(time.Minute)
			must(t, w.call(process))
			equal(t, "refreshes", w.refreshes(), 1)
		})
	}
}
