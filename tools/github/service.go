package github

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

const publicHost = "github.com"

// Service is the table entry for GitHub. clientID is the one built into this
// program; it may be "" and serves github.com only, since every other host has
// applications of its own.
func Service(clientID string) tools.Service {
	return tools.Service{
		Name:         "github",
		Title:        "GitHub",
		KeyVariables: []string{"GITHUB_TOKEN", "GITHUB_PERSONAL_ACCESS_TOKEN", "GH_TOKEN"},
		// A refresh token (ghr_) is for no API.
		// https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats
		TokenPrefixes: []string{"github_pat_", "ghp_", "gho_", "ghu_", "ghs_"},
		// https://github.com/github/github-mcp-server/blob/main/docs/remote-server.md
		RemoteHosts: []string{"api.githubcopilot.com"},
		At:          func(given credentials.Settings) (credentials.Service, error) { return at(given, clientID) },
		Toolsets:    usualToolsets(),
		Reads:       isQuery,
		Place:       placeOf,
		Admin:       adminPaths(),
		Mutations:   mutationsOf,
		Public:      isPublic,
		Offer:       Offer,
	}
}

// at answers where GitHub is at a host: github.com, an organisation's
// SUB.ghe.com, a GitHub Enterprise Server, or an http address of this very
// machine.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
func at(given credentials.Settings, clientID string) (credentials.Service, error) {
	web, err := hostAddress(given.Host)
	if err != nil {
		return credentials.Service{}, err
	}
	api := apiAddress(web)
	if web.Host != publicHost {
		clientID = ""
	}
	return credentials.Service{
		Name:         "github",
		Title:        "GitHub",
		Host:         web.Host,
		HostVariable: "GITHUB_HOST",
		APIURL:       api.String(),
		Hosts:        []string{api.Host},
		Pages:        []string{web.Host},
		Endpoint: oauth2.Endpoint{
			AuthURL:       web.String() + "/login/oauth/authorize",
			DeviceAuthURL: web.String() + "/login/device/code",
			TokenURL:      web.String() + "/login/oauth/access_token",
			AuthStyle:     oauth2.AuthStyleInParams,
		},
		NoLoopback:       noLoopback(given),
		ClientID:         clientID,
		RegistrationURL:  web.String() + "/settings/applications/new",
		RegistrationHint: "a GitHub OAuth App with device flow enabled and the callback URL http://127.0.0.1/callback",
		SettingsURL: func(clientID string) string {
			return web.String() + "/settings/connections/applications/" + url.PathEscape(clientID)
		},
		KeysURL: web.String() + "/settings/tokens",
		// https://cli.github.com/manual/gh_auth_token
		KeyCommands:   map[string][]string{"gh": {"auth", "token", "--hostname", web.Host}},
		MissingScopes: missingScopes,
		// https://docs.github.com/en/rest/users/users#get-the-authenticated-user
		Identify: rest.Identify("user", "login"),
		Revoke:   revoke,
	}, nil
}

// noLoopback is why a browser on this machine can't sign in: GitHub knows no
// public clients.
// https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication/
func noLoopback(given credentials.Settings) string {
	if given.ClientSecret.IsZero() {
		return "a browser on this machine needs GITHUB_CLIENT_SECRET at GitHub"
	}
	return ""
}

// hostAddress reads GITHUB_HOST: a host name, with or without https://, or an
// http address on a loopback host.
func hostAddress(host string) (*url.URL, error) {
	if host == "" {
		host = publicHost
	}
	address := host
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	web, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || web.Host == "" || web.Path != "" || web.RawQuery != "" || web.Fragment != "" || strings.ContainsAny(web.Host, " \t") {
		return nil, errNoHost
	}
	if err := oauth.CheckAddress(web.String()); err != nil {
		return nil, fmt.Errorf("github: GITHUB_HOST: %w", err)
	}
	if web.Host = usualHost(web); web.Host == "" {
		return nil, errNoHost
	}
	return web, nil
}

var errNoHost = errors.New("github: GITHUB_HOST is not a host; set it to one such as github.com or octo.ghe.com")

// usualHost is the host as everybody writes it, since the token is kept for it;
// "" if there is none.
func usualHost(web *url.URL) string {
	if port := web.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return ""
		}
	}
	host := strings.TrimPrefix(strings.ToLower(web.Host), "api.")
	host = strings.TrimSuffix(host, ".")
	if host == "www."+publicHost {
		return publicHost
	}
	return host
}

// apiAddress is the base of the REST API: a host of its own at github.com and
// ghe.com, a path on a GitHub Enterprise Server.
// https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
func apiAddress(web *url.URL) *url.URL {
	if web.Host == publicHost || strings.HasSuffix(web.Host, ".ghe.com") {
		return &url.URL{Scheme: web.Scheme, Host: "api." + web.Host, Path: "/"}
	}
	return &url.URL{Scheme: web.Scheme, Host: web.Host, Path: "/api/v3/"}
}

// missingScopes answers the narrowest scope that would have been enough. A token
// without scopes of this kind, such as a GitHub App's, can't be given any.
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
func missingScopes(refusal *http.Response) []string {
	granted, known := scopes(refusal.Header, grantedScopes)
	accepted, _ := scopes(refusal.Header, acceptedScopes)
	if !known || len(accepted) == 0 || overlap(accepted, granted) {
		return nil
	}
	return []string{slices.MinFunc(accepted, func(a, b string) int { return cmp.Compare(breadth(a), breadth(b)) })}
}

// breadth orders scopes by how much they allow, as far as their names tell.
func breadth(scope string) int {
	kind, _, found := strings.Cut(scope, ":")
	order := map[string]int{"read": 0, "public_repo": 1, "write": 3, "admin": 5, "delete": 6}
	if n, known := order[kind]; known {
		return n
	}
	if found {
		return 2
	}
	return 4
}

// revoke deletes the access token, which takes the application's secret.
// https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
func revoke(ctx context.Context, client *oauth.Client, at credentials.Service, token oauth.Token) error {
	if client.Secret.IsZero() {
		return credentials.ErrCannotRevoke
	}
	body, err := json.Marshal(map[string]string{"access_token": token.Access.Reveal()})
	if err != nil {
		return err
	}
	address := at.APIURL + "applications/" + url.PathEscape(client.ID) + "/token"
	request, err := http.NewRequestWithContext(ctx, http.MethodDelete, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.SetBasicAuth(client.ID, client.Secret.Reveal())
	request.Header.Set("Accept", "application/vnd.github+json")
	request.Header.Set("Content-Type", "application/json")
	response, err := client.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNoContent:
		return nil
	case response.StatusCode == http.StatusNotFound && isWorthless(ctx, client, at, token):
		return nil
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s doesn't know the application by this secret (404); check GITHUB_CLIENT_SECRET", request.URL.Host)
	}
	return fmt.Errorf("%s answered %d", request.URL.Host, response.StatusCode)
}

// isWorthless asks whether a token that GitHub didn't find is refused. It
// answers a wrong secret of the application with the same 404.
func isWorthless(ctx context.Context, client *oauth.Client, at credentials.Service, token oauth.Token) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.APIURL+"user", nil)
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+token.Access.Reveal())
	response, err := client.HTTP.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusUnauthorized
}
