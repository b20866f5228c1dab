package github

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// issueTypes lists what kinds of issues a repository has.
func (a *api) issueTypes(ctx context.Context, in issuesArguments) (string, error) {
	var types []struct {
		Name        string `json:"name"`
		Description string `json:"description"`
		IsEnabled   *bool  `json:"is_enabled"`
	}
	_, err := a.send(ctx, http.MethodGet, fmt.Sprintf("repos/%s/issue-types", in.Repo), nil, &types, "issue types of "+in.Repo)
	if isStatus(err, http.StatusNotFound) {
		return "", tools.UserError("%w; only organisations' repositories have issue types", err)
	}
	if err != nil {
		return "", err
	}
	lines := make([]string, len(types))
	for i, kind := range types {
		name := join(" ", oneLine(kind.Name, 60), flag(kind.IsEnabled != nil && !*kind.IsEnabled, "(disabled)"))
		lines[i] = join(" — ", name, oneLine(kind.Description, 200))
	}
	return listing(fmt.Sprintf("%s: %s", in.Repo, some(len(lines), "issue type")), lines), nil
}

// issueField is one of the fields that an organisation gives its issues.
// https://docs.github.com/en/graphql/reference/unions#issuefields
type issueField struct {
	ID, Name, DataType, Description string
	Options                         []struct{ ID, Name string }
}

type issueFieldList struct {
	Repository struct {
		IssueFields struct{ Nodes []issueField }
		Issue       struct{ ID string }
	}
}

const (
	issueFieldParts = `issueFields(first:100){nodes{...on Node{id} ...on IssueFieldCommon{name dataType description} ` +
		`...on IssueFieldSingleSelect{options{id name}} ...on IssueFieldMultiSelect{options{id name}}}}`
	issueFieldsQuery   = `query($owner:String!,$name:String!){repository(owner:$owner,name:$name){` + issueFieldParts + `}}`
	fieldsOfIssueQuery = `query($owner:String!,$name:String!,$number:Int!){repository(owner:$owner,name:$name){issue(number:$number){id} ` + issueFieldParts + `}}`
	setFieldsMutation  = `mutation($input:SetIssueFieldValueInput!){setIssueFieldValue(input:$input){issue{number}}}`
)

// issueFields lists the fields with the values they take.
func (a *api) issueFields(ctx context.Context, in issuesArguments) (string, error) {
	var found issueFieldList
	variables := map[string]any{"owner": in.owner(), "name": in.name()}
	if err := a.graph(ctx, issueFieldsQuery, variables, &found, "issue fields of "+in.Repo); err != nil {
		return "", err
	}
	fields := found.Repository.IssueFields.Nodes
	lines := make([]string, len(fields))
	for i, field := range fields {
		kind := strings.ToLower(strings.ReplaceAll(oneLine(field.DataType, 40), "_", " "))
		lines[i] = join(" — ", fmt.Sprintf("%s (%s)", oneLine(field.Name, 60), join(": ", kind, strings.Join(field.optionNames(), ", "))), oneLine(field.Description, 200))
	}
	return listing(fmt.Sprintf("%s: %s", in.Repo, some(len(lines), "issue field")), lines), nil
}

func (f issueField) optionNames() []string {
	names := make([]string, len(f.Options))
	for i, option := range f.Options {
		names[i] = oneLine(option.Name, 60)
	}
	return names
}

// setFields sets and clears fields of an issue in one mutation.
func (a *api) setFields(ctx context.Context, in issueWriteArguments) (string, error) {
	var wanted map[string]json.RawMessage
	if err := json.Unmarshal(in.Fields, &wanted); err != nil {
		return "", tools.UserError("github: 'fields' is not an object: %w", err)
	}
	var known issueFieldList
	variables := map[string]any{"owner": in.owner(), "name": in.name(), "number": in.Number}
	if err := a.graph(ctx, fieldsOfIssueQuery, variables, &known, in.String()); err != nil {
		return "", err
	}
	if err := unreadable(in.String(), known.Repository.Issue.ID != ""); err != nil {
		return "", err
	}
	var inputs []map[string]any
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		input, done, err := fieldInput(known.Repository.IssueFields.Nodes, name, wanted[name])
		if err != nil {
			return "", tools.UserError("github: %s: %w", in, err)
		}
		inputs, lines = append(inputs, input), append(lines, done)
	}
	variables = map[string]any{"input": map[string]any{"issueId": known.Repository.Issue.ID, "issueFields": inputs}}
	if err := a.graph(ctx, setFieldsMutation, variables, &struct{}{}, in.String()); err != nil {
		return "", err
	}
	return fmt.Sprintf("fields of %s: %s\n%s", in, strings.Join(lines, "; "), a.page(in)), nil
}

// fieldInput is one IssueFieldCreateOrUpdateInput, and what it does in words.
func fieldInput(fields []issueField, name string, value json.RawMessage) (map[string]any, string, error) {
	at := slices.IndexFunc(fields, func(f issueField) bool { return strings.EqualFold(f.Name, strings.TrimSpace(name)) })
	if at < 0 {
		var known []string
		for _, field := range fields {
			known = append(known, oneLine(field.Name, 60))
		}
		return nil, "", fmt.Errorf("there is no issue field %q; known: %s", oneLine(name, 60), orNone(known))
	}
	field := fields[at]
	input := map[string]any{"fieldId": field.ID}
	if string(value) == "null" {
		input["delete"] = true
		return input, oneLine(field.Name, 60) + " cleared", nil
	}
	key, converted, err := field.input(value)
	if err != nil {
		return nil, "", err
	}
	input[key] = converted
	return input, fmt.Sprintf("%s: %s", oneLine(field.Name, 60), plainValue(value)), nil
}

// input is the name and the value that the field's type takes.
func (f issueField) input(value json.RawMessage) (string, any, error) {
	var list []string
	if json.Unmarshal(value, &list) != nil {
		list = []string{plainValue(value)}
	}
	text := strings.Join(list, ", ")
	switch f.DataType {
	case "TEXT":
		var whole string
		if json.Unmarshal(value, &whole) != nil {
			whole = text
		}
		return "textValue", whole, nil
	case "DATE":
		return "dateValue", text, nil
	case "NUMBER":
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "", nil, fmt.Errorf("field %s takes a number, got %q", oneLine(f.Name, 60), text)
		}
		return "numberValue", number, nil
	}
	ids, err := f.optionIDs(list)
	switch {
	case err != nil:
		return "", nil, err
	case f.DataType == "MULTI_SELECT":
		return "multiSelectOptionIds", ids, nil
	case len(ids) != 1:
		return "", nil, fmt.Errorf("field %s takes one of %s", oneLine(f.Name, 60), strings.Join(f.optionNames(), ", "))
	}
	return "singleSelectOptionId", ids[0], nil
}

func (f issueField) optionIDs(wanted []string) ([]string, error) {
	ids := []string{}
	for _, name := range wanted {
		at := slices.IndexFunc(f.optionNames(), func(option string) bool { return strings.EqualFold(option, strings.TrimSpace(name)) })
		if at < 0 {
			return nil, fmt.Errorf("field %s has no option %q; known: %s", oneLine(f.Name, 60), oneLine(name, 60), orNone(f.optionNames()))
		}
		ids = append(ids, f.Options[at].ID)
	}
	return ids, nil
}
