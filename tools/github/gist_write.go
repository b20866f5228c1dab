package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type gistWriteArguments struct {
	Action      string       `json:"action" enum:"create,update,delete,star,unstar,comment"`
	Gist        string       `json:"gist,omitempty" doc:"id; all but create"`
	Description *string      `json:"description,omitempty" doc:"create, update"`
	Files       []gistChange `json:"files,omitempty" doc:"create, update: those to add or change"`
	Public      bool         `json:"public,omitempty" doc:"create; else secret: open to whoever has the link"`
	Body        string       `json:"body,omitempty" doc:"comment"`
}

// gistChange is what happens to one file.
type gistChange struct {
	Name    string  `json:"name"`
	Content *string `json:"content,omitempty" doc:"the whole new content"`
	NewName string  `json:"new_name,omitempty"`
	Delete  bool    `json:"delete,omitempty"`
}

func (a *api) gistWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_gist_write",
		Title:       "Write gists",
		Description: "Create a gist, change its description or files (add, replace, rename, delete), delete it, star or unstar it, or comment on it.",
		Access:      tools.Destructive,
		Actions:     gistAccess(),
		Outward:     tools.Anywhere,
		OpenWorld:   true,
		Scopes:      gistScope(),
	}, a.gistWrite)
}

// gistAccess: a gist is a git repository, which keeps what its files were.
// https://docs.github.com/en/get-started/writing-on-github/editing-and-sharing-content-with-gists/creating-gists
func gistAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"create": tools.Write, "update": tools.Write, "delete": tools.Destructive,
		"star": tools.Write, "unstar": tools.Write, "comment": tools.Write,
	}
}

// gistAction is what an action takes, and how it is done.
type gistAction struct {
	tools.Usage
	run func(a *api, ctx context.Context, in gistWriteArguments) (string, error)
}

func gistActions() map[string]gistAction {
	gist := []string{"gist"}
	return map[string]gistAction{
		"create":  {tools.Usage{Needs: []string{"files"}, Also: []string{"description", "public"}}, (*api).createGist},
		"update":  {tools.Usage{Needs: gist, Also: []string{"description", "files"}}, (*api).updateGist},
		"delete":  {tools.Usage{Needs: gist}, (*api).deleteGist},
		"star":    {tools.Usage{Needs: gist}, (*api).starGist},
		"unstar":  {tools.Usage{Needs: gist}, (*api).unstarGist},
		"comment": {tools.Usage{Needs: []string{"gist", "body"}}, (*api).commentOnGist},
	}
}

// Check compares the arguments with the action, and each file's with one
// another.
func (in gistWriteArguments) Check() []string {
	faults := gistActions()[in.Action].Faults("action "+in.Action, tools.Given(in, "action"))
	if in.Gist != "" {
		faults = append(faults, gistFault(in.Gist)...)
	}
	if in.Action == "update" && in.Description == nil && len(in.Files) == 0 {
		faults = append(faults, "action update needs 'description' or 'files'")
	}
	if in.Action == "create" && in.Files != nil && len(in.Files) == 0 {
		faults = append(faults, "action create needs at least one of 'files'")
	}
	var seen []string
	for _, file := range in.Files {
		if slices.Contains(seen, file.Name) {
			faults = append(faults, fmt.Sprintf("file %q is given twice", oneLine(file.Name, 60)))
		}
		seen = append(seen, file.Name)
		if fault := file.fault(in.Action == "create"); fault != "" {
			faults = append(faults, fmt.Sprintf("file %q %s", oneLine(file.Name, 60), fault))
		}
	}
	return faults
}

func (f gistChange) fault(isNew bool) string {
	isBlank := f.Content != nil && strings.TrimSpace(*f.Content) == ""
	switch {
	case isBlank:
		return "must not be empty; to remove it use delete"
	case isNew && (f.Content == nil || f.NewName != "" || f.Delete):
		return "needs 'content' and nothing else, since it is new"
	case f.Delete && (f.Content != nil || f.NewName != ""):
		return "can't be deleted and changed at once"
	case f.Content == nil && f.NewName == "" && !f.Delete:
		return "needs 'content', 'new_name' or 'delete'"
	}
	return ""
}

// change is what GitHub wants to know; nil deletes the file.
func (f gistChange) change() any {
	if f.Delete {
		return nil
	}
	change := map[string]string{}
	if f.Content != nil {
		change["content"] = *f.Content
	}
	if f.NewName != "" {
		change["filename"] = f.NewName
	}
	return change
}

// String says what was done to the file.
func (f gistChange) String() string {
	name := oneLine(f.Name, 100)
	switch {
	case f.Delete:
		return "deleted " + name
	case f.Content == nil:
		return "renamed " + name + " to " + oneLine(f.NewName, 100)
	case f.NewName != "":
		return "wrote " + name + " as " + oneLine(f.NewName, 100)
	}
	return "wrote " + name
}

// body is the request of create and update.
func (in gistWriteArguments) body() map[string]any {
	files := map[string]any{}
	for _, file := range in.Files {
		files[file.Name] = file.change()
	}
	body := map[string]any{}
	if len(files) > 0 {
		body["files"] = files
	}
	if in.Description != nil {
		body["description"] = *in.Description
	}
	return body
}

func (a *api) gistWrite(ctx context.Context, in gistWriteArguments) (string, error) {
	return gistActions()[in.Action].run(a, ctx, in)
}

// gistPage is where people see a gist.
// https://docs.github.com/en/enterprise-server/admin/configuring-settings/hardening-security-for-your-enterprise/enabling-subdomain-isolation
func (a *api) gistPage(id string) string {
	if a.web == "https://"+publicHost {
		return "https://gist." + publicHost + "/" + id
	}
	return a.web + "/gist/" + id
}

func (a *api) createGist(ctx context.Context, in gistWriteArguments) (string, error) {
	body := in.body()
	body["public"] = in.Public
	var created gist
	if _, err := a.put(ctx, http.MethodPost, "gists", body, &created, "a new gist"); err != nil {
		return "", err
	}
	if err := a.confirmGist("a new gist", created); err != nil {
		return "", err
	}
	return fmt.Sprintf("created %s gist %s with %s: %s\n%s", created.visibility(), created.GetID(), count(len(in.Files), "file"),
		oneLine(strings.Join(created.names(), ", "), 1000), created.GetHTMLURL()), nil
}

func (a *api) updateGist(ctx context.Context, in gistWriteArguments) (string, error) {
	var updated gist
	if _, err := a.put(ctx, http.MethodPatch, "gists/"+in.Gist, in.body(), &updated, "gist "+in.Gist); err != nil {
		return "", err
	}
	var done []string
	if in.Description != nil {
		done = append(done, "description")
	}
	for _, file := range in.Files {
		done = append(done, file.String())
	}
	return fmt.Sprintf("updated gist %s: %s\n%s", in.Gist, oneLine(strings.Join(done, ", "), 2000), updated.GetHTMLURL()), a.confirmGist("gist "+in.Gist, updated)
}

func (a *api) confirmGist(what string, g gist) error {
	return unconfirmed(what, "its id and address", a.gistPage(""), g.GetID() != "", g.GetHTMLURL() != "")
}

func (a *api) deleteGist(ctx context.Context, in gistWriteArguments) (string, error) {
	if _, err := a.client.Gists.Delete(ctx, in.Gist); err != nil {
		return "", explain(err, "gist "+in.Gist)
	}
	return "deleted gist " + in.Gist + "; it can't be brought back", nil
}

func (a *api) starGist(ctx context.Context, in gistWriteArguments) (string, error) {
	if _, err := a.client.Gists.Star(ctx, in.Gist); err != nil {
		return "", explain(err, "gist "+in.Gist)
	}
	return fmt.Sprintf("starred gist %s\n%s", in.Gist, a.gistPage(in.Gist)), nil
}

func (a *api) unstarGist(ctx context.Context, in gistWriteArguments) (string, error) {
	if _, err := a.client.Gists.Unstar(ctx, in.Gist); err != nil {
		return "", explain(err, "gist "+in.Gist)
	}
	return fmt.Sprintf("unstarred gist %s\n%s", in.Gist, a.gistPage(in.Gist)), nil
}

func (a *api) commentOnGist(ctx context.Context, in gistWriteArguments) (string, error) {
	comment, _, err := a.client.Gists.CreateComment(ctx, in.Gist, &github.GistComment{Body: &in.Body})
	if err != nil {
		return "", explain(err, "gist "+in.Gist)
	}
	return fmt.Sprintf("commented on gist %s (comment %d)\n%s", in.Gist, comment.GetID(), a.gistPage(in.Gist)),
		unconfirmed("gist "+in.Gist, "the comment's id", a.gistPage(in.Gist), comment.GetID() > 0)
}
