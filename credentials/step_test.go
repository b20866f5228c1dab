package credentials_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
)

// situation is a way to a token, and what the log has to say of it at debug.
type situation struct {
	name string
	play func(t *testing.T) *world
	said []string
}

func situations() []situation {
	return []situation{
		{"a variable", keyGivenBy(func(_ *testing.T, s *credentials.Settings) {
			s.Token, s.KeyVariable = oauth.NewSecret(exampleKey), "GH_TOKEN"
		}), []string{"a variable holds the key", "variable=GH_TOKEN", "the token in memory is fresh"}},
		{"a file", keyGivenBy(func(t *testing.T, s *credentials.Settings) {
			s.TokenFile = filepath.Join(t.TempDir(), "token")
			must(t, os.WriteFile(s.TokenFile, []byte(exampleKey), 0o600))
		}), []string{"the key is read", "variable=GITHUB_TOKEN_FILE", "from=file", "took="}},
		{"a command that isn't there", keyGivenBy(func(_ *testing.T, s *credentials.Settings) {
			s.TokenCommand = "no-such-" + exampleKey
		}), []string{"the key can't be read", "variable=GITHUB_TOKEN_COMMAND", "from=command", "because="}},
		{"a sign-in", firstSignIn, []string{
			"no variable gives a key", `"credential: store read"`, `found="no entry"`, "a sign-in is needed", "a sign-in has begun", "flow=device",
			"this process polls", "the pause before the next poll is over", "the sign-in is approved", "store written", "the token in memory is fresh",
		}},
		{"a sign-in that another process has begun", joinedSignIn, []string{"the sign-in of another process is adopted", "\"polls here\"=false", "another process polls"}},
		{"a stale token", staleToken, []string{
			"the token of the store is stale", "the lock is taken", "shared=true", "the token is to be refreshed", "the token is refreshed", "found=\"an entry\"", "entry.renewable=true",
		}},
		{"a refresh that is refused", refusedRefresh, []string{"the token is not refreshed, so the store is read again", "because=\"the server answered bad_refresh_token\"", "a sign-in is needed"}},
		{"an answer that is lost", lostRefresh, []string{"the answer to the refresh was lost"}},
		{"a token that the service refuses", revokedToken, []string{"the service refuses the token (401)", "the token is to be refreshed", "the token is refreshed"}},
		{"a scope that is missing", missingScope, []string{"the service wants a further scope (403)", "scopes=\"[gist read:org]\"", "a sign-in has begun"}},
		{"a store that is locked", lockedStore, []string{"store read", "found=locked", "the keyring is locked", "took="}},
		{"a command that starts no sign-in", elsewhere, []string{"\"it may begin here\"=false"}},
		{"a sign-out", signedOut, []string{"signing out: the token is revoked", "store deleted"}},
	}
}

// TestEveryStepIsInTheLog: whoever reads the log at debug sees where a token came
// from or why there is none, and nothing that signs anybody in.
func TestEveryStepIsInTheLog(t *testing.T) {
	t.Parallel()
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := s.play(t)
			log := w.log.String()
			contains(t, "the log", log, append(s.said, "service=github account=work")...)
			for _, part := range w.secretParts() {
				if strings.Contains(strings.ToLower(log), strings.ToLower(part)) {
					t.Errorf("%d bytes of a secret are in the log", len(part))
				}
			}
		})
	}
}

// secretParts are all secrets that the server was sent or has given out, and halves
// of those long enough to be recognised.
func (w *world) secretParts() []string {
	all := append([]string{exampleKey, sandbox.ClientSecret}, w.codes...)
	for _, r := range w.box.Requests() {
		for _, field := range []string{"device_code", "refresh_token", "token", "code", "code_verifier", "state"} {
			all = append(all, r.Form.Get(field))
		}
		all = append(all, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	for _, entry := range []string{"github", "github/work"} {
		if r, err := w.store.Read(w.t.Context(), entry); err == nil {
			all = append(all, r.Token.Access.Reveal(), r.Token.Refresh.Reveal())
		}
	}
	var parts []string
	for _, secret := range all {
		if secret != "" {
			parts = append(parts, secret)
		}
		if half := len(secret) / 2; half >= 8 {
			parts = append(parts, secret[:half], secret[half:])
		}
	}
	return parts
}

func situationAt(w *world) *world {
	w.settings.Account, w.settings.ClientSecret = "work", oauth.NewSecret(sandbox.ClientSecret)
	return w
}

// ask calls, and remembers a code that a person is shown.
func (w *world) ask(c *credentials.Credential) *credentials.SignInRequired {
	w.t.Helper()
	r := required(w.t, w.call(c))
	w.codes = append(w.codes, r.UserCode)
	return r
}

func keyGivenBy(give func(*testing.T, *credentials.Settings)) func(*testing.T) *world {
	return func(t *testing.T) *world {
		w := situationAt(lasting(t))
		give(t, &w.settings)
		c := w.credential()
		// The server refuses the key, if it gets that far.
		_ = w.call(c)
		_ = w.call(c)
		return w
	}
}

func firstSignIn(t *testing.T) *world {
	w := situationAt(expiring(t))
	c := w.credential()
	w.approve(w.ask(c))
	must(t, w.call(c))
	return w
}

func joinedSignIn(t *testing.T) *world {
	w := situationAt(lasting(t))
	w.shared()
	one, two := w.credential(), w.credential()
	first := w.ask(one)
	second := w.ask(two)
	must(t, w.box.Approve(first.UserCode))
	w.tickUntil(second)
	return w
}

// sharedSignIn is somebody who is signed in, with a token that expires.
func sharedSignIn(t *testing.T) (*world, *credentials.Credential) {
	w := situationAt(expiring(t))
	w.shared()
	c := w.credential()
	w.finish(w.ask(c))
	must(t, w.call(c))
	return w, c
}

func staleToken(t *testing.T) *world {
	w, c := sharedSignIn(t)
	w.clock.Advance(8 * time.Hour)
	must(t, w.call(c))
	return w
}

func refusedRefresh(t *testing.T) *world {
	w, c := sharedSignIn(t)
	w.box.RevokeGrants()
	w.clock.Advance(8 * time.Hour)
	w.ask(c)
	return w
}

func lostRefresh(t *testing.T) *world {
	w, c := sharedSignIn(t)
	w.clock.Advance(8 * time.Hour)
	w.box.FailToken(sandbox.Fault{Lost: true})
	w.ask(c)
	return w
}

func revokedToken(t *testing.T) *world {
	w, c := sharedSignIn(t)
	w.box.RevokeTokens()
	must(t, w.call(c))
	return w
}

func missingScope(t *testing.T) *world {
	w := situationAt(forbidding(t, insufficient))
	c := w.credential()
	w.finish(w.ask(c))
	_, err := w.gists(c)
	w.codes = append(w.codes, required(t, err).UserCode)
	return w
}

func lockedStore(t *testing.T) *world {
	w := situationAt(lasting(t))
	w.faulty().refuse(refusal(credentials.Locked), nil)
	if err := w.call(w.credential()); credentials.OutcomeOf(err) != credentials.Locked {
		t.Errorf("%v", err)
	}
	w.store = &credentials.Memory{}
	return w
}

func elsewhere(t *testing.T) *world {
	w := situationAt(lasting(t))
	w.shared()
	w.ask(w.credential())
	o := w.options()
	o.SignInElsewhere = true
	if err := w.call(w.with(o)); err == nil {
		t.Error("there is a token")
	}
	return w
}

func signedOut(t *testing.T) *world {
	w, c := sharedSignIn(t)
	_, err := c.SignOut(t.Context())
	must(t, err)
	return w
}

// TestStepsCostNothing: a token in memory is found without an allocation more than
// before where nobody reads the log at debug.
func TestStepsCostNothing(t *testing.T) {
	w := lasting(t)
	w.settings.Token, w.settings.KeyVariable = oauth.NewSecret(exampleKey), "GITHUB_TOKEN"
	answer := roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})
	allocated := func(log *slog.Logger) float64 {
		o := w.options()
		o.Log, o.Transport = log, answer
		client := w.with(o).Client()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.service.APIURL+"user", nil)
		must(t, err)
		return testing.AllocsPerRun(100, func() {
			response, err := client.Transport.RoundTrip(request)
			must(t, err)
			response.Body.Close()
		})
	}
	silent := allocated(slog.New(slog.NewTextHandler(w.log, nil)))
	equal(t, "what is written", w.log.String(), "")
	if spoken := allocated(slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))); w.log.String() == "" {
		t.Errorf("nothing is written at debug (%v allocations), so this proves nothing", spoken)
	}
	const before = 22
	if silent > before {
		t.Errorf("%v allocations, want %d", silent, before)
	}
}
