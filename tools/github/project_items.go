package github

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// graphTime is a time of the GraphQL API as the library has it.
func graphTime(t time.Time) github.Timestamp { return github.Timestamp{Time: t} }

type (
	projectItemPage struct {
		connection
		Nodes []projectItem
	}
	projectItem struct {
		ID, Type    string
		IsArchived  bool
		Content     *projectContent // nil: the credential may not see it
		FieldValues struct{ Nodes []projectValue }
		Project     struct {
			Number int
			Title  string
			URL    string
		}
	}
	// projectContent is an issue, a pull request or a draft.
	projectContent struct {
		Number           int
		Title, URL, Body string
		State, PullState string // of an issue or a pull request, which are apart
		Repository       struct{ NameWithOwner string }
		Assignees        struct{ Nodes []projectActor }
	}
	// projectValue is what one field holds for an item; one of the values is
	// set, by the type of the field.
	projectValue struct {
		Field                   struct{ Name string }
		Text, Date, Name, Title *string
		Number                  *float64
	}
	projectField struct {
		ID, Name, DataType string
		Options            []struct{ ID, Name string }
		Configuration      struct{ Iterations, CompletedIterations []projectIteration }
	}
	projectIteration struct {
		ID, Title, StartDate string
		Duration             int
	}
)

const projectFieldSelection = `...on ProjectV2FieldCommon{id name dataType} ...on ProjectV2SingleSelectField{options{id name}}
...on ProjectV2IterationField{configuration{iterations{id title startDate duration} completedIterations{id title startDate duration}}}`

const projectItemSelection = `id type isArchived content{
...on Issue{number title state url repository{nameWithOwner} assignees(first:10){nodes{login}}}
...on PullRequest{number title pullState:state url repository{nameWithOwner} assignees(first:10){nodes{login}}}
...on DraftIssue{title body assignees(first:10){nodes{login}}}}
fieldValues(first:50){nodes{...on ProjectV2ItemFieldValueCommon{field{...on ProjectV2FieldCommon{name}}}
...on ProjectV2ItemFieldTextValue{text} ...on ProjectV2ItemFieldNumberValue{number} ...on ProjectV2ItemFieldDateValue{date}
...on ProjectV2ItemFieldSingleSelectValue{name} ...on ProjectV2ItemFieldIterationValue{title}}}`

const projectItemsQuery = `query($owner:String!,$number:Int!,$first:Int!,$after:String){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{projectV2(number:$number){
items(first:$first,after:$after){totalCount pageInfo{hasNextPage endCursor} nodes{` + projectItemSelection + `}}}}}}`

// projectFilterQuery is apart, since older servers know no filter.
const projectFilterQuery = `query($owner:String!,$number:Int!,$first:Int!,$after:String,$query:String){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{projectV2(number:$number){
items(first:$first,after:$after,query:$query){totalCount pageInfo{hasNextPage endCursor} nodes{` + projectItemSelection + `}}}}}}`

func (a *api) projectItems(ctx context.Context, in projectsArguments) (string, error) {
	variables := in.variables()
	var p *project
	var err error
	if in.Query == "" {
		p, err = a.projectOf(ctx, projectItemsQuery, variables, in.Owner, in.Project)
	} else {
		p, err = a.projectOf(ctx, projectFilterQuery, variables, in.Owner, in.Project)
	}
	if err != nil {
		return "", err
	}
	lines := make([]string, len(p.Items.Nodes))
	for i := range p.Items.Nodes {
		lines[i] = p.Items.Nodes[i].line()
	}
	return listing(fmt.Sprintf("%s: %s", in, p.Items.where(len(lines), "item")), lines), nil
}

// line says what matters about an item in less than 300 bytes.
func (i *projectItem) line() string {
	facts := join(", ", append(append([]string{i.state()}, i.assignees()...), i.values(40)...)...)
	return join(" — ", oneLine(i.ID, 60)+" "+i.name(80), oneLine(facts, 150))
}

// name is what an item is about.
func (i *projectItem) name(limit int) string {
	switch {
	case i.Content == nil:
		return "(not readable with this credential)"
	case i.Content.Number == 0:
		return "draft: " + oneLine(i.Content.Title, limit)
	}
	return fmt.Sprintf("%s#%d %s", oneLine(i.Content.Repository.NameWithOwner, 140), i.Content.Number, oneLine(i.Content.Title, limit))
}

func (i *projectItem) state() string {
	state := ""
	if i.Content != nil {
		state = strings.ToLower(i.Content.State + i.Content.PullState)
	}
	kind := map[string]string{"ISSUE": "issue", "PULL_REQUEST": "pull request"}[i.Type]
	return join(" ", flag(i.IsArchived, "archived"), state, kind)
}

func (i *projectItem) assignees() []string {
	if i.Content == nil {
		return nil
	}
	var names []string
	for _, who := range i.Content.Assignees.Nodes {
		names = append(names, who.String())
	}
	return names
}

// values writes "Status: Todo" and the like; the title stands elsewhere.
func (i *projectItem) values(limit int) []string {
	var values []string
	for _, value := range i.FieldValues.Nodes {
		if text := value.text(limit); text != "" && value.Field.Name != "Title" {
			values = append(values, oneLine(value.Field.Name, 60)+": "+text)
		}
	}
	return values
}

func (v projectValue) text(limit int) string {
	for _, text := range []*string{v.Text, v.Date, v.Name, v.Title} {
		if text != nil {
			return oneLine(*text, limit)
		}
	}
	if v.Number != nil {
		return strconv.FormatFloat(*v.Number, 'f', -1, 64)
	}
	return ""
}

const projectNodeQuery = `query($id:ID!){node(id:$id){__typename
...on ProjectV2StatusUpdate{` + projectStatusSelection + `}
...on ProjectV2Item{` + projectItemSelection + ` project{number title url}}}}`

// projectNode reads an item or a status update in full.
func (a *api) projectNode(ctx context.Context, in projectsArguments) (string, error) {
	var answer struct {
		Node *struct {
			Typename string `json:"__typename"`
			projectStatus
			projectItem
			ID string
		}
	}
	what := "id " + oneLine(in.ID, 100)
	if err := a.graph(ctx, projectNodeQuery, map[string]any{"id": in.ID}, &answer, what); err != nil {
		return "", err
	}
	switch {
	case answer.Node == nil:
		return "", tools.UserError("github: %s: not found; ids stand in the answers of github_projects", what)
	case answer.Node.Typename == "ProjectV2StatusUpdate":
		status := answer.Node.projectStatus
		status.ID = answer.Node.ID
		return status.text(in.Offset, a.room.texts()), nil
	case answer.Node.Typename == "ProjectV2Item":
		item := answer.Node.projectItem
		item.ID = answer.Node.ID
		return item.text(in.Offset, a.room.texts()), nil
	}
	return "", tools.UserError("github: %s is a %s, no item or status update of a project", what, oneLine(answer.Node.Typename, 60))
}

func (i *projectItem) text(offset, limit int) string {
	address, body := "", ""
	if i.Content != nil {
		address, body = i.Content.URL, excerpt(i.Content.Body, offset, limit, "")
	}
	if offset > 0 {
		return body
	}
	return join("\n\n", join("\n",
		"# "+i.name(300),
		join(", ", append([]string{i.state()}, i.assignees()...)...), address,
		fmt.Sprintf("item %s of project %d %s, %s", oneLine(i.ID, 100), i.Project.Number, oneLine(i.Project.Title, 200), i.Project.URL),
		strings.Join(i.values(2000), "\n")), body)
}

// String says what a field may hold.
func (f projectField) String() string {
	var choices []string
	for _, option := range f.Options {
		choices = append(choices, oneLine(option.Name, 60))
	}
	for _, iteration := range f.Configuration.Iterations {
		choices = append(choices, fmt.Sprintf("%s (%d days from %s)", oneLine(iteration.Title, 60), iteration.Duration, oneLine(iteration.StartDate, 20)))
	}
	if past := len(f.Configuration.CompletedIterations); past > 0 {
		choices = append(choices, count(past, "past iteration"))
	}
	kind := strings.ToLower(strings.ReplaceAll(f.DataType, "_", " "))
	return join(": ", fmt.Sprintf("%s (%s)", oneLine(f.Name, 60), kind), oneLine(strings.Join(choices, ", "), 1000))
}
