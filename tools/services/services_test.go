package services_test

import (
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/services"
)

// TestProviders holds the table against what each provider documents, on the
// pages its entry names.
func TestProviders(t *testing.T) {
	t.Parallel()
	for _, want := range []struct {
		service                                     tools.Service
		api, authorization, device, token, settings string
		host, pages, keys, registered               string
		style                                       oauth2.AuthStyle
		revokes, identifies                         bool
	}{
		{
			services.GitLab(), "https://gitlab.com/api/v4/", "https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/authorize_device", "https://gitlab.com/oauth/token", "https://gitlab.com/-/user_settings/applications",
			"gitlab.com", "gitlab.com", "GITLAB_TOKEN GITLAB_PERSONAL_ACCESS_TOKEN", "https://gitlab.com/-/user_settings/applications", 0, true, true,
		},
		{
			services.HuggingFace(), "https://huggingface.co/api/", "https://huggingface.co/oauth/authorize", "https://huggingface.co/oauth/device", "https://huggingface.co/oauth/token", "https://huggingface.co/settings/connected-applications",
			"huggingface.co", "huggingface.co", "HUGGINGFACE_TOKEN HF_TOKEN", "https://huggingface.co/settings/applications/new", oauth2.AuthStyleInHeader, false, true,
		},
		{
			services.Sentry(), "https://sentry.io/api/0/", "https://sentry.io/oauth/authorize/", "https://sentry.io/oauth/device/code/", "https://sentry.io/oauth/token/", "https://sentry.io/settings/account/authorizations/",
			"sentry.io", "sentry.io", "SENTRY_TOKEN SENTRY_AUTH_TOKEN SENTRY_ACCESS_TOKEN", "https://sentry.io/settings/account/api/applications/", 0, false, false,
		},
	} {
		at, err := want.service.At(credentials.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		for what, pair := range map[string][2]string{
			"API": {at.APIURL, want.api}, "authorization": {at.Endpoint.AuthURL, want.authorization}, "device": {at.Endpoint.DeviceAuthURL, want.device}, "token": {at.Endpoint.TokenURL, want.token},
			"settings": {at.SettingsURL("id"), want.settings}, "host": {at.Host, want.host}, "hosts": {strings.Join(at.Hosts, " "), want.host},
			"pages": {strings.Join(at.Pages, " "), want.pages}, "keys": {strings.Join(want.service.KeyVariables, " "), want.keys}, "registration": {at.RegistrationURL, want.registered},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q, want %q", at.Name, what, pair[0], pair[1])
			}
		}
		// Whoever registers has to be told the address to come back to.
		if at.Endpoint.AuthStyle != want.style || at.NoLoopback != "" || at.Redirect != "" || !strings.Contains(at.RegistrationHint, "http://127.0.0.1/callback") {
			t.Errorf("%s: %+v", at.Name, at)
		}
		if (at.RevocationURL != "") != want.revokes || at.Revoke != nil || (at.Identify != nil) != want.identifies || at.KeyHeader != "" {
			t.Errorf("%s: %+v", at.Name, at)
		}
		if told := want.service.Offer(tools.Setup{At: at}).Instructions; len(told) != 1 || len(told[0].Text) > 300 || strings.Contains(told[0].Text, "\n") {
			t.Errorf("%s: %v", at.Name, told)
		}
	}
}

// TestElsewhere: a server of one's own has endpoints of its own; an API elsewhere
// gets nothing that the provider has issued for itself.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	set := func(change func(*credentials.Settings)) (s credentials.Settings) { change(&s); return s }
	for name, c := range map[string]struct {
		service             tools.Service
		given               credentials.Settings
		host, api, endpoint string
	}{
		"a server of one's own": {services.GitLab(), credentials.Settings{Host: "git.acme.example"}, "git.acme.example", "https://git.acme.example/api/v4/", "https://git.acme.example/oauth/token"},
		"as an address":         {services.GitLab(), credentials.Settings{Host: "https://Git.acme.example:8443/"}, "git.acme.example:8443", "https://git.acme.example:8443/api/v4/", "https://git.acme.example:8443/oauth/token"},
		"on this machine":       {services.GitLab(), credentials.Settings{Host: "http://127.0.0.1:8080"}, "127.0.0.1:8080", "http://127.0.0.1:8080/api/v4/", "http://127.0.0.1:8080/oauth/token"},
		"a region":              {services.Sentry(), set(func(s *credentials.Settings) { s.API.URL = "https://de.sentry.io/api/0" }), "sentry.io", "https://de.sentry.io/api/0/", "https://sentry.io/oauth/token/"},
		"an API elsewhere":      {services.Sentry(), set(func(s *credentials.Settings) { s.API.URL = "https://sentry.acme.example/api/0/" }), "sentry.acme.example", "https://sentry.acme.example/api/0/", ""},
		"one that looks alike":  {services.Sentry(), set(func(s *credentials.Settings) { s.API.URL = "https://evilsentry.io/api/0/" }), "evilsentry.io", "https://evilsentry.io/api/0/", ""},
		"both elsewhere": {services.Sentry(), set(func(s *credentials.Settings) {
			s.API.URL, s.DeviceURL, s.TokenURL = "https://api.acme.example/", "https://id.acme.example/d", "https://id.acme.example/t"
		}), "id.acme.example for api.acme.example", "https://api.acme.example/", "https://id.acme.example/t"},
	} {
		c.given.KeyVariable, c.given.ClientID = "EXAMPLE_TOKEN", "example"
		at, err := c.service.At(c.given)
		if err != nil || at.Host != c.host || at.APIURL != c.api || at.Endpoint.TokenURL != c.endpoint || (at.Endpoint.DeviceAuthURL == "") != (c.endpoint == "") {
			t.Errorf("%s: %v, %s, %s, %+v", name, err, at.Host, at.APIURL, at.Endpoint)
		}
	}
	mixed := set(func(s *credentials.Settings) {
		s.ClientID, s.DeviceURL, s.TokenURL = "example", "https://id.acme.example/d", "https://id.acme.example/t"
	})
	if at, err := services.GitLab().At(mixed); err != nil || at.RevocationURL != "" || at.Revoke != nil || at.Host != "id.acme.example for gitlab.com" || len(at.Pages) != 0 {
		t.Errorf("what another issuer gave would be revoked at GitLab's: %v, %+v", err, at)
	}
	if at, err := services.GitLab().At(set(func(s *credentials.Settings) {
		s.KeyVariable, s.RevocationURL = "EXAMPLE_TOKEN", "https://id.acme.example/r"
	})); err == nil || !strings.Contains(err.Error(), "set GITLAB_DEVICE_URL (or GITLAB_AUTHORIZATION_URL) and GITLAB_TOKEN_URL") || at.Endpoint.TokenURL != "" {
		t.Errorf("what GitLab gave would be revoked at another issuer's: %v, %+v", err, at)
	}
	for given, want := range map[string]string{
		"git.acme.example/gitlab":    "gitlab: GITLAB_HOST holds more than a host",
		"http://git.acme.example":    "gitlab: GITLAB_HOST can't be used",
		"https://a@git.acme.example": "gitlab: GITLAB_HOST can't be used",
		"git.acme.example?x=1":       "gitlab: GITLAB_HOST is not a plain address",
		"git acme":                   "gitlab: GITLAB_HOST can't be used",
	} {
		if _, err := services.GitLab().At(credentials.Settings{Host: given}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// TestUnusableAddress: one complaint about a variable, with what was given, as far as
// it holds no password, and how to write it; nothing about what only follows from it.
func TestUnusableAddress(t *testing.T) {
	t.Parallel()
	set := func(change func(*credentials.Settings)) (s credentials.Settings) { change(&s); return s }
	api := func(address string) credentials.Settings {
		return set(func(s *credentials.Settings) { s.API.URL, s.KeyVariable = address, "ACME_TOKEN" })
	}
	acme, err := services.Custom("acme")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		service tools.Service
		given   credentials.Settings
		want    string
	}{
		"no scheme":       {acme, api("acme.example"), `ACME_API_URL can't be used: "acme.example" has no https:// before it; write https://acme.example`},
		"this machine":    {acme, api("localhost:8080/v1"), `ACME_API_URL can't be used: "localhost:8080/…" has no https:// before it; write http://localhost:8080/…`},
		"half a scheme":   {acme, api("https:/acme.example"), `ACME_API_URL can't be used: "https:/acme.example" has no https:// before it; write https://acme.example`},
		"not encrypted":   {acme, api("http://acme.example/secret-example?key=secret-example"), `ACME_API_URL can't be used: "http://acme.example/…" is neither https nor http on this machine; write https://acme.example/…`},
		"no address":      {acme, api("my api"), `ACME_API_URL can't be used: "my api" is not an address; write it like https://api.example.com/v1`},
		"with a password": {acme, api("me:secret-example@acme.example"), "ACME_API_URL can't be used: it has a user name in it; leave that out"},
		"the host":        {services.GitLab(), credentials.Settings{Host: "http://git.acme.example"}, `GITLAB_HOST can't be used: "http://git.acme.example" is neither https nor http on this machine; write https://git.acme.example`},
		"nothing of it":   {acme, credentials.Settings{Host: "acme.example"}, "ACME_HOST has no meaning; set ACME_API_URL to the address of the API"},
	} {
		if _, err := c.service.At(c.given); err == nil || err.Error() != c.service.Name+": "+c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEndpointsOfAFlow: either flow's endpoint is enough beside that for tokens, and
// a token is for the host that issues it, wherever a browser is sent.
func TestEndpointsOfAFlow(t *testing.T) {
	t.Parallel()
	const api, authorize, device, token = "https://slack.com/api", "https://slack.com/oauth/v2/authorize?user_scope=chat:write,users:read&x=a%2Fb", "https://slack.com/device", "https://id.slack.example/api/oauth.v2.access"
	for name, given := range map[string]credentials.Settings{
		"loopback": {AuthorizationURL: authorize}, "device": {DeviceURL: device}, "both": {AuthorizationURL: authorize, DeviceURL: device},
	} {
		given.API.URL, given.TokenURL, given.ClientID = api, token, "example"
		service, err := services.Custom("slack")
		if err != nil {
			t.Fatal(err)
		}
		at, err := service.At(given)
		want := oauth2.Endpoint{AuthURL: given.AuthorizationURL, DeviceAuthURL: given.DeviceURL, TokenURL: token}
		if err != nil || at.Endpoint != want || at.Host != "id.slack.example for slack.com" || len(at.Pages) != 0 {
			t.Errorf("%s: %v, %+v", name, err, at)
		}
	}
}

// TestNames: a custom name is one that variables, tools, stores and Windows take.
func TestNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"a": true, "acme": true, "acme_2": true, strings.Repeat("a", 30): true,
		"": false, "2acme": false, "_a": false, "a-b": false, "a.b": false, "a/b": false, "Acme": false, "ä": false, strings.Repeat("a", 31): false,
		"valet": false, "doctor": false, "identity": false, "all": false, "con": false, "nul": false,
	} {
		service, err := services.Custom(name)
		if (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
		if err != nil {
			continue
		}
		for _, tool := range service.Offer(tools.Setup{At: credentials.Service{Name: name, Title: "X"}}).Tools {
			if len(tool.Name) > 40 || !strings.HasPrefix(tool.Name, name+"_") {
				t.Errorf("tool %s", tool.Name)
			}
		}
	}
}
