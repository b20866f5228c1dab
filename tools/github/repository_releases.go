package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"
)

func (a *api) releases(ctx context.Context, in repositoryArguments) (string, error) {
	releases, r, err := a.client.Repositories.ListReleases(ctx, in.owner(), in.name(), in.options())
	return listed(in, "release", releases, r, err, func(release *github.RepositoryRelease) string {
		return join(" — ", oneLine(release.GetTagName(), 100), oneLine(release.GetName(), 100), releaseFacts(release))
	})
}

func releaseFacts(release *github.RepositoryRelease) string {
	return join(", ", flag(release.GetDraft(), "draft"), flag(release.GetPrerelease(), "prerelease"), dated("published", release.GetPublishedAt()),
		login(release.Author), count(len(release.Assets), "file"))
}

// release shows one with its notes and files.
func (a *api) release(ctx context.Context, in repositoryArguments) (string, error) {
	find := a.findRelease
	if in.Name == "latest" {
		find = a.latestRelease
	}
	release, err := find(ctx, repository{in.Repo}, in.Name)
	if err != nil {
		return "", explain(err, in.String())
	}
	more := "name=" + oneLine(in.Name, 200)
	if in.Offset > 0 {
		return excerpt(release.GetBody(), in.Offset, a.room.texts(), more), nil
	}
	text := join("\n",
		"# "+join(" — ", oneLine(release.GetTagName(), 100), oneLine(release.GetName(), 200)),
		join(", ", releaseFacts(release), labelled("made from ", oneLine(release.GetTargetCommitish(), 100))),
		release.GetHTMLURL(),
		strings.Join(assetLines(release.Assets), "\n"),
	)
	return join("\n\n", text, excerpt(release.GetBody(), 0, a.room.texts(), more)), nil
}

func assetLines(assets []*github.ReleaseAsset) []string {
	const most = 50
	var lines []string
	for _, asset := range assets[:min(len(assets), most)] {
		lines = append(lines, "file "+join(", ", oneLine(asset.GetName(), 150), size(asset.GetSize()), count(asset.GetDownloadCount(), "download"), oneLine(asset.GetBrowserDownloadURL(), 300)))
	}
	if left := len(assets) - most; left > 0 {
		lines = append(lines, fmt.Sprintf("[%d more files are on the release's page]", left))
	}
	return lines
}

func (a *api) latestRelease(ctx context.Context, repo repository, _ string) (*github.RepositoryRelease, error) {
	release, _, err := a.client.Repositories.GetLatestRelease(ctx, repo.owner(), repo.name())
	return release, err
}

// findRelease finds a release by its tag. GitHub answers drafts only in the
// list, to those who may push; drafts are few and come first.
func (a *api) findRelease(ctx context.Context, repo repository, tag string) (*github.RepositoryRelease, error) {
	release, _, err := a.client.Repositories.GetReleaseByTag(ctx, repo.owner(), repo.name(), escapePath(tag))
	if !isStatus(err, http.StatusNotFound) {
		return release, err
	}
	listed, _, listError := a.client.Repositories.ListReleases(ctx, repo.owner(), repo.name(), &github.ListOptions{PerPage: 100})
	if listError != nil && !outOfReach(listError) {
		return nil, listError
	}
	for _, release := range listed {
		if release.GetTagName() == tag {
			return release, nil
		}
	}
	return nil, err
}
