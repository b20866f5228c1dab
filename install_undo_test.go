package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestUndoAfterAChange: what somebody has changed since isn't undone over.
func TestUndoAfterAChange(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": `{"mcpServers": {}}`})
	env := environment(home, oneClient)
	if got := run(t, env, "", "install", "cursor", "--yes"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	writeIn(t, home, ".cursor/mcp.json", `{"mcpServers": {"mine": {}}}`)
	got := run(t, env, "", "install", "cursor", "--undo", "--yes")
	if got.code != 1 || !containsAll(got.stderr, []string{"has changed since", "--uninstall"}) {
		t.Errorf("%+v", got)
	}
	if text := readIn(t, home, ".cursor/mcp.json"); text != `{"mcpServers": {"mine": {}}}` {
		t.Errorf("the file is now %s", text)
	}
}

// TestUndoIsOfOneRun: without names, only the hosts of the latest run are undone.
func TestUndoIsOfOneRun(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": "{}", ".gemini/settings.json": "{}"})
	env := environment(home, oneClient, "PATH=")
	for _, args := range [][]string{{"install", "--yes"}, {"install", "Cursor", "--uninstall", "--yes"}, {"install", "--undo", "--yes"}} {
		if got := run(t, env, "", args...); got.code != 0 {
			t.Fatalf("%q: %+v", args, got)
		}
	}
	for _, path := range []string{".cursor/mcp.json", ".gemini/settings.json"} {
		if text := readIn(t, home, path); !strings.Contains(text, "valetkey") {
			t.Errorf("valetkey isn't in %s: %s", path, text)
		}
	}
}

// TestInstallsAtOnce: whoever comes second sees that the file has changed; nothing of
// others is lost.
func TestInstallsAtOnce(t *testing.T) {
	t.Parallel()
	home := homeWith(t, map[string]string{".cursor/mcp.json": `{"mcpServers": {"other": {"command": "other"}}}`})
	var together sync.WaitGroup
	for n := range 6 {
		together.Go(func() {
			got := run(t, environment(home, "GITHUB_CLIENT_ID=example-"+strconv.Itoa(n)), "", "install", "cursor", "--yes")
			if got.code != 0 && !strings.Contains(got.stderr, "has changed meanwhile") {
				t.Errorf("%+v", got)
			}
		})
	}
	together.Wait()
	var config struct {
		Servers map[string]json.RawMessage `json:"mcpServers"`
	}
	if err := json.Unmarshal([]byte(readIn(t, home, ".cursor/mcp.json")), &config); err != nil || len(config.Servers) != 2 {
		t.Errorf("%v, %s", err, config.Servers)
	}
	if files := allFiles(t, home); len(files) != 1 {
		t.Errorf("something was left: %q", files)
	}
}
