package github

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

type contentsArguments struct {
	repository
	Path      string `json:"path,omitempty" doc:"file or directory; default: the root"`
	Ref       string `json:"ref,omitempty" doc:"branch, tag or commit; default: the default branch"`
	Recursive bool   `json:"recursive,omitempty"`
	StartLine int    `json:"start_line,omitempty" minimum:"1" default:"1"`
	EndLine   int    `json:"end_line,omitempty" minimum:"1"`
}

// Check adds the rules that involve more than one argument.
func (in contentsArguments) Check() []string {
	faults := in.repository.Check()
	if in.EndLine > 0 && in.EndLine < in.StartLine {
		faults = append(faults, fmt.Sprintf("'end_line' %d is before 'start_line' %d", in.EndLine, in.StartLine))
	}
	return append(append(faults, checkPath("path", in.path())...), checkRef("ref", in.Ref)...)
}

func (in contentsArguments) path() string { return plainPath(in.Path) }

// String names what is asked for.
func (in contentsArguments) String() string {
	what := in.Repo
	if in.path() != "" {
		what += "/" + oneLine(in.path(), 300)
	}
	if in.Ref != "" {
		what += " at " + oneLine(in.Ref, 100)
	}
	return what
}

func (a *api) contentsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_contents",
		Title:       "Files of a repository",
		Description: "Read a file, list a directory, or list all files below it (recursive), at any branch, tag or commit. Long files and lists come in parts and say how to go on: start_line counts lines, or entries of a list.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, a.contents)
}

func (a *api) contents(ctx context.Context, in contentsArguments) (string, error) {
	if in.Recursive {
		return a.tree(ctx, in)
	}
	found, err := a.content(ctx, in, in.path())
	switch {
	case err != nil:
		return "", err
	case found.GetType() == "dir":
		return directory(a.room, in, found.Entries)
	}
	return a.file(ctx, in, &found.RepositoryContent)
}

// content is what is at a path. Only a directory has entries.
type content struct {
	github.RepositoryContent
	Entries []*github.RepositoryContent `json:"entries"`
}

const (
	// objectMediaType gives an object for files and directories alike, and is
	// allowed for files up to 100 MB, which come without their content.
	objectMediaType = "application/vnd.github.object+json"
	rawMediaType    = "application/vnd.github.raw+json"
)

func (a *api) content(ctx context.Context, in contentsArguments, path string) (*content, error) {
	request, err := a.contentsRequest(in, path, objectMediaType)
	if err != nil {
		return nil, explain(err, in.String())
	}
	var answer json.RawMessage
	if _, err := a.client.Do(ctx, request, &answer); err != nil {
		return nil, explain(err, in.String())
	}
	found := &content{}
	// Servers that don't know the media type give a directory as a list.
	if bytes.HasPrefix(bytes.TrimSpace(answer), []byte("[")) {
		found.Type = github.String("dir")
		err = json.Unmarshal(answer, &found.Entries)
	} else {
		err = json.Unmarshal(answer, found)
	}
	return found, explain(err, in.String())
}

// contentsRequest escapes each part of the path, which the library's own
// method doesn't.
func (a *api) contentsRequest(in contentsArguments, path, accept string) (*http.Request, error) {
	address := fmt.Sprintf("repos/%s/contents/%s", in.Repo, escapePath(path))
	if in.Ref != "" {
		address += "?" + url.Values{"ref": {in.Ref}}.Encode()
	}
	request, err := a.client.NewRequest(http.MethodGet, address, nil)
	if err == nil {
		request.Header.Set("Accept", accept)
	}
	return request, err
}

// file shows a file, or says what stands in its place.
func (a *api) file(ctx context.Context, in contentsArguments, file *github.RepositoryContent) (string, error) {
	switch file.GetType() {
	case "symlink":
		return fmt.Sprintf("%s: a symbolic link to %s", in, oneLine(file.GetTarget(), 300)), nil
	case "submodule":
		return fmt.Sprintf("%s: a submodule, commit %s of %s", in, shortSHA(file.GetSHA()), oneLine(file.GetSubmoduleGitURL(), 300)), nil
	}
	content, err := a.open(ctx, in, file)
	if err != nil {
		return "", err
	}
	defer content.Close()
	return showFile(a.room, in, file, content)
}

// open answers a file's content. GitHub leaves that of files over 1 MB out of
// the usual answer.
func (a *api) open(ctx context.Context, in contentsArguments, file *github.RepositoryContent) (io.ReadCloser, error) {
	if file.GetSize() == 0 || file.Content == nil || *file.Content != "" {
		text, err := file.GetContent()
		if err != nil {
			return nil, tools.UserError("github: %s: the content can't be read: %w", in, err)
		}
		return io.NopCloser(strings.NewReader(text)), nil
	}
	request, err := a.contentsRequest(in, in.path(), rawMediaType)
	if err != nil {
		return nil, explain(err, in.String())
	}
	r, err := a.client.BareDo(ctx, request)
	if err != nil {
		return nil, explain(err, in.String())
	}
	return r.Body, nil
}

func showFile(room room, in contentsArguments, file *github.RepositoryContent, content io.Reader) (string, error) {
	w, err := readWindow(content, in.StartLine, in.EndLine, room.file())
	if err != nil {
		return "", explain(err, in.String())
	}
	heading := fmt.Sprintf("%s: %s", in, size(file.GetSize()))
	if w.binary {
		return join("\n", fmt.Sprintf("%s, binary (%s), not shown", heading, w.mediaType), file.GetHTMLURL()), nil
	}
	if w.total == 0 {
		return heading + ", empty", nil
	}
	return w.show(heading, "lines", in.StartLine)
}

// maxEntries is how many GitHub lists of a directory.
// https://docs.github.com/rest/repos/contents
const maxEntries = 1000

// directory lists what is in one directory.
func directory(room room, in contentsArguments, entries []*github.RepositoryContent) (string, error) {
	lines := make([]string, len(entries))
	for i, entry := range entries {
		lines[i] = oneLine(entry.GetName(), 300)
		switch {
		case entry.GetType() == "dir":
			lines[i] += "/"
		case entry.GetType() == "symlink":
			lines[i] += " (symbolic link)"
		case entry.GetSubmoduleGitURL() != "" || entry.GetType() == "submodule":
			lines[i] += " (submodule)"
		default:
			lines[i] += " " + size(entry.GetSize())
		}
	}
	heading := in.String() + ": directory"
	if len(entries) >= maxEntries {
		heading += " (GitHub lists at most 1,000 entries here; recursive lists all)"
	}
	return showList(room, in, heading, lines)
}

func showList(room room, in contentsArguments, heading string, lines []string) (string, error) {
	if len(lines) == 0 {
		return heading + ", empty", nil
	}
	w, err := readWindow(strings.NewReader(strings.Join(lines, "\n")), in.StartLine, in.EndLine, room.file())
	if err != nil {
		return "", err
	}
	return w.show(heading, "entries", in.StartLine)
}
