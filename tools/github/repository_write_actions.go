package github

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// createRepository makes it for the account itself or for an organisation,
// which are different requests. It is private unless somebody wants it public:
// what has been public once can't be taken back.
func (a *api) createRepository(ctx context.Context, in repositoryWriteArguments) (string, error) {
	account, _, err := a.client.Users.Get(ctx, "")
	if err != nil {
		return "", explain(err, "the signed-in account")
	}
	organization := in.owner()
	if strings.EqualFold(organization, account.GetLogin()) {
		organization = ""
	}
	private := in.Private == nil || *in.Private
	repo, _, err := a.client.Repositories.Create(ctx, organization, &github.Repository{
		Name: github.String(in.name()), Description: in.Description, Homepage: in.Homepage, Private: &private, AutoInit: in.AutoInit,
	})
	if err != nil {
		return "", explain(err, in.Repo)
	}
	if err := a.confirmRepository(in.Repo, repo); err != nil {
		return "", err
	}
	content := "empty; its first files come with github_commit_files_write"
	if in.AutoInit != nil && *in.AutoInit {
		content = "with a README on branch " + oneLine(repo.GetDefaultBranch(), 100)
	}
	return fmt.Sprintf("created the %s repository %s, %s\n%s", visibility(repo), oneLine(repo.GetFullName(), 140), content, repo.GetHTMLURL()), nil
}

// forkRepository doesn't wait for the copy, which GitHub makes by and by.
func (a *api) forkRepository(ctx context.Context, in repositoryWriteArguments) (string, error) {
	organization, name, _ := in.forkName()
	fork, _, err := a.client.Repositories.CreateFork(ctx, in.owner(), in.name(), &github.RepositoryCreateForkOptions{Organization: organization, Name: name})
	var accepted *github.AcceptedError
	if err != nil && !errors.As(err, &accepted) {
		return "", explain(err, in.Repo)
	}
	if err := unconfirmed(in.Repo, "the fork's name and address", a.web+"?tab=repositories", fork.GetFullName() != "", fork.GetHTMLURL() != ""); err != nil {
		return "", err
	}
	return fmt.Sprintf("forked %s to %s; GitHub may copy the content for some minutes more\n%s", in.Repo, oneLine(fork.GetFullName(), 140), fork.GetHTMLURL()), nil
}

func (a *api) editRepository(ctx context.Context, in repositoryWriteArguments) (string, error) {
	change := &github.Repository{Description: in.Description, Homepage: in.Homepage}
	if in.DefaultBranch != "" {
		change.DefaultBranch = &in.DefaultBranch
	}
	repo, _, err := a.client.Repositories.Edit(ctx, in.owner(), in.name(), change)
	if err != nil {
		return "", explain(err, in.Repo)
	}
	return fmt.Sprintf("changed %s: %s\n%s", in.Repo, strings.Join(in.given(), ", "), repo.GetHTMLURL()), a.confirmRepository(in.Repo, repo)
}

func (a *api) confirmRepository(name string, repo *github.Repository) error {
	return unconfirmed(name, "its name and address", a.web+"/"+name, repo.GetFullName() != "", repo.GetHTMLURL() != "")
}

func (a *api) setTopics(ctx context.Context, in repositoryWriteArguments) (string, error) {
	topics, _, err := a.client.Repositories.ReplaceAllTopics(ctx, in.owner(), in.name(), in.Topics)
	if err != nil {
		return "", explain(err, in.Repo)
	}
	return fmt.Sprintf("topics of %s are now: %s\n%s/%s", in.Repo, oneLine(orNone(topics), 1000), a.web, in.Repo),
		unconfirmed(in.Repo, "its topics", a.web+"/"+in.Repo, topics != nil)
}

func (a *api) star(ctx context.Context, in repositoryWriteArguments) (string, error) {
	if _, err := a.client.Activity.Star(ctx, in.owner(), in.name()); err != nil {
		return "", explain(err, in.Repo)
	}
	return fmt.Sprintf("starred %s\n%s/%s", in.Repo, a.web, in.Repo), nil
}

func (a *api) unstar(ctx context.Context, in repositoryWriteArguments) (string, error) {
	if _, err := a.client.Activity.Unstar(ctx, in.owner(), in.name()); err != nil {
		return "", explain(err, in.Repo)
	}
	return fmt.Sprintf("took the star back from %s\n%s/%s", in.Repo, a.web, in.Repo), nil
}

// beginning is the commit a new branch or tag begins at.
func (a *api) beginning(ctx context.Context, in repositoryWriteArguments) (sha, name string, err error) {
	ref, name := in.From, oneLine(in.From, 100)
	if ref == "" {
		ref, name = "HEAD", "the default branch"
	}
	sha, _, err = a.client.Repositories.GetCommitSHA1(ctx, in.owner(), in.name(), ref, "")
	if err != nil {
		return "", name, explain(err, name+" of "+in.Repo)
	}
	sha = strings.TrimSpace(sha)
	return sha, name, unreadable(name+" of "+in.Repo, isSHA(sha))
}

func isSHA(s string) bool {
	return len(s) >= 40 && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

func (a *api) createBranch(ctx context.Context, in repositoryWriteArguments) (string, error) {
	sha, from, err := a.beginning(ctx, in)
	if err != nil {
		return "", err
	}
	in.Name = branchName(in.Name)
	if err := a.createRef(ctx, in, "heads/"+in.Name, sha); err != nil {
		return "", explain(err, in.named("branch"))
	}
	return fmt.Sprintf("created %s at %s (%s)\n%s/%s/tree/%s", in.named("branch"), sha, from, a.web, in.Repo, escapePath(in.Name)), nil
}

func (a *api) createRef(ctx context.Context, in repositoryWriteArguments, name, sha string) error {
	made, _, err := a.client.Git.CreateRef(ctx, in.owner(), in.name(), &github.Reference{Ref: &name, Object: &github.GitObject{SHA: &sha}})
	if err != nil {
		return err
	}
	page := fmt.Sprintf("%s/%s/tree/%s", a.web, in.Repo, escapePath(in.Name))
	return unconfirmed(name+" of "+in.Repo, "where it is", page, made.GetRef() != "")
}

// deleteBranch says where the branch was, so that it can be made again.
func (a *api) deleteBranch(ctx context.Context, in repositoryWriteArguments) (string, error) {
	in.Name = branchName(in.Name)
	name := "heads/" + in.Name
	ref, _, err := a.client.Git.GetRef(ctx, in.owner(), in.name(), name)
	if err != nil {
		return "", explain(err, in.named("branch"))
	}
	sha := ref.GetObject().GetSHA()
	if err := unreadable(in.named("branch"), isSHA(sha)); err != nil {
		return "", err
	}
	if _, err := a.client.Git.DeleteRef(ctx, in.owner(), in.name(), name); err != nil {
		return "", explain(err, in.named("branch"))
	}
	return fmt.Sprintf("deleted %s, which was at %s; create_branch with from=%s brings it back\n%s/%s/branches", in.named("branch"), sha, sha, a.web, in.Repo), nil
}

// createTag makes a plain tag, or an annotated one to hold a message.
func (a *api) createTag(ctx context.Context, in repositoryWriteArguments) (string, error) {
	sha, from, err := a.beginning(ctx, in)
	if err != nil {
		return "", err
	}
	in.Name = strings.TrimPrefix(in.Name, "refs/tags/")
	target, kind := sha, "tag"
	if in.Body != nil && strings.TrimSpace(*in.Body) != "" {
		tag, _, err := a.client.Git.CreateTag(ctx, in.owner(), in.name(), &github.Tag{
			Tag: &in.Name, Message: in.Body, Object: &github.GitObject{SHA: &sha, Type: github.String("commit")},
		})
		if err != nil {
			return "", explain(err, in.named("tag"))
		}
		if err := unconfirmed(in.named("tag"), "its SHA", fmt.Sprintf("%s/%s/tags", a.web, in.Repo), isSHA(tag.GetSHA())); err != nil {
			return "", err
		}
		target, kind = tag.GetSHA(), "annotated tag"
	}
	if err := a.createRef(ctx, in, "tags/"+in.Name, target); err != nil {
		return "", explain(err, in.named("tag"))
	}
	return fmt.Sprintf("created %s at %s (%s)\n%s/%s/tree/%s", in.named(kind), sha, from, a.web, in.Repo, escapePath(in.Name)), nil
}
