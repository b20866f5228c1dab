package loopback_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/loopback"
	"github.com/valetkey/valetkey/oauth"
)

// Another process takes the sign-in up when the first is gone: the page that a
// person has open still leads to it.
func TestSavedAuthorizationIsTakenUp(t *testing.T) {
	// Alone: nobody else may take the port in between.
	for _, redirect := range []string{"", "http://localhost"} {
		p := serve(t)
		first := p.flow()
		first.Redirect = redirect
		started := start(t, first)
		restored, err := loopback.Restore(oauth.NewSecret(started.Save().Reveal()))
		if err != nil {
			t.Fatal(err)
		}
		if !restored.State.Equal(started.State) || !restored.Verifier.Equal(started.Verifier) || !restored.Expiry.Equal(started.Expiry) ||
			restored.RedirectURI != started.RedirectURI || restored.AuthorizationURI != started.AuthorizationURI || restored.StartURI != started.StartURI {
			t.Errorf("got %+v, want %+v", restored, started)
		}
		second := p.flow()
		second.Redirect = redirect
		if got := <-wait(t.Context(), second, restored); !errors.Is(got.err, loopback.ErrBusy) {
			t.Errorf("beside the first process: %v", got.err)
		}
		started.Close()
		finish(t, restored, wait(t.Context(), second, restored))
		if restored.Close() != nil {
			t.Error("closing is an error")
		}
	}
}

// The first process has waited already when it ends.
func TestTakenUpAfterAWait(t *testing.T) {
	// Alone: nobody else may take the port in between.
	p := serve(t)
	started := start(t, p.flow())
	ctx, cancel := context.WithCancel(t.Context())
	first := wait(ctx, p.flow(), started)
	visit(callbackTo(started, nil)).is(t, "the first", 400, "stranger")
	restored, err := loopback.Restore(started.Save())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-first
	finish(t, restored, wait(t.Context(), p.flow(), restored))
}

func TestSavedTimesAreAbsolute(t *testing.T) {
	t.Parallel()
	a := start(t, serve(t).flow())
	a.Expiry = time.Date(2026, 3, 1, 13, 15, 0, 0, time.FixedZone("", 3600))
	var got map[string]any
	if err := json.Unmarshal([]byte(a.Save().Reveal()), &got); err != nil || got["expiry"] != "2026-03-01T12:15:00Z" {
		t.Errorf("got %v, %v", got, err)
	}
	if text := a.Save().String(); text != "[redacted]" {
		t.Errorf("printed as %q", text)
	}
	a.Expiry = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if saved := a.Save(); !saved.IsZero() {
		t.Errorf("got %s", saved.Reveal())
	}
}

func TestRestoreChecksWhatItIsGiven(t *testing.T) {
	t.Parallel()
	f := serve(t).flow()
	a := start(t, f)
	good := a.Save().Reveal()
	if _, err := loopback.Restore(oauth.NewSecret(good)); err != nil {
		t.Fatal(err)
	}
	port := mustParse(t, a.RedirectURI).Port()
	for name, text := range map[string]string{
		"nothing":            "",
		"no JSON":            code,
		"a list":             `["` + code + `"]`,
		"null":               "null",
		"half":               good[:len(good)-5],
		"no state":           strings.Replace(good, `"state"`, `"other"`, 1),
		"a short state":      strings.ReplaceAll(good, a.State.Reveal(), "abc"),
		"another state":      strings.Replace(good, a.State.Reveal(), strings.Repeat("A", 26), 1),
		"no verifier":        strings.Replace(good, "code_verifier", "other", 1),
		"a short verifier":   strings.Replace(good, a.Verifier.Reveal(), "abc", 1),
		"a bad verifier":     strings.Replace(good, a.Verifier.Reveal(), "/"+a.Verifier.Reveal()[1:], 1),
		"an ill-typed one":   strings.Replace(good, `"`+a.Verifier.Reveal()+`"`, "17", 1),
		"another machine":    strings.ReplaceAll(good, "127.0.0.1:"+port+"/callback", "192.0.2.1:"+port+"/callback"),
		"no port":            strings.Replace(good, ":"+port+"/callback", "/callback", 1),
		"another port":       strings.Replace(good, ":"+port+"/callback", ":1/callback", 1),
		"another start":      strings.Replace(good, `"start_uri":"http://127.0.0.1:`+port, `"start_uri":"http://evil.example`, 1),
		"a short start":      strings.Replace(good, a.StartURI, "http://127.0.0.1:"+port+"/a", 1),
		"a script to open":   strings.Replace(good, `"authorization_uri":"http:`, `"authorization_uri":"javascript:`, 1),
		"without TLS":        strings.Replace(good, `"authorization_uri":"http://127.0.0.1`, `"authorization_uri":"http://evil.example`, 1),
		"no page":            strings.Replace(good, "authorization_uri", "other", 1),
		"an odd time":        strings.Replace(good, "2026-03", "`"+code, 1),
		"an overlong number": strings.ReplaceAll(good, ":"+port, ":99999999999999999999"),
	} {
		if text == good {
			t.Errorf("%s: nothing is changed", name)
		}
		restored, err := loopback.Restore(oauth.NewSecret(text))
		if restored != nil || err != loopback.ErrSaved {
			t.Errorf("%s: got %+v, %v", name, restored, err)
		}
	}
}
