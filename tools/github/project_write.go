package github

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type projectWriteArguments struct {
	Action     string `json:"action" enum:"add,add_draft,set,clear,archive,unarchive,delete,status_update"`
	Owner      string `json:"owner" doc:"user or organisation"`
	Project    int    `json:"project" minimum:"1" doc:"its number"`
	Item       string `json:"item,omitempty" doc:"all but add_draft, status_update: owner/name#number of an issue or pull request, or an item's id"`
	Field      string `json:"field,omitempty" doc:"name; set, clear"`
	Value      string `json:"value,omitempty" doc:"set: text, number, YYYY-MM-DD, or the name of an option or iteration"`
	Title      string `json:"title,omitempty" doc:"add_draft"`
	Body       string `json:"body,omitempty" doc:"Markdown; add_draft, status_update"`
	Status     string `json:"status,omitempty" enum:"on_track,at_risk,off_track,complete,inactive"`
	StartDate  string `json:"start_date,omitempty"`
	TargetDate string `json:"target_date,omitempty"`
}

func (a *api) projectWriteTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "github_project_write",
		Title:       "Write projects",
		Description: "Change a project (board): add an issue, pull request or draft, set or clear a field of an item such as its status, archive or delete an item (a draft for good), or post a status update.",
		Access:      tools.Destructive,
		Actions:     projectAccess(),
		Outward:     tools.Anywhere,
		OpenWorld:   true,
		Scopes:      []string{"project"},
	}, a.projectWrite)
}

// projectAccess: an archived item can be restored, a deleted one can't.
// https://docs.github.com/en/issues/planning-and-tracking-with-projects/managing-items-in-your-project/archiving-items-from-your-project
func projectAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"add": tools.Write, "add_draft": tools.Write, "set": tools.Write, "clear": tools.Write,
		"archive": tools.Write, "unarchive": tools.Write, "delete": tools.Destructive, "status_update": tools.Write,
	}
}

// projectAction is what an action takes, how it is done and with what.
type projectAction struct {
	tools.Usage
	mutation document
	input    func(w *projectWriting, ctx context.Context) (map[string]any, error)
	done     string // of the item
}

func projectActions() map[string]projectAction {
	item := tools.Usage{Needs: []string{"item"}}
	return map[string]projectAction{
		"add":       {item, `mutation($input:AddProjectV2ItemByIdInput!){result:addProjectV2ItemById(input:$input){item{id}}}`, (*projectWriting).content, "added %s to"},
		"add_draft": {tools.Usage{Needs: []string{"title"}, Also: []string{"body"}}, `mutation($input:AddProjectV2DraftIssueInput!){result:addProjectV2DraftIssue(input:$input){item:projectItem{id}}}`, (*projectWriting).draft, "added %s to"},
		"set":       {tools.Usage{Needs: []string{"item", "field", "value"}}, `mutation($input:UpdateProjectV2ItemFieldValueInput!){result:updateProjectV2ItemFieldValue(input:$input){item:projectV2Item{id}}}`, (*projectWriting).value, "set %s in"},
		"clear":     {tools.Usage{Needs: []string{"item", "field"}}, `mutation($input:ClearProjectV2ItemFieldValueInput!){result:clearProjectV2ItemFieldValue(input:$input){item:projectV2Item{id}}}`, (*projectWriting).field, "cleared %s in"},
		"archive":   {item, `mutation($input:ArchiveProjectV2ItemInput!){result:archiveProjectV2Item(input:$input){item{id}}}`, (*projectWriting).item, "archived %s in"},
		"unarchive": {item, `mutation($input:UnarchiveProjectV2ItemInput!){result:unarchiveProjectV2Item(input:$input){item{id}}}`, (*projectWriting).item, "unarchived %s in"},
		"delete":    {item, `mutation($input:DeleteProjectV2ItemInput!){result:deleteProjectV2Item(input:$input){id:deletedItemId}}`, (*projectWriting).item, "deleted %s from"},
		"status_update": {tools.Usage{Also: []string{"status", "body", "start_date", "target_date"}},
			`mutation($input:CreateProjectV2StatusUpdateInput!){result:createProjectV2StatusUpdate(input:$input){item:statusUpdate{id}}}`, (*projectWriting).status, "posted %s on"},
	}
}

// Check compares the arguments with the action.
func (in projectWriteArguments) Check() []string {
	faults := projectActions()[in.Action].Faults("action "+in.Action, tools.Given(in, "action", "owner", "project"))
	if !isName(in.Owner, "") {
		faults = append(faults, "'owner' must be a login, like octocat")
	}
	if _, err := in.issue(); err != nil && in.Item != "" && (in.Action == "add" || strings.ContainsAny(in.Item, "#/")) {
		faults = append(faults, err.Error())
	}
	for _, date := range []string{in.StartDate, in.TargetDate} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			faults = append(faults, fmt.Sprintf("%q is not a day like 2026-01-31", oneLine(date, 40)))
		}
	}
	if in.Action == "status_update" && in.Status == "" && in.Body == "" {
		faults = append(faults, "action status_update needs 'status' or 'body'")
	}
	return faults
}

// issue reads the item as an issue's or pull request's name.
func (in projectWriteArguments) issue() (numbered, error) {
	parts := regexp.MustCompile(`^([^#]+)#([1-9][0-9]{0,9})$`).FindStringSubmatch(in.Item)
	err := fmt.Errorf(`'item' must be like "octocat/Hello-World#12"; got %q`, oneLine(in.Item, 60))
	if parts == nil {
		return numbered{}, err
	}
	number, _ := strconv.Atoi(parts[2])
	n := numbered{repository{parts[1]}, number}
	if len(n.Check()) > 0 {
		return numbered{}, err
	}
	return n, nil
}

// projectWriting is a change on its way.
type projectWriting struct {
	projectWriteArguments
	api     *api
	project *project
	what    string // the item, or more, for the answer
}

const projectFieldsQuery = `query($owner:String!,$number:Int!){owner:repositoryOwner(login:$owner){...on ProjectV2Owner{projectV2(number:$number){
id number title url fields(first:100){nodes{` + projectFieldSelection + `}}}}}}`

func (a *api) projectWrite(ctx context.Context, in projectWriteArguments) (string, error) {
	p, err := a.projectOf(ctx, projectFieldsQuery, map[string]any{"owner": in.Owner, "number": in.Project}, in.Owner, in.Project)
	if err != nil {
		return "", err
	}
	w := &projectWriting{projectWriteArguments: in, api: a, project: p, what: oneLine(in.Item, 140)}
	action := projectActions()[in.Action]
	input, err := action.input(w, ctx)
	if err != nil {
		return "", err
	}
	input["projectId"] = p.ID
	var answer struct {
		Result struct {
			ID   string
			Item struct{ ID string }
		}
	}
	if err := a.graph(ctx, action.mutation, map[string]any{"input": input}, &answer, join(" in ", w.what, projectName(in.Owner, in.Project))); err != nil {
		return "", err
	}
	id := oneLine(join("", answer.Result.ID, answer.Result.Item.ID), 100)
	if err := unconfirmed(projectName(in.Owner, in.Project), "the item's id", p.URL, id != ""); err != nil {
		return "", err
	}
	quote(ctx, []string{p.Title}, nil)
	return fmt.Sprintf("%s %s's project %d %s (id %s)\n%s", fmt.Sprintf(action.done, w.what), in.Owner, p.Number, oneLine(p.Title, 100), id, p.URL), nil
}

const projectContentQuery = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){issue:issueOrPullRequest(number:$number){
...on Issue{id items:projectItems(first:100){nodes{id project{id}}}} ...on PullRequest{id items:projectItems(first:100){nodes{id project{id}}}}}}}`

type projectIssue struct {
	ID    string
	Items struct {
		Nodes []struct {
			ID      string
			Project struct{ ID string }
		}
	}
}

// found asks for the issue or pull request that the item is named by.
func (w *projectWriting) found(ctx context.Context, n numbered) (*projectIssue, error) {
	var answer struct {
		Repository *struct{ Issue *projectIssue }
	}
	variables := map[string]any{"owner": n.owner(), "name": n.name(), "number": n.Number}
	if err := w.api.graph(ctx, projectContentQuery, variables, &answer, n.String()); err != nil {
		return nil, err
	}
	if answer.Repository == nil || answer.Repository.Issue == nil {
		return nil, tools.UserError("github: %s: there is no such issue or pull request, or this credential may not see it", n)
	}
	return answer.Repository.Issue, nil
}

func (w *projectWriting) content(ctx context.Context) (map[string]any, error) {
	n, err := w.issue()
	if err != nil {
		return nil, err
	}
	issue, err := w.found(ctx, n)
	if err != nil {
		return nil, err
	}
	return map[string]any{"contentId": issue.ID}, nil
}

func (w *projectWriting) draft(context.Context) (map[string]any, error) {
	w.what = "the draft " + oneLine(w.Title, 140)
	input := map[string]any{"title": w.Title}
	if w.Body != "" {
		input["body"] = w.Body
	}
	return input, nil
}

// item names the item by its id, which an issue or pull request is asked for.
func (w *projectWriting) item(ctx context.Context) (map[string]any, error) {
	n, err := w.issue()
	if err != nil {
		return map[string]any{"itemId": w.Item}, nil
	}
	issue, err := w.found(ctx, n)
	if err != nil {
		return nil, err
	}
	for _, item := range issue.Items.Nodes {
		if item.Project.ID == w.project.ID {
			return map[string]any{"itemId": item.ID}, nil
		}
	}
	return nil, tools.UserError("github: %s is not on %s; action add puts it there", n, projectName(w.Owner, w.Project))
}

func (w *projectWriting) status(context.Context) (map[string]any, error) {
	w.what = "a status update"
	input := map[string]any{}
	for name, value := range map[string]string{
		"status": strings.ToUpper(w.Status), "body": w.Body, "startDate": w.StartDate, "targetDate": w.TargetDate,
	} {
		if value != "" {
			input[name] = value
		}
	}
	return input, nil
}

// field names the item and the field.
func (w *projectWriting) field(ctx context.Context) (map[string]any, error) {
	field, err := w.namedField()
	if err != nil {
		return nil, err
	}
	input, err := w.item(ctx)
	if err != nil {
		return nil, err
	}
	input["fieldId"] = field.ID
	w.what = fmt.Sprintf("%s of %s", oneLine(field.Name, 60), w.what)
	return input, nil
}

func (w *projectWriting) value(ctx context.Context) (map[string]any, error) {
	field, err := w.namedField()
	if err != nil {
		return nil, err
	}
	value, name, err := field.parse(w.Value)
	if err != nil {
		return nil, err
	}
	input, err := w.field(ctx)
	if err != nil {
		return nil, err
	}
	input["value"] = value
	w.what += " to " + oneLine(name, 100)
	return input, nil
}

func (w *projectWriting) namedField() (*projectField, error) {
	var names []string
	for i, field := range w.project.Fields.Nodes {
		if strings.EqualFold(field.Name, strings.TrimSpace(w.Field)) {
			return &w.project.Fields.Nodes[i], field.settable()
		}
		names = append(names, oneLine(field.Name, 60))
	}
	return nil, tools.UserError("github: %s has no field %q; it has: %s", projectName(w.Owner, w.Project), oneLine(w.Field, 60), orNone(names))
}

// settable refuses fields that are those of the issue itself.
func (f projectField) settable() error {
	switch f.DataType {
	case "TEXT", "NUMBER", "DATE", "SINGLE_SELECT", "ITERATION":
		return nil
	}
	return tools.UserError("github: the field %s (%s) shows what the issue or pull request itself says; change it there, with github_issue_write",
		oneLine(f.Name, 60), strings.ToLower(strings.ReplaceAll(f.DataType, "_", " ")))
}

// parse turns a value as people write it into GitHub's, and gives the name it
// goes by.
func (f projectField) parse(value string) (input map[string]any, name string, err error) {
	trimmed := strings.TrimSpace(value)
	switch f.DataType {
	case "NUMBER":
		n, err := strconv.ParseFloat(trimmed, 64)
		if err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
			return map[string]any{"number": n}, trimmed, nil
		}
		return nil, "", f.expects("a number", value)
	case "DATE":
		if _, err := time.Parse(time.DateOnly, trimmed); err != nil {
			return nil, "", f.expects("a day like 2026-01-31", value)
		}
		return map[string]any{"date": trimmed}, trimmed, nil
	case "SINGLE_SELECT":
		for _, option := range f.Options {
			if strings.EqualFold(option.Name, trimmed) {
				return map[string]any{"singleSelectOptionId": option.ID}, option.Name, nil
			}
		}
		return nil, "", f.expects("one of its options", value)
	case "ITERATION":
		for _, iteration := range append(f.Configuration.Iterations, f.Configuration.CompletedIterations...) {
			if strings.EqualFold(iteration.Title, trimmed) {
				return map[string]any{"iterationId": iteration.ID}, iteration.Title, nil
			}
		}
		return nil, "", f.expects("one of its iterations", value)
	}
	return map[string]any{"text": value}, value, nil
}

func (f projectField) expects(what, value string) error {
	return tools.UserError("github: %q is not %s; the field is %s", oneLine(value, 60), what, f)
}
