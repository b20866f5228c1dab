package services_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/services"
)

// gitLabDescribedBy is GitLab's own client in Go.
const gitLabDescribedBy = "gitlab.com/gitlab-org/api/client-go@v1.46.0"

// gitLabHarmless: a vote for a merge request is what a person may do already, and
// a fork, an environment and a flag have the members of their project.
const gitLabHarmless = `
POST:groups POST:projects markdown notification_settings snippets snippets/* todos/** usage_data/** user/avatar user/status
*/*/uploads/** */*/notification_settings */*/labels/** */*/badges/** */*/boards/** */*/milestones/** */*/wikis/**
groups/*/dependency_proxy/cache groups/*/epics/**
pipelines/*/dependency_list_exports
projects/*/alert_management_alerts/** projects/*/artifacts projects/*/ci/lint projects/*/deployments projects/*/deployments/* projects/*/environments/**
projects/*/feature_flags/** projects/*/feature_flags_user_lists/** projects/*/fork/** projects/*/housekeeping projects/*/issues/** projects/*/jobs/**
projects/*/merge_trains/** projects/*/merge_requests projects/*/merge_requests/*
projects/*/merge_requests/*/add_spent_time projects/*/merge_requests/*/approve projects/*/merge_requests/*/award_emoji/** projects/*/merge_requests/*/blocks/**
projects/*/merge_requests/*/cancel_merge_when_pipeline_succeeds projects/*/merge_requests/*/context_commits projects/*/merge_requests/*/discussions/**
projects/*/merge_requests/*/draft_notes/** projects/*/merge_requests/*/merge projects/*/merge_requests/*/notes/** projects/*/merge_requests/*/pipelines
projects/*/merge_requests/*/rebase projects/*/merge_requests/*/reset_spent_time projects/*/merge_requests/*/reset_time_estimate projects/*/merge_requests/*/subscribe
projects/*/merge_requests/*/time_estimate projects/*/merge_requests/*/todo projects/*/merge_requests/*/unapprove projects/*/merge_requests/*/unsubscribe
projects/*/packages/* projects/*/packages/*/package_files/* projects/*/packages/generic/*/*/*
projects/*/pipeline projects/*/pipeline_schedules projects/*/pipeline_schedules/* projects/*/pipeline_schedules/*/play projects/*/pipelines/**
projects/*/registry/repositories/** projects/*/releases/** projects/*/resource_groups/*
projects/*/repository/branches projects/*/repository/branches/* projects/*/repository/changelog projects/*/repository/commits/** projects/*/repository/files/*
projects/*/repository/merged_branches projects/*/repository/submodules/* projects/*/repository/tags/**
projects/*/snippets/** projects/*/star projects/*/unstar projects/*/statuses/* projects/*/terraform/** projects/*/trigger/pipeline projects/*/vulnerabilities`

// gitLabUndescribed are on the pages of GitLab's documentation that the table names,
// but for the last two, which its server has from before protected_branches.
const gitLabUndescribed = `
groups/*/placeholder_reassignments/** groups/*/-/virtual_registries/** virtual_registries/** groups/*/tokens/** organizations/** user/support_pin
projects/*/import_project_members/**
projects/*/repository/branches/**/protect projects/*/repository/branches/**/unprotect`

// gitLabKinds are what a format's beginning stands for where a parameter is no
// identifier. Snippets have some of what issues have.
func gitLabKinds() map[string][]string {
	return map[string][]string{
		"%s/%d/custom_attributes": {"users/1/custom_attributes", "groups/1/custom_attributes", "projects/1/custom_attributes"},
		"%s/%s/uploads":           {"groups/1/uploads", "projects/1/uploads"},
		"projects/%s/%s/%d":       {"projects/1/issues/1", "projects/1/merge_requests/1"},
	}
}

// TestGitLabDescribed holds the table against every request of GitLab's client.
func TestGitLabDescribed(t *testing.T) {
	t.Parallel()
	needReal(t)
	d := description{service: services.GitLab(), from: gitLabDescribedBy, harmless: gitLabHarmless, undescribed: gitLabUndescribed, operations: map[operation]bool{}}
	files, err := filepath.Glob(filepath.Join(moduleDir(t, gitLabDescribedBy), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok {
				if err := d.addGitLab(function); err != nil {
					t.Errorf("%s: %s: %v", filepath.Base(name), function.Name.Name, err)
				}
			}
		}
	}
	d.check(t, 550)
}

// addGitLab adds what a function of the client asks for. Each of them calls
// do(withMethod(http.MethodPost), withPath("projects/%s/hooks", …)), or
// NewRequest(http.MethodPost, "groups/import", …); without a method it reads.
func (d description) addGitLab(function *ast.FuncDecl) error {
	switch function.Name.Name {
	case "do", "withMethod", "withPath", "NewRequest", "NewRequestToURL", "UploadRequest":
		return nil
	case "PublishPackageFile": // It takes another method later.
		d.operations[operation{"PUT", "projects/1/packages/generic/1/1/1"}] = true
		return nil
	}
	var methods, formats []string
	asks := 0
	ast.Inspect(function, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch calledName(call) {
		case "do":
			asks++
		case "withMethod":
			methods = append(methods, methodOf(call.Args[0]))
		case "withPath":
			formats = append(formats, formatOf(call.Args[0]))
		case "NewRequest":
			asks++
			methods, formats = append(methods, methodOf(call.Args[0])), append(formats, formatOf(call.Args[1]))
		}
		return true
	})
	unread := fmt.Errorf("it asks %d times with %q for %q", asks, methods, formats)
	switch {
	case asks == 0 && len(methods)+len(formats) == 0:
		return nil
	case asks != 1 || len(methods) > 1 || len(formats) == 0:
		return unread
	case len(methods) == 0 || methods[0] == "GET" || methods[0] == "HEAD":
		return nil
	case function.Name.Name == "Do" && slices.Equal(formats, []string{""}):
		return nil // GraphQL, which is at another address.
	case slices.Contains(formats, "") || methods[0] == "?":
		return unread
	}
	for _, format := range formats {
		for _, path := range gitLabPaths(format) {
			d.operations[operation{methods[0], path}] = true
		}
	}
	return nil
}

// calledName is the name of what is called, without its package and types.
func calledName(call *ast.CallExpr) string {
	called := call.Fun
	if generic, ok := called.(*ast.IndexExpr); ok {
		called = generic.X
	}
	switch called := called.(type) {
	case *ast.Ident:
		return called.Name
	case *ast.SelectorExpr:
		return called.Sel.Name
	}
	return ""
}

// methodOf is POST for http.MethodPost, and not a method for what can't be told.
func methodOf(argument ast.Expr) string {
	if constant, ok := argument.(*ast.SelectorExpr); ok {
		return strings.ToUpper(strings.TrimPrefix(constant.Sel.Name, "Method"))
	}
	return "?"
}

// formatOf is a string, or the first argument of fmt.Sprintf; "": it can't be told.
func formatOf(argument ast.Expr) string {
	if call, ok := argument.(*ast.CallExpr); ok && calledName(call) == "Sprintf" {
		argument = call.Args[0]
	}
	literal, ok := argument.(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return text
}

// gitLabPaths are the paths that a format stands for.
func gitLabPaths(format string) []string {
	formats := []string{format}
	for beginning, kinds := range gitLabKinds() {
		if rest, found := strings.CutPrefix(format, beginning); found {
			formats = nil
			for _, kind := range kinds {
				formats = append(formats, kind+rest)
			}
		}
	}
	for i, format := range formats {
		formats[i] = regexp.MustCompile(`%[a-z]`).ReplaceAllString(format, "1")
	}
	return formats
}
