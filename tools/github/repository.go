package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type repositoryArguments struct {
	Repo    string `json:"repo,omitempty" doc:"owner/name; all parts but starred need it"`
	Part    string `json:"part,omitempty" enum:"summary,branches,tags,releases,labels,milestones,contributors,collaborators,activity,starred" default:"summary"`
	Name    string `json:"name,omitempty" doc:"only this branch, tag, release (its tag, or latest) or label; starred: by this account"`
	Offset  int    `json:"offset,omitempty" minimum:"0" doc:"characters to skip"`
	Page    int    `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage int    `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"30"`
	detailed
}

// repositoryPart is one thing there is to read: all of it, a page at a time,
// and one by its name.
type repositoryPart struct {
	all func(*api, context.Context, repositoryArguments) (string, error)
	one func(*api, context.Context, repositoryArguments) (string, error)
	// isLong is for those whose one has a text of its own.
	isLong bool
}

func repositoryParts() map[string]repositoryPart {
	return map[string]repositoryPart{
		"summary":       {all: (*api).repositorySummary},
		"branches":      {all: (*api).branches, one: (*api).branch},
		"tags":          {all: (*api).tags, one: (*api).tag, isLong: true},
		"releases":      {all: (*api).releases, one: (*api).release, isLong: true},
		"labels":        {all: (*api).labels, one: (*api).label},
		"milestones":    {all: (*api).milestones},
		"contributors":  {all: (*api).contributors},
		"collaborators": {all: (*api).collaborators},
		"activity":      {all: (*api).activity},
		"starred":       {all: (*api).starred, one: (*api).starred},
	}
}

// Check ties the arguments to the parts that take them.
func (in repositoryArguments) Check() []string {
	var faults []string
	part := repositoryParts()[in.Part]
	switch {
	case in.Part != "starred":
		faults = repository{in.Repo}.Check()
	case in.Repo != "":
		faults = append(faults, "part starred does not use 'repo'; 'name' says whose stars, if not the account's own")
	}
	if in.Name != "" && part.one == nil {
		faults = append(faults, fmt.Sprintf("part %s does not use 'name'", in.Part))
	}
	if in.Offset > 0 && (in.Name == "" || !part.isLong) {
		faults = append(faults, "'offset' needs 'name', and 'part' tags or releases")
	}
	return append(faults, in.checkName()...)
}

func (in repositoryArguments) checkName() []string {
	switch in.Part {
	case "labels":
		return checkLabel(in.Name)
	case "starred":
		if in.Name != "" && !isName(strings.TrimPrefix(in.Name, "@"), "") {
			return []string{fmt.Sprintf("'name' must be a login; got %q", oneLine(in.Name, 60))}
		}
		return nil
	}
	return checkRef("name", in.Name)
}

// checkLabel refuses names that would change the meaning of an address.
func checkLabel(name string) []string {
	if name == "." || name == ".." {
		return []string{fmt.Sprintf("'name' %q can't be a label", name)}
	}
	return nil
}

func (in repositoryArguments) owner() string { return repository{in.Repo}.owner() }
func (in repositoryArguments) name() string  { return repository{in.Repo}.name() }

// String names what is asked for.
func (in repositoryArguments) String() string {
	switch {
	case in.Part == "summary":
		return in.Repo
	case in.Name != "":
		return fmt.Sprintf("%s %s of %s", in.Part, oneLine(in.Name, 100), in.Repo)
	}
	return in.Part + " of " + in.Repo
}

func (in repositoryArguments) options() *github.ListOptions {
	return &github.ListOptions{Page: in.Page, PerPage: in.PerPage}
}

func (a *api) repositoryTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_repository",
		Title:       "One repository",
		Description: "Read about a repository: summary (description, default branch, languages, topics, counts, your permissions), branches, tags, releases, labels, milestones, people, or commits a week (activity); or list starred repositories.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.repository)
}

func (a *api) repository(ctx context.Context, in repositoryArguments) (string, error) {
	part := repositoryParts()[in.Part]
	if in.Name != "" {
		return part.one(a, ctx, in)
	}
	return part.all(a, ctx, in)
}

// repositorySummary leaves out the languages if the credential may not read
// them.
func (a *api) repositorySummary(ctx context.Context, in repositoryArguments) (string, error) {
	repo, _, err := a.client.Repositories.Get(ctx, in.owner(), in.name())
	if err != nil {
		return "", explain(err, in.String())
	}
	languages, _, err := a.client.Repositories.ListLanguages(ctx, in.owner(), in.name())
	if err != nil && !outOfReach(err) {
		return "", explain(err, in.String())
	}
	return join("\n",
		"# "+oneLine(repo.GetFullName(), 140),
		join(", ", visibility(repo), kindOf(repo), "default branch "+oneLine(repo.GetDefaultBranch(), 100),
			dated("created", repo.GetCreatedAt()), dated("pushed", repo.GetPushedAt())),
		repo.GetHTMLURL(),
		quoted(oneLine(repo.GetDescription(), 500)),
		labelled("homepage: ", oneLine(repo.GetHomepage(), 300)),
		labelled("topics: ", oneLine(strings.Join(repo.Topics, ", "), 500)),
		labelled("languages: ", shares(languages)),
		join(", ", labelled("license ", oneLine(repo.GetLicense().GetName(), 100)), count(repo.GetStargazersCount(), "star"), count(repo.GetForksCount(), "fork"),
			count(repo.GetSubscribersCount(), "watcher"), labelled("open issues and pull requests: ", nonZero(repo.GetOpenIssuesCount())), size(repo.GetSize()*1000)),
		labelled("merging by: ", strings.Join(mergeMethods(repo), ", ")),
		labelled("your permissions: ", strings.Join(granted(repo.Permissions), ", ")),
	), nil
}

func visibility(repo *github.Repository) string {
	switch {
	case repo.GetVisibility() != "":
		return repo.GetVisibility()
	case repo.GetPrivate():
		return "private"
	}
	return "public"
}

// kindOf says what is unusual about a repository.
func kindOf(repo *github.Repository) string {
	fork := flag(repo.GetFork(), "fork")
	if parent := repo.GetParent().GetFullName(); repo.GetFork() && parent != "" {
		fork = "fork of " + oneLine(parent, 140)
	}
	return join(", ", fork, flag(repo.GetArchived(), "archived (read-only)"), flag(repo.GetDisabled(), "disabled"), flag(repo.GetIsTemplate(), "template"))
}

// labelled puts a label in front of what isn't empty.
func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + text
}

func nonZero(n int) string {
	if n == 0 {
		return ""
	}
	return thousands(n)
}

// shares gives the languages with most code, in percent.
func shares(languages map[string]int) string {
	total := 0
	var names []string
	for name, bytes := range languages {
		total += bytes
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int {
		if languages[x] != languages[y] {
			return languages[y] - languages[x]
		}
		return strings.Compare(x, y)
	})
	var parts []string
	for _, name := range names[:min(len(names), 8)] {
		parts = append(parts, fmt.Sprintf("%s %.1f %%", oneLine(name, 40), 100*float64(languages[name])/float64(max(total, 1))))
	}
	if left := len(names) - len(parts); left > 0 {
		parts = append(parts, fmt.Sprintf("%d more", left))
	}
	return strings.Join(parts, ", ")
}

func mergeMethods(repo *github.Repository) []string {
	return names([]sent{
		{"merge commit", repo.GetAllowMergeCommit()}, {"squash", repo.GetAllowSquashMerge()}, {"rebase", repo.GetAllowRebaseMerge()},
	})
}

// granted lists the permissions from the highest on.
func granted(permissions map[string]bool) []string {
	var all []sent
	for _, name := range []string{"admin", "maintain", "push", "triage", "pull"} {
		all = append(all, sent{name, permissions[name]})
	}
	return names(all)
}
