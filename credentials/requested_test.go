package credentials_test

import (
	"slices"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
)

// A record made for other scopes, another client or another host doesn't
// serve, and stays until the new sign-in has succeeded.
func TestRecordMadeForSomethingElse(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*credentials.Record){
		"fewer scopes":   func(r *credentials.Record) { r.Scopes = nil },
		"another client": func(r *credentials.Record) { r.ClientID = "somebody-else" },
		"another host":   func(r *credentials.Record) { r.Host = "github.example.com" },
		"refused":        func(r *credentials.Record) { r.SignInNeeded = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := expiring(t)
			c := w.credential()
			w.signIn(c)
			old := w.record(c)
			change(old)
			must(t, w.store.Write(t.Context(), c.Name(), old))
			next := w.credential()
			r := required(t, w.call(next))
			equal(t, "the old record stays", w.record(next).Token.Access.Equal(old.Token.Access), true)
			w.clock.Advance(time.Minute)
			w.approve(r)
			equal(t, "the old record is replaced", w.record(next).Token.Access.Equal(old.Token.Access), false)
			must(t, w.call(next))
		})
	}
}

func TestRecordWithMoreScopesServes(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings.Scopes = "repo,gist,read:org"
	w.signIn(w.credential())
	w.settings.Scopes = "gist"
	c := w.credential()
	must(t, w.call(c))
	if !slices.Equal(w.record(c).Scopes, []string{"gist", "read:org", "repo"}) {
		t.Errorf("%q", w.record(c).Scopes)
	}
}
