package github

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// blockedQuery asks what GitHub's REST API sums up as "blocked".
// https://docs.github.com/en/graphql/reference/objects#refupdaterule
const blockedQuery = `query($owner:String!,$name:String!,$number:Int!,$after:String){
repository(owner:$owner,name:$name){pullRequest(number:$number){
reviewDecision reviewThreads(first:100){pageInfo{hasNextPage} nodes{isResolved}}
baseRef{refUpdateRule{requiredApprovingReviewCount requiredStatusCheckContexts requiresCodeOwnerReviews requiresConversationResolution requiresSignatures}}
commits(last:1){nodes{commit{statusCheckRollup{contexts(first:100,after:$after){pageInfo{endCursor hasNextPage} nodes{
...on CheckRun{name status conclusion isRequired(pullRequestNumber:$number)}
...on StatusContext{context state isRequired(pullRequestNumber:$number)}
}}}}}}
}}}`

// hurdles is what may be in the way of a merge.
type hurdles struct {
	ReviewDecision string
	ReviewThreads  struct {
		PageInfo pageInfo
		Nodes    []struct{ IsResolved bool }
	}
	BaseRef struct{ RefUpdateRule rule }
	Commits struct {
		Nodes []struct {
			Commit struct {
				StatusCheckRollup struct {
					Contexts reportedPage
				}
			}
		}
	}
}

type reportedPage struct {
	PageInfo pageInfo
	Nodes    []reportedCheck
}

// reported is the page of the last commit's checks.
func (h hurdles) reported() reportedPage {
	if len(h.Commits.Nodes) == 0 {
		return reportedPage{}
	}
	return h.Commits.Nodes[0].Commit.StatusCheckRollup.Contexts
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
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	var all reportedPage
	for page := 1; ; page++ {
		var data struct {
			Repository struct{ PullRequest hurdles }
		}
		if err := a.graph(ctx, blockedQuery, variables, &data, in.String()); err != nil {
			return ""
		}
		got := data.Repository.PullRequest.reported()
		all.Nodes, all.PageInfo = append(all.Nodes, got.Nodes...), got.PageInfo
		if !got.PageInfo.HasNextPage || page == maxPages {
			return data.Repository.PullRequest.words(all)
		}
		variables["after"] = got.PageInfo.EndCursor
	}
}

func (h hurdles) words(reported reportedPage) string {
	rule := h.BaseRef.RefUpdateRule
	words := []string{rule.reviews(h.ReviewDecision)}
	if checks := h.checks(reported); len(checks) > 0 {
		words = append(words, "required checks: "+strings.Join(checks, ", "))
	}
	open := 0
	for _, thread := range h.ReviewThreads.Nodes {
		if !thread.IsResolved {
			open++
		}
	}
	if rule.RequiresConversationResolution && open > 0 {
		words = append(words, flag(h.ReviewThreads.PageInfo.HasNextPage, "at least ")+count(open, "unresolved review thread"))
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
func (h hurdles) checks(all reportedPage) []string {
	var missing, reported []string
	for _, context := range all.Nodes {
		c := context.check()
		reported = append(reported, c.name)
		if context.IsRequired && !c.isGood() {
			missing = append(missing, fmt.Sprintf("%s (%s)", c.name, c.result))
		}
	}
	unreported := "not reported yet"
	if all.PageInfo.HasNextPage {
		unreported = fmt.Sprintf("not among the first %d checks", len(all.Nodes))
	}
	for _, name := range h.BaseRef.RefUpdateRule.RequiredStatusCheckContexts {
		if name = oneLine(name, 100); !slices.Contains(reported, name) {
			missing = append(missing, fmt.Sprintf("%s (%s)", name, unreported))
		}
	}
	return missing
}
