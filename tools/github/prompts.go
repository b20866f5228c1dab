package github

import (
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// failurePrompt is the arguments for a failure of anything that runs.
type failurePrompt struct {
	repository
	Number int    `json:"number,omitempty" minimum:"1" doc:"of a pull request"`
	Branch string `json:"branch,omitempty" doc:"instead: the last run of it that failed"`
	Run    int64  `json:"run,omitempty" minimum:"1" doc:"instead: the id of a run"`
}

// Check lets only one thing be asked for.
func (in failurePrompt) Check() []string {
	faults := append(in.repository.Check(), checkRef("branch", in.Branch)...)
	if given := names([]sent{{"number", in.Number > 0}, {"branch", in.Branch != ""}, {"run", in.Run > 0}}); len(given) > 1 {
		faults = append(faults, fmt.Sprintf("give only one of %s", strings.Join(given, ", ")))
	}
	return faults
}

// daysPrompt is the arguments for a look back.
type daysPrompt struct {
	Days int    `json:"days,omitempty" minimum:"1" maximum:"92" default:"7" doc:"how far back; 7 if not given"`
	Org  string `json:"org,omitempty" doc:"only in this organisation"`
}

// Check says what is wrong with the name.
func (in daysPrompt) Check() []string {
	if in.Org == "" || isName(in.Org, "") {
		return nil
	}
	return []string{fmt.Sprintf("'org' must be a plain name, like octo-org; got %q", oneLine(in.Org, 60))}
}

// prompts is the table of tasks. Why CI failed is asked in two ways: without the
// tool for GitHub Actions only of a pull request.
func (a *api) prompts() []tools.Prompt {
	const why, whyTitle = "github_why_did_ci_fail", "Why did CI fail?"
	return []tools.Prompt{
		tools.DefinePrompt(tools.Prompt{
			Name: "github_review_pull_request", Title: "Review a pull request",
			Description: "Read a pull request with its diff, checks and threads, and say what is wrong with it.",
			Tools:       []string{"github_pull_request"},
			Completions: map[string]tools.Complete{"repo": a.suggestRepositories, "number": a.suggestPulls},
		}, permitted(a, reviewPrompt)),
		tools.DefinePrompt(tools.Prompt{
			Name: "github_triage_issues", Title: "Triage issues",
			Description: "Go through the open issues of a repository: kind, labels, urgency, duplicates and the next step.",
			Tools:       []string{"github_issues", "github_issue", "github_repository", "github_search"},
			Completions: map[string]tools.Complete{"repo": a.suggestRepositories},
		}, permitted(a, triagePrompt)),
		tools.DefinePrompt(tools.Prompt{
			Name: why, Title: whyTitle,
			Description: "Find out why the checks of a pull request, a branch or a run failed, and how to mend it.",
			Tools:       []string{"github_pull_request", "github_actions"},
			Completions: map[string]tools.Complete{"repo": a.suggestRepositories, "number": a.suggestPulls, "branch": a.suggestBranches},
		}, permitted(a, ciFailurePrompt)),
		tools.DefinePrompt(tools.Prompt{
			Name: why, Title: whyTitle,
			Description: "Find out why the checks of a pull request failed, and how to mend it.",
			Tools:       []string{"github_pull_request"},
			Completions: map[string]tools.Complete{"repo": a.suggestRepositories, "number": a.suggestPulls},
		}, permitted(a, pullFailurePrompt)),
		tools.DefinePrompt(tools.Prompt{
			Name: "github_what_did_i_do_this_week", Title: "What did I do this week?",
			Description: "Sum up your pull requests, reviews, issues and commits of the last days.",
			Tools:       []string{"github_whoami", "github_search"},
			Completions: map[string]tools.Complete{"org": a.suggestOwners},
		}, a.daysPrompt),
	}
}
