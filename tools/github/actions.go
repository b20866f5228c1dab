package github

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type actionsArguments struct {
	repository
	Part      string `json:"part" enum:"workflows,runs,run,jobs,log,artifacts"`
	Run       int64  `json:"run,omitempty" doc:"id"`
	Job       int64  `json:"job,omitempty" doc:"id; jobs (its steps), log"`
	StartLine int    `json:"start_line,omitempty" doc:"log: read all of a job's from here"`
	Workflow  string `json:"workflow,omitempty" doc:"file name or id; runs"`
	Branch    string `json:"branch,omitempty" doc:"runs"`
	Event     string `json:"event,omitempty" doc:"runs"`
	Status    string `json:"status,omitempty" doc:"runs; e.g. failure"`
	Actor     string `json:"actor,omitempty" doc:"runs"`
	paged
	detailed
}

func (a *api) actionsTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_actions",
		Title:       "GitHub Actions",
		Description: "Read GitHub Actions: workflows, runs (newest first), one run (jobs and failed steps), jobs, artifacts, or log: why CI failed, as the failing lines of a job or of all failed jobs of a run.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.actions)
}

// actionsPart is one thing the tool reads: what it takes, and how it is read.
type actionsPart struct {
	tools.Usage
	read func(*api, context.Context, actionsArguments) (string, error)
}

func actionsParts() map[string]actionsPart {
	return map[string]actionsPart{
		"workflows": {tools.Usage{}, (*api).workflows},
		"runs":      {tools.Usage{Also: []string{"workflow", "branch", "event", "status", "actor"}}, (*api).runs},
		"run":       {tools.Usage{Needs: []string{"run"}}, (*api).run},
		"jobs":      {tools.Usage{Also: []string{"run", "job"}}, (*api).jobs},
		"log":       {tools.Usage{Also: []string{"run", "job", "start_line"}}, (*api).log},
		"artifacts": {tools.Usage{Also: []string{"run"}}, (*api).artifacts},
	}
}

// runStates are what the list of runs can be narrowed down to.
// https://docs.github.com/rest/actions/workflow-runs#list-workflow-runs-for-a-repository
func runStates() []string {
	return []string{
		"queued", "in_progress", "completed", "success", "failure", "cancelled", "skipped", "timed_out",
		"action_required", "neutral", "stale", "requested", "waiting", "pending",
	}
}

// Check adds what a schema can't say.
func (in actionsArguments) Check() []string {
	part, known := actionsParts()[in.Part]
	if !known {
		return in.repository.Check()
	}
	sent := tools.Given(in, append(isPaging(), "repo", "part", "detail")...)
	faults := append(in.repository.Check(), part.Faults("part "+in.Part, sent)...)
	if in.Status != "" && !slices.Contains(runStates(), in.Status) {
		faults = append(faults, fmt.Sprintf("'status' must be one of %s; got %q", strings.Join(runStates(), ", "), oneLine(in.Status, 60)))
	}
	if in.Run < 0 || in.Job < 0 || in.StartLine < 0 {
		faults = append(faults, "'run', 'job' and 'start_line' must be at least 1")
	}
	if in.Part == "jobs" || in.Part == "log" {
		faults = append(faults, in.checkOneOf()...)
	}
	return append(faults, checkWorkflow(in.Workflow)...)
}

func (in actionsArguments) checkOneOf() []string {
	switch {
	case in.Job == 0 && in.Run == 0:
		return []string{fmt.Sprintf("part %s needs 'run' or 'job'", in.Part)}
	case in.Job == 0 && in.StartLine > 0:
		return []string{"'start_line' needs 'job'; part jobs lists those of a run"}
	}
	return nil
}

// checkWorkflow refuses what would change the meaning of an address.
func checkWorkflow(workflow string) []string {
	switch name := workflowName(workflow); {
	case workflow == "":
		return nil
	case strings.Trim(name, ". ") == "" || strings.Contains(name, "/"):
		return []string{fmt.Sprintf("'workflow' must be a file name like build.yml, or an id; got %q", oneLine(workflow, 60))}
	}
	return nil
}

// workflowName is the file without the folder that all workflows are in.
func workflowName(workflow string) string {
	return strings.TrimPrefix(strings.TrimPrefix(workflow, "/"), ".github/workflows/")
}

func workflowAddress(repo, workflow string) string {
	return fmt.Sprintf("repos/%s/actions/workflows/%s", repo, url.PathEscape(workflowName(workflow)))
}

func (a *api) actions(ctx context.Context, in actionsArguments) (string, error) {
	return actionsParts()[in.Part].read(a, ctx, in)
}

func (a *api) workflows(ctx context.Context, in actionsArguments) (string, error) {
	options := in.options()
	found, r, err := a.client.Actions.ListWorkflows(ctx, in.owner(), in.name(), &options)
	if err != nil {
		return "", explain(err, "workflows of "+in.Repo)
	}
	lines := make([]string, len(found.Workflows))
	for i, w := range found.Workflows {
		lines[i] = fmt.Sprintf("%d %s — %s", w.GetID(), oneLine(w.GetName(), 100), join(", ", oneLine(w.GetPath(), 200), w.GetState()))
	}
	return listing(fmt.Sprintf("%s: %s", in.Repo, here(len(lines), "workflow", in.position(r))), lines), nil
}

func (a *api) runs(ctx context.Context, in actionsArguments) (string, error) {
	address, what := fmt.Sprintf("repos/%s/actions/runs", in.Repo), "runs of "+in.Repo
	if in.Workflow != "" {
		address = workflowAddress(in.Repo, in.Workflow) + "/runs"
		what = fmt.Sprintf("runs of workflow %s in %s", oneLine(in.Workflow, 100), in.Repo)
	}
	var found github.WorkflowRuns
	r, err := a.get(ctx, address, in.query(map[string]string{
		"branch": in.Branch, "event": in.Event, "status": in.Status, "actor": strings.TrimPrefix(in.Actor, "@"),
	}), &found, what)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(found.WorkflowRuns))
	for i, run := range found.WorkflowRuns {
		lines[i] = runLine(run)
	}
	return listing(fmt.Sprintf("%s: %s", in.Repo, here(len(lines), "run", in.position(r))), lines), nil
}

// runLine says what matters about a run in a line.
func runLine(run *github.WorkflowRun) string {
	facts := join(", ", outcome(run.GetStatus(), run.GetConclusion()), oneLine(run.GetEvent(), 40), onBranch(run),
		login(run.Actor), moment(run.GetCreatedAt()), took(run.GetRunStartedAt(), ended(run)))
	return fmt.Sprintf("%d %s #%d — %s: %s", run.GetID(), oneLine(run.GetName(), 60), run.GetRunNumber(), facts, oneLine(run.GetDisplayTitle(), 100))
}

func onBranch(run *github.WorkflowRun) string {
	return oneLine(run.GetHeadBranch(), 60) + " at " + shortSHA(run.GetHeadSHA())
}

// outcome is how something ended, or else how far it is.
func outcome(status, conclusion string) string {
	if conclusion == "" || status != "completed" {
		return status
	}
	return conclusion
}

// ended is when a run was last changed, if it is over: GitHub says no more.
func ended(run *github.WorkflowRun) github.Timestamp {
	if run.GetStatus() != "completed" {
		return github.Timestamp{}
	}
	return run.GetUpdatedAt()
}

// took words how long something lasted; "" if it isn't known.
func took(from, to github.Timestamp) string {
	if from.IsZero() || to.IsZero() || to.Before(from.Time) {
		return ""
	}
	return to.Sub(from.Time).Round(time.Second).String()
}

func (a *api) artifacts(ctx context.Context, in actionsArguments) (string, error) {
	options, what := in.options(), "artifacts of "+in.Repo
	list := func() (*github.ArtifactList, *github.Response, error) {
		return a.client.Actions.ListArtifacts(ctx, in.owner(), in.name(), &options)
	}
	if in.Run > 0 {
		what = fmt.Sprintf("artifacts of run %d in %s", in.Run, in.Repo)
		list = func() (*github.ArtifactList, *github.Response, error) {
			return a.client.Actions.ListWorkflowRunArtifacts(ctx, in.owner(), in.name(), in.Run, &options)
		}
	}
	found, r, err := list()
	if err != nil {
		return "", explain(err, what)
	}
	lines := make([]string, len(found.Artifacts))
	for i, artifact := range found.Artifacts {
		lines[i] = a.artifactLine(in.Repo, artifact)
	}
	return listing(fmt.Sprintf("%s: %s", what, here(len(lines), "artifact", in.position(r))), lines), nil
}

// artifactLine ends in the address where a person can download it.
func (a *api) artifactLine(repo string, artifact *github.Artifact) string {
	run := artifact.GetWorkflowRun()
	expiry := dated("expires", artifact.GetExpiresAt())
	if artifact.GetExpired() {
		expiry = "expired"
	}
	branch := ""
	if run.GetHeadBranch() != "" {
		branch = oneLine(run.GetHeadBranch(), 60) + " at " + shortSHA(run.GetHeadSHA())
	}
	return fmt.Sprintf("%d %s — %s\n  %s/%s/actions/runs/%d/artifacts/%d", artifact.GetID(), oneLine(artifact.GetName(), 100),
		join(", ", size(int(artifact.GetSizeInBytes())), branch, dated("created", artifact.GetCreatedAt()), expiry),
		a.web, repo, run.GetID(), artifact.GetID())
}
