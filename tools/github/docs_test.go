package github_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools/github"
)

const docs = "../../docs/github.md"

// The tables in the documentation are made from the declarations and from the
// list of the peer's tools: go test ./tools/github -update
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	want := string(bytes.ReplaceAll(page, []byte("\r\n"), []byte("\n")))
	for name, table := range map[string]string{"tools": toolTable(t), "resources": resourceTable(), "prompts": promptTable(), "parity": parityTable(t)} {
		begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
		before, rest, found := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s has no place for the table of %s", docs, name)
		}
		want = before + begin + table + end + after
	}
	if *update {
		if err := os.WriteFile(docs, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(bytes.ReplaceAll(page, []byte("\r\n"), []byte("\n"))) != want {
		t.Errorf("%s is not what the tools declare; run: go test ./tools/github -update", docs)
	}
}

// toolTable is a row a tool, with how many bytes it takes in tools/list.
func toolTable(t *testing.T) string {
	sizes := map[string]int{}
	for _, raw := range declarations(t, all()) {
		sizes[nameOf(t, raw)] = len(raw)
	}
	usual := github.Service("").Toolsets
	table := "| toolset | tool | access | scopes | bytes |\n|---|---|---|---|---|\n"
	total := 0
	for _, tool := range all() {
		set := tool.Toolset
		if !slices.Contains(usual, set) {
			set += " (on request)"
		}
		total += sizes[tool.Name]
		table += fmt.Sprintf("| %s | `%s` | %s | %s | %d |\n", set, tool.Name, tool.Access, cmp.Or(strings.Join(tool.Scopes, ", "), "none"), sizes[tool.Name])
	}
	return table + fmt.Sprintf("\n%d tools, %d bytes.\n", len(all()), total)
}

// resourceTable is a row a resource.
func resourceTable() string {
	table := "| address | holds | offered with |\n|---|---|---|\n"
	for _, r := range everything().Resources {
		table += fmt.Sprintf("| `%s` | %s | `%s` |\n", r.Template, r.Description, r.Tool)
	}
	return table
}

// promptTable is a row a prompt, and a further one if it is another where fewer
// tools are offered.
func promptTable() string {
	table := "| prompt | does | offered with |\n|---|---|---|\n"
	for _, p := range everything().Prompts {
		table += fmt.Sprintf("| `%s` | %s | `%s` |\n", p.Name, p.Description, strings.Join(p.Tools, "`, `"))
	}
	return table
}
