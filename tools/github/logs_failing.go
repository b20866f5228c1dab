package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// failingLines says why a job failed, as far as its log tells: the end of the
// step that failed, and what looks like an error before that. It is at most
// about budget bytes, quoted, below a line that says where in the log it is.
// The log is read as a stream.
func (a *api) failingLines(ctx context.Context, repo repository, jobID int64, budget int) (string, error) {
	log, err := a.jobLog(ctx, repo, jobID)
	if err != nil {
		return "", err
	}
	defer log.Close()
	f := &failedStep{budget: budget, now: step{first: 1}}
	if err := eachLogLine(log, f.take); err != nil {
		return "", explain(err, fmt.Sprintf("log of job %d in %s", jobID, repo.Repo))
	}
	return f.text(jobID), nil
}

// logLine is a line and its place in the log.
type logLine struct {
	number int
	text   string
}

// step is the lines of one step of a job: as many of its last ones as fit a
// budget, and of those before that the first that look like errors.
type step struct {
	name    string
	first   int
	failed  bool
	telling []logLine
	last    []logLine
	told    int // bytes in telling
	lasting int // bytes in last
}

// failedStep finds the last step of a log that failed. The end of the log stands
// in for it where no step did.
type failedStep struct {
	budget int
	total  int
	now    step
	found  step
	before []string // the last that failed before the one found, in words
}

// The marks the runner puts in a log.
const (
	stepMark   = "##[group]Run "
	errorMark  = "##[error]"
	afterSteps = "Post job cleanup."
)

func (f *failedStep) take(number int, text string) {
	f.total = number
	name, begins := strings.CutPrefix(text, stepMark)
	if text == afterSteps {
		name, begins = strings.TrimSuffix(afterSteps, "."), true
	}
	if begins {
		f.endStep()
		f.now = step{name: name, first: number}
	}
	f.now.failed = f.now.failed || strings.HasPrefix(text, errorMark)
	f.now.keep(logLine{number, text}, f.budget)
}

// keep puts a line at the end, and what no longer fits there among the telling
// lines, if it tells anything.
func (s *step) keep(line logLine, budget int) {
	s.last = append(s.last, line)
	s.lasting += len(line.text) + lineCost
	for s.lasting > budget*2/3 && len(s.last) > 1 {
		before := s.last[0]
		s.last = s.last[1:]
		s.lasting -= len(before.text) + lineCost
		if cost := len(before.text) + lineCost; isTelling(before.text) && s.told+cost <= budget/4 {
			s.telling = append(s.telling, before)
			s.told += cost
		}
	}
}

// lineCost is what quoting and the end of a line take.
const lineCost = len("> \n")

// isTelling tells whether a line looks like it names an error.
func isTelling(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{
		"error", "fail", "fatal", "panic", "exception", "traceback", "not ok", "undefined", "cannot ", "✗", "✕", "✘", "×",
	}, func(word string) bool { return strings.Contains(text, word) })
}

// endStep keeps a step that failed; of the last ones before it only the names.
func (f *failedStep) endStep() {
	if !f.now.failed {
		return
	}
	if f.found.failed {
		f.before = append(f.before, fmt.Sprintf("an error before that: %s, from line %s on", f.found.title(), thousands(f.found.first)))
		f.before = f.before[max(0, len(f.before)-namedSteps):]
	}
	f.found = f.now
}

const namedSteps = 5

func (f *failedStep) text(jobID int64) string {
	f.endStep()
	whole := fmt.Sprintf("whole log: part=log job=%d start_line=1", jobID)
	if !f.found.failed {
		f.found = f.now
		if f.total == 0 {
			return "the log is empty"
		}
		return fmt.Sprintf("no step is marked as failed; the end of the log (%s):\n%s", join("; ", count(f.total, "line"), whole), f.found.lines())
	}
	lines := []string{fmt.Sprintf("failed %s, in line %s of %s (%s):", f.found.title(), thousands(f.found.first), thousands(f.total), whole), f.found.lines()}
	return strings.Join(append(lines, f.before...), "\n")
}

func (s step) title() string {
	if s.name == "" {
		return "before the first step"
	}
	return fmt.Sprintf("step %q", oneLine(s.name, 120))
}

// lines quotes what is kept, and says what isn't.
func (s step) lines() string {
	var texts []string
	next := s.first
	for _, line := range slices.Concat(s.telling, s.last) {
		if skipped := line.number - next; next > 0 && skipped > 0 {
			texts = append(texts, fmt.Sprintf("[%s left out]", count(skipped, "line")))
		}
		texts = append(texts, strings.TrimRight("> "+line.text, " "))
		next = line.number + 1
	}
	return strings.Join(texts, "\n")
}
