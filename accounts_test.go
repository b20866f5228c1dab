//go:build linux

package main

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestSecondAccount: two accounts of one service are kept apart, in whichever
// way the second one is named, and one command signs out of both.
func TestSecondAccount(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	p := startPractice(t, k.env()...)
	approve := func(_ int, line string) error {
		return sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", userCode.FindString(line))
	}
	for _, args := range []string{"login", "login --account work"} {
		if got := runUntil(t, p.env, strings.Fields(args), "enter code", approve); got.code != 0 {
			t.Fatalf("%s: %+v", args, got)
		}
	}
	for _, name := range []string{"github", "github/work"} {
		if k.search(map[string]string{"service": "valetkey", "username": name}) != 1 {
			t.Errorf("no entry %s among %d", name, k.entries())
		}
	}
	work := with(p.env, "GITHUB_ACCOUNT=work")
	if got := run(t, work, "", "status"); got.code != 0 || !strings.Contains(got.stdout, "GitHub work (") || !strings.Contains(got.stdout, "token from the keyring") {
		t.Errorf("%+v", got)
	}
	if got := run(t, p.env, "", "status", "--account", "play"); got.code != 4 || !strings.Contains(got.stdout, "login github --account play") {
		t.Errorf("an account nobody has signed in to: %+v", got)
	}
	if got := run(t, p.env, "", "call", "github_whoami", "--account", "a/b"); got.code == 0 || !strings.Contains(got.stderr, "account") {
		t.Errorf("a name that is none: %+v", got)
	}
	if got := run(t, p.env, "", "logout", "--all", "github"); got.code != 2 || k.entries() != 2 {
		t.Errorf("--all with a service: %+v", got)
	}
	got := run(t, p.env, "", "logout", "--all")
	if got.code != 0 || strings.Count(got.stdout, "revoked and removed") != 2 || !strings.Contains(got.stdout, "GitHub (work)") {
		t.Errorf("%+v", got)
	}
	if k.entries() != 0 {
		t.Errorf("%d entries are left", k.entries())
	}
}

// TestSwitch: somebody else's approval is refused until the person says that
// the account changes.
func TestSwitch(t *testing.T) {
	t.Parallel()
	k := startKeyring(t)
	p := startPractice(t, k.env()...)
	approve := func(_ int, line string) error {
		return sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", userCode.FindString(line))
	}
	if got := runUntil(t, p.env, []string{"login"}, "enter code", approve); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	p.SetAccount("eve-example")
	got := runUntil(t, p.env, []string{"login", "--again"}, "enter code", approve)
	if got.code != 1 || !strings.Contains(got.stderr, "eve-example") || !strings.Contains(got.stderr, "login github --switch") {
		t.Errorf("%+v", got)
	}
	if status := p.status(t); status.Account != "mona-example" {
		t.Errorf("%+v", status)
	}
	if got := runUntil(t, p.env, []string{"login", "--switch"}, "enter code", approve); got.code != 0 || !strings.Contains(got.stdout, "as eve-example") {
		t.Errorf("%+v", got)
	}
	if status := p.status(t); status.Account != "eve-example" {
		t.Errorf("%+v", status)
	}
}
