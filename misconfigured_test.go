package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// oneOfThree is an environment with a GitHub that works, and two services that
// can't: one that isn't described and one that can't have its name.
func oneOfThree(t *testing.T) (p practice, env []string) {
	t.Helper()
	p = startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=acme,github,a-b")
	return p, with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
}

const (
	notDescribed = "no service of this name is built in; to describe one, set ACME_API_URL"
	notAName     = `VALET_SERVICES: "a-b" can't be the name of a service`
)

// TestMisconfiguredService: one service that is described wrongly takes nothing
// from the others, whichever command it is, and says what is wrong.
func TestMisconfiguredService(t *testing.T) {
	t.Parallel()
	p, env := oneOfThree(t)
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"status"}, 1, []string{"Acme: misconfigured: " + notDescribed, "GitHub (127.0.0.1:", "token from GITHUB_TOKEN", `"a-b": misconfigured: ` + notAName}},
		{[]string{"status", "github"}, 0, []string{"token from GITHUB_TOKEN"}},
		{[]string{"status", "acme"}, 1, []string{"Acme: misconfigured: " + notDescribed}},
		{[]string{"login", "acme"}, 1, []string{"acme: " + notDescribed}},
		{[]string{"login", "a-b"}, 1, []string{notAName}},
		{[]string{"login", "github"}, 1, []string{"GITHUB_TOKEN gives the key"}},
		{[]string{"login"}, 2, []string{"name a service: github; run: valetkey login NAME, or: valetkey login --all"}},
		{[]string{"login", "--all"}, 1, []string{"GitHub needs no sign-in: GITHUB_TOKEN gives the key as mona-example.", "acme: " + notDescribed, notAName, "Ready: 1 of 3 services; not: acme, a-b."}},
		{[]string{"logout"}, 2, []string{"name a service: github; run: valetkey logout NAME, or: valetkey logout --all"}},
		{[]string{"logout", "github"}, 0, []string{"GitHub: there was no token to remove."}},
		{[]string{"logout", "acme"}, 1, []string{notDescribed}},
		{[]string{"logout", "--all"}, 1, []string{"GitHub: there was no token to remove.", "acme: " + notDescribed}},
		{[]string{"call", "github_whoami"}, 0, []string{"@mona-example"}},
		{[]string{"call", "acme_api", `{"path":"x"}`}, 1, []string{notDescribed}},
		{[]string{"doctor"}, 1, []string{"✗ acme configuration " + notDescribed, "✓ github sign-in", "✗ a-b configuration  " + notAName, "✓ configuration      makes sense, but"}},
		{[]string{"__complete", "call", "acme"}, 0, []string{"acme_api\n"}},
		{[]string{"__complete", "call", "github_who"}, 0, []string{"github_whoami\n"}},
	} {
		got := run(t, env, "", c.args...)
		for _, want := range c.want {
			if got.code != c.code || !strings.Contains(got.stdout+got.stderr, want) {
				t.Errorf("%v: code %d, want %d and %q\n%s%s", c.args, got.code, c.code, want, got.stdout, got.stderr)
			}
		}
	}
	signedOut := run(t, with(p.env, "VALET_SERVICES=acme,github"), "", "status")
	if signedOut.code != 1 || !strings.Contains(signedOut.stdout, "not signed in") {
		t.Errorf("a service that is misconfigured is more than one that isn't signed in to: %+v", signedOut)
	}
	var all []map[string]any
	if err := json.Unmarshal([]byte(run(t, env, "", "status", "--json").stdout), &all); err != nil || len(all) != 3 {
		t.Fatalf("%v: %v", err, all)
	}
	if all[0]["service"] != "acme" || all[0]["misconfigured"] != true || !strings.Contains(all[0]["reason"].(string), notDescribed) ||
		all[1]["signed_in"] != true || all[1]["misconfigured"] != nil || all[2]["service"] != "a-b" {
		t.Errorf("%v", all)
	}
}

// TestServeWithMisconfiguredService: its tools explain, and the others work.
func TestServeWithMisconfiguredService(t *testing.T) {
	t.Parallel()
	_, env := oneOfThree(t)
	for variable, want := range map[string]string{
		"": notDescribed, "ACME_API_URL=ftp://x": "ACME_API_URL can't be used", "ACME_TOOLSETS=nothing": notDescribed, "VALET_TOOLS=acme_api,github_whoami": notDescribed,
	} {
		s := serve(t, with(env, strings.Fields(variable)...))
		s.initialize()
		if text, isError := s.call("acme_api", `{"path":"x"}`); !isError || !strings.Contains(text, want) {
			t.Errorf("%s: acme_api: %q", variable, text)
		}
		if text, isError := s.call("github_whoami", `{}`); isError || !strings.HasPrefix(text, "@mona-example") {
			t.Errorf("%s: github_whoami: %q", variable, text)
		}
		s.end()
		if said := s.stderr.String(); !strings.Contains(said, "a service is misconfigured") || !strings.Contains(said, "a-b") {
			t.Errorf("%s: it says %q", variable, said)
		}
	}
}

// TestToolsetsOfOneService: a wrong list of one service's toolsets is its own
// fault, and one for all services is everybody's.
func TestToolsetsOfOneService(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory", "VALET_SERVICES=github,gitlab")
	env := with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"))
	for variable, works := range map[string]bool{"GITLAB_TOOLSETS=nothing": true, "VALET_TOOLSETS=nothing": false, "VALET_TOOLS=nothing": false} {
		name, _, _ := strings.Cut(variable, "=")
		got := run(t, with(env, variable), "", "call", "github_whoami")
		if (got.code == 0) != works || !works && !strings.Contains(got.stderr, name+": ") {
			t.Errorf("%s: %+v", variable, got)
		}
	}
	if got := run(t, with(env, "GITLAB_TOOLSETS=nothing"), "", "status"); got.code != 1 || !strings.Contains(got.stdout, "GitLab: misconfigured: GITLAB_TOOLSETS: there is no toolset") {
		t.Errorf("%+v", got)
	}
}
