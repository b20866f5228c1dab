package services

import "github.com/valetkey/valetkey/tools"

// Sentry is sentry.io. For a region or a server of one's own set SENTRY_API_URL
// and a key: only the main domain signs people in. Its paths end in a slash. It
// has no way to revoke a token but its settings, and doesn't say whose a token
// is: that belongs to an organisation. A public application needs no secret for
// either flow, and any port will do if its redirect address has none.
// https://docs.sentry.io/api/auth/
// https://github.com/getsentry/sentry/pull/106451
// https://github.com/getsentry/sentry/blob/master/src/sentry/models/apiapplication.py
// https://github.com/getsentry/sentry/blob/master/static/app/views/settings/account/navigationConfiguration.tsx
// https://docs.sentry.io/api/permissions/
// https://docs.sentry.io/security-legal-pii/security/token-formats/ (for what tokens begin with)
func Sentry() tools.Service {
	return provider{
		name: "sentry", title: "Sentry", host: "sentry.io",
		keys: []string{"SENTRY_AUTH_TOKEN", "SENTRY_ACCESS_TOKEN"},
		api:  "/api/0/", authorization: "/oauth/authorize/", device: "/oauth/device/code/", token: "/oauth/token/",
		reading: []string{"org:read", "team:read", "project:read", "event:read"}, writing: []string{"project:write", "event:write"},
		registration: "/settings/account/api/applications/", hint: "a Sentry application that is public, with the redirect URI " + redirect,
		settings: "/settings/account/authorizations/", keysPage: "/settings/account/api/auth-tokens/", prefixes: []string{"sntryu_", "sntrys_", "sntryi_", "sntrya_"},
		// https://docs.sentry.io/api/organizations/
		// https://docs.sentry.io/api/teams/
		// https://docs.sentry.io/api/projects/
		// https://docs.sentry.io/api/scim/
		// https://docs.sentry.io/api/integration/
		// https://github.com/getsentry/sentry/pull/116146 (tokens of prevent)
		admin: []string{
			"PUT:organizations/*", "DELETE:organizations/*", "PUT:projects/*/*", "DELETE:projects/*/*", "PUT:teams/*/*", "DELETE:teams/*/*", "teams/*/*/external-teams/**",
			"users/**", "api-tokens/**", "api-applications/**", "sentry-apps/**", "sentry-app-installations/*", "sentry-app-installations/*/authorizations/**", "internal/**",
			"organizations/*/members/**", "organizations/*/teams/**", "organizations/*/external-users/**", "organizations/*/invite-requests/**", "organizations/*/access-requests/**",
			"organizations/*/scim/**", "organizations/*/org-auth-tokens/**", "organizations/*/api-keys/**", "organizations/*/auth-provider*/**", "organizations/*/integrations/**",
			"organizations/*/sentry-app*/**", "organizations/*/forwarding/**", "organizations/*/repos/**", "organizations/*/plugins/**", "organizations/*/prevent/**/token*/**",
			"projects/*/*/keys/**", "projects/*/*/hooks/**", "projects/*/*/teams/**", "projects/*/*/transfer", "projects/*/*/plugins/**", "projects/*/*/symbol-sources/**",
			"accept-invite/**", "accept-transfer/**", "auth/**",
		},
		example: "organizations/ORG/issues/",
	}.service()
}
