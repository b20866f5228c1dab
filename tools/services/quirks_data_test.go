package services_test

import (
	"encoding/base64"
	"fmt"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// The providers as they document themselves, with example tokens and hosts that are
// this machine's. Where one documents no answer of its own, it is RFC 6749's.

const hour = time.Hour

// device is an answer of RFC 8628 §3.2 with more in it.
func device(more string) []said {
	return []said{{200, `{"device_code":"example-device-code","user_code":"WDJB-MJHT","expires_in":900` + more + `}`}}
}

// issued is an answer of RFC 6749 §5.1 with more in it.
func issued(access, more string) said {
	return said{200, `{"access_token":"` + access + `"` + more + `}`}
}

func pending(status int) said {
	return said{status, `{"error":"authorization_pending","error_description":"The authorization is pending."}`}
}

func jwtUntil(end time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode(fmt.Appendf(nil, `{"exp":%d}`, end.Unix())) + ".example"
}

// https://auth0.com/docs/quickstart/native/device/interactive
// https://auth0.com/docs/api/authentication/device-authorization-flow/authorize-device
// https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
func auth0() idp {
	return idp{
		issuer: "/", wellKnown: "/.well-known/openid-configuration",
		metadata: `{"issuer":"BASE/","authorization_endpoint":"BASE/authorize","token_endpoint":"BASE/oauth/token","device_authorization_endpoint":"BASE/oauth/device/code",` +
			`"registration_endpoint":"BASE/oidc/register","revocation_endpoint":"BASE/oauth/revoke","scopes_supported":["openid","profile","offline_access"],` +
			`"code_challenge_methods_supported":["S256","plain"],"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","private_key_jwt"]}`,
		settings: credentials.Settings{Scopes: "openid offline_access", Audience: "https://api.acme.example/"},
		answers: map[string][]said{
			"/oauth/device/code":       device(`,"verification_uri":"BASE/activate","verification_uri_complete":"BASE/activate?user_code=WDJB-MJHT","interval":5`),
			"/oauth/token device_code": {pending(403), {429, `{"error":"slow_down","error_description":"You are polling faster than the specified interval of 5 seconds."}`}, issued("example-1", `,"id_token":"example","refresh_token":"example-refresh-1","expires_in":86400,"token_type":"Bearer"`)},
			// Without rotation the answer holds no refresh token:
			// https://auth0.com/docs/secure/tokens/refresh-tokens/use-refresh-tokens
			"/oauth/token refresh_token": {issued("example-2", `,"id_token":"example","expires_in":86400,"token_type":"Bearer"`)},
			"/oauth/revoke":              {{200, ""}},
		},
		lifetime: 24 * hour,
	}
}

// https://developer.okta.com/docs/guides/device-authorization-grant/main/
// https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/orgas
// https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/customas
func okta(issuer, wellKnown string) idp {
	at := "BASE" + issuer + "/v1"
	path := issuer + "/v1"
	if issuer == "" {
		at, path = "BASE/oauth2/v1", "/oauth2/v1"
	}
	return idp{
		issuer: issuer, wellKnown: wellKnown,
		metadata: `{"issuer":"BASE` + issuer + `","authorization_endpoint":"` + at + `/authorize","token_endpoint":"` + at + `/token","device_authorization_endpoint":"` + at + `/device/authorize",` +
			`"revocation_endpoint":"` + at + `/revoke","scopes_supported":["openid","email","profile","address","phone","offline_access"],"code_challenge_methods_supported":["S256"],` +
			`"token_endpoint_auth_methods_supported":["client_secret_basic","client_secret_post","client_secret_jwt","private_key_jwt","none"]}`,
		answers: map[string][]said{
			path + "/device/authorize":    device(`,"verification_uri":"BASE/activate","verification_uri_complete":"BASE/activate?user_code=WDJB-MJHT","interval":5`),
			path + "/token device_code":   {pending(400), issued("example-1", `,"token_type":"Bearer","expires_in":3600,"scope":"offline_access openid","refresh_token":"example-refresh-1"`)},
			path + "/token refresh_token": {issued("example-2", `,"token_type":"Bearer","expires_in":3600,"scope":"offline_access openid","refresh_token":"example-refresh-2"`)},
			path + "/revoke":              {{200, ""}},
		},
		lifetime: hour,
	}
}

// https://www.keycloak.org/securing-apps/oidc-layers
// https://www.keycloak.org/docs/latest/server_admin/#_offline-access
func keycloak() idp {
	const at = "/realms/acme/protocol/openid-connect"
	token := `,"expires_in":300,"refresh_expires_in":0,"token_type":"Bearer","not-before-policy":0,"session_state":"example","scope":"offline_access"`
	return idp{
		issuer: "/realms/acme", wellKnown: "/realms/acme/.well-known/openid-configuration",
		metadata: `{"issuer":"BASE/realms/acme","authorization_endpoint":"BASE` + at + `/auth","token_endpoint":"BASE` + at + `/token","device_authorization_endpoint":"BASE` + at + `/auth/device",` +
			`"revocation_endpoint":"BASE` + at + `/revoke","registration_endpoint":"BASE/realms/acme/clients-registrations/openid-connect","scopes_supported":["openid","offline_access","profile","email"],` +
			`"grant_types_supported":["authorization_code","implicit","refresh_token","password","client_credentials","urn:ietf:params:oauth:grant-type:device_code"],` +
			`"code_challenge_methods_supported":["plain","S256"],"token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_basic","client_secret_post","tls_client_auth","client_secret_jwt"]}`,
		answers: map[string][]said{
			at + "/auth/device":         device(`,"verification_uri":"BASE/realms/acme/device","verification_uri_complete":"BASE/realms/acme/device?user_code=WDJB-MJHT","interval":5`),
			at + "/token device_code":   {pending(400), issued("example-1", token+`,"refresh_token":"example-refresh-1"`)},
			at + "/token refresh_token": {issued("example-2", token+`,"refresh_token":"example-refresh-2"`)},
			at + "/revoke":              {{200, ""}},
		},
		lifetime: 5 * time.Minute,
	}
}

// https://workos.com/docs/reference/authkit/cli-auth
func authKit() idp {
	const at = "/user_management/authenticate"
	return idp{
		settings: credentials.Settings{DeviceURL: "BASE/user_management/authorize/device", TokenURL: "BASE" + at},
		answers: map[string][]said{
			"/user_management/authorize/device": device(`,"verification_uri":"BASE/device","verification_uri_complete":"BASE/device?user_code=WDJB-MJHT","interval":5`),
			at + " device_code":                 {pending(400), issued(jwtUntil(start().Add(5*time.Minute)), `,"user":{"object":"user","id":"user_example"},"organization_id":"org_example","refresh_token":"example-refresh-1"`)},
			at + " refresh_token":               {issued(jwtUntil(start().Add(10*time.Minute)), `,"user":{"object":"user","id":"user_example"},"organization_id":"org_example","refresh_token":"example-refresh-2"`)},
		},
		lifetime: 5 * time.Minute,
	}
}

// https://workos.com/docs/reference/workos-connect/cli-auth
// https://workos.com/docs/reference/workos-connect/metadata
// https://workos.com/docs/reference/workos-connect/revocation
func connect() idp {
	return idp{
		wellKnown: "/.well-known/oauth-authorization-server",
		metadata: `{"issuer":"BASE","authorization_endpoint":"BASE/oauth2/authorize","token_endpoint":"BASE/oauth2/token","device_authorization_endpoint":"BASE/oauth2/device_authorization",` +
			`"registration_endpoint":"BASE/oauth2/register","introspection_endpoint":"BASE/oauth2/introspection","revocation_endpoint":"BASE/oauth2/revoke","scopes_supported":["email","offline_access","openid","profile"],` +
			`"code_challenge_methods_supported":["S256"],"token_endpoint_auth_methods_supported":["none","client_secret_post","client_secret_basic"]}`,
		answers: map[string][]said{
			"/oauth2/device_authorization": device(`,"verification_uri":"BASE/device","verification_uri_complete":"BASE/device?user_code=WDJB-MJHT","interval":5`),
			"/oauth2/token device_code":    {pending(400), issued("example-1", `,"expires_in":300,"token_type":"bearer","refresh_token":"example-refresh-1"`)},
			"/oauth2/token refresh_token":  {issued("example-2", `,"expires_in":300,"token_type":"bearer","refresh_token":"example-refresh-2"`)},
			"/oauth2/revoke":               {{200, ""}},
		},
		lifetime: 5 * time.Minute,
	}
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
// https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
func entra(tenant, named string, first ...said) idp {
	at := "/" + tenant + "/oauth2/v2.0"
	token := `,"token_type":"Bearer","scope":"User.Read profile openid email","expires_in":3599,"id_token":"example"`
	return idp{
		issuer: "/" + tenant + "/v2.0", wellKnown: "/" + tenant + "/v2.0/.well-known/openid-configuration",
		metadata: `{"issuer":"BASE/` + named + `/v2.0","authorization_endpoint":"BASE` + at + `/authorize","token_endpoint":"BASE` + at + `/token","device_authorization_endpoint":"BASE` + at + `/devicecode",` +
			`"scopes_supported":["openid","profile","email","offline_access"],"token_endpoint_auth_methods_supported":["client_secret_post","private_key_jwt","client_secret_basic"]}`,
		settings: credentials.Settings{Scopes: "openid offline_access User.Read"},
		answers: map[string][]said{
			at + "/devicecode":          device(`,"verification_uri":"https://microsoft.com/devicelogin","interval":5,"message":"To sign in, use a web browser"`),
			at + "/token device_code":   append(first, pending(400), issued("example-1", token+`,"refresh_token":"example-refresh-1"`)),
			at + "/token refresh_token": {issued("example-2", token+`,"refresh_token":"example-refresh-2"`)},
		},
		lifetime: hour,
	}
}

// https://developers.google.com/identity/protocols/oauth2/limited-input-device
// https://accounts.google.com/.well-known/openid-configuration
func google() idp {
	return idp{
		wellKnown: "/.well-known/openid-configuration",
		metadata: `{"issuer":"BASE","authorization_endpoint":"BASE/o/oauth2/v2/auth","device_authorization_endpoint":"BASE/device/code","token_endpoint":"BASE/token","revocation_endpoint":"BASE/revoke",` +
			`"scopes_supported":["openid","email","profile"],"code_challenge_methods_supported":["plain","S256"],"token_endpoint_auth_methods_supported":["client_secret_post","client_secret_basic"]}`,
		settings: credentials.Settings{ClientSecret: oauth.NewSecret("example-secret")},
		answers: map[string][]said{
			"/device/code":         device(`,"verification_url":"https://www.google.com/device","interval":5`),
			"/token device_code":   {pending(428), issued("example-1", `,"expires_in":3920,"scope":"openid https://www.googleapis.com/auth/userinfo.profile","token_type":"Bearer","refresh_token":"example-refresh-1"`)},
			"/token refresh_token": {issued("example-2", `,"expires_in":3920,"scope":"openid https://www.googleapis.com/auth/userinfo.profile","token_type":"Bearer"`)},
			"/revoke":              {{200, "{}"}, {400, `{"error":"invalid_token","error_description":"Token expired or revoked"}`}},
		},
		lifetime: 3920 * time.Second,
	}
}

// slack is a user's token that is stale.
// https://docs.slack.dev/authentication/using-token-rotation
// https://docs.slack.dev/reference/methods/oauth.v2.access
func slack(refreshed said) idp {
	return idp{
		settings: credentials.Settings{AuthorizationURL: "BASE/oauth/v2/authorize?user_scope=chat:write,users:read", TokenURL: "BASE/api/oauth.v2.access"},
		answers:  map[string][]said{"/api/oauth.v2.access refresh_token": {refreshed}},
		lifetime: 12 * hour,
		seed:     &oauth.Token{Access: oauth.NewSecret("example-1"), Refresh: oauth.NewSecret("example-refresh-1"), Type: "Bearer", Scopes: []string{"chat:write", "users:read"}, Expiry: start().Add(12 * hour)},
	}
}

// https://dev.twitch.tv/docs/authentication/getting-tokens-oauth/#device-code-grant-flow
func twitch() idp {
	return idp{
		settings: credentials.Settings{DeviceURL: "BASE/oauth2/device", TokenURL: "BASE/oauth2/token", RevocationURL: "BASE/oauth2/revoke"},
		answers: map[string][]said{
			"/oauth2/device":              device(`,"verification_uri":"https://www.twitch.tv/activate?device-code=ABCDEFGH","interval":5`),
			"/oauth2/token device_code":   {{400, `{"status":400,"message":"authorization_pending"}`}, issued("example-1", `,"expires_in":14124,"refresh_token":"example-refresh-1","scope":["channel:manage:polls"],"token_type":"bearer"`)},
			"/oauth2/token refresh_token": {issued("example-2", `,"expires_in":14124,"refresh_token":"example-refresh-2","scope":["channel:manage:polls"],"token_type":"bearer"`)},
			"/oauth2/revoke":              {{200, ""}},
		},
		lifetime: 14124 * time.Second,
	}
}
