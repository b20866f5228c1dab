package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// statusCase is a credential and what is said of it.
type statusCase struct {
	name     string
	prepare  func(*testing.T, *world) *credentials.Credential
	signedIn bool
	line     string
}

func statusCases() []statusCase {
	const session = "; tokens are kept in memory only, so a sign-in lasts while this process runs (a test)"
	signedOutBecause := func(why string) string {
		return "not signed in; " + why + "; set GITHUB_TOKEN to an API key, or let an assistant's first call ask for a sign-in" + session
	}
	const signedOut = "not signed in; set GITHUB_TOKEN to an API key, or let an assistant's first call ask for a sign-in" + session
	return []statusCase{
		{"key", func(_ *testing.T, w *world) *credentials.Credential {
			w.settings = credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GH_TOKEN"}
			w.store = forbidden{w.t}
			return w.credential()
		}, true, "token from GH_TOKEN"},
		{"nothing", func(_ *testing.T, w *world) *credentials.Credential { return w.credential() }, false, signedOut},
		{"nothing, and a keyring", func(_ *testing.T, w *world) *credentials.Credential { w.faulty(); return w.credential() }, false, "not signed in; run: valetkey login github"},
		{"nothing, and no client", func(_ *testing.T, w *world) *credentials.Credential {
			w.service.ClientID = ""
			return w.credential()
		}, false, "not signed in; set GITHUB_CLIENT_ID to the client id of a GitHub OAuth App with device flow enabled " +
			"(https://github.com/settings/applications/new), or set GITHUB_TOKEN to an API key"},
		{"refreshable", stored(func(*credentials.Record) {}), true, "token kept in memory; scopes repo; renewed by itself, next at 2026-11-02T16:00:06Z" + session},
		{"lasting", stored(func(r *credentials.Record) { r.Token.Refresh, r.Token.Expiry = oauth.Secret{}, time.Time{} }), true,
			"token kept in memory; scopes repo; doesn't expire" + session},
		{"expiring", stored(func(r *credentials.Record) { r.Token.Refresh = oauth.Secret{} }), true,
			"token kept in memory; scopes repo; expires at 2026-11-02T16:00:06Z" + session},
		{"several scopes", stored(func(r *credentials.Record) { r.Token.Scopes = []string{"gist", "repo"} }), true,
			"token kept in memory; scopes gist, repo; renewed by itself, next at 2026-11-02T16:00:06Z" + session},
		{"granted isn't said", stored(func(r *credentials.Record) { r.Token.Scopes = nil }), true,
			"token kept in memory; scopes repo; renewed by itself, next at 2026-11-02T16:00:06Z" + session},
		{"expired and refreshable", stored(func(r *credentials.Record) { r.Token.Expiry = r.SignedIn }), true,
			"token kept in memory; scopes repo; renewed by itself, next at 2026-11-02T08:00:06Z" + session},
		{"expired", stored(func(r *credentials.Record) { r.Token.Expiry, r.Token.Refresh = r.SignedIn, oauth.Secret{} }), false,
			signedOutBecause("the token has expired")},
		{"refresh token expired too", stored(func(r *credentials.Record) { r.Token.Expiry, r.Token.RefreshExpiry = r.SignedIn, r.SignedIn }), false,
			signedOutBecause("the token has expired")},
		{"refused", stored(func(r *credentials.Record) { r.SignInNeeded = true }), false, signedOutBecause("the token was refused")},
		{"for another client", stored(func(r *credentials.Record) { r.ClientID = "another" }), false, signedOutBecause("there is a token, but it is for another client id")},
		{"for fewer scopes", stored(func(r *credentials.Record) { r.Scopes = []string{"gist"} }), false, signedOutBecause("there is a token, but it lacks the scope repo")},
		{"no client id needed", func(t *testing.T, w *world) *credentials.Credential {
			w.signIn(w.credential())
			w.service.ClientID = ""
			return w.credential()
		}, true, "token kept in memory; scopes repo; renewed by itself, next at 2026-11-02T16:00:06Z" + session},
		{"a key file that isn't there", func(_ *testing.T, w *world) *credentials.Credential {
			w.settings = credentials.Settings{TokenFile: "/nowhere/example"}
			return w.credential()
		}, false, "not signed in; GITHUB_TOKEN_FILE gives the key, and it can't be read: no such file or directory; mend that, or unset GITHUB_TOKEN_FILE to sign in"},
		{"a key command that isn't there", func(_ *testing.T, w *world) *credentials.Credential {
			w.settings = credentials.Settings{TokenCommand: "no-such-program-example auth token"}
			return w.credential()
		}, false, "not signed in; GITHUB_TOKEN_COMMAND gives the key, and it can't be read: the program it names is not on the PATH, which hosts may shorten, so write its whole path; mend that, or unset GITHUB_TOKEN_COMMAND to sign in"},
		{"for another host", stored(func(r *credentials.Record) { r.Host = "github.example.com" }), false, signedOutBecause("there is a token, but it is for github.example.com")},
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for _, c := range statusCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			credential := c.prepare(t, w)
			asked := len(w.box.Requests())
			status, err := credential.Status(t.Context())
			must(t, err)
			equal(t, "signed in", status.SignedIn, c.signedIn)
			equal(t, "the line about it", status.Describe(), c.line)
			equal(t, "requests", len(w.box.Requests()), asked)
			equal(t, "something to do about it", status.Mend != "", !c.signedIn)
		})
	}
}

// stored is a credential with a record like that of a sign-in, but changed.
func stored(change func(*credentials.Record)) func(*testing.T, *world) *credentials.Credential {
	return func(t *testing.T, w *world) *credentials.Credential {
		first := w.credential()
		w.signIn(first)
		r := w.record(first)
		change(r)
		must(t, w.store.Write(t.Context(), first.Name(), r))
		return w.credential()
	}
}

func TestStatusJSON(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	status, err := c.Status(t.Context())
	must(t, err)
	text, err := json.Marshal(status)
	must(t, err)
	var got map[string]any
	must(t, json.Unmarshal(text, &got))
	for name, want := range map[string]any{
		"service": "github", "title": "GitHub", "host": w.service.Host, "signed_in": true, "source": "memory", "refreshable": true,
		"account": w.record(c).Account, "expiry": "2026-11-02T16:00:06Z", "store": "memory", "store_outcome": "ready",
	} {
		equal(t, name, got[name], want)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		revoke   func(*world)
		revoked  bool
		wantErr  error
		requests int
	}{
		{"revoked", func(*world) {}, true, nil, 1},
		{"no way to revoke", func(w *world) { w.service.Revoke = nil }, false, credentials.ErrCannotRevoke, 0},
		{"made by another client", func(w *world) { w.settings.ClientID = "somebody-else" }, false, credentials.ErrCannotRevoke, 0},
		{"revoking fails", func(w *world) { w.box.Close() }, false, nil, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			store := w.faulty()
			w.signIn(w.credential())
			c.revoke(w)
			credential := w.credential()
			out, err := credential.SignOut(t.Context())
			must(t, err)
			equal(t, "found", out.Found, true)
			equal(t, "revoked", out.Revoked, c.revoked)
			equal(t, "an error", out.RevokeError != nil, !c.revoked)
			if c.wantErr != nil && !errors.Is(out.RevokeError, c.wantErr) {
				t.Errorf("%v, want %v", out.RevokeError, c.wantErr)
			}
			contains(t, "page", out.SettingsURL, "https://github.com/settings/connections/applications/valetkey-example-client")
			equal(t, "revocations", w.asked("/login/oauth/revoke", ""), c.requests)
			if _, err := store.Read(t.Context(), "github"); !errors.Is(err, credentials.ErrNotFound) {
				t.Errorf("the store still has it: %v", err)
			}
			again, err := credential.SignOut(t.Context())
			must(t, err)
			equal(t, "found again", again, credentials.SignedOut{})
		})
	}
}

// What was signed in to elsewhere is not signed out of by mistake.
func TestSignOutOfAnotherHost(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.signIn(w.credential())
	there := w.service.Host
	w.service.Host = "github.example.com"
	_, err := w.credential().SignOut(t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	contains(t, "the error", err.Error(), there, "GITHUB_HOST")
	w.service.Host = there
	must(t, w.call(w.credential()))
}

// A process without a client id uses, renews and ends what another one has
// signed in to.
func TestWithoutAClientID(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	w.signIn(w.credential())
	w.service.ClientID = ""
	w.clock.Advance(9 * time.Hour)
	c := w.credential()
	must(t, w.call(c))
	equal(t, "refreshes", w.refreshes(), 1)
	equal(t, "client id", w.record(c).ClientID, sandbox.ClientID)
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	if err := w.call(c); !errors.Is(err, credentials.ErrNoClient) {
		t.Errorf("after the sign-out: %v", err)
	}
}

func TestAfterSignOut(t *testing.T) {
	t.Parallel()
	w := expiring(t)
	c := w.credential()
	w.signIn(c)
	calls := w.calls()
	_, err := c.SignOut(t.Context())
	must(t, err)
	required(t, w.call(c))
	equal(t, "calls with the old token", w.calls(), calls)
	pending := required(t, w.call(c))
	_, err = c.SignOut(t.Context())
	must(t, err)
	wait(t, "the end of the sign-in", pending.Done())
	if pending.Err() == nil {
		t.Error("the sign-in has succeeded")
	}
}

// Another process has signed out before: nothing is left to be used.
func TestSignOutOfNothing(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.service.Revoke = nil
	c, other := w.credential(), w.credential()
	w.signIn(other)
	must(t, w.call(c))
	for _, found := range []bool{true, false} {
		out, err := other.SignOut(t.Context())
		must(t, err)
		equal(t, "found", out.Found, found)
	}
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "found", out.Found, false)
	calls := w.calls()
	required(t, w.call(c))
	equal(t, "calls with the old token", w.calls(), calls)
}

// A token that was never stored is signed out as well.
func TestSignOutOfAHeldToken(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	store.refuse(nil, refusal(credentials.Locked))
	w.signIn(c)
	store.refuse(nil, nil)
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "revoked", out.Revoked, true)
	required(t, w.call(c))
	c.Close()
	if _, err := store.Read(t.Context(), "github"); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("it was stored after all: %v", err)
	}
}

// What can't be removed is said to be there.
func TestSignOutThatLeavesTheRecord(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	store := w.faulty()
	c := w.credential()
	w.signIn(c)
	store.refuse(nil, refusal(credentials.Locked))
	out, err := c.SignOut(t.Context())
	equal(t, "outcome", credentials.OutcomeOf(err), credentials.Locked)
	equal(t, "revoked", out.Revoked, true)

	store.refuse(nil, nil)
	forgetful := w.with(options(w, func(o *credentials.Options) { o.Store = keepsAll{store} }))
	if _, err := forgetful.SignOut(t.Context()); err == nil || !strings.Contains(err.Error(), "still in the keyring") {
		t.Errorf("a store that only says it deletes: %v", err)
	}
}

// keepsAll is a store whose Delete does nothing.
type keepsAll struct{ credentials.Store }

func (keepsAll) Delete(context.Context, string) error { return nil }
