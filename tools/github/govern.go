package github

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// adminPaths are the requests that change who may do what. A repository, an
// organization or a user goes by its number as well. Mutations go by words that are
// wider than they need to be, for those that GitHub adds.
//
// https://docs.github.com/en/rest/collaborators
// https://docs.github.com/en/rest/deploy-keys
// https://docs.github.com/en/rest/repos/webhooks
// https://docs.github.com/en/rest/actions/secrets
// https://docs.github.com/en/rest/actions/permissions
// https://docs.github.com/en/rest/actions/self-hosted-runners
// https://docs.github.com/en/rest/deployments/environments
// https://docs.github.com/en/rest/actions/workflow-runs
// https://docs.github.com/en/rest/secret-scanning
// https://docs.github.com/en/enterprise-cloud@latest/rest/repos/bypass-requests
// https://docs.github.com/en/rest/code-scanning
// https://docs.github.com/en/rest/security-advisories/repository-advisories#update-a-repository-security-advisory
// https://docs.github.com/en/rest/copilot-spaces
// https://docs.github.com/en/rest/pages
// https://docs.github.com/en/rest/migrations
// https://docs.github.com/en/rest/branches/branch-protection
// https://docs.github.com/en/rest/repos/rules
// https://docs.github.com/en/rest/repos/repos
// https://docs.github.com/en/rest/interactions
// https://docs.github.com/en/rest/orgs
// https://docs.github.com/en/rest/teams
// https://docs.github.com/en/rest/apps
// https://docs.github.com/en/rest/users/keys
// https://docs.github.com/en/enterprise-cloud@latest/rest/enterprise-admin
// https://docs.github.com/en/graphql/reference/mutations
func adminPaths() string {
	below := func(places, paths []string) (all []string) {
		for _, place := range places {
			for _, path := range paths {
				all = append(all, strings.Replace(path, "@", place, 1))
			}
		}
		return all
	}
	return strings.Join(slices.Concat(
		below([]string{"repos/*/*", "repositories/*"}, []string{
			"PATCH:@", "DELETE:@", "@/transfer", "@/collaborators/**", "@/invitations/**", "@/keys/**", "@/hooks/**",
			"@/actions/secrets/**", "@/codespaces/secrets/**", "@/dependabot/secrets/**", "@/agents/secrets/**", "@/actions/permissions/**", "@/actions/runners/**", "@/actions/oidc/**",
			"@/environments/**", "@/branches/**/protection/**", "@/tags/protection/**", "@/rulesets/**", "@/interaction-limits/**",
			"@/vulnerability-alerts", "@/automated-security-fixes", "@/private-vulnerability-reporting", "@/immutable-releases", "@/properties/**",
			"@/actions/runs/*/approve", "@/actions/runs/*/pending_deployments", "@/actions/runs/*/deployment_protection_rule", "@/secret-scanning/push-protection-bypasses", "@/secret-scanning/custom-patterns/**",
			"@/bypass-requests/**", "@/bypass-responses/**", "@/dismissal-requests/**", "@/code-scanning/default-setup", "@/code-quality/setup", "@/pages", "@/pre-receive-hooks/**",
			"PATCH:@/security-advisories/*",
		}),
		below([]string{"orgs/*", "organizations/*"}, []string{
			"PATCH:@", "DELETE:@", "@/members/**", "@/memberships/**", "@/public_members/**", "@/outside_collaborators/**", "@/invitations/**",
			"@/teams/**", "@/hooks/**", "@/rulesets/**", "@/organization-roles/**", "@/custom-repository-roles/**", "@/custom_roles/**", "@/security-managers/**",
			"@/credential-authorizations/**", "@/personal-access-tokens/**", "@/personal-access-token-requests/**",
			"@/actions/**", "@/agents/**", "@/codespaces/**", "@/dependabot/**", "@/copilot/**", "@/private-registries/**", "@/blocks/**", "@/interaction-limits/**",
			"@/properties/**", "@/org-properties/**", "@/code-security/**", "@/settings/**", "@/*/enable_all", "@/*/disable_all",
			"@/migrations/**", "@/secret-scanning/**", "@/pre-receive-hooks/**", "PUT:@/copilot-spaces/*", "@/copilot-spaces/*/collaborators/**",
		}),
		[]string{
			"organizations/*/team/**", "teams/**", "enterprise*/**", "scim/**", "admin/**", "manage/**",
			"app/**", "app-manifests/**", "applications/**", "authorizations/**", "installation/**", "credentials/**",
			"user/keys/**", "user/gpg_keys/**", "user/ssh_signing_keys/**", "user/emails/**", "user/email/**", "user/memberships/**", "user/repository_invitations/**",
			"user/installations/**", "user/blocks/**", "user/interaction-limits", "user/codespaces/secrets/**",
			"user/migrations/**", "user*/*/site_admin", "user*/*/suspended", "PUT:user*/*/copilot-spaces/*", "user*/*/copilot-spaces/*/collaborators/**",
			"graphql/updateProject", "graphql/updateProjectV2",
		},
		below([]string{
			"Admin", "AllowList", "BranchProtection", "Collaborator", "CustomProperty", "Domain", "Enterprise", "Environment", "InteractionLimit", "Invitation", "Member", "Migration",
			"NotificationRestriction", "Organization", "Permission", "Role", "Ruleset", "Team", "UserNamespace",
			"updateRepository", "deleteRepository", "archiveRepository", "approveDeployments", "rejectDeployments",
		}, []string{"graphql/*@*"}),
	), " ")
}

// mutationsOf are those that a request to the GraphQL API makes, unless they can't
// be told: what a fragment stands for isn't looked up.
func mutationsOf(r *http.Request) (names []string, known bool) {
	if r.GetBody == nil {
		return nil, false
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, false
	}
	defer body.Close()
	document, isOne := documentIn(body)
	if !isOne {
		return nil, false
	}
	names, err = mutationsIn(document)
	return names, err == nil && len(names) > 0
}

var errNoFields = errors.New("its fields can't be told")

// mutationsIn are the fields at the top of a document that is one mutation, by
// their own names and not their aliases.
// https://spec.graphql.org/October2021/#sec-Selection-Sets
func mutationsIn(document string) ([]string, error) {
	if kind, err := operationOf(document); err != nil || kind != "mutation" {
		return nil, errNoFields
	}
	tokens, err := tokensOf(document)
	if err != nil || tokens[0] != "mutation" || slices.Contains(tokens, ".") {
		return nil, errNoFields
	}
	var names []string
	depth, inSelection := 0, false
	for i := 1; i < len(tokens); i++ {
		switch token := tokens[i]; token {
		case "(", "[":
			depth++
		case ")", "]", "}":
			depth--
		case "{":
			// Braces within arguments belong to values.
			inSelection = inSelection || depth == 0
			depth++
		case "@":
			// The name of a directive is none of a field.
			i++
		default:
			isAlias := i+1 < len(tokens) && tokens[i+1] == ":"
			switch {
			case depth != 1 || !inSelection || token == ":" || isAlias:
			case strings.Trim(token, nameCharacters) != "":
				return nil, errNoFields
			default:
				names = append(names, token)
			}
		}
	}
	return names, nil
}
