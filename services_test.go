package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// acme is an API nobody has built in, and a host it has nothing to do with. Both
// note what they are sent.
type acme struct {
	url, elsewhere string
	mu             sync.Mutex
	sent, strange  []string
}

func startAcme(t *testing.T) *acme {
	t.Helper()
	a := &acme{}
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.note(&a.strange, r) }))
	t.Cleanup(stranger.Close)
	a.elsewhere = stranger.URL
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/widgets", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			w.Header().Set("Link", `</v1/widgets?cursor=abc>; rel="next"`)
		}
		fmt.Fprintf(w, `[{"id":1,"name":"one","seen":%q}]`, r.Header.Get("X-API-Key")+r.Header.Get("Authorization"))
	})
	mux.HandleFunc("POST /v1/widgets", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusCreated)
		json.NewEncoder(w).Encode(map[string]string{"got": string(body), "as": r.Header.Get("Content-Type")})
	})
	mux.HandleFunc("GET /v1/away", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, a.elsewhere+"/x", http.StatusFound) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.note(&a.sent, r)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL + "/v1"
	return a
}

func (a *acme) note(list *[]string, r *http.Request) {
	var text strings.Builder
	fmt.Fprintln(&text, r.Method, r.URL)
	r.Header.Write(&text)
	a.mu.Lock()
	defer a.mu.Unlock()
	*list = append(*list, text.String())
}

func (a *acme) requests() (sent, strange string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.sent, "\n"), strings.Join(a.strange, "\n")
}

const acmeKey = "example-acme-key-0123456789"

// TestKeyOfACustomService: variables alone make a service with tools of its own,
// beside GitHub. Its key goes to its API, in the header it wants, and nowhere else.
func TestKeyOfACustomService(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t)
	s := serve(t, with(p.env, "VALET_STORE=memory", "VALET_SERVICES=github, acme", "VALET_CONFIRM=never", "VALET_ROLE=developer", "GITHUB_TOKEN="+p.IssueToken("repo"),
		"ACME_API_URL="+a.url, "ACME_TOKEN="+acmeKey, "ACME_TOKEN_HEADER=X-API-Key"))
	s.initialize()
	for _, c := range []struct {
		tool, arguments, want string
		isError               bool
	}{
		{"acme_api", `{"path":"widgets","jq":".[0].name"}`, `GET widgets: 200; next: query with {"cursor":"abc"}` + "\n\none", false},
		{"acme_api", `{"path":"widgets","query":{"cursor":"abc"}}`, "GET widgets: 200\n\n" + `[{"id":1,"name":"one","seen":"***************************"}]`, false},
		{"acme_api_write", `{"method":"POST","path":"widgets","body":{"name":"two"}}`, "POST widgets: 201\n\n" + `{"as":"application/json","got":"{\"name\":\"two\"}"}`, false},
		{"acme_api_write", `{"method":"POST","path":"widgets","form":{"name":"a b"}}`, "POST widgets: 201\n\n" + `{"as":"application/x-www-form-urlencoded","got":"name=a+b"}`, false},
		{"acme_api", `{"path":"../secret"}`, "acme_api: 'path' must be a plain path, without '..' and empty parts", true},
		{"acme_api", `{"path":"widgets","headers":{"X-API-Key":"mine"}}`, `acme_api: header "X-API-Key" can't be set`, true},
		{"acme_api", `{"path":"nothing"}`, "acme: GET nothing: not found (404 404 page not found); check the path", true},
		{"github_whoami", `{}`, "@mona-example", false},
	} {
		if text, isError := s.call(c.tool, c.arguments); isError != c.isError || !strings.HasPrefix(text, c.want) {
			t.Errorf("%s %s: %q", c.tool, c.arguments, text)
		}
	}
	if text, isError := s.call("acme_api", `{"path":"away"}`); !isError || !strings.Contains(text, "may not send valetkey") {
		t.Errorf("a redirect into this machine: %q", text)
	}
	s.end()
	sent, strange := a.requests()
	if strings.Count(sent, "X-Api-Key: "+acmeKey) != strings.Count(sent, " /v1/") || strings.Contains(sent, "Authorization") {
		t.Errorf("the API was sent\n%s", sent)
	}
	if strange != "" {
		t.Errorf("another host was sent\n%s", strange)
	}
	for _, r := range p.Requests() {
		if r.Header.Get("X-API-Key") != "" || strings.Contains(fmt.Sprint(r.Header), acmeKey) {
			t.Errorf("GitHub was sent acme's key: %s", r.Path)
		}
	}
	if said := s.stdout.String() + s.stderr.String(); strings.Contains(said, acmeKey) {
		t.Error("the key was shown")
	}
}

// TestSignInToACustomService: endpoints in variables, or what an issuer says of
// itself, are as good as built-in ones. Its token is its own, and GitHub's isn't asked for.
func TestSignInToACustomService(t *testing.T) {
	t.Parallel()
	for name, variables := range map[string]func(web string) []string{
		"endpoints": func(web string) []string {
			return []string{"ACME_DEVICE_URL=" + web + "/login/device/code", "ACME_TOKEN_URL=" + web + "/login/oauth/access_token", "ACME_REVOCATION_URL=" + web + "/login/oauth/revoke"}
		},
		"issuer": func(web string) []string { return []string{"ACME_ISSUER=" + web} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPracticeWith(t, sandbox.Options{Interval: 1e9})
			signInToAcme(t, p, variables(p.URL()))
		})
	}
}

func signInToAcme(t *testing.T, p practice, where []string) {
	t.Helper()
	a := startAcme(t)
	env := with(with(p.env, "VALET_STORE=memory", "VALET_SERVICES=github,acme", "ACME_API_URL="+a.url,
		"ACME_CLIENT_ID="+sandbox.ClientID, "ACME_SCOPES=gist", "ACME_AUDIENCE=https://acme.example/api"), where...)
	s := serve(t, env)
	s.initialize()
	s.ask("", "tools/list", map[string]any{})
	if n := len(p.Requests()); n != 0 {
		t.Errorf("%d requests before the first call", n)
	}
	text, _ := s.call("acme_api", `{"path":"widgets"}`)
	code := userCode.FindString(text)
	if code == "" || !strings.Contains(text, "Acme") {
		t.Fatalf("no code is shown: %q", text)
	}
	if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", code); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the sign-in", func() bool {
		text, _ = s.call("acme_api", `{"path":"widgets","jq":".[0].id"}`)
		return strings.HasPrefix(text, "GET widgets: 200")
	})
	if text, _ := s.call("github_whoami", "{}"); userCode.FindString(text) == "" {
		t.Errorf("GitHub takes acme's sign-in for its own: %q", text)
	}
	s.end()
	if sent, _ := a.requests(); strings.Count(sent, "Authorization: Bearer ") != strings.Count(sent, " /v1/") {
		t.Errorf("the API was sent\n%s", sent)
	}
	for _, r := range p.Requests() {
		if r.Path == "/login/device/code" && r.Form.Get("scope") == "gist" && r.Form.Get("audience") != "https://acme.example/api" {
			t.Errorf("asked with %v", r.Form)
		}
		if strings.HasPrefix(r.Path, "/api/") {
			t.Errorf("GitHub's API was sent %s", r.Path)
		}
	}
	said, secrets := s.stdout.String()+s.stderr.String(), 0
	sent, _ := a.requests()
	for line := range strings.Lines(sent) {
		if token, found := strings.CutPrefix(strings.TrimSpace(line), "Authorization: Bearer "); found {
			secrets++
			if strings.Contains(said, token) {
				t.Error("the token was shown")
			}
		}
	}
	if secrets == 0 {
		t.Error("no token was sent")
	}
}

// TestLogoutOfAllServices: each service's token is kept, told of and ended by
// itself, at its own endpoint.
func TestLogoutOfAllServices(t *testing.T) {
	t.Parallel()
	a := startAcme(t)
	p, _ := fileStore(t)
	env := with(p.env, "VALET_PASSPHRASE_FILE="+passphraseFile(t, examplePassphrase), "VALET_SERVICES=acme,github", "ACME_API_URL="+a.url,
		"ACME_DEVICE_URL="+p.URL()+"/login/device/code", "ACME_TOKEN_URL="+p.URL()+"/login/oauth/access_token", "ACME_REVOCATION_URL="+p.URL()+"/login/oauth/revoke",
		"ACME_CLIENT_ID="+sandbox.ClientID)
	s := serve(t, env)
	s.initialize()
	s.signIn(p.Sandbox)
	text, _ := s.call("acme_api", `{"path":"widgets"}`)
	if err := sandbox.ApproveInPage(t.Context(), p.URL()+"/login/device", userCode.FindString(text)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the sign-in", func() bool {
		text, _ = s.call("acme_api", `{"path":"widgets","jq":".[0].id"}`)
		return strings.HasPrefix(text, "GET widgets: 200")
	})
	s.end()
	host := strings.TrimSuffix(strings.TrimPrefix(a.url, "http://"), "/v1")
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"status"}, 0, []string{"GitHub (", "Acme (API at " + host + ", sign-in at " + strings.TrimPrefix(p.URL(), "http://") + "): token from the sealed file"}},
		{[]string{"logout", "--all"}, 0, []string{"GitHub: signed out; the token is revoked and removed.", "Acme: signed out; the token is revoked and removed."}},
		{[]string{"status"}, 4, []string{"GitHub (", "Acme (", "not signed in"}},
	} {
		got := run(t, env, "", c.args...)
		for _, want := range c.want {
			if got.code != c.code || !strings.Contains(got.stdout, want) {
				t.Errorf("%v: code %d, want %d and %q\n%s%s", c.args, got.code, c.code, want, got.stdout, got.stderr)
			}
		}
	}
	var revoked int
	for _, r := range p.Requests() {
		if r.Path == "/login/oauth/revoke" {
			revoked++
		}
	}
	if revoked != 1 {
		t.Errorf("acme's endpoint was asked %d times", revoked)
	}
}

// TestCommandsWithSeveralServices: every command knows all that are chosen.
func TestCommandsWithSeveralServices(t *testing.T) {
	t.Parallel()
	a, p := startAcme(t), startPractice(t)
	env := with(p.env, "VALET_STORE=memory", "VALET_SERVICES=github,gitlab,acme", "ACME_API_URL="+a.url, "ACME_TOKEN="+acmeKey, "GITLAB_CLIENT_ID=example")
	for _, c := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"status"}, 4, []string{"GitHub (127.0.0.1:", "GitLab (gitlab.com): not signed in", "Acme (127.0.0.1:", "token from ACME_TOKEN"}},
		{[]string{"status", "acme"}, 0, []string{"Acme (127.0.0.1:"}},
		{[]string{"login"}, 2, []string{"name a service: github, gitlab, acme"}},
		{[]string{"login", "sentry"}, 2, []string{`there is no service "sentry"; known: github, gitlab, acme; for others set VALET_SERVICES`}},
		{[]string{"login", "nobody"}, 2, []string{`there is no service "nobody"; known: github, gitlab, acme`}},
		{[]string{"login", "acme"}, 1, []string{"ACME_TOKEN gives the key"}},
		{[]string{"logout"}, 2, []string{"name a service: github, gitlab, acme"}},
		{[]string{"logout", "acme"}, 0, []string{"Acme: there was no token to remove.", "ACME_TOKEN still gives a key"}},
		{[]string{"logout", "--all"}, 0, []string{"GitHub: there was no token", "GitLab: there was no token", "Acme: there was no token"}},
		{[]string{"call", "acme_api", `{"path":"widgets","jq":".[0].name"}`}, 0, []string{"GET widgets: 200"}},
		{[]string{"call", "nothing"}, 2, []string{"github_whoami", "gitlab_api, acme_api"}},
		{[]string{"__complete", "login", ""}, 0, []string{"github\ngitlab\nacme\n"}},
	} {
		got := run(t, env, "", c.args...)
		for _, want := range c.want {
			if got.code != c.code || !strings.Contains(got.stdout+got.stderr, want) {
				t.Errorf("%v: code %d, want %d and %q\n%s%s", c.args, got.code, c.code, want, got.stdout, got.stderr)
			}
		}
	}
	got := run(t, with(env, "GITLAB_HOST=http://127.0.0.1:1"), "", "doctor")
	for _, want := range []string{"✓ acme endpoints   none: this service takes a key", "✓ acme network", "✓ acme sign-in", "gitlab endpoints", "github network"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("doctor doesn't say %q\n%s", want, got.stdout)
		}
	}
}

// TestVariablesOfACustomService: what is missing or wrong is named, whichever
// command meets it first, and by the tools of a server that starts all the same.
func TestVariablesOfACustomService(t *testing.T) {
	t.Parallel()
	const url, key = "ACME_API_URL=https://api.acme.example/v1", "ACME_TOKEN=" + acmeKey
	const grant, secret = "ACME_GRANT=Client_Credentials", "ACME_CLIENT_SECRET=example-acme-secret"
	authorize, revoke := "ACME_AUTHORIZATION_URL=https://id.acme.example/authorize", "ACME_REVOCATION_URL=https://id.acme.example/revoke"
	device, token, id := "ACME_DEVICE_URL=https://id.acme.example/device", "ACME_TOKEN_URL=https://id.acme.example/token", "ACME_CLIENT_ID=example"
	for _, c := range []struct {
		variables []string
		want      string // "" for nothing wrong
	}{
		{[]string{url, key}, ""},
		{[]string{url, device, token, id}, ""},
		{[]string{url, "ACME_TOKEN_COMMAND=true"}, ""},
		{[]string{url, "ACME_TOKEN=${ACME_TOKEN}", device, token, id}, ""},
		{[]string{url, key, "ACME_TOKEN_HEADER=Authorization", "ACME_TOKEN_SCHEME=none"}, ""},
		{nil, "set ACME_API_URL to the address of its API, and ACME_TOKEN to a key, or ACME_ISSUER to sign in (and ACME_CLIENT_ID, unless the issuer registers clients itself)"},
		{[]string{key}, "set ACME_API_URL"},
		{[]string{url}, ""},
		{[]string{url, "ACME_ISSUER=https://id.acme.example/tenant", id}, ""},
		{[]string{url, "ACME_ISSUER=https://id.acme.example/tenant"}, ""},
		{[]string{url, grant, "ACME_ISSUER=https://id.acme.example/tenant", id}, "for ACME_GRANT=client_credentials, set ACME_CLIENT_SECRET too"},
		{[]string{url, grant, "ACME_ISSUER=https://id.acme.example/tenant", id, secret}, ""},
		{[]string{url, grant, token, id}, "for ACME_GRANT=client_credentials, set ACME_CLIENT_SECRET too"},
		{[]string{url, grant, token, secret}, "set ACME_CLIENT_ID too"},
		{[]string{url, grant, id, secret}, "set ACME_TOKEN_URL too"},
		{[]string{url, grant}, "set ACME_TOKEN_URL and ACME_CLIENT_ID and ACME_CLIENT_SECRET too"},
		{[]string{url, grant, token, id, secret}, ""},
		{[]string{url, grant, key}, ""},
		{[]string{url, "ACME_ISSUER=http://id.acme.example", id}, `ACME_ISSUER: "http://id.acme.example" is neither https nor http on this machine; write https://id.acme.example`},
		{[]string{url, "ACME_ISSUER=https://id.acme.example", device, token, id}, "ACME_ISSUER finds the endpoints; unset it, or ACME_DEVICE_URL and ACME_TOKEN_URL"},
		{[]string{url, "ACME_ISSUER=https://id.acme.example", authorize, revoke, id}, "ACME_ISSUER finds the endpoints; unset it, or ACME_AUTHORIZATION_URL and ACME_REVOCATION_URL"},
		{[]string{url, id}, "set ACME_DEVICE_URL (or ACME_AUTHORIZATION_URL) and ACME_TOKEN_URL too"},
		{[]string{url, key, id, token}, "set ACME_DEVICE_URL (or ACME_AUTHORIZATION_URL) too"},
		{[]string{url, authorize, token, id}, ""},
		{[]string{url, authorize + "?user_scope=chat:write,users:read", token, id}, ""},
		{[]string{url, key, authorize}, "set ACME_TOKEN_URL and ACME_CLIENT_ID too"},
		{[]string{url, authorize, id}, "set ACME_TOKEN_URL too"},
		{[]string{url, "ACME_AUTHORIZATION_URL=http://id.acme.example/authorize", token, id}, "ACME_AUTHORIZATION_URL can't be used"},
		{[]string{url, authorize + "#x", token, id}, "ACME_AUTHORIZATION_URL is not a plain address"},
		{[]string{url, authorize + "?a=b#x", token, id}, "ACME_AUTHORIZATION_URL is not a plain address"},
		{[]string{url, authorize + "?", token, id}, "ACME_AUTHORIZATION_URL is not a plain address"},
		{[]string{url, authorize + "?a=%zz", token, id}, "ACME_AUTHORIZATION_URL is not a plain address"},
		{[]string{url, "ACME_AUTHORIZATION_URL=?a=b", token, id}, "ACME_AUTHORIZATION_URL is not a plain address"},
		{[]string{url, authorize + "?state=1&scope=a&client_id=x", token, id}, "ACME_AUTHORIZATION_URL holds client_id and state, which every sign-in sends by itself; leave it out"},
		{[]string{url, "ACME_DEVICE_URL=ftp://x", "ACME_AUTHORIZATION_URL=ftp://y"}, "acme: ACME_AUTHORIZATION_URL can't be used"},
		{[]string{url, "ACME_DEVICE_URL=ftp://x", "ACME_AUTHORIZATION_URL=ftp://y"}, "acme: ACME_DEVICE_URL can't be used"},
		{[]string{url, "ACME_DEVICE_URL=ftp://x", "ACME_AUTHORIZATION_URL=ftp://y"}, "acme: to sign in, set ACME_TOKEN_URL and ACME_CLIENT_ID too"},
		{[]string{url, device, token}, "set ACME_CLIENT_ID too"},
		{[]string{"ACME_API_URL=http://api.acme.example", key}, `ACME_API_URL can't be used: "http://api.acme.example" is neither https nor http on this machine; write https://api.acme.example`},
		{[]string{"ACME_API_URL=api.acme.example", key}, `ACME_API_URL can't be used: "api.acme.example" has no https:// before it; write https://api.acme.example` + "\n"},
		{[]string{"ACME_API_URL=https://me:secret@api.acme.example", key}, "ACME_API_URL can't be used: it has a user name in it; leave that out"},
		{[]string{"ACME_API_URL=https://api.acme.example/?key=x", key}, "ACME_API_URL is not a plain address"},
		{[]string{"ACME_API_URL=https://api.acme.example/#x", key}, "ACME_API_URL is not a plain address"},
		{[]string{url, "ACME_DEVICE_URL=http://id.acme.example/device", token, id}, "ACME_DEVICE_URL can't be used"},
		{[]string{url, device, "ACME_TOKEN_URL=ftp://id.acme.example/token", id}, "ACME_TOKEN_URL can't be used"},
		{[]string{url, device, token, id, "ACME_REVOCATION_URL=http://id.acme.example/"}, "ACME_REVOCATION_URL can't be used"},
		{[]string{url, key, "ACME_HOST=acme.example"}, "ACME_HOST has no meaning; set ACME_API_URL"},
		{[]string{url, key, "ACME_TOKEN_HEADER=X API"}, "ACME_TOKEN_HEADER is not a header for a key"},
		{[]string{url, key, "ACME_TOKEN_HEADER=Host"}, "ACME_TOKEN_HEADER is not a header for a key"},
		{[]string{url, key, "ACME_TOKEN_SCHEME=To ken"}, "ACME_TOKEN_SCHEME is not one word"},
		{[]string{url, "ACME_TOKEN=exam ple"}, "ACME_TOKEN holds a space"},
		{[]string{url, key, "VALET_SERVICES=github,acme,doctor"}, `VALET_SERVICES: "doctor" can't be the name of a service`},
		{[]string{url, key, "VALET_SERVICES=acme,a-b"}, `VALET_SERVICES: "a-b" can't be the name`},
		{[]string{url, key, "VALET_SERVICES=acme,abcdefghijabcdefghijabcdefghijk"}, `VALET_SERVICES: "abcdefghijabcdefghijabcdefghijk" can't be the name of a service: write up to 30`},
	} {
		env := with(environment(t.TempDir()), with([]string{"VALET_SERVICES=acme", "VALET_STORE=memory"}, c.variables...)...)
		got := run(t, env, "", "status")
		said := got.stdout + got.stderr
		switch {
		case c.want == "" && (strings.Contains(said, "ACME_API_URL") || got.code == 1):
			t.Errorf("%v: code %d: %s", c.variables, got.code, said)
		case c.want != "" && (got.code != 1 || !strings.Contains(said, c.want)):
			t.Errorf("%v: code %d: %s", c.variables, got.code, said)
		}
		if strings.Contains(said, acmeKey) || strings.Contains(said, "example-acme-secret") || strings.Contains(said, "me:secret") {
			t.Errorf("%v: a secret is shown: %s", c.variables, said)
		}
	}
	s := serve(t, with(environment(t.TempDir()), "VALET_SERVICES=github,acme", "VALET_STORE=memory"))
	s.initialize()
	for _, tool := range []string{"acme_api", "github_whoami"} {
		if text, isError := s.call(tool, `{"path":"x"}`); tool == "acme_api" && (!isError || !strings.Contains(text, "set ACME_API_URL")) {
			t.Errorf("%s: %s", tool, text)
		}
	}
	s.end()
}

// TestAddedServiceBudget: a service more costs a model 1.6 kB at most.
func TestAddedServiceBudget(t *testing.T) {
	t.Parallel()
	list := func(services string) int {
		s := serve(t, with(environment(t.TempDir()), "VALET_STORE=memory", "VALET_SERVICES="+services))
		s.initialize()
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		line, err := json.Marshal(s.receive())
		if err != nil {
			t.Fatal(err)
		}
		s.end()
		return len(line)
	}
	one := list("github")
	for _, name := range []string{"gitlab", "huggingface", "sentry"} {
		if more := list("github,"+name) - one; more <= 0 || more > 1600 {
			t.Errorf("%s takes %d bytes", name, more)
		}
	}
}
