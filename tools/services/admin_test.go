package services_test

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/services"
)

// TestAdminPaths holds the tables against requests of the providers' documentation,
// on the pages that they name.
func TestAdminPaths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		service             tools.Service
		governing, harmless string
	}{
		{services.GitLab(), "POST projects/1/members|PUT projects/group%2Fname/members/2|POST groups/1/members|POST projects/1/invitations|POST projects/1/access_tokens|" +
			"POST projects/1/deploy_keys|POST projects/1/hooks|POST projects/1/variables|PUT groups/1/variables/A|POST projects/1/protected_branches|DELETE projects/1|PUT projects/1|" +
			"DELETE projects/group%2Fname|POST projects/1/share|PUT projects/1/transfer|POST projects/1/triggers|POST user/keys|POST users/1/keys|POST projects/1/approval_rules|POST personal_access_tokens/1/rotate|POST projects/1/members.json|" +
			"POST projects/1/merge_requests/2/approval_rules|PUT projects/1/merge_requests/2/approval_rules/3|POST projects/1/merge_requests/2/approvals|PUT projects/1/merge_requests/2/reset_approvals|" +
			"POST groups/1/projects/2|POST projects/1/packages/protection/rules|PATCH projects/1/registry/protection/repository/rules/2|POST projects/1/registry/protection/tag/rules|" +
			"POST projects/1/pipeline_schedules/2/variables|PUT projects/1/pipeline_schedules/2/variables/A|POST projects/1/pipeline_schedules/2/take_ownership|POST projects/1/deployments/2/approval|" +
			"POST projects/1/external_status_checks|POST projects/1/merge_requests/2/status_check_responses|POST projects/1/export|POST groups/1/export_relations|" +
			"POST projects/1/error_tracking/client_keys|POST groups/1/placeholder_reassignments|POST bulk_imports|POST project_aliases|" +
			"POST runner_controllers/1/tokens|POST projects/user/1|POST import/github|POST projects/import|POST groups/1/tokens/revoke|POST groups/1/-/virtual_registries/packages/maven/registries|PUT projects/1/repository/branches/a%2Fb/unprotect|" +
			"POST projects/1/import_project_members/2|POST organizations|POST user/support_pin|PATCH virtual_registries/container/upstreams/1",
			"POST projects/1/issues|PUT projects/group%2Fname/issues/1|POST projects/1/merge_requests/1/notes|POST projects/1/repository/commits|POST projects/1/pipeline|PUT projects/1/merge_requests/1/merge|POST projects/1/fork|" +
				"POST projects/1/merge_requests/1/approve|POST projects/1/pipeline_schedules|PUT projects/1/pipeline_schedules/1|POST projects/1/deployments|PUT projects/1/packages/generic/a/1/protection|DELETE projects/1/registry/repositories/1|PUT projects/1/resource_groups/a"},
		{services.HuggingFace(), "PUT models/a/b/settings|POST spaces/a/b/secrets|POST models/a/b/user-access-request/handle|POST repos/move|DELETE repos/delete|POST settings/webhooks|POST organizations/o/resource-groups|DELETE buckets/a/b",
			"POST models/a/b/discussions|POST models/a/b/commit/main|POST repos/create|POST models/a/b/discussions/1/comment|POST buckets/a/b|POST jobs/a|POST collections/c/items"},
		{services.Sentry(), "POST organizations/o/members/|PUT organizations/o/members/1/|POST organizations/o/teams/|POST organizations/o/members/1/teams/t/|PUT organizations/o/|DELETE projects/o/p/|" +
			"POST projects/o/p/keys/|POST projects/o/p/hooks/|POST projects/o/p/teams/t/|POST organizations/o/scim/v2/Users|DELETE teams/o/t/|POST api-tokens/|" +
			"POST organizations/o/prevent/owner/a/repository/b/token/regenerate/|PUT projects/o/p/|PUT teams/o/t/|POST organizations/o/forwarding/|POST organizations/o/external-users/",
			"PUT organizations/o/issues/1/|POST issues/1/comments/|PUT projects/o/p/issues/|POST organizations/o/releases/|POST organizations/o/alert-rules/|POST teams/o/t/projects/|POST sentry-app-installations/u/external-issues/"},
		{services.Google(), "POST calendar/v3/calendars/primary/acl|PUT calendar/v3/calendars/primary/acl/user:x|DELETE calendar/v3/calendars/x|POST batch/calendar/v3|POST calendar/v3/calendars/primary/events/watch|POST drive/v3/files/x/permissions|" +
			"PUT gmail/v1/users/me/settings/autoForwarding|POST gmail/v1/users/me/settings/delegates|POST gmail/v1/users/me/settings/filters|PATCH drive/v3/files/x/revisions/1|POST drive/v3/files/x/accessproposals/1:resolve|" +
			"PATCH groups/v1/groups/a@example.com|PATCH drive/v3/drives/1|PUT storage/v1/b/x/o/a%2Fb|PUT storage/v1/b/x/iam|POST compute/v1/projects/p/zones/z/instances/i/setIamPolicy|POST v1/projects/p:setIamPolicy|POST bigquery/v2/projects/p/datasets/d/tables/t:setIamPolicy",
			"POST calendar/v3/calendars/primary/events|PATCH calendar/v3/calendars/primary/events/x|POST calendar/v3/calendars|POST calendar/v3/users/me/calendarList|" +
				"PUT youtube/v3/channels|POST gmail/v1/users/me/messages/send|POST drive/v3/files|PATCH upload/drive/v3/files/x|POST drive/v3/drives/x/hide|POST tasks/v1/lists/x/tasks"},
		{services.Microsoft(), "POST me/drive/items/x/invite|POST me/drive/items/x/createLink|DELETE me/drive/items/x/permissions/1|POST me/calendar/calendarPermissions|POST me/mailFolders/inbox/messageRules|" +
			"POST groups/1/members/$ref|POST oauth2PermissionGrants|PATCH me|PATCH users/1|PATCH users('1')|DELETE users/1|POST $batch|PATCH ME/MailboxSettings|POST subscriptions|POST invitations|POST me/drive/items/x/microsoft.graph.invite|POST applications/1/addPassword|" +
			"POST sites/x/lists/1/subscriptions|POST me/chats/1/installedApps|PATCH teams/1|DELETE teams('1')|PATCH planner/plans/1/details|PATCH planner/plans('1')/details|POST chats/1/removeAllAccessForUser|" +
			"POST teams/1/channels/2/sharedWithTeams|POST print/shares/1/allowedUsers/$ref|POST groupSettings|PATCH groupSettings/1|PATCH groupSettings('1')|POST groups/1/settings|PATCH groups('1')/settings('2')|POST users/1/exportPersonalData|POST users/1/managedDevices/2/wipe|" +
			"POST solutions/bookingBusinesses/1/staffMembers|PATCH users/1/microsoft.graph.user|DELETE groups/1/microsoft.graph.group|PUT groups/1/team|PATCH education/users/1|POST education/classes/1/teachers/$ref|" +
			"POST education/schools/1/users/$ref|DELETE education/classes/1|POST users/1/convertExternalToInternalMemberUser|PATCH teamwork/teamsAppSettings|POST solutions/virtualEvents/webinars/1/presenters",
			"POST me/events|PATCH me/events/x|POST me/sendMail|POST me/messages|PATCH me/contacts/1|POST users/1/events|PUT me/drive/root:/a.txt:/content|POST me/todo/lists|POST chats/1/messages|" +
				"POST teams/1/channels/2/messages|PATCH planner/tasks/1|PATCH planner/tasks/1/details|POST sites/x/lists/1/items|POST me/messages/1/move|" +
				"POST me/messages/1/microsoft.graph.reply|POST education/classes/1/assignments|POST me/teamwork/sendActivityNotification|POST solutions/bookingBusinesses/1/appointments"},
	} {
		admin, err := policy.ParsePaths(c.service.Admin)
		if err != nil {
			t.Fatal(err)
		}
		for list, want := range map[string]bool{c.governing: true, c.harmless: false} {
			for _, request := range strings.Split(list, "|") {
				method, path, _ := strings.Cut(request, " ")
				if admin.May(method, path) != want {
					t.Errorf("%s: %s: %v", c.service.Name, request, !want)
				}
			}
		}
	}
}
