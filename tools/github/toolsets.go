package github

import "github.com/valetkey/valetkey/tools"

// toolset is a group of tools that a person chooses together.
type toolset struct {
	name  string
	tools []tools.Tool
}

// toolsets is the table of all tools, in the order a model sees them.
func (a *api) toolsets() []toolset {
	return []toolset{
		{"context", []tools.Tool{a.whoamiTool()}},
		{"search", []tools.Tool{a.searchTool()}},
		{"repositories", []tools.Tool{a.contentsTool(), a.repositoryTool(), a.commitsTool(), a.commitFilesTool(), a.repositoryWriteTool()}},
		{"issues", []tools.Tool{a.issuesTool(), a.issueTool(), a.issueWriteTool()}},
		{"pull_requests", []tools.Tool{a.pullRequestsTool(), a.pullRequestTool(), a.pullWriteTool(), a.mergeTool()}},
		{"discussions", []tools.Tool{a.discussionsTool(), a.discussionWriteTool()}},
		{"actions", []tools.Tool{a.actionsTool(), a.actionsWriteTool()}},
		{"notifications", []tools.Tool{a.notificationsTool(), a.notificationsWriteTool()}},
		{"security", []tools.Tool{a.securityTool()}},
		{"organizations", []tools.Tool{a.peopleTool()}},
		{"gists", []tools.Tool{a.gistsTool(), a.gistWriteTool()}},
		{"projects", []tools.Tool{a.projectsTool(), a.projectWriteTool()}},
		{"api", []tools.Tool{a.apiTool(), a.apiWriteTool()}},
	}
}

// usualToolsets are what a developer needs every day.
func usualToolsets() []string {
	return []string{"context", "search", "repositories", "issues", "pull_requests"}
}
