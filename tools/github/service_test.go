package github_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools/github"
)

// TestHosts holds the addresses against GitHub's documentation:
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps,
// https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/feature-overview-for-github-enterprise-cloud-with-data-residency
// and https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
func TestHosts(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]struct{ web, api, tokenHost, clientID string }{
		"":                            {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"github.com":                  {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"https://GitHub.com/":         {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"api.github.com":              {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"www.github.com":              {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"github.com.":                 {"https://github.com", "https://api.github.com/", "api.github.com", "built-in-example"},
		"octo.ghe.com":                {"https://octo.ghe.com", "https://api.octo.ghe.com/", "api.octo.ghe.com", ""},
		"api.octo.ghe.com":            {"https://octo.ghe.com", "https://api.octo.ghe.com/", "api.octo.ghe.com", ""},
		"github.example.com":          {"https://github.example.com", "https://github.example.com/api/v3/", "github.example.com", ""},
		"https://github.example:8443": {"https://github.example:8443", "https://github.example:8443/api/v3/", "github.example:8443", ""},
		"http://127.0.0.1:4000":       {"http://127.0.0.1:4000", "http://127.0.0.1:4000/api/v3/", "127.0.0.1:4000", ""},
	} {
		at, err := github.Service("built-in-example").At(credentials.Settings{Host: given})
		if err != nil {
			t.Errorf("%q: %v", given, err)
			continue
		}
		if at.APIURL != want.api || len(at.Hosts) != 1 || at.Hosts[0] != want.tokenHost || at.ClientID != want.clientID || "https://"+at.Pages[0] != want.web && "http://"+at.Pages[0] != want.web {
			t.Errorf("%q: API %s, token for %q, client id %q", given, at.APIURL, at.Hosts, at.ClientID)
		}
		if at.Endpoint.DeviceAuthURL != want.web+"/login/device/code" || at.Endpoint.TokenURL != want.web+"/login/oauth/access_token" || at.Endpoint.AuthURL != want.web+"/login/oauth/authorize" {
			t.Errorf("%q: %+v", given, at.Endpoint)
		}
	}
}

// TestLoopbackTakesASecret: the page above has client_secret among what exchanges a
// code, and none for the device flow.
func TestLoopbackTakesASecret(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{"": "needs GITHUB_CLIENT_SECRET", "example": ""} {
		at, err := github.Service("").At(credentials.Settings{ClientSecret: oauth.NewSecret(secret)})
		if err != nil || (at.NoLoopback == "") != (want == "") || !strings.Contains(at.NoLoopback, want) {
			t.Errorf("secret %q: %v, %q", secret, err, at.NoLoopback)
		}
		if at.Redirect != "" || !strings.Contains(at.RegistrationHint, "http://127.0.0.1/callback") {
			t.Errorf("comes back to %q, registered: %s", at.Redirect, at.RegistrationHint)
		}
	}
}

// TestHostsThatAreNone: a mistake is named by its variable, and what it holds,
// which may be a password, is not repeated.
func TestHostsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"http://github.com", "https://user:password-example@github.com", "github.com/octocat", "github.com?x=1", "ftp://github.com", "a b", "https://", "api.", ".", "github.com:99999", "github.com:0", "javascript:alert(1)"} {
		_, err := github.Service("").At(credentials.Settings{Host: given})
		if err == nil || !strings.Contains(err.Error(), "GITHUB_HOST") || strings.Contains(err.Error(), "password-example") {
			t.Errorf("%q: %v", given, err)
		}
	}
}

// TestMissingScopes holds the answer against the headers GitHub documents:
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
func TestMissingScopes(t *testing.T) {
	t.Parallel()
	at, err := github.Service("").At(credentials.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ granted, accepted, want string }{
		"reading":         {"repo", "admin:org, read:org, repo:status, write:org", "read:org"},
		"public first":    {"gist", "repo, public_repo", "public_repo"},
		"only one":        {"repo", "gist", "gist"},
		"none granted":    {"", "admin:org, write:org", "write:org"},
		"enough already":  {"repo, gist", "public_repo, repo", ""},
		"none would help": {"repo", "", ""},
		"no such scopes":  {"-", "repo", ""},
	} {
		header := http.Header{"X-Accepted-Oauth-Scopes": {c.accepted}}
		if c.granted != "-" {
			header.Set("X-OAuth-Scopes", c.granted)
		}
		if got := strings.Join(at.MissingScopes(&http.Response{Header: header}), " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
