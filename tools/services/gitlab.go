package services

import (
	"context"
	"fmt"
	"net/http"
	"strings"

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
		admin:    gitLabAdmin(),
		place:    projectOf,
		public:   isPublicProject,
		example:  "projects/group%2Fname/issues",
	}.service()
}

// gitLabAdmin are the requests that change who may do what in a project, a group,
// an account or a server. CI/CD variables are where GitLab keeps secrets. An import
// brings members along, and takes a key to where it comes from, as a virtual
// registry does.
//
// https://docs.gitlab.com/api/members/
// https://docs.gitlab.com/api/invitations/
// https://docs.gitlab.com/api/access_requests/
// https://docs.gitlab.com/api/project_access_tokens/
// https://docs.gitlab.com/api/deploy_keys/
// https://docs.gitlab.com/api/deploy_tokens/
// https://docs.gitlab.com/api/project_webhooks/
// https://docs.gitlab.com/api/project_level_variables/
// https://docs.gitlab.com/api/protected_branches/
// https://docs.gitlab.com/api/merge_request_approvals/
// https://docs.gitlab.com/api/status_checks/
// https://docs.gitlab.com/api/deployments/
// https://docs.gitlab.com/api/project_packages_protection_rules/
// https://docs.gitlab.com/api/container_repository_protection_rules/
// https://docs.gitlab.com/api/pipeline_schedules/
// https://docs.gitlab.com/api/project_import_export/
// https://docs.gitlab.com/api/import/
// https://docs.gitlab.com/api/maven_virtual_registries/
// https://docs.gitlab.com/api/group_placeholder_reassignments/
// https://docs.gitlab.com/api/organizations/
// https://docs.gitlab.com/api/projects/
// https://docs.gitlab.com/api/groups/
// https://docs.gitlab.com/api/runners/
// https://docs.gitlab.com/api/user_keys/
// https://docs.gitlab.com/api/users/
func gitLabAdmin() []string {
	all := []string{
		"users/**", "personal_access_token*/**", "deploy_keys/**", "runners/**", "runner_controllers/**", "hooks/**", "applications/**", "admin/**", "application/**",
		"member_roles/**", "license/**", "features/**", "service_accounts/**", "geo*/**", "**/*repository_storage_moves/**", "topics/**", "organizations/**",
		"user/keys/**", "user/gpg_keys/**", "user/emails/**", "user/personal_access_tokens/**", "user/runners/**", "user/support_pin",
		"bulk_imports/**", "import/**", "projects/import*", "groups/import", "POST:projects/user/*", "project_aliases/**", "broadcast_messages/**",
		"groups/*/projects/**", "groups/*/placeholder_reassignments/**", "groups/*/tokens/**", "groups/*/-/virtual_registries/**", "virtual_registries/**",
		"projects/*/import_project_members/**", "projects/*/repository/branches/**/protect", "projects/*/repository/branches/**/unprotect",
	}
	for _, place := range []string{"projects/*", "groups/*"} {
		all = append(all, "PUT:"+place, "DELETE:"+place)
		for _, what := range []string{
			"members", "invitations", "access_requests", "access_tokens", "deploy_keys", "deploy_tokens", "hooks", "variables", "share", "transfer", "archive", "unarchive", "restore",
			"protected_branches", "protected_tags", "protected_environments", "push_rule", "approval*", "merge_request_approval_setting*", "triggers", "runners",
			"job_token_scope", "integrations", "services", "remote_mirrors", "mirror", "saml*", "ldap*", "scim", "ssh_certificates", "service_accounts", "member_roles",
			"enterprise_users", "security_settings", "secure_files", "cluster*", "freeze_periods", "billable_members", "pages",
			"manage", "custom_attributes", "packages/protection", "registry/protection", "pipeline_schedules/*/variables", "pipeline_schedules/*/take_ownership",
			"merge_requests/*/approval*", "merge_requests/*/reset_approvals", "merge_requests/*/status_check*", "external_status_checks",
			"deployments/*/approval", "export*", "error_tracking",
		} {
			all = append(all, place+"/"+what+"/**")
		}
	}
	return all
}

// projectOf is the project that a request is about by its path, as it stands there:
// a number, or a path whose slashes are escaped. "": there is none.
func projectOf(r *http.Request) string {
	_, below, _ := strings.Cut(r.URL.EscapedPath(), "/api/v4/")
	id, found := strings.CutPrefix(below, "projects/")
	id, _, _ = strings.Cut(id, "/")
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.%") != "" || !found {
		return ""
	}
	return id
}

// isPublicProject tells whether anybody may read a project. What is internal is for
// those who are signed in, which at gitlab.com anybody can be.
// https://docs.gitlab.com/api/projects/#get-a-single-project
// https://docs.gitlab.com/user/public_access/
func isPublicProject(ctx context.Context, api *http.Client, apiURL, place string) (bool, error) {
	var about struct{ Visibility string }
	if err := rest.Fetch(ctx, api, apiURL+"projects/"+place, &about); err != nil {
		return false, err
	}
	switch about.Visibility {
	case "private":
		return false, nil
	case "internal":
		return strings.HasPrefix(apiURL, "https://gitlab.com/"), nil
	case "public":
		return true, nil
	}
	return false, fmt.Errorf("GitLab doesn't say who may read project %s", place)
}
