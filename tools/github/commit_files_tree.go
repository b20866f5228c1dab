package github

import (
	"context"
	"path"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// The modes of git's tree entries.
// https://docs.github.com/en/rest/git/trees#create-a-tree
const (
	modeFile    = "100644"
	modeSymlink = "120000"
)

// treeReader looks up what a tree holds, one directory a request and each only
// once.
type treeReader struct {
	a    *api
	repo repository
	root string
	read map[string]map[string]*github.TreeEntry
}

// entry is what is at a path; nil: nothing.
func (t treeReader) entry(ctx context.Context, name string) (*github.TreeEntry, error) {
	directory, base := path.Split(name)
	entries, err := t.directory(ctx, strings.TrimSuffix(directory, "/"))
	return entries[base], err
}

func (t treeReader) directory(ctx context.Context, name string) (map[string]*github.TreeEntry, error) {
	if entries, known := t.read[name]; known {
		return entries, nil
	}
	sha := t.root
	if name != "" {
		above, err := t.entry(ctx, name)
		switch {
		case err != nil:
			return nil, err
		case above == nil:
			t.read[name] = nil
			return nil, nil
		case above.GetType() != "tree":
			return nil, tools.UserError("github: %s: %s is no directory; nothing was written", t.repo.Repo, oneLine(name, 200))
		}
		sha = above.GetSHA()
	}
	tree, _, err := t.a.client.Git.GetTree(ctx, t.repo.owner(), t.repo.name(), sha, false)
	if err == nil && !isSHA(tree.GetSHA()) {
		err = errNotGitHub
	}
	if err != nil {
		return nil, err
	}
	entries := map[string]*github.TreeEntry{}
	for _, entry := range tree.Entries {
		entries[entry.GetPath()] = entry
	}
	t.read[name] = entries
	return entries, nil
}

// treeEntries are the changes to a tree, and what they are in words. Everything
// is looked at before the first file is written.
func (a *api) treeEntries(ctx context.Context, in commitFilesArguments, baseTree string) ([]*github.TreeEntry, string, error) {
	reader := treeReader{a, in.repository, baseTree, map[string]map[string]*github.TreeEntry{}}
	entries := make([]*github.TreeEntry, len(in.Files))
	var added, changed, deleted int
	for i, file := range in.Files {
		found, err := reader.entry(ctx, file.Path)
		if err == nil {
			err = file.fits(in, found)
		}
		if err != nil {
			return nil, "", err
		}
		entries[i] = &github.TreeEntry{Path: &in.Files[i].Path, Mode: github.String(modeFile), Type: github.String("blob")}
		if found != nil {
			entries[i].Mode = found.Mode // an executable file stays one
		}
		switch {
		case file.Delete:
			deleted++
		case found != nil:
			changed++
		default:
			added++
		}
	}
	for i, file := range in.Files {
		if err := a.fillEntry(ctx, in, file, entries[i]); err != nil {
			return nil, "", err
		}
	}
	done := []string{labelled("added ", count(added, "file")), labelled("changed ", count(changed, "file")), labelled("deleted ", count(deleted, "file"))}
	return entries, join(", ", done...), nil
}

// fits says why what is at a file's path can't be written or deleted.
func (f commitFile) fits(in commitFilesArguments, found *github.TreeEntry) error {
	what := ""
	switch {
	case found == nil && f.Delete:
		what = "is not there, so it can't be deleted"
	case found.GetType() == "tree":
		what = "is a directory; name its files"
	case found.GetType() == "commit":
		what = "is a submodule"
	case found.GetMode() == modeSymlink && !f.Delete:
		what = "is a symbolic link; write to the file it leads to"
	default:
		return nil
	}
	return tools.UserError("github: %s: %s %s; nothing was written", in, oneLine(f.Path, 200), what)
}

// fillEntry puts text into the tree itself and stores everything else first,
// also what is empty. An entry without either is deleted.
func (a *api) fillEntry(ctx context.Context, in commitFilesArguments, file commitFile, entry *github.TreeEntry) error {
	if file.Delete {
		return nil
	}
	if file.Encoding != "base64" && *file.Content != "" {
		entry.Content = file.Content
		return nil
	}
	blob, _, err := a.client.Git.CreateBlob(ctx, in.owner(), in.name(), &github.Blob{Content: file.Content, Encoding: &file.Encoding})
	if err != nil {
		return err
	}
	entry.SHA = blob.SHA
	return unreadable(in.String(), isSHA(blob.GetSHA()))
}
