package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

const (
	checkLogs       = 5     // jobs whose logs one answer holds
	checkLogsAtOnce = 3     // that are read at the same time
	checkLogMinimum = 2_000 // bytes of each log, whatever else there is
)

// failingJobs are the checks that are jobs of GitHub Actions with a log that
// says why they failed.
func failingJobs(checks []check) []check {
	return slices.DeleteFunc(slices.Clone(checks), func(c check) bool {
		return c.job == 0 || c.result != "failure" && c.result != "timed_out"
	})
}

// jobLogs says of each job why it failed, in room bytes altogether. What the
// credential may not read, or GitHub no longer keeps, is said instead.
func (a *api) jobLogs(ctx context.Context, repo repository, jobs []check, room int) (string, error) {
	shown := jobs[:min(checkLogs, len(jobs))]
	texts := make([]string, len(shown))
	group, groupContext := errgroup.WithContext(ctx)
	group.SetLimit(checkLogsAtOnce)
	for i, job := range shown {
		group.Go(func() error {
			text, err := a.failingLines(groupContext, repo, job.job, max(checkLogMinimum, room/len(shown)))
			if outOfReach(err) || isStatus(err, http.StatusGone) {
				text, err = err.Error(), nil
			}
			texts[i] = fmt.Sprintf("## %s (github_actions job=%d)\n%s", job.name, job.job, text)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	if more := len(jobs) - len(shown); more > 0 {
		texts = append(texts, fmt.Sprintf("[%s failed; their logs: a smaller per_page, page by page]", count(more, "more job")))
	}
	return strings.Join(texts, "\n\n"), nil
}
