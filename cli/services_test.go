package cli

import (
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
)

func secretVariables() map[string]string {
	return map[string]string{
		"GITHUB_TOKEN": "example-1", "GITHUB_PERSONAL_ACCESS_TOKEN": "example-2", "GH_TOKEN": "example-3", "GITHUB_CLIENT_SECRET": "example-4",
		"GITHUB_TOKEN_FILE": "/example-5", "GITHUB_TOKEN_COMMAND": "example-6",
		"VALET_PROXY":           "http://valet:example-7@proxy.example",
		"VALET_PASSPHRASE_FILE": "/example-8", "VALET_PASSPHRASE_COMMAND": "example-9",
	}
}

// setOnly gives a test no other variables of valetkey's than these.
func setOnly(t *testing.T, all ...map[string]string) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "VALET_") || strings.HasPrefix(name, "GITHUB_") || strings.HasPrefix(name, "GH_") || strings.HasPrefix(name, "GITLAB_") {
			t.Setenv(name, value)
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, variables := range all {
		for name, value := range variables {
			t.Setenv(name, value)
		}
	}
}

// TestNoSecretStaysInTheEnvironment: whatever is wrong with another setting,
// a child process inherits none.
func TestNoSecretStaysInTheEnvironment(t *testing.T) {
	for name, c := range map[string]struct {
		wrong   map[string]string
		account string
	}{
		"nothing":      {map[string]string{"VALET_BROWSER": "never"}, ""},
		"the browser":  {map[string]string{"VALET_BROWSER": "wrong"}, ""},
		"the folder":   {map[string]string{"VALET_DIR": "wrong"}, ""},
		"the keyring":  {map[string]string{"VALET_KEYRING": "wr/ong"}, ""},
		"the store":    {map[string]string{"VALET_STORE": "wrong"}, ""},
		"the proxy":    {map[string]string{"VALET_PROXY": "example-7"}, ""},
		"the roots":    {map[string]string{"VALET_CA_FILE": "/nowhere/wrong"}, ""},
		"the key":      {map[string]string{"GITHUB_TOKEN": "exam ple-1"}, ""},
		"the account":  {map[string]string{"GITHUB_ACCOUNT": "wr/ong"}, ""},
		"the host":     {map[string]string{"GITHUB_HOST": "ftp://wrong"}, ""},
		"the argument": {nil, "wr/ong"},
		"everything":   {map[string]string{"VALET_BROWSER": "wrong", "GITHUB_ACCOUNT": "wr/ong"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			setOnly(t, secretVariables(), c.wrong)
			opened, _, err := (&app{account: c.account}).open(setup{log: slog.New(slog.DiscardHandler)})
			defer closeAll(opened)
			if (err == nil) != (name == "nothing") {
				t.Fatalf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "example-") {
				t.Errorf("the error shows a secret: %v", err)
			}
			for variable, value := range c.wrong {
				if value == "wrong" || value == "wr/ong" {
					if !strings.Contains(err.Error(), variable) {
						t.Errorf("the error doesn't name %s: %v", variable, err)
					}
				}
			}
			for _, variable := range slices.Sorted(maps.Keys(secretVariables())) {
				if value, there := os.LookupEnv(variable); there {
					t.Errorf("%s is still %q", variable, value)
				}
			}
		})
	}
}

// TestSecretsAreUsed: what is taken out of the environment has been read.
func TestSecretsAreUsed(t *testing.T) {
	setOnly(t, secretVariables())
	opened, own, err := (&app{}).open(setup{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(opened)
	given := opened[0].options.Settings
	for what, got := range map[string]string{
		"example-1": given.Token.Reveal(), "example-4": given.ClientSecret.Reveal(), "/example-5": given.TokenFile, "example-6": given.TokenCommand,
		"http://valet:example-7@proxy.example": own.Proxy.Reveal(), "/example-8": own.PassphraseFile, "example-9": own.PassphraseCommand,
	} {
		if got != what {
			t.Errorf("got %q, want %q", got, what)
		}
	}
}

// TestFixedWordsInAnyCase: FILE is a store as file is.
func TestFixedWordsInAnyCase(t *testing.T) {
	for value, want := range map[string]credentials.Source{
		"FILE": credentials.SourceSealed, "Memory": credentials.SourceMemory, " KeyRing ": credentials.SourceKeyring, "AUTO": credentials.SourceKeyring,
	} {
		setOnly(t, map[string]string{"VALET_STORE": value, "VALET_BROWSER": "Never"})
		opened, own, err := (&app{}).open(setup{log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		if got := opened[0].options.Store.Source(); got != want || own.Browser != "never" {
			t.Errorf("VALET_STORE=%s is %s, VALET_BROWSER %q", value, got, own.Browser)
		}
		closeAll(opened)
	}
}

// TestRepositories: a list that can't be meant stops the start, and names its
// variable.
func TestRepositories(t *testing.T) {
	for value, want := range map[string]struct {
		list  string
		wrong bool
	}{
		"":                              {"", false},
		"${VALET_REPOS}":                {"", false},
		"octocat/*":                     {"octocat/*", false},
		"octocat/Hello-World, mona/x y": {"", true},
		"octocat/*,mona/*  acme/web-*":  {"octocat/* mona/* acme/web-*", false},
		"octocat":                       {"", true},
		",":                             {"", true},
		"https://github.com/octocat/x":  {"", true},
	} {
		t.Run(value, func(t *testing.T) {
			setOnly(t, map[string]string{"VALET_REPOS": value})
			got, err := loadSettings()
			if want.wrong {
				if err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || strings.Join(got.repositories(), " ") != want.list {
				t.Errorf("%q, %v", got.repositories(), err)
			}
		})
	}
}

// TestRepositoriesReachTheTools: the list binds every tool that is offered.
func TestRepositoriesReachTheTools(t *testing.T) {
	setOnly(t, map[string]string{"VALET_REPOS": "octocat/*", "VALET_STORE": "memory", "GITHUB_TOKEN": "example"})
	opened, _, err := (&app{}).open(setup{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(opened)
	for _, tool := range opened[0].offered.Tools {
		if tool.Name != "github_issue" {
			continue
		}
		if _, err := tool.Call(t.Context(), []byte(`{"repo":"mona/x","number":1}`)); err == nil || !strings.Contains(err.Error(), "refused by VALET_REPOS") {
			t.Errorf("%v", err)
		}
	}
}

// TestPathsInTheHomeDirectory: every variable that names a path may begin with ~.
func TestPathsInTheHomeDirectory(t *testing.T) {
	home := t.TempDir()
	for _, variable := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(variable, home)
	}
	paths := map[string]string{"VALET_DIR": "~/a", "VALET_CA_FILE": "~/b", "VALET_PASSPHRASE_FILE": "~/c"}
	setOnly(t, paths)
	own, err := loadSettings()
	for got, want := range map[string]string{own.Dir: "a", own.CAFile: "b", own.PassphraseFile: "c"} {
		if err != nil || got != filepath.Join(home, want) {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, variable := range []string{"HOME", "USERPROFILE"} {
		t.Setenv(variable, "")
	}
	for variable := range paths {
		setOnly(t, map[string]string{variable: "~/a"})
		if _, err := loadSettings(); err == nil || !strings.HasPrefix(err.Error(), variable+" begins with ~") {
			t.Errorf("%s without a home directory: %v", variable, err)
		}
	}
}

// What a host needs to find a sign-in is said, but for what is secret or says
// where a secret is: that is only named.
func TestHostNeeds(t *testing.T) {
	home := t.TempDir()
	for name, test := range map[string]struct {
		set  map[string]string
		want string
	}{
		"nothing":      {nil, ""},
		"the usual":    {map[string]string{"VALET_STORE": "AUTO", "VALET_KEYRING": "valetkey", "GITHUB_CLIENT_ID": "${id}", "VALET_TOOLSETS": "all"}, ""},
		"an app":       {map[string]string{"GITHUB_CLIENT_ID": "id-example"}, "GITHUB_CLIENT_ID=id-example"},
		"another host": {map[string]string{"GITHUB_HOST": "octo.ghe.com", "GITHUB_ACCOUNT": "work", "VALET_KEYRING": "other"}, "GITHUB_ACCOUNT=work GITHUB_HOST=octo.ghe.com VALET_KEYRING=other"},
		"files":        {map[string]string{"VALET_STORE": "File", "VALET_DIR": home}, "VALET_STORE=file VALET_DIR=" + home},
		"secrets":      {secretVariables(), "GITHUB_TOKEN GITHUB_TOKEN_FILE GITHUB_TOKEN_COMMAND GITHUB_CLIENT_SECRET VALET_PROXY VALET_PASSPHRASE_FILE VALET_PASSPHRASE_COMMAND"},
	} {
		t.Run(name, func(t *testing.T) {
			setOnly(t, test.set)
			opened, own, err := new(app).open(setup{log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer closeAll(opened)
			if got := strings.Join(hostNeeds(opened[0], own), " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	setOnly(t)
	opened, own, err := (&app{account: "work"}).open(setup{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(opened)
	if got := hostNeeds(opened[0], own); !slices.Equal(got, []string{"GITHUB_ACCOUNT=work"}) {
		t.Errorf("--account: %q", got)
	}
}

// TestSelectionAmongServices: what is said of all services may name the tools
// and toolsets of one, and each sign-in asks for no more than its tools need.
func TestSelectionAmongServices(t *testing.T) {
	for name, c := range map[string]struct {
		variables           map[string]string
		want, scopes, wrong string
	}{
		"nothing said":        {nil, "github_whoami gitlab_api gitlab_api_write", "api read_api", ""},
		"without writing":     {map[string]string{"VALET_TOOLS": "-*_write"}, "github_whoami gitlab_api", "read_api", ""},
		"a role that reads":   {map[string]string{"VALET_ROLE": "read-only"}, "github_whoami gitlab_api", "read_api", ""},
		"only one's":          {map[string]string{"VALET_TOOLS": "gitlab_*"}, "gitlab_api gitlab_api_write", "api read_api", ""},
		"one's toolset":       {map[string]string{"VALET_TOOLSETS": "context"}, "github_whoami gitlab_api gitlab_api_write", "api read_api", ""},
		"a toolset elsewhere": {map[string]string{"GITLAB_TOOLSETS": "context"}, "", "", "GITLAB_TOOLSETS: there is no toolset"},
		"nobody's toolset":    {map[string]string{"VALET_TOOLSETS": "contexts"}, "", "", "VALET_TOOLSETS: there is no toolset"},
		"nobody's tool":       {map[string]string{"VALET_TOOLS": "gitlab_issue"}, "", "", "VALET_TOOLS: no tool is named"},
		"nothing left":        {map[string]string{"VALET_TOOLS": "-*"}, "", "", "VALET_TOOLS: no tool is left"},
	} {
		t.Run(name, func(t *testing.T) {
			setOnly(t, map[string]string{"VALET_SERVICES": "GitHub gitlab,github", "VALET_STORE": "memory", "VALET_ROLE": "developer"}, c.variables)
			opened, _, err := (&app{}).open(setup{log: slog.New(slog.DiscardHandler)})
			defer closeAll(opened)
			if c.wrong != "" {
				if err = errors.Join(append(faultsOf(opened), err)...); err == nil || !strings.HasPrefix(err.Error(), c.wrong) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || len(opened) != 2 {
				t.Fatalf("%d services, %v", len(opened), err)
			}
			names := slices.DeleteFunc(namesOf(allOffered(opened).Tools), func(name string) bool {
				return strings.HasPrefix(name, "github_") && name != "github_whoami"
			})
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("tools %s", got)
			}
			if got := strings.Join(opened[1].credential.Service.Scopes, " "); got != c.scopes {
				t.Errorf("scopes %s", got)
			}
		})
	}
}
