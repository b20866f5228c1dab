package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"
)

// release carries the fields of a release.
func (in repositoryWriteArguments) release() *github.RepositoryRelease {
	release := &github.RepositoryRelease{Name: in.Title, Body: in.Body, Draft: in.Draft, Prerelease: in.Prerelease, GenerateReleaseNotes: in.GenerateNotes}
	if in.From != "" {
		release.TargetCommitish = &in.From
	}
	return release
}

func (a *api) createRelease(ctx context.Context, in repositoryWriteArguments) (string, error) {
	request := in.release()
	request.TagName = &in.Name
	release, _, err := a.client.Repositories.CreateRelease(ctx, in.owner(), in.name(), request)
	if err != nil {
		return "", explain(err, in.named("release"))
	}
	if err := a.confirmRelease(in, release); err != nil {
		return "", err
	}
	what := "published"
	if release.GetDraft() {
		what = "drafted (update_release with draft=false publishes it)"
	}
	return join("\n", fmt.Sprintf("%s %s", what, join(", ", in.named("release"), oneLine(release.GetName(), 100), flag(release.GetPrerelease(), "prerelease"))),
		release.GetHTMLURL()), nil
}

func (a *api) updateRelease(ctx context.Context, in repositoryWriteArguments) (string, error) {
	before, err := a.releaseToChange(ctx, in)
	if err != nil {
		return "", err
	}
	release, _, err := a.client.Repositories.EditRelease(ctx, in.owner(), in.name(), before.GetID(), in.release())
	if err != nil {
		return "", explain(err, in.named("release"))
	}
	now := join(", ", flag(release.GetDraft(), "draft"), flag(!release.GetDraft(), "published"), flag(release.GetPrerelease(), "prerelease"))
	return fmt.Sprintf("changed %s: %s; it is now: %s\n%s", in.named("release"), strings.Join(in.given()[1:], ", "), now, release.GetHTMLURL()), a.confirmRelease(in, release)
}

func (a *api) confirmRelease(in repositoryWriteArguments, release *github.RepositoryRelease) error {
	return unconfirmed(in.named("release"), "its id and address", fmt.Sprintf("%s/%s/releases", a.web, in.Repo), release.GetID() > 0, release.GetHTMLURL() != "")
}

// releaseToChange gets what goes by its id.
func (a *api) releaseToChange(ctx context.Context, in repositoryWriteArguments) (*github.RepositoryRelease, error) {
	release, err := a.findRelease(ctx, in.repository, in.Name)
	if err != nil {
		return nil, explain(err, in.named("release"))
	}
	return release, unreadable(in.named("release"), release.GetID() > 0)
}

// deleteRelease says what is gone with it.
func (a *api) deleteRelease(ctx context.Context, in repositoryWriteArguments) (string, error) {
	release, err := a.releaseToChange(ctx, in)
	if err != nil {
		return "", err
	}
	if _, err := a.client.Repositories.DeleteRelease(ctx, in.owner(), in.name(), release.GetID()); err != nil {
		return "", explain(err, in.named("release"))
	}
	return fmt.Sprintf("deleted %s; its tag stays, if there was one\n%s/%s/releases",
		join(" with ", in.named("release"), count(len(release.Assets), "file")), a.web, in.Repo), nil
}

// labelChange is what a label is created or changed with. The library has no
// word for a new name.
// https://docs.github.com/en/rest/issues/labels
type labelChange struct {
	Name        string  `json:"name,omitempty"`
	NewName     string  `json:"new_name,omitempty"`
	Color       string  `json:"color,omitempty"`
	Description *string `json:"description,omitempty"`
}

func (in repositoryWriteArguments) label() labelChange {
	return labelChange{NewName: in.NewName, Color: strings.TrimPrefix(in.Color, "#"), Description: in.Description}
}

func (in repositoryWriteArguments) labelAddress() string {
	return "repos/" + in.Repo + "/labels/" + url.PathEscape(in.Name)
}

func (a *api) createLabel(ctx context.Context, in repositoryWriteArguments) (string, error) {
	label, change := &github.Label{}, in.label()
	change.Name = in.Name
	if _, err := a.ask(ctx, http.MethodPost, "repos/"+in.Repo+"/labels", change, label); err != nil {
		return "", explain(err, in.named("label"))
	}
	return fmt.Sprintf("created the label of %s: %s\n%s", in.Repo, labelLine(label), a.labelPage(in.Repo, label)), a.confirmLabel(in, label)
}

func (a *api) updateLabel(ctx context.Context, in repositoryWriteArguments) (string, error) {
	label := &github.Label{}
	if _, err := a.ask(ctx, http.MethodPatch, in.labelAddress(), in.label(), label); err != nil {
		return "", explain(err, in.named("label"))
	}
	quote(ctx, []string{label.GetDescription()}, []string{label.GetName(), textOf(in.Description)})
	return fmt.Sprintf("changed %s; it is now: %s\n%s", in.named("label"), labelLine(label), a.labelPage(in.Repo, label)), a.confirmLabel(in, label)
}

func (a *api) confirmLabel(in repositoryWriteArguments, label *github.Label) error {
	return unconfirmed(in.named("label"), "its name", fmt.Sprintf("%s/%s/labels", a.web, in.Repo), label.GetName() != "")
}

func (a *api) deleteLabel(ctx context.Context, in repositoryWriteArguments) (string, error) {
	if _, err := a.ask(ctx, http.MethodDelete, in.labelAddress(), nil, nil); err != nil {
		return "", explain(err, in.named("label"))
	}
	return fmt.Sprintf("deleted %s, also from its issues and pull requests\n%s/%s/labels", in.named("label"), a.web, in.Repo), nil
}
