package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/tools/rest"
)

// brought is a world without a client, to which a key was brought.
func brought(t *testing.T) (*world, *credentials.Credential, string) {
	t.Helper()
	w := lasting(t)
	w.shared()
	w.service.ClientID, w.service.Identify = "", rest.Identify("user", "login")
	key := w.box.IssueToken("repo")
	c := w.credential()
	brought, err := c.Bring(t.Context(), oauth.NewSecret(key+"\n"))
	must(t, err)
	equal(t, "account", brought.Account, "mona-example")
	equal(t, "unverified", brought.Unverified, nil)
	equal(t, "replaced", brought.Replaced+brought.ReplacedAt, "")
	return w, c, key
}

// A key that was given serves every process, whatever client id is set, until a
// variable gives another.
func TestBroughtKeyIsUsed(t *testing.T) {
	t.Parallel()
	w, c, key := brought(t)
	must(t, w.call(c))
	for _, change := range []func(*world){
		func(*world) {},
		func(w *world) { w.service.ClientID = sandbox.ClientID },
		func(w *world) { w.service.ClientID, w.service.Scopes = "another", []string{"repo", "gist"} },
		func(w *world) { w.settings.Audience = "https://api.acme.example/" },
	} {
		other := *w
		change(&other)
		other.credential()
		must(t, other.call(other.credential()))
		equal(t, "the token sent", w.sent(), key)
	}
	w.settings = credentials.Settings{Token: oauth.NewSecret(exampleKey), KeyVariable: "GITHUB_TOKEN"}
	_ = w.call(w.credential())
	equal(t, "the token sent with a variable set", w.sent(), exampleKey)
	equal(t, "sign-ins", w.signIns()+w.refreshes(), 0)
}

// What the keyring has for a key says so, in a format that older programs refuse.
func TestBroughtKeyStatus(t *testing.T) {
	t.Parallel()
	w, c, _ := brought(t)
	status, err := c.Status(t.Context())
	must(t, err)
	equal(t, "signed in", status.SignedIn, true)
	equal(t, "line", status.DescribeAs(status.Account), "key from the keyring (given by hand) as "+"mona-example")
	text, err := json.Marshal(status)
	must(t, err)
	contains(t, "JSON", string(text), `"key":true`, `"account":"`+"mona-example"+`"`, `"source":"keyring"`)
	equal(t, "kind", w.record(c).Grant, "key")
}

// A key for one API goes to no other, and not where another issuer signs in.
func TestBroughtKeyIsBound(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world){
		"host":           func(w *world) { w.service.Host = "github.example" },
		"path":           func(w *world) { w.service.APIURL += "other/" },
		"token endpoint": func(w *world) { w.service.Endpoint.TokenURL += "/other" },
		"a program":      func(w *world) { w.settings.Grant = "client_credentials" },
	} {
		w, _, key := brought(t)
		change(w)
		if err := w.call(w.credential()); err == nil || w.sent() == key && w.calls() > 1 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := w.credential().SignOut(t.Context()); name != "a program" && err == nil {
			t.Errorf("%s: signed out of it", name)
		}
	}
}

// The key goes where the service wants keys, at first and after a 401, and what a
// sign-in gives does not.
func TestBroughtKeyHeader(t *testing.T) {
	t.Parallel()
	w, refuse := lasting(t), true
	w.shared()
	w.service.KeyHeader, w.service.KeyScheme, w.service.Identify = "X-API-Key", "Key", nil
	var seen []string
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header.Get("X-API-Key")+"|"+r.Header.Get("Authorization"))
		answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}
		if refuse {
			refuse, answer.StatusCode = false, http.StatusUnauthorized
		}
		return answer, nil
	})
	c := w.credential()
	brought, err := c.Bring(t.Context(), oauth.NewSecret(exampleKey))
	must(t, err)
	if brought.Unverified == nil {
		t.Error("nobody can say whose it is, and nothing says so")
	}
	response, err := c.Client().Get(w.service.APIURL + "user")
	must(t, err)
	response.Body.Close()
	equal(t, "what was sent", fmt.Sprint(seen), fmt.Sprint([]string{"Key " + exampleKey + "|", "Key " + exampleKey + "|"}))
}

// TestRereadKeyHeader: a key from a command that was read again goes there too.
func TestRereadKeyHeader(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	file := keyFile(t, "example-old-key")
	w.service.KeyHeader, w.store, w.settings.TokenFile = "X-API-Key", forbidden{t}, file
	var seen []string
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header.Get("X-API-Key")+"|"+r.Header.Get("Authorization"))
		overwrite(t, file, "example-new-key")
		status := http.StatusUnauthorized
		if len(seen) > 1 {
			status = http.StatusOK
		}
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	response, err := w.credential().Client().Get(w.service.APIURL + "user")
	must(t, err)
	response.Body.Close()
	equal(t, "what was sent", fmt.Sprint(seen), "[example-old-key| example-new-key|]")
}

// A key that the service has revoked asks for another one, or for a sign-in where
// there can be one, and is neither tried again nor deleted.
func TestRevokedBroughtKey(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]string{"no client": "", "a client": sandbox.ClientID} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, key := brought(t)
			w.service.ClientID = client
			c := w.credential()
			w.box.RevokeTokens()
			for range 3 {
				err := w.call(c)
				if client != "" {
					required(t, err)
					continue
				}
				if !errors.Is(err, credentials.ErrNotSignedIn) {
					t.Fatalf("%v", err)
				}
				contains(t, "the error", err.Error(), "the key that was given is refused; run: valetkey login github --with-token")
			}
			equal(t, "calls: one for whose it is, two refused", w.calls(), 3)
			equal(t, "the key is there", w.record(c).Token.Access.Reveal(), key)
			status, err := c.Status(t.Context())
			must(t, err)
			contains(t, "status", status.Describe(), "not signed in; the key that was given is refused; run: valetkey login github")
			equal(t, "a key is asked for", strings.HasSuffix(status.Mend, "--with-token"), client == "")
			again, err := c.Bring(t.Context(), oauth.NewSecret(w.box.IssueToken("repo")))
			must(t, err)
			equal(t, "replaced", again.Replaced, "the key before")
			must(t, w.call(c))
		})
	}
}

// A 403 to a key is the answer: no sign-in would give the key more scopes.
func TestBroughtKeyIsNotSteppedUp(t *testing.T) {
	t.Parallel()
	w, _, _ := brought(t)
	w.service.ClientID = sandbox.ClientID
	w.service.MissingScopes = func(*http.Response) []string { return []string{"gist"} }
	w.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	response, err := w.credential().Client().Get(w.service.APIURL + "user")
	must(t, err)
	response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusForbidden)
	equal(t, "sign-ins", w.signIns(), 0)
}

// What is no token, is refused, or can't be kept changes nothing.
func TestBringRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, want string
		change      func(*world)
	}{
		"nothing":     {" \n", "nothing in it", nil},
		"two words":   {"example key", "no token has", nil},
		"a newline":   {"example\nkey", "no token has", nil},
		"quotes":      {`"example"`, "no token has", nil},
		"not ASCII":   {"exämple", "no token has", nil},
		"too long":    {strings.Repeat("e", 64<<10+1), "65536 bytes", nil},
		"refused":     {"example-refused", "the token is refused", nil},
		"a variable":  {"example", "unset GH_TOKEN", func(w *world) { w.settings.Token, w.settings.KeyVariable = oauth.NewSecret("x"), "GH_TOKEN" }},
		"a program":   {"example", "GITHUB_GRANT", func(w *world) { w.settings.Grant = "client_credentials" }},
		"memory":      {"example", "would be lost", func(w *world) { w.store = &credentials.Memory{Reason: "a test"} }},
		"no keyring":  {"example", "a test says so", func(w *world) { w.faulty().refuse(refusal(credentials.Locked), nil) }},
		"a full disk": {"", "a test says so", func(w *world) { w.faulty().refuse(nil, refusal(credentials.Broken)) }},
	} {
		w, p := lasting(t), &person{}
		w.shared()
		w.service.Identify = rest.Identify("user", "login")
		if c.change != nil {
			c.change(w)
		}
		if c.token == "" {
			c.token, w.service.Identify = "example", p.identify
		}
		credential := w.credential()
		_, err := credential.Bring(t.Context(), oauth.NewSecret(c.token))
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		contains(t, name, err.Error(), c.want)
		if strings.Contains(err.Error(), c.token) && len(c.token) > len(`"example"`) {
			t.Errorf("%s: the error shows the token: %v", name, err)
		}
		if f, ok := w.store.(*faulty); ok {
			f.refuse(nil, nil)
			equal(t, name+": changes", f.changes(), 0)
		}
		if err := w.call(credential); w.sent() == c.token && name != "refused" {
			t.Errorf("%s: the token is used: %v", name, err)
		}
	}
}

// TestBroughtKeyIsLookedFor: nobody is told that a key is kept which isn't.
func TestBroughtKeyIsLookedFor(t *testing.T) {
	t.Parallel()
	w, _, _ := brought(t)
	w.store = forgetful{w.store}
	_, err := w.credential().Bring(t.Context(), oauth.NewSecret(w.box.IssueToken("repo")))
	if err == nil || !strings.Contains(err.Error(), "not in the keyring after it was stored") {
		t.Errorf("%v", err)
	}
}

// forgetful is a store that takes everything and keeps nothing.
type forgetful struct{ credentials.Store }

func (forgetful) Write(context.Context, string, *credentials.Record) error { return nil }

// One that can't be asked about is kept, and asked about later.
func TestBroughtKeyUnverified(t *testing.T) {
	t.Parallel()
	w, p := lasting(t), &person{}
	w.shared()
	w.service.Identify = p.identify
	p.is("", errors.New("no network"))
	c := w.credential()
	brought, err := c.Bring(t.Context(), oauth.NewSecret(w.box.IssueToken("repo")))
	must(t, err)
	contains(t, "unverified", fmt.Sprint(brought.Unverified), "no network")
	p.is("mona", nil)
	must(t, w.call(w.credential()))
	equal(t, "account", w.record(c).Account, "mona")
	equal(t, "kind", w.record(c).Grant, "key")
}

// A key takes the place of a sign-in's token of the same account, and a sign-in
// that of a key. Another account's does so only if a person says so.
func TestBroughtKeyAndSignIn(t *testing.T) {
	t.Parallel()
	w, p, c := owned(t)
	key := oauth.NewSecret(w.box.IssueToken("repo"))
	p.is("eve", nil)
	_, err := c.Bring(t.Context(), key)
	if !errors.Is(err, credentials.ErrOtherAccount) {
		t.Fatalf("%v", err)
	}
	contains(t, "the error", err.Error(), "eve", "mona", "--switch", "GITHUB_ACCOUNT")
	p.is("", errors.New("no network"))
	if _, err := c.Bring(t.Context(), key); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Errorf("nobody knows whose it is: %v", err)
	}
	equal(t, "kind", w.record(c).Grant, "")
	p.is("Mona", nil)
	w.clock.Advance(-time.Hour)
	brought, err := c.Bring(t.Context(), key)
	must(t, err)
	equal(t, "replaced", brought.Replaced, "the token of the sign-in before")
	contains(t, "where", brought.ReplacedAt, "https://github.com/settings/connections/applications/")
	must(t, w.call(c))
	equal(t, "the token sent", w.sent(), key.Reveal())

	p.is("eve", nil)
	brought, err = c.BringAnyones(t.Context(), oauth.NewSecret(w.box.IssueToken("repo")))
	must(t, err)
	equal(t, "account", brought.Account, "eve")
	p.is("mona", nil)
	refused := signInAgain(t, c)
	w.finish(refused)
	if !errors.Is(refused.Err(), credentials.ErrOtherAccount) {
		t.Errorf("%v", refused.Err())
	}
	equal(t, "kind", w.record(c).Grant, "key")
	p.is("eve", nil)
	r := signInAgain(t, c)
	w.finish(r)
	must(t, r.Err())
	equal(t, "kind after a sign-in", w.record(c).Grant, "")
}

// A key ends a sign-in that waits, in whichever process, as if it had succeeded.
func TestBroughtKeyEndsASignIn(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.shared()
	server := w.credential()
	waiting := required(t, w.call(server))
	key := w.box.IssueToken("repo")
	_, err := w.credential().Bring(t.Context(), oauth.NewSecret(key))
	must(t, err)
	w.tickUntil(waiting)
	must(t, waiting.Err())
	must(t, w.call(server))
	equal(t, "the token sent", w.sent(), key)
	equal(t, "pending", w.record(server).Pending, nil)
	equal(t, "sign-ins", w.signIns(), 1)
}

// Signing out deletes the key, and names the page where a person ends it.
func TestSignOutOfABroughtKey(t *testing.T) {
	t.Parallel()
	w, _, _ := brought(t)
	w.service.KeysURL = "https://github.com/settings/tokens"
	c := w.credential()
	out, err := c.SignOut(t.Context())
	must(t, err)
	equal(t, "found", out.Found, true)
	equal(t, "revoked", out.Revoked, false)
	equal(t, "can't be revoked", errors.Is(out.RevokeError, credentials.ErrCannotRevoke), true)
	equal(t, "page", out.SettingsURL, w.service.KeysURL)
	equal(t, "revocations", w.asked("/login/oauth/revoke", ""), 0)
	if _, err := w.store.Read(context.Background(), c.Name()); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// What a key has taken the place of stays away: no server brings it back.
func TestBroughtKeyStays(t *testing.T) {
	t.Parallel()
	w, p, server := owned(t)
	p.is("mona", nil)
	key := w.box.IssueToken("repo")
	_, err := w.credential().Bring(t.Context(), oauth.NewSecret(key))
	must(t, err)
	w.clock.Advance(time.Minute)
	must(t, w.call(server))
	equal(t, "the token sent", w.sent(), key)
	server.Close()
	equal(t, "the key is there", w.record(server).Token.Access.Reveal(), key)
}
