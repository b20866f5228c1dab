package github

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type commitFilesArguments struct {
	repository
	Branch       string       `json:"branch"`
	From         string       `json:"from,omitempty" doc:"make the branch, beginning at this branch, tag or commit"`
	Message      string       `json:"message"`
	Files        []commitFile `json:"files"`
	ExpectedHead string       `json:"expected_head,omitempty" doc:"commit SHA; refuse if the branch isn't there any more"`
}

type commitFile struct {
	Path     string  `json:"path"`
	Content  *string `json:"content,omitempty" doc:"all of it, also to change a part"`
	Encoding string  `json:"encoding,omitempty" enum:"utf-8,base64" default:"utf-8"`
	Delete   bool    `json:"delete,omitempty"`
}

// Check looks at everything that can be known to be wrong before anything is
// written.
func (in commitFilesArguments) Check() []string {
	faults := append(in.repository.Check(), checkRef("branch", in.Branch)...)
	faults = append(faults, checkRef("from", in.From)...)
	if in.ExpectedHead != "" && (len(in.ExpectedHead) < 7 || strings.Trim(in.ExpectedHead, "0123456789abcdef") != "") {
		faults = append(faults, fmt.Sprintf("'expected_head' must be the SHA of a commit; got %q", oneLine(in.ExpectedHead, 60)))
	}
	if len(in.Files) == 0 {
		faults = append(faults, "'files' is empty")
	}
	seen := map[string]bool{}
	for _, file := range in.Files {
		faults = append(faults, file.check()...)
		if seen[file.Path] {
			faults = append(faults, fmt.Sprintf("'files' holds %q twice", oneLine(file.Path, 100)))
		}
		seen[file.Path] = true
	}
	for _, file := range in.Files {
		for i, r := range file.Path {
			if r == '/' && seen[file.Path[:i]] {
				faults = append(faults, fmt.Sprintf("'files' holds %q as a file and as a directory", oneLine(file.Path[:i], 100)))
			}
		}
	}
	return faults
}

func (f commitFile) check() []string {
	name := oneLine(f.Path, 100)
	var faults []string
	if !isFilePath(f.Path) {
		faults = append(faults, fmt.Sprintf("'files': path %q must be a plain one from the repository's root, like docs/guide.md", name))
	}
	switch {
	case f.Delete && f.Content != nil:
		faults = append(faults, fmt.Sprintf("'files': %q is deleted and has 'content' too", name))
	case !f.Delete && f.Content == nil:
		faults = append(faults, fmt.Sprintf("'files': %q needs 'content', or 'delete'", name))
	case f.Encoding == "base64":
		if _, err := f.bytes(); err != nil {
			faults = append(faults, fmt.Sprintf("'files': the 'content' of %q is not base64", name))
		}
	}
	return faults
}

// isFilePath tells whether git holds a file of this path, and no checkout of it
// on any system writes beside it or into .git. What only Windows can't hold, such
// as aux.c, git takes, and refuses there itself.
//
// The rules are those of git's verify_path and fsck with core.protectHFS and
// core.protectNTFS, https://git-scm.com/docs/git-config: no empty part, no dots
// alone, and no .git in any disguise. Three go further, since hardly anybody
// means what they forbid: a backslash, which separates directories on Windows;
// dots with spaces, which Windows takes for dots; and all characters that can't
// be seen, of which git knows those that macOS ignores.
func isFilePath(path string) bool {
	if clean(path) != path || strings.ContainsAny(path, "\n\t\\") {
		return false
	}
	return !slices.ContainsFunc(strings.Split(path, "/"), func(segment string) bool {
		return strings.Trim(segment, ". ") == "" || isDotGit(segment)
	})
}

// isDotGit tells whether a name leads to .git: in any case, with characters that
// macOS ignores, as the short name that Windows gives it, with dots and spaces at
// the end, which Windows leaves out, and with a stream behind a colon.
func isDotGit(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ":")
	seen := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	return slices.Contains([]string{".git", "git~1"}, strings.TrimRight(seen, ". "))
}

// bytes is the new content of a file.
func (f commitFile) bytes() ([]byte, error) {
	if f.Content == nil {
		return nil, nil
	}
	if f.Encoding == "base64" {
		return base64.StdEncoding.DecodeString(*f.Content)
	}
	return []byte(*f.Content), nil
}

func (in commitFilesArguments) branch() string { return branchName(in.Branch) }

// String names what is written to.
func (in commitFilesArguments) String() string {
	return fmt.Sprintf("branch %s of %s", oneLine(in.branch(), 100), in.Repo)
}

func (a *api) commitFilesTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_commit_files_write",
		Title:       "Commit files",
		Description: "Write or delete any number of files of a repository in one commit, without a clone, on a branch or on a new one made for it. Never overwrites others' commits. Read a file before changing it.",
		Access:      tools.Write,
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.commitFiles)
}

func (a *api) commitFiles(ctx context.Context, in commitFilesArguments) (string, error) {
	head, err := a.commitBase(ctx, in)
	if isStatus(err, http.StatusConflict) {
		return a.commitFirst(ctx, in)
	}
	if err != nil {
		return "", err
	}
	if in.ExpectedHead != "" && !strings.HasPrefix(head, in.ExpectedHead) {
		return "", tools.UserError("github: %s is at %s now and not at %s; nothing was written; read the files again", in, head, in.ExpectedHead)
	}
	base, _, err := a.client.Git.GetCommit(ctx, in.owner(), in.name(), head)
	if err != nil {
		return "", in.explain(err)
	}
	tree := base.GetTree().GetSHA()
	if err := unreadable(in.String(), isSHA(tree)); err != nil {
		return "", err
	}
	return a.commitOnto(ctx, in, head, tree)
}

// commitBase is the commit that the new one follows.
func (a *api) commitBase(ctx context.Context, in commitFilesArguments) (string, error) {
	ref, _, err := a.client.Git.GetRef(ctx, in.owner(), in.name(), "heads/"+in.branch())
	switch {
	case err == nil && in.From != "":
		return "", tools.UserError("github: %s exists already; leave out 'from' to commit to it", in)
	case isStatus(err, http.StatusNotFound) && in.From != "":
		sha, _, err := a.client.Repositories.GetCommitSHA1(ctx, in.owner(), in.name(), in.From, "")
		what := fmt.Sprintf("%s of %s", oneLine(in.From, 100), in.Repo)
		if err != nil {
			return "", explain(err, what)
		}
		sha = strings.TrimSpace(sha)
		return sha, unreadable(what, isSHA(sha))
	case isStatus(err, http.StatusNotFound):
		return "", tools.Explain(err, in.explain(err).Error()+"; to make the branch, give 'from'")
	}
	if err != nil {
		return "", in.explain(err)
	}
	sha := ref.GetObject().GetSHA()
	return sha, unreadable(in.String(), isSHA(sha))
}

// commitOnto makes the commit and only then moves the branch, which GitHub
// refuses if somebody else has moved it in the meantime.
func (a *api) commitOnto(ctx context.Context, in commitFilesArguments, head, baseTree string) (string, error) {
	entries, done, err := a.treeEntries(ctx, in, baseTree)
	if err != nil {
		return "", in.explain(err)
	}
	tree, _, err := a.client.Git.CreateTree(ctx, in.owner(), in.name(), baseTree, entries)
	if err != nil {
		return "", in.explain(err)
	}
	if err := unreadable(in.String(), isSHA(tree.GetSHA())); err != nil {
		return "", err
	}
	if tree.GetSHA() == baseTree {
		return "", tools.UserError("github: %s: nothing to commit: the files are the same at %s already", in, shortSHA(head))
	}
	commit, _, err := a.client.Git.CreateCommit(ctx, in.owner(), in.name(), &github.Commit{
		Message: &in.Message, Tree: tree, Parents: []*github.Commit{{SHA: &head}},
	}, nil)
	if err != nil {
		return "", in.explain(err)
	}
	if err := unreadable(in.String(), isSHA(commit.GetSHA())); err != nil {
		return "", err
	}
	made, err := a.moveBranch(ctx, in, commit.GetSHA())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("committed %s to %s%s: %s\n%s", commit.GetSHA(), in, made, done, a.commitPage(in, commit.GetSHA())), nil
}

func (a *api) commitPage(in commitFilesArguments, sha string) string {
	return fmt.Sprintf("%s/%s/commit/%s", a.web, in.Repo, sha)
}

// moveBranch lets the branch end at a commit, and makes it if that was asked
// for, which made says.
func (a *api) moveBranch(ctx context.Context, in commitFilesArguments, sha string) (made string, err error) {
	ref := &github.Reference{Ref: github.String("heads/" + in.branch()), Object: &github.GitObject{SHA: &sha}}
	var moved *github.Reference
	if in.From != "" {
		moved, _, err = a.client.Git.CreateRef(ctx, in.owner(), in.name(), ref)
		made = ", new from " + oneLine(in.From, 100)
	} else {
		moved, _, err = a.client.Git.UpdateRef(ctx, in.owner(), in.name(), ref, false)
	}
	switch {
	case isStatus(err, http.StatusUnprocessableEntity) && strings.Contains(err.Error(), "fast forward"):
		return "", tools.Explain(err, fmt.Sprintf("github: %s: another commit came first, so nothing was changed on it; read the files again, then commit", in))
	case err != nil:
		return "", in.explain(err)
	}
	return made, unconfirmed(in.String(), "where it is now", a.commitPage(in, sha), isSHA(moved.GetObject().GetSHA()))
}

// commitFirst is for an empty repository, where GitHub makes the first commit
// only of one file: the others follow in a second.
// https://docs.github.com/en/rest/git
func (a *api) commitFirst(ctx context.Context, in commitFilesArguments) (string, error) {
	isDeleted := func(f commitFile) bool { return f.Delete }
	if in.From != "" || in.ExpectedHead != "" || slices.ContainsFunc(in.Files, isDeleted) {
		return "", tools.UserError("github: %s is empty: its first commit takes no 'from', no 'expected_head' and no 'delete'", in.Repo)
	}
	first := in.Files[0]
	content, err := first.bytes()
	if err != nil {
		return "", err
	}
	made, _, err := a.client.Repositories.CreateFile(ctx, in.owner(), in.name(), escapePath(first.Path),
		&github.RepositoryContentFileOptions{Message: &in.Message, Content: content, Branch: github.String(in.branch())})
	if err != nil {
		return "", in.explain(err)
	}
	sha := made.Commit.GetSHA()
	if err := unconfirmed(in.String(), "the commit", a.web+"/"+in.Repo, isSHA(sha)); err != nil {
		return "", err
	}
	text := fmt.Sprintf("committed %s to %s, the first one: %s\n%s", sha, in, oneLine(first.Path, 200), a.commitPage(in, sha))
	if in.Files = in.Files[1:]; len(in.Files) == 0 {
		return text, nil
	}
	rest, err := a.commitOnto(ctx, in, sha, made.Commit.GetTree().GetSHA())
	if err != nil {
		return "", tools.UserError("%w (done before that: %s)", err, text)
	}
	return text + "\n" + rest, nil
}

// explain adds what GitHub doesn't say of files that run with secrets.
func (in commitFilesArguments) explain(err error) error {
	explained := explain(err, in.String())
	isWorkflow := func(f commitFile) bool { return strings.HasPrefix(f.Path, ".github/workflows/") }
	isRefusal := outOfReach(err) || isStatus(err, http.StatusUnprocessableEntity)
	if isRefusal && slices.ContainsFunc(in.Files, isWorkflow) {
		return tools.Explain(err, explained.Error()+"; changing .github/workflows takes the scope workflow too")
	}
	return explained
}
