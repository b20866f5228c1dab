package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// step is a command, how it ends and what it says.
type step struct {
	args []string
	code int
	want []string
}

// steps runs commands one after the other. None shows the client secret.
func steps(t *testing.T, env []string, all []step) {
	t.Helper()
	for _, s := range all {
		got := run(t, env, "", s.args...)
		for _, variable := range env {
			if secret, found := strings.CutPrefix(variable, "ACME_CLIENT_SECRET="); found && strings.Contains(got.stdout+got.stderr, secret) {
				t.Errorf("%v shows the client secret", s.args)
			}
		}
		for _, want := range s.want {
			if got.code != s.code || !strings.Contains(got.stdout+got.stderr, want) {
				t.Fatalf("%v: code %d, want %d and %q\n%s%s", s.args, got.code, s.code, want, got.stdout, got.stderr)
			}
		}
	}
}

// TestProgramOfACustomService: each command knows that a program needs nobody to
// sign in.
func TestProgramOfACustomService(t *testing.T) {
	t.Parallel()
	var given atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			fmt.Fprintf(w, `{"access_token":"example-acme-token-%d","expires_in":3600}`, given.Add(1))
		}
	}))
	t.Cleanup(server.Close)
	a := startAcme(t)
	p, _ := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "VALET_SERVICES=acme", "ACME_API_URL="+a.url, "ACME_GRANT=client_credentials",
		"ACME_TOKEN_URL="+server.URL+"/token", "ACME_REVOCATION_URL="+server.URL+"/revoke", "ACME_CLIENT_ID=example", "ACME_CLIENT_SECRET=example-acme-secret")
	call := step{[]string{"call", "acme_api", `{"path":"widgets"}`}, 0, []string{"GET widgets: 200"}}
	steps(t, env, []step{
		{[]string{"status"}, 0, []string{"Acme (", "for this program itself, by its client secret; the first call asks for a token"}},
		call, call,
		{[]string{"status"}, 0, []string{"for this program itself, by its client secret; token from the sealed file; renewed by itself, next at "}},
		{[]string{"doctor"}, 0, []string{"tokens from " + server.URL + "/token, by the client secret", "✓ acme sign-in"}},
		{[]string{"login"}, 1, []string{"ACME_GRANT=client_credentials", "nothing to sign in for"}},
		{[]string{"login", "--again"}, 1, []string{"nothing to sign in for"}},
		{[]string{"logout"}, 0, []string{"Acme: signed out; the token is revoked and removed.\nThe next call asks for a new one with the client secret; unset ACME_GRANT to end that."}},
		call,
	})
	steps(t, with(env, "VALET_STORE=memory"), []step{call,
		{[]string{"login"}, 1, []string{"nothing to sign in for"}},
		{[]string{"status"}, 0, []string{"the first call asks for a token"}},
	})
	if n := given.Load(); n != 3 {
		t.Errorf("%d tokens were asked for, want 3", n)
	}
}
