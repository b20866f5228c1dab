package github_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// startGuarded is start with a list of repositories.
func startGuarded(t *testing.T, answers map[string]answer, repositories ...string) *fake {
	t.Helper()
	f := start(t, answers)
	f.tools = github.Offer(tools.Setup{API: &http.Client{}, At: credentials.Service{APIURL: f.url + apiPath}, After: atOnce, Repositories: repositories}).Tools
	return f
}

// forbidden has a value for every argument that a tool may need, by its name
// and, where tools differ, by type or action. Those that can name a repository
// name one that isn't allowed.
const forbidden = `{
"repo":"evil/x","target":"evil/x#1","target:transfer":"evil/y","item:add":"evil/x#1","owner":"evil","org":"evil","user":"evil",
"query":"repo:evil/x","head":"evil:main","path":"repos/evil/x","base":"main","ref":"main","from":"main","name":"n","new_name":"evil/y",
"number":1,"run":1,"job":1,"project":1,"comment":1,"comment:string":"DC_example","thread":1,"thread:string":"PRRT_example","id":1,
"item":"PVTI_example","field":"Status","value":"Done","gist":"abc","title":"t","body":"b","message":"m","category":"General",
"description":"d","reaction":"+1","after":"first","color":"ffffff","labels":["l"],"assignees":["a"],"reviewers":["a"],"topics":["t"],
"fields":{"f":"v"},"comments":[{"path":"a","line":1,"body":"b"}],"files":[{"path":"a","content":"b"}],"files:create":[{"name":"a","content":"b"}],
"branch":"main","workflow":"ci.yml","event":"approve","reason":"spam","status":"on_track","method":"POST"}`

// schemaOf is what a tool's arguments may be.
type schemaOf struct {
	Properties map[string]struct {
		Type string
		Enum []string
	}
	Required []string
}

func (s schemaOf) value(t *testing.T, name, action string) any {
	var values map[string]any
	if err := json.Unmarshal([]byte(forbidden), &values); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{name + ":" + action, name + ":" + s.Properties[name].Type, name} {
		if value, has := values[key]; has {
			return value
		}
	}
	t.Fatalf("no value for %s", name)
	return nil
}

// attempt calls a tool with what it says it needs, and gives the outcome.
func attempt(t *testing.T, tool tools.Tool, schema schemaOf, call map[string]any, action string) error {
	needed := regexp.MustCompile(`(?:needs|give either) '(\w+)'|needs at least one of (\w+)|missing '(\w+)'`)
	for range 5 {
		arguments, err := json.Marshal(call)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tool.Call(t.Context(), arguments)
		var wrong *tools.ArgumentError
		if !errors.As(err, &wrong) {
			return err
		}
		for _, found := range needed.FindAllStringSubmatch(err.Error(), -1) {
			name := found[1] + found[2] + found[3]
			call[name] = schema.value(t, name, action)
		}
		if unused := regexp.MustCompile(`does not use '(\w+)'`).FindStringSubmatch(err.Error()); unused != nil {
			delete(call, unused[1])
		}
	}
	t.Errorf("%s takes no arguments: %v", tool.Name, call)
	return nil
}

// TestEveryToolKeepsToTheList: whatever a tool does, nothing about a repository
// outside the list is sent. What isn't about any may be.
func TestEveryToolKeepsToTheList(t *testing.T) {
	t.Parallel()
	harmless := []string{"GET /user", "GET /search/users?page=1&per_page=15&q=repo%3Aevil%2Fx", "GET /rate_limit"}
	f := startGuarded(t, nil, "mona/*")
	for _, tool := range f.tools {
		var schema schemaOf
		if err := json.Unmarshal(tool.Schema, &schema); err != nil {
			t.Fatal(err)
		}
		base, choices := map[string]any{}, []string{"action", "part", "kind", ""}
		for _, name := range schema.Required {
			if slices.Contains(choices, name) {
				choices = []string{name}
			} else {
				base[name] = schema.value(t, name, "")
			}
		}
		if _, takes := schema.Properties["repo"]; takes {
			base["repo"] = "evil/x"
		}
		for _, choice := range choices {
			values := schema.Properties[choice].Enum
			if choice == "" {
				values = []string{""}
			}
			for _, value := range values {
				call := maps.Clone(base)
				if choice != "" {
					call[choice] = value
				}
				err := attempt(t, tool, schema, call, value)
				isRefused := err != nil && strings.Contains(err.Error(), "VALET_REPOS")
				for _, r := range f.sent() {
					line := strings.Replace(r.line, apiPath, "", 1)
					if !slices.Contains(harmless, line) && !strings.Contains(r.body, "nodes(ids:$ids)") {
						t.Errorf("%s %v: sent %s", tool.Name, call, line)
					}
				}
				if !isRefused && len(f.sent()) == 0 {
					t.Errorf("%s %v: %v", tool.Name, call, err)
				}
				f.forget()
			}
		}
	}
}

func (f *fake) forget() {
	f.mu.Lock()
	f.requests = nil
	f.mu.Unlock()
}

// TestArgumentsBesideTheRepository: an allowed repository is no way to others,
// by any argument that can name one.
func TestArgumentsBesideTheRepository(t *testing.T) {
	t.Parallel()
	f := startGuarded(t, map[string]answer{
		"GET /repos/mona/x/issues/1":              {body: `{"id":1,"number":1,"node_id":"I_example","state":"open"}`},
		"GET /repos/mona/x/pulls/1":               {body: `{"number":1,"node_id":"PR_example","state":"open","head":{"repo":{"full_name":"evil/fork"}}}`},
		graphPath + " discussion(number:$number)": {body: `{"data":{"repository":{"discussion":{"id":"D_example","url":"u"}}}}`},
		graphPath + " nodes(ids:$ids)":            {body: `{"data":{"nodes":[{"repository":{"nameWithOwner":"evil/x"}}]}}`},
	}, "mona/*")
	for _, call := range strings.Split(strings.TrimSpace(besideRepository), "\n") {
		name, arguments, _ := strings.Cut(call, " ")
		if _, err := f.call(name, arguments); err == nil || !strings.Contains(err.Error(), "VALET_REPOS") {
			t.Errorf("%s: %v", call, err)
		}
		for _, r := range f.sent() {
			isReading := strings.HasPrefix(r.line, "GET "+apiPath+"/repos/mona/x") && !strings.Contains(r.line, "evil")
			isQuery := r.line == graphPath && !strings.Contains(r.body, "mutation") && !strings.Contains(r.body, "_example")
			if !isReading && !isQuery && !strings.Contains(r.body, "nodes(ids:$ids)") {
				t.Errorf("%s: sent %s %s", call, r.line, r.body)
			}
		}
		f.forget()
	}
}

// TestAllowedRepositoriesOfTools: between allowed repositories tools do all they
// do otherwise, by ids that they have looked up themselves too.
func TestAllowedRepositoriesOfTools(t *testing.T) {
	t.Parallel()
	const where = `{"data":{"nodes":[{"repository":{"nameWithOwner":"mona/x"}},{"nameWithOwner":"mona/y"}]}}`
	f := startGuarded(t, map[string]answer{
		"GET /repos/mona/x":                      {body: `{"default_branch":"main"}`},
		"GET /repos/mona/y":                      {body: `{"node_id":"R_example"}`},
		"GET /repos/mona/x/issues/1":             {body: `{"id":1,"number":1,"node_id":"I_example"}`},
		"GET /repos/mona/y/issues/2":             {body: `{"id":2,"number":2}`},
		"POST /repos/mona/x/issues/1/sub_issues": {body: `{}`},
		"PATCH /repos/mona/x/issues/1":           {body: `{"number":1,"html_url":"https://github.com/mona/x/issues/1"}`},
		"POST /repos/mona/x/pulls":               {body: `{"number":3,"html_url":"https://github.com/mona/x/pull/3"}`},
		"PUT /user/starred/mona/x":               {status: http.StatusNoContent},
		graphPath + " nodes(ids:$ids)":           {body: where},
		graphPath + " transferIssue":             {body: `{"data":{"transferIssue":{"issue":{"number":3,"url":"https://github.com/mona/y/issues/3"}}}}`},
	}, "mona/*")
	for _, c := range []struct{ name, arguments, last string }{
		{"github_issue_write", `{"repo":"mona/x","number":1,"action":"add_sub_issue","target":"mona/y#2"}`, "POST /repos/mona/x/issues/1/sub_issues"},
		{"github_issue_write", `{"repo":"mona/x","number":1,"action":"close","target":"mona/y#2"}`, "PATCH /repos/mona/x/issues/1"},
		{"github_issue_write", `{"repo":"mona/x","number":1,"action":"transfer","target":"mona/y"}`, graphPath},
		{"github_pull_request_write", `{"repo":"mona/x","action":"create","title":"t","head":"mona:topic"}`, "POST /repos/mona/x/pulls"},
		{"github_repository_write", `{"repo":"mona/x","action":"star"}`, "PUT /user/starred/mona/x"},
	} {
		_, err := f.call(c.name, c.arguments)
		if sent := f.sent(); err != nil || strings.Replace(sent[len(sent)-1].line, apiPath, "", 1) != c.last && sent[len(sent)-1].line != c.last {
			t.Errorf("%s: %v; sent %v", c.arguments, err, linesOf(sent))
		}
		f.forget()
	}
}

const besideRepository = `
github_issue_write {"repo":"mona/x","number":1,"action":"add_sub_issue","target":"evil/x#1"}
github_issue_write {"repo":"mona/x","number":1,"action":"remove_sub_issue","target":"evil/x#1"}
github_issue_write {"repo":"mona/x","number":1,"action":"move_sub_issue","target":"evil/x#1","after":"1"}
github_issue_write {"repo":"mona/x","number":1,"action":"move_sub_issue","target":"1","after":"evil/x#1"}
github_issue_write {"repo":"mona/x","number":1,"action":"close","target":"evil/x#1"}
github_issue_write {"repo":"mona/x","number":1,"action":"transfer","target":"evil/x"}
github_pull_request_write {"repo":"mona/x","action":"create","title":"t","head":"evil:main","base":"main"}
github_pull_request_write {"repo":"mona/x","number":1,"action":"update_branch"}
github_pull_request_write {"repo":"mona/x","number":1,"action":"resolve","thread":"PRRT_example"}
github_pull_request_write {"repo":"mona/x","number":1,"action":"unresolve","thread":"PRRT_example"}
github_discussion_write {"repo":"mona/x","number":1,"action":"delete_comment","comment":"DC_example"}
github_discussion_write {"repo":"mona/x","number":1,"action":"mark_answer","comment":"DC_example"}
github_discussions {"repo":"mona/x","number":1,"comment":"DC_example"}
github_repository_write {"repo":"mona/x","action":"fork","new_name":"evil/x"}
github_repository_write {"repo":"mona/x","action":"fork"}
github_actions_write {"repo":"mona/x","action":"dispatch","workflow":"ci.yml","ref":"main","inputs":{"repository":"evil/x"}}
github_commits {"repo":"mona/x","part":"compare","base":"evil:main"}
github_commits {"repo":"mona/x","part":"compare","base":"main","ref":"evil:x:main"}
github_commits {"repo":"mona/x","part":"diff","base":"main","ref":"evil:main"}
github_search {"kind":"issues","query":"repo:mona/x repo:evil/x"}
github_search {"kind":"issues","query":"repo:mona/x OR is:open"}
github_search {"kind":"pull_requests","query":"org:evil"}
github_projects {"owner":"mona","project":1}
github_project_write {"owner":"mona","project":1,"action":"add","item":"evil/x#1"}
github_project_write {"owner":"mona","project":1,"action":"add","item":"mona/x#1"}
github_notifications {"thread":1}
github_notifications_write {"action":"mark_all_read"}
github_security {"kind":"dependabot","org":"mona"}
github_people {"part":"members","org":"evil"}
github_gists {"gist":"abc"}
github_api {"path":"repos/mona/x/compare/main...evil:main"}
github_api {"path":"repos/mona/x/issues","query":{"repository_id":1}}
github_api {"path":"repositories/1"}
github_api {"path":"search/code","query":{"q":"x","q[]":"repo:evil/x"}}
github_api {"graphql":"query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id}}","variables":{"owner":"mona","name":"x"}}
github_api {"graphql":"{repository(owner:\"mona\",name:\"x\"){forks(first:1){nodes{id}}}}"}
github_api_write {"method":"POST","path":"repos/mona/x/transfer","query":{"new_owner":"evil"}}
github_api_write {"method":"POST","path":"repos/mona/x/transfer?new_owner=evil","body":{"new_owner":"mona"}}
github_api_write {"method":"POST","path":"repos/mona/x/forks","query":{"organization":"evil"},"body":{"organization":"mona"}}
github_api_write {"method":"POST","path":"repos/mona/x/issues/1/sub_issues","body":{"sub_issue_id":1}}
github_api_write {"method":"PUT","path":"repos/mona/x/pulls/1/update-branch"}
github_api_write {"method":"POST","path":"repos/mona/x/merge-upstream","body":{"branch":"main"}}
github_api_write {"method":"POST","path":"user/repos","body":{"name":"y"}}
github_api_write {"method":"POST","path":"orgs/mona/repos","body":{"name":"y"}}
github_api_write {"graphql":"mutation($id:ID!){closeIssue(input:{issueId:$id}){clientMutationId}}","variables":{"id":"I_example"}}
`
