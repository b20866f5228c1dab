package github

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type searchArguments struct {
	Kind    string `json:"kind" enum:"repositories,code,issues,pull_requests,users,commits"`
	Query   string `json:"query" doc:"words and qualifiers, e.g. crash is:open repo:cli/cli author:octocat"`
	Sort    string `json:"sort,omitempty" doc:"default: best match; e.g. stars, updated, created, comments, author-date"`
	Order   string `json:"order,omitempty" enum:"asc,desc"`
	Page    int    `json:"page,omitempty" minimum:"1" default:"1"`
	PerPage int    `json:"per_page,omitempty" minimum:"1" maximum:"50" default:"15"`
	detailed
}

// Check refuses an order that GitHub would ignore silently.
func (in searchArguments) Check() []string {
	kind, ok := searchKinds()[in.Kind]
	if ok && in.Order != "" && in.Sort == "" {
		return []string{"'order' needs 'sort'"}
	}
	if !ok || in.Sort == "" || slices.Contains(kind.sorts, in.Sort) {
		return nil
	}
	if len(kind.sorts) == 0 {
		return []string{fmt.Sprintf("'sort' can't be used with kind %s", in.Kind)}
	}
	return []string{fmt.Sprintf("'sort' for kind %s must be one of %s; got %q", in.Kind, strings.Join(kind.sorts, ", "), oneLine(in.Sort, 60))}
}

func (a *api) searchTool() tools.Tool {
	return defineDetailed(a.room, tools.Tool{
		Name:        "github_search",
		Title:       "Search GitHub",
		Description: "Search all of GitHub for repositories, code, issues, pull requests, users or commits. Use it when a name or number is unknown, or to filter by author, label, date or review state. Code search covers default branches and needs a word besides qualifiers.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.search)
}

// searchKind is one of GitHub's search endpoints.
type searchKind struct {
	noun  string   // plural
	sorts []string // https://docs.github.com/rest/search/search
	run   func(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error)
}

// found is one page of results, a line or a few lines each.
type found struct {
	total      *int // nil: not known
	incomplete bool
	lines      []string
}

func searchKinds() map[string]searchKind {
	issueSorts := []string{"created", "updated", "comments", "reactions", "interactions"}
	return map[string]searchKind{
		"repositories":  {"repositories", []string{"stars", "forks", "help-wanted-issues", "updated"}, searchRepositories},
		"code":          {"files", nil, searchCode},
		"issues":        {"issues", issueSorts, searchIssues("is:issue", "type:issue")},
		"pull_requests": {"pull requests", issueSorts, searchIssues("is:pr", "is:pull-request", "type:pr")},
		"users":         {"accounts", []string{"followers", "repositories", "joined"}, searchUsers},
		"commits":       {"commits", []string{"author-date", "committer-date"}, searchCommits},
	}
}

func (a *api) search(ctx context.Context, in searchArguments) (string, error) {
	kind := searchKinds()[in.Kind]
	options := &github.SearchOptions{
		Sort:        in.Sort,
		Order:       in.Order,
		TextMatch:   in.Kind == "code",
		ListOptions: github.ListOptions{Page: in.Page, PerPage: in.PerPage},
	}
	f, r, err := kind.run(ctx, a.client.Search, in.Query, options)
	if err != nil {
		return "", explain(err, "this search")
	}
	where := fmt.Sprintf("%s%s; %s", f.caveat(), a.limits(in.Kind), position(in.Page, r))
	switch {
	case f.total == nil && len(f.lines) == 0:
		return fmt.Sprintf("%s: none here%s", kind.noun, where), nil
	case f.total == nil:
		return listing(fmt.Sprintf("%s found here%s", kind.noun, where), f.lines), nil
	case *f.total == 0:
		return fmt.Sprintf("no %s found%s%s; try fewer words or qualifiers", kind.noun, f.caveat(), a.limits(in.Kind)), nil
	}
	return listing(fmt.Sprintf("%s: %s found%s", kind.noun, thousands(*f.total), where), f.lines), nil
}

// limits says that a person has limited where to look. Accounts are in no
// repository.
func (a *api) limits(kind string) string {
	if a.allowed.restricts() && kind != "users" {
		return " (only in what VALET_REPOS allows)"
	}
	return ""
}

func (f found) caveat() string {
	if f.incomplete {
		return " (GitHub ran out of time: some are missing)"
	}
	return ""
}

func searchRepositories(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error) {
	result, r, err := s.Repositories(ctx, query, o)
	if err != nil {
		return found{}, r, err
	}
	f := found{total: result.Total, incomplete: result.GetIncompleteResults()}
	for _, repo := range result.Repositories {
		f.lines = append(f.lines, repositoryLine(repo))
	}
	return f, r, nil
}

func repositoryLine(repo *github.Repository) string {
	facts := join(", ",
		flag(repo.GetPrivate(), "private"), flag(repo.GetArchived(), "archived"), flag(repo.GetFork(), "fork"),
		oneLine(repo.GetLanguage(), 40), count(repo.GetStargazersCount(), "star"), dated("pushed", repo.GetPushedAt()))
	line := oneLine(repo.GetFullName(), 140)
	return join(" — ", line, join(": ", facts, oneLine(repo.GetDescription(), 160)))
}

func flag(set bool, word string) string {
	if set {
		return word
	}
	return ""
}

func searchCode(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error) {
	result, r, err := s.Code(ctx, query, o)
	if err != nil {
		return found{}, r, err
	}
	f := found{total: result.Total, incomplete: result.GetIncompleteResults()}
	for _, file := range result.CodeResults {
		f.lines = append(f.lines, oneLine(file.GetRepository().GetFullName(), 140)+" "+oneLine(file.GetPath(), 300))
		for _, match := range file.TextMatches[:min(2, len(file.TextMatches))] {
			f.lines = append(f.lines, "  "+oneLine(match.GetFragment(), 200))
		}
	}
	return f, r, nil
}

// searchIssues restricts the one endpoint for issues and pull requests to
// either of them, unless the query does so already.
func searchIssues(qualifiers ...string) func(context.Context, *github.SearchService, string, *github.SearchOptions) (found, *github.Response, error) {
	return func(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error) {
		has := func(qualifier string) bool { return slices.Contains(strings.Fields(query), qualifier) }
		if !slices.ContainsFunc(qualifiers, has) {
			query += " " + qualifiers[0]
		}
		result, r, err := s.Issues(ctx, query, o)
		if err != nil {
			return found{}, r, err
		}
		f := found{total: result.Total, incomplete: result.GetIncompleteResults()}
		byUpdate := o.Sort == "updated" || strings.Contains(query, "updated:")
		for _, issue := range result.Issues {
			_, repo, _ := strings.Cut(issue.GetRepositoryURL(), "/repos/")
			f.lines = append(f.lines, oneLine(repo, 140)+issueLine(issue, byUpdate))
		}
		return f, r, nil
	}
}

func searchUsers(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error) {
	result, r, err := s.Users(ctx, query, o)
	if err != nil {
		return found{}, r, err
	}
	f := found{total: result.Total, incomplete: result.GetIncompleteResults()}
	for _, user := range result.Users {
		f.lines = append(f.lines, login(user)+" — "+join(", ", strings.ToLower(user.GetType()), user.GetHTMLURL()))
	}
	return f, r, nil
}

func searchCommits(ctx context.Context, s *github.SearchService, query string, o *github.SearchOptions) (found, *github.Response, error) {
	result, r, err := s.Commits(ctx, query, o)
	if err != nil {
		return found{}, r, err
	}
	f := found{total: result.Total, incomplete: result.GetIncompleteResults()}
	for _, commit := range result.Commits {
		f.lines = append(f.lines, oneLine(commit.GetRepository().GetFullName(), 140)+" "+commitLine(commit.GetSHA(), commit.Author, commit.Commit))
	}
	return f, r, nil
}

// commitLine names the account, or the name in the commit where GitHub knows
// no account.
func commitLine(sha string, author *github.User, commit *github.Commit) string {
	who := oneLine(commit.GetAuthor().GetName(), 60)
	if author.GetLogin() != "" {
		who = login(author)
	}
	return join(" ", shortSHA(sha), day(commit.GetAuthor().GetDate()), who) + " — " + oneLine(firstLine(commit.GetMessage()), 120)
}
