package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials/testdata/secretservice"
	"github.com/valetkey/valetkey/sandbox"
)

// threeServices is GitHub, acme that signs in at the same place, and one with a
// key; tokens are kept in sealed files.
func threeServices(t *testing.T) practice {
	t.Helper()
	p, _ := fileStore(t)
	a := startAcme(t)
	p.env = with(p.env, "VALET_SERVICES=github,acme,keyed", "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase),
		"KEYED_API_URL="+a.url, "KEYED_TOKEN="+acmeKey)
	p.env = with(p.env, acmeAt(p, a)...)
	return p
}

// acmeAt describes acme, which signs people in where GitHub does.
func acmeAt(p practice, a *acme) []string {
	return []string{
		"ACME_API_URL=" + a.url, "ACME_CLIENT_ID=" + sandbox.ClientID, "ACME_SCOPES=gist",
		"ACME_DEVICE_URL=" + p.URL() + "/login/device/code", "ACME_TOKEN_URL=" + p.URL() + "/login/oauth/access_token", "ACME_REVOCATION_URL=" + p.URL() + "/login/oauth/revoke",
	}
}

// approves waits for the code that is shown after others, and approves it.
func (s *terminal) approves(p practice, others int) {
	s.t.Helper()
	var codes []string
	eventually(s.t, "a code", func() bool {
		codes = slices.Compact(userCode.FindAllString(s.screen(), -1))
		return len(codes) > others
	})
	if err := sandbox.ApproveInPage(s.t.Context(), p.URL()+"/login/device", codes[others]); err != nil {
		s.t.Fatal(err)
	}
}

// expects waits for the end of a command and for what it has said by then.
func (s *terminal) expects(code int, said ...string) {
	s.t.Helper()
	if got := s.code(); got != code {
		s.t.Errorf("exit code %d, want %d: %q", got, code, s.screen())
	}
	for _, text := range said {
		s.sees(text)
	}
}

// TestLoginAll: every service is signed in to in turn, but for those with a token
// or a key that works; one that can't be doesn't hold up the others.
func TestLoginAll(t *testing.T) {
	t.Parallel()
	p := threeServices(t)
	login := atTerminal(t, with(p.env, "VALET_SERVICES=gitlab,github,keyed,acme"), "login", "--all")
	login.approves(p, 0)
	login.sees("Signed in to GitHub as mona-example")
	login.approves(p, 1)
	login.expects(1, "Signed in to Acme", "Hosts find them with the same in their env:", "Keyed needs no sign-in: KEYED_TOKEN gives the key.", "set GITLAB_CLIENT_ID", "Ready: 3 of 4 services; not: gitlab.")
	if n := strings.Count(login.screen(), "VALET_SERVICES="); n != 1 {
		t.Errorf("what hosts need is said %d times", n)
	}
	codes := p.asked(deviceCodePath)
	got := run(t, p.env, "", "login", "--all")
	if got.code != 0 || !containsAll(got.stdout, []string{"Already signed in to GitHub as mona-example", "Already signed in to Acme", "Ready: all 3 services: github, acme, keyed."}) {
		t.Errorf("%+v", got)
	}
	if p.asked(deviceCodePath) != codes {
		t.Error("a code was asked for although everything works")
	}
	again := atTerminal(t, p.env, "login", "--all", "--again")
	again.approves(p, 0)
	again.approves(p, 1)
	again.expects(0, "Keyed needs no sign-in", "Ready: all 3 services")
	p.SetAccount("eve-example")
	change := atTerminal(t, p.env, "login", "--all", "--switch")
	change.approves(p, 0)
	change.sees("Signed in to GitHub as eve-example")
	change.types("\x03")
	change.expects(1, "valetkey: stopped")
	if strings.Contains(change.screen(), "Ready") {
		t.Errorf("it goes on after Ctrl-C: %q", change.screen())
	}
	for _, args := range [][]string{{"login", "--all", "github"}, {"login", "--all", "--account", "work"}} {
		if got := run(t, p.env, "", args...); got.code != 2 || !strings.Contains(got.stderr, "--all is for every service of VALET_SERVICES") {
			t.Errorf("%q: %+v", args, got)
		}
	}
	wrong := run(t, with(p.env, "VALET_SERVICES=github,keyed", "GITHUB_TOKEN=wrong-example"), "", "login", "--all")
	if wrong.code != 1 || !containsAll(wrong.stdout+wrong.stderr, []string{"trying the key from GITHUB_TOKEN went wrong", "Ready: 1 of 2 services; not: github."}) {
		t.Errorf("a key that is refused: %+v", wrong)
	}
}

// TestPickOne: login without a name shows the services and how they are, and takes
// a number, a name or Enter; nothing else.
func TestPickOne(t *testing.T) {
	t.Parallel()
	p := threeServices(t)
	login := atTerminal(t, p.env, "login")
	login.sees("Which service?\r\n  1  GitHub (github)  not signed in\r\n  2  Acme (acme)      not signed in\r\n  3  Keyed (keyed)    key from KEYED_TOKEN\r\nNumber or name (Enter: github, q stops): ")
	login.types("4\nnothing\n\n")
	login.sees("That is none of them; type a number from 1 to 3, or a name.")
	login.approves(p, 0)
	login.expects(0, "Signed in to GitHub as mona-example")
	if n := strings.Count(login.screen(), "That is none of them"); n != 2 {
		t.Errorf("%d answers were refused, want 2", n)
	}
	second := atTerminal(t, with(p.env, "VALET_SERVICES=keyed,github,acme,a-b"), "login")
	second.sees("1  Keyed (keyed)    key from KEYED_TOKEN")
	second.sees("2  GitHub (github)  signed in as mona-example")
	second.sees("3  Acme (acme)      not signed in")
	second.sees(`4  "a-b" (a-b)      misconfigured: VALET_SERVICES: "a-b" can't be the name`)
	second.sees("(Enter: acme, q stops): ")
	second.types("4\n2\n")
	second.sees(`"a-b" is misconfigured: VALET_SERVICES: "a-b" can't be the name`)
	second.expects(0, "Already signed in to GitHub as mona-example.")
	for typed, said := range map[string]string{
		"GitHub\n": "Already signed in to GitHub", "keyed\n\x04": "Keyed needs no sign-in: KEYED_TOKEN gives the key; unset KEYED_TOKEN to sign in; choose another, or type q.", "q\n": "valetkey: stopped", "\x03": "valetkey: stopped",
		"\x04": "valetkey: the input has ended before an answer", "0\n\x04": "That is none of them",
	} {
		picking := atTerminal(t, p.env, "login")
		picking.sees("q stops): ")
		picking.types(typed)
		want := 1
		if typed == "GitHub\n" {
			want = 0
		}
		picking.expects(want, said)
	}
	if codes := p.asked(deviceCodePath); codes != 1 {
		t.Errorf("%d codes were asked for, want 1", codes)
	}
	one := atTerminal(t, with(p.env, "VALET_SERVICES=github"), "login")
	one.expects(0, "Already signed in to GitHub")
}

// TestPickToLogout: logout shows those with a token only, and Enter alone does
// nothing.
func TestPickToLogout(t *testing.T) {
	t.Parallel()
	p := threeServices(t)
	none := atTerminal(t, p.env, "logout")
	none.expects(0, "There is no token to remove of any service.")
	login := atTerminal(t, p.env, "login", "acme")
	login.approves(p, 0)
	login.expects(0)
	logout := atTerminal(t, p.env, "logout")
	logout.sees("Which service?\r\n  1  Acme (acme)  signed in\r\nNumber or name (q stops): ")
	logout.types("\n")
	logout.sees("That is none of them")
	logout.types("1\n")
	logout.expects(0, "Acme: signed out; the token is revoked and removed.")
}

// TestPickAsksForNoPassword: the list comes before the question for a passphrase
// or the prompt of a keyring.
func TestPickAsksForNoPassword(t *testing.T) {
	t.Parallel()
	p := threeServices(t)
	login := atTerminal(t, p.env, "login", "github")
	login.approves(p, 0)
	login.expects(0)
	asked := slices.DeleteFunc(slices.Clone(p.env), func(pair string) bool { return strings.HasPrefix(pair, "VALET_PASSPHRASE_FILE=") })
	files := atTerminal(t, asked, "login")
	files.sees("1  GitHub (github)  not known: the file store is locked")
	files.sees("(Enter: acme, q stops): ")
	if strings.Contains(files.screen(), "Passphrase of") {
		t.Errorf("it asks before it is known what for: %q", files.screen())
	}
	files.types("1\n")
	files.sees("Passphrase of")
	files.typesUnseen(examplePassphrase + "\n")
	files.expects(0, "Already signed in to GitHub")
}

// TestPickAsksNoKeyring: a locked keyring is asked once, for the service that is
// picked.
func TestPickAsksNoKeyring(t *testing.T) {
	t.Parallel()
	k := startFaultyKeyring(t)
	k.signedIn(t)
	k.Behave(secretservice.Fault{Locked: true, Prompt: secretservice.Dismissed})
	login := atTerminal(t, with(k.env, "VALET_SERVICES=github,gitlab,sentry"), "login")
	login.sees("1  GitHub (github)  not known: the keyring is locked")
	login.sees("2  GitLab (gitlab)  not known: the keyring is locked")
	login.sees("q stops): ")
	if shown, _ := k.Prompts(); shown != 0 {
		t.Errorf("%d prompts for a list", shown)
	}
	login.types("github\n")
	login.expects(1, "the keyring is declined")
	if shown, _ := k.Prompts(); shown != 1 {
		t.Errorf("%d prompts, want 1", shown)
	}
}

// TestLogoutOfWhatIsNoLongerChosen: the tokens of services that VALET_SERVICES
// doesn't name any more go as well: revoked if their variables still say where,
// else removed, with the place to revoke them at.
func TestLogoutOfWhatIsNoLongerChosen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		described bool
		want      string
		revoked   int
	}{
		"described": {true, "Acme (work): signed out; the token is revoked and removed.", 1},
		"forgotten": {false, "It is still valid until you revoke it at 127.0.0.1:", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, folder := fileStore(t)
			p.env = with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
			described := with(p.env, acmeAt(p, startAcme(t))...)
			login := atTerminal(t, with(described, "VALET_SERVICES=acme"), "login", "--account", "work")
			login.approves(p, 0)
			login.expects(0)
			// What was once looked for and isn't there is nothing to speak of.
			if err := errors.Join(os.WriteFile(filepath.Join(folder, "gitlab.lock"), nil, 0o600), os.WriteFile(filepath.Join(folder, "other.lock"), nil, 0o600)); err != nil {
				t.Fatal(err)
			}
			env := p.env
			if c.described {
				env = described
			}
			for _, want := range []string{c.want, "GitHub: there was no token to remove.\n"} {
				got := run(t, env, "", "logout", "--all")
				if got.code != 0 || !strings.Contains(got.stdout, want) || strings.Contains(got.stdout+got.stderr, "itlab") || strings.Contains(got.stdout+got.stderr, "ther:") {
					t.Errorf("want %q: %+v", want, got)
				}
			}
			if p.asked("/login/oauth/revoke") != c.revoked {
				t.Errorf("revoked %d times, want %d", p.asked("/login/oauth/revoke"), c.revoked)
			}
			if kept, err := filepath.Glob(filepath.Join(folder, "acme*.age")); err != nil || len(kept) > 0 {
				t.Errorf("still there: %q, %v", kept, err)
			}
		})
	}
}

// TestCompletion: services, and the accounts there are locks of.
func TestCompletion(t *testing.T) {
	t.Parallel()
	p := threeServices(t)
	for _, args := range [][]string{{"login", "github", "--account", "work"}, {"login", "acme", "--account", "play"}, {"login", "github"}} {
		login := atTerminal(t, p.env, args...)
		login.approves(p, 0)
		login.expects(0)
	}
	const services = "github\nacme\nkeyed\n:4\n"
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"login", ""}, services},
		{[]string{"logout", ""}, services},
		{[]string{"status", ""}, services},
		{[]string{"status", "--account", ""}, "play\nwork\n:4\n"},
		{[]string{"status", "github", "--account", ""}, "work\n:4\n"},
		{[]string{"call", "github_whoami", "--account", ""}, "play\nwork\n:4\n"},
	} {
		if got := run(t, p.env, "", append([]string{"__complete"}, c.args...)...); got.stdout != c.want {
			t.Errorf("%q: %q", c.args, got.stdout)
		}
	}
}
