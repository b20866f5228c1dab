package services_test

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// quirk is what one provider does otherwise, and what has to come of it.
type quirk struct {
	provider, what string
	seen           func(l *lived) string
	want           string
}

const tenant = "88888888-8888-8888-8888-888888888888"

func providers() map[string]idp {
	unslashed := auth0()
	unslashed.issuer = ""
	scoped := okta("/oauth2/default", "/.well-known/oauth-authorization-server/oauth2/default")
	scoped.settings.Scopes = "openid offline_access widgets.read"
	withoutOffline, toggledOff, unscoped, others := keycloak(), keycloak(), google(), connect()
	withoutOffline.answers["/realms/acme/protocol/openid-connect/token device_code"] = []said{{400, `{"error":"not_allowed","error_description":"Offline tokens not allowed for the user or client"}`}}
	toggledOff.answers["/realms/acme/protocol/openid-connect/auth/device"] = []said{{400, `{"error":"unauthorized_client","error_description":"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client."}`}}
	unscoped.settings.Scopes = "https://www.googleapis.com/auth/calendar"
	unscoped.answers["/device/code"] = []said{{400, `{"error":"invalid_scope"}`}}
	others.answers["/oauth2/revoke"] = []said{{200, ""}, {400, `{"error":"unsupported_token_type"}`}}
	others.answers["/oauth2/token device_code"] = []said{issued("example-1", `,"expires_in":"3600","refresh_token":"example-refresh-1"`)}
	return map[string]idp{
		"Auth0": auth0(), "Auth0 without its slash": unslashed,
		"Okta org": okta("", "/.well-known/oauth-authorization-server"), "Okta custom": scoped,
		"Keycloak": keycloak(), "Keycloak, no offline role": withoutOffline, "Keycloak, flow off": toggledOff,
		"WorkOS AuthKit": authKit(), "WorkOS Connect": connect(),
		"Entra ID": entra(tenant, tenant), "Entra ID, common": entra("common", "{tenantid}"),
		"Entra ID, declined": entra(tenant, tenant, said{400, `{"error":"authorization_declined","error_description":"AADSTS70019: the user denied it."}`}),
		"Entra ID, blocked":  entra(tenant, tenant, said{400, `{"error":"invalid_grant","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies."}`}),
		"Google":             google(), "Google, other scopes": unscoped,
		"Slack":          slack(issued("example-2", `,"ok":true,"expires_in":43200,"refresh_token":"example-refresh-2","token_type":"user","scope":"chat:write,users:read"`)),
		"Slack, refused": slack(said{200, `{"ok":false,"error":"invalid_refresh_token"}`}),
		"Twitch":         twitch(), "others": others,
	}
}

// refused is a quirk that ends in an error which says so.
func refused(provider, what, words string) quirk {
	return quirk{provider, what, func(l *lived) string {
		if strings.Contains(l.said(), words) {
			return words
		}
		return l.said()
	}, words}
}

const no, realm = "not revoked: the provider lets only a person revoke this token", "/realms/acme/protocol/openid-connect"

// quirksOfIssuers are those of identity providers.
func quirksOfIssuers() []quirk {
	return []quirk{
		{"Auth0", "the issuer ends in a slash", (*lived).discovery, "/.well-known/oauth-authorization-server 404, /.well-known/openid-configuration 200"},
		{"Auth0", "pending is 403, slow_down is 429", polls("/oauth/token"), "403 429 200"},
		{"Auth0", "audience goes with the sign-in", sent("/oauth/device/code", "audience"), "https://api.acme.example/"},
		{"Auth0", "audience doesn't go with a refresh", sent("/oauth/token refresh_token", "audience"), "not sent"},
		{"Auth0", "no rotation unless it is enabled", (*lived).renewed, "refreshed; the refresh token is kept"},
		{"Auth0", "both tokens are revoked", revoked("/oauth/revoke"), "refresh_token, access_token revoked"},
		refused("Auth0 without its slash", "the issuer is compared to the letter", "the issuer calls itself BASE/, so write it like that; check ACME_ISSUER"),
		{"Okta org", "metadata of RFC 8414 at the root", (*lived).discovery, "/.well-known/oauth-authorization-server 200"},
		{"Okta org", "offline_access where nobody names scopes", sent("/oauth2/v1/device/authorize", "scope"), "offline_access"},
		{"Okta org", "rotation", (*lived).renewed, "refreshed; the refresh token is replaced"},
		{"Okta custom", "the path goes behind .well-known", (*lived).discovery, "/.well-known/oauth-authorization-server/oauth2/default 200"},
		{"Okta custom", "scopes as they are named", sent("/oauth2/default/v1/device/authorize", "scope"), "offline_access openid widgets.read"},
		{"Okta custom", "revocation below the issuer", revoked("/oauth2/default/v1/revoke"), "refresh_token, access_token revoked"},
		{"Keycloak", "the path goes before .well-known", (*lived).discovery, "/.well-known/oauth-authorization-server/realms/acme 404, /realms/acme/.well-known/openid-configuration 200"},
		{"Keycloak", "offline_access outlives the browser's session", sent(realm+"/auth/device", "scope"), "offline_access"},
		{"Keycloak", "refresh_expires_in 0 is never", func(l *lived) string { return l.first.Token.RefreshExpiry.Format(time.DateOnly) }, "0001-01-01"},
		{"Keycloak", "expires_in is 5 min", (*lived).expiry, "5m0s"},
		{"Keycloak", "each answer has a new refresh token", (*lived).renewed, "refreshed; the refresh token is replaced"},
		refused("Keycloak, no offline role", "not_allowed is said in its words", `the authorization server answered not_allowed ("Offline tokens not allowed for the user or client")`),
		refused("Keycloak, flow off", "unauthorized_client", "answered unauthorized_client (\"Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.\")"),
		{"WorkOS AuthKit", "endpoints in variables, no discovery", (*lived).discovery, ""},
		{"WorkOS AuthKit", "no expires_in: exp of the JWT", (*lived).expiry, "5m0s"},
		{"WorkOS AuthKit", "no token_type: Bearer", func(l *lived) string { return l.first.Token.Type }, "Bearer"},
		{"WorkOS AuthKit", "rotation", (*lived).renewed, "refreshed; the refresh token is replaced"},
		{"WorkOS AuthKit", "no revocation endpoint", revoked(""), no},
		{"WorkOS Connect", "metadata of RFC 8414 at the root", (*lived).discovery, "/.well-known/oauth-authorization-server 200"},
		{"WorkOS Connect", "offline_access where nobody names scopes", sent("/oauth2/device_authorization", "scope"), "offline_access"},
		{"WorkOS Connect", "revocation knows no access tokens, with 200", revoked("/oauth2/revoke"), "refresh_token, access_token revoked"},
		{"Entra ID", "the path goes before .well-known", (*lived).discovery, "/.well-known/oauth-authorization-server/" + tenant + "/v2.0 404, /" + tenant + "/v2.0/.well-known/openid-configuration 200"},
		{"Entra ID", "a page elsewhere, and none with the code in it", page, "https://microsoft.com/devicelogin"},
		{"Entra ID", "rotation", (*lived).renewed, "refreshed; the refresh token is replaced"},
		{"Entra ID", "no revocation endpoint", revoked(""), no},
		refused("Entra ID, common", "the issuer must be the tenant's", "it is the metadata of another issuer, BASE/{tenantid}/v2.0"),
		refused("Entra ID, declined", "authorization_declined", "the sign-in was declined in the browser; start it again if that was a mistake"),
		refused("Entra ID, blocked", "invalid_grant with AADSTS53003", "a policy of the organization blocks this sign-in; ask its administrator"),
	}
}

// quirksOfServices are those of services that issue tokens for themselves.
func quirksOfServices() []quirk {
	return []quirk{
		{"Google", "offline_access isn't supported, so not asked for", sent("/device/code", "scope"), "not sent"},
		{"Google", "verification_url", page, "https://www.google.com/device"},
		{"Google", "pending is 428", polls("/token"), "428 200"},
		{"Google", "the secret goes into the header, alone", func(l *lived) string { return l.basic[0] + ", " + l.sentTo("/device/code", "client_id") }, "/device/code example-client, not sent"},
		{"Google", "the refresh token stays", (*lived).renewed, "refreshed; the refresh token is kept"},
		refused("Google, other scopes", "few scopes for devices", "the authorization server refuses the scopes; ask for others"),
		{"Slack", "token_type user is Bearer", func(l *lived) string { return l.second.Token.Type + ", sent as " + l.sent[len(l.sent)-1] }, "Bearer, sent as Bearer example-2"},
		{"Slack", "scopes in an answer have commas", func(l *lived) string { return strings.Join(l.second.Token.Scopes, " ") }, "chat:write users:read"},
		{"Slack", "rotation", (*lived).renewed, "refreshed; the refresh token is replaced"},
		{"Slack, refused", "invalid_refresh_token with status 200", func(l *lived) string {
			return map[bool]string{true: "sign in again", false: "try again"}[l.second.SignInNeeded]
		}, "sign in again"},
		{"Twitch", "errors are in message", polls("/oauth2/token"), "400 200"},
		{"Twitch", "scopes in an answer are a list", granted, "channel:manage:polls"},
		{"others", "expires_in as text", (*lived).expiry, "1h0m0s"},
		{"others", "only refresh tokens can be revoked", revoked("/oauth2/revoke"), "refresh_token revoked, access_token lasting"},
	}
}

// TestQuirks goes the whole way with each provider, from the variables and the
// discovery over the sign-in and a refresh to the revocation, and prints what
// became of what it does otherwise.
func TestQuirks(t *testing.T) {
	t.Parallel()
	all, rows := map[string]*lived{}, map[string]int{}
	for name, p := range providers() {
		all[name] = p.live(t)
	}
	for _, q := range append(quirksOfIssuers(), quirksOfServices()...) {
		rows[q.provider]++
		l := all[q.provider]
		got := strings.ReplaceAll(q.seen(l), l.base, "BASE")
		t.Logf("%-25s | %-48s | %s", q.provider, q.what, got)
		if got != q.want {
			t.Errorf("%s, %s: want %s (%v, asked %q)", q.provider, q.what, q.want, l.err, l.asked)
		}
	}
	for name := range maps.Keys(all) {
		if rows[name] == 0 {
			t.Errorf("%s has no row", name)
		}
	}
}
