package credentials_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

func TestAccountIsNoted(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	name, err := login(t.Context(), c.Client(), w.service.APIURL)
	must(t, err)
	if name == "" {
		t.Fatal("the API gives no name")
	}
	equal(t, "account", w.record(c).Account, name)
	before := w.record(c).Token.Access
	w.clock.Advance(9 * time.Hour)
	must(t, w.call(c))
	equal(t, "refreshed", w.record(c).Token.Access.Equal(before), false)
	equal(t, "account after a refresh", w.record(c).Account, name)
}

// Not to know the name is no reason to lose the token.
func TestAccountThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for name, identify := range map[string]func(context.Context, *http.Client, string) (string, error){
		"error": func(context.Context, *http.Client, string) (string, error) { return "", errors.New("no such thing") },
		"none":  nil,
	} {
		w := lasting(t)
		w.service.Identify = identify
		c := w.credential()
		w.signIn(c)
		must(t, w.call(c))
		equal(t, name+": account", w.record(c).Account, "")
	}
}

// A token that lives less than a minute is used as it is to ask for its owner.
func TestAccountOfAShortLivedToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sandbox.Options{TokenLifetime: 30 * time.Second})
	c := w.credential()
	w.signIn(c)
	equal(t, "refreshes", w.refreshes(), 0)
	if kept := w.record(c); kept.Account == "" {
		t.Errorf("the record is %+v", kept)
	}
	must(t, w.call(c))
}

// A token that is refused while its owner is asked for asks nobody to sign in
// until a call needs it.
func TestAccountOfATokenThatIsRefused(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.Identify = func(ctx context.Context, api *http.Client, apiURL string) (string, error) {
		w.box.RevokeTokens()
		if _, err := login(ctx, api, apiURL); err == nil {
			t.Error("a revoked token is accepted")
		}
		return "octocat", nil
	}
	c := w.credential()
	w.signIn(c)
	equal(t, "sign-ins begun", w.signIns(), 1)
	required(t, w.call(c))
	equal(t, "sign-ins begun by the next call", w.signIns(), 2)
	equal(t, "marked", w.record(c).SignInNeeded, true)
}

// A service that refuses what it has just issued has signed nobody in.
func TestServiceThatRefusesItsOwnToken(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.Identify = func(context.Context, *http.Client, string) (string, error) {
		return "", fmt.Errorf("somewhere: %w", credentials.ErrTokenRefused)
	}
	c := w.credential()
	r := required(t, w.call(c))
	must(t, w.box.Approve(r.UserCode))
	w.clock.tick(t)
	wait(t, "the end of the sign-in", r.Done())
	if !errors.Is(r.Err(), credentials.ErrTokenRefused) {
		t.Errorf("%v", r.Err())
	}
	contains(t, "the error", r.Err().Error(), w.service.Host, "has issued a token and refuses it")
}
