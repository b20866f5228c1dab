package github_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parity is what github/github-mcp-server v1.10.1 offers with all its toolsets,
// tool by tool, and the call here that does the same: a tool, and behind a
// colon a value of its part, action or kind, or the name of an argument.
const parity = `
get_me                                     github_whoami
get_teams                                  github_people:teams
get_team_members                           github_people:members
get_commit                                 github_commits:commit
get_file_contents                          github_contents
get_latest_release                         github_repository:releases
get_release_by_tag                         github_repository:releases
get_tag                                    github_repository:tags
list_branches                              github_repository:branches
list_commits                               github_commits:list
list_releases                              github_repository:releases
list_repository_collaborators              github_repository:collaborators
list_tags                                  github_repository:tags
search_code                                github_search:code
search_commits                             github_search:commits
search_repositories                        github_search:repositories
create_branch                              github_repository_write:create_branch
create_or_update_file                      github_commit_files_write:files
create_repository                          github_repository_write:create
delete_file                                github_commit_files_write:files
fork_repository                            github_repository_write:fork
push_files                                 github_commit_files_write:files
get_label                                  github_repository:labels
issue_read                                 github_issue
list_issue_fields                          github_issues:fields
list_issue_types                           github_issues:types
list_issues                                github_issues:issues
search_issues                              github_search:issues
add_issue_comment                          github_issue_write:comment
issue_write                                github_issue_write:update
sub_issue_write                            github_issue_write:add_sub_issue
list_pull_requests                         github_pull_requests
pull_request_read                          github_pull_request
search_pull_requests                       github_search:pull_requests
add_comment_to_pending_review              github_pull_request_write:add_comments
add_reply_to_pull_request_comment          github_pull_request_write:reply
create_pull_request                        github_pull_request_write:create
merge_pull_request                         github_merge_write:merge
pull_request_review_write                  github_pull_request_write:review
update_pull_request                        github_pull_request_write:update
update_pull_request_branch                 github_pull_request_write:update_branch
search_users                               github_search:users
assign_copilot_to_issue                    github_issue_write:assign
request_copilot_review                     github_pull_request_write:request_reviewers
assign_copilot_to_issue_with_intent        github_issue_write:assign
actions_get                                github_actions:run
actions_list                               github_actions:runs
get_job_logs                               github_actions:log
actions_run_trigger                        github_actions_write:dispatch
get_code_quality_finding                   github_security:code_quality
get_code_scanning_alert                    github_security:code_scanning
list_code_scanning_alerts                  github_security:code_scanning
get_dependabot_alert                       github_security:dependabot
list_dependabot_alerts                     github_security:dependabot
get_discussion                             github_discussions:number
get_discussion_comments                    github_discussions:number
list_discussion_categories                 github_discussions
list_discussions                           github_discussions
discussion_comment_write                   github_discussion_write:comment
get_gist                                   github_gists:gist
list_gists                                 github_gists
create_gist                                github_gist_write:create
update_gist                                github_gist_write:update
get_repository_tree                        github_contents:recursive
list_label                                 github_repository:labels
label_write                                github_repository_write:create_label
get_notification_details                   github_notifications:thread
list_notifications                         github_notifications
dismiss_notification                       github_notifications_write:mark_done
manage_notification_subscription           github_notifications_write:subscribe
manage_repository_notification_subscription github_notifications_write:watch_repo
mark_all_notifications_read                github_notifications_write:mark_all_read
search_orgs                                github_search:users
projects_get                               github_projects:summary
projects_list                              github_projects:owner
projects_write                             github_project_write:add
get_secret_scanning_alert                  github_security:secret_scanning
list_secret_scanning_alerts                github_security:secret_scanning
get_global_security_advisory               github_security:advisories
list_global_security_advisories            github_security:advisories
list_org_repository_security_advisories    github_security:org
list_repository_security_advisories        github_security:advisories
list_starred_repositories                  github_repository:starred
star_repository                            github_repository_write:star
unstar_repository                          github_repository_write:unstar
`

// parityRows are the peer's tools and the calls that do the same.
func parityRows(t *testing.T) [][2]string {
	t.Helper()
	fields := strings.Fields(parity)
	var rows [][2]string
	for i := 0; i+1 < len(fields); i += 2 {
		rows = append(rows, [2]string{fields[i], fields[i+1]})
	}
	if len(rows) != 85 || len(fields) != 170 {
		t.Fatalf("%d rows; the peer has 85 tools", len(rows))
	}
	return rows
}

// parityTable is the rows for the documentation.
func parityTable(t *testing.T) string {
	table := "| github-mcp-server | here |\n|---|---|\n"
	for _, row := range parityRows(t) {
		tool, what, found := strings.Cut(row[1], ":")
		if found {
			what = " `" + what + "`"
		}
		table += fmt.Sprintf("| %s | `%s`%s |\n", row[0], tool, what)
	}
	return table
}

// What the table promises can be called: each tool has that part, action, kind
// or argument.
func TestParity(t *testing.T) {
	t.Parallel()
	calls := map[string][]string{}
	for _, tool := range all() {
		var schema struct {
			Properties map[string]struct{ Enum []string }
		}
		if err := json.Unmarshal(tool.Schema, &schema); err != nil {
			t.Fatal(err)
		}
		calls[tool.Name] = []string{""}
		for name, property := range schema.Properties {
			calls[tool.Name] = append(append(calls[tool.Name], name), property.Enum...)
		}
	}
	for _, row := range parityRows(t) {
		tool, what, _ := strings.Cut(row[1], ":")
		if !slices.Contains(calls[tool], what) {
			t.Errorf("%s: %s has no %q", row[0], tool, what)
		}
	}
}
