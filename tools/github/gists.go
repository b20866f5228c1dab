package github

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
)

func gistScope() []string { return []string{"gist"} }

type gistsArguments struct {
	Gist     string `json:"gist,omitempty" doc:"id: read this one; else list"`
	File     string `json:"file,omitempty" doc:"of the gist: only this one"`
	Offset   int    `json:"offset,omitempty" minimum:"0" doc:"characters to skip"`
	Comments bool   `json:"comments,omitempty" doc:"of the gist, instead of its files"`
	User     string `json:"user,omitempty" doc:"login, default: yourself"`
	Starred  bool   `json:"starred,omitempty" doc:"list those you starred"`
	paged
}

// Check ties the arguments to what is read: one gist, its comments or a list.
func (in gistsArguments) Check() []string {
	kind, use := "a list", tools.Usage{Also: []string{"user", "starred", "page", "per_page"}}
	switch {
	case in.Comments:
		kind, use = "reading comments", tools.Usage{Needs: []string{"gist"}, Also: []string{"comments", "page", "per_page"}}
	case in.Gist != "":
		kind, use = "reading a gist", tools.Usage{Also: []string{"gist", "file", "offset", "page", "per_page"}}
	}
	faults := use.Faults(kind, tools.Given(in))
	if in.Gist != "" {
		faults = append(faults, gistFault(in.Gist)...)
	}
	if in.Offset > 0 && in.File == "" && in.Gist != "" {
		faults = append(faults, "'offset' needs 'file'")
	}
	if in.User != "" && (in.Starred || !isName(in.User, "")) {
		faults = append(faults, "'user' must be a login, and can't be used with 'starred'")
	}
	return faults
}

// gistFault says what is wrong with the id of a gist.
func gistFault(id string) []string {
	if isName(id, "") && !strings.ContainsAny(id, "_-") {
		return nil
	}
	return []string{fmt.Sprintf("'gist' must be an id, the last part of a gist's address; got %q", oneLine(id, 60))}
}

func (a *api) gistsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_gists",
		Title:       "Gists",
		Description: "List your gists, those you starred or a user's, or read one gist with its files, one of its files, or its comments.",
		Access:      tools.Read,
		Strangers:   true,
		OpenWorld:   true,
		Scopes:      gistScope(),
	}, a.gists)
}

func (a *api) gists(ctx context.Context, in gistsArguments) (string, error) {
	switch {
	case in.Comments:
		return a.gistComments(ctx, in)
	case in.Gist != "":
		return a.oneGist(ctx, in)
	}
	return a.gistList(ctx, in)
}

// gist is one as GitHub gives it, with what the library leaves out.
// https://docs.github.com/rest/gists/gists#get-a-gist
type gist struct {
	github.Gist
	Files     map[string]gistFile `json:"files"`
	Truncated bool                `json:"truncated"` // there are more files
}

type gistFile struct {
	Language  string `json:"language"`
	RawURL    string `json:"raw_url"`
	Size      int    `json:"size"`
	Truncated bool   `json:"truncated"`
	Content   string `json:"content"`
}

// names lists the files as the web pages do.
func (g *gist) names() []string { return slices.Sorted(maps.Keys(g.Files)) }

// visibility is who finds a gist. A secret one is open to whoever has its
// address.
func (g *gist) visibility() string {
	if g.GetPublic() {
		return "public"
	}
	return "secret"
}

func (a *api) gistList(ctx context.Context, in gistsArguments) (string, error) {
	address, whose := "gists", "your gists"
	switch {
	case in.Starred:
		address, whose = "gists/starred", "gists you starred"
	case in.User != "":
		address, whose = "users/"+in.User+"/gists", "gists of @"+in.User
	}
	var gists []gist
	r, err := a.get(ctx, address, in.query(map[string]string{}), &gists, whose)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(gists))
	for i := range gists {
		lines[i] = gists[i].line()
	}
	return listing(whose+": "+here(len(lines), "gist", in.position(r)), lines), nil
}

// line says what matters about a gist in less than 300 bytes.
func (g *gist) line() string {
	files := g.names()
	shown := oneLine(strings.Join(files[:min(3, len(files))], ", "), 80)
	if more := len(files) - 3; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	facts := join(", ", g.visibility(), login(g.Owner), count(g.GetComments(), "comment"), dated("updated", g.GetUpdatedAt()))
	return fmt.Sprintf("%s %s — %s — %s", oneLine(g.GetID(), 60), oneLine(g.GetDescription(), 80), shown, facts)
}

func (a *api) oneGist(ctx context.Context, in gistsArguments) (string, error) {
	what := "gist " + in.Gist
	var g gist
	if _, err := a.get(ctx, "gists/"+in.Gist, nil, &g, what); err != nil {
		return "", err
	}
	if in.File != "" {
		file, found := g.Files[in.File]
		if !found {
			return "", tools.UserError("github: %s has no file %q; it has: %s", what, oneLine(in.File, 100), oneLine(orNone(g.names()), 2000))
		}
		return file.text(in.File, in.Offset, a.room.texts()), nil
	}
	return g.text(a.room), nil
}

// manyFiles are too many to show what is in them at once.
const manyFiles = 10

func (g *gist) text(room room) string {
	texts := []string{join("\n",
		fmt.Sprintf("# gist %s: %s", oneLine(g.GetID(), 60), oneLine(g.GetDescription(), 300)),
		join(", ", g.visibility(), "by "+login(g.Owner), dated("created", g.GetCreatedAt()), dated("updated", g.GetUpdatedAt()),
			some(len(g.Files), "file"), count(g.GetComments(), "comment")),
		g.GetHTMLURL(), flag(g.Truncated, "[GitHub gives no more than these files]"))}
	if len(g.Files) > manyFiles {
		lines := make([]string, 0, len(g.Files))
		for _, name := range g.names() {
			lines = append(lines, g.Files[name].heading(name))
		}
		return texts[0] + "\n[too many files to show: read one with file]\n\n" + strings.Join(lines, "\n")
	}
	for _, name := range g.names() {
		texts = append(texts, g.Files[name].text(name, 0, room.each(len(g.Files))))
	}
	return strings.Join(texts, "\n\n")
}

func (f gistFile) heading(name string) string {
	return fmt.Sprintf("## %s (%s)", oneLine(name, 100), join(", ", oneLine(f.Language, 40), size(f.Size)))
}

// text is a file's content as somebody's words.
func (f gistFile) text(name string, offset, limit int) string {
	if strings.ContainsRune(f.Content, 0) {
		return f.heading(name) + "\n(binary, not shown)"
	}
	note := ""
	if f.Truncated {
		note = "[GitHub's API gives only the beginning of this file; all of it: " + oneLine(f.RawURL, 300) + "]"
	}
	return join("\n", f.heading(name), note, excerpt(f.Content, offset, limit, "file="+oneLine(name, 100)))
}

func (a *api) gistComments(ctx context.Context, in gistsArguments) (string, error) {
	what := "gist " + in.Gist
	options := in.options()
	comments, r, err := a.client.Gists.ListComments(ctx, in.Gist, &options)
	if err != nil {
		return "", explain(err, what)
	}
	texts := []string{fmt.Sprintf("comments on %s: %s", what, here(len(comments), "comment", in.position(r)))}
	for _, c := range comments {
		head := fmt.Sprintf("### %s", join(", ", login(c.User), day(c.GetCreatedAt()), fmt.Sprintf("comment %d", c.GetID())))
		texts = append(texts, head+"\n"+excerpt(c.GetBody(), 0, a.room.each(len(comments)), "github_api path="+fmt.Sprintf("gists/%s/comments/%d", in.Gist, c.GetID())))
	}
	return strings.Join(texts, "\n\n"), nil
}
