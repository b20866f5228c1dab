package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
	"github.com/valetkey/valetkey/tools/services"
)

var update = flag.Bool("update", false, "rewrite what is generated in docs")

const rolesPage = "docs/roles.md"

// ruled are the services whose tools are in the table.
func ruled() []tools.Service {
	return []tools.Service{github.Service(""), services.GitLab(), services.Google(), services.HuggingFace(), services.Microsoft(), services.Sentry()}
}

// deed is something that a tool does, and the roles that may have it done.
type deed struct {
	service, tool, action string
	class                 string
	roles                 []string
}

// deeds are all, by the declarations.
func deeds(t *testing.T) []deed {
	t.Helper()
	var all []deed
	for _, service := range ruled() {
		for _, tool := range offerOf(t, service).Tools {
			for _, action := range actionsIn(t, tool) {
				class := string(tool.Access)
				if tool.Actions != nil {
					class = string(tool.Actions[action])
				}
				all = append(all, deed{service: service.Name, tool: tool.Name, action: action, class: class, roles: rolesFor(t, service, tool.Name, action)})
			}
		}
	}
	return all
}

func offerOf(t *testing.T, service tools.Service) tools.Offer {
	t.Helper()
	at, err := service.At(credentials.Settings{ClientID: "example"})
	if err != nil {
		t.Fatal(err)
	}
	return service.Offer(tools.Setup{API: &http.Client{Transport: nowhere{}}, At: at})
}

// nowhere is a network that reaches nobody.
type nowhere struct{}

func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nobody is reached from here")
}

// actionsIn are the values of a tool's argument action; a single "" if it has none.
func actionsIn(t *testing.T, tool tools.Tool) []string {
	t.Helper()
	var schema struct {
		Properties struct{ Action struct{ Enum []string } }
	}
	if err := json.Unmarshal(tool.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Properties.Action.Enum) == 0 || tool.Access == tools.Read {
		return []string{""}
	}
	return schema.Properties.Action.Enum
}

// rolesFor are the roles under which a tool is offered, with an action.
func rolesFor(t *testing.T, service tools.Service, name, action string) []string {
	t.Helper()
	var all []string
	for _, role := range policy.Roles() {
		layer, err := policy.RoleLayer("VALET_ROLE", role)
		if err != nil {
			t.Fatal(err)
		}
		left := offerOf(t, service).Under(service.Name, policy.Policy{layer}).Tools
		at := slices.IndexFunc(left, func(tool tools.Tool) bool { return tool.Name == name })
		if at >= 0 && slices.Contains(actionsIn(t, left[at]), action) {
			all = append(all, role)
		}
	}
	return all
}

// TestRolesPage: the table in the documentation is made of the declarations:
// go test . -run TestRolesPage -update
func TestRolesPage(t *testing.T) {
	page, err := os.ReadFile(rolesPage)
	if err != nil {
		t.Fatal(err)
	}
	page = bytes.ReplaceAll(page, []byte("\r\n"), []byte("\n"))
	const begin, end = "<!-- roles -->\n", "<!-- end of roles -->\n"
	before, rest, found := strings.Cut(string(page), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table", rolesPage)
	}
	want := before + begin + rolesTable(deeds(t)) + end + after
	if *update {
		if err := os.WriteFile(rolesPage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(page) != want {
		t.Errorf("%s is not what the tools declare; run: go test . -run TestRolesPage -update", rolesPage)
	}
}

func rolesTable(all []deed) string {
	var table strings.Builder
	fmt.Fprintf(&table, "| tool | action | class | %s |\n|---|---|---|%s\n", strings.Join(policy.Roles(), " | "), strings.Repeat("---|", len(policy.Roles())))
	for _, d := range all {
		fmt.Fprintf(&table, "| `%s` | %s | %s |", d.tool, d.action, d.class)
		for _, role := range policy.Roles() {
			fmt.Fprintf(&table, " %s |", map[bool]string{true: "yes", false: ""}[slices.Contains(d.roles, role)])
		}
		table.WriteString("\n")
	}
	return table.String()
}

// rowsOfRoles are the rows of the page.
func rowsOfRoles(t *testing.T) []deed {
	t.Helper()
	page, err := os.ReadFile(rolesPage)
	if err != nil {
		t.Fatal(err)
	}
	var all []deed
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5+len(policy.Roles()) || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		d := deed{tool: strings.Trim(cells[1], " `"), action: strings.TrimSpace(cells[2]), class: strings.TrimSpace(cells[3])}
		d.service, _, _ = strings.Cut(d.tool, "_")
		for i, role := range policy.Roles() {
			if strings.TrimSpace(cells[4+i]) == "yes" {
				d.roles = append(d.roles, role)
			}
		}
		all = append(all, d)
	}
	return all
}
