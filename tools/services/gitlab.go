package services

import (
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// GitLab is gitlab.com, or a server of one's own, from version 17.9 on.
// https://docs.gitlab.com/api/oauth2/
// https://docs.gitlab.com/api/rest/authentication/
// https://docs.gitlab.com/integration/oauth_provider/
func GitLab() tools.Service {
	return provider{
		name: "gitlab", title: "GitLab", host: "gitlab.com", selfHosted: true,
		keys: []string{"GITLAB_PERSONAL_ACCESS_TOKEN"},
		api:  "/api/v4/", device: "/oauth/authorize_device", token: "/oauth/token", revocation: "/oauth/revoke",
		reading: []string{"read_api"}, writing: []string{"api"},
		registration: "/-/user_settings/applications", hint: "a GitLab application that isn't confidential and has the scopes api and read_api",
		settings: "/-/user_settings/applications",
		identify: rest.Identify("user", "username"),
		example:  "projects/group%2Fname/issues",
	}.service()
}
