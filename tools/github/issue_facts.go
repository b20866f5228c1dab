package github

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// fullIssue is an issue with what GitHub has added since the library's version.
// https://docs.github.com/en/rest/issues/issues#get-an-issue
type fullIssue struct {
	github.Issue
	Type         *named       `json:"type"`
	ParentURL    string       `json:"parent_issue_url"`
	SubIssues    subIssues    `json:"sub_issues_summary"`
	Dependencies dependencies `json:"issue_dependencies_summary"`
	Fields       []fieldValue `json:"issue_field_values"`
}

type (
	// named is anything that only its name matters of.
	named struct {
		Name string `json:"name"`
	}
	subIssues struct {
		Total     int `json:"total"`
		Completed int `json:"completed"`
	}
	dependencies struct {
		BlockedBy int `json:"blocked_by"`
		Blocking  int `json:"blocking"`
	}
	// fieldValue is what an issue has in one of its organisation's fields.
	fieldValue struct {
		Name   string          `json:"issue_field_name"`
		Value  json.RawMessage `json:"value"`
		Option *named          `json:"single_select_option"`
		Chosen []named         `json:"multi_select_options"`
	}
)

func (n *named) String() string {
	if n == nil {
		return ""
	}
	return oneLine(n.Name, 60)
}

// String writes "Priority: High".
func (v fieldValue) String() string {
	value := v.Option.String()
	if value == "" && len(v.Chosen) > 0 {
		value = strings.Join(namesOf(v.Chosen), " + ")
	}
	if value == "" {
		value = plainValue(v.Value)
	}
	return oneLine(v.Name, 60) + ": " + value
}

func namesOf(all []named) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].String()
	}
	return names
}

// plainValue is a text without quotes, and anything else as it is in JSON.
func plainValue(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	return oneLine(text, 100)
}

// facts are what an issue has beyond its attributes: type, fields, and how it
// stands to other issues.
func (i *fullIssue) facts() string {
	parts := []string{}
	if kind := i.Type.String(); kind != "" {
		parts = append(parts, "type: "+kind)
	}
	for _, value := range i.Fields {
		parts = append(parts, value.String())
	}
	if parent := issueAt(i.ParentURL); parent != "" {
		parts = append(parts, "parent: "+parent)
	}
	if total := i.SubIssues.Total; total > 0 {
		parts = append(parts, fmt.Sprintf("sub-issues: %d of %d completed", i.SubIssues.Completed, total))
	}
	if n := i.Dependencies.BlockedBy; n > 0 {
		parts = append(parts, "blocked by "+count(n, "issue"))
	}
	if n := i.Dependencies.Blocking; n > 0 {
		parts = append(parts, "blocking "+count(n, "issue"))
	}
	if given := reactionCounts(i.Reactions); given != "" {
		parts = append(parts, "reactions: "+given)
	}
	return strings.Join(parts, "; ")
}

// issueAt names the issue that an address of the API stands for.
func issueAt(address string) string {
	_, path, _ := strings.Cut(address, "/repos/")
	repo, number, found := strings.Cut(path, "/issues/")
	if !found {
		return ""
	}
	return oneLine(repo+"#"+number, 150)
}

// reactionCounts writes "+1 3, heart 1".
func reactionCounts(r *github.Reactions) string {
	var parts []string
	for _, kind := range []struct {
		name string
		n    int
	}{
		{"+1", r.GetPlusOne()}, {"-1", r.GetMinusOne()}, {"laugh", r.GetLaugh()}, {"hooray", r.GetHooray()},
		{"confused", r.GetConfused()}, {"heart", r.GetHeart()}, {"rocket", r.GetRocket()}, {"eyes", r.GetEyes()},
	} {
		if kind.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", kind.name, kind.n))
		}
	}
	return strings.Join(parts, ", ")
}
