package github

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type discussionsArguments struct {
	repository
	Number   int    `json:"number,omitempty" minimum:"1" doc:"read this one"`
	Category string `json:"category,omitempty" doc:"of a list: name or slug"`
	State    string `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Answered *bool  `json:"answered,omitempty"`
	Sort     string `json:"sort,omitempty" enum:"updated,created" default:"updated"`
	Comment  string `json:"comment,omitempty" doc:"id from an answer: this one in full, with its replies"`
	Offset   int    `json:"offset,omitempty" minimum:"0" doc:"characters to skip"`
	After    string `json:"after,omitempty" doc:"cursor from an answer"`
}

// Check keeps apart what is for lists and what is for one discussion.
func (in discussionsArguments) Check() []string {
	given := names([]sent{
		{"number", in.Number > 0}, {"category", in.Category != ""}, {"answered", in.Answered != nil},
		{"comment", in.Comment != ""}, {"offset", in.Offset > 0}, {"after", in.After != ""},
	})
	what, takes := "a list (no 'number')", tools.Usage{Also: []string{"category", "answered", "after"}}
	if in.Number > 0 {
		what, takes = "one discussion", tools.Usage{Also: []string{"number", "comment", "offset", "after"}}
	}
	return append(in.repository.Check(), takes.Faults(what, given)...)
}

// String names what is asked for.
func (in discussionsArguments) String() string {
	if in.Number == 0 {
		return in.Repo
	}
	return numbered{in.repository, in.Number}.String()
}

func (a *api) discussionsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_discussions",
		Title:       "Discussions",
		Description: "List a repository's discussions and their categories, or read one (number) with its comments and replies.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.discussions)
}

func (a *api) discussions(ctx context.Context, in discussionsArguments) (string, error) {
	switch {
	case in.Number == 0:
		return a.discussionList(ctx, in)
	case in.Comment != "":
		return a.discussionComment(ctx, in)
	}
	return a.discussion(ctx, in)
}

type (
	discussionCategory struct {
		ID, Name, Slug string
		IsAnswerable   bool
	}
	pageInfo struct {
		HasNextPage bool
		EndCursor   string
	}
	// discussion is one as the GraphQL API gives it.
	// https://docs.github.com/en/graphql/guides/using-the-graphql-api-for-discussions
	discussion struct {
		Number               int
		Title, Body, URL     string
		Author               *actor
		Category             discussionCategory
		CreatedAt, UpdatedAt time.Time
		Closed, Locked       bool
		StateReason          string
		IsAnswered           *bool // nil where answers don't exist
		UpvoteCount          int
		Comments             discussionComments
	}
	discussionComments struct {
		TotalCount int
		PageInfo   pageInfo
		Nodes      []discussionComment
	}
	discussionComment struct {
		ID, Body, MinimizedReason string
		Author                    *actor
		CreatedAt                 time.Time
		IsAnswer, IsMinimized     bool
		UpvoteCount               int
		Replies                   discussionComments
		Discussion                struct {
			Number     int
			Repository struct{ NameWithOwner string }
		}
	}
)

const discussionListQuery = `query($owner:String!,$name:String!,$category:ID,$answered:Boolean,$states:[DiscussionState!],$order:DiscussionOrder!,$after:String){
repository(owner:$owner,name:$name){hasDiscussionsEnabled discussionCategories(first:50){nodes{name slug isAnswerable}}
discussions(first:30,after:$after,categoryId:$category,answered:$answered,states:$states,orderBy:$order){totalCount pageInfo{hasNextPage endCursor}
nodes{number title author{login} category{name} createdAt updatedAt closed locked stateReason isAnswered upvoteCount comments{totalCount}}}}}`

func (a *api) discussionList(ctx context.Context, in discussionsArguments) (string, error) {
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "answered": in.Answered, "states": []string{},
		"order": map[string]string{"field": graphEnum(in.Sort + "_at"), "direction": "DESC"}}
	if in.State != "all" {
		variables["states"] = []string{graphEnum(in.State)}
	}
	if in.After != "" {
		variables["after"] = in.After
	}
	if in.Category != "" {
		_, category, err := a.discussionCategory(ctx, in.repository, in.Category)
		if err != nil {
			return "", err
		}
		variables["category"] = category.ID
	}
	var found struct {
		Repository struct {
			HasDiscussionsEnabled bool
			DiscussionCategories  struct{ Nodes []discussionCategory }
			Discussions           struct {
				TotalCount int
				PageInfo   pageInfo
				Nodes      []discussion
			}
		}
	}
	if err := a.graph(ctx, discussionListQuery, variables, &found, "discussions of "+in.Repo); err != nil {
		return "", err
	}
	if !found.Repository.HasDiscussionsEnabled {
		return fmt.Sprintf("%s: discussions are not enabled", in.Repo), nil
	}
	list := found.Repository.Discussions
	lines := make([]string, len(list.Nodes))
	for i := range list.Nodes {
		lines[i] = list.Nodes[i].line()
	}
	heading := fmt.Sprintf("%s: %s", in.Repo, of(len(lines), list.TotalCount, ofState(in.State, "discussion"), list.PageInfo))
	if in.After == "" {
		heading += "\ncategories: " + orNone(categoryNames(found.Repository.DiscussionCategories.Nodes))
	}
	return listing(heading, lines), nil
}

// of says how many of a list that goes by cursor are here, and how to go on.
func of(here, total int, noun string, page pageInfo) string {
	where := some(total, noun)
	if here < total {
		where = fmt.Sprintf("%d of %s", here, count(total, noun))
	}
	if page.HasNextPage {
		where += "; next: after=" + oneLine(page.EndCursor, 200)
	}
	return where
}

func categoryNames(categories []discussionCategory) []string {
	names := make([]string, len(categories))
	for i, category := range categories {
		names[i] = join(" ", oneLine(category.Name, 60), flag(category.IsAnswerable, "(with answers)"))
	}
	return names
}

// discussionCategory finds a category by name or slug, and the repository's id.
func (a *api) discussionCategory(ctx context.Context, in repository, wanted string) (repoID string, found discussionCategory, err error) {
	var answer struct {
		Repository struct {
			ID                   string
			DiscussionCategories struct{ Nodes []discussionCategory }
		}
	}
	const query = `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){id discussionCategories(first:50){nodes{id name slug isAnswerable}}}}`
	variables := map[string]any{"owner": in.owner(), "name": in.name()}
	if err := a.graph(ctx, query, variables, &answer, "discussion categories of "+in.Repo); err != nil {
		return "", found, err
	}
	known := answer.Repository.DiscussionCategories.Nodes
	for _, category := range known {
		if strings.EqualFold(category.Name, strings.TrimSpace(wanted)) || category.Slug == wanted {
			return answer.Repository.ID, category, nil
		}
	}
	return "", found, tools.UserError("github: %s has no discussion category %q; known: %s", in.Repo, oneLine(wanted, 60), orNone(categoryNames(known)))
}

// state is open or closed, and how, and whether there is an answer.
func (d *discussion) state() string {
	state := "open"
	if d.Closed {
		state = join(" as ", "closed", strings.ToLower(oneLine(d.StateReason, 40)))
	}
	answered := ""
	if d.IsAnswered != nil {
		answered = "unanswered"
		if *d.IsAnswered {
			answered = "answered"
		}
	}
	return join(", ", state, answered, flag(d.Locked, "locked"))
}

func (d *discussion) line() string {
	return fmt.Sprintf("#%d %s — %s", d.Number, oneLine(d.Title, 120), oneLine(join(", ", oneLine(d.Category.Name, 60), d.state(), d.Author.String(),
		count(d.Comments.TotalCount, "comment"), count(d.UpvoteCount, "upvote"), dated("updated", github.Timestamp{Time: d.UpdatedAt})), 200))
}
