package github

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type peopleArguments struct {
	Part  string `json:"part,omitempty" enum:"profile,teams,members" default:"profile"`
	Login string `json:"login,omitempty" doc:"profile, teams; default: yourself"`
	Org   string `json:"org,omitempty" doc:"teams: those of this organisation; members"`
	Team  string `json:"team,omitempty" doc:"members: only this team's, by its slug"`
	paged
}

func (a *api) peopleTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_people",
		Title:       "People and teams",
		Description: "Read a person's profile, the teams of a person or organisation, or the members of an organisation or team. To find them by name use github_search with kind users (and type:org).",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      []string{"read:org"},
	}, a.people)
}

// peoplePart is what a part takes, and how it is read.
type peoplePart struct {
	tools.Usage
	run func(a *api, ctx context.Context, in peopleArguments) (string, error)
}

func peopleParts() map[string]peoplePart {
	return map[string]peoplePart{
		"profile": {tools.Usage{Also: append([]string{"login"}, isPaging()...)}, (*api).profile},
		"teams":   {tools.Usage{Also: append([]string{"login", "org"}, isPaging()...)}, (*api).teams},
		"members": {tools.Usage{Needs: []string{"org"}, Also: append([]string{"team"}, isPaging()...)}, (*api).members},
	}
}

// Check compares the arguments with the part.
func (in peopleArguments) Check() []string {
	faults := peopleParts()[in.Part].Faults("part "+in.Part, tools.Given(in, "part"))
	for _, argument := range [][2]string{{"login", in.Login}, {"org", in.Org}, {"team", in.Team}} {
		if name, value := argument[0], argument[1]; value != "" && !isName(value, "") {
			faults = append(faults, fmt.Sprintf("'%s' must be a plain name, like octocat; got %q", name, oneLine(value, 60)))
		}
	}
	return faults
}

func (a *api) people(ctx context.Context, in peopleArguments) (string, error) {
	return peopleParts()[in.Part].run(a, ctx, in)
}

func (a *api) profile(ctx context.Context, in peopleArguments) (string, error) {
	what := "your profile"
	if in.Login != "" {
		what = "@" + in.Login
	}
	user, _, err := a.client.Users.Get(ctx, in.Login)
	if err != nil {
		return "", explain(err, what)
	}
	return join("\n",
		join(", ", login(user), oneLine(user.GetName(), 100), strings.ToLower(oneLine(user.GetType(), 40)), user.GetHTMLURL()),
		join(", ", oneLine(user.GetCompany(), 100), oneLine(user.GetLocation(), 100), oneLine(user.GetEmail(), 100), oneLine(user.GetBlog(), 200)),
		join(", ", dated("since", user.GetCreatedAt()), repositories(user.GetPublicRepos()), count(user.GetPublicGists(), "public gist"),
			count(user.GetFollowers(), "follower"), flag(user.GetSuspendedAt() != github.Timestamp{}, "suspended")),
		excerpt(user.GetBio(), 0, 2000, ""),
	), nil
}

// repositories counts public repositories.
func repositories(n int) string {
	if n == 1 {
		return "1 public repository"
	}
	return thousands(n) + " public repositories"
}

// teams lists those of a person, of an organisation or of your own.
func (a *api) teams(ctx context.Context, in peopleArguments) (string, error) {
	switch {
	case in.Login != "":
		return a.teamsOf(ctx, in)
	case in.Org != "":
		return a.teamList(ctx, in, "orgs/"+in.Org+"/teams", "teams of "+in.Org)
	}
	return a.teamList(ctx, in, "user/teams", "your teams")
}

func (a *api) teamList(ctx context.Context, in peopleArguments, address, what string) (string, error) {
	var teams []*github.Team
	r, err := a.get(ctx, address, in.query(map[string]string{}), &teams, what)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(teams))
	for i, team := range teams {
		org := team.GetOrganization().GetLogin()
		if org == "" {
			org = in.Org
		}
		lines[i] = teamLine(org, team.GetSlug(), team.GetName(), join(", ", flag(team.GetPrivacy() == "secret", "secret"), parentTeam(team)), team.GetDescription())
	}
	return listing(what+": "+here(len(lines), "team", in.position(r)), lines), nil
}

func parentTeam(team *github.Team) string {
	if team.Parent == nil {
		return ""
	}
	return "in " + oneLine(team.Parent.GetSlug(), 60)
}

// teamLine says what matters about a team in less than 300 bytes.
func teamLine(org, slug, name, facts, description string) string {
	return join(" — ", fmt.Sprintf("%s/%s %s", oneLine(org, 60), oneLine(slug, 80), oneLine(name, 60)), join(": ", facts, oneLine(description, 100)))
}

const teamsQuery = `query($login:String!){user(login:$login){organizations(first:100){nodes{login
teams(first:100,userLogins:[$login]){totalCount nodes{slug name description privacy}}}}}}`

// teamsOf lists the teams of somebody else, as far as you may see them. Only
// the GraphQL API knows.
func (a *api) teamsOf(ctx context.Context, in peopleArguments) (string, error) {
	type team struct{ Slug, Name, Description, Privacy string }
	var answer struct {
		User *struct {
			Organizations struct {
				Nodes []struct {
					Login string
					Teams struct{ Nodes []team }
				}
			}
		}
	}
	what := "teams of @" + in.Login
	if err := a.graph(ctx, teamsQuery, map[string]any{"login": in.Login}, &answer, what); err != nil {
		return "", err
	}
	if answer.User == nil {
		return "", tools.UserError("github: there is no user %s; check the spelling with github_search, kind users", in.Login)
	}
	var lines []string
	for _, org := range answer.User.Organizations.Nodes {
		if in.Org != "" && !strings.EqualFold(in.Org, org.Login) {
			continue
		}
		for _, t := range org.Teams.Nodes {
			lines = append(lines, teamLine(org.Login, t.Slug, t.Name, flag(t.Privacy == "SECRET", "secret"), t.Description))
		}
	}
	return listing(fmt.Sprintf("%s that you may see: %s", join(" in ", what, in.Org), some(len(lines), "team")), lines), nil
}

func (a *api) members(ctx context.Context, in peopleArguments) (string, error) {
	address, what := "orgs/"+in.Org+"/members", "members of "+in.Org
	if in.Team != "" {
		address, what = "orgs/"+in.Org+"/teams/"+in.Team+"/members", "members of "+in.Org+"/"+in.Team
	}
	var users []*github.User
	r, err := a.get(ctx, address, in.query(map[string]string{}), &users, what)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(users))
	for i, user := range users {
		lines[i] = login(user)
	}
	return listing(what+": "+here(len(lines), "member", in.position(r)), lines), nil
}
