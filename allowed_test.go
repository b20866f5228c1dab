package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestWrongPolicy: what can't be understood opens nothing: every call says what is
// wrong, and what is right.
func TestWrongPolicy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ variable, want string }{
		"role":            {"VALET_ROLE=root", `VALET_ROLE: "root" is not a role; write one of read-only, user, developer, admin`},
		"role of one":     {"GITHUB_ROLE=root", `GITHUB_ROLE: "root" is not a role; write one of read-only, user, developer, admin`},
		"scope":           {"VALET_GRANT=github:issues", `VALET_GRANT: "github:issues" is not a scope`},
		"no scope":        {"VALET_GRANT=,", "VALET_GRANT: there is no scope"},
		"mistyped":        {"VALET_GRANT=github:isues:read", `VALET_GRANT: github:isues:read means nothing that there is; did you mean "issues"?; there are: context, search, repositories, `},
		"mistyped access": {"VALET_GRANT=github:contents:write", "github:contents:write means nothing that there is; its access is: read"},
		"grant of one":    {"GITHUB_GRANT=github:issues:*", "it is for client_credentials; what the tools may do stands in VALET_GRANT"},
		"path":            {"GITHUB_PATHS=repos/../x", `GITHUB_PATHS: "repos/../x" is not a path`},
		"idle path":       {"GITHUB_PATHS=GET:repos/**,GET:graphql", `GITHUB_PATHS: "GET:graphql" never fits, since GraphQL is only asked by POST; write graphql`},
		"nothing left":    {"VALET_GRANT=github:gists:read", "no tool is left: what is allowed is in toolsets that aren't chosen; set GITHUB_TOOLSETS=gists"},
		"no toolset":      {"VALET_GRANT=github:api:admin", "GITHUB_TOOLSETS=api"},
		"not chosen":      {"VALET_GRANT=github:issues:*,google:events:read", "VALET_GRANT: google:events:read is about a service that isn't chosen; add it: VALET_SERVICES=github,google"},
		"mistyped one":    {"VALET_GRANT=githb:issues:*", `VALET_GRANT: githb:issues:* means nothing that there is; did you mean "github"?; the services are: github`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startEveryService(t)
			s := serve(t, environment(t.TempDir(), "VALET_STORE=memory", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example", c.variable))
			s.initialize()
			for _, tool := range []string{"github_whoami", "github_issue_write"} {
				text, isError := s.call(tool, `{"repo":"octo/one","action":"create","title":"x"}`)
				if tool == "github_whoami" {
					text, isError = s.call(tool, `{}`)
				}
				if !isError || !strings.Contains(text, c.want) {
					t.Errorf("%s: %q", tool, text)
				}
			}
			if all, _ := e.seen(); all > 0 {
				t.Errorf("%d requests were sent", all)
			}
		})
	}
}

// refusal is the error that a call of a tool which isn't there is answered with.
func refusal(s *server, tool string) string {
	s.send(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"` + tool + `","arguments":{}}}`)
	refused, _ := s.receive()["error"].(map[string]any)
	message, _ := refused["message"].(string)
	return message
}

// TestWrongPolicyOfUnusual: the mistake itself is said of tools that aren't usual,
// too, and once on stderr.
func TestWrongPolicyOfUnusual(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"GITHUB_PATHS=repos/../x":      `GITHUB_PATHS: "repos/../x" is not a path`,
		"VALET_GRANT=github:api:write": "VALET_GRANT: github:api:write means nothing that there is",
	} {
		e := startEveryService(t)
		s := serve(t, environment(t.TempDir(), "VALET_STORE=memory", "GITHUB_TOOLSETS=all", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example", variable))
		s.initialize()
		answer := refusal(s, "github_api")
		s.end()
		if !strings.Contains(answer, want) {
			t.Errorf("%s: %s", variable, answer)
		}
		if said := strings.ReplaceAll(s.stderr.String(), `\"`, `"`); strings.Count(said, want) != 1 {
			t.Errorf("%s: %s", variable, said)
		}
	}
}

// TestMissingTool: what a call of a tool that isn't there is answered is true, and
// all that it takes.
func TestMissingTool(t *testing.T) {
	t.Parallel()
	const add, others = "it is in the toolset api, which the person can add in their host's settings: GITHUB_TOOLSETS=default,api", "others with"
	for environments, c := range map[string]struct {
		tool       string
		want, lack []string
	}{
		"VALET_ROLE=developer":                          {"github_api_write", []string{add, "; others with GITHUB_TOOLSETS=all"}, []string{"doesn't allow"}},
		"VALET_ROLE=user":                               {"github_api_write", []string{add, "VALET_ROLE=user doesn't allow github:api:admin; the person can set VALET_ROLE=developer"}, nil},
		"VALET_TOOLSETS=calendar,issues":                {"github_api", []string{"GITHUB_TOOLSETS=issues,api"}, []string{"calendar,"}},
		"VALET_TOOLSETS=all":                            {"github_nothing", []string{`there is no tool`}, []string{others}},
		"VALET_TOOLSETS=all VALET_ROLE=read-only":       {"github_nothing", []string{`there is no tool`}, []string{others}},
		"VALET_GRANT=github:issues:*":                   {"github_nothing", []string{`there is no tool`}, []string{others}},
		"VALET_TOOLSETS=all VALET_TOOLS=-github_issue*": {"github_issue", []string{"VALET_TOOLS leaves it out"}, []string{others}},
	} {
		e := startEveryService(t)
		env := environment(t.TempDir(), "VALET_STORE=memory", "VALET_SERVICES=github,google", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example", "GOOGLE_TOKEN=key-example")
		s := serve(t, with(env, strings.Fields(environments)...))
		s.initialize()
		answer := refusal(s, c.tool)
		s.end()
		for _, part := range c.want {
			if !strings.Contains(answer, part) {
				t.Errorf("%s: %s isn't in %s", environments, part, answer)
			}
		}
		for _, part := range c.lack {
			if strings.Contains(answer, part) {
				t.Errorf("%s: %s is in %s", environments, part, answer)
			}
		}
	}
}

// TestDocumentedGrants: what is written as an example works as it is written.
func TestDocumentedGrants(t *testing.T) {
	t.Parallel()
	example := regexp.MustCompile(`VALET_SERVICES=(\S+) VALET_GRANT="([^"]+)"`)
	for _, file := range []string{"README.md", "docs/guard-rails.md"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := example.FindAllStringSubmatch(string(content), -1)
		if all := strings.Count(string(content), "VALET_GRANT=\""); len(found) == 0 || len(found) != all {
			t.Errorf("%s: %d of %d grants are beside their services", file, len(found), all)
		}
		for _, match := range found {
			e := startEveryService(t)
			env := environment(t.TempDir(), "VALET_STORE=memory", "VALET_CONFIRM=never", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example",
				"GOOGLE_API_URL="+e.url+"/google/", "GOOGLE_TOKEN=key-example", "VALET_SERVICES="+match[1], "VALET_GRANT="+match[2])
			for tool, arguments := range map[string]string{"github_issue_write": `{"repo":"octo/one","action":"create","title":"x"}`, "google_calendar_events": `{}`} {
				before, _ := e.seen()
				got := run(t, env, "", "call", tool, arguments)
				if after, _ := e.seen(); after == before {
					t.Errorf("%s: %s: nothing was sent: %+v", file, tool, got)
				}
			}
		}
	}
}

// TestLayers: a role of one service comes before that of all, a grant stands by
// itself and narrows a role, and a list of paths what is chosen by path.
func TestLayers(t *testing.T) {
	t.Parallel()
	const issue, files, api = `{"repo":"octo/one","action":"create","title":"x"}`, `{"repo":"octo/one","branch":"b","message":"m","files":[{"path":"a","content":"b"}]}`, `{"path":"user/starred"}`
	const star, admin, mutation = `{"method":"PUT","path":"user/starred/octo/one"}`, `{"method":"PUT","path":"repos/octo/one/collaborators/x"}`, `{"graphql":"mutation{harmless:updateBranchProtectionRule(input:{}){clientMutationId}}"}`
	const query = `{"graphql":"query{viewer{login}}"}`
	for _, c := range []struct {
		environment, tool, arguments, refused string
	}{
		{"VALET_ROLE=read-only GITHUB_ROLE=user", "github_issue_write", issue, ""},
		{"VALET_ROLE=admin GITHUB_ROLE=read-only", "github_issue_write", issue, "GITHUB_ROLE=read-only doesn't allow github:issues:write; the person can set GITHUB_ROLE=user"},
		{"VALET_ROLE=READ-ONLY", "github_issue_write", issue, "VALET_ROLE=read-only doesn't allow"},
		{"VALET_ROLE=${user_config.role}", "github_issue_write", issue, ""},
		{"VALET_GRANT=github:issues:*", "github_issue_write", issue, ""},
		{"VALET_GRANT=github:issues:*", "github_commit_files_write", files, "VALET_GRANT doesn't allow github:repositories:write"},
		{"VALET_GRANT=github:issues:* VALET_ROLE=read-only", "github_issue_write", issue, "VALET_ROLE=read-only doesn't allow"},
		{"VALET_GRANT=github:api:admin", "github_api_write", star, ""},
		{"VALET_GRANT=github:api:admin", "github_api_write", admin, "VALET_GRANT doesn't allow github:administration:admin"},
		{"VALET_ROLE=user", "github_api_write", star, "VALET_ROLE=user doesn't allow github:api:admin; the person can set VALET_ROLE=developer"},
		{"VALET_ROLE=developer", "github_api_write", star, ""},
		{"VALET_ROLE=developer", "github_api_write", admin, "PUT repos/octo/one/collaborators/x changes, or may change, who may do what: VALET_ROLE=developer doesn't allow github:administration:admin; the person can set VALET_ROLE=admin"},
		{"VALET_ROLE=developer", "github_api_write", mutation, "POST graphql changes"},
		{"VALET_ROLE=admin", "github_api_write", admin, ""},
		{"VALET_ROLE=admin", "github_api_write", mutation, ""},
		{"VALET_ROLE=user GITHUB_PATHS=GET:user/*", "github_api", api, ""},
		{"VALET_ROLE=user GITHUB_PATHS=GET:repos/**", "github_api", api, "GITHUB_PATHS doesn't allow GET user/starred"},
		{"VALET_ROLE=developer GITHUB_PATHS=GET:user/**", "github_api_write", star, "GITHUB_PATHS doesn't allow PUT user/starred/octo/one"},
		{"VALET_ROLE=admin GITHUB_PATHS=user/**", "github_api_write", mutation, "GITHUB_PATHS doesn't allow POST graphql"},
		{"VALET_ROLE=admin GITHUB_PATHS=graphql", "github_api_write", mutation, ""},
		{"VALET_ROLE=user GITHUB_PATHS=user/**", "github_issue_write", issue, ""},
		{"VALET_ROLE=read-only", "github_api", query, ""},
		{"VALET_ROLE=user", "github_api", query, ""},
		{"VALET_ROLE=developer", "github_api", query, ""},
		{"VALET_ROLE=admin", "github_api", query, ""},
		{"VALET_GRANT=github:api:read", "github_api", query, ""},
		{"GITHUB_PATHS=graphql", "github_api", query, ""},
		{"GITHUB_PATHS=POST:graphql", "github_api", query, ""},
		{"GITHUB_PATHS=user/**", "github_api", query, "GITHUB_PATHS doesn't allow POST graphql"},
	} {
		t.Run(c.environment+" "+c.tool, func(t *testing.T) {
			t.Parallel()
			e := startEveryService(t)
			env := environment(t.TempDir(), "VALET_STORE=memory", "VALET_TOOLSETS=all", "VALET_CONFIRM=never", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example")
			got := run(t, with(env, strings.Fields(c.environment)...), "", "call", c.tool, c.arguments)
			all, _ := e.seen()
			said := got.stdout + got.stderr
			if c.refused != "" && (!strings.Contains(said, c.refused) || all != 0) || c.refused == "" && (all == 0 || strings.Contains(said, "doesn't allow")) {
				t.Errorf("%s: %d requests: %s", c.arguments, all, said)
			}
		})
	}
}

// TestAllowedIsTold: the commands say what is allowed, and a sign-in asks for no more.
func TestAllowedIsTold(t *testing.T) {
	t.Parallel()
	p := startPractice(t)
	env := with(p.env, "VALET_STORE=memory", "GITHUB_TOKEN="+p.IssueToken("repo"))
	for _, c := range []struct {
		environment, command string
		want                 string
	}{
		{"VALET_ROLE=read-only", "status", "  allowed: VALET_ROLE=read-only\n"},
		{"GITHUB_ROLE=developer VALET_GRANT=github:*:read GITHUB_PATHS=GET:repos/**", "status", "  allowed: GITHUB_ROLE=developer and VALET_GRANT=github:*:read; GITHUB_PATHS=GET:repos/**\n"},
		{"VALET_ROLE=read-only", "status --json", `"allowed": "VALET_ROLE=read-only"`},
		{"VALET_ROLE=read-only", "doctor", "github allowed   VALET_ROLE=read-only, so 9 tools"},
		{"", "doctor", "github allowed   VALET_ROLE=user, so "},
	} {
		got := run(t, with(env, strings.Fields(c.environment)...), "", strings.Fields(c.command)...)
		if !strings.Contains(got.stdout, c.want) {
			t.Errorf("%s %s:\n%s%s", c.environment, c.command, got.stdout, got.stderr)
		}
	}
	if got := run(t, env, "", "status"); strings.Contains(got.stdout, "allowed") {
		t.Errorf("the usual is told:\n%s", got.stdout)
	}
}

// TestLimitsAreTold: so do the limits beside roles and grants, where they aren't as
// usual.
func TestLimitsAreTold(t *testing.T) {
	t.Parallel()
	p := startPractice(t, "VALET_STORE=memory")
	env := with(p.env, "GITHUB_TOKEN="+p.IssueToken("repo"), "VALET_SERVICES=github")
	usual := with(env, "VALET_CONFIRM=untrusted", "VALET_AUDIT=on")
	if got := run(t, usual, "", "status"); strings.Contains(got.stdout, "allowed:") {
		t.Errorf("%+v", got)
	}
	if got := run(t, usual, "", "doctor"); !strings.Contains(got.stdout, " VALET_ROLE=user, so ") || strings.Contains(got.stdout, " tools; ") {
		t.Errorf("%+v", got)
	}
	limited := with(env, "GITHUB_PATHS=user/**", "VALET_REPOS=octo/*,mona/x", "VALET_CONFIRM=NEVER", "VALET_WRITES_PER_MINUTE=2", "VALET_WRITES_PER_SESSION=1", "VALET_AUDIT=off")
	const limits = "GITHUB_PATHS=user/**; VALET_REPOS=octo/*,mona/x; VALET_CONFIRM=never; VALET_WRITES_PER_MINUTE=2; VALET_WRITES_PER_SESSION=1; VALET_AUDIT=off\n"
	if got := run(t, limited, "", "status"); !strings.Contains(got.stdout, "  allowed: "+limits) {
		t.Errorf("%+v", got)
	}
	if got := run(t, limited, "", "doctor"); !strings.Contains(got.stdout, " VALET_ROLE=user, so ") || !strings.Contains(got.stdout, " tools; "+limits) {
		t.Errorf("%+v", got)
	}
}
