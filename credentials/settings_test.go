package credentials_test

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

func githubKeys() []string {
	return []string{"GITHUB_TOKEN", "GITHUB_PERSONAL_ACCESS_TOKEN", "GH_TOKEN"}
}

// setEnvironment gives a test exactly these variables of the service.
func setEnvironment(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, name := range append(githubKeys(), "GITHUB_TOKEN_FILE", "GITHUB_TOKEN_COMMAND", "GITHUB_CLIENT_ID",
		"GITHUB_CLIENT_SECRET", "GITHUB_SCOPES", "GITHUB_ACCOUNT", "GITHUB_HOST", "GITHUB_ISSUER", "GITHUB_AUDIENCE", "GITHUB_RESOURCE") {
		t.Setenv(name, "")
		must(t, os.Unsetenv(name))
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

func load(t *testing.T, variables map[string]string) (credentials.Settings, error) {
	t.Helper()
	setEnvironment(t, variables)
	return credentials.LoadSettings("github", githubKeys())
}

func TestKeyVariables(t *testing.T) {
	cases := []struct {
		name          string
		variables     map[string]string
		key, variable string
	}{
		{"none", nil, "", ""},
		{"its own", map[string]string{"GITHUB_TOKEN": "example-1"}, "example-1", "GITHUB_TOKEN"},
		{"first alias", map[string]string{"GITHUB_PERSONAL_ACCESS_TOKEN": "example-2"}, "example-2", "GITHUB_PERSONAL_ACCESS_TOKEN"},
		{"second alias", map[string]string{"GH_TOKEN": "example-3"}, "example-3", "GH_TOKEN"},
		{"all", map[string]string{"GITHUB_TOKEN": "example-1", "GITHUB_PERSONAL_ACCESS_TOKEN": "example-2", "GH_TOKEN": "example-3"}, "example-1", "GITHUB_TOKEN"},
		{"both aliases", map[string]string{"GITHUB_PERSONAL_ACCESS_TOKEN": "example-2", "GH_TOKEN": "example-3"}, "example-2", "GITHUB_PERSONAL_ACCESS_TOKEN"},
		{"an empty one doesn't hide an alias", map[string]string{"GITHUB_TOKEN": "", "GH_TOKEN": "example-3"}, "example-3", "GH_TOKEN"},
		{"nor does a blank one", map[string]string{"GITHUB_TOKEN": " \t", "GH_TOKEN": "example-3"}, "example-3", "GH_TOKEN"},
		{"nor does a placeholder", map[string]string{"GITHUB_TOKEN": "${GITHUB_TOKEN}", "GH_TOKEN": "example-3"}, "example-3", "GH_TOKEN"},
		{"an input's placeholder", map[string]string{"GITHUB_TOKEN": "${input:github_token}"}, "", ""},
		{"a bundle's placeholder", map[string]string{"GITHUB_TOKEN": " ${user_config.token} "}, "", ""},
		{"space around", map[string]string{"GITHUB_TOKEN": " example-1\n"}, "example-1", "GITHUB_TOKEN"},
		{"only looks like one", map[string]string{"GITHUB_TOKEN": "${example"}, "${example", "GITHUB_TOKEN"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := load(t, c.variables)
			must(t, err)
			equal(t, "key", s.Token.Reveal(), c.key)
			equal(t, "variable", s.KeyVariable, c.variable)
		})
	}
}

func TestUnsetSettings(t *testing.T) {
	for _, unset := range []string{"", "  ", "${user_config.value}", "${input:x}"} {
		s, err := load(t, map[string]string{
			"GITHUB_TOKEN_FILE": unset, "GITHUB_TOKEN_COMMAND": unset, "GITHUB_CLIENT_ID": unset, "GITHUB_CLIENT_SECRET": unset,
			"GITHUB_SCOPES": unset, "GITHUB_ACCOUNT": unset, "GITHUB_HOST": unset,
			"GITHUB_ISSUER": unset, "GITHUB_AUDIENCE": unset, "GITHUB_RESOURCE": unset,
		})
		must(t, err)
		if !reflect.DeepEqual(s, credentials.Settings{}) {
			t.Errorf("%q gives %+v", unset, s)
		}
	}
}

func TestSettings(t *testing.T) {
	s, err := load(t, map[string]string{
		"GITHUB_TOKEN_FILE": " /run/secrets/github ", "GITHUB_TOKEN_COMMAND": "gh auth token", "GITHUB_CLIENT_ID": "Iv1.example",
		"GITHUB_CLIENT_SECRET": "example-client-secret", "GITHUB_SCOPES": "repo, gist", "GITHUB_ACCOUNT": "work", "GITHUB_HOST": "github.example.com",
		"GITHUB_ISSUER": " https://issuer.example/a ", "GITHUB_AUDIENCE": "https://api.example/", "GITHUB_RESOURCE": "https://a.example/, urn:example:b",
	})
	must(t, err)
	equal(t, "file", s.TokenFile, "/run/secrets/github")
	equal(t, "command", s.TokenCommand, "gh auth token")
	equal(t, "client id", s.ClientID, "Iv1.example")
	equal(t, "client secret", s.ClientSecret.Reveal(), "example-client-secret")
	equal(t, "scopes", s.Scopes, "repo, gist")
	equal(t, "account", s.Account, "work")
	equal(t, "host", s.Host, "github.example.com")
	equal(t, "issuer", s.Issuer, "https://issuer.example/a")
	equal(t, "audience", s.Audience, "https://api.example/")
	equal(t, "resource", s.Resource, "https://a.example/, urn:example:b")
}

// Children such as a browser inherit the environment.
func TestSecretsAreTakenOutOfTheEnvironment(t *testing.T) {
	secrets := map[string]string{
		"GITHUB_TOKEN": "example-1", "GITHUB_PERSONAL_ACCESS_TOKEN": "example-2", "GH_TOKEN": "example-3", "GITHUB_CLIENT_SECRET": "example-4",
		"GITHUB_TOKEN_FILE": "/example-5", "GITHUB_TOKEN_COMMAND": "example-6",
	}
	_, err := load(t, secrets)
	must(t, err)
	for name := range secrets {
		if value, there := os.LookupEnv(name); there {
			t.Errorf("%s is still %q", name, value)
		}
	}
	if _, err := load(t, map[string]string{"GITHUB_TOKEN": "not a token", "GITHUB_CLIENT_ID": "id"}); err == nil {
		t.Error("a key with a space passes")
	}
	if _, there := os.LookupEnv("GITHUB_TOKEN"); there {
		t.Error("a bad key is left in the environment")
	}
	equal(t, "what is no secret", os.Getenv("GITHUB_CLIENT_ID"), "id")
}

func TestBadSettings(t *testing.T) {
	cases := []struct{ variable, value, complaint string }{
		{"GITHUB_TOKEN", "example secret", "GITHUB_TOKEN"},
		{"GH_TOKEN", "example\nsecret", "GH_TOKEN"},
		{"GITHUB_TOKEN", "example\x7fsecret", "GITHUB_TOKEN"},
		{"GITHUB_TOKEN", "exämple-secret", "GITHUB_TOKEN"},
		{"GITHUB_ACCOUNT", "a/b", "GITHUB_ACCOUNT"},
		{"GITHUB_ACCOUNT", "a b", "GITHUB_ACCOUNT"},
		{"GITHUB_ACCOUNT", `a"b`, "GITHUB_ACCOUNT"},
		{"GITHUB_ACCOUNT", "a\x01b", "GITHUB_ACCOUNT"},
		{"GITHUB_ACCOUNT", strings.Repeat("a", 65), "64 bytes"},
		{"GITHUB_ISSUER", "http://issuer.example/secret", "neither https"},
		{"GITHUB_ISSUER", "https://user:secret@issuer.example", "GITHUB_ISSUER: "},
		{"GITHUB_ISSUER", "https://issuer.example/?secret", "GITHUB_ISSUER: the address of an issuer has neither"},
		{"GITHUB_ISSUER", "issuer.example", "GITHUB_ISSUER: "},
		{"GITHUB_RESOURCE", "secret.example", "GITHUB_RESOURCE is not the whole address"},
		{"GITHUB_RESOURCE", "https://a.example/, /secret", "GITHUB_RESOURCE is not the whole address"},
		{"GITHUB_RESOURCE", "https://a.example/#secret", "GITHUB_RESOURCE is not the whole address"},
	}
	for _, c := range cases {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			_, err := load(t, map[string]string{c.variable: c.value})
			if err == nil {
				t.Fatal("no error")
			}
			contains(t, "the error", err.Error(), "github: ", c.complaint)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the value: %v", err)
			}
		})
	}
	for _, account := range []string{"work", "octo-cat_1", "me@example.com", "ünï", strings.Repeat("a", 64)} {
		if _, err := load(t, map[string]string{"GITHUB_ACCOUNT": account}); err != nil {
			t.Errorf("account %q: %v", account, err)
		}
	}
}

func TestScopesAreSeparatedByCommasOrSpaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		setting string
		want    []string
	}{
		{"", []string{"repo"}},
		{" , ", []string{"repo"}},
		{"gist", []string{"gist"}},
		{"repo,gist", []string{"gist", "repo"}},
		{"repo gist", []string{"gist", "repo"}},
		{" repo, gist\tread:org,repo ", []string{"gist", "read:org", "repo"}},
	} {
		w := lasting(t)
		w.settings.Scopes = c.setting
		r := required(t, w.call(w.credential()))
		if !slices.Equal(r.Scopes, c.want) {
			t.Errorf("%q: %q, want %q", c.setting, r.Scopes, c.want)
		}
		equal(t, "scope asked for", w.box.Requests()[0].Form.Get("scope"), strings.Join(c.want, " "))
	}
}

// The person's client id comes before the one built in.
func TestClientSettings(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	w.settings.ClientID = "somebody-else"
	if err := w.call(w.credential()); err == nil {
		t.Error("an unknown client id is accepted")
	}
	equal(t, "client_id", w.box.Requests()[0].Form.Get("client_id"), "somebody-else")
}

func TestNames(t *testing.T) {
	t.Parallel()
	w := lasting(t)
	equal(t, "no account", w.credential().Name(), "github")
	w.settings.Account = "work"
	equal(t, "an account", w.credential().Name(), "github/work")
}

func TestStoreModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]credentials.Source{
		"": credentials.SourceKeyring, "auto": credentials.SourceKeyring, "keyring": credentials.SourceKeyring,
		"file": credentials.SourceSealed, "memory": credentials.SourceMemory, "${user_config.store}": credentials.SourceKeyring, " memory ": credentials.SourceMemory,
	} {
		store, err := credentials.OpenStore(mode, &credentials.Keyring{}, &credentials.SealedFiles{})
		must(t, err)
		equal(t, "VALET_STORE="+mode, store.Source(), want)
	}
	_, err := credentials.OpenStore("plaintext", &credentials.Keyring{}, &credentials.SealedFiles{})
	if err == nil {
		t.Fatal("plaintext is a store")
	}
	contains(t, "the error", err.Error(), "VALET_STORE", `"plaintext"`, "auto", "keyring", "file", "memory")
}

// TestScopesInAVariable: spaces and commas separate them; what else people try
// is no scope.
func TestScopesInAVariable(t *testing.T) {
	for value, ok := range map[string]bool{
		"repo gist": true, "repo,gist": true, " repo , gist\n": true, "admin:org,read:user": true, "https://www.example.com/auth/drive.readonly": true,
		"repo;gist": false, "repo|gist": false, "repo+gist": false, `["repo","gist"]`: false, `"repo gist"`: false, "repo%20gist": false, "r\u00e9po": false,
	} {
		_, err := load(t, map[string]string{"GITHUB_SCOPES": value})
		if ok {
			must(t, err)
			continue
		}
		if err == nil {
			t.Errorf("%q is taken", value)
			continue
		}
		contains(t, value, err.Error(), "github: GITHUB_SCOPES: ")
		contains(t, value, err.Error(), "separate scopes by spaces or commas")
	}
}

// TestIdleKeys: of several ways to give a key the first counts, and the others
// are known.
func TestIdleKeys(t *testing.T) {
	all := []string{"GITHUB_TOKEN", "GITHUB_PERSONAL_ACCESS_TOKEN", "GH_TOKEN", "GITHUB_TOKEN_FILE", "GITHUB_TOKEN_COMMAND"}
	for first := range all {
		given := map[string]string{}
		for _, variable := range all[first:] {
			given[variable] = "/example"
		}
		s, err := load(t, given)
		must(t, err)
		equal(t, "idle", strings.Join(s.Idle, " "), strings.Join(all[first+1:], " "))
		s.TokenCommand = "nowhere-example"
		status, err := credentials.New(credentials.Options{Settings: s, Service: credentials.Service{Name: "github"}}).Status(t.Context())
		must(t, err)
		equal(t, "the one that counts", status.Variable, all[first])
	}
	s, err := load(t, map[string]string{"GITHUB_TOKEN": "example", "GITHUB_TOKEN_FILE": "${unset}"})
	must(t, err)
	equal(t, "idle", len(s.Idle), 0)
}

// TestPath: ~ is the home directory, as in a shell, and nothing else is changed.
func TestPath(t *testing.T) {
	home := t.TempDir()
	for _, variable := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(variable, home)
	}
	for value, want := range map[string]string{
		"~/.valetkey/pass": filepath.Join(home, ".valetkey", "pass"), " ~/pass\n": filepath.Join(home, "pass"),
		"~": "~", "~mona/pass": "~mona/pass", "/a/~/b": "/a/~/b", "a": "a", "": "", "${unset}": "",
		`~\pass`: map[bool]string{true: filepath.Join(home, "pass"), false: `~\pass`}[runtime.GOOS == "windows"],
	} {
		got, err := credentials.Path("VALET_DIR", value)
		must(t, err)
		equal(t, value, got, want)
	}
	for _, variable := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(variable, "")
	}
	_, err := load(t, map[string]string{"GITHUB_TOKEN_FILE": "~/secret-example"})
	if err == nil || strings.Contains(err.Error(), "secret-example") {
		t.Fatalf("%v", err)
	}
	contains(t, "without a home directory", err.Error(), "github: GITHUB_TOKEN_FILE begins with ~, and ")
	contains(t, "without a home directory", err.Error(), "write the whole path")
	if got, err := credentials.Path("VALET_DIR", "/whole"); got != "/whole" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
