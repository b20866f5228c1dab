package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

const (
	// commentFields are what is shown of a comment or reply.
	commentFields = `id body author{login} createdAt isAnswer isMinimized minimizedReason upvoteCount`

	discussionQuery = `query($owner:String!,$name:String!,$number:Int!,$after:String){repository(owner:$owner,name:$name){discussion(number:$number){
number title body url author{login} category{name} createdAt updatedAt closed locked stateReason isAnswered upvoteCount
comments(first:10,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes{` + commentFields + ` replies(first:3){totalCount pageInfo{hasNextPage endCursor} nodes{` + commentFields + `}}}}}}}`

	discussionCommentQuery = `query($id:ID!,$after:String){node(id:$id){...on DiscussionComment{` + commentFields + ` discussion{number repository{nameWithOwner}}
replies(first:20,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes{` + commentFields + `}}}}}`
)

// discussion shows the text and a page of comments, each with its first
// replies.
func (a *api) discussion(ctx context.Context, in discussionsArguments) (string, error) {
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	if in.After != "" {
		variables["after"] = in.After
	}
	var found struct {
		Repository struct{ Discussion discussion }
	}
	if err := a.graph(ctx, discussionQuery, variables, &found, in.String()); err != nil {
		return "", err
	}
	d := found.Repository.Discussion
	var texts []string
	if in.After == "" {
		texts = append(texts, d.head())
		body := "(no description)"
		if strings.TrimSpace(d.Body) != "" {
			body = excerpt(d.Body, in.Offset, a.room.body(), "")
		}
		texts = append(texts, body)
	}
	if in.Offset > 0 || d.Comments.TotalCount == 0 {
		return strings.Join(texts, "\n\n"), nil
	}
	texts = append(texts, fmt.Sprintf("## comments on %s: %s", in, of(len(d.Comments.Nodes), d.Comments.TotalCount, "comment", d.Comments.PageInfo)))
	return strings.Join(append(texts, commentTexts(a.room, d.Comments.Nodes)...), "\n\n"), nil
}

// head is the title and the facts of a discussion.
func (d *discussion) head() string {
	return join("\n",
		fmt.Sprintf("# #%d %s", d.Number, oneLine(d.Title, 300)),
		join(", ", d.state(), "in "+oneLine(d.Category.Name, 60), "by "+d.Author.String(), dated("created", github.Timestamp{Time: d.CreatedAt}),
			dated("updated", github.Timestamp{Time: d.UpdatedAt}), count(d.UpvoteCount, "upvote")),
		d.URL)
}

// commentTexts are comments with their replies below them. They share the
// budget with the lines around them, so that they fit one answer.
func commentTexts(room room, comments []discussionComment) []string {
	n := len(comments)
	for _, c := range comments {
		n += len(c.Replies.Nodes)
	}
	const around = 150
	limit := room.each(n) - around
	var texts []string
	for _, c := range comments {
		texts = append(texts, c.text("###", 0, limit))
		for _, reply := range c.Replies.Nodes {
			texts = append(texts, reply.text("#### reply by", 0, limit))
		}
		if left := c.Replies.TotalCount - len(c.Replies.Nodes); left > 0 {
			more := "1 more reply"
			if left > 1 {
				more = thousands(left) + " more replies"
			}
			texts = append(texts, fmt.Sprintf("[%s; next: comment=%s]", more, oneLine(c.ID, 100)))
		}
	}
	return texts
}

func (c *discussionComment) text(mark string, offset, limit int) string {
	hidden := ""
	if c.IsMinimized {
		hidden = join(" as ", "hidden", strings.ToLower(oneLine(c.MinimizedReason, 40)))
	}
	id := oneLine(c.ID, 100)
	head := mark + " " + join(", ", c.Author.String(), day(github.Timestamp{Time: c.CreatedAt}), "comment "+id, flag(c.IsAnswer, "the answer"), count(c.UpvoteCount, "upvote"), hidden)
	return join("\n", head, excerpt(c.Body, offset, limit, "comment="+id))
}

// discussionComment shows one comment in full, or on from an offset, and a page
// of its replies.
func (a *api) discussionComment(ctx context.Context, in discussionsArguments) (string, error) {
	variables := map[string]any{"id": in.Comment}
	if in.After != "" {
		variables["after"] = in.After
	}
	what := fmt.Sprintf("comment %s on %s", oneLine(in.Comment, 100), in)
	var found struct{ Node discussionComment }
	if err := a.graph(ctx, discussionCommentQuery, variables, &found, what); err != nil {
		return "", err
	}
	c := found.Node
	if err := c.belongs(in.Repo, in.Number, what); err != nil {
		return "", err
	}
	var texts []string
	if in.After == "" {
		texts = append(texts, c.text("###", in.Offset, a.room.texts()/2))
	}
	if in.Offset > 0 || c.Replies.TotalCount == 0 {
		return strings.Join(texts, "\n\n"), nil
	}
	texts = append(texts, "## replies: "+of(len(c.Replies.Nodes), c.Replies.TotalCount, "comment", c.Replies.PageInfo))
	for _, reply := range c.Replies.Nodes {
		texts = append(texts, reply.text("#### reply by", 0, a.room.each(2*len(c.Replies.Nodes))))
	}
	return strings.Join(texts, "\n\n"), nil
}

// belongs refuses a comment of another discussion: ids reach everywhere.
func (c *discussionComment) belongs(repo string, number int, what string) error {
	if strings.EqualFold(c.Discussion.Repository.NameWithOwner, repo) && c.Discussion.Number == number {
		return nil
	}
	return tools.UserError("github: %s: there is no such comment on this discussion; github_discussions with its number shows the ids", what)
}
