package main

import (
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
	"github.com/valetkey/valetkey/sandbox"
)

// debugLines are those of a log that are for who looks for a fault.
func debugLines(log string) string {
	var lines []string
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "level=DEBUG") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// TestDebugLog: the log of the program itself says at debug how a token was looked
// for, from the sign-in to the sign-out, and holds no part of one.
func TestDebugLog(t *testing.T) {
	t.Parallel()
	folder := fileStoreFolder(t)
	p := startPracticeWith(t, sandbox.Options{GitHubManners: true, Interval: time.Second, TokenLifetime: 8 * time.Hour},
		"VALET_STORE=file", "VALET_DIR="+folder, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "VALET_LOG=debug")
	s := serve(t, p.env)
	s.initialize()
	s.signIn(p.Sandbox)
	p.RevokeTokens()
	s.call("github_whoami", "{}")
	s.end()
	p.expire(t)
	later := run(t, p.env, "", "call", "github_whoami")
	out := run(t, p.env, "", "logout", "github")
	said := s.stderr.String() + later.stderr + out.stderr
	for _, want := range []string{
		"no variable gives a key", `store="sealed file" found="no entry"`, "a sign-in has begun", "this process polls", "the sign-in is approved", "store written", "the token in memory is fresh",
		"the service refuses the token (401)", "the token of the store is stale", "the lock is taken", "the token is refreshed", "store deleted",
		"path=/login/device/code", "status=401", "path=/api/v3/user", "msg=gate method=GET", "decision=allowed",
		`tool=github_whoami class=read outcome="a sign-in is needed"`, "tool=github_whoami class=read outcome=done",
	} {
		if !strings.Contains(debugLines(said), want) {
			t.Errorf("the log lacks %s:\n%s", want, said)
		}
	}
	if later.code != 0 || out.code != 0 {
		t.Errorf("%+v %+v", later, out)
	}
	p.expectNoSecret(t, said+s.stdout.String()+later.stdout+out.stdout)
	p.expectNoPart(t, debugLines(said))
}

// fileStoreFolder is where sealed files may lie.
func fileStoreFolder(t *testing.T) string {
	t.Helper()
	_, folder := fileStore(t)
	return folder
}

// TestDebugLogOfLockedKeyring: it says that the keyring is locked, and how long that
// took.
func TestDebugLogOfLockedKeyring(t *testing.T) {
	t.Parallel()
	k := startFaultyKeyring(t)
	k.env = with(k.env, "VALET_LOG=debug")
	k.signedIn(t)
	k.Behave(secretservice.Fault{Locked: true})
	s := serve(t, k.env)
	s.initialize()
	s.call("github_whoami", "{}")
	s.end()
	if said := s.stderr.String(); !containsAll(said, []string{"store=keyring found=locked took=", "the keyring is locked"}) {
		t.Errorf("it says\n%s", said)
	}
	k.expectNoPart(t, debugLines(s.stderr.String()))
}
