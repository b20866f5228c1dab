package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// TestShortKey: a key of a letter, as people try things out with, damages neither
// an answer nor what valetkey says itself.
func TestShortKey(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme")
	for key, c := range map[string]struct {
		api, want string
		code      int
	}{
		"e":       {a.url, "GET widgets: 200; next: query with {\"cursor\":\"abc\"}\n\n" + `[{"id":1,"name":"one","seen":"Bearer e"}]`, 0},
		"widgets": {a.url, "GET widgets: 200", 0},
		"k":       {"http://127.0.0.1:1", "check the network", 1},
	} {
		got := run(t, with(p.env, "ACME_API_URL="+c.api, "ACME_TOKEN="+key), "", "call", "acme_api", `{"path":"widgets"}`)
		if said := got.stdout + got.stderr; got.code != c.code || !strings.Contains(said, c.want) {
			t.Errorf("%s: want %q, got %+v", key, c.want, got)
		}
	}
}

// TestMisspeltVariables: a slip in a name is told by every command, by doctor, in the
// server's log and to the assistant, and by an error that it has caused.
func TestMisspeltVariables(t *testing.T) {
	t.Parallel()
	const guess = "nothing reads ACME_TOKN; did you mean ACME_TOKEN?"
	a, p := startAcme(t), startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme,github")
	lacking := with(p.env, "ACME_API_URL="+a.url, "ACME_TOKN="+acmeKey)
	complete := with(lacking, "ACME_ISSUER="+p.URL())
	for _, c := range []struct {
		env    []string
		args   []string
		code   int
		stderr bool
		want   string
	}{
		{with(lacking, "ACME_TOKEN_URL="+a.url), []string{"login", "acme"}, 1, true, "acme: to sign in, set ACME_DEVICE_URL (or ACME_AUTHORIZATION_URL) and ACME_CLIENT_ID too; " + guess},
		{lacking, []string{"status", "acme"}, 4, false, "set ACME_TOKEN to an API key, or set ACME_ISSUER to sign in (and ACME_CLIENT_ID, unless the issuer registers clients itself); " + guess},
		{lacking, []string{"doctor"}, 1, false, guess},
		{complete, []string{"status"}, 4, true, "valetkey: " + guess},
		{complete, []string{"call", "github_whoami"}, 4, true, "valetkey: " + guess},
		{complete, []string{"logout", "github"}, 0, true, "valetkey: " + guess},
		{complete, []string{"doctor"}, 1, false, guess},
		{with(p.env, "VALET_SERVICES=github", "VALET_SERVICE=gitlab", "GITHUB_TOKEN="+p.IssueToken("repo")), []string{"status"}, 0, true, "nothing reads VALET_SERVICE; did you mean VALET_SERVICES?"},
		{with(p.env, "VALET_SERVICES=gitlab", "GITLAB_CLIENTID=example"), []string{"call", "gitlab_api", `{"path":"user"}`}, 4, true, "set GITLAB_TOKEN to an API key; nothing reads GITLAB_CLIENTID; did you mean GITLAB_CLIENT_ID?"},
		{with(p.env, "VALET_SERVICES=github", "GITHUB_READ_ONLY=1", "GITHUB_TOKEN="+p.IssueToken("repo")), []string{"status"}, 0, true, "nothing reads GITHUB_READ_ONLY; did you mean VALET_ROLE=read-only?"},
		{with(p.env, "VALET_SERVICES=github", "GITHUB_REPOS=octocat/*"), []string{"doctor"}, 1, false, "nothing reads GITHUB_REPOS; did you mean VALET_REPOS?"},
		{with(p.env, "VALET_SERVICES=github", "GITHUB_API_URL=https://git.acme.example/api/v3"), []string{"status"}, 4, true, "nothing reads GITHUB_API_URL; did you mean GITHUB_HOST?"},
	} {
		got := run(t, c.env, "", c.args...)
		said := got.stdout
		if c.stderr {
			said = got.stderr
		}
		if got.code != c.code || !strings.Contains(said, c.want) || strings.Count(got.stderr, guess) > 1 {
			t.Errorf("%v: want %d and %q, got %+v", c.args, c.code, c.want, got)
		}
	}
	if got := run(t, with(p.env, "VALET_SERVICES=github", "GITHUB_API_URL="+p.URL()+"/api/v3"), "", "status"); got.stderr != "" {
		t.Errorf("an address that is right: %+v", got)
	}
	s := serve(t, with(lacking, "VALET_STROE=file", "ACME_READ_ONLY=true"))
	s.initialize()
	if text, isError := s.call("acme_api", `{"path":"x"}`); !isError || !strings.Contains(text, guess) {
		t.Errorf("the assistant is told %q", text)
	}
	s.end()
	if said := s.stderr.String(); strings.Count(said, "a variable is set that nothing reads") != 1 || !strings.Contains(said, "did you mean VALET_STORE?") ||
		!strings.Contains(said, "nothing reads ACME_READ_ONLY; did you mean VALET_ROLE=read-only?") {
		t.Errorf("the log says %q", said)
	}
}

// TestMisspeltService: whoever mistypes the name of a service that is built in learns
// its name.
func TestMisspeltService(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	const builtIn = "built in: github, gitlab, google, huggingface, microsoft, sentry"
	for _, c := range []struct {
		services, name, want string
		code                 int
	}{
		{"githb", "githb", builtIn + "; did you mean github?", 1},
		{"acme", "acme", builtIn + "\n", 1},
		{"git-hub", "git-hub", builtIn + "; did you mean github?", 1},
		{"github,google", "gogle", `there is no service "gogle"; known: github, google; for others set VALET_SERVICES; did you mean google?`, 2},
		{"github", "gitlb", "did you mean gitlab?", 2},
	} {
		got := run(t, with(p.env, "VALET_SERVICES="+c.services), "", "login", c.name)
		if got.code != c.code || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: want %q, got %+v", c.services, c.want, got)
		}
	}
}

// TestDoctorGoesOn: one service that is misconfigured takes nothing from the checks of
// everything else, also where it is the only one.
func TestDoctorGoesOn(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme")
	got := run(t, p.env, "", "doctor")
	for _, want := range []string{"✗ acme configuration no service of this name", "✓ configuration      makes sense, but for that of a service: see below", "✓ store ", "✓ locks ", "✓ browser "} {
		if got.code != 1 || !strings.Contains(got.stdout, want) {
			t.Errorf("want %q, got %+v", want, got)
		}
	}
	if strings.Contains(got.stdout, "not looked at") || strings.Count(got.stdout, "no service of this name") != 1 {
		t.Errorf("%+v", got)
	}
}

// TestDoctorNamesWhomItAsked: what answers is the API, not the issuer; and no sign-in
// is advised that can't begin.
func TestDoctorNamesWhomItAsked(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_SERVICES=acme", "VALET_STORE=file", "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase))
	api := strings.TrimSuffix(strings.TrimPrefix(a.url, "http://"), "/v1")
	env := with(p.env, "ACME_API_URL="+a.url, "ACME_CLIENT_ID=example", "ACME_ISSUER=http://127.0.0.1:1")
	found := doctor(t, env, 1)
	for check, want := range map[string]string{
		"acme network": api + " answers, reached directly", "acme clock": "within a minute of " + api, "acme sign-in": "not signed in",
	} {
		if said := found[check]["said"]; said != want {
			t.Errorf("%s: %q, want %q", check, said, want)
		}
	}
	if mend := found["acme sign-in"]["mend"]; mend != "mend the endpoints first" {
		t.Errorf("it advises %q", mend)
	}
	status := run(t, env, "", "status")
	if want := "Acme (API at " + api + ", sign-in at 127.0.0.1:1): not signed in"; !strings.Contains(status.stdout, want) {
		t.Errorf("want %q, got %+v", want, status)
	}
	asJSON := run(t, env, "", "status", "--json").stdout
	if !strings.Contains(asJSON, `"host": "127.0.0.1:1"`) || !strings.Contains(asJSON, `"api_host": "`+api+`"`) {
		t.Errorf("%s", asJSON)
	}
	keyed := doctor(t, with(environment(t.TempDir()), "VALET_STORE=memory", "VALET_SERVICES=acme", "ACME_API_URL="+a.url, "ACME_TOKEN="+acmeKey), 0)
	if said := keyed["acme sign-in"]["said"]; said != "token from ACME_TOKEN; not tried: nothing is known at "+api+" that says whose it is" {
		t.Errorf("a key that nobody tries: %q", said)
	}
}

// TestLoginAllOfAMachine: a program with a token of its own needs no sign-in, unless it
// can't have one; what hosts need is said once.
func TestLoginAllOfAMachine(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme")
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("client_secret") != sandbox.ClientSecret {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":"invalid_client"}`)
			return
		}
		fmt.Fprint(w, `{"access_token":"example-token-of-a-program","token_type":"Bearer","expires_in":3600}`)
	}))
	t.Cleanup(issuer.Close)
	env := with(p.env, "ACME_API_URL="+a.url, "ACME_TOKEN_URL="+issuer.URL+"/token", "ACME_GRANT=client_credentials", "ACME_CLIENT_ID="+sandbox.ClientID)
	all := run(t, with(env, "ACME_CLIENT_SECRET="+sandbox.ClientSecret), "", "login", "--all")
	if all.code != 0 || !containsAll(all.stdout, []string{"Acme needs no sign-in: ACME_GRANT=client_credentials gives this program a token of its own.", "Ready: all 1 services: acme."}) {
		t.Errorf("%+v", all)
	}
	refused := run(t, with(env, "ACME_CLIENT_SECRET=wrong-example"), "", "login", "--all")
	if refused.code != 1 || !containsAll(refused.stdout+refused.stderr, []string{"check ACME_CLIENT_ID and ACME_CLIENT_SECRET", "Ready: 0 of 1 services; not: acme."}) {
		t.Errorf("%+v", refused)
	}
	one := run(t, with(env, "ACME_CLIENT_SECRET="+sandbox.ClientSecret), "", "login", "acme")
	if one.code != 1 || !strings.Contains(one.stderr, "nothing to sign in for; unset ACME_GRANT to sign in") {
		t.Errorf("%+v", one)
	}
}

// TestWhatToDo: what goes wrong with a sign-in says which variable mends it, and where
// a client is registered.
func TestWhatToDo(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t, "VALET_SERVICES=acme")
	issuer := strings.TrimPrefix(p.URL(), "http://")
	kept := with(p.env, "VALET_STORE=file", "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "ACME_API_URL="+a.url)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"no registration": {with(kept, "ACME_ISSUER="+p.URL()), "redirect address http://127.0.0.1/callback (" + issuer + ")"},
		"a wrong client":  {with(kept, "ACME_ISSUER="+p.URL(), "ACME_CLIENT_ID=wrong-example"), "check ACME_CLIENT_ID\n"},
		"in memory":       {with(p.env, "VALET_SERVICES=github", "VALET_STORE=memory"), "(VALET_STORE=memory); unset VALET_STORE for the keyring, or set VALET_STORE=file\n"},
		"no secret":       {with(kept, "VALET_SERVICES=github", "GITHUB_FLOW=loopback", "GITHUB_CLIENT_SECRET="), "a browser on this machine needs GITHUB_CLIENT_SECRET at GitHub, and GITHUB_FLOW=loopback allows nothing else"},
	} {
		got := run(t, c.env, "", "login", "--no-browser")
		if got.code == 0 || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: want %q, got %+v", name, c.want, got)
		}
	}
}
