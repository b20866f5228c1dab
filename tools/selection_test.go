package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/tools"
)

func grouped() []tools.Tool {
	return []tools.Tool{
		{Name: "git_read", Toolset: "repos", Scopes: []string{"repo"}},
		{Name: "git_write", Toolset: "repos", Scopes: []string{"repo"}},
		{Name: "git_runs", Toolset: "actions", Scopes: []string{"workflow", "repo"}},
		{Name: "git_gist", Toolset: "gists", Scopes: []string{"gist"}},
		{Name: "git_api", Toolset: "api"},
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		toolsets, patterns, want string
	}{
		"nothing said":            {"", "", "git_read git_write git_runs"},
		"default":                 {"default", "", "git_read git_write git_runs"},
		"all":                     {"all", "", "git_read git_write git_runs git_gist git_api"},
		"one":                     {"gists", "", "git_gist"},
		"the usual and one more":  {"default gists", "", "git_read git_write git_runs git_gist"},
		"only some":               {"", "git_api git_r*", "git_read git_runs git_api"},
		"all but some":            {"", "-*_write", "git_read git_runs"},
		"some but one":            {"gists", "git_* -git_api", "git_read git_write git_runs git_gist"},
		"what isn't there anyway": {"gists", "-git_api", "git_gist"},
	} {
		selected, err := tools.Selection{Toolsets: strings.Fields(test.toolsets), Patterns: strings.Fields(test.patterns)}.Of(tools.Offer{Tools: grouped()}, []string{"repos", "actions"})
		var names []string
		for _, tool := range selected.Tools {
			names = append(names, tool.Name)
		}
		if err != nil || !slices.Equal(names, strings.Fields(test.want)) {
			t.Errorf("%s: %v, %v; want %s", name, names, err, test.want)
		}
	}
}

// TestSelectionBesideOthers: what is said of all services may name only some.
func TestSelectionBesideOthers(t *testing.T) {
	t.Parallel()
	others := []tools.Tool{{Name: "hub_api", Toolset: "api"}, {Name: "hub_write", Toolset: "issues"}}
	for name, test := range map[string]struct{ toolsets, patterns, want string }{
		"another's toolset":          {"issues", "", "git_read git_write git_runs"},
		"both's":                     {"issues gists", "", "git_gist"},
		"another's tool":             {"", "hub_api", ""},
		"left out there":             {"", "-hub_write", "git_read git_write git_runs"},
		"left out everywhere":        {"", "-*_write", "git_read git_runs"},
		"another's tool and one own": {"", "hub_* git_api", "git_api"},
	} {
		selected, err := tools.Selection{Toolsets: strings.Fields(test.toolsets), Patterns: strings.Fields(test.patterns), Others: others, Shared: true}.Of(tools.Offer{Tools: grouped()}, []string{"repos", "actions"})
		var names []string
		for _, tool := range selected.Tools {
			names = append(names, tool.Name)
		}
		if err != nil || !slices.Equal(names, strings.Fields(test.want)) {
			t.Errorf("%s: %v, %v; want %s", name, names, err, test.want)
		}
	}
	for _, wrong := range []tools.Selection{{Toolsets: []string{"none"}, Others: others, Shared: true}, {Patterns: []string{"none"}, Others: others}, {Toolsets: []string{"issues"}, Others: others}} {
		if _, err := wrong.Of(tools.Offer{Tools: grouped()}, nil); err == nil {
			t.Errorf("%v: no error", wrong)
		}
	}
}

func TestSelectionOfWhatThereIsNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ toolsets, patterns, want string }{
		{"repo", "", `there is no toolset "repo"; did you mean "repos"?; known: default, all, repos, actions, gists, api`},
		{"", "git_raed", `no tool is named "git_raed"; did you mean "git_read"?`},
		{"", "*ticket*", `no tool is named "*ticket*"; known: git_read, git_write, git_runs, git_gist, git_api`},
		{"gists", "-git_*", "no tool is left; leave out fewer"},
		{"", "-git_x*", `no tool is named "git_x*"`},
		{"", "git_[", `no tool is named "git_["`},
	} {
		_, err := tools.Selection{Toolsets: strings.Fields(test.toolsets), Patterns: strings.Fields(test.patterns)}.Of(tools.Offer{Tools: grouped()}, nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

func TestScopesOf(t *testing.T) {
	t.Parallel()
	if got := tools.ScopesOf(grouped()); !slices.Equal(got, []string{"gist", "repo", "workflow"}) {
		t.Errorf("%q", got)
	}
	whole := tools.Tool{Scopes: []string{"write:gist"}, Included: []string{"gist", "repo"}}
	if got := tools.ScopesOf(append(grouped(), whole)); !slices.Equal(got, []string{"workflow", "write:gist"}) {
		t.Errorf("%q", got)
	}
}

// A tool that isn't offered: the specification's code for an unknown tool, and
// what a person would have to do about it.
// https://modelcontextprotocol.io/specification/2025-11-25/server/tools#error-handling
func TestUnselectedTool(t *testing.T) {
	t.Parallel()
	offer, err := tools.Selection{}.Of(tools.Offer{Tools: declared(t)}, []string{"repos"})
	if err != nil {
		t.Fatal(err)
	}
	offer = tools.Offer{}.And(offer).And(tools.Offer{})
	server := tools.NewServer(tools.Options{Version: "test", Offer: offer})
	for name, want := range map[string]string{
		"git_runs": `there is no tool "git_runs" among those selected: it is in the toolset actions, which the person can add in their host's settings: VALET_TOOLSETS=default,actions; known: git_read; others with VALET_TOOLSETS=all`,
		"git_raed": `there is no tool "git_raed" among those selected; did you mean "git_read"?; known: git_read; others with VALET_TOOLSETS=all`,
	} {
		message := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":{}}}`, name)
		answer, is := server.HandleMessage(t.Context(), json.RawMessage(message)).(mcp.JSONRPCError)
		if !is || answer.Error.Code != mcp.INVALID_PARAMS || answer.Error.Message != want {
			t.Errorf("%s: %+v", name, answer.Error)
		}
	}
}

func declared(t *testing.T) []tools.Tool {
	t.Helper()
	call := func(context.Context, struct{}) (string, error) { return "", nil }
	return []tools.Tool{
		tools.Define(tools.Tool{Name: "git_read", Title: "Read", Access: tools.Read, Toolset: "repos", Description: "Reads."}, call),
		tools.Define(tools.Tool{Name: "git_runs", Title: "Runs", Access: tools.Read, Toolset: "actions", Description: "Runs."}, call),
	}
}

// TestTokenForANameStaysOutOfTheLog, whatever it looks like; the name of a tool is there.
func TestTokenForANameStaysOutOfTheLog(t *testing.T) {
	t.Parallel()
	offer := tools.Offer{Tools: grouped(), Unselected: map[string]tools.Unselected{"git_left_out": {}}, Denied: map[string]error{"git_denied": errors.New("denied")}}
	for name, want := range map[string]string{
		"ghp_exampleexampleexample": "unknown", "eyJ.example.example": "unknown", "git_raed": "unknown",
		"git_left_out": "git_left_out", "git_denied": "git_denied",
	} {
		said := &lockedBuffer{}
		log := slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if err := offer.Refuse(t.Context(), log, name); err == nil || !strings.Contains(said.String(), " tool="+want+" ") || want == "unknown" && strings.Contains(said.String(), name) {
			t.Errorf("%s: %v, %s", name, err, said.String())
		}
	}
}
