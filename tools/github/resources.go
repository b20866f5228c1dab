package github

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// located is the variables that name a repository in an address.
type located struct {
	Owner string `json:"owner"`
	Name  string `json:"repo"`
}

func (l located) repository() repository { return repository{l.Owner + "/" + l.Name} }

// Place is for [tools.DefineResource].
func (l located) Place() string { return l.repository().Repo }

// Check says what is wrong with the shape.
func (l located) Check() []string { return l.repository().Check() }

type contentsVariables struct {
	located
	Path string `json:"path,omitempty"`
	Ref  string `json:"ref,omitempty"`
}

type numberVariables struct {
	located
	Number int `json:"number" minimum:"1"`
}

func (v numberVariables) numbered() numbered { return numbered{v.repository(), v.Number} }

// resources is the table of what can be read by its address, each beside the
// tool of the same name.
func (a *api) resources() []tools.Resource {
	return []tools.Resource{
		tools.DefineResource(tools.Resource{
			Name:        "github_contents",
			Title:       "File or directory on GitHub",
			Description: "A file of a repository, or the list of a directory, at a branch, tag or commit (ref).",
			Template:    "github://{owner}/{repo}/contents/{+path}{?ref}",
			Tool:        "github_contents",
			Completions: map[string]tools.Complete{"owner": a.suggestOwners, "repo": a.suggestNames, "path": a.suggestPaths, "ref": a.suggestBranches},
		}, patiently(a.contentsDocument)),
		tools.DefineResource(tools.Resource{
			Name:        "github_issue",
			Title:       "Issue on GitHub",
			Description: "An issue: its text, its facts and the first comments.",
			Template:    "github://{owner}/{repo}/issues/{number}",
			MediaType:   markdown,
			Tool:        "github_issue",
			Completions: map[string]tools.Complete{"owner": a.suggestOwners, "repo": a.suggestNames, "number": a.suggestIssues},
		}, patiently(a.issueDocument)),
		tools.DefineResource(tools.Resource{
			Name:        "github_pull_request",
			Title:       "Pull request on GitHub",
			Description: "A pull request: its text, whether it can be merged, its checks and reviews.",
			Template:    "github://{owner}/{repo}/pulls/{number}",
			MediaType:   markdown,
			Tool:        "github_pull_request",
			Completions: map[string]tools.Complete{"owner": a.suggestOwners, "repo": a.suggestNames, "number": a.suggestPulls},
		}, patiently(a.pullDocument)),
	}
}

const markdown = "text/markdown"

// patiently lets reads wait for limits as tools do, and says of what GitHub
// doesn't find that it isn't there.
func patiently[In any](read func(context.Context, In) (tools.Document, error)) func(context.Context, In) (tools.Document, error) {
	return func(ctx context.Context, in In) (tools.Document, error) {
		ctx, end := rest.WithTurns(withPatience(ctx))
		defer end()
		d, err := read(ctx, in)
		if isStatus(err, http.StatusNotFound) {
			err = tools.NotFound(err)
		}
		return d, err
	}
}

func (a *api) issueDocument(ctx context.Context, in numberVariables) (tools.Document, error) {
	text, err := a.issueSummary(ctx, issueArguments{numbered: in.numbered(), Part: "summary", Page: 1, PerPage: 20})
	return tools.Document{MediaType: markdown, Text: goingOn(text, "github_issue")}, err
}

func (a *api) pullDocument(ctx context.Context, in numberVariables) (tools.Document, error) {
	text, err := a.pullSummary(ctx, pullRequestArguments{numbered: in.numbered(), Part: "summary", Page: 1, PerPage: 30})
	return tools.Document{MediaType: markdown, Text: goingOn(text, "github_pull_request")}, err
}

// goingOn says which tool takes what a text says comes next.
func goingOn(text, tool string) string {
	isOurs := func(line string) bool { return strings.Contains(line, "next: ") && !strings.HasPrefix(line, "> ") }
	if !slices.ContainsFunc(strings.Split(text, "\n"), isOurs) {
		return text
	}
	return text + fmt.Sprintf("\n\n[what is next: call the tool %s with the argument that is named there]", tool)
}

func (a *api) contentsDocument(ctx context.Context, in contentsVariables) (tools.Document, error) {
	at := contentsArguments{repository: in.repository(), Path: in.Path, Ref: in.Ref, StartLine: 1}
	if faults := at.Check(); len(faults) > 0 {
		return tools.Document{}, tools.UserError("github: %s", strings.Join(faults, "; "))
	}
	found, err := a.content(ctx, at, at.path())
	if err != nil {
		return tools.Document{}, err
	}
	switch found.GetType() {
	case "dir":
		text, err := directory(a.room, at, found.Entries)
		return tools.Document{MediaType: "text/plain", Text: goingOn(text, "github_contents")}, err
	case "file":
		return a.fileDocument(ctx, at, &found.RepositoryContent)
	}
	text, err := a.file(ctx, at, &found.RepositoryContent)
	return tools.Document{MediaType: "text/plain", Text: text}, err
}

func (a *api) fileDocument(ctx context.Context, at contentsArguments, file *github.RepositoryContent) (tools.Document, error) {
	content, err := a.open(ctx, at, file)
	if err != nil {
		return tools.Document{}, err
	}
	defer content.Close()
	head, err := io.ReadAll(io.LimitReader(content, int64(a.room.file())+1))
	if err != nil {
		return tools.Document{}, explain(err, at.String())
	}
	isBinary := bytes.IndexByte(head[:min(len(head), sniffed)], 0) >= 0
	switch {
	case isBinary && len(head) > a.room.file():
		return tools.Document{}, tools.UserError("github: %s: binary (%s), %s, too large to be shown; see %s",
			at, http.DetectContentType(head), size(file.GetSize()), file.GetHTMLURL())
	case isBinary:
		return tools.Document{MediaType: http.DetectContentType(head), Bytes: head}, nil
	}
	return tools.Document{MediaType: textType(at.path()), Text: beginning(head, a.room.file(), file.GetSize())}, nil
}

// beginning is a text, or as much of it as one answer holds and how to go on.
func beginning(head []byte, most, total int) string {
	note := ""
	if len(head) > most {
		head = head[:most]
		goOn := ""
		if end := bytes.LastIndexByte(head, '\n'); end >= 0 {
			head = head[:end+1]
			goOn = fmt.Sprintf("; the tool github_contents goes on with start_line=%d", bytes.Count(head, []byte("\n"))+1)
		}
		note = fmt.Sprintf("\n[cut after %s of %s%s]", size(len(head)), size(total), goOn)
	}
	if !utf8.Valid(head) {
		note += "\n[not UTF-8: other bytes are shown as \uFFFD]"
	}
	shown, hidden := cleanNoting(string(head))
	return shown + hidden + note
}

// textType is the media type of a text by the name of its file. The system's own
// table differs from machine to machine.
// https://www.iana.org/assignments/media-types/media-types.xhtml
func textType(name string) string {
	known := map[string]string{
		".md": markdown, ".markdown": markdown, ".html": "text/html", ".htm": "text/html", ".css": "text/css", ".csv": "text/csv",
		".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml",
		".toml": "application/toml", ".xml": "application/xml", ".svg": "image/svg+xml",
	}
	if kind, is := known[strings.ToLower(path.Ext(name))]; is {
		return kind
	}
	return "text/plain"
}
