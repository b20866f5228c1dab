package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"
)

// loggedJobs is how many jobs share an answer at most.
const loggedJobs = 6

// log shows the lines of a job's log, or of all jobs of a run that failed, that
// say why.
func (a *api) log(ctx context.Context, in actionsArguments) (string, error) {
	switch {
	case in.StartLine > 0:
		return a.wholeLog(ctx, in)
	case in.Job > 0:
		text, err := a.failingLines(ctx, in.repository, in.Job, a.room.file())
		if err != nil {
			return "", err
		}
		return in.what() + ": " + text, nil
	}
	return a.failingLogs(ctx, in)
}

// wholeLog is a page of a job's log.
func (a *api) wholeLog(ctx context.Context, in actionsArguments) (string, error) {
	log, err := a.jobLog(ctx, in.repository, in.Job)
	if err != nil {
		return "", err
	}
	defer log.Close()
	w := &window{}
	err = eachLogLine(log, func(number int, text string) {
		w.total = number
		w.keep([]byte(text), number >= in.StartLine, a.room.file())
	})
	if err != nil {
		return "", explain(err, "log of "+in.what())
	}
	return w.show("log of "+in.what(), "lines", in.StartLine)
}

// failingLogs says of each failed job of a run why it failed.
func (a *api) failingLogs(ctx context.Context, in actionsArguments) (string, error) {
	found, r, err := a.client.Actions.ListWorkflowJobs(ctx, in.owner(), in.name(), in.Run,
		&github.ListWorkflowJobsOptions{ListOptions: github.ListOptions{Page: in.options().Page, PerPage: 100}})
	if err != nil {
		return "", explain(err, "jobs of "+in.what())
	}
	failed := slices.DeleteFunc(slices.Clone(found.Jobs), func(job *github.WorkflowJob) bool { return !hasFailed(job) })
	heading := fmt.Sprintf("%s: %s failed", in.what(), some(len(failed), "job"))
	if r.NextPage > 0 {
		heading += fmt.Sprintf(" of the %d here; next: page=%d", len(found.Jobs), r.NextPage)
	}
	if len(failed) == 0 {
		return heading + fmt.Sprintf("; part=jobs run=%d lists all; a job's own log: part=log job=ID", in.Run), nil
	}
	texts := []string{heading}
	shown := failed[:min(loggedJobs, len(failed))]
	for _, job := range shown {
		text, err := a.failingLines(ctx, in.repository, job.GetID(), a.room.file()/len(shown))
		if isStatus(err, http.StatusNotFound) || isStatus(err, http.StatusGone) {
			text, err = err.Error(), nil
		}
		if err != nil {
			return "", err
		}
		texts = append(texts, join("\n", "## "+jobLine(job), strings.Join(badSteps(job), "\n"), text))
	}
	for _, job := range failed[len(shown):] {
		texts = append(texts, fmt.Sprintf("## %s\nits log: part=log job=%d", jobLine(job), job.GetID()))
	}
	return strings.Join(texts, "\n\n"), nil
}
