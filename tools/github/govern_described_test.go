package github_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools/github"
)

// harmlessSubcategories are those of GitHub's descriptions whose writes change
// nobody's rights, harmlessOperations those of subcategories that have others too,
// and harmlessMutations those of the GraphQL API. What isn't listed needs
// VALET_ROLE=admin: it governs, or the table's words are too wide for it, as with
// followOrganization, pinEnvironment and createTeamDiscussion.
const (
	harmlessSubcategories = `
actions/artifacts actions/workflows activity/notifications activity/starring activity/watching agent-tasks/agent-tasks
announcement-banners/organizations branches/branches campaigns/campaigns checks/runs checks/suites codespaces/codespaces
commits/comments commits/statuses copilot-spaces/resources dependabot/alerts dependency-graph/dependency-submission
deployments/deployments deployments/statuses gists/ gists/comments gists/gists git/blobs git/commits git/refs git/tags git/trees
issues/assignees issues/comments issues/issue-dependencies issues/issue-field-values issues/issues issues/labels issues/milestones
issues/sub-issues markdown/markdown migrations/source-imports orgs/artifact-metadata orgs/attestations orgs/issue-fields
orgs/issue-types packages/packages projects/drafts projects/fields projects/items projects/views pulls/comments pulls/pulls
pulls/review-requests pulls/reviews pulls/stacks reactions/reactions releases/assets releases/releases repos/attestations
repos/autolinks repos/contents repos/forks repos/lfs users/attestations users/followers users/social-accounts users/users`

	harmlessOperations = `
DELETE:/repos/{owner}/{repo}/actions/caches DELETE:/repos/{owner}/{repo}/actions/caches/{cache_id}
PATCH:/repos/{owner}/{repo}/actions/cache/usage-policy
PUT:/repos/{owner}/{repo}/actions/cache/retention-limit PUT:/repos/{owner}/{repo}/actions/cache/storage-limit
POST:/repos/{owner}/{repo}/actions/variables
PATCH:/repos/{owner}/{repo}/actions/variables/{name} DELETE:/repos/{owner}/{repo}/actions/variables/{name}
POST:/repos/{owner}/{repo}/agents/variables
PATCH:/repos/{owner}/{repo}/agents/variables/{name} DELETE:/repos/{owner}/{repo}/agents/variables/{name}
POST:/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun
POST:/repos/{owner}/{repo}/actions/runs/{run_id}/rerun POST:/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs
POST:/repos/{owner}/{repo}/actions/runs/{run_id}/cancel POST:/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel
DELETE:/repos/{owner}/{repo}/actions/runs/{run_id} DELETE:/repos/{owner}/{repo}/actions/runs/{run_id}/logs
PATCH:/repos/{owner}/{repo}/code-scanning/alerts/{alert_number} POST:/repos/{owner}/{repo}/code-scanning/alerts/{alert_number}/autofix
POST:/repos/{owner}/{repo}/code-scanning/alerts/{alert_number}/autofix/commits POST:/repos/{owner}/{repo}/code-scanning/sarifs
DELETE:/repos/{owner}/{repo}/code-scanning/analyses/{analysis_id} POST:/repos/{owner}/{repo}/code-scanning/codeql/variant-analyses
DELETE:/repos/{owner}/{repo}/code-scanning/codeql/databases/{language}
POST:/orgs/{org}/copilot-spaces DELETE:/orgs/{org}/copilot-spaces/{space_number}
POST:/users/{username}/copilot-spaces DELETE:/users/{username}/copilot-spaces/{space_number}
POST:/repos/{owner}/{repo}/pages/builds POST:/repos/{owner}/{repo}/pages/deployments
POST:/repos/{owner}/{repo}/pages/deployments/{pages_deployment_id}/cancel
POST:/user/repos POST:/orgs/{org}/repos POST:/repos/{template_owner}/{template_repo}/generate
POST:/repos/{owner}/{repo}/dispatches PUT:/repos/{owner}/{repo}/topics
PATCH:/repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}
POST:/repos/{owner}/{repo}/security-advisories POST:/repos/{owner}/{repo}/security-advisories/reports
POST:/repos/{owner}/{repo}/security-advisories/{ghsa_id}/cve POST:/repos/{owner}/{repo}/security-advisories/{ghsa_id}/forks`

	harmlessMutations = `
acceptTopicSuggestion addAssigneesToAssignable addBlockedBy addComment addDiscussionComment addDiscussionPollVote
addLabelsToLabelable addProjectCard addProjectColumn addProjectV2DraftIssue addProjectV2ItemById addPullRequestReview
addPullRequestReviewComment addPullRequestReviewThread addPullRequestReviewThreadReply addReaction addStar addSubIssue addUpvote
archiveProjectV2Item archivePullRequest cancelSponsorship changeUserStatus clearLabelsFromLabelable clearProjectV2ItemFieldValue
cloneProject cloneTemplateRepository closeDiscussion closeIssue closePullRequest convertProjectCardNoteToIssue
convertProjectV2DraftIssueItemToIssue convertPullRequestToDraft copyProjectV2 createCheckRun createCheckSuite createCommitOnBranch
createDeployment createDeploymentStatus createDiscussion createIssue createIssueField createIssueFieldValue createIssueType
createLabel createLinkedBranch createProject createProjectV2 createProjectV2Field createProjectV2IssueField
createProjectV2StatusUpdate createPullRequest createRef createRepository createSponsorsListing createSponsorsTier createSponsorship
createSponsorships createUserList declineTopicSuggestion deleteDeployment deleteDiscussion deleteDiscussionComment deleteIssue
deleteIssueComment deleteIssueField deleteIssueFieldValue deleteIssueType deleteLabel deleteLinkedBranch deletePackageVersion
deleteProject deleteProjectCard deleteProjectColumn deleteProjectV2 deleteProjectV2Field deleteProjectV2Item
deleteProjectV2StatusUpdate deleteProjectV2Workflow deletePullRequestReview deletePullRequestReviewComment deleteRef deleteUserList
dequeuePullRequest disablePullRequestAutoMerge dismissPullRequestReview dismissRepositoryVulnerabilityAlert
enablePullRequestAutoMerge enqueuePullRequest followUser importProject linkProjectV2ToRepository linkRepositoryToProject
lockLockable markDiscussionCommentAsAnswer markFileAsViewed markProjectV2AsTemplate markPullRequestReadyForReview mergeBranch
mergePullRequest minimizeComment moveProjectCard moveProjectColumn pinIssue pinIssueComment publishSponsorsTier
removeAssigneesFromAssignable removeBlockedBy removeLabelsFromLabelable removeReaction removeStar removeSubIssue removeUpvote
reopenDiscussion reopenIssue reopenPullRequest replaceActorsForAssignable reprioritizeSubIssue requestReviews requestReviewsByLogin
rerequestCheckSuite resolveReviewThread retireSponsorsTier revertPullRequest setIssueFieldValue submitPullRequestReview
transferIssue unarchiveProjectV2Item unarchivePullRequest unfollowUser unlinkProjectV2FromRepository unlinkRepositoryFromProject
unlockLockable unmarkDiscussionCommentAsAnswer unmarkFileAsViewed unmarkIssueAsDuplicate unmarkProjectV2AsTemplate unminimizeComment
unpinIssue unpinIssueComment unresolveReviewThread updateCheckRun updateCheckSuitePreferences updateDiscussion
updateDiscussionComment updateIssue updateIssueComment updateIssueField updateIssueFieldValue updateIssueIssueType updateIssueType
updateLabel updatePatreonSponsorability updateProjectCard updateProjectColumn updateProjectV2DraftIssue updateProjectV2Field
updateProjectV2ItemFieldValue updateProjectV2ItemPosition updateProjectV2StatusUpdate updatePullRequest updatePullRequestBranch
updatePullRequestReview updatePullRequestReviewComment updateRef updateRefs updateSponsorshipPreferences updateSubscription
updateTopics updateUserList updateUserListsForItem`

	// https://docs.github.com/en/graphql/reference/mutations has these, and
	// @octokit/graphql-schema 15.26.1 doesn't.
	laterMutations = `
addBlockedBy archivePullRequest createIssueField createIssueFieldValue createIssueType createProjectV2IssueField
createRepositoryCustomProperty deleteIssueField deleteIssueFieldValue deleteIssueType deleteRepositoryCustomProperty pinIssueComment
promoteRepositoryCustomProperty removeBlockedBy replaceActorsForAssignable requestReviewsByLogin setIssueFieldValue
setRepositoryCustomPropertyValues unarchivePullRequest unpinIssueComment updateIpAllowListUserLevelEnforcementEnabledSetting
updateIssueField updateIssueFieldValue updateIssueIssueType updateIssueType updateRepositoryCustomProperty`
)

// TestGoverningIsDecided holds the table against every write that GitHub describes: one
// of a subcategory about which nobody has decided fails, and so does what is described
// no longer.
func TestGoverningIsDecided(t *testing.T) {
	t.Parallel()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("it needs GitHub's descriptions; .ci/run installs them and sets VALET_TEST_REAL=1")
	}
	admin, err := policy.ParsePaths(github.Service("").Admin)
	if err != nil {
		t.Fatal(err)
	}
	harmless := map[string]bool{} // whether it is described
	for _, name := range strings.Fields(harmlessSubcategories + harmlessOperations + harmlessMutations) {
		harmless[name] = false
	}
	meant := make([]bool, len(admin))
	operations := slices.Concat(describedWrites(t), describedMutations(t))
	governing := 0
	for _, o := range operations {
		governs := true
		for _, name := range []string{o.subcategory, o.name} {
			if _, listed := harmless[name]; listed {
				harmless[name], governs = true, false
			}
		}
		if governs {
			governing++
		}
		for _, path := range o.paths {
			if admin.May(o.method, path) != governs {
				t.Errorf("%s (%s) as %s: that it governs is decided to be %v", o.name, o.subcategory, path, governs)
			}
			for i := range admin {
				meant[i] = meant[i] || admin[i:i+1].May(o.method, path)
			}
		}
	}
	t.Logf("%d writes, of which %d govern", len(operations), governing)
	for name, found := range harmless {
		if !found {
			t.Errorf("%s is described nowhere", name)
		}
	}
	for i, found := range meant {
		if !found {
			t.Errorf("%s means nothing that is described", admin[i:i+1])
		}
	}
}

type described struct {
	name, subcategory, method string

	paths []string // below the API's address: one for each value, and by number
}

// description is what is read of an OpenAPI 3 document.
// https://spec.openapis.org/oas/v3.0.3
type description struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Ref string `json:"$ref"`
			parameter
		} `json:"parameters"`
		GitHub struct {
			Category    string `json:"category"`
			Subcategory string `json:"subcategory"`
		} `json:"x-github"`
	} `json:"paths"`
	Components struct {
		Parameters map[string]parameter `json:"parameters"`
	} `json:"components"`
}

type parameter struct {
	Name   string `json:"name"`
	Schema struct {
		Enum []any `json:"enum"`
	} `json:"schema"`
}

// describedWrites are those of github.com, its Enterprise Cloud and the newest
// Enterprise Server.
func describedWrites(t *testing.T) []described {
	t.Helper()
	const folder = "@octokit/openapi/generated/"
	servers, err := filepath.Glob(filepath.Join(realParts, "node_modules", folder, "ghes-*[0-9].json"))
	if err != nil || len(servers) == 0 {
		t.Fatalf("%v; it needs: npm ci --prefix testdata/real", err)
	}
	all := map[string]described{}
	for _, file := range []string{"api.github.com.json", "ghec.json", filepath.Base(slices.Max(servers))} {
		var d description
		if err := json.Unmarshal(installed(t, folder+file), &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for path, methods := range d.Paths {
			for method, operation := range methods {
				o := described{method: strings.ToUpper(method), subcategory: operation.GitHub.Category + "/" + operation.GitHub.Subcategory}
				if o.method == http.MethodGet || o.method == http.MethodHead {
					continue
				}
				o.name, o.paths = o.method+":"+path, withNumbers(path)
				for _, p := range operation.Parameters {
					if p.Ref != "" {
						p.parameter = d.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
					}
					o.paths = p.filledIn(o.paths)
				}
				all[o.name] = o
			}
		}
	}
	return slices.Collect(maps.Values(all))
}

// withNumbers are a path and the same by number.
//
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
// https://docs.github.com/en/rest/teams/teams#get-a-team-by-name
// https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
func withNumbers(path string) (all []string) {
	for _, place := range [][2]string{
		{"/", ""},
		{"/repos/{owner}/{repo}", "repositories/1"},
		{"/repos/{template_owner}/{template_repo}", "repositories/1"},
		{"/orgs/{org}", "organizations/1"},
		{"/organizations/{org}", "orgs/o"},
		{"/orgs/{org}/teams/{team_slug}", "organizations/1/team/1"},
		{"/users/{username}", "user/1"},
	} {
		if rest, found := strings.CutPrefix(path, place[0]); found {
			all = append(all, place[1]+rest)
		}
	}
	return all
}

// filledIn are paths for each value that the parameter may have, which is any unless
// they are counted up.
func (p parameter) filledIn(paths []string) (filled []string) {
	values := p.Schema.Enum
	if len(values) == 0 {
		values = []any{"any"}
	}
	for _, path := range paths {
		for _, value := range values {
			filled = append(filled, strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(value)))
		}
	}
	slices.Sort(filled)
	return slices.Compact(filled)
}

// describedMutations are the fields of the type Mutation, and those that are only in
// GitHub's reference yet.
func describedMutations(t *testing.T) (all []described) {
	t.Helper()
	_, after, _ := strings.Cut(string(installed(t, "@octokit/graphql-schema/schema.graphql")), "\ntype Mutation {\n")
	fields, _, _ := strings.Cut(after, "\n}\n")
	var names []string
	for _, field := range regexp.MustCompile(`(?m)^  (\w+)\(`).FindAllStringSubmatch(fields, -1) {
		names = append(names, field[1])
	}
	if len(names) == 0 {
		t.Fatal("the schema has no mutation")
	}
	for _, name := range strings.Fields(laterMutations) {
		if slices.Contains(names, name) {
			t.Errorf("the schema has %s by now", name)
		}
		names = append(names, name)
	}
	for _, name := range names {
		all = append(all, described{name: name, method: http.MethodPost, paths: []string{"graphql/" + name}})
	}
	return all
}

func installed(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(realParts, "node_modules", file))
	if err != nil {
		t.Fatalf("%v; it needs: npm ci --prefix testdata/real", err)
	}
	return data
}
