package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

// everyService stands for all services. It answers the same to everything, and
// notes what would change something.
type everyService struct {
	url string

	mu      sync.Mutex
	all     int
	changes []string
}

func startEveryService(t *testing.T) *everyService {
	t.Helper()
	e := &everyService{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		isQuery := strings.HasSuffix(r.URL.Path, "/graphql") && strings.HasPrefix(string(body), `{"query":"query`)
		reads := r.Method == http.MethodGet || isQuery || strings.HasSuffix(r.URL.Path, "/freeBusy")
		e.mu.Lock()
		defer e.mu.Unlock()
		e.all++
		if !reads {
			e.changes = append(e.changes, r.Method+" "+r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"data":{}}`)
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

func (e *everyService) seen() (all int, changes []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.all, slices.Clone(e.changes)
}

// environment is that of a server with all tools of all services.
func (e *everyService) environment(home string, more ...string) []string {
	env := environment(home, "VALET_STORE=memory", "VALET_BROWSER=never", "VALET_CONFIRM=never", "VALET_TOOLSETS=all",
		"VALET_SERVICES=github,gitlab,google,huggingface,microsoft,sentry", "GITHUB_HOST="+e.url, "GITHUB_TOKEN=key-example")
	for _, name := range []string{"GITLAB", "GOOGLE", "HUGGINGFACE", "MICROSOFT", "SENTRY"} {
		env = append(env, name+"_API_URL="+e.url+"/"+strings.ToLower(name)+"/", name+"_TOKEN=key-example")
	}
	return append(env, more...)
}

// TestEveryToolUnderEveryRole calls everything that every tool does, with arguments
// that are valid, under every role: docs/roles.md says what comes of it.
func TestEveryToolUnderEveryRole(t *testing.T) {
	t.Parallel()
	arguments := map[string]string{}
	rows := rowsOfRoles(t)
	for _, service := range ruled() {
		for _, tool := range offerOf(t, service).Tools {
			for _, action := range actionsIn(t, tool) {
				arguments[tool.Name+" "+action] = validArguments(t, tool, action)
			}
		}
	}
	if len(rows) != len(arguments) {
		t.Fatalf("%d rows for %d things that tools do", len(rows), len(arguments))
	}
	for _, role := range policy.Roles() {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			e := startEveryService(t)
			s := serve(t, e.environment(t.TempDir(), "VALET_ROLE="+role))
			s.initialize()
			listed := s.listed()
			for _, row := range forbiddenFirst(rows, role) {
				given, known := arguments[row.tool+" "+row.action]
				if !known {
					t.Fatalf("%s has a row for %s %s, which there isn't", rolesPage, row.tool, row.action)
				}
				e.tryRow(t, s, row, role, given, listed)
			}
			if s.end() != 0 {
				t.Error("it ended badly")
			}
			_, changes := e.seen()
			if role == "read-only" && len(changes) > 0 {
				t.Errorf("was sent %s", changes)
			}
			if role == "admin" && len(changes) < 20 {
				t.Errorf("only %d changes: the arguments aren't valid", len(changes))
			}
		})
	}
}

// forbiddenFirst puts what a role may not do before what it may, of which requests
// may still come in when it is answered.
func forbiddenFirst(rows []deed, role string) []deed {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b deed) int {
		return cmp.Compare(strconv.FormatBool(slices.Contains(a.roles, role)), strconv.FormatBool(slices.Contains(b.roles, role)))
	})
}

// listed are the actions of each tool that is listed, [""] for none.
func (s *server) listed() map[string][]string {
	s.t.Helper()
	all := map[string][]string{}
	for _, listed := range s.ask("", "tools/list", map[string]any{})["tools"].([]any) {
		tool := listed.(map[string]any)
		name := tool["name"].(string)
		all[name] = []string{""}
		properties := tool["inputSchema"].(map[string]any)["properties"].(map[string]any)
		if action, has := properties["action"].(map[string]any); has {
			for _, value := range action["enum"].([]any) {
				all[name] = append(all[name], value.(string))
			}
		}
	}
	return all
}

func (e *everyService) tryRow(t *testing.T, s *server, row deed, role, given string, listed map[string][]string) {
	t.Helper()
	what := strings.TrimSpace(row.tool + " " + row.action)
	isAllowed := slices.Contains(row.roles, role)
	if isListed := slices.Contains(listed[row.tool], row.action); isListed != isAllowed {
		t.Errorf("%s: listed: %v", what, isListed)
	}
	before, _ := e.seen()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":%q,"arguments":%s}}`, row.tool, given))
	answer, err := json.Marshal(s.receive())
	if err != nil {
		t.Fatal(err)
	}
	after, _ := e.seen()
	isRefused := strings.Contains(string(answer), "VALET_ROLE="+role+" doesn't allow")
	switch {
	case isAllowed && (isRefused || after == before && row.tool != "github_whoami"):
		t.Errorf("%s %s: allowed, with %d requests: %s", what, given, after-before, answer)
	case !isAllowed && (!isRefused || after != before || strings.Contains(string(answer), "must be one of")):
		t.Errorf("%s %s: not allowed, with %d requests: %s", what, given, after-before, answer)
	}
}

// validArguments are arguments that a tool takes for an action, found by what it says
// is missing.
func validArguments(t *testing.T, tool tools.Tool, action string) string {
	t.Helper()
	given := map[string]any{}
	if action != "" {
		given["action"] = action
	}
	missing := regexp.MustCompile(`(?:missing|needs) '([a-z_]+)'`)
	oneOf := regexp.MustCompile(`needs at least one of ([a-z_]+)`)
	empty := regexp.MustCompile(`'([a-z_]+)' must be [^\n]*; got ""`)
	for range 12 {
		raw, err := json.Marshal(given)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tool.Call(t.Context(), raw)
		var faults *tools.ArgumentError
		if !errors.As(err, &faults) {
			return string(raw)
		}
		for _, pattern := range []*regexp.Regexp{missing, oneOf, empty} {
			for _, found := range pattern.FindAllStringSubmatch(err.Error(), -1) {
				given[found[1]] = sample(t, tool, action, found[1])
			}
		}
		if after, _ := json.Marshal(given); string(after) == string(raw) && !guess(tool.Name, action, given) {
			break
		}
	}
	raw, _ := json.Marshal(given)
	_, err := tool.Call(t.Context(), raw)
	t.Fatalf("%s %s: no valid arguments: %s: %v", tool.Name, action, raw, err)
	return ""
}

// guess adds what a tool doesn't say in the usual words; false: it has nothing.
func guess(tool, action string, given map[string]any) bool {
	for name, value := range map[string]any{
		"github_api": "path", "github_api_write": "path", "github_project_write status_update": "body", "github_gist_write update": "description",
	} {
		argument := value.(string)
		if name != tool && name != tool+" "+action || given[argument] != nil {
			continue
		}
		given[argument] = "user/starred/octo/one"
		if tool == "github_api_write" {
			given["method"] = "PUT"
		}
		return true
	}
	return false
}

// sample is a value that an argument may have.
func sample(t *testing.T, tool tools.Tool, action, name string) any {
	t.Helper()
	special := map[string]any{
		"repo": "octo/one", "from": "2026-01-01", "to": "2026-02-01", "start": "2026-01-01T10:00:00Z", "gist": "aa5a315d61ae9438b18d", "target": "octo/two#5", "item": "octo/one#5",
		"files": []any{map[string]any{"name": "a.txt", "content": "b"}}, "reviewers": []any{"octocat"}, "reaction": "heart", "fields": map[string]any{"Size": "L"},
		"comments": []any{map[string]any{"path": "a.txt", "body": "b", "line": 1}}, "category": "ideas", "path": "user/starred/octo/one", "query": "x", "workflow": "ci.yml",
		"new_name": "two", "color": "d73a4a", "after": "first", "id": "abcde12345", "value": "Done", "description": "text",
	}
	switch {
	case tool.Name == "github_commit_files_write":
		special["files"] = []any{map[string]any{"path": "a.txt", "content": "b"}}
	case action == "transfer":
		special["target"] = "octo/two"
	case tool.Name == "github_issue_write" && action == "hide_comment":
		special["reason"] = "spam"
	}
	var schema struct {
		Properties map[string]struct {
			Type string
			Enum []any
		}
	}
	if err := json.Unmarshal(tool.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	property := schema.Properties[name]
	value, isSpecial := special[name]
	switch {
	case len(property.Enum) > 0:
		return property.Enum[0]
	case property.Type == "integer":
		return 5
	case isSpecial:
		return value
	case property.Type == "array":
		return []any{"one"}
	case property.Type == "boolean":
		return true
	case property.Type == "object":
		return map[string]any{"one": "two"}
	}
	return "one"
}
