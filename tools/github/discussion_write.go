package github

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type discussionWriteArguments struct {
	repository
	Action   string  `json:"action" enum:"create,update,comment,reply,update_comment,delete_comment,mark_answer,unmark_answer,close,reopen,lock,unlock"`
	Number   int     `json:"number,omitempty" minimum:"1" doc:"all but create"`
	Title    *string `json:"title,omitempty"`
	Body     *string `json:"body,omitempty" doc:"Markdown"`
	Category string  `json:"category,omitempty" doc:"name or slug; create, update"`
	Comment  string  `json:"comment,omitempty" doc:"id: the one to change, answer or mark"`
	Reason   string  `json:"reason,omitempty" doc:"close: resolved, outdated, duplicate; lock: off-topic, too heated, resolved, spam"`
}

func (a *api) discussionWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_discussion_write",
		Title:       "Write discussions",
		Description: "Create or change a discussion, comment on it or reply, change or delete comments, mark the answer, close, reopen or lock. Others see it at once.",
		Access:      tools.Destructive,
		Actions:     discussionAccess(),
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.discussionWrite)
}

// discussionAccess: what is edited keeps its history, and what is deleted is gone.
// https://docs.github.com/en/communities/moderating-comments-and-conversations/tracking-changes-in-a-comment
// https://docs.github.com/en/communities/moderating-comments-and-conversations/managing-disruptive-comments#deleting-a-comment
func discussionAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"create": tools.Write, "update": tools.Write, "comment": tools.Write, "reply": tools.Write, "update_comment": tools.Write,
		"delete_comment": tools.Destructive, "mark_answer": tools.Write, "unmark_answer": tools.Write,
		"close": tools.Write, "reopen": tools.Write, "lock": tools.Write, "unlock": tools.Write,
	}
}

// discussionAction is one thing the tool does: the arguments it takes, the
// reasons it knows, the mutation that does it, and what it says then.
type discussionAction struct {
	tools.Usage
	reasons  []string
	mutation string // name of the mutation; its input is called like it
	returns  string // what it gives back
	input    func(in discussionWriteArguments, at place) map[string]any
	done     string
}

// place is what the arguments lead to, by the ids of the GraphQL API.
type place struct {
	repo, category, discussion, comment, thread, url string
}

const aComment, aDiscussion = "comment{id url}", "discussion{number title url}"

func discussionActions() map[string]discussionAction {
	number, comment := []string{"number"}, []string{"number", "comment"}
	onDiscussion := func(key string) func(discussionWriteArguments, place) map[string]any {
		return func(_ discussionWriteArguments, at place) map[string]any { return map[string]any{key: at.discussion} }
	}
	onComment := func(_ discussionWriteArguments, at place) map[string]any { return map[string]any{"id": at.comment} }
	return map[string]discussionAction{
		"create": {tools.Usage{Needs: []string{"title", "body", "category"}}, nil, "createDiscussion", aDiscussion, func(in discussionWriteArguments, at place) map[string]any {
			return map[string]any{"repositoryId": at.repo, "categoryId": at.category, "title": in.Title, "body": in.Body}
		}, "created"},
		"update": {tools.Usage{Needs: number, OneOf: []string{"title", "body", "category"}}, nil, "updateDiscussion", aDiscussion, discussionWriteArguments.changes, "updated"},
		"comment": {tools.Usage{Needs: []string{"number", "body"}}, nil, "addDiscussionComment", aComment, func(in discussionWriteArguments, at place) map[string]any {
			return map[string]any{"discussionId": at.discussion, "body": in.Body}
		}, "commented on"},
		"reply": {tools.Usage{Needs: []string{"number", "comment", "body"}}, nil, "addDiscussionComment", aComment, func(in discussionWriteArguments, at place) map[string]any {
			return map[string]any{"discussionId": at.discussion, "replyToId": at.thread, "body": in.Body}
		}, "replied on"},
		"update_comment": {tools.Usage{Needs: []string{"number", "comment", "body"}}, nil, "updateDiscussionComment", aComment, func(in discussionWriteArguments, at place) map[string]any {
			return map[string]any{"commentId": at.comment, "body": in.Body}
		}, "updated a comment on"},
		"delete_comment": {tools.Usage{Needs: comment}, nil, "deleteDiscussionComment", "comment{id}", onComment, "deleted a comment on"},
		"mark_answer":    {tools.Usage{Needs: comment}, nil, "markDiscussionCommentAsAnswer", aDiscussion, onComment, "marked the answer of"},
		"unmark_answer":  {tools.Usage{Needs: comment}, nil, "unmarkDiscussionCommentAsAnswer", aDiscussion, onComment, "unmarked the answer of"},
		"close":          {tools.Usage{Needs: number, Also: []string{"reason"}}, []string{"resolved", "outdated", "duplicate"}, "closeDiscussion", aDiscussion, withReason("discussionId", "reason"), "closed"},
		"reopen":         {tools.Usage{Needs: number}, nil, "reopenDiscussion", aDiscussion, onDiscussion("discussionId"), "reopened"},
		"lock":           {tools.Usage{Needs: number, Also: []string{"reason"}}, []string{"off-topic", "too heated", "resolved", "spam"}, "lockLockable", "lockedRecord{locked}", withReason("lockableId", "lockReason"), "locked"},
		"unlock":         {tools.Usage{Needs: number}, nil, "unlockLockable", "unlockedRecord{locked}", onDiscussion("lockableId"), "unlocked"},
	}
}

// withReason is the input of mutations on a discussion that may have a reason.
func withReason(id, key string) func(discussionWriteArguments, place) map[string]any {
	return func(in discussionWriteArguments, at place) map[string]any {
		input := map[string]any{id: at.discussion}
		if in.Reason != "" {
			input[key] = graphEnum(in.Reason)
		}
		return input
	}
}

func (in discussionWriteArguments) changes(at place) map[string]any {
	input := map[string]any{"discussionId": at.discussion}
	if in.Title != nil {
		input["title"] = in.Title
	}
	if in.Body != nil {
		input["body"] = in.Body
	}
	if in.Category != "" {
		input["categoryId"] = at.category
	}
	return input
}

// Check compares what was sent with what the action needs and uses.
func (in discussionWriteArguments) Check() []string {
	do := discussionActions()[in.Action]
	given := names([]sent{
		{"number", in.Number > 0}, {"title", filled(in.Title)}, {"body", filled(in.Body)},
		{"category", in.Category != ""}, {"comment", in.Comment != ""}, {"reason", in.Reason != ""},
	})
	faults := append(in.repository.Check(), do.Faults("action "+in.Action, given)...)
	faults = append(faults, oneOf("reason", in.Reason, do.reasons)...)
	return faults
}

// String names the discussion that is written to.
func (in discussionWriteArguments) String() string {
	if in.Number == 0 {
		return in.Repo
	}
	return numbered{in.repository, in.Number}.String()
}

func (a *api) discussionWrite(ctx context.Context, in discussionWriteArguments) (string, error) {
	at, err := a.place(ctx, in)
	if err != nil {
		return "", err
	}
	do := discussionActions()[in.Action]
	kind := strings.ToUpper(do.mutation[:1]) + do.mutation[1:] + "Input"
	// All of it is from the table above.
	mutation := document(fmt.Sprintf("mutation($input:%s!){done:%s(input:$input){%s}}", kind, do.mutation, do.returns))
	var answer struct {
		Done struct {
			Comment    struct{ ID, URL string }
			Discussion struct {
				Number     int
				Title, URL string
			}
		}
	}
	if err := a.graph(ctx, mutation, map[string]any{"input": do.input(in, at)}, &answer, in.String()); err != nil {
		return "", err
	}
	page := cmp.Or(at.url, fmt.Sprintf("%s/%s/discussions", a.web, in.Repo))
	what, address := in.String(), page
	comment, created := answer.Done.Comment, answer.Done.Discussion
	said := in.Action != "create" || created.Number > 0 && created.URL != ""
	if do.returns == aComment {
		said = comment.ID != "" && comment.URL != ""
	}
	if err := unconfirmed(in.String(), "its number, id or address", page, said); err != nil {
		return "", err
	}
	switch {
	case in.Action == "create":
		what, address = fmt.Sprintf("%s#%d %s", in.Repo, created.Number, oneLine(created.Title, 120)), created.URL
	case comment.URL != "":
		what, address = fmt.Sprintf("%s (comment %s)", in, oneLine(comment.ID, 100)), comment.URL
	}
	if in.Reason != "" {
		what += " as " + in.Reason
	}
	return fmt.Sprintf("%s %s\n%s", do.done, what, address), nil
}

const (
	discussionIDQuery = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){discussion(number:$number){id url}}}`
	commentIDQuery    = `query($id:ID!){node(id:$id){...on DiscussionComment{id replyTo{id} discussion{number repository{nameWithOwner}}}}}`
)

// place finds what the arguments lead to.
func (a *api) place(ctx context.Context, in discussionWriteArguments) (at place, err error) {
	if in.Category != "" {
		repo, category, err := a.discussionCategory(ctx, in.repository, in.Category)
		if err != nil {
			return at, err
		}
		at.repo, at.category = repo, category.ID
	}
	if in.Number > 0 {
		var found struct {
			Repository struct{ Discussion struct{ ID, URL string } }
		}
		variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
		if err := a.graph(ctx, discussionIDQuery, variables, &found, in.String()); err != nil {
			return at, err
		}
		at.discussion, at.url = found.Repository.Discussion.ID, found.Repository.Discussion.URL
		if err := unreadable(in.String(), at.discussion != ""); err != nil {
			return at, err
		}
	}
	if in.Comment == "" {
		return at, nil
	}
	at.comment, at.thread, err = a.thread(ctx, in)
	return at, err
}

// thread answers the ids of a comment and of what replies to it are attached
// to, which is the comment at the top.
func (a *api) thread(ctx context.Context, in discussionWriteArguments) (comment, top string, err error) {
	what := fmt.Sprintf("comment %s on %s", oneLine(in.Comment, 100), in)
	var found struct {
		Node struct {
			discussionComment
			ReplyTo struct{ ID string }
		}
	}
	if err := a.graph(ctx, commentIDQuery, map[string]any{"id": in.Comment}, &found, what); err != nil {
		return "", "", err
	}
	if err := found.Node.belongs(in.Repo, in.Number, what); err != nil {
		return "", "", err
	}
	top = found.Node.ReplyTo.ID
	if top == "" {
		top = found.Node.ID
	}
	return found.Node.ID, top, nil
}
