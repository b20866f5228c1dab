package github_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools/github"
)

// TestMutations: a mutation is known by its own name, whatever surrounds it, or not
// at all.
func TestMutations(t *testing.T) {
	t.Parallel()
	for document, want := range map[string]string{
		`mutation{addComment(input:{a:1}){clientMutationId}}`:                                       "addComment",
		`mutation{harmless:deleteBranchProtectionRule(input:{}){clientMutationId}}`:                 "deleteBranchProtectionRule",
		`mutation M($a:X={addComment:1}) @d(a:{b:1}) {a:one(i:{x:{y:1}}) @include(if:true){z} two}`: "one two",
		"mutation{addComment #}\n, deleteRef(input:{}){x}}":                                         "addComment deleteRef",
		`mutation{addComment(body:"}{x"){id} deleteRef{x}}`:                                         "addComment deleteRef",
		`mutation{...F} fragment F on Mutation{deleteRef{x}}`:                                       "?",
		`mutation{... on Mutation{deleteRef{x}}}`:                                                   "?",
		`fragment F on Mutation{deleteRef{x}} mutation{...F}`:                                       "?",
		`mutation A{a} mutation B{b}`:                                                               "?",
		`query{viewer{login}}`:                                                                      "?",
		`mutation{a(b:"""x"""){c}}`:                                                                 "?",
		`mutation{`:                                                                                 "?",
		``:                                                                                          "?",
	} {
		body, err := json.Marshal(map[string]string{"query": document})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.github.com/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		names, known := github.Service("").Mutations(r)
		if got := strings.Join(names, " "); known == (want == "?") || known && got != want {
			t.Errorf("%s: %q, %v; want %q", document, got, known, want)
		}
	}
}

// TestMutationsOfWhat: what two parsers could read in two ways has no mutations that
// could be told.
func TestMutationsOfWhat(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"query":"mutation{a{b}}","variables":{"x":1},"operationName":null}`: true,
		`{"Query":"mutation{a{b}}"}`:                                          false,
		`{"query":"mutation{deleteRef{x}}","QUERY":"mutation{a{b}}"}`:         false,
		`{"query":"mutation{deleteRef{x}}","query":"mutation{a{b}}"}`:         false,
		`{"query":"mutation{a{b}}"}{"query":"mutation{deleteRef{x}}"}`:        false,
		`{"query":"mutation{a{b}}","more":1}`:                                 false,
		`[{"query":"mutation{a{b}}"}]`:                                        false,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.github.com/graphql", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if names, known := github.Service("").Mutations(r); known != want || known && !slices.Equal(names, []string{"a"}) {
			t.Errorf("%s: %q, %v", body, names, known)
		}
	}
}

// TestAdminPaths holds the table against requests of GitHub's documentation, on the
// pages that it names; TestGoverningIsDecided does so against all of them.
func TestAdminPaths(t *testing.T) {
	t.Parallel()
	admin, err := policy.ParsePaths(github.Service("").Admin)
	if err != nil {
		t.Fatal(err)
	}
	governing := []string{
		"PUT repos/o/r/collaborators/x", "DELETE repos/o/r/invitations/1", "POST repos/o/r/keys", "POST repos/o/r/hooks", "PATCH repos/o/r/hooks/1/config",
		"PUT repos/o/r/actions/secrets/A", "PUT repos/o/r/environments/prod", "PUT repos/o/r/environments/prod/secrets/A", "PUT repos/o/r/branches/main/protection",
		"PUT repos/o/r/branches/release/1/protection/required_status_checks", "POST repos/o/r/rulesets", "DELETE repos/o/r", "PATCH repos/o/r", "POST repos/o/r/transfer",
		"PUT repositories/1/collaborators/x", "DELETE repositories/1", "PUT orgs/o/memberships/x", "POST orgs/o/teams", "PUT teams/1/members/x", "PUT organizations/1/team/2/members/x",
		"PUT orgs/o/actions/secrets/A", "POST user/keys", "PATCH user/memberships/orgs/o", "PATCH user/repository_invitations/1", "PUT enterprises/e/actions/permissions",
		"POST repos/o/r/actions/runners/registration-token", "PUT user/installations/1/repositories/2",
		"POST graphql/updateBranchProtectionRule", "POST graphql/createRepositoryRuleset", "POST graphql/addEnterpriseAdmin", "POST graphql/updateProjectV2Collaborators",
		"POST graphql/updateRepository", "POST graphql/removeOutsideCollaborator", "POST graphql/createEnvironment", "POST graphql/updateTeamsRepository",
		"POST repos/o/r/actions/runs/1/approve", "POST repos/o/r/actions/runs/1/pending_deployments", "POST repos/o/r/actions/runs/1/deployment_protection_rule", "POST orgs/o/migrations",
		"DELETE orgs/o/migrations/1/repos/r/lock", "POST user/migrations", "POST repos/o/r/secret-scanning/push-protection-bypasses", "PATCH repos/o/r/bypass-requests/secret-scanning/1",
		"DELETE repos/o/r/bypass-responses/secret-scanning/1", "PATCH repos/o/r/dismissal-requests/code-scanning/1", "PATCH orgs/o/secret-scanning/pattern-configurations", "PATCH repos/o/r/code-scanning/default-setup",
		"PUT repos/o/r/pages", "PATCH repos/o/r/pre-receive-hooks/1", "PUT users/x/site_admin", "PUT users/x/suspended", "PUT repos/o/r/agents/secrets/A", "PUT orgs/o/agents/secrets/A", "POST graphql/approveDeployments", "POST graphql/rejectDeployments",
		"POST orgs/o/copilot-spaces/1/collaborators", "PUT users/x/copilot-spaces/1", "DELETE user/1/copilot-spaces/2/collaborators/User/x", "DELETE orgs/o/custom_roles/1", "PATCH organizations/1/org-properties/values",
		"PATCH repos/o/r/interaction-limits/pulls/creation-cap", "PATCH orgs/o/interaction-limits/pulls/creation-cap", "POST repos/o/r/secret-scanning/custom-patterns", "PATCH repos/o/r/code-quality/setup", "PATCH repos/o/r/security-advisories/GHSA-1",
		"POST graphql/accessUserNamespaceRepository", "POST graphql/setRepositoryCustomPropertyValues", "POST graphql/updateProjectV2",
	}
	harmless := []string{
		"POST repos/o/r/issues", "PATCH repos/o/r/issues/1", "PUT repos/o/r/topics", "PUT repos/o/r/contents/keys/hooks", "POST repos/o/r/git/refs", "POST repos/o/r/branches/main/rename",
		"POST repos/o/r/releases", "PUT user/starred/o/r", "POST orgs/o/repos", "POST user/repos", "POST repos/o/keys/issues", "POST repos/o/r/actions/workflows/ci.yml/dispatches",
		"POST gists", "PUT notifications", "POST graphql/addComment", "POST graphql/createCommitOnBranch", "POST graphql/mergePullRequest", "POST graphql/addProjectV2ItemById",
		"POST repos/o/r/actions/runs/1/rerun", "POST repos/o/r/actions/runs/1/cancel", "PATCH repos/o/r/secret-scanning/alerts/1", "POST repos/o/r/pages/builds", "POST repos/o/r/deployments", "POST graphql/createDeployment",
		"POST graphql/addBlockedBy", "POST graphql/updateProjectV2ItemFieldValue", "POST orgs/o/copilot-spaces", "POST repos/o/r/security-advisories",
	}
	for _, request := range slices.Concat(governing, harmless) {
		method, path, _ := strings.Cut(request, " ")
		if got := admin.May(method, path); got != slices.Contains(governing, request) {
			t.Errorf("%s: %v", request, got)
		}
	}
}
