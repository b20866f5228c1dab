package github_test

import (
	"strings"
	"testing"
)

const (
	boardAnswer = `"id":"PVT_5","number":5,"title":"Roadmap","url":"https://github.com/orgs/octo-org/projects/5",` + projectFields
	onBoard     = " octo-org's project 5 Roadmap (id PVTI_1)\nhttps://github.com/orgs/octo-org/projects/5"
	askBoard    = `{"number":5,"owner":"octo-org"}`
	askIssue    = `{"name":"Hello-World","number":12,"owner":"octocat"}`
)

// board is a project with one issue on it that takes every change.
func board(t *testing.T) *fake {
	return startGraph(t,
		[2]string{"deletedItemId", `{"data":{"result":{"id":"PVTI_1"}}}`},
		[2]string{"mutation", `{"data":{"result":{"item":{"id":"PVTI_1"}}}}`},
		[2]string{"issueOrPullRequest", `{"data":{"repository":{"issue":{"id":"I_12","items":{"nodes":[{"id":"PVTI_9","project":{"id":"PVT_4"}},{"id":"PVTI_1","project":{"id":"PVT_5"}}]}}}}}`},
		[2]string{"projectV2(number", inProject(boardAnswer)})
}

func TestProjectWrite(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ arguments, input, want string }{
		{`"action":"add","item":"octocat/Hello-World#12"`, `{"contentId":"I_12","projectId":"PVT_5"}`, "added octocat/Hello-World#12 to"},
		{`"action":"add_draft","title":"Idea\nx","body":"Later."`, `{"body":"Later.","projectId":"PVT_5","title":"Idea\nx"}`, "added the draft Idea x to"},
		{`"action":"archive","item":"octocat/Hello-World#12"`, `{"itemId":"PVTI_1","projectId":"PVT_5"}`, "archived octocat/Hello-World#12 in"},
		{`"action":"unarchive","item":"PVTI_1"`, `{"itemId":"PVTI_1","projectId":"PVT_5"}`, "unarchived PVTI_1 in"},
		{`"action":"delete","item":"PVTI_1"`, `{"itemId":"PVTI_1","projectId":"PVT_5"}`, "deleted PVTI_1 from"},
		{`"action":"set","item":"octocat/Hello-World#12","field":"status","value":"in progress"`,
			`{"fieldId":"PVTSSF_lADOANN5s84ACbL0zgBZrZg","itemId":"PVTI_1","projectId":"PVT_5","value":{"singleSelectOptionId":"47fc9ee4"}}`, "set Status of octocat/Hello-World#12 to In Progress in"},
		{`"action":"set","item":"PVTI_1","field":"Sprint","value":"Sprint 1"`, `{"fieldId":"PVTIF_lADOANN5s84ACbL0zgBah28","itemId":"PVTI_1","projectId":"PVT_5","value":{"iterationId":"be8a7b1c"}}`, "set Sprint of PVTI_1 to Sprint 1 in"},
		{`"action":"set","item":"PVTI_1","field":"Estimate","value":" 2.50 "`, `{"fieldId":"PVTF_1","itemId":"PVTI_1","projectId":"PVT_5","value":{"number":2.5}}`, "set Estimate of PVTI_1 to 2.50 in"},
		{`"action":"set","item":"PVTI_1","field":"due","value":"2026-02-28"`, `{"fieldId":"PVTF_2","itemId":"PVTI_1","projectId":"PVT_5","value":{"date":"2026-02-28"}}`, "set Due of PVTI_1 to 2026-02-28 in"},
		{`"action":"set","item":"PVTI_1","field":"Note","value":"two\nlines"`, `{"fieldId":"PVTF_3","itemId":"PVTI_1","projectId":"PVT_5","value":{"text":"two\nlines"}}`, "set Note of PVTI_1 to two lines in"},
		{`"action":"clear","item":"PVTI_1","field":"Note"`, `{"fieldId":"PVTF_3","itemId":"PVTI_1","projectId":"PVT_5"}`, "cleared Note of PVTI_1 in"},
		{`"action":"status_update","status":"at_risk","body":"Late.","start_date":"2026-01-01","target_date":"2026-03-01"`, `{"body":"Late.","projectId":"PVT_5","startDate":"2026-01-01","status":"AT_RISK","targetDate":"2026-03-01"}`, "posted a status update on"},
	} {
		asked := []string{askBoard, `{"input":` + test.input + `}`}
		if strings.Contains(test.arguments, "#12") {
			asked = []string{askBoard, askIssue, asked[1]}
		}
		f := board(t)
		f.gives("github_project_write", `{"owner":"octo-org","project":5,`+test.arguments+`}`, test.want+onBoard)
		f.wasAsked(asked...)
	}
}

// Nothing is changed when a name is not known; what is known is said.
func TestProjectWriteNames(t *testing.T) {
	t.Parallel()
	const sprints = "the field is Sprint (iteration): Sprint 2 (14 days from 2022-05-29), 1 past iteration"
	for arguments, want := range map[string]string{
		`"field":"Stage","value":"x"`:       `github: octo-org's project 5 has no field "Stage"; it has: Title, Assignees, Status, Sprint, Estimate, Due, Note`,
		`"field":"Status","value":"Doing"`:  `github: "Doing" is not one of its options; the field is Status (single select): Todo, In Progress, Done`,
		`"field":"Sprint","value":"x"`:      `github: "x" is not one of its iterations; ` + sprints,
		`"field":"Estimate","value":"many"`: `github: "many" is not a number; the field is Estimate (number)`,
		`"field":"Estimate","value":"inf"`:  `github: "inf" is not a number; the field is Estimate (number)`,
		`"field":"Due","value":"tomorrow"`:  `github: "tomorrow" is not a day like 2026-01-31; the field is Due (date)`,
		`"field":"Assignees","value":"me"`:  "github: the field Assignees (assignees) shows what the issue or pull request itself says; change it there, with github_issue_write",
	} {
		f := board(t)
		f.refuses("github_project_write", `{"owner":"octo-org","project":5,"action":"set","item":"PVTI_1",`+arguments+`}`, want)
		f.wasAsked(askBoard)
	}
	project := [2]string{"projectV2(number", inProject(boardAnswer)}
	elsewhere := startGraph(t, project, [2]string{"issueOrPullRequest", `{"data":{"repository":{"issue":{"id":"I_12","items":{"nodes":[]}}}}}`})
	elsewhere.refuses("github_project_write", `{"owner":"octo-org","project":5,"action":"archive","item":"octocat/Hello-World#12"}`,
		"github: octocat/Hello-World#12 is not on octo-org's project 5; action add puts it there")
	nowhere := startGraph(t, project, [2]string{"issueOrPullRequest", `{"data":{"repository":null}}`})
	nowhere.refuses("github_project_write", `{"owner":"octo-org","project":5,"action":"add","item":"octocat/Hello-World#12"}`,
		"github: octocat/Hello-World#12: there is no such issue or pull request, or this credential may not see it")
	forbidden := startGraph(t, [2]string{"mutation", `{"data":{"result":null},"errors":[{"type":"FORBIDDEN","message":"octocat does not have permission to update the project"}]}`}, project)
	forbidden.refuses("github_project_write", `{"owner":"octo-org","project":5,"action":"delete","item":"PVTI_1"}`,
		"github: PVTI_1 in octo-org's project 5: no permission (octocat does not have permission to update the project); github_whoami shows the account and its scopes")
}

func TestProjectWriteRefuses(t *testing.T) {
	t.Parallel()
	f := startGraph(t)
	for arguments, want := range map[string]string{
		`"action":"add"`:                                               "action add needs 'item'",
		`"action":"add","item":"PVTI_1"`:                               `'item' must be like "octocat/Hello-World#12"; got "PVTI_1"`,
		`"action":"archive","item":"o/r#0"`:                            `'item' must be like "octocat/Hello-World#12"; got "o/r#0"`,
		`"action":"archive","item":"o/r/x#1"`:                          `'item' must be like "octocat/Hello-World#12"; got "o/r/x#1"`,
		`"action":"add_draft"`:                                         "action add_draft needs 'title'",
		`"action":"set","item":"x","field":"y"`:                        "action set needs 'value'",
		`"action":"clear","item":"x"`:                                  "action clear needs 'field'",
		`"action":"delete","item":"x","title":"y"`:                     "action delete does not use 'title'; it uses item",
		`"action":"status_update"`:                                     "action status_update needs 'status' or 'body'",
		`"action":"status_update","body":"x","target_date":"1.2.2026"`: `"1.2.2026" is not a day like 2026-01-31`,
		`"action":"status_update","status":"late"`:                     `'status' must be one of on_track, at_risk, off_track, complete, inactive; got "late"`,
	} {
		f.refuses("github_project_write", `{"owner":"octo-org","project":5,`+arguments+`}`, "github_project_write: "+want)
	}
	f.refuses("github_project_write", `{"owner":"o/o","project":5,"action":"delete","item":"x"}`, "github_project_write: 'owner' must be a login, like octocat")
	f.wasAsked()
}
