package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type actionsWriteArguments struct {
	repository
	Action   string          `json:"action" enum:"dispatch,rerun,rerun_failed,rerun_job,cancel,force_cancel,enable,disable"`
	Workflow string          `json:"workflow,omitempty" doc:"file name or id"`
	Ref      string          `json:"ref,omitempty" doc:"branch or tag; dispatch"`
	Inputs   json.RawMessage `json:"inputs,omitempty" doc:"names and values; dispatch"`
	Run      int64           `json:"run,omitempty" doc:"id"`
	Job      int64           `json:"job,omitempty" doc:"id"`
	Debug    bool            `json:"debug,omitempty" doc:"rerun with debug logging"`
}

func (a *api) actionsWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_actions_write",
		Title:       "Run GitHub Actions",
		Description: "Start a workflow (dispatch), rerun a run, its failed jobs or one job, cancel a run, or enable or disable a workflow. Runs may deploy and cost money.",
		Access:      tools.Destructive,
		Actions:     actionsAccess(),
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.actionsWrite)
}

// actionsAccess: what runs may deploy, and what is stopped may be half done.
// https://docs.github.com/en/actions/how-tos/manage-workflow-runs
func actionsAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"dispatch": tools.Destructive, "rerun": tools.Destructive, "rerun_failed": tools.Destructive, "rerun_job": tools.Destructive,
		"cancel": tools.Destructive, "force_cancel": tools.Destructive, "enable": tools.Write, "disable": tools.Write,
	}
}

// actionsAction is one thing the tool does: what it takes, the request below
// the repository's actions, and what it says afterwards.
type actionsAction struct {
	tools.Usage
	method, address, done string
}

func actionsActions() map[string]actionsAction {
	run, workflow := tools.Usage{Needs: []string{"run"}}, tools.Usage{Needs: []string{"workflow"}}
	rerun := tools.Usage{Needs: []string{"run"}, Also: []string{"debug"}}
	return map[string]actionsAction{
		"dispatch":     {tools.Usage{Needs: []string{"workflow", "ref"}, Also: []string{"inputs"}}, http.MethodPost, "/dispatches", "started"},
		"rerun":        {rerun, http.MethodPost, "/rerun", "all jobs run again of"},
		"rerun_failed": {rerun, http.MethodPost, "/rerun-failed-jobs", "failed jobs run again of"},
		"rerun_job":    {tools.Usage{Needs: []string{"job"}, Also: []string{"debug"}}, http.MethodPost, "/rerun", "running again, with the jobs that depend on it:"},
		"cancel":       {run, http.MethodPost, "/cancel", "asked to stop"},
		"force_cancel": {run, http.MethodPost, "/force-cancel", "asked to stop at once"},
		"enable":       {workflow, http.MethodPut, "/enable", "enabled"},
		"disable":      {workflow, http.MethodPut, "/disable", "disabled"},
	}
}

// Check compares what was sent with what the action takes.
func (in actionsWriteArguments) Check() []string {
	faults := in.repository.Check()
	if do, known := actionsActions()[in.Action]; known {
		faults = append(faults, do.Faults("action "+in.Action, tools.Given(in, "repo", "action"))...)
	}
	if in.Run < 0 || in.Job < 0 {
		faults = append(faults, "'run' and 'job' must be at least 1")
	}
	_, wrong := in.inputs()
	return append(append(faults, checkWorkflow(in.Workflow)...), wrong...)
}

// maxInputs is GitHub's own limit.
const maxInputs = 25

// inputs makes text of the values, which is what every kind of input takes.
func (in actionsWriteArguments) inputs() (texts map[string]string, faults []string) {
	values := map[string]json.RawMessage{}
	if len(in.Inputs) > 0 && json.Unmarshal(in.Inputs, &values) != nil {
		return nil, []string{"'inputs' must be an object"}
	}
	if len(values) > maxInputs {
		faults = append(faults, fmt.Sprintf("'inputs' has %d values; GitHub takes %d", len(values), maxInputs))
	}
	texts = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		text := string(bytes.TrimSpace(value))
		switch {
		case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["), text == "null":
			faults = append(faults, fmt.Sprintf("'inputs' holds %q, which must be a text, a number or a boolean", oneLine(name, 60)))
		case strings.HasPrefix(text, `"`):
			if err := json.Unmarshal(value, &text); err != nil {
				faults = append(faults, fmt.Sprintf("'inputs' holds %q, which can't be read", oneLine(name, 60)))
			}
		}
		texts[name] = text
	}
	return texts, faults
}

func (a *api) actionsWrite(ctx context.Context, in actionsWriteArguments) (string, error) {
	if in.Action == "dispatch" {
		return a.dispatch(ctx, in)
	}
	do, what := actionsActions()[in.Action], in.what()
	address, page := in.address(), in.page(a)
	var body any
	if in.Debug {
		body = map[string]bool{"enable_debug_logging": true}
	}
	if _, err := a.put(ctx, do.method, address+do.address, body, nil, what); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %s\n%s", do.done, what, page), nil
}

// what names what is acted on.
func (in actionsWriteArguments) what() string {
	switch {
	case in.Workflow != "":
		return fmt.Sprintf("workflow %s in %s", oneLine(workflowName(in.Workflow), 100), in.Repo)
	case in.Job > 0:
		return fmt.Sprintf("job %d in %s", in.Job, in.Repo)
	}
	return fmt.Sprintf("run %d in %s", in.Run, in.Repo)
}

func (in actionsWriteArguments) address() string {
	switch {
	case in.Workflow != "":
		return workflowAddress(in.Repo, in.Workflow)
	case in.Job > 0:
		return fmt.Sprintf("repos/%s/actions/jobs/%d", in.Repo, in.Job)
	}
	return fmt.Sprintf("repos/%s/actions/runs/%d", in.Repo, in.Run)
}

// page is where people see what came of it.
func (in actionsWriteArguments) page(a *api) string {
	if in.Run > 0 {
		return fmt.Sprintf("%s/%s/actions/runs/%d", a.web, in.Repo, in.Run)
	}
	return fmt.Sprintf("%s/%s/actions", a.web, in.Repo)
}

// dispatch starts a workflow. GitHub Enterprise Server may not know how to say
// which run that made, and would refuse to be asked.
func (a *api) dispatch(ctx context.Context, in actionsWriteArguments) (string, error) {
	inputs, _ := in.inputs()
	body := map[string]any{"ref": in.Ref}
	if len(inputs) > 0 {
		body["inputs"] = inputs
	}
	if !strings.HasSuffix(a.client.BaseURL.Path, "/api/v3/") {
		body["return_run_details"] = true
	}
	var made struct {
		Run  int64  `json:"workflow_run_id"`
		Page string `json:"html_url"`
	}
	if _, err := a.put(ctx, http.MethodPost, in.address()+"/dispatches", body, &made, in.what()); err != nil {
		return "", err
	}
	text := fmt.Sprintf("started %s on %s", in.what(), oneLine(in.Ref, 100))
	if made.Run > 0 && made.Page != "" {
		return fmt.Sprintf("%s: run %d\n%s", text, made.Run, oneLine(made.Page, 300)), nil
	}
	return fmt.Sprintf("%s; the run appears in some seconds: github_actions part=runs workflow=%s event=workflow_dispatch\n%s",
		text, oneLine(workflowName(in.Workflow), 100), in.page(a)), nil
}
