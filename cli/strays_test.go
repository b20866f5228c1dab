package cli

import (
	"testing"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
	"github.com/valetkey/valetkey/tools/services"
)

// TestStrays: a variable that is a slip away from one that would be read is noticed;
// others' variables aren't. Those of a workflow are named by
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
func TestStrays(t *testing.T) {
	t.Parallel()
	acme, err := services.Custom("acme")
	if err != nil {
		t.Fatal(err)
	}
	two, err := services.Custom("acme_a")
	if err != nil {
		t.Fatal(err)
	}
	all := readers([]tools.Service{github.Service(""), services.GitLab(), services.Sentry(), services.Google(), acme, two})
	for _, c := range []struct {
		set          []string
		system, want string
	}{
		{[]string{"ACME_TOKN"}, "linux", "nothing reads ACME_TOKN; did you mean ACME_TOKEN?"},
		{[]string{"ACME_URL"}, "linux", "nothing reads ACME_URL; did you mean ACME_API_URL?"},
		{[]string{"ACME_APIURL"}, "linux", "nothing reads ACME_APIURL; did you mean ACME_API_URL?"},
		{[]string{"ACME_KEY"}, "linux", "nothing reads ACME_KEY; did you mean ACME_TOKEN?"},
		{[]string{"ACME_ISSUR"}, "linux", "nothing reads ACME_ISSUR; did you mean ACME_ISSUER?"},
		{[]string{"GITLAB_CLIENTID"}, "linux", "nothing reads GITLAB_CLIENTID; did you mean GITLAB_CLIENT_ID?"},
		{[]string{"VALET_SERVICE"}, "linux", "nothing reads VALET_SERVICE; did you mean VALET_SERVICES?"},
		{[]string{"VALET_STROE", "VALET_STORE"}, "linux", "nothing reads VALET_STROE; did you mean VALET_STORE?"},
		{[]string{"VALET_NONSENSE"}, "linux", "nothing reads VALET_NONSENSE"},
		{[]string{"acme_token"}, "darwin", "nothing reads acme_token; did you mean ACME_TOKEN?"},
		{[]string{"acme_token", "Valet_Store"}, "windows", ""},
		{[]string{"valet_stroe"}, "windows", "nothing reads valet_stroe; did you mean VALET_STORE?"},
		{[]string{"ACME_TOKN", "ACME_TOKEN"}, "linux", ""},
		{[]string{"GITHUB_REPOS"}, "linux", "nothing reads GITHUB_REPOS; did you mean VALET_REPOS?"},
		{[]string{"GITHUB_CONFIRM"}, "linux", "nothing reads GITHUB_CONFIRM; did you mean VALET_CONFIRM?"},
		{[]string{"GITHUB_TOOLS"}, "linux", "nothing reads GITHUB_TOOLS; did you mean VALET_TOOLS?"},
		{[]string{"GITHUB_EXCLUDE_TOOLS"}, "linux", "nothing reads GITHUB_EXCLUDE_TOOLS; did you mean VALET_TOOLS=-NAME?"},
		{[]string{"GITHUB_LOCKDOWN_MODE"}, "linux", "nothing reads GITHUB_LOCKDOWN_MODE; did you mean VALET_CONFIRM=untrusted?"},
		{[]string{"GITHUB_WRITES_PER_MINUTE"}, "linux", "nothing reads GITHUB_WRITES_PER_MINUTE; did you mean VALET_WRITES_PER_MINUTE?"},
		{[]string{"GITHUB_AUDIT"}, "linux", "nothing reads GITHUB_AUDIT; did you mean VALET_AUDIT?"},
		{[]string{"GITHUB_READ_ONLY"}, "linux", "nothing reads GITHUB_READ_ONLY; did you mean VALET_ROLE=read-only?"},
		{[]string{"GITHUB_READ_ONLY", "VALET_ROLE"}, "linux", ""},
		{[]string{"ACME_READONLY", "ACME_ROLE"}, "linux", "nothing reads ACME_READONLY; did you mean VALET_ROLE=read-only?"},
		{[]string{"VALET_READ_ONLY", "VALET_ROLE"}, "linux", "nothing reads VALET_READ_ONLY; did you mean VALET_ROLE=read-only?"},
		{[]string{"VALET_PATHS"}, "linux", "nothing reads VALET_PATHS; did you mean GITHUB_PATHS?"},
		{[]string{"VALET_REPOSITORIES"}, "linux", "nothing reads VALET_REPOSITORIES; did you mean VALET_REPOS?"},
		{[]string{"ACME_A_CLIENT_ID", "ACME_TOKEN", "ACME_REGION", "ACME_HOME"}, "linux", ""},
		{[]string{
			"GITHUB_ACTION", "GITHUB_ACTIONS", "GITHUB_ACTION_PATH", "GITHUB_ACTION_REPOSITORY", "GITHUB_ACTOR", "GITHUB_ACTOR_ID", "GITHUB_BASE_REF", "GITHUB_ENV", "GITHUB_EVENT_NAME",
			"GITHUB_EVENT_PATH", "GITHUB_GRAPHQL_URL", "GITHUB_HEAD_REF", "GITHUB_JOB", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_PROTECTED", "GITHUB_REF_TYPE",
			"GITHUB_REPOSITORY", "GITHUB_REPOSITORY_ID", "GITHUB_REPOSITORY_OWNER", "GITHUB_REPOSITORY_OWNER_ID", "GITHUB_RETENTION_DAYS", "GITHUB_RUN_ATTEMPT", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER",
			"GITHUB_SERVER_URL", "GITHUB_SHA", "GITHUB_STEP_SUMMARY", "GITHUB_TRIGGERING_ACTOR", "GITHUB_WORKFLOW", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA", "GITHUB_WORKSPACE", "GITHUB_USER",
			"SENTRY_URL", "SENTRY_DSN", "SENTRY_ORG", "SENTRY_PROJECT", "GOOGLE_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS", "GITLAB_CI", "GITLAB_USER_ID", "TOKN",
		}, "linux", ""},
	} {
		if got := listed(strays(c.set, all, c.system)); got != c.want {
			t.Errorf("%q: %s", c.set, got)
		}
	}
}
