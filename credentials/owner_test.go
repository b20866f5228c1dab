package credentials_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// person is who approves from now on, as the API will say.
type person struct {
	mu   sync.Mutex
	name string
	err  error
}

func (p *person) is(name string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name, p.err = name, err
}

func (p *person) identify(context.Context, *http.Client, string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.name, p.err
}

// owned is a world whose credential mona has signed in to.
func owned(t *testing.T) (*world, *person, *credentials.Credential) {
	t.Helper()
	w, p := lasting(t), &person{}
	w.shared()
	w.service.Identify = p.identify
	p.is("mona", nil)
	c := w.credential()
	r := required(t, w.call(c))
	w.finish(r)
	must(t, r.Err())
	equal(t, "account", w.record(c).Account, "mona")
	return w, p, c
}

// finish approves a sign-in and waits for its end, which may be a refusal.
func (w *world) finish(r *credentials.SignInRequired) {
	w.t.Helper()
	must(w.t, w.box.Approve(r.UserCode))
	w.tickUntil(r)
}

func signInAgain(t *testing.T, c *credentials.Credential) *credentials.SignInRequired {
	t.Helper()
	r, err := c.SignIn(t.Context())
	must(t, err)
	return r
}

// Somebody else's approval changes nothing: the token that was there serves on,
// and theirs is revoked.
func TestOtherAccountIsRefused(t *testing.T) {
	t.Parallel()
	w, p, c := owned(t)
	before := w.record(c)
	p.is("eve", nil)
	r := signInAgain(t, c)
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Fatalf("%v", r.Err())
	}
	contains(t, "the error", r.Err().Error(), "eve", "mona", "valetkey login github --switch", "GITHUB_ACCOUNT")
	after := w.record(c)
	equal(t, "the token is the one before", after.Token.Access.Equal(before.Token.Access), true)
	equal(t, "account", after.Account, "mona")
	must(t, w.call(c))
	equal(t, "the token sent", w.sent(), before.Token.Access.Reveal())
	equal(t, "revocations", w.asked("/login/oauth/revoke", ""), 1)
	must(t, w.call(w.credential()))
}

// Where the token before was no good any more, a sign-in is still needed.
func TestOtherAccountAfterARevokedToken(t *testing.T) {
	t.Parallel()
	w, p, c := owned(t)
	w.box.RevokeTokens()
	p.is("eve", nil)
	r := required(t, w.call(c))
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Fatalf("%v", r.Err())
	}
	again := required(t, w.call(c))
	p.is("MONA", nil)
	w.finish(again)
	must(t, again.Err())
	must(t, w.call(c))
	equal(t, "account", w.record(c).Account, "MONA")
}

// A person may say that the credential changes hands, also to the process that
// has begun the sign-in.
func TestSwitchAccount(t *testing.T) {
	t.Parallel()
	w, p, c := owned(t)
	p.is("eve", nil)
	begun := signInAgain(t, c)
	other := w.credential()
	r, err := other.SwitchAccount(t.Context())
	must(t, err)
	equal(t, "code", r.UserCode, begun.UserCode)
	w.finish(begun)
	must(t, begun.Err())
	w.tickUntil(r)
	must(t, r.Err())
	equal(t, "account", w.record(c).Account, "eve")
	p.is("mona", nil)
	r = signInAgain(t, c)
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Errorf("the switch holds for longer than one sign-in: %v", r.Err())
	}
}

// A token of whom can't be asked at once isn't used before it can, and the one
// before serves on.
func TestAccountIsFoundLater(t *testing.T) {
	t.Parallel()
	for who, isNew := range map[string]bool{"eve": false, "mona": true} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			w, p, c := owned(t)
			old := w.record(c).Token.Access
			p.is("", errors.New("no network"))
			r := signInAgain(t, c)
			w.finish(r)
			if r.Err() == nil || !strings.Contains(r.Err().Error(), "isn't used before that is known") {
				t.Fatalf("%v", r.Err())
			}
			must(t, w.call(c))
			equal(t, "the token sent", w.sent(), old.Reveal())
			must(t, w.call(w.credential()))
			equal(t, "the token another process sends", w.sent(), old.Reveal())
			p.is(who, nil)
			w.clock.Advance(time.Minute)
			must(t, w.call(c))
			equal(t, "the new token is sent", w.sent() != old.Reveal(), isNew)
			equal(t, "account", w.record(c).Account, "mona")
			equal(t, "pending", w.record(c).Pending, nil)
			equal(t, "device authorizations", w.signIns(), 2)
		})
	}
}

// The first account that can be asked is the owner.
func TestFirstAccountIsFoundLater(t *testing.T) {
	t.Parallel()
	w, p := lasting(t), &person{}
	w.shared()
	w.service.Identify = p.identify
	p.is("", errors.New("no network"))
	c := w.credential()
	first := required(t, w.call(c))
	w.finish(first)
	must(t, first.Err())
	p.is("mona", nil)
	must(t, w.call(w.credential()))
	equal(t, "account", w.record(c).Account, "mona")
	p.is("eve", nil)
	r := signInAgain(t, c)
	w.finish(r)
	if !errors.Is(r.Err(), credentials.ErrOtherAccount) {
		t.Errorf("%v", r.Err())
	}
}

// Another account elsewhere is another matter.
func TestAccountOfAnotherHost(t *testing.T) {
	t.Parallel()
	w, p, _ := owned(t)
	w.service.Host = "github.example"
	p.is("eve", nil)
	c := w.credential()
	r := required(t, w.call(c))
	w.finish(r)
	must(t, r.Err())
	equal(t, "account", w.record(c).Account, "eve")
}
