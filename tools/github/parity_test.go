package github_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// peerTools is what github/github-mcp-server v1.10.1 offers with all its
// toolsets. What does the same here is in testdata/calls.
const peerTools = `
get_me get_teams get_team_members
get_commit get_file_contents get_latest_release get_release_by_tag get_tag list_branches list_commits list_releases
list_repository_collaborators list_tags search_code search_commits search_repositories create_branch
create_or_update_file create_repository delete_file fork_repository push_files
get_label issue_read list_issue_fields list_issue_types list_issues search_issues add_issue_comment issue_write sub_issue_write
list_pull_requests pull_request_read search_pull_requests add_comment_to_pending_review add_reply_to_pull_request_comment
create_pull_request merge_pull_request pull_request_review_write update_pull_request update_pull_request_branch
search_users assign_copilot_to_issue request_copilot_review assign_copilot_to_issue_with_intent
actions_get actions_list get_job_logs actions_run_trigger
get_code_quality_finding get_code_scanning_alert list_code_scanning_alerts get_dependabot_alert list_dependabot_alerts
get_discussion get_discussion_comments list_discussion_categories list_discussions discussion_comment_write
get_gist list_gists create_gist update_gist get_repository_tree list_label label_write
get_notification_details list_notifications dismiss_notification manage_notification_subscription
manage_repository_notification_subscription mark_all_notifications_read
search_orgs projects_get projects_list projects_write get_secret_scanning_alert list_secret_scanning_alerts
get_global_security_advisory list_global_security_advisories list_org_repository_security_advisories
list_repository_security_advisories list_starred_repositories star_repository unstar_repository
`

// peerRows are the rows of the peer's tools, in their order. Each has one.
func peerRows(t *testing.T) []row {
	t.Helper()
	names := strings.Fields(peerTools)
	if len(names) != 85 {
		t.Fatalf("%d names; the peer has 85 tools", len(names))
	}
	all, rows := rowsOf(t, "calls"), make([]row, len(names))
	for _, one := range all {
		i := slices.Index(names, one.name)
		switch {
		case strings.HasPrefix(one.name, "also: "):
		case i < 0:
			t.Errorf("the peer has no tool %s", one.name)
		case rows[i].name != "":
			t.Errorf("%s has two rows", one.name)
		default:
			rows[i] = one
		}
	}
	for i, one := range rows {
		if len(one.calls) == 0 {
			t.Errorf("%s has no call", names[i])
		}
	}
	return rows
}

// parityTable is the rows for the documentation.
func parityTable(t *testing.T) string {
	table := "| github-mcp-server | here |\n|---|---|\n"
	for _, row := range peerRows(t) {
		var order []string
		uses := map[string][]string{}
		for _, call := range row.calls {
			if uses[call.tool] == nil {
				order = append(order, call.tool)
			}
			if use := call.use(t); !slices.Contains(uses[call.tool], use) {
				uses[call.tool] = append(uses[call.tool], use)
			}
		}
		cells := make([]string, len(order))
		for i, tool := range order {
			cells[i] = strings.TrimSpace(fmt.Sprintf("`%s` %s", tool, strings.Trim(strings.Join(uses[tool], ", "), ", ")))
		}
		table += fmt.Sprintf("| %s | %s |\n", row.name, strings.Join(cells, "; "))
	}
	return table
}

// use says what decides what a call does: the part, action or kind, and in
// reading the arguments that pick one thing out of many.
func (c parityCall) use(t *testing.T) string {
	var arguments map[string]any
	if err := json.Unmarshal([]byte(c.arguments), &arguments); err != nil {
		t.Fatalf("%s %s: %v", c.tool, c.arguments, err)
	}
	if strings.HasPrefix(c.tool, "github_api") {
		return "`" + apiUse(arguments) + "`"
	}
	var parts []string
	for _, name := range []string{"part", "action", "kind"} {
		if value, given := arguments[name].(string); given {
			parts = append(parts, "`"+value+"`")
		}
	}
	for _, name := range []string{"name", "id", "gist", "thread", "recursive", "files", "path", "project", "org"} {
		if _, given := arguments[name]; given && arguments["action"] == nil {
			parts = append(parts, "`"+name+"`")
		}
	}
	if _, given := arguments["number"]; given && c.tool == "github_discussions" {
		parts = append(parts, "`number`")
	}
	return strings.Join(parts, " ")
}

// apiUse is a path below the repository or organisation, with ID for numbers and the names of
// what its query is about; of GraphQL it is the mutation.
func apiUse(arguments map[string]any) string {
	if document, isGraph := arguments["graphql"].(string); isGraph {
		if !strings.HasPrefix(document, "mutation") {
			return "graphql"
		}
		return regexp.MustCompile(`\{(\w+)`).FindStringSubmatch(document)[1]
	}
	address, _ := arguments["path"].(string)
	address = regexp.MustCompile(`^(repos/[^/]+|orgs)/[^/]+/`).ReplaceAllString(address, "")
	address = regexp.MustCompile(`/\d+`).ReplaceAllString(address, "/ID")
	query, _ := arguments["query"].(map[string]any)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(query)), func(name string) bool { return name == "q" || name == "sort" })
	return strings.TrimSuffix(address+"?"+strings.Join(names, "&"), "?")
}

// schema is as much of a JSON Schema as tools declare.
type schema struct {
	Properties map[string]*schema
	Required   []string
	Enum       []string
	Items      *schema
}

func schemasOf(t *testing.T) map[string]*schema {
	t.Helper()
	schemas := map[string]*schema{}
	for _, tool := range all() {
		schemas[tool.Name] = &schema{}
		if err := json.Unmarshal(tool.Schema, schemas[tool.Name]); err != nil {
			t.Fatal(err)
		}
	}
	return schemas
}

// walk says what is wrong with a value, and notes the values of enums in it.
func (s *schema) walk(at string, value any, used map[string]bool) (faults []string) {
	switch value := value.(type) {
	case string:
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
			return []string{at + " can't be " + value}
		}
		used[at+" "+value] = true
	case []any:
		for _, item := range value {
			faults = append(faults, s.Items.walk(at, item, used)...)
		}
	case map[string]any:
		if s.Properties == nil {
			return nil
		}
		for _, name := range s.Required {
			if _, given := value[name]; !given {
				faults = append(faults, at+" needs "+name)
			}
		}
		for name, item := range value {
			if s.Properties[name] == nil {
				faults = append(faults, at+" has no "+name)
				continue
			}
			faults = append(faults, s.Properties[name].walk(at+"."+name, item, used)...)
		}
	}
	return faults
}

// values are all values of enums, as walk notes them.
func (s *schema) values(at string) (all []string) {
	for _, value := range s.Enum {
		all = append(all, at+" "+value)
	}
	if s.Items != nil {
		all = append(all, s.Items.values(at)...)
	}
	for name, property := range s.Properties {
		all = append(all, property.values(at+"."+name)...)
	}
	return all
}

// What the rows call can be called, and every part, action and kind there is to
// ask for has a call.
func TestParityRows(t *testing.T) {
	t.Parallel()
	peerRows(t)
	schemas, used := schemasOf(t), map[string]bool{}
	for _, row := range rowsOf(t, "calls") {
		for _, call := range row.calls {
			var arguments any
			if err := json.Unmarshal([]byte(call.arguments), &arguments); err != nil || schemas[call.tool] == nil {
				t.Errorf("%s: %s %s: %v", row.name, call.tool, call.arguments, err)
				continue
			}
			for _, fault := range schemas[call.tool].walk(call.tool, arguments, used) {
				t.Errorf("%s: %s", row.name, fault)
			}
			if len(call.asks) == 0 || len(call.says) == 0 {
				t.Errorf("%s: %s %s: nothing is asked, or nothing said", row.name, call.tool, call.arguments)
			}
		}
	}
	for name, schema := range schemas {
		for _, value := range schema.values(name) {
			if !used[value] {
				t.Errorf("no call has %s", value)
			}
		}
	}
}

// Every call is made, against GitHub's own description of its API and the
// answers it documents.
func TestParityCalls(t *testing.T) {
	t.Parallel()
	to := standIn(t)
	for _, row := range rowsOf(t, "calls") {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for _, call := range row.calls {
				runCall(t, to, call)
			}
		})
	}
}
