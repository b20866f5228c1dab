package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// replyInReview doesn't use the library's method, which sends the reply as a new
// comment without the fields that GitHub wants of one.
// https://docs.github.com/en/rest/pulls/comments#create-a-reply-for-a-review-comment
func (a *api) replyInReview(ctx context.Context, in pullWriteArguments) (string, error) {
	var comment github.PullRequestComment
	address := fmt.Sprintf("repos/%s/pulls/%d/comments/%d/replies", in.Repo, in.Number, in.ID)
	body := map[string]string{"body": *in.Body}
	if _, err := a.send(ctx, http.MethodPost, address, body, &comment, fmt.Sprintf("review comment %d of %s", in.ID, in)); err != nil {
		return "", err
	}
	if err := unconfirmed(in.String(), "the comment's id and address", a.pullPage(in.pull()), comment.GetID() > 0, comment.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	return fmt.Sprintf("replied to comment %d of %s (comment %d)\n%s", in.ID, in, comment.GetID(), comment.GetHTMLURL()), nil
}

// reviewEvent is the API's word for how a review ends; nil leaves it pending.
func (in pullWriteArguments) reviewEvent() *string {
	if in.Event == "" {
		return nil
	}
	return github.String(strings.ToUpper(in.Event))
}

// review creates a review, at once or pending. The REST API takes comments on
// lines with it; those on whole files are added by GraphQL.
func (a *api) review(ctx context.Context, in pullWriteArguments) (string, error) {
	request := &github.PullRequestReviewRequest{Body: in.Body, Event: in.reviewEvent()}
	var later []reviewComment
	for _, comment := range in.Comments {
		if comment.Line == 0 {
			later = append(later, comment)
			continue
		}
		request.Comments = append(request.Comments, comment.draft())
	}
	review, _, err := a.client.PullRequests.CreateReview(ctx, in.owner(), in.name(), in.Number, request)
	if err != nil {
		return "", pendingFault(err, in)
	}
	if err := a.confirmReview(in, review); err != nil {
		return "", err
	}
	if err := a.addThreads(ctx, in, review.GetNodeID(), later); err != nil {
		return "", tools.UserError("%w (review %d is pending; go on with add_comments)", err, review.GetID())
	}
	comments := flag(len(in.Comments) > 0, " with "+count(len(in.Comments), "comment"))
	if in.Event == "" {
		return fmt.Sprintf("started pending review %d of %s%s; others see it after action submit\n%s", review.GetID(), in, comments, review.GetHTMLURL()), nil
	}
	return fmt.Sprintf("reviewed %s: %s%s (review %d)\n%s", in, verdict(review), comments, review.GetID(), review.GetHTMLURL()), nil
}

func (a *api) confirmReview(in pullWriteArguments, review *github.PullRequestReview) error {
	return unconfirmed(in.String(), "the review's id, state and address", a.pullPage(in.pull()),
		review.GetID() > 0, review.GetNodeID() != "", review.GetState() != "", review.GetHTMLURL() != "")
}

func verdict(review *github.PullRequestReview) string {
	return strings.ToLower(strings.ReplaceAll(oneLine(review.GetState(), 40), "_", " "))
}

// pendingFault says what to do about a pending review that is in the way.
func pendingFault(err error, in pullWriteArguments) error {
	explained := explain(err, in.String())
	if isStatus(err, http.StatusUnprocessableEntity) && strings.Contains(explained.Error(), "pending review") {
		return tools.Explain(err, explained.Error()+"; you have one: add_comments, submit or delete_pending")
	}
	return explained
}

func (c reviewComment) side() string { return cmp.Or(c.Side, "RIGHT") }

func (c reviewComment) draft() *github.DraftReviewComment {
	side := c.side()
	draft := &github.DraftReviewComment{Path: &c.Path, Body: &c.Body, Line: &c.Line, Side: &side}
	if c.StartLine > 0 {
		draft.StartLine, draft.StartSide = &c.StartLine, &side
	}
	return draft
}

// threadMutation adds to a pending review.
// https://docs.github.com/en/graphql/reference/mutations#addpullrequestreviewthread
const threadMutation = `mutation($review:ID!,$path:String!,$body:String!,$kind:PullRequestReviewThreadSubjectType,$line:Int,$side:DiffSide,$startLine:Int,$startSide:DiffSide){
addPullRequestReviewThread(input:{pullRequestReviewId:$review,path:$path,body:$body,subjectType:$kind,line:$line,side:$side,startLine:$startLine,startSide:$startSide}){thread{id}}}`

// addThreads adds comments one by one. When it has to stop, it says how many
// are there already.
func (a *api) addThreads(ctx context.Context, in pullWriteArguments, review string, comments []reviewComment) error {
	for i, comment := range comments {
		var data struct {
			AddPullRequestReviewThread struct{ Thread *struct{ ID string } }
		}
		err := a.graph(ctx, threadMutation, comment.variables(review), &data, fmt.Sprintf("the comment on %s in %s", comment.place(), in))
		if err == nil && data.AddPullRequestReviewThread.Thread == nil {
			err = tools.UserError("github: %s: GitHub takes no comment on %s; the line must be in the diff (part=diff)", in, comment.place())
		}
		if err != nil && i > 0 {
			return tools.UserError("%w (%s added before that)", err, count(i, "comment"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c reviewComment) variables(review string) map[string]any {
	variables := map[string]any{"review": review, "path": c.Path, "body": c.Body, "kind": "FILE"}
	if c.Line > 0 {
		variables["kind"], variables["line"], variables["side"] = "LINE", c.Line, c.side()
	}
	if c.StartLine > 0 {
		variables["startLine"], variables["startSide"] = c.StartLine, c.side()
	}
	return variables
}

func (c reviewComment) place() string {
	place := oneLine(c.Path, 200)
	if c.Line > 0 {
		place += fmt.Sprintf(":%d", c.Line)
	}
	return place
}

// pendingQuery finds the account's own pending review: nobody sees others'.
const pendingQuery = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){pullRequest(number:$number){
reviews(states:PENDING,first:1){nodes{id fullDatabaseId url body comments(first:100){totalCount nodes{path line body}}}}}}}`

type pendingReview struct {
	ID             string
	FullDatabaseID string
	URL, Body      string
	Comments       struct {
		TotalCount int
		Nodes      []reviewComment
	}
}

func (a *api) pendingReview(ctx context.Context, in pullWriteArguments) (review *pendingReview, id int64, err error) {
	var data struct {
		Repository struct {
			PullRequest struct {
				Reviews struct{ Nodes []*pendingReview }
			}
		}
	}
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	if err := a.graph(ctx, pendingQuery, variables, &data, in.String()); err != nil {
		return nil, 0, err
	}
	found := data.Repository.PullRequest.Reviews.Nodes
	if len(found) == 0 || found[0] == nil {
		return nil, 0, tools.UserError("github: %s: you have no pending review there; action review without 'event' starts one", in)
	}
	id, err = strconv.ParseInt(found[0].FullDatabaseID, 10, 64)
	return found[0], id, unreadable(in.String(), err == nil, found[0].ID != "", found[0].URL != "")
}

func (a *api) addReviewComments(ctx context.Context, in pullWriteArguments) (string, error) {
	review, id, err := a.pendingReview(ctx, in)
	if err != nil {
		return "", err
	}
	if err := a.addThreads(ctx, in, review.ID, in.Comments); err != nil {
		return "", err
	}
	return fmt.Sprintf("added %s to pending review %d of %s, which has %d now; others see them after action submit\n%s",
		count(len(in.Comments), "comment"), id, in, review.Comments.TotalCount+len(in.Comments), review.URL), nil
}

func (a *api) submitReview(ctx context.Context, in pullWriteArguments) (string, error) {
	pending, id, err := a.pendingReview(ctx, in)
	if err != nil {
		return "", err
	}
	review, _, err := a.client.PullRequests.SubmitReview(ctx, in.owner(), in.name(), in.Number, id,
		&github.PullRequestReviewRequest{Body: in.Body, Event: in.reviewEvent()})
	if err != nil {
		return "", explain(err, fmt.Sprintf("review %d of %s", id, in))
	}
	comments := flag(pending.Comments.TotalCount > 0, " with "+count(pending.Comments.TotalCount, "comment"))
	return fmt.Sprintf("submitted review %d of %s: %s%s\n%s", id, in, verdict(review), comments, review.GetHTMLURL()), a.confirmReview(in, review)
}

// deletePendingReview answers what was deleted, since nobody else has it.
func (a *api) deletePendingReview(ctx context.Context, in pullWriteArguments) (string, error) {
	pending, id, err := a.pendingReview(ctx, in)
	if err != nil {
		return "", err
	}
	if _, _, err := a.client.PullRequests.DeletePendingReview(ctx, in.owner(), in.name(), in.Number, id); err != nil {
		return "", explain(err, fmt.Sprintf("review %d of %s", id, in))
	}
	comments := pending.Comments.Nodes
	texts := []string{fmt.Sprintf("deleted pending review %d of %s with %s\n%s", id, in, some(pending.Comments.TotalCount, "comment"), a.pullPage(in.pull()))}
	limit := a.room.each(len(comments) + 1)
	texts = append(texts, excerpt(pending.Body, 0, limit, ""))
	for _, comment := range comments {
		texts = append(texts, join("\n", "### "+comment.place(), excerpt(comment.Body, 0, limit, "")))
	}
	return join("\n\n", texts...), nil
}

func (a *api) dismissReview(ctx context.Context, in pullWriteArguments) (string, error) {
	review, _, err := a.client.PullRequests.DismissReview(ctx, in.owner(), in.name(), in.Number, in.ID,
		&github.PullRequestReviewDismissalRequest{Message: in.Body})
	if err != nil {
		return "", explain(err, fmt.Sprintf("review %d of %s", in.ID, in))
	}
	return fmt.Sprintf("dismissed review %d of %s, by %s\n%s", in.ID, in, login(review.User), review.GetHTMLURL()), a.confirmReview(in, review)
}
