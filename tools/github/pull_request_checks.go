package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// check is one check run, or one status of the older kind.
type check struct {
	name, result, detail, address string
	job                           int64 // of GitHub Actions; 0: another kind of check
}

// isGood tells whether a check asks for nobody's attention.
func (c check) isGood() bool {
	switch c.result {
	case "success", "neutral", "skipped":
		return true
	}
	return false
}

func checkOfRun(run *github.CheckRun) check {
	c := check{
		name:    oneLine(run.GetName(), 100),
		result:  run.GetConclusion(),
		detail:  oneLine(join(": ", run.GetOutput().GetTitle(), run.GetOutput().GetSummary()), 300),
		address: run.GetHTMLURL(),
	}
	if run.GetStatus() != "completed" {
		c.result = run.GetStatus()
	}
	// The check run of a job has the job's id.
	if run.GetApp().GetSlug() == "github-actions" {
		c.job = run.GetID()
	}
	return c
}

func checkOfStatus(s *github.RepoStatus) check {
	return check{
		name:    oneLine(s.GetContext(), 100),
		result:  s.GetState(),
		detail:  oneLine(s.GetDescription(), 300),
		address: oneLine(s.GetTargetURL(), 300),
	}
}

// checkPage is checks of a commit: check runs, and statuses of the older kind,
// each as far as the credential may read them.
type checkPage struct {
	checks     []check
	unreadable []string // kinds the credential may not read
	refusal    error    // of the last of those
	last       *github.Response
}

// take adds checks of a kind, or that they are out of reach.
func (p *checkPage) take(kind string, checks []check, err error) error {
	if outOfReach(err) {
		p.unreadable, p.refusal = append(p.unreadable, kind), err
		return nil
	}
	p.checks = append(p.checks, checks...)
	return err
}

// note says what is missing from the page.
func (p *checkPage) note() string {
	if len(p.unreadable) == 0 {
		return ""
	}
	return fmt.Sprintf("(%s: not readable with this credential)", strings.Join(p.unreadable, ", "))
}

// checkKind is one of the two lists that hold the checks of a commit.
type checkKind struct {
	name string
	get  func(context.Context, github.ListOptions) ([]check, *github.Response, error)
}

func (a *api) checkKinds(in pullRequestArguments, sha string) []checkKind {
	return []checkKind{
		{"check runs", func(ctx context.Context, options github.ListOptions) (checks []check, r *github.Response, err error) {
			runs, r, err := a.client.Checks.ListCheckRunsForRef(ctx, in.owner(), in.name(), sha, &github.ListCheckRunsOptions{ListOptions: options})
			if runs == nil {
				return nil, r, err
			}
			for _, run := range runs.CheckRuns {
				checks = append(checks, checkOfRun(run))
			}
			return checks, r, err
		}},
		{"statuses", func(ctx context.Context, options github.ListOptions) (checks []check, r *github.Response, err error) {
			combined, r, err := a.client.Repositories.GetCombinedStatus(ctx, in.owner(), in.name(), sha, &options)
			if combined == nil {
				return nil, r, err
			}
			for _, status := range combined.Statuses {
				checks = append(checks, checkOfStatus(status))
			}
			return checks, r, err
		}},
	}
}

// checksOf gets a page of both kinds; it is as long as its longer half.
func (a *api) checksOf(ctx context.Context, in pullRequestArguments, sha string, options github.ListOptions) (*checkPage, error) {
	page := &checkPage{}
	for _, kind := range a.checkKinds(in, sha) {
		checks, r, err := kind.get(ctx, options)
		if err == nil && (page.last == nil || r.LastPage > page.last.LastPage) {
			page.last = r
		}
		if err := page.take(kind.name, checks, err); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// checksLine counts the checks of a commit and names those that aren't good.
func (a *api) checksLine(ctx context.Context, in pullRequestArguments, sha string) (string, error) {
	all, more := &checkPage{}, ""
	for _, kind := range a.checkKinds(in, sha) {
		list, err := allPages(ctx, kind.get)
		if err := all.take(kind.name, list.items, err); err != nil {
			return "", explain(err, "checks of "+in.String())
		}
		if part := list.part(); part != "" {
			more += fmt.Sprintf("; these are %s %s, more with part=checks", part, kind.name)
		}
	}
	line := join(" ", "checks:", tally(all.checks), all.note())
	if line == "checks:" {
		line = "checks: none"
	}
	return line + more, nil
}

const namedChecks = 5

// tally writes "3 success, 2 failure (build, lint)".
func tally(checks []check) string {
	byResult := map[string][]string{}
	var order []string
	for _, c := range checks {
		if byResult[c.result] == nil {
			order = append(order, c.result)
		}
		byResult[c.result] = append(byResult[c.result], c.name)
	}
	parts := make([]string, len(order))
	for i, result := range order {
		names := byResult[result]
		parts[i] = fmt.Sprintf("%d %s", len(names), result)
		if (check{result: result}).isGood() {
			continue
		}
		shown := strings.Join(names[:min(namedChecks, len(names))], ", ")
		if len(names) > namedChecks {
			shown += ", …"
		}
		parts[i] += " (" + shown + ")"
	}
	return strings.Join(parts, ", ")
}

func (a *api) pullChecks(ctx context.Context, in pullRequestArguments) (string, error) {
	pull, _, err := a.client.PullRequests.Get(ctx, in.owner(), in.name(), in.Number)
	if err != nil {
		return "", explain(err, in.part(in.Part))
	}
	sha := pull.GetHead().GetSHA()
	page, err := a.checksOf(ctx, in, sha, *in.options())
	if err == nil && page.last == nil {
		err = page.refusal
	}
	if err != nil {
		return "", explain(err, "checks of "+in.String())
	}
	text := page.text(in, sha)
	failed := failingJobs(page.checks)
	if len(failed) == 0 {
		return text, nil
	}
	logs, err := a.jobLogs(ctx, in.repository, failed, a.room.file()-len(text))
	if err != nil {
		return "", err
	}
	return text + "\n\n" + logs, nil
}

// text lists the checks, those that ask for attention first.
func (p *checkPage) text(in pullRequestArguments, sha string) string {
	var good, bad []string
	for _, c := range p.checks {
		if c.isGood() {
			good = append(good, c.name+" — "+c.result)
		} else {
			bad = append(bad, join("\n  ", join(": ", c.name+" — "+c.result, c.detail), c.address))
		}
	}
	heading := fmt.Sprintf("%s: %s of commit %s; %s", in, some(len(p.checks), "check"), shortSHA(sha), position(in.Page, p.last))
	return listing(join(" ", heading, p.note()), append(bad, good...))
}
