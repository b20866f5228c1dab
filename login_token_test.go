package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestLoginWithToken: a token that stdin gives is kept, tells whose it is, serves
// the next call and status, and is deleted by logout; it is never shown.
func TestLoginWithToken(t *testing.T) {
	t.Parallel()
	p, _ := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "GITHUB_CLIENT_ID=")
	token := p.IssueToken("repo")
	for _, step := range []struct {
		stdin string
		args  []string
		code  int
		want  []string
	}{
		{"", []string{"login", "github"}, 4, []string{"run: valetkey login github --with-token"}},
		{" \t" + token + "\r\n", []string{"login", "github", "--with-token"}, 0, []string{"The key for GitHub is kept as mona-example, in a sealed file in "}},
		{"", []string{"status"}, 0, []string{"GitHub", "as mona-example: key from the sealed file (given by hand)"}},
		{"", []string{"status", "--json"}, 0, []string{`"key": true`, `"account": "mona-example"`, `"source": "sealed file"`}},
		{"", []string{"call", "github_whoami"}, 0, []string{"@mona-example"}},
		{"", []string{"doctor"}, 0, []string{"nobody has to sign in", "key from the sealed file (given by hand) as mona-example"}},
		{"", []string{"login", "github"}, 0, []string{"The key that is kept for GitHub works as mona-example. To give another, run: valetkey login github --with-token"}},
		{p.IssueToken("repo"), []string{"login", "--with-token"}, 0, []string{"It takes the place of the key before, which is valid until you end it at ", "/settings/tokens"}},
		{token, []string{"login", "github", "--with-token", "--account", "work"}, 0, []string{"as mona-example"}},
		{"", []string{"status", "--account", "work"}, 0, []string{"GitHub work", "(given by hand)"}},
		{"", []string{"logout", "github"}, 0, []string{"the token is removed from this machine", "still valid until you revoke it at ", "/settings/tokens"}},
		{"", []string{"call", "github_whoami"}, 4, []string{"--with-token"}},
		{"", []string{"logout", "--account", "work"}, 0, []string{"removed"}},
	} {
		got := run(t, env, step.stdin, step.args...)
		if said := got.stdout + got.stderr; got.code != step.code || !containsAll(said, step.want) {
			t.Errorf("%v: want %d and %q, got %+v", step.args, step.code, step.want, got)
		}
		if strings.Contains(got.stdout+got.stderr, token) {
			t.Errorf("%v shows the token: %+v", step.args, got)
		}
	}
}

// TestLoginWithTokenRefuses: what is no token, is refused by the service, or could
// not be used changes nothing.
func TestLoginWithTokenRefuses(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	usual := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
	const secret = "example-token-of-a-person"
	for name, c := range map[string]struct {
		env   []string
		stdin string
		args  []string
		code  int
		want  string
	}{
		"nothing":           {usual, " \n", nil, 2, "no token on stdin"},
		"two lines":         {usual, secret + "\n" + secret, nil, 2, "more than one line"},
		"a space":           {usual, secret + " x", nil, 1, "no token has"},
		"a control":         {usual, secret + "\x00", nil, 1, "no token has"},
		"a flood":           {usual, strings.Repeat(secret, 64<<10), nil, 2, "more than 65536 bytes"},
		"refused":           {usual, secret, nil, 1, "the token is refused"},
		"in the arguments":  {usual, "", []string{secret}, 2, "name one service, or none"},
		"no sign-in":        {usual, secret, []string{"--qr"}, 2, "--with-token is no sign-in"},
		"all":               {usual, secret, []string{"--all"}, 2, "--with-token is no sign-in"},
		"a variable":        {with(usual, "GH_TOKEN=example"), secret, nil, 1, "unset GH_TOKEN"},
		"memory":            {with(usual, "VALET_STORE=memory"), secret, nil, 1, "would be lost"},
		"the wrong pass":    {with(usual, "VALET_PASSPHRASE_FILE="+passphraseFile(t, "wrong")), secret, nil, 1, "passphrase"},
		"no such service":   {usual, secret, []string{"--account", "a", "nosuch"}, 2, "name one service, or none"},
		"a bad account":     {usual, secret, []string{"--account", "a/b"}, 2, "--account"},
		"a service to pick": {with(usual, "VALET_SERVICES=github,gitlab"), secret, nil, 1, "the token is refused"},
	} {
		got := run(t, c.env, c.stdin, append([]string{"login", "github", "--with-token"}, c.args...)...)
		if said := got.stdout + got.stderr; got.code != c.code || !strings.Contains(said, c.want) || strings.Contains(said, secret) {
			t.Errorf("%s: want %d and %q, got %+v", name, c.code, c.want, got)
		}
	}
	if kept, err := filepath.Glob(filepath.Join(folder, "*.age")); err != nil || len(kept) != 1 {
		t.Errorf("%q, %v, want nothing but the identity", kept, err)
	}
}

// TestLoginWithTokenOfACustomService: the address of an API and a key that is kept
// are all that it takes, and the key goes where its variables say.
func TestLoginWithTokenOfACustomService(t *testing.T) {
	t.Parallel()
	p, _ := fileStore(t)
	a := startAcme(t)
	env := with(p.env, "VALET_SERVICES=acme", "ACME_API_URL="+a.url, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
	if got := run(t, env, acmeKey+"\n", "login", "--with-token"); got.code != 0 || !containsAll(got.stdout, []string{
		"The key for Acme is kept, in a sealed file", "It was not tried: nothing is known at ", "ACME_API_URL=" + a.url,
	}) || strings.Contains(got.stdout+got.stderr, acmeKey) {
		t.Errorf("%+v", got)
	}
	if got := run(t, env, "", "call", "acme_api", `{"path":"widgets"}`); got.code != 0 {
		t.Errorf("%+v", got)
	}
}
