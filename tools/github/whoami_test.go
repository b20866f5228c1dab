package github_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

func TestWhoami(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /user": file("user").
		with("X-OAuth-Scopes", "repo, read:org").
		with("X-RateLimit-Limit", "5000").with("X-RateLimit-Remaining", "4987").with("X-RateLimit-Reset", "1372700873").
		with("GitHub-Authentication-Token-Expiration", "2026-02-01 08:30:00 UTC")})
	f.gives("github_whoami", `{}`, `@octocat, monalisa octocat, https://github.com/octocat
credential: keyring, stored 2026-01-31
scopes: repo, read:org
token expires: 2026-02-01 08:30 UTC
rate limit: 4,987 of 5,000 requests left, reset at 2013-07-01 17:47 UTC`)
	f.wasAsked("GET /user")
	f.refuses("github_whoami", `{"login":"me"}`, `github_whoami: unknown argument "login"; this tool takes none`)
	f.wasAsked()
}

// Fine-grained tokens and those of GitHub Apps come without the scopes header,
// and a GitHub Enterprise Server may have no rate limit.
func TestWhoamiWithLessToSay(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"X-Other":        "scopes: not reported; this token has permissions of its own instead",
		"X-OAuth-Scopes": "scopes: none, so public data only",
	} {
		f := start(t, map[string]answer{"GET /user": file("user").with(header, "").with("X-RateLimit-Limit", "5000").with("X-RateLimit-Remaining", "abc")})
		f.gives("github_whoami", ``, "@octocat, monalisa octocat, https://github.com/octocat\ncredential: keyring, stored 2026-01-31\n"+want+"\nrate limit: none reported")
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"login":"octocat"}`))
	}))
	t.Cleanup(server.Close)
	for want, about := range map[string]func(context.Context) (string, error){
		"@octocat\nscopes": nil,
		"@octocat\ncredential: not known: keyring locked\nscopes": func(context.Context) (string, error) { return "", errors.New("keyring locked") },
	} {
		whoami := github.Offer(tools.Setup{API: server.Client(), At: credentials.Service{APIURL: server.URL}, About: about}).Tools[0]
		got, err := whoami.Call(t.Context(), json.RawMessage(`{}`))
		if err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("got %q, %v, want it to begin with %q", got, err, want)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"":                                  "github: the address of the API is not a URL; check GITHUB_HOST",
		"api.github.com":                    "github: the address of the API is not a URL; check GITHUB_HOST",
		"file:///etc":                       "github: the address of the API is not a URL; check GITHUB_HOST",
		"https://host\x7f/":                 "github: the address of the API is not a URL; check GITHUB_HOST",
		"https://user:example@host/api/v3":  "github: the address of the API holds more than a host and a path; check GITHUB_HOST",
		"https://host/api/v3?token=example": "github: the address of the API holds more than a host and a path; check GITHUB_HOST",
	} {
		for _, tool := range toolsAt(http.DefaultClient, address) {
			if _, err := tool.Call(t.Context(), nil); err == nil || err.Error() != want {
				t.Errorf("%q: got %v, want %s", address, err, want)
			}
		}
	}
}
