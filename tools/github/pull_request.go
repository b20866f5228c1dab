package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type pullRequestArguments struct {
	numbered
	Part string `json:"part,omitempty" enum:"summary,files,diff,reviews,review_threads,review_comments,comments,commits,checks" default:"summary"`
	reading
	Page    int `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage int `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
	detailed
}

// Check ties the arguments for single texts to the parts that have texts.
func (in pullRequestArguments) Check() []string {
	faults := in.numbered.Check()
	if in.Comment > 0 && !slices.Contains([]string{"reviews", "review_threads", "review_comments", "comments"}, in.Part) {
		faults = append(faults, "'comment' needs 'part' reviews, review_threads, review_comments or comments")
	}
	if in.Offset > 0 && in.Comment == 0 && in.Part != "summary" {
		faults = append(faults, "'offset' needs 'comment', or 'part' summary")
	}
	if in.Part == "review_threads" && in.PerPage > threadsPerPage {
		faults = append(faults, fmt.Sprintf("'per_page' is at most %d for 'part' review_threads", threadsPerPage))
	}
	return faults
}

func (in pullRequestArguments) options() *github.ListOptions {
	return &github.ListOptions{Page: in.Page, PerPage: in.PerPage}
}

func (a *api) pullRequestTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_pull_request",
		Title:       "One pull request",
		Description: "Read one part of a pull request: summary (description, mergeability, checks, reviews), files, diff, reviews, review_threads (comments on code, resolved or not), review_comments (the same, flat), comments (the conversation), commits or checks (with why they fail).",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.pullRequest)
}

func (a *api) pullRequest(ctx context.Context, in pullRequestArguments) (string, error) {
	parts := map[string]func(context.Context, pullRequestArguments) (string, error){
		"summary":         a.pullSummary,
		"files":           a.pullFiles,
		"diff":            a.pullDiff,
		"reviews":         a.pullReviews,
		"review_threads":  a.pullReviewThreads,
		"review_comments": a.pullReviewComments,
		"comments":        a.pullComments,
		"commits":         a.pullCommits,
		"checks":          a.pullChecks,
	}
	text, err := parts[in.Part](ctx, in)
	if isStatus(err, http.StatusNotFound) && in.Comment == 0 {
		return "", tools.UserError("%w; if it is an issue, github_issue reads it", err)
	}
	return text, err
}

func (a *api) pullFiles(ctx context.Context, in pullRequestArguments) (string, error) {
	files, r, err := a.client.PullRequests.ListFiles(ctx, in.owner(), in.name(), in.Number, in.options())
	if err != nil {
		return "", explain(err, in.part(in.Part))
	}
	lines := make([]string, len(files))
	for i, file := range files {
		lines[i] = fileLine(file)
	}
	return listing(fmt.Sprintf("%s: %s", in, here(len(files), "file", position(in.Page, r))), lines), nil
}

func fileLine(file *github.CommitFile) string {
	name := oneLine(file.GetFilename(), 300)
	if before := file.GetPreviousFilename(); before != "" {
		name = oneLine(before, 300) + " → " + name
	}
	return fmt.Sprintf("%s %s +%d −%d", file.GetStatus(), name, file.GetAdditions(), file.GetDeletions())
}

func (a *api) pullCommits(ctx context.Context, in pullRequestArguments) (string, error) {
	commits, r, err := a.client.PullRequests.ListCommits(ctx, in.owner(), in.name(), in.Number, in.options())
	if err != nil {
		return "", explain(err, in.part(in.Part))
	}
	lines := make([]string, len(commits))
	for i, commit := range commits {
		lines[i] = commitLine(commit.GetSHA(), commit.Author, commit.Commit)
	}
	return listing(fmt.Sprintf("%s: %s", in, here(len(commits), "commit", position(in.Page, r))), lines), nil
}

func (a *api) pullComments(ctx context.Context, in pullRequestArguments) (string, error) {
	if in.Comment > 0 {
		return a.oneComment(ctx, in.numbered, in.reading)
	}
	return a.comments(ctx, in.numbered, in.Page, in.PerPage)
}

func (a *api) pullReviews(ctx context.Context, in pullRequestArguments) (string, error) {
	if in.Comment > 0 {
		review, _, err := a.client.PullRequests.GetReview(ctx, in.owner(), in.name(), in.Number, in.Comment)
		if err != nil {
			return "", explain(err, fmt.Sprintf("review %d of %s", in.Comment, in))
		}
		return reviewText(review, in.Offset, a.room.texts()), nil
	}
	reviews, r, err := a.client.PullRequests.ListReviews(ctx, in.owner(), in.name(), in.Number, in.options())
	if err != nil {
		return "", explain(err, in.part(in.Part))
	}
	texts := []string{fmt.Sprintf("%s: %s", in, here(len(reviews), "review", position(in.Page, r)))}
	for _, review := range reviews {
		texts = append(texts, reviewText(review, 0, a.room.each(len(reviews))))
	}
	return strings.Join(texts, "\n\n"), nil
}

func reviewText(review *github.PullRequestReview, offset, limit int) string {
	verdict := strings.ToLower(strings.ReplaceAll(review.GetState(), "_", " "))
	head := fmt.Sprintf("### %s: %s", author(review.User, review.GetAuthorAssociation()), join(", ", verdict, day(review.GetSubmittedAt()),
		fmt.Sprintf("commit %s", shortSHA(review.GetCommitID())), fmt.Sprintf("review %d", review.GetID())))
	return join("\n", head, excerpt(review.GetBody(), offset, limit, fmt.Sprintf("comment=%d", review.GetID())))
}

func (a *api) pullReviewComments(ctx context.Context, in pullRequestArguments) (string, error) {
	if in.Comment > 0 {
		comment, _, err := a.client.PullRequests.GetComment(ctx, in.owner(), in.name(), in.Comment)
		if err != nil {
			return "", explain(err, fmt.Sprintf("review comment %d in %s", in.Comment, in.Repo))
		}
		return reviewCommentText(comment, in.Offset, a.room.texts()), nil
	}
	comments, r, err := a.client.PullRequests.ListComments(ctx, in.owner(), in.name(), in.Number,
		&github.PullRequestListCommentsOptions{ListOptions: *in.options()})
	if err != nil {
		return "", explain(err, in.part(in.Part))
	}
	texts := []string{fmt.Sprintf("%s: %s", in, here(len(comments), "review comment", position(in.Page, r)))}
	for _, comment := range comments {
		texts = append(texts, reviewCommentText(comment, 0, a.room.each(len(comments))))
	}
	return strings.Join(texts, "\n\n"), nil
}

func reviewCommentText(c *github.PullRequestComment, offset, limit int) string {
	place := oneLine(c.GetPath(), 300)
	switch {
	case c.GetLine() > 0:
		place += fmt.Sprintf(":%d", c.GetLine())
	case c.GetOriginalLine() > 0:
		place += fmt.Sprintf(":%d (outdated)", c.GetOriginalLine())
	}
	answers := ""
	if c.GetInReplyTo() > 0 {
		answers = fmt.Sprintf("in reply to %d", c.GetInReplyTo())
	}
	head := fmt.Sprintf("### %s %s", place, join(", ", author(c.User, c.GetAuthorAssociation()), day(c.GetCreatedAt()), fmt.Sprintf("comment %d", c.GetID()), answers))
	code := ""
	if answers == "" && offset == 0 {
		code = lastLine(c.GetDiffHunk())
	}
	return join("\n", head, code, excerpt(c.GetBody(), offset, limit, fmt.Sprintf("comment=%d", c.GetID())))
}

// lastLine of a hunk is the line of code a comment stands below.
func lastLine(hunk string) string {
	lines := strings.Split(strings.TrimRight(clean(hunk), "\n"), "\n")
	if line := lines[len(lines)-1]; line != "" {
		return "`" + strings.ReplaceAll(oneLine(line, 160), "`", "'") + "`"
	}
	return ""
}
