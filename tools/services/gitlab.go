package services

import (
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// GitLab is gitlab.com, or a server of one's own, from version 17.9 on. It takes
// any port with a redirect address on this machine, and lets a client without a
// secret revoke, since the library under it does. Its program glab documents no
// command that prints the token alone.
// https://docs.gitlab.com/api/oauth2/
// https://docs.gitlab.com/api/rest/authentication/
// https://docs.gitlab.com/integration/oauth_provider/
// https://docs.gitlab.com/security/tokens/#token-prefixes
// https://github.com/doorkeeper-gem/doorkeeper/pull/1182
// https://github.com/doorkeeper-gem/doorkeeper/blob/main/app/controllers/doorkeeper/tokens_controller.rb
func GitLab() tools.Service {
	return provider{
		name: "gitlab", title: "GitLab", host: "gitlab.com", selfHosted: true,
		keys: []string{"GITLAB_PERSONAL_ACCESS_TOKEN"},
		api:  "/api/v4/", authorization: "/oauth/authorize", device: "/oauth/authorize_device", token: "/oauth/token", revocation: "/oauth/revoke",
		reading: []string{"read_api"}, writing: []string{"api"},
		registration: "/-/user_settings/applications", hint: "a GitLab application that isn't confidential, with the redirect URI " + redirect + " and the scopes api and read_api",
		settings: "/-/user_settings/applications", keysPage: "/-/user_settings/personal_access_tokens", prefixes: []string{"glpat-"},
		identify: rest.Identify("user", "username"),
		example:  "projects/group%2Fname/issues",
	}.service()
}
