package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

// laterRecord seals a record of a format that isn't there yet into a folder.
func laterRecord(t *testing.T, folder string) (path string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "identity.age"))
	if err != nil {
		t.Fatal(err)
	}
	passphrase, err := age.NewScryptIdentity(examplePassphrase)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := age.Decrypt(bytes.NewReader(text), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	identities, err := age.ParseIdentities(opened)
	if err != nil {
		t.Fatal(err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, identities[0].(*age.X25519Identity).Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(`{"version":1,"entry":"github","record":{"version":99,"access_token":{"kept":"example"}}}`)); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, "github.age")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, sealed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLaterRecord: what a later valetkey has stored is refused by every command, each
// of which says what to do about it, and none overwrites or deletes it.
func TestLaterRecord(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
	path := laterRecord(t, folder)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	unchanged := func(what string) {
		t.Helper()
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, before) {
			t.Errorf("%s has changed it: %v", what, err)
		}
	}
	want := []string{"a later valetkey wrote it (format 99)", "update this one"}
	for _, c := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"status"}}, {"", []string{"status", "--json"}}, {"", []string{"login"}}, {"", []string{"login", "--again"}}, {"", []string{"login", "--switch"}},
		{p.IssueToken("repo"), []string{"login", "--with-token"}}, {"", []string{"logout"}}, {"", []string{"logout", "--all"}},
		{"", []string{"doctor"}}, {"", []string{"call", "github_whoami"}},
	} {
		got := run(t, env, c.stdin, c.args...)
		if said := got.stdout + got.stderr; got.code != 1 || !containsAll(said, want) || strings.Contains(said, "valetkey logout, then") {
			t.Errorf("%v: want 1 and %q, got %+v", c.args, want, got)
		}
		unchanged(strings.Join(c.args, " "))
	}
	s := serve(t, env)
	s.initialize()
	if text, isError := s.call("github_whoami", "{}"); !isError || !containsAll(text, want) {
		t.Errorf("a server's call: %q", text)
	}
	s.end()
	unchanged("the server")
	if got := p.Requests(); len(got) > 1 {
		t.Errorf("%d requests: somebody was asked to sign in", len(got))
	}
}
