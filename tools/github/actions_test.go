package github_test

import (
	"net/http"
	"strings"
	"testing"
)

const (
	actionsPath = "/repos/octo-org/octo-repo/actions"
	actionsRepo = `{"repo":"octo-org/octo-repo",`
)

func actionsAnswers() map[string]answer {
	return map[string]answer{
		"GET " + actionsPath + "/workflows":                file("workflows"),
		"GET " + actionsPath + "/runs":                     file("runs").with("Link", links("page=2", "page=7")),
		"GET " + actionsPath + "/workflows/build.yml/runs": file("runs"),
		"GET " + actionsPath + "/workflows/159038/runs":    {body: `{"total_count":0,"workflow_runs":[]}`},
		"GET " + actionsPath + "/runs/30433642":            file("run"),
		"GET " + actionsPath + "/runs/30433642/jobs":       file("jobs"),
		"GET " + actionsPath + "/jobs/399444496":           file("job"),
		"GET " + actionsPath + "/artifacts":                file("artifacts"),
		"GET " + actionsPath + "/runs/30433642/artifacts":  {body: `{"total_count":0,"artifacts":[]}`},
	}
}

const runText = "30433642 Build #562 — queued, push, master at acb5820, @octocat, 2020-01-22 19:33 UTC: Update README.md"

func TestActionsLists(t *testing.T) {
	t.Parallel()
	f := start(t, actionsAnswers())
	f.gives("github_actions", actionsRepo+`"part":"workflows"}`, `octo-org/octo-repo: 2 workflows on page 1 of 1

161335 CI — .github/workflows/blank.yaml, active
269289 Linter — .github/workflows/linter.yaml, active`)
	f.gives("github_actions", actionsRepo+`"part":"runs"}`, "octo-org/octo-repo: 1 run on page 1 of 7; next: page=2\n\n"+runText)
	f.gives("github_actions", actionsRepo+`"part":"runs","workflow":".github/workflows/build.yml","branch":"feature/a b","event":"push","status":"failure","actor":"@octocat","page":1,"per_page":5}`,
		"octo-org/octo-repo: 1 run on page 1 of 1\n\n"+runText)
	f.gives("github_actions", actionsRepo+`"part":"runs","workflow":"159038"}`, "octo-org/octo-repo: no runs here; page 1 of 1")
	f.gives("github_actions", actionsRepo+`"part":"artifacts"}`, strings.ReplaceAll(`artifacts of octo-org/octo-repo: 2 artifacts on page 1 of 1

11 Rails — 556 B, main at 328faa0, created 2020-01-10, expires 2020-03-21
  WEB/octo-org/octo-repo/actions/runs/2332938/artifacts/11
13 Test output — 453 B, main at 178f4f6, created 2020-01-10, expires 2020-03-21
  WEB/octo-org/octo-repo/actions/runs/2332942/artifacts/13`, "WEB", f.url))
	f.gives("github_actions", actionsRepo+`"part":"artifacts","run":30433642,"page":2}`, "artifacts of run 30433642 in octo-org/octo-repo: no artifacts here; page 2")
	f.wasAsked(
		"GET "+actionsPath+"/workflows?page=1&per_page=30",
		"GET "+actionsPath+"/runs?page=1&per_page=30",
		"GET "+actionsPath+"/workflows/build.yml/runs?actor=octocat&branch=feature%2Fa+b&event=push&page=1&per_page=5&status=failure",
		"GET "+actionsPath+"/workflows/159038/runs?page=1&per_page=30",
		"GET "+actionsPath+"/artifacts?page=1&per_page=30",
		"GET "+actionsPath+"/runs/30433642/artifacts?page=2&per_page=30",
	)
}

func TestActionsRun(t *testing.T) {
	t.Parallel()
	f := start(t, actionsAnswers())
	f.gives("github_actions", actionsRepo+`"part":"run","run":30433642}`, `# Build #562: Update README.md
queued, push on main at acb5820, by @octocat, started 2020-01-22 19:33 UTC
https://github.com/octo-org/octo-repo/actions/runs/30433642

run 30433642 in octo-org/octo-repo: 1 job on page 1 of 1; 1 success

399444496 build — success, 1m59s`)
	f.wasAsked("GET "+actionsPath+"/runs/30433642", "GET "+actionsPath+"/runs/30433642/jobs?page=1&per_page=30")
	f.gives("github_actions", actionsRepo+`"part":"jobs","job":399444496}`, `399444496 build — success, 1m59s
run 29679449
runs on self-hosted, foo, bar (my runner)
https://github.com/octo-org/octo-repo/runs/29679449/jobs/399444496

1 Set up job — success, 1s
2 Run actions/checkout@v2 — success, 4s
3 Set up Ruby — success, 0s
4 Run actions/cache@v3 — success, 3s
5 Install Bundler — success, 4s
6 Install Gems — success, 1s
7 Run Tests — success, 6s
8 Deploy to Heroku — success, 1m40s
16 Post actions/cache@v3 — success, 0s
17 Complete job — success, 0s`)
	f.wasAsked("GET " + actionsPath + "/jobs/399444496")
}

// What failed comes first, with its steps; words of people stay in their line.
func TestActionsFailedJobs(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"GET " + actionsPath + "/runs/5": {body: `{"id":5,"name":"CI\n# all green","run_number":9,"run_attempt":3,"event":"pull_request","display_title":"\u202eFix\n\nit",
			"status":"completed","conclusion":"failure","head_branch":"fix","head_sha":"0123456789","run_started_at":"2024-05-01T12:00:00Z","updated_at":"2024-05-01T13:00:05Z",
			"pull_requests":[{"number":7}],"html_url":"https://github.com/octo-org/octo-repo/actions/runs/5"}`},
		"GET " + actionsPath + "/runs/5/jobs": answer{body: `{"total_count":40,"jobs":[
			{"id":1,"name":"lint","status":"completed","conclusion":"success"},
			{"id":2,"name":"deploy","status":"in_progress","conclusion":null,"started_at":"2024-05-01T12:00:00Z",
			 "steps":[{"number":1,"name":"Set up","status":"completed","conclusion":"success"},{"number":2,"name":"Ship","status":"in_progress"},{"number":3,"name":"Tell","status":"queued"}]},
			{"id":3,"name":"test","status":"completed","conclusion":"failure","started_at":"2024-05-01T12:00:00Z","completed_at":"2024-05-01T12:00:10Z",
			 "steps":[{"number":4,"name":"Run go test\n./...","status":"completed","conclusion":"failure","started_at":"2024-05-01T12:00:01Z","completed_at":"2024-05-01T12:00:09Z"},
			          {"number":5,"name":"Upload","status":"completed","conclusion":"skipped"}]}]}`}.with("Link", links("page=2", "page=2")),
	})
	f.gives("github_actions", actionsRepo+`"part":"run","run":5}`, `# CI # all green #9: Fix it
failure, pull_request on fix at 0123456, by @ghost, attempt 3, started 2024-05-01 12:00 UTC, took 1h0m5s
for pull request #7
https://github.com/octo-org/octo-repo/actions/runs/5

run 5 in octo-org/octo-repo: 3 jobs on page 1 of 2; next: page=2; 1 success, 1 in_progress (deploy), 1 failure (test)

3 test — failure, 10s
  step 4 Run go test ./... — failure, 8s
2 deploy — in_progress
  step 2 Ship — in_progress
1 lint — success

why they failed: part=log run=5`)
}

func TestActionsRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for arguments, want := range map[string]string{
		`"part":"run"`:                            "part run needs 'run'",
		`"part":"run","run":-1`:                   "'run', 'job' and 'start_line' must be at least 1",
		`"part":"jobs"`:                           "part jobs needs 'run' or 'job'",
		`"part":"log"`:                            "part log needs 'run' or 'job'",
		`"part":"log","run":1,"start_line":1`:     "'start_line' needs 'job'; part jobs lists those of a run",
		`"part":"workflows","branch":"main"`:      "part workflows does not use 'branch'; it uses none",
		`"part":"runs","job":1`:                   "part runs does not use 'job'; it uses workflow, branch, event, status, actor",
		`"part":"runs","workflow":"../../issues"`: `'workflow' must be a file name like build.yml, or an id; got "../../issues"`,
		`"part":"runs","workflow":".."`:           `'workflow' must be a file name like build.yml, or an id; got ".."`,
		`"part":"runs","status":"failed"`:         `'status' must be one of queued, in_progress, completed, success, failure, cancelled, skipped, timed_out, action_required, neutral, stale, requested, waiting, pending; got "failed"`,
		`"part":"logs"`:                           `'part' must be one of workflows, runs, run, jobs, log, artifacts; got "logs"; did you mean "log"?`,
		`"part":"run","run":1,"per_page":101`:     "'per_page' must be 100 or less, got 101",
	} {
		f.refuses("github_actions", actionsRepo+arguments+"}", "github_actions: "+want)
	}
	f.wasAsked()
	f.refuses("github_actions", actionsRepo+`"part":"run","run":1}`, "github: run 1 in octo-org/octo-repo: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
	f.refuses("github_actions", actionsRepo+`"part":"runs","workflow":"no.yml"}`, "github: runs of workflow no.yml in octo-org/octo-repo: not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it")
}

const notFound = ": not found (404); check the spelling with github_search; if it is private, the account needs access to it and the token a permission for it"

// doing is a call that changes something, the one request it makes with its
// body, GitHub's answer and ours.
type doing struct {
	arguments, request, body string
	answer                   answer
	want                     string
}

func checkDoings(t *testing.T, tool, common string, doings ...doing) {
	t.Helper()
	for _, test := range doings {
		f := start(t, map[string]answer{test.request: test.answer})
		f.gives(tool, "{"+common+test.arguments+"}", strings.ReplaceAll(test.want, "WEB", f.url))
		if asked := f.wasAsked(test.request); len(asked) == 1 && asked[0].body != test.body {
			t.Errorf("%s: sent %s, want %s", test.arguments, asked[0].body, test.body)
		}
	}
}

func TestActionsWrite(t *testing.T) {
	t.Parallel()
	done, accepted := answer{status: http.StatusNoContent}, answer{status: http.StatusAccepted, body: "{}"}
	created := answer{status: http.StatusCreated, body: "{}"}
	const run, page = "POST " + actionsPath + "/runs/30433642", "\nWEB/octo-org/octo-repo/actions/runs/30433642"
	const workflow = actionsPath + "/workflows/"
	checkDoings(t, "github_actions_write", `"repo":"octo-org/octo-repo",`,
		doing{`"action":"dispatch","workflow":"main.yaml","ref":"topic-branch","inputs":{"name":"Mona","home":"San \"F\"","count":1.50,"dry_run":true}`,
			"POST " + workflow + "main.yaml/dispatches", `{"inputs":{"count":"1.50","dry_run":"true","home":"San \"F\"","name":"Mona"},"ref":"topic-branch"}`, done,
			"started workflow main.yaml in octo-org/octo-repo on topic-branch; the run appears in some seconds: github_actions part=runs workflow=main.yaml event=workflow_dispatch\nWEB/octo-org/octo-repo/actions"},
		doing{`"action":"rerun","run":30433642`, run + "/rerun", "", created, "all jobs run again of run 30433642 in octo-org/octo-repo" + page},
		doing{`"action":"rerun_failed","run":30433642,"debug":true`, run + "/rerun-failed-jobs", `{"enable_debug_logging":true}`, created,
			"failed jobs run again of run 30433642 in octo-org/octo-repo" + page},
		doing{`"action":"rerun_job","job":399444496`, "POST " + actionsPath + "/jobs/399444496/rerun", "", created,
			"running again, with the jobs that depend on it: job 399444496 in octo-org/octo-repo\nWEB/octo-org/octo-repo/actions"},
		doing{`"action":"cancel","run":30433642`, run + "/cancel", "", accepted, "asked to stop run 30433642 in octo-org/octo-repo" + page},
		doing{`"action":"force_cancel","run":30433642`, run + "/force-cancel", "", accepted, "asked to stop at once run 30433642 in octo-org/octo-repo" + page},
		doing{`"action":"enable","workflow":"161335"`, "PUT " + workflow + "161335/enable", "", done, "enabled workflow 161335 in octo-org/octo-repo\nWEB/octo-org/octo-repo/actions"},
		doing{`"action":"disable","workflow":"a b?.yml"`, "PUT " + workflow + "a%20b%3F.yml/disable", "", done, "disabled workflow a b?.yml in octo-org/octo-repo\nWEB/octo-org/octo-repo/actions"},
	)
}

func TestActionsWriteRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		"POST " + actionsPath + "/runs/1/cancel":                  message(409, "Cannot cancel a workflow run that is completed."),
		"POST " + actionsPath + "/workflows/build.yml/dispatches": message(422, "Workflow does not have 'workflow_dispatch' trigger"),
		"POST " + actionsPath + "/runs/1/rerun":                   message(403, "This workflow run cannot be retried"),
	})
	for arguments, want := range map[string]string{
		`"action":"dispatch","workflow":"x.yml"`:                                  "action dispatch needs 'ref'",
		`"action":"dispatch","workflow":"x.yml","ref":"main","run":1`:             "action dispatch does not use 'run'; it uses workflow, ref, inputs",
		`"action":"dispatch","workflow":"x.yml","ref":"main","inputs":{"a":null}`: `'inputs' holds "a", which must be a text, a number or a boolean`,
		`"action":"dispatch","workflow":"x.yml","ref":"main","inputs":{"a":[1]}`:  `'inputs' holds "a", which must be a text, a number or a boolean`,
		`"action":"rerun","job":1,"run":1`:                                        "action rerun does not use 'job'; it uses run, debug",
		`"action":"cancel","run":-1`:                                              "'run' and 'job' must be at least 1",
		`"action":"cancel"`:                                                       "action cancel needs 'run'",
		`"action":"disable","workflow":"a/b"`:                                     `'workflow' must be a file name like build.yml, or an id; got "a/b"`,
		`"action":"delete","run":1`:                                               `'action' must be one of dispatch, rerun, rerun_failed, rerun_job, cancel, force_cancel, enable, disable; got "delete"`,
	} {
		f.refuses("github_actions_write", actionsRepo+arguments+"}", "github_actions_write: "+want)
	}
	f.wasAsked()
	f.refuses("github_actions_write", actionsRepo+`"action":"cancel","run":1}`, "github: run 1 in octo-org/octo-repo: refused (409 Cannot cancel a workflow run that is completed.)")
	f.refuses("github_actions_write", actionsRepo+`"action":"rerun","run":1}`, "github: run 1 in octo-org/octo-repo: no permission (403 This workflow run cannot be retried)")
	f.refuses("github_actions_write", actionsRepo+`"action":"dispatch","workflow":"build.yml","ref":"main"}`,
		"github: workflow build.yml in octo-org/octo-repo: not accepted (422): Workflow does not have 'workflow_dispatch' trigger")
	f.refuses("github_actions_write", actionsRepo+`"action":"enable","workflow":"no.yml"}`, "github: workflow no.yml in octo-org/octo-repo"+notFound)
}
