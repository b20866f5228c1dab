package github

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// threadsQuery asks for review threads, which the REST API doesn't have.
// https://docs.github.com/en/graphql/reference/objects#pullrequestreviewthread
const threadsQuery = `query($owner:String!,$name:String!,$number:Int!,$first:Int!,$after:String){
repository(owner:$owner,name:$name){pullRequest(number:$number){reviewThreads(first:$first,after:$after){
totalCount pageInfo{endCursor hasNextPage} nodes{
id isResolved isOutdated path line startLine originalLine originalStartLine diffSide subjectType resolvedBy{login}
comments(first:10){totalCount nodes{fullDatabaseId author{login} authorAssociation createdAt body diffHunk}}
}}}}}`

// skipQuery only counts threads off, to get to where a page begins.
const skipQuery = `query($owner:String!,$name:String!,$number:Int!,$first:Int!,$after:String){
repository(owner:$owner,name:$name){pullRequest(number:$number){reviewThreads(first:$first,after:$after){
totalCount pageInfo{endCursor hasNextPage}
}}}}`

const (
	threadsAtOnce  = 100 // the most one query may ask for
	threadsPerPage = 50  // the most that fit an answer
	commentsShown  = 10  // of a thread, at most
	threadOverhead = 150 // bytes around a comment's text
)

type reviewThreads struct {
	TotalCount int
	PageInfo   struct {
		EndCursor   string
		HasNextPage bool
	}
	Nodes []reviewThread
}

type reviewThread struct {
	ID                              string
	IsResolved, IsOutdated          bool
	Path                            string
	Line, StartLine                 int
	OriginalLine, OriginalStartLine int
	DiffSide, SubjectType           string
	ResolvedBy                      *github.User
	Comments                        struct {
		TotalCount int
		Nodes      []threadComment
	}
}

type threadComment struct {
	FullDatabaseID    string
	Author            *github.User
	AuthorAssociation string
	CreatedAt         github.Timestamp
	Body, DiffHunk    string
}

func (c threadComment) id() int64 {
	id, _ := strconv.ParseInt(c.FullDatabaseID, 10, 64)
	return id
}

// pullReviewThreads shows a page of the conversations about the code: the open
// ones in full, those that are resolved in a line.
func (a *api) pullReviewThreads(ctx context.Context, in pullRequestArguments) (string, error) {
	if in.Comment > 0 {
		return a.pullReviewComments(ctx, in)
	}
	page, err := a.threadsPage(ctx, in)
	if err != nil {
		return "", err
	}
	response := &github.Response{LastPage: (page.TotalCount + in.PerPage - 1) / in.PerPage, PrevPage: in.Page - 1}
	if page.PageInfo.HasNextPage {
		response.NextPage = in.Page + 1
	}
	open := 0
	var texts []string
	for _, thread := range page.Nodes {
		texts = append(texts, thread.text(a.room.each(len(page.Nodes))))
		if !thread.IsResolved {
			open++
		}
	}
	heading := fmt.Sprintf("%s: %s", in, here(len(page.Nodes), "review thread", position(in.Page, response)))
	if len(page.Nodes) > 0 {
		heading += fmt.Sprintf("; %d of these unresolved", open)
	}
	return strings.Join(append([]string{heading}, texts...), "\n\n"), nil
}

// threadsPage gets the page that was asked for. GraphQL has cursors instead of
// numbers, so the pages before it are counted off.
func (a *api) threadsPage(ctx context.Context, in pullRequestArguments) (*reviewThreads, error) {
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number, "after": nil}
	for before := (in.Page - 1) * in.PerPage; before > 0; before -= threadsAtOnce {
		variables["first"] = min(before, threadsAtOnce)
		data := threadsData{}
		if err := a.graph(ctx, skipQuery, variables, &data, in.part(in.Part)); err != nil {
			return nil, err
		}
		skipped := data.threads()
		if !skipped.PageInfo.HasNextPage {
			return skipped, nil
		}
		variables["after"] = skipped.PageInfo.EndCursor
	}
	variables["first"] = in.PerPage
	data := threadsData{}
	if err := a.graph(ctx, threadsQuery, variables, &data, in.part(in.Part)); err != nil {
		return nil, err
	}
	return data.threads(), nil
}

type threadsData struct {
	Repository struct {
		PullRequest struct{ ReviewThreads reviewThreads }
	}
}

func (d *threadsData) threads() *reviewThreads { return &d.Repository.PullRequest.ReviewThreads }

// text is at most about budget bytes, apart from what is around the texts.
func (t reviewThread) text(budget int) string {
	comments := t.Comments.Nodes
	head := "## " + join(", ", t.place(), t.resolved(), "thread "+oneLine(t.ID, 100))
	if len(comments) == 0 {
		return head
	}
	if t.IsResolved {
		return fmt.Sprintf("%s (%s; comment=%d reads the first): %s", head, count(t.Comments.TotalCount, "comment"),
			comments[0].id(), oneLine(comments[0].Body, min(80, budget)))
	}
	shown := comments[:min(len(comments), commentsShown, max(1, budget/(2*threadOverhead)))]
	limit := max(threadOverhead, budget/len(shown)-threadOverhead)
	texts := []string{head, lastLine(comments[0].DiffHunk)}
	for _, comment := range shown {
		texts = append(texts, comment.text(limit))
	}
	if more := t.Comments.TotalCount - len(shown); more > 0 {
		texts = append(texts, fmt.Sprintf("[%s: part=review_comments, or a smaller per_page]", count(more, "more comment")))
	}
	return join("\n", texts...)
}

func (c threadComment) text(limit int) string {
	id := c.id()
	return commentText(&github.IssueComment{
		ID: &id, User: c.Author, AuthorAssociation: &c.AuthorAssociation, CreatedAt: &c.CreatedAt, UpdatedAt: &c.CreatedAt, Body: &c.Body,
	}, 0, limit)
}

// place is path:line, or path:first–last, and says what is special about it.
func (t reviewThread) place() string {
	first, last := t.StartLine, t.Line
	if last == 0 {
		first, last = t.OriginalStartLine, t.OriginalLine
	}
	place := oneLine(t.Path, 300)
	switch {
	case t.SubjectType == "FILE":
		return place + " (the whole file)"
	case first > 0 && first != last:
		place += fmt.Sprintf(":%d–%d", first, last)
	case last > 0:
		place += fmt.Sprintf(":%d", last)
	}
	return join(" ", place, flag(t.DiffSide == "LEFT", "(old side)"), flag(t.IsOutdated, "(outdated)"))
}

func (t reviewThread) resolved() string {
	switch {
	case !t.IsResolved:
		return "unresolved"
	case t.ResolvedBy == nil:
		return "resolved"
	}
	return "resolved by " + login(t.ResolvedBy)
}
