package cli

import (
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// fill sets every variable's field of a struct of settings, but for secrets and
// where they are, to a value that each of them may have, and those to theirs.
func fill(t *testing.T, at reflect.Value, fitting map[string]string) {
	t.Helper()
	for field, value := range at.Fields() {
		given, fits := fitting[field.Name]
		switch {
		case !field.IsExported() || field.Tag.Get("ignored") == "true":
		case field.Type == reflect.TypeFor[oauth.Secret]():
			value.Set(reflect.ValueOf(oauth.NewSecret("secret-example")))
		case field.Type.Kind() == reflect.Struct:
			fill(t, value, fitting)
		case fits:
			value.SetString(given)
		default:
			value.SetString("https://acme.example/" + field.Name)
		}
	}
}

// TestHostHasWhatLoginHad: a host that is given what login names has the settings
// that login had, whatever variables there are; of secrets it is only the names.
func TestHostHasWhatLoginHad(t *testing.T) {
	setOnly(t)
	var given credentials.Settings
	fill(t, reflect.ValueOf(&given).Elem(), map[string]string{
		"Account": "work", "Flow": "device", "RedirectPort": "8400", "Grant": "client_credentials", "TokenFile": "secret-example", "TokenCommand": "secret-example",
	})
	own := settings{Store: "file", Keyring: "other", Dir: t.TempDir(), CAFile: "/example/ca.pem", Services: "github,acme", Proxy: oauth.NewSecret("secret-example"), PassphraseFile: "secret-example", PassphraseCommand: "secret-example"}
	s := service{}
	s.Name, s.options.Settings = "acme", given
	for _, need := range hostNeeds(s, own) {
		name, value, found := strings.Cut(need, "=")
		if !found {
			value = "secret-example"
		}
		if found && value == "secret-example" {
			t.Errorf("the secret is shown in %s", name)
		}
		t.Setenv(name, value)
	}
	at, err := credentials.LoadSettings("acme", []string{"ACME_TOKEN"})
	at.KeyVariable, at.Idle = "", nil
	if err != nil || !reflect.DeepEqual(at, given) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, at, given)
	}
	if host, err := loadSettings(); err != nil || host.Browser != "auto" || host.Store != own.Store || host.Keyring != own.Keyring || host.Dir != own.Dir ||
		host.CAFile != own.CAFile || host.Services != own.Services || !host.Proxy.Equal(own.Proxy) || host.PassphraseFile == "" || host.PassphraseCommand == "" {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, host, own)
	}
	if _, there := os.LookupEnv("ACME_API_URL"); !there {
		t.Error("nothing was set, so this test proves nothing")
	}
}

// TestHostNeedsOfValetkeysOwn: each variable of valetkey's own is named, or known
// not to matter to where a token is.
func TestHostNeedsOfValetkeysOwn(t *testing.T) {
	setOnly(t, map[string]string{"VALET_STORE": "memory"})
	opened, _, err := new(app).open(setup{log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(opened)
	var own settings
	fill(t, reflect.ValueOf(&own).Elem(), nil)
	needs := strings.Join(hostNeeds(opened[0], own), "\n") + "\n"
	aside := []string{
		"VALET_AUDIT", "VALET_AUDIT_ARGS", "VALET_BROWSER", "VALET_CONFIRM", "VALET_GRANT", "VALET_LOG", "VALET_MAX_TOKENS", "VALET_REPOS", "VALET_ROLE",
		"VALET_TOOLS", "VALET_TOOLSETS", "VALET_WRITES_PER_MINUTE", "VALET_WRITES_PER_SESSION",
	}
	for _, name := range ownVariables() {
		if named, isAside := strings.Contains(needs, name+"=") || strings.Contains(needs, name+"\n"), strings.Contains(strings.Join(aside, " ")+" ", name+" "); named == isAside {
			t.Errorf("%s: named: %t", name, named)
		}
	}
}
