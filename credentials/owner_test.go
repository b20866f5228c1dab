package credentials_test

import (
	"context"
	"errors"
	"net/http"
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

// An account that can't be asked at once is asked later, before its token is
// used by the next process.
func TestOtherAccountIsFoundLater(t *testing.T) {
	t.Parallel()
	w, p, c := owned(t)
	p.is("", errors.New("no network"))
	r := signInAgain(t, c)
	w.finish(r)
	must(t, r.Err())
	must(t, w.call(c))
	equal(t, "account", w.record(c).Account, "")
	p.is("eve", nil)
	err := w.call(w.credential())
	if !errors.Is(err, credentials.ErrOtherAccount) {
		t.Fatalf("%v", err)
	}
	w.clock.Advance(time.Minute)
	again := required(t, w.call(c))
	p.is("mona", nil)
	w.finish(again)
	must(t, again.Err())
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
