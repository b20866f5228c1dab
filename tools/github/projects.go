package github

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools"
)

type projectsArguments struct {
	Owner   string `json:"owner,omitempty" doc:"user or organisation"`
	Project int    `json:"project,omitempty" minimum:"1" doc:"number; without it, list"`
	Part    string `json:"part,omitempty" enum:"summary,items,status_updates" default:"summary"`
	Query   string `json:"query,omitempty" doc:"words in titles of the list, or a filter on items like status:Todo assignee:octocat"`
	ID      string `json:"id,omitempty" doc:"item or status update to read in full"`
	Offset  int    `json:"offset,omitempty" minimum:"0" doc:"characters to skip"`
	After   string `json:"after,omitempty" doc:"from an answer's next"`
	PerPage int    `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
}

func (a *api) projectsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_projects",
		Title:       "Projects",
		Description: "List the projects (boards) of a user or organisation, or read one: its summary with the fields and their options, its items with the values of their fields, or its status updates.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      []string{"read:project"},
	}, a.projects)
}

// kind is what is asked for, and what that takes.
func (in projectsArguments) kind() (string, tools.Usage) {
	switch {
	case in.ID != "":
		return "id", tools.Usage{Also: []string{"id", "offset"}}
	case in.Project == 0:
		return "a list", tools.Usage{Needs: []string{"owner"}, Also: []string{"query", "after"}}
	case in.Part == "items":
		return "items", tools.Usage{Needs: []string{"owner", "project"}, Also: []string{"query", "after"}}
	case in.Part == "status_updates":
		return "status_updates", tools.Usage{Needs: []string{"owner", "project"}, Also: []string{"after"}}
	}
	return "summary", tools.Usage{Needs: []string{"owner", "project"}, Also: []string{"offset"}}
}

// Check ties the arguments to what is asked for.
func (in projectsArguments) Check() []string {
	kind, use := in.kind()
	faults := use.Faults(kind, tools.Given(in, "part", "per_page"))
	if in.Owner != "" && !isName(in.Owner, "") {
		faults = append(faults, "'owner' must be a login, like octocat")
	}
	if in.Part != "summary" && in.Project == 0 && in.ID == "" {
		faults = append(faults, fmt.Sprintf("part %s needs 'project'", in.Part))
	}
	return faults
}

// variables are those of all queries; the ones with nothing to say are left
// out.
func (in projectsArguments) variables() map[string]any {
	variables := map[string]any{"owner": in.Owner, "first": in.PerPage}
	if in.Project > 0 {
		variables["number"] = in.Project
	}
	if in.After != "" {
		variables["after"] = in.After
	}
	if in.Query != "" {
		variables["query"] = in.Query
	}
	return variables
}

func (in projectsArguments) String() string { return projectName(in.Owner, in.Project) }

func projectName(owner string, number int) string {
	if number == 0 {
		return "projects of " + owner
	}
	return fmt.Sprintf("%s's project %d", owner, number)
}

func (a *api) projects(ctx context.Context, in projectsArguments) (string, error) {
	kind, _ := in.kind()
	return map[string]func(context.Context, projectsArguments) (string, error){
		"id":             a.projectNode,
		"a list":         a.projectList,
		"items":          a.projectItems,
		"status_updates": a.projectStatusUpdates,
		"summary":        a.projectSummary,
	}[kind](ctx, in)
}

// What the GraphQL API gives of projects.
// https://docs.github.com/en/issues/planning-and-tracking-with-projects/automating-your-project/using-the-api-to-manage-projects
type (
	project struct {
		ID, Title, ShortDescription, Readme, URL string
		Number                                   int
		Closed, Public                           bool
		UpdatedAt                                time.Time
		Items                                    projectItemPage
		Fields                                   struct{ Nodes []projectField }
		StatusUpdates                            struct {
			connection
			Nodes []projectStatus
		}
	}
	connection struct {
		TotalCount int
		PageInfo   struct {
			HasNextPage bool
			EndCursor   string
		}
	}
	projectStatus struct {
		ID, Status, Body, StartDate, TargetDate string
		CreatedAt                               time.Time
		Creator                                 *projectActor
	}
	projectActor struct{ Login string }
)

// String names an account. GitHub shows deleted ones as ghost.
func (p *projectActor) String() string {
	if p == nil || p.Login == "" {
		return "@ghost"
	}
	return "@" + oneLine(p.Login, 60)
}

// where says how many of all are here, and how to get the next.
func (c connection) where(here int, noun string) string {
	text := some(here, noun)
	if c.TotalCount > here {
		text = fmt.Sprintf("%d of %s", here, count(c.TotalCount, noun))
	}
	if c.PageInfo.HasNextPage {
		text += "; next: after=" + oneLine(c.PageInfo.EndCursor, 200)
	}
	return text
}

const projectListQuery = `query($owner:String!,$first:Int!,$after:String,$query:String){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{
projectsV2(first:$first,after:$after,query:$query,orderBy:{field:UPDATED_AT,direction:DESC}){totalCount pageInfo{hasNextPage endCursor}
nodes{number title shortDescription closed public updatedAt items{totalCount}}}}}}`

func (a *api) projectList(ctx context.Context, in projectsArguments) (string, error) {
	var answer struct {
		Owner *struct {
			ProjectsV2 struct {
				connection
				Nodes []project
			}
		}
	}
	if err := a.graph(ctx, projectListQuery, in.variables(), &answer, in.String()); err != nil {
		return "", err
	}
	if answer.Owner == nil {
		return "", noOwner(in.Owner)
	}
	projects := answer.Owner.ProjectsV2
	lines := make([]string, len(projects.Nodes))
	for i, p := range projects.Nodes {
		lines[i] = fmt.Sprintf("%d %s — %s", p.Number, oneLine(p.Title, 80),
			join(": ", join(", ", p.facts(), dated("updated", graphTime(p.UpdatedAt))), oneLine(p.ShortDescription, 120)))
	}
	return listing(fmt.Sprintf("projects of %s: %s", in.Owner, projects.where(len(lines), "project")), lines), nil
}

func noOwner(login string) error {
	return tools.UserError("github: there is no user or organisation %s, or this credential may not see it; check the spelling with github_search, kind users", login)
}

func (p *project) facts() string {
	access := "private"
	if p.Public {
		access = "public"
	}
	return join(", ", flag(p.Closed, "closed"), access, count(p.Items.TotalCount, "item"))
}

// projectOf asks for one project by a query that calls it projectV2.
func (a *api) projectOf(ctx context.Context, query document, variables map[string]any, owner string, number int) (*project, error) {
	var answer struct{ Owner *struct{ ProjectV2 *project } }
	if err := a.graph(ctx, query, variables, &answer, projectName(owner, number)); err != nil {
		return nil, err
	}
	switch {
	case answer.Owner == nil:
		return nil, noOwner(owner)
	case answer.Owner.ProjectV2 == nil:
		return nil, tools.UserError("github: %s: not found; github_projects without project lists what there is", projectName(owner, number))
	}
	return answer.Owner.ProjectV2, nil
}

const projectSummaryQuery = `query($owner:String!,$number:Int!){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{projectV2(number:$number){
number title shortDescription readme url closed public updatedAt items{totalCount} fields(first:100){nodes{` + projectFieldSelection + `}}
statusUpdates(first:1,orderBy:{field:CREATED_AT,direction:DESC}){totalCount nodes{` + projectStatusSelection + `}}}}}}`

func (a *api) projectSummary(ctx context.Context, in projectsArguments) (string, error) {
	p, err := a.projectOf(ctx, projectSummaryQuery, map[string]any{"owner": in.Owner, "number": in.Project}, in.Owner, in.Project)
	if err != nil {
		return "", err
	}
	readme := excerpt(p.Readme, in.Offset, a.room.texts()/2, "")
	if in.Offset > 0 {
		return readme, nil
	}
	fields := make([]string, len(p.Fields.Nodes))
	for i, field := range p.Fields.Nodes {
		fields[i] = field.String()
	}
	status := ""
	if updates := p.StatusUpdates; len(updates.Nodes) > 0 {
		status = fmt.Sprintf("latest of %s:\n%s", count(updates.TotalCount, "status update"), updates.Nodes[0].text(0, 2000))
	}
	return join("\n\n",
		join("\n", fmt.Sprintf("# %s's project %d: %s", in.Owner, p.Number, oneLine(p.Title, 200)),
			join(", ", p.facts(), dated("updated", graphTime(p.UpdatedAt))), p.URL, oneLine(p.ShortDescription, 300)),
		listing("## fields", fields), status, readme), nil
}

const projectStatusSelection = `id status body startDate targetDate createdAt creator{login}`

const projectStatusQuery = `query($owner:String!,$number:Int!,$first:Int!,$after:String){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{projectV2(number:$number){
statusUpdates(first:$first,after:$after,orderBy:{field:CREATED_AT,direction:DESC}){totalCount pageInfo{hasNextPage endCursor} nodes{` + projectStatusSelection + `}}}}}}`

func (a *api) projectStatusUpdates(ctx context.Context, in projectsArguments) (string, error) {
	p, err := a.projectOf(ctx, projectStatusQuery, in.variables(), in.Owner, in.Project)
	if err != nil {
		return "", err
	}
	updates := p.StatusUpdates
	texts := []string{fmt.Sprintf("%s: %s", in, updates.where(len(updates.Nodes), "status update"))}
	for _, update := range updates.Nodes {
		texts = append(texts, update.text(0, a.room.each(len(updates.Nodes))))
	}
	return strings.Join(texts, "\n\n"), nil
}

func (s *projectStatus) text(offset, limit int) string {
	head := join(", ", strings.ToLower(strings.ReplaceAll(s.Status, "_", " ")), s.Creator.String(), day(graphTime(s.CreatedAt)),
		join(" to ", oneLine(s.StartDate, 20), oneLine(s.TargetDate, 20)), "id "+oneLine(s.ID, 100))
	return join("\n", "### "+head, excerpt(s.Body, offset, limit, "id="+oneLine(s.ID, 100)))
}
