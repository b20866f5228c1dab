package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
)

const examplePassphrase = "an example of a passphrase"

// fileStore is a practice GitHub, and tokens kept in sealed files. The identity
// is there already, and its passphrase costs next to nothing.
func fileStore(t *testing.T) (p practice, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "sealed")
	if err := errors.Join(os.Mkdir(folder, 0o700), makeIdentity(filepath.Join(folder, "identity.age"))); err != nil {
		t.Fatal(err)
	}
	return startPractice(t, "VALET_STORE=file", "VALET_DIR="+folder), folder
}

// makeIdentity makes one as age-keygen and age -p would.
func makeIdentity(path string) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	to, err := age.NewScryptRecipient(examplePassphrase)
	if err != nil {
		return err
	}
	to.SetWorkFactor(1)
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, identity)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	return os.WriteFile(path, sealed.Bytes(), 0o600)
}

func passphraseFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// expectSealed looks for secrets in all files of a folder.
func (p practice) expectSealed(t *testing.T, folder string, want int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.age"))
	if err != nil || len(files) != want {
		t.Fatalf("%q, %v, want %d files", files, err, want)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p.expectNoSecret(t, string(content))
		if strings.Contains(string(content), "AGE-SECRET-KEY") || strings.Contains(string(content), examplePassphrase) {
			t.Errorf("%s holds a secret in the clear", file)
		}
	}
}

// TestFileStore: a sign-in outlives the server, the other commands find it, and
// the wrong passphrase finds nothing and asks for no sign-in.
func TestFileStore(t *testing.T) {
	t.Parallel()
	p, folder := fileStore(t)
	right := "VALET_PASSPHRASE_FILE=" + passphraseFile(t, examplePassphrase)
	s := serve(t, with(p.env, right))
	s.initialize()
	s.signIn(p.Sandbox)
	s.end()
	p.expectSealed(t, folder, 2)
	s = serve(t, with(p.env, right))
	s.initialize()
	if text, isError := s.call("github_whoami", "{}"); isError || !strings.Contains(text, "@mona-example") || !strings.Contains(text, "sealed file") {
		t.Errorf("after the restart: %q", text)
	}
	s.end()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "pass"), []byte(examplePassphrase), 0o600); err != nil {
		t.Fatal(err)
	}
	inHome := with(p.env, "HOME="+home, "USERPROFILE="+home, "VALET_PASSPHRASE_FILE=~/pass")
	if got := run(t, inHome, "", "status"); got.code != 0 {
		t.Errorf("a passphrase in the home directory: %+v", got)
	}
	for name, c := range map[string]struct {
		variable string
		args     []string
		code     int
		said     string
	}{
		"status":                 {right, []string{"status"}, 0, "token from the sealed file"},
		"status, none":           {"X=", []string{"status"}, 1, "VALET_PASSPHRASE_COMMAND"},
		"call, wrong passphrase": {"VALET_PASSPHRASE_FILE=" + passphraseFile(t, "wrong"), []string{"call", "github_whoami"}, 1, "doesn't open"},
		"login, no passphrase":   {"X=", []string{"login"}, 1, "the file store is locked"},
		"logout, no passphrase":  {"X=", []string{"logout"}, 1, "the file store is locked"},
	} {
		got := run(t, with(p.env, c.variable), "", c.args...)
		if got.code != c.code || !strings.Contains(got.stdout+got.stderr, c.said) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes were asked for, want 1", codes)
	}
	if got := run(t, with(p.env, right), "", "logout"); got.code != 0 || !strings.Contains(got.stdout, "revoked") {
		t.Errorf("logout: %+v", got)
	}
	p.expectSealed(t, folder, 1)
}

// TestStatusOfTheFileStore: whoever is signed out and has given no passphrase
// hears that it takes one, and nothing is made by asking.
func TestStatusOfTheFileStore(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "sealed")
	p := startPractice(t, "VALET_STORE=file", "VALET_DIR="+folder)
	for name, c := range map[string]struct {
		variable string
		needs    bool
	}{
		"none":    {"X=", true},
		"a file":  {"VALET_PASSPHRASE_FILE=" + passphraseFile(t, examplePassphrase), false},
		"a blank": {"VALET_PASSPHRASE_FILE=${unset}", true},
	} {
		got := run(t, with(p.env, c.variable), "", "status")
		if got.code != 4 || !strings.Contains(got.stdout, "run: valetkey login github") {
			t.Errorf("%s: %+v", name, got)
		}
		if needs := strings.Contains(got.stdout, "needs its passphrase") && strings.Contains(got.stdout, "set VALET_PASSPHRASE_FILE or VALET_PASSPHRASE_COMMAND"); needs != c.needs {
			t.Errorf("%s: says that it needs a passphrase: %t, want %t: %+v", name, needs, c.needs, got)
		}
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
}

// TestFileStoreWithoutAPassphrase: a host that gives none gets no code to show,
// for the token would be lost.
func TestFileStoreWithoutAPassphrase(t *testing.T) {
	t.Parallel()
	p, _ := fileStore(t)
	s := serve(t, p.env)
	s.initialize()
	text, isError := s.call("github_whoami", "{}")
	if !isError || !strings.Contains(text, "VALET_PASSPHRASE_FILE") || userCode.MatchString(text) {
		t.Errorf("%q", text)
	}
	s.end()
	if asked := p.Requests(); len(asked) != 0 {
		t.Errorf("%d requests were made", len(asked))
	}
}
