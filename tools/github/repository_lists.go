package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// listed writes a page of a list, one line for each.
func listed[T any](in repositoryArguments, noun string, items []T, r *github.Response, err error, line func(T) string) (string, error) {
	if err != nil {
		return "", explain(err, in.String())
	}
	lines := make([]string, len(items))
	for i, item := range items {
		lines[i] = line(item)
	}
	heading := here(len(items), noun, position(in.Page, r))
	return listing(join(": ", in.Repo, heading), lines), nil
}

func (a *api) branches(ctx context.Context, in repositoryArguments) (string, error) {
	branches, r, err := a.client.Repositories.ListBranches(ctx, in.owner(), in.name(), &github.BranchListOptions{ListOptions: *in.options()})
	return listed(in, "branch", branches, r, err, func(b *github.Branch) string {
		return join(" ", oneLine(b.GetName(), 200), shortSHA(b.GetCommit().GetSHA()), flag(b.GetProtected(), "protected"))
	})
}

// branch asks without the library's method, which hides why it is refused.
func (a *api) branch(ctx context.Context, in repositoryArguments) (string, error) {
	b := &github.Branch{}
	if _, err := a.ask(ctx, http.MethodGet, "repos/"+in.Repo+"/branches/"+escapePath(branchName(in.Name)), nil, b); err != nil {
		return "", explain(err, in.String())
	}
	commit := cmp.Or(b.GetCommit(), &github.RepositoryCommit{})
	return join("\n",
		join(", ", "branch "+oneLine(b.GetName(), 200)+" of "+in.Repo, flag(b.GetProtected(), "protected")),
		"head "+commit.GetSHA(), commitLine(commit.GetSHA(), commit.Author, commit.Commit),
		fmt.Sprintf("%s/%s/tree/%s", a.web, in.Repo, escapePath(b.GetName())),
	), nil
}

func (a *api) tags(ctx context.Context, in repositoryArguments) (string, error) {
	tags, r, err := a.client.Repositories.ListTags(ctx, in.owner(), in.name(), in.options())
	return listed(in, "tag", tags, r, err, func(t *github.RepositoryTag) string {
		return oneLine(t.GetName(), 200) + " " + shortSHA(t.GetCommit().GetSHA())
	})
}

// tag shows an annotated tag with its message, or the commit of a plain one.
func (a *api) tag(ctx context.Context, in repositoryArguments) (string, error) {
	ref, _, err := a.client.Git.GetRef(ctx, in.owner(), in.name(), "tags/"+strings.TrimPrefix(in.Name, "refs/tags/"))
	if err != nil {
		return "", explain(err, in.String())
	}
	object := ref.GetObject()
	if object.GetType() != "tag" {
		return fmt.Sprintf("tag %s of %s: a plain tag of %s %s", oneLine(in.Name, 200), in.Repo, object.GetType(), object.GetSHA()), nil
	}
	tag, _, err := a.client.Git.GetTag(ctx, in.owner(), in.name(), object.GetSHA())
	if err != nil {
		return "", explain(err, in.String())
	}
	return join("\n",
		join(", ", fmt.Sprintf("tag %s of %s: %s %s", oneLine(tag.GetTag(), 200), in.Repo, tag.GetObject().GetType(), tag.GetObject().GetSHA()),
			labelled("by ", oneLine(tag.GetTagger().GetName(), 60)), day(tag.GetTagger().GetDate()), flag(tag.GetVerification().GetVerified(), "signature verified")),
		excerpt(tag.GetMessage(), in.Offset, a.room.texts(), "name="+oneLine(in.Name, 200)),
	), nil
}

func (a *api) labels(ctx context.Context, in repositoryArguments) (string, error) {
	labels, r, err := a.client.Issues.ListLabels(ctx, in.owner(), in.name(), in.options())
	return listed(in, "label", labels, r, err, labelLine)
}

func (a *api) label(ctx context.Context, in repositoryArguments) (string, error) {
	label := &github.Label{}
	if _, err := a.ask(ctx, http.MethodGet, "repos/"+in.Repo+"/labels/"+url.PathEscape(in.Name), nil, label); err != nil {
		return "", explain(err, in.String())
	}
	return fmt.Sprintf("label of %s: %s\n%s", in.Repo, labelLine(label), a.labelPage(in.Repo, label)), nil
}

func labelLine(label *github.Label) string {
	return join(" — ", oneLine(label.GetName(), 60)+labelled(" #", oneLine(label.GetColor(), 10)), oneLine(label.GetDescription(), 120))
}

// labelPage is where people see what carries a label.
func (a *api) labelPage(repo string, label *github.Label) string {
	return a.web + "/" + repo + "/labels/" + url.PathEscape(clean(label.GetName()))
}

func (a *api) milestones(ctx context.Context, in repositoryArguments) (string, error) {
	milestones, r, err := a.client.Issues.ListMilestones(ctx, in.owner(), in.name(), &github.MilestoneListOptions{State: "all", ListOptions: *in.options()})
	return listed(in, "milestone", milestones, r, err, func(m *github.Milestone) string {
		facts := join(", ", m.GetState(), dated("due", m.GetDueOn()), fmt.Sprintf("%d open and %d closed issues", m.GetOpenIssues(), m.GetClosedIssues()))
		return join(" — ", fmt.Sprintf("%d %s", m.GetNumber(), oneLine(m.GetTitle(), 100)), facts, oneLine(m.GetDescription(), 120))
	})
}

func (a *api) contributors(ctx context.Context, in repositoryArguments) (string, error) {
	people, r, err := a.client.Repositories.ListContributors(ctx, in.owner(), in.name(), &github.ListContributorsOptions{ListOptions: *in.options()})
	return listed(in, "contributor", people, r, err, func(c *github.Contributor) string {
		return fmt.Sprintf("@%s — %s", oneLine(c.GetLogin(), 60), count(c.GetContributions(), "commit"))
	})
}

func (a *api) collaborators(ctx context.Context, in repositoryArguments) (string, error) {
	people, r, err := a.client.Repositories.ListCollaborators(ctx, in.owner(), in.name(), &github.ListCollaboratorsOptions{ListOptions: *in.options()})
	return listed(in, "collaborator", people, r, err, func(u *github.User) string {
		return join(" — ", login(u), join(": ", oneLine(u.GetRoleName(), 60), strings.Join(granted(u.Permissions), ", ")))
	})
}

// activity counts the commits to the default branch in the last weeks. GitHub
// counts when asked, so the first answer may be that it is at it.
func (a *api) activity(ctx context.Context, in repositoryArguments) (string, error) {
	const shown = 12
	weeks, _, err := a.client.Repositories.ListCommitActivity(ctx, in.owner(), in.name())
	var accepted *github.AcceptedError
	if errors.As(err, &accepted) {
		return "", tools.Explain(err, fmt.Sprintf("github: %s: GitHub is still counting; ask again in a few seconds", in))
	}
	if err != nil {
		return "", explain(err, in.String())
	}
	year := 0
	var lines []string
	for i, week := range weeks {
		year += week.GetTotal()
		if i >= len(weeks)-shown {
			lines = append(lines, fmt.Sprintf("week of %s: %s", day(week.GetWeek()), thousands(week.GetTotal())))
		}
	}
	return listing(fmt.Sprintf("%s: commits to the default branch: %s in %s", in.Repo, thousands(year), some(len(weeks), "week")), lines), nil
}

func (a *api) starred(ctx context.Context, in repositoryArguments) (string, error) {
	name := strings.TrimPrefix(in.Name, "@")
	stars, r, err := a.client.Activity.ListStarred(ctx, name, &github.ActivityListStarredOptions{ListOptions: *in.options()})
	if err != nil {
		return "", explain(err, join(" by ", "starred repositories", labelled("@", name)))
	}
	return listed(in, "starred repository", stars, r, nil, func(s *github.StarredRepository) string {
		return join(", ", repositoryLine(s.GetRepository()), dated("starred", s.GetStarredAt()))
	})
}
