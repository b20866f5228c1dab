package github

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type repositoryWriteArguments struct {
	repository
	Action        string   `json:"action" enum:"create,fork,edit,set_topics,star,unstar,create_branch,delete_branch,create_tag,create_release,update_release,delete_release,create_label,update_label,delete_label"`
	Name          string   `json:"name,omitempty" doc:"branch, tag (also of a release) or label"`
	From          string   `json:"from,omitempty" doc:"branch, tag or commit; default: the default branch"`
	NewName       string   `json:"new_name,omitempty" doc:"of a label; fork: [organization/]name"`
	Title         *string  `json:"title,omitempty"`
	Body          *string  `json:"body,omitempty" doc:"release notes; tag message"`
	Description   *string  `json:"description,omitempty"`
	Homepage      *string  `json:"homepage,omitempty"`
	DefaultBranch string   `json:"default_branch,omitempty"`
	Color         string   `json:"color,omitempty" doc:"hex"`
	Topics        []string `json:"topics,omitempty" doc:"replaces all"`
	Private       *bool    `json:"private,omitempty" doc:"default true"`
	AutoInit      *bool    `json:"auto_init,omitempty"`
	Draft         *bool    `json:"draft,omitempty"`
	Prerelease    *bool    `json:"prerelease,omitempty"`
	GenerateNotes *bool    `json:"generate_notes,omitempty"`
}

func (a *api) repositoryWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_repository_write",
		Title:       "Change repositories",
		Description: "Create, fork, edit or star a repository; write its branches, tags, releases, labels and topics, but no files. What is deleted may be lost.",
		Access:      tools.Destructive,
		Actions:     repositoryAccess(),
		Outward:     tools.InPublic,
		OpenWorld:   true,
		Scopes:      repoScope(),
	}, func(ctx context.Context, in repositoryWriteArguments) (string, error) {
		return repositoryActions()[in.Action].run(a, ctx, in)
	})
}

// repositoryAccess: a deleted branch may hold the only copy of its commits, a
// deleted label is taken off every issue, and a deleted release is gone.
// https://docs.github.com/en/issues/using-labels-and-milestones-to-track-work/managing-labels#deleting-a-label
// https://docs.github.com/en/repositories/releasing-projects-on-github/managing-releases-in-a-repository#deleting-a-release
func repositoryAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"create": tools.Write, "fork": tools.Write, "edit": tools.Write, "set_topics": tools.Write, "star": tools.Write, "unstar": tools.Write,
		"create_branch": tools.Write, "delete_branch": tools.Destructive, "create_tag": tools.Write,
		"create_release": tools.Write, "update_release": tools.Write, "delete_release": tools.Destructive,
		"create_label": tools.Write, "update_label": tools.Write, "delete_label": tools.Destructive,
	}
}

// repositoryAction is one thing the tool does, and which arguments it takes.
type repositoryAction struct {
	tools.Usage
	run func(*api, context.Context, repositoryWriteArguments) (string, error)
}

func repositoryActions() map[string]repositoryAction {
	named := []string{"name"}
	return map[string]repositoryAction{
		"create":         {tools.Usage{Also: []string{"description", "homepage", "private", "auto_init"}}, (*api).createRepository},
		"fork":           {tools.Usage{Also: []string{"new_name"}}, (*api).forkRepository},
		"edit":           {tools.Usage{OneOf: []string{"description", "homepage", "default_branch"}}, (*api).editRepository},
		"set_topics":     {tools.Usage{Needs: []string{"topics"}}, (*api).setTopics},
		"star":           {tools.Usage{}, (*api).star},
		"unstar":         {tools.Usage{}, (*api).unstar},
		"create_branch":  {tools.Usage{Needs: named, Also: []string{"from"}}, (*api).createBranch},
		"delete_branch":  {tools.Usage{Needs: named}, (*api).deleteBranch},
		"create_tag":     {tools.Usage{Needs: named, Also: []string{"from", "body"}}, (*api).createTag},
		"create_release": {tools.Usage{Needs: named, Also: []string{"from", "title", "body", "draft", "prerelease", "generate_notes"}}, (*api).createRelease},
		"update_release": {tools.Usage{Needs: named, OneOf: []string{"title", "body", "draft", "prerelease"}}, (*api).updateRelease},
		"delete_release": {tools.Usage{Needs: named}, (*api).deleteRelease},
		"create_label":   {tools.Usage{Needs: named, Also: []string{"color", "description"}}, (*api).createLabel},
		"update_label":   {tools.Usage{Needs: named, OneOf: []string{"new_name", "color", "description"}}, (*api).updateLabel},
		"delete_label":   {tools.Usage{Needs: named}, (*api).deleteLabel},
	}
}

// given lists the arguments that were sent. Texts and topics may be emptied.
func (in repositoryWriteArguments) given() []string {
	return names([]sent{
		{"name", strings.TrimSpace(in.Name) != ""}, {"from", in.From != ""}, {"new_name", strings.TrimSpace(in.NewName) != ""},
		{"title", in.Title != nil}, {"body", in.Body != nil}, {"description", in.Description != nil},
		{"homepage", in.Homepage != nil}, {"default_branch", in.DefaultBranch != ""}, {"color", in.Color != ""}, {"topics", in.Topics != nil},
		{"private", in.Private != nil}, {"auto_init", in.AutoInit != nil}, {"draft", in.Draft != nil}, {"prerelease", in.Prerelease != nil},
		{"generate_notes", in.GenerateNotes != nil},
	})
}

// Check compares what was sent with what the action needs and uses, before
// anything is asked of GitHub.
func (in repositoryWriteArguments) Check() []string {
	faults := append(in.repository.Check(), repositoryActions()[in.Action].Faults("action "+in.Action, in.given())...)
	if strings.HasSuffix(in.Action, "_label") {
		faults = append(faults, checkLabel(in.Name)...)
	} else {
		faults = append(faults, checkRef("name", in.Name)...)
	}
	faults = append(faults, checkRef("from", in.From)...)
	if _, _, ok := in.forkName(); in.Action == "fork" && !ok {
		faults = append(faults, fmt.Sprintf("'new_name' must be a repository's name, or organization/name; got %q", oneLine(in.NewName, 60)))
	}
	if in.Color != "" && !regexp.MustCompile(`^#?[0-9A-Fa-f]{6}$`).MatchString(in.Color) {
		faults = append(faults, fmt.Sprintf(`'color' must be six hexadecimal digits like "d73a4a"; got %q`, oneLine(in.Color, 60)))
	}
	return faults
}

// forkName takes what a fork is to be named apart. No organisation is the
// account itself, and no name the name as it is.
func (in repositoryWriteArguments) forkName() (organization, name string, ok bool) {
	organization, name, found := strings.Cut(in.NewName, "/")
	if !found {
		organization, name = "", in.NewName
	}
	ok = (!found || isName(organization, "")) && (isName(name, ".") || name == "" && !found)
	return organization, name, ok
}

// named is what an action that takes a name is about, in words.
func (in repositoryWriteArguments) named(kind string) string {
	return fmt.Sprintf("%s %s of %s", kind, oneLine(in.Name, 100), in.Repo)
}
