package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

// RFC 7009 §2.1 and §2.2.
func TestRevocation(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name             string
		form             func(tokens map[string]string) url.Values
		status           int
		code             string
		access, renewing bool // what still works
	}{
		{"access token", func(m map[string]string) url.Values { return client("token", m["access_token"]) }, 200, "", false, true},
		{"access token, wrong hint", func(m map[string]string) url.Values {
			return client("token", m["access_token"], "token_type_hint", "refresh_token")
		}, 200, "", false, true},
		{"refresh token", func(m map[string]string) url.Values { return client("token", m["refresh_token"]) }, 200, "", false, false},
		{"with the secret", func(m map[string]string) url.Values {
			return client("token", m["refresh_token"], "client_secret", sandbox.ClientSecret)
		}, 200, "", false, false},
		{"unknown token", func(map[string]string) url.Values { return client("token", "x") }, 200, "", true, true},
		{"no token", func(map[string]string) url.Values { return client() }, 400, "invalid_request", true, true},
		{"unknown client", func(m map[string]string) url.Values {
			return url.Values{"client_id": {"x"}, "token": {m["access_token"]}}
		}, 401, "invalid_client", true, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sandbox.Options{TokenLifetime: time.Hour, GitHubManners: true})
			tokens := signIn(t, s, "").fields
			a := post(t, s, revokePath, c.form(tokens))
			expect(t, "status", a.status, c.status)
			expect(t, "error", a.fields["error"], c.code)
			expect(t, "the access token works", works(s, tokens["access_token"]), c.access)
			expect(t, "the refresh token works", refresh(t, s, tokens["refresh_token"]).fields["error"] == "", c.renewing)
		})
	}
}

// GitHub, "Delete an app token": Basic authentication, 204.
func TestDeleteToken(t *testing.T) {
	t.Parallel()
	const path = "/api/v3/applications/" + sandbox.ClientID + "/token"
	s := start(t, sandbox.Options{GitHubManners: true})
	access := s.IssueToken("repo")
	body := `{"access_token":"` + access + `"}`
	for _, c := range []struct {
		name, path, id, secret, body string
		status                       int
		works                        bool
	}{
		{"nobody", path, "", "", body, 404, true},
		{"wrong secret", path, sandbox.ClientID, "example-wrong", body, 404, true},
		{"other app", "/api/v3/applications/x/token", sandbox.ClientID, sandbox.ClientSecret, body, 404, true},
		{"not JSON", path, sandbox.ClientID, sandbox.ClientSecret, "access_token=x", 400, true},
		{"no token", path, sandbox.ClientID, sandbox.ClientSecret, "{}", 422, true},
		{"right", path, sandbox.ClientID, sandbox.ClientSecret, body, 204, false},
		{"again", path, sandbox.ClientID, sandbox.ClientSecret, body, 404, false},
	} {
		r, err := http.NewRequest(http.MethodDelete, s.URL()+c.path, strings.NewReader(c.body))
		must(t, err)
		if c.id != "" {
			r.SetBasicAuth(c.id, c.secret)
		}
		response := do(t, r)
		expect(t, c.name, response.StatusCode, c.status)
		expect(t, c.name+": the token works", works(s, access), c.works)
	}
}

func do(t *testing.T, r *http.Request) *http.Response {
	t.Helper()
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	must(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func TestRevokeTokensAndGrants(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	first, key := signIn(t, s, "").fields, s.IssueToken()
	s.RevokeTokens()
	expect(t, "access token after RevokeTokens", works(s, first["access_token"]), false)
	expect(t, "issued token after RevokeTokens", works(s, key), false)
	second := refresh(t, s, first["refresh_token"]).fields
	expect(t, "refreshed after RevokeTokens", works(s, second["access_token"]), true)
	s.RevokeGrants()
	expect(t, "access token after RevokeGrants", works(s, second["access_token"]), false)
	expect(t, "refresh after RevokeGrants", refresh(t, s, second["refresh_token"]).fields["error"], "invalid_grant")
	expect(t, "a new sign-in", works(s, signIn(t, s, "").fields["access_token"]), true)
}

// RFC 8414 §2 and §3; RFC 7636 §5; RFC 9207 §3; RFC 8628 §4 names device_authorization_endpoint.
func TestMetadata(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	r, err := http.NewRequest(http.MethodGet, s.URL()+"/.well-known/oauth-authorization-server", nil)
	must(t, err)
	response := do(t, r)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	var m struct {
		Issuer   string   `json:"issuer"`
		Device   string   `json:"device_authorization_endpoint"`
		Token    string   `json:"token_endpoint"`
		Revoke   string   `json:"revocation_endpoint"`
		Grants   []string `json:"grant_types_supported"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		Response []string `json:"response_types_supported"`

		Authorize     string   `json:"authorization_endpoint"`
		Challenges    []string `json:"code_challenge_methods_supported"`
		AnswersIssuer bool     `json:"authorization_response_iss_parameter_supported"`
	}
	must(t, json.Unmarshal(body, &m))
	expect(t, "Content-Type", response.Header.Get("Content-Type"), "application/json; charset=utf-8")
	expect(t, "issuer", m.Issuer, s.URL())
	expect(t, "device_authorization_endpoint", m.Device, s.URL()+devicePath)
	expect(t, "token_endpoint", m.Token, s.URL()+tokenPath)
	expect(t, "revocation_endpoint", m.Revoke, s.URL()+revokePath)
	expect(t, "grant_types_supported", strings.Join(m.Grants, " "), deviceGrant+" authorization_code refresh_token")
	expect(t, "token_endpoint_auth_methods_supported", strings.Join(m.Methods, " "), "none client_secret_post")
	expect(t, "response_types_supported", strings.Join(m.Response, " "), "code")
	expect(t, "authorization_endpoint", m.Authorize, s.URL()+authorizePath)
	expect(t, "code_challenge_methods_supported", strings.Join(m.Challenges, " "), "S256")
	expect(t, "authorization_response_iss_parameter_supported", m.AnswersIssuer, true)
}
