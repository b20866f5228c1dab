package github_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// startGraph serves the GraphQL API: the first answer whose key is a part of
// the document. The requests it remembers are the variables it was sent.
func startGraph(t *testing.T, answers ...[2]string) *fake {
	t.Helper()
	f := &fake{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent struct {
			Query     string
			Variables json.RawMessage
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/graphql" || json.Unmarshal(body, &sent) != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		f.mu.Lock()
		f.requests = append(f.requests, request{line: string(sent.Variables)})
		f.mu.Unlock()
		for _, a := range answers {
			if strings.Contains(sent.Query, a[0]) {
				io.WriteString(w, a[1])
				return
			}
		}
		t.Errorf("unexpected document %s", sent.Query)
	}))
	t.Cleanup(server.Close)
	f.url, f.tools = server.URL, toolsAt(server.Client(), server.URL+apiPath)
	return f
}

// inProject is an answer about one project.
func inProject(fields string) string {
	return `{"data":{"owner":{"projectV2":{` + fields + `}}}}`
}

// The fields are those of the example in GitHub's documentation, and one of
// each other kind.
// https://docs.github.com/en/issues/planning-and-tracking-with-projects/automating-your-project/using-the-api-to-manage-projects
const projectFields = `"fields":{"nodes":[
	{"id":"PVTF_lADOANN5s84ACbL0zgBZrZY","name":"Title","dataType":"TITLE"},
	{"id":"PVTF_lADOANN5s84ACbL0zgBZrZc","name":"Assignees","dataType":"ASSIGNEES"},
	{"id":"PVTSSF_lADOANN5s84ACbL0zgBZrZg","name":"Status","dataType":"SINGLE_SELECT","options":[{"id":"f75ad846","name":"Todo"},{"id":"47fc9ee4","name":"In Progress"},{"id":"98236657","name":"Done"}]},
	{"id":"PVTIF_lADOANN5s84ACbL0zgBah28","name":"Sprint","dataType":"ITERATION","configuration":{"iterations":[{"id":"cfc16e4d","title":"Sprint 2","startDate":"2022-05-29","duration":14}],"completedIterations":[{"id":"be8a7b1c","title":"Sprint 1","startDate":"2022-05-15","duration":14}]}},
	{"id":"PVTF_1","name":"Estimate","dataType":"NUMBER"},{"id":"PVTF_2","name":"Due","dataType":"DATE"},{"id":"PVTF_3","name":"Note","dataType":"TEXT"}]}`

func TestProjectList(t *testing.T) {
	t.Parallel()
	f := startGraph(t, [2]string{"projectsV2(", `{"data":{"owner":{"projectsV2":{"totalCount":41,"pageInfo":{"hasNextPage":true,"endCursor":"Y3Vyc29y"},"nodes":[
		{"number":5,"title":"Road\nmap","shortDescription":"What\u202e comes","closed":false,"public":true,"updatedAt":"2026-01-31T10:00:00Z","items":{"totalCount":12}},
		{"number":4,"title":"Old","closed":true,"public":false,"updatedAt":"2025-01-31T10:00:00Z","items":{"totalCount":0}}]}}}}`})
	f.gives("github_projects", `{"owner":"octo-org","query":"map","after":"abc","per_page":2}`, `projects of octo-org: 2 of 41 projects; next: after=Y3Vyc29y

5 Road map — public, 12 items, updated 2026-01-31: What comes
4 Old — closed, private, updated 2025-01-31`)
	f.wasAsked(`{"after":"abc","first":2,"owner":"octo-org","query":"map"}`)
	empty := startGraph(t, [2]string{"", `{"data":{"owner":{"projectsV2":{"totalCount":0,"pageInfo":{"hasNextPage":false},"nodes":[]}}}}`})
	empty.gives("github_projects", `{"owner":"octo-org"}`, "projects of octo-org: no projects here")
	empty.wasAsked(`{"first":30,"owner":"octo-org"}`)
	nobody := startGraph(t, [2]string{"", `{"data":{"owner":null}}`})
	nobody.refuses("github_projects", `{"owner":"nobody"}`,
		"github: there is no user or organisation nobody, or this credential may not see it; check the spelling with github_search, kind users")
}

func TestProjectSummary(t *testing.T) {
	t.Parallel()
	f := startGraph(t, [2]string{"projectV2(number", inProject(`"number":5,"title":"Roadmap","shortDescription":"What comes","readme":"# Hello\nworld","url":"https://github.com/orgs/octo-org/projects/5",
		"public":true,"updatedAt":"2026-01-31T10:00:00Z","items":{"totalCount":12},` + projectFields + `,
		"statusUpdates":{"totalCount":3,"nodes":[{"id":"PVTSU_1","status":"AT_RISK","body":"Late.","startDate":"2026-01-01","targetDate":"2026-03-01","createdAt":"2026-01-30T10:00:00Z","creator":{"login":"octocat"}}]}`)})
	f.gives("github_projects", `{"owner":"octo-org","project":5}`, `# octo-org's project 5: Roadmap
public, 12 items, updated 2026-01-31
https://github.com/orgs/octo-org/projects/5
What comes

## fields

Title (title)
Assignees (assignees)
Status (single select): Todo, In Progress, Done
Sprint (iteration): Sprint 2 (14 days from 2022-05-29), 1 past iteration
Estimate (number)
Due (date)
Note (text)

latest of 3 status updates:
### at risk, @octocat, 2026-01-30, 2026-01-01 to 2026-03-01, id PVTSU_1
> Late.

> # Hello
> world`)
	f.wasAsked(`{"number":5,"owner":"octo-org"}`)
	f.gives("github_projects", `{"owner":"octo-org","project":5,"offset":8}`, "> world")
	gone := startGraph(t, [2]string{"", `{"data":{"owner":{"projectV2":null}},"errors":[{"type":"NOT_FOUND","path":["owner","projectV2"],"message":"Could not resolve to a ProjectV2 with the number 9."}]}`})
	gone.refuses("github_projects", `{"owner":"octo-org","project":9}`,
		"github: octo-org's project 9: not found (Could not resolve to a ProjectV2 with the number 9.); check the spelling with github_search; if it is private, the account needs access to it")
	scopes := startGraph(t, [2]string{"", `{"errors":[{"type":"INSUFFICIENT_SCOPES","message":"Your token has not been granted the required scopes to execute this query. The 'projectV2' field requires one of the following scopes: ['read:project']."}]}`})
	scopes.refuses("github_projects", `{"owner":"octo-org","project":9}`,
		"github: octo-org's project 9: no permission (Your token has not been granted the required scopes to execute this query. The 'projectV2' field requires one of the following scopes: ['read:project'].); github_whoami shows the account and its scopes")
	nothing := startGraph(t, [2]string{"", `{"data":{"owner":{"projectV2":null}}}`})
	nothing.refuses("github_projects", `{"owner":"octo-org","project":9}`,
		"github: octo-org's project 9: not found; github_projects without project lists what there is")
}

const projectItems = `"items":{"totalCount":5,"pageInfo":{"hasNextPage":true,"endCursor":"MQ"},"nodes":[
	{"id":"PVTI_1","type":"ISSUE","content":{"number":12,"title":"Add\nSligo","state":"OPEN","url":"https://github.com/octocat/Hello-World/issues/12","repository":{"nameWithOwner":"octocat/Hello-World"},"assignees":{"nodes":[{"login":"octocat"},{"login":"hubot"}]}},
	 "fieldValues":{"nodes":[{},{"field":{"name":"Title"},"text":"Add Sligo"},{"field":{"name":"Status"},"name":"In Progress"},{"field":{"name":"Estimate"},"number":2.5},{"field":{"name":"Due"},"date":"2026-02-01"},{"field":{"name":"Sprint"},"title":"Sprint 2"}]}},
	{"id":"PVTI_2","type":"PULL_REQUEST","isArchived":true,"content":{"number":13,"title":"Fix","pullState":"MERGED","repository":{"nameWithOwner":"octocat/Hello-World"},"assignees":{"nodes":[]}},"fieldValues":{"nodes":[]}},
	{"id":"PVTI_3","type":"DRAFT_ISSUE","content":{"title":"Idea","body":"Later.","assignees":{"nodes":[]}},"fieldValues":{"nodes":[{"field":{"name":"Note"},"text":"x\n\u202ey"}]}},
	{"id":"PVTI_4","type":"REDACTED","content":null,"fieldValues":{"nodes":[]}}]}`

func TestProjectItems(t *testing.T) {
	t.Parallel()
	const want = `octo-org's project 5: 4 of 5 items; next: after=MQ

PVTI_1 octocat/Hello-World#12 Add Sligo — open issue, @octocat, @hubot, Status: In Progress, Estimate: 2.5, Due: 2026-02-01, Sprint: Sprint 2
PVTI_2 octocat/Hello-World#13 Fix — archived merged pull request
PVTI_3 draft: Idea — Note: x y
PVTI_4 (not readable with this credential)`
	f := startGraph(t, [2]string{"query:$query", inProject(projectItems)}, [2]string{"items(first:$first,after:$after)", inProject(projectItems)})
	f.gives("github_projects", `{"owner":"octo-org","project":5,"part":"items"}`, want)
	f.wasAsked(`{"first":30,"number":5,"owner":"octo-org"}`)
	f.gives("github_projects", `{"owner":"octo-org","project":5,"part":"items","query":"status:Todo","after":"M","per_page":100}`, want)
	f.wasAsked(`{"after":"M","first":100,"number":5,"owner":"octo-org","query":"status:Todo"}`)
}

func TestProjectNodes(t *testing.T) {
	t.Parallel()
	item := func(i int) [2]string {
		var items struct{ Nodes []json.RawMessage }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(projectItems, `"items":`)), &items); err != nil {
			t.Fatal(err)
		}
		return [2]string{"node(id:$id)", `{"data":{"node":{"__typename":"ProjectV2Item","project":{"number":5,"title":"Roadmap","url":"https://github.com/orgs/octo-org/projects/5"},` + string(items.Nodes[i])[1:] + `}}`}
	}
	f := startGraph(t, item(0))
	f.gives("github_projects", `{"id":"PVTI_1"}`, `# octocat/Hello-World#12 Add Sligo
open issue, @octocat, @hubot
https://github.com/octocat/Hello-World/issues/12
item PVTI_1 of project 5 Roadmap, https://github.com/orgs/octo-org/projects/5
Status: In Progress
Estimate: 2.5
Due: 2026-02-01
Sprint: Sprint 2`)
	f.wasAsked(`{"id":"PVTI_1"}`)
	startGraph(t, item(2)).gives("github_projects", `{"id":"PVTI_3","offset":2}`, "> ter.")
	startGraph(t, item(2)).gives("github_projects", `{"id":"PVTI_3"}`,
		"# draft: Idea\nitem PVTI_3 of project 5 Roadmap, https://github.com/orgs/octo-org/projects/5\nNote: x y\n\n> Later.")
	update := `{"id":"PVTSU_1","status":"ON_TRACK","body":"Fine.","createdAt":"2026-01-30T10:00:00Z"`
	startGraph(t, [2]string{"", `{"data":{"node":` + update + `,"__typename":"ProjectV2StatusUpdate"}}}`}).gives("github_projects", `{"id":"PVTSU_1"}`,
		"### on track, @ghost, 2026-01-30, id PVTSU_1\n> Fine.")
	startGraph(t, [2]string{"", `{"data":{"node":{"__typename":"Issue"}}}`}).refuses("github_projects", `{"id":"I_1"}`,
		"github: id I_1 is a Issue, no item or status update of a project")
	startGraph(t, [2]string{"", `{"data":{"node":null}}`}).refuses("github_projects", `{"id":"X"}`,
		"github: id X: not found; ids stand in the answers of github_projects")
	list := startGraph(t, [2]string{"statusUpdates(first:$first", inProject(`"statusUpdates":{"totalCount":2,"pageInfo":{"hasNextPage":true,"endCursor":"MQ"},"nodes":[` + update + `}]}`)})
	list.gives("github_projects", `{"owner":"octo-org","project":5,"part":"status_updates","per_page":1}`,
		"octo-org's project 5: 1 of 2 status updates; next: after=MQ\n\n### on track, @ghost, 2026-01-30, id PVTSU_1\n> Fine.")
	list.wasAsked(`{"first":1,"number":5,"owner":"octo-org"}`)
}

// A full page stays within what an answer may hold.
func TestProjectItemsSize(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 60)
	item := fmt.Sprintf(`{"id":"PVTI_lADOANN5s84ACbL0zgBueEI","type":"ISSUE","content":{"number":12345,"title":%[1]q,"state":"OPEN","repository":{"nameWithOwner":"octocat/Hello-World"},"assignees":{"nodes":[{"login":"octocat"}]}},
		"fieldValues":{"nodes":[{"field":{"name":"Note"},"text":%[1]q},{"field":{"name":"Note 2"},"text":%[1]q},{"field":{"name":"Note 3"},"text":%[1]q}]}}`, long)
	f := startGraph(t, [2]string{"", inProject(`"items":{"totalCount":100,"nodes":[` + strings.Repeat(item+",", 99) + item + `]}`)})
	got, err := f.call("github_projects", `{"owner":"o","project":1,"part":"items","per_page":100}`)
	if err != nil || len(got) > 31_000 || strings.Count(got, "\nPVTI_") != 100 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestProjectsRefuse(t *testing.T) {
	t.Parallel()
	f := startGraph(t)
	for arguments, want := range map[string]string{
		`{}`:                                    "a list needs 'owner'",
		`{"owner":"a/b"}`:                       "'owner' must be a login, like octocat",
		`{"owner":"a","part":"items"}`:          "part items needs 'project'",
		`{"project":5}`:                         "summary needs 'owner'",
		`{"owner":"a","project":5,"query":"x"}`: "summary does not use 'query'; it uses owner, project, offset",
		`{"owner":"a","project":5,"part":"status_updates","query":"x"}`: "status_updates does not use 'query'; it uses owner, project, after",
		`{"owner":"a","offset":5}`:                                      "a list does not use 'offset'; it uses owner, query, after",
		`{"id":"x","project":5}`:                                        "id does not use 'project'; it uses id, offset",
	} {
		f.refuses("github_projects", arguments, "github_projects: "+want)
	}
	f.wasAsked()
}
