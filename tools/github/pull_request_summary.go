package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
	"golang.org/x/sync/errgroup"
)

// pullSummary puts together what decides about a pull request. Checks and
// reviews may be out of a credential's reach; the rest is shown all the same.
func (a *api) pullSummary(ctx context.Context, in pullRequestArguments) (string, error) {
	pull, _, err := a.client.PullRequests.Get(ctx, in.owner(), in.name(), in.Number)
	if err != nil {
		return "", explain(err, in.String())
	}
	if in.Offset > 0 {
		return pullBody(pull, in.Offset), nil
	}
	var checks, reviews, blocked string
	group, groupContext := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		checks, err = a.checksLine(groupContext, in, pull.GetHead().GetSHA())
		return err
	})
	group.Go(func() (err error) {
		reviews, err = a.reviewsLine(groupContext, in, pull)
		return err
	})
	if pull.GetState() == "open" && pull.GetMergeableState() == "blocked" {
		group.Go(func() error {
			blocked = a.blockedBy(groupContext, in.numbered)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return "", err
	}
	return join("\n", pullHead(pull), mergeLine(pull, blocked), checks, reviews) + "\n\n" + pullBody(pull, 0), nil
}

func pullHead(pull *github.PullRequest) string {
	from := pull.GetHead().GetLabel()
	if from == "" {
		from = pull.GetHead().GetRef()
	}
	changes := join(", ", count(pull.GetCommits(), "commit"),
		join(" ", count(pull.GetChangedFiles(), "file"), fmt.Sprintf("+%d −%d", pull.GetAdditions(), pull.GetDeletions())),
		count(pull.GetComments(), "comment"), count(pull.GetReviewComments(), "review comment"))
	return join("\n",
		fmt.Sprintf("# #%d %s", pull.GetNumber(), oneLine(pull.GetTitle(), 300)),
		join(", ", pullState(pull), "by "+author(pull.User, pull.GetAuthorAssociation()), fmt.Sprintf("%s at %s → %s", oneLine(from, 120), shortSHA(pull.GetHead().GetSHA()), oneLine(pull.GetBase().GetRef(), 100)),
			dated("created", pull.GetCreatedAt()), dated("updated", pull.GetUpdatedAt())),
		pull.GetHTMLURL(),
		attributes(pull.Labels, pull.Assignees, pull.Milestone),
		changes,
	)
}

const pullBodyLimit = 8000

func pullBody(pull *github.PullRequest, offset int) string {
	if strings.TrimSpace(pull.GetBody()) == "" {
		return "(no description)"
	}
	return excerpt(pull.GetBody(), offset, pullBodyLimit, "")
}

// mergeLine says whether a pull request can be merged. GitHub works it out
// when asked, so the first answer may be that it isn't known. blocked is what is
// in the way, if that is known.
func mergeLine(pull *github.PullRequest, blocked string) string {
	if pullState(pull) == "merged" {
		return fmt.Sprintf("%s by %s as %s", dated("merged", pull.GetMergedAt()), login(pull.MergedBy), shortSHA(pull.GetMergeCommitSHA()))
	}
	if pull.GetState() == "closed" {
		return dated("closed without merging,", pull.GetClosedAt())
	}
	meaning := map[string]string{
		"clean":     "yes",
		"has_hooks": "yes",
		"unstable":  "yes, but not all checks are green",
		"dirty":     "no, it conflicts with the base branch",
		"blocked":   "not yet, a required review or check is missing",
		"behind":    "not yet, the branch is behind the base branch",
		"draft":     "no, it is a draft",
	}
	state := pull.GetMergeableState()
	automatic := ""
	if pull.AutoMerge != nil {
		automatic = "; will be merged automatically (" + oneLine(pull.AutoMerge.GetMergeMethod(), 20) + ")"
	}
	if blocked != "" {
		return "mergeable: not yet: " + blocked + automatic
	}
	switch {
	case meaning[state] != "":
		return "mergeable: " + meaning[state] + automatic
	case pull.Mergeable == nil:
		return "mergeable: not known yet; ask again in a few seconds"
	case *pull.Mergeable:
		return join(", ", "mergeable: yes", oneLine(state, 40))
	}
	return join(", ", "mergeable: no", oneLine(state, 40))
}

// outOfReach tells whether the credential may not read a part, which is no
// reason to hold back the others.
func outOfReach(err error) bool {
	return isStatus(err, http.StatusForbidden) || isStatus(err, http.StatusNotFound)
}

// reviewsLine gives each reviewer's latest verdict, and who is still asked.
func (a *api) reviewsLine(ctx context.Context, in pullRequestArguments, pull *github.PullRequest) (string, error) {
	reviews, err := allPages(ctx, func(ctx context.Context, o github.ListOptions) ([]*github.PullRequestReview, *github.Response, error) {
		return a.client.PullRequests.ListReviews(ctx, in.owner(), in.name(), in.Number, &o)
	})
	if outOfReach(err) {
		return "reviews: not readable with this credential", nil
	}
	if err != nil {
		return "", explain(err, in.String())
	}
	parts := verdicts(reviews.items)
	if part := reviews.part(); part != "" {
		parts = append(parts, "read "+part+" reviews only; all: part=reviews")
	}
	if waiting := waitingFor(pull); waiting != "" {
		parts = append(parts, "waiting for "+waiting)
	}
	if len(parts) == 0 {
		return "reviews: none", nil
	}
	return "reviews: " + strings.Join(parts, "; "), nil
}

// verdicts words the latest review of each person that decides something. A
// later comment doesn't take back an approval.
func verdicts(reviews []*github.PullRequestReview) []string {
	words := map[string]string{
		"APPROVED":          "approved by",
		"CHANGES_REQUESTED": "changes requested by",
		"DISMISSED":         "dismissed:",
		"COMMENTED":         "commented on by",
	}
	latest := map[string]string{}
	var order []string
	for _, review := range reviews {
		who, verdict := login(review.User), review.GetState()
		before, seen := latest[who]
		if !seen {
			order = append(order, who)
		}
		if words[verdict] != "" && (!seen || verdict != "COMMENTED" || before == "COMMENTED") {
			latest[who] = verdict
		}
	}
	var parts []string
	for _, verdict := range []string{"CHANGES_REQUESTED", "APPROVED", "DISMISSED", "COMMENTED"} {
		var names []string
		for _, who := range order {
			if latest[who] == verdict {
				names = append(names, who)
			}
		}
		if len(names) > 0 {
			parts = append(parts, words[verdict]+" "+strings.Join(names, " "))
		}
	}
	return parts
}

func waitingFor(pull *github.PullRequest) string {
	names := logins(pull.RequestedReviewers)
	for _, team := range pull.RequestedTeams {
		names = join(" ", names, "team "+oneLine(team.GetName(), 60))
	}
	return names
}
