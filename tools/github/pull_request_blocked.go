package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// blockedQuery asks what GitHub's REST API sums up as "blocked".
// https://docs.github.com/en/graphql/reference/objects#refupdaterule
const blockedQuery = `query($owner:String!,$name:String!,$number:Int!){
repository(owner:$owner,name:$name){pullRequest(number:$number){
reviewDecision reviewThreads(first:100){nodes{isResolved}}
baseRef{refUpdateRule{requiredApprovingReviewCount requiredStatusCheckContexts requiresCodeOwnerReviews requiresConversationResolution requiresSignatures}}
commits(last:1){nodes{commit{statusCheckRollup{contexts(first:100){nodes{
...on CheckRun{name status conclusion isRequired(pullRequestNumber:$number)}
...on StatusContext{context state isRequired(pullRequestNumber:$number)}
}}}}}}
}}}`

// hurdles is what may be in the way of a merge.
type hurdles struct {
	ReviewDecision string
	ReviewThreads  struct{ Nodes []struct{ IsResolved bool } }
	BaseRef        struct{ RefUpdateRule rule }
	Commits        struct {
		Nodes []struct {
			Commit struct {
				StatusCheckRollup struct {
					Contexts struct{ Nodes []reportedCheck }
				}
			}
		}
	}
}

// rule is what the base branch asks for, as far as the account may know.
type rule struct {
	RequiredApprovingReviewCount   int
	RequiredStatusCheckContexts    []string
	RequiresCodeOwnerReviews       bool
	RequiresConversationResolution bool
	RequiresSignatures             bool
}

// reportedCheck is a check run, or a status of the older kind.
type reportedCheck struct {
	Name, Status, Conclusion string
	Context, State           string
	IsRequired               bool
}

func (c reportedCheck) check() check {
	if c.Context != "" {
		return check{name: oneLine(c.Context, 100), result: strings.ToLower(c.State)}
	}
	result := c.Conclusion
	if result == "" {
		result = c.Status
	}
	return check{name: oneLine(c.Name, 100), result: strings.ToLower(result)}
}

// blockedBy words what keeps a pull request from being merged. It adds to a
// summary that is complete without it, so what can't be asked is "".
func (a *api) blockedBy(ctx context.Context, in numbered) string {
	var data struct {
		Repository struct{ PullRequest hurdles }
	}
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	if err := a.graph(ctx, blockedQuery, variables, &data, in.String()); err != nil {
		return ""
	}
	return data.Repository.PullRequest.words()
}

func (h hurdles) words() string {
	rule := h.BaseRef.RefUpdateRule
	words := []string{rule.reviews(h.ReviewDecision)}
	if checks := h.checks(); len(checks) > 0 {
		words = append(words, "required checks: "+strings.Join(checks, ", "))
	}
	open := 0
	for _, thread := range h.ReviewThreads.Nodes {
		if !thread.IsResolved {
			open++
		}
	}
	if rule.RequiresConversationResolution && open > 0 {
		words = append(words, count(open, "unresolved review thread"))
	}
	words = append(words, flag(rule.RequiresSignatures, "all commits must be signed"))
	return join("; ", words...)
}

func (r rule) reviews(decision string) string {
	switch decision {
	case "CHANGES_REQUESTED":
		return "a reviewer requests changes"
	case "REVIEW_REQUIRED":
		needed := "an approving review is missing"
		if r.RequiredApprovingReviewCount > 1 {
			needed = fmt.Sprintf("%d approving reviews are needed", r.RequiredApprovingReviewCount)
		}
		return needed + flag(r.RequiresCodeOwnerReviews, ", of the code's owners too")
	}
	return ""
}

// checks names those required that aren't green, or that nobody has reported.
func (h hurdles) checks() []string {
	var missing, reported []string
	for _, commit := range h.Commits.Nodes {
		for _, context := range commit.Commit.StatusCheckRollup.Contexts.Nodes {
			c := context.check()
			reported = append(reported, c.name)
			if context.IsRequired && !c.isGood() {
				missing = append(missing, fmt.Sprintf("%s (%s)", c.name, c.result))
			}
		}
	}
	for _, name := range h.BaseRef.RefUpdateRule.RequiredStatusCheckContexts {
		if name = oneLine(name, 100); !slices.Contains(reported, name) {
			missing = append(missing, name+" (not reported yet)")
		}
	}
	return missing
}
