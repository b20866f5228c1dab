package main

import (
	"strings"
	"testing"
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
		{lacking, []string{"login", "acme"}, 1, true, "acme: there is no way to a token; set ACME_TOKEN to a key, or ACME_ISSUER to sign in (and ACME_CLIENT_ID, unless the issuer registers clients itself); " + guess},
		{lacking, []string{"doctor"}, 1, false, guess},
		{complete, []string{"status"}, 4, true, "valetkey: " + guess},
		{complete, []string{"call", "github_whoami"}, 4, true, "valetkey: " + guess},
		{complete, []string{"logout", "github"}, 0, true, "valetkey: " + guess},
		{complete, []string{"doctor"}, 1, false, guess},
		{with(p.env, "VALET_SERVICES=github", "VALET_SERVICE=gitlab", "GITHUB_TOKEN="+p.IssueToken("repo")), []string{"status"}, 0, true, "nothing reads VALET_SERVICE; did you mean VALET_SERVICES?"},
		{with(p.env, "VALET_SERVICES=gitlab", "GITLAB_CLIENTID=example"), []string{"call", "gitlab_api", `{"path":"user"}`}, 4, true, "set GITLAB_TOKEN to an API key; nothing reads GITLAB_CLIENTID; did you mean GITLAB_CLIENT_ID?"},
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
	s := serve(t, with(lacking, "VALET_STROE=file"))
	s.initialize()
	if text, isError := s.call("acme_api", `{"path":"x"}`); !isError || !strings.Contains(text, guess) {
		t.Errorf("the assistant is told %q", text)
	}
	s.end()
	if said := s.stderr.String(); strings.Count(said, "a variable is set that nothing reads") != 1 || !strings.Contains(said, "did you mean VALET_STORE?") {
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
