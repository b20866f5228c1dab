package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"
)

// run shows one run, with the jobs that didn't succeed before the others.
func (a *api) run(ctx context.Context, in actionsArguments) (string, error) {
	run, _, err := a.client.Actions.GetWorkflowRunByID(ctx, in.owner(), in.name(), in.Run)
	if err != nil {
		return "", explain(err, in.what())
	}
	jobs, err := a.jobsOf(ctx, in)
	if err != nil {
		return "", err
	}
	return runHead(run) + "\n\n" + jobs, nil
}

// what names what is asked for in errors and headings.
func (in actionsArguments) what() string {
	if in.Job > 0 {
		return fmt.Sprintf("job %d in %s", in.Job, in.Repo)
	}
	return fmt.Sprintf("run %d in %s", in.Run, in.Repo)
}

func runHead(run *github.WorkflowRun) string {
	attempt := ""
	if run.GetRunAttempt() > 1 {
		attempt = fmt.Sprintf("attempt %d", run.GetRunAttempt())
	}
	lasted := took(run.GetRunStartedAt(), ended(run))
	if lasted != "" {
		lasted = "took " + lasted
	}
	return join("\n",
		fmt.Sprintf("# %s #%d: %s", oneLine(run.GetName(), 100), run.GetRunNumber(), oneLine(run.GetDisplayTitle(), 200)),
		join(", ", outcome(run.GetStatus(), run.GetConclusion()), oneLine(run.GetEvent(), 40)+" on "+onBranch(run),
			"by "+login(run.TriggeringActor), attempt, "started "+moment(run.GetRunStartedAt()), lasted),
		forPulls(run.PullRequests),
		run.GetHTMLURL(),
	)
}

func forPulls(pulls []*github.PullRequest) string {
	if len(pulls) == 0 {
		return ""
	}
	numbers := make([]string, len(pulls))
	for i, pull := range pulls {
		numbers[i] = fmt.Sprintf("#%d", pull.GetNumber())
	}
	return "for pull request " + strings.Join(numbers, ", ")
}

// jobs shows the jobs of a run, or one job with all its steps.
func (a *api) jobs(ctx context.Context, in actionsArguments) (string, error) {
	if in.Job == 0 {
		return a.jobsOf(ctx, in)
	}
	job, _, err := a.client.Actions.GetWorkflowJobByID(ctx, in.owner(), in.name(), in.Job)
	if err != nil {
		return "", explain(err, in.what())
	}
	lines := make([]string, len(job.Steps))
	for i, step := range job.Steps {
		lines[i] = stepLine(step)
	}
	return listing(join("\n", jobLine(job), fmt.Sprintf("run %d", job.GetRunID()), runner(job), job.GetHTMLURL()), lines), nil
}

func runner(job *github.WorkflowJob) string {
	labels := oneLine(strings.Join(job.Labels, ", "), 200)
	if labels == "" {
		return ""
	}
	return join(" ", "runs on", labels, flag(job.GetRunnerName() != "", "("+oneLine(job.GetRunnerName(), 60)+")"))
}

// jobsOf is a page of the jobs of a run's latest attempt.
func (a *api) jobsOf(ctx context.Context, in actionsArguments) (string, error) {
	found, r, err := a.client.Actions.ListWorkflowJobs(ctx, in.owner(), in.name(), in.Run, &github.ListWorkflowJobsOptions{ListOptions: in.options()})
	if err != nil {
		return "", explain(err, "jobs of "+in.what())
	}
	checks := make([]check, len(found.Jobs))
	for i, job := range found.Jobs {
		checks[i] = checkOfJob(job)
	}
	heading := fmt.Sprintf("%s: %s", in.what(), here(len(checks), "job", in.position(r)))
	slices.SortStableFunc(found.Jobs, func(x, y *github.WorkflowJob) int { return rank(x) - rank(y) })
	var lines []string
	for _, job := range found.Jobs {
		lines = append(lines, jobLine(job))
		lines = append(lines, badSteps(job)...)
	}
	if slices.ContainsFunc(found.Jobs, hasFailed) {
		lines = append(lines, fmt.Sprintf("\nwhy they failed: part=log run=%d", in.Run))
	}
	return listing(join("; ", heading, tally(checks)), lines), nil
}

func checkOfJob(job *github.WorkflowJob) check {
	return check{name: oneLine(job.GetName(), 100), result: outcome(job.GetStatus(), job.GetConclusion())}
}

// hasFailed tells whether a job's log may say why its run isn't green.
func hasFailed(job *github.WorkflowJob) bool {
	return slices.Contains([]string{"failure", "timed_out", "startup_failure"}, job.GetConclusion())
}

// rank puts what failed first and what is good last.
func rank(job *github.WorkflowJob) int {
	switch {
	case hasFailed(job):
		return 0
	case !checkOfJob(job).isGood():
		return 1
	}
	return 2
}

func jobLine(job *github.WorkflowJob) string {
	c := checkOfJob(job)
	return fmt.Sprintf("%d %s — %s", job.GetID(), c.name, join(", ", c.result, took(job.GetStartedAt(), job.GetCompletedAt())))
}

func stepLine(step *github.TaskStep) string {
	return fmt.Sprintf("%d %s — %s", step.GetNumber(), oneLine(step.GetName(), 120),
		join(", ", outcome(step.GetStatus(), step.GetConclusion()), took(step.GetStartedAt(), step.GetCompletedAt())))
}

// badSteps are those that failed, and the one that is running.
func badSteps(job *github.WorkflowJob) []string {
	var lines []string
	for _, step := range job.Steps {
		result := outcome(step.GetStatus(), step.GetConclusion())
		if result == "in_progress" || step.GetStatus() == "completed" && !(check{result: result}).isGood() {
			lines = append(lines, "  step "+stepLine(step))
		}
	}
	return lines
}
