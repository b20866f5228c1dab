package github

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

// tree lists every file below a path.
func (a *api) tree(ctx context.Context, in contentsArguments) (string, error) {
	start, err := a.treeName(ctx, in)
	if err != nil {
		return "", err
	}
	tree, _, err := a.client.Git.GetTree(ctx, in.owner(), in.name(), start, true)
	if err != nil {
		return "", explain(err, in.String())
	}
	lines := treeLines(tree, "", in.path())
	if tree.GetTruncated() && in.path() != "" {
		if tree, err = a.subtree(ctx, in); err != nil {
			return "", err
		}
		lines = treeLines(tree, in.path()+"/", in.path())
	}
	if len(lines) == 0 && in.path() != "" {
		return "", tools.UserError("github: %s: not found; list the directory above it", in)
	}
	heading := in.String() + ": all files"
	if tree.GetTruncated() {
		heading += " (too many for GitHub: some are missing; give a path, or list directories one at a time)"
	}
	return showList(a.room, in, heading, lines)
}

// treeName is what the trees endpoint takes for the ref: its path has no room
// for a branch with slashes, so those are looked up first.
func (a *api) treeName(ctx context.Context, in contentsArguments) (string, error) {
	switch {
	case in.Ref == "":
		return "HEAD", nil
	case !strings.ContainsAny(in.Ref, "/%#? "):
		return in.Ref, nil
	}
	sha, _, err := a.client.Repositories.GetCommitSHA1(ctx, in.owner(), in.name(), in.Ref, "")
	if err != nil {
		return "", explain(err, in.String())
	}
	if sha = strings.TrimSpace(sha); !isSHA(sha) {
		return "", errNotGitHub
	}
	return sha, nil
}

// subtree gets the tree of one directory, for repositories whose whole tree
// is more than GitHub gives. The directory above knows its name.
func (a *api) subtree(ctx context.Context, in contentsArguments) (*github.Tree, error) {
	parent, base := path.Split(in.path())
	above, err := a.content(ctx, in, strings.Trim(parent, "/"))
	if err != nil {
		return nil, err
	}
	for _, entry := range above.Entries {
		if entry.GetName() == base && entry.GetType() == "dir" {
			tree, _, err := a.client.Git.GetTree(ctx, in.owner(), in.name(), entry.GetSHA(), true)
			return tree, explain(err, in.String())
		}
	}
	return nil, tools.UserError("github: %s: no such directory; list the one above it", in)
}

// treeLines gives the files of a tree that are at or below a path. prefix is
// where the tree itself is.
func treeLines(tree *github.Tree, prefix, below string) []string {
	var lines []string
	for _, entry := range tree.Entries {
		name := prefix + entry.GetPath()
		inside := below == "" || name == below || strings.HasPrefix(name, below+"/")
		switch {
		case !inside:
		case entry.GetType() == "blob":
			lines = append(lines, fmt.Sprintf("%s %s", oneLine(name, 500), size(entry.GetSize())))
		case entry.GetType() == "commit":
			lines = append(lines, oneLine(name, 500)+" (submodule)")
		}
	}
	return lines
}
