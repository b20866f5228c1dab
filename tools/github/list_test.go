package github_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func all() []tools.Tool {
	return toolsAt(http.DefaultClient, "https://api.github.com")
}

// listed is what an MCP client without a session gets for tools/list.
func listed(t *testing.T) []byte {
	t.Helper()
	s := tools.NewServer(tools.Options{Version: "test", Instructions: github.Instructions, Tools: all()})
	answer, err := json.Marshal(s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// The list is read by every model at the start of every conversation.
func TestListSize(t *testing.T) {
	t.Parallel()
	const limit = 20_000
	answer := listed(t)
	t.Logf("tools/list: %d bytes", len(answer))
	if len(answer) > limit {
		t.Errorf("tools/list is %d bytes, over %d", len(answer), limit)
	}
	var list struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(answer, &list); err != nil || len(list.Result.Tools) != 15 {
		t.Errorf("%d tools, %v", len(list.Result.Tools), err)
	}
	if len(github.Instructions) > 600 {
		t.Errorf("the instructions are %d bytes", len(github.Instructions))
	}
}

// What a model sees of each tool is a golden file, so that a change is a
// decision: go test ./tools/github -update
func TestDeclarations(t *testing.T) {
	t.Parallel()
	var list struct {
		Result struct{ Tools []json.RawMessage }
	}
	if err := json.Unmarshal(listed(t), &list); err != nil {
		t.Fatal(err)
	}
	for _, raw := range list.Result.Tools {
		var named struct{ Name string }
		var indented bytes.Buffer
		if err := json.Unmarshal(raw, &named); err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&indented, raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", named.Name+".json")
		indented.WriteByte('\n')
		if *update {
			if err := os.WriteFile(golden, indented.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), indented.Bytes()) {
			t.Errorf("%s differs from %s (%v); look at it, then: go test ./tools/github -update\n%s", named.Name, golden, err, indented.Bytes())
		}
	}
	if files, _ := filepath.Glob(filepath.Join("testdata", "*.json")); len(files) != len(list.Result.Tools) {
		t.Errorf("%d golden files for %d tools", len(files), len(list.Result.Tools))
	}
}

// Rules for every declaration.
func TestDeclarationRules(t *testing.T) {
	t.Parallel()
	for _, tool := range all() {
		if !strings.HasPrefix(tool.Name, "github_") || !tool.OpenWorld || !strings.HasSuffix(tool.Description, ".") {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
		if (tool.Access == tools.Read) == strings.HasSuffix(tool.Name, "_write") {
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
