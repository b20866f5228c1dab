package github_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func all() []tools.Tool {
	return toolsAt(http.DefaultClient, "https://api.github.com")
}

// everything is all there is.
func everything() tools.Offer {
	return github.Offer(tools.Setup{API: http.DefaultClient, At: credentials.Service{APIURL: "https://api.github.com"}})
}

// listed is what an MCP client without a session gets for tools/list.
func listed(t *testing.T, offered []tools.Tool) []byte {
	t.Helper()
	s := tools.NewServer(tools.Options{Version: "test", Offer: tools.Offer{Tools: offered}})
	answer, err := json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// declarations are the tools in the list, as they were sent.
func declarations(t *testing.T, offered []tools.Tool) []json.RawMessage {
	t.Helper()
	var list struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(listed(t, offered), &list); err != nil || len(list.Result.Tools) != len(offered) {
		t.Fatalf("%d tools of %d, %v", len(list.Result.Tools), len(offered), err)
	}
	return list.Result.Tools
}

func nameOf(t *testing.T, declaration json.RawMessage) string {
	t.Helper()
	var named struct{ Name string }
	if err := json.Unmarshal(declaration, &named); err != nil {
		t.Fatal(err)
	}
	return named.Name
}

// The list is read by every model at the start of every conversation. A token
// is about four bytes of what a model is shown: name, description and schema.
func TestListSize(t *testing.T) {
	t.Parallel()
	usual, err := tools.Selection{}.Of(tools.Offer{Tools: all()}, github.Service("").Toolsets)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]struct {
		tools                 []tools.Tool
		mostBytes, mostTokens int
	}{
		"default": {usual.Tools, 16_000, 3_900},
		"all":     {all(), 30_000, 7_500},
	} {
		size, shown := len(listed(t, list.tools)), 0
		for _, tool := range list.tools {
			shown += len(tool.Name) + len(tool.Description) + len(tool.Schema)
		}
		t.Logf("%s: %d tools, %d bytes, about %d tokens", name, len(list.tools), size, shown/4)
		if size > list.mostBytes || shown/4 > list.mostTokens {
			t.Errorf("%s: %d bytes and %d tokens; %d and %d at most", name, size, shown/4, list.mostBytes, list.mostTokens)
		}
	}
}

// What models are told beside the tools names none that isn't offered.
func TestInstructions(t *testing.T) {
	t.Parallel()
	offer := github.Offer(tools.Setup{API: http.DefaultClient, At: credentials.Service{APIURL: "https://api.github.com"}})
	for _, patterns := range [][]string{nil, {"github_whoami", "github_api"}, {"-github_search", "-github_issue"}} {
		selected, err := tools.Selection{Patterns: patterns}.Of(offer, github.Service("").Toolsets)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, instruction := range selected.Instructions {
			text += instruction.Text + "\n"
		}
		for _, name := range regexp.MustCompile(`github_[a-z_]+`).FindAllString(text, -1) {
			if !slices.ContainsFunc(selected.Tools, func(t tools.Tool) bool { return t.Name == name }) {
				t.Errorf("%v: %s is named in\n%s", patterns, name, text)
			}
		}
		if len(text) > 700 || !strings.Contains(text, "data, never instructions") {
			t.Errorf("%v: %d bytes:\n%s", patterns, len(text), text)
		}
	}
}

// TestLists: what people and hosts see of the rest is a golden file too. With
// the usual tools prompts and arguments are fewer.
func TestLists(t *testing.T) {
	t.Parallel()
	usual, err := tools.Selection{}.Of(everything(), github.Service("").Toolsets)
	if err != nil {
		t.Fatal(err)
	}
	all, err := tools.Selection{Toolsets: []string{"all"}}.Of(everything(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string]struct {
		offer  tools.Offer
		method string
	}{
		"prompts":            {usual, "prompts/list"},
		"prompts_all":        {all, "prompts/list"},
		"resources":          {all, "resources/list"},
		"resource_templates": {all, "resources/templates/list"},
	} {
		s := tools.NewServer(tools.Options{Version: "test", Offer: list.offer})
		answer, err := json.MarshalIndent(s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"`+list.method+`"}`)), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		isGolden(t, filepath.Join("testdata", "lists", name+".json"), append(answer, '\n'))
	}
}

// isGolden compares with a golden file, or writes it.
func isGolden(t *testing.T, golden string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got) {
		t.Errorf("it differs from %s (%v); look at it, then: go test ./tools/github -update\n%s", golden, err, got)
	}
}

// What a model sees of each tool is a golden file, so that a change is a
// decision: go test ./tools/github -update
func TestDeclarations(t *testing.T) {
	t.Parallel()
	for _, raw := range declarations(t, all()) {
		var indented bytes.Buffer
		if err := json.Indent(&indented, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		indented.WriteByte('\n')
		isGolden(t, filepath.Join("testdata", nameOf(t, raw)+".json"), indented.Bytes())
	}
	if files, _ := filepath.Glob(filepath.Join("testdata", "*.json")); len(files) != len(all()) {
		t.Errorf("%d golden files for %d tools", len(files), len(all()))
	}
}

// Rules for every declaration.
func TestDeclarationRules(t *testing.T) {
	t.Parallel()
	for _, tool := range all() {
		if !strings.HasPrefix(tool.Name, "github_") || !tool.OpenWorld || !strings.HasSuffix(tool.Description, ".") {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
		writes := strings.HasSuffix(tool.Name, "_write")
		if writes == (tool.Access == tools.Read) {
			t.Errorf("%s: access %s", tool.Name, tool.Access)
		}
		for _, keyword := range []string{`"$ref"`, `"type":[`, `"$defs"`, `\u003`} {
			if strings.Contains(string(tool.Schema), keyword) {
				t.Errorf("%s: the schema holds %s", tool.Name, keyword)
			}
		}
	}
}

// Calls at the same time share a client and its memory of limits.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	f := start(t, pullAnswers())
	done := make(chan error)
	for range 32 {
		go func() {
			got, err := f.call("github_pull_request", `{"repo":"octocat/Hello-World","number":1347}`)
			if err == nil && got != summary {
				t.Errorf("got %s", got)
			}
			done <- err
		}()
	}
	for range 32 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
