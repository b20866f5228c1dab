package cli

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
)

// The columns of the first table in docs/services.md.
const (
	nameColumn = iota + 1
	keyColumn
	deviceColumn
	loopbackColumn
	_
	revokedColumn
	columns
)

// TestTableOfServices: what people are told of a built-in service is what its data
// say, without a client's secret and with one.
func TestTableOfServices(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/services.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if name, found := strings.CutPrefix(cells[min(nameColumn, len(cells)-1)], "`"); found && len(cells) == columns {
			rows[strings.TrimSuffix(name, "`")] = cells
		}
	}
	for _, service := range builtIn() {
		cells, found := rows[service.Name]
		if !found {
			t.Errorf("docs/services.md: the first table has no row of %d cells for `%s`", columns-1, service.Name)
			continue
		}
		compareRow(t, service, cells)
	}
}

// TestKeysOfServices: what a built-in service's tokens begin with tells them from any
// other's, or there is a reason why nothing does; and what has a person's own program
// print one is what its documentation says.
func TestKeysOfServices(t *testing.T) {
	t.Parallel()
	unmarked := map[string]string{
		"google":    "what its tokens begin with isn't documented",
		"microsoft": "its tokens are opaque, and mostly look like any JWT",
	}
	commands := map[string]string{
		"github": "gh auth token --hostname github.com", "huggingface": "hf auth token",
		"google":    "gcloud auth application-default print-access-token",
		"microsoft": "az account get-access-token --resource-type ms-graph --query accessToken --output tsv",
	}
	owners := map[string]string{}
	for _, service := range builtIn() {
		if _, known := unmarked[service.Name]; known == (len(service.TokenPrefixes) > 0) {
			t.Errorf("%s: tokens begin with %q, and the reason why nothing is known is %q", service.Name, service.TokenPrefixes, unmarked[service.Name])
		}
		for _, prefix := range service.TokenPrefixes {
			if token := prefix + "exampleexample12"; strings.Contains(tools.MaskShapes()("is "+token), "example") {
				t.Errorf("%s: %s isn't taken out of logs", service.Name, token)
			}
			for other, owner := range owners {
				if strings.HasPrefix(prefix, other) || strings.HasPrefix(other, prefix) {
					t.Errorf("%s: %s and %s of %s can't be told apart", service.Name, prefix, other, owner)
				}
			}
			owners[prefix] = service.Name
			if !regexp.MustCompile(`^[a-z]+[a-z_]*[_-]$`).MatchString(prefix) {
				t.Errorf("%s: %q is no mark", service.Name, prefix)
			}
		}
		at, err := service.At(credentials.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for program, arguments := range at.KeyCommands {
			said = append(said, program+" "+strings.Join(arguments, " "))
		}
		if got := strings.Join(said, "; "); got != commands[service.Name] {
			t.Errorf("%s: %q, want %q", service.Name, got, commands[service.Name])
		}
	}
}

func compareRow(t *testing.T, service tools.Service, cells []string) {
	t.Helper()
	at, err := service.At(credentials.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.ToUpper(service.Name) + "_CLIENT_SECRET"
	with, err := service.At(credentials.Settings{ClientSecret: oauth.NewSecret("example")})
	if err != nil {
		t.Fatal(err)
	}
	if told := regexp.MustCompile("[A-Z_]{4,}").FindAllString(cells[keyColumn], -1); !slices.Equal(told, service.KeyVariables) {
		t.Errorf("docs/services.md: %s, column API key: it has %q, the keys are in %q", service.Name, told, service.KeyVariables)
	}
	mark := func(yes, needsSecret bool) string {
		switch {
		case yes:
			return "yes"
		case needsSecret:
			return "`" + secret + "`"
		}
		return "✗ "
	}
	titles := map[int]string{deviceColumn: "device flow", loopbackColumn: "browser on this machine", revokedColumn: "revoked at logout"}
	for column, want := range map[int]string{
		deviceColumn:   mark(at.Endpoint.DeviceAuthURL != "", with.Endpoint.DeviceAuthURL != ""),
		loopbackColumn: mark(at.Endpoint.AuthURL != "" && at.NoLoopback == "", with.Endpoint.AuthURL != "" && with.NoLoopback == ""),
		revokedColumn:  mark(at.RevocationURL != "", at.Revoke != nil),
	} {
		cell := strings.TrimPrefix(strings.TrimPrefix(cells[column], "✗ without "), "with ")
		if !strings.HasPrefix(cell, want) || want == "✗ " && len(cell) < len(want)+10 {
			t.Errorf("docs/services.md: %s, column %s: it has %q, want %s, with the reason after ✗", service.Name, titles[column], cells[column], want)
		}
	}
}

// TestEveryServiceHasItsTest: what a built-in service's data are is held against its
// provider's documentation, in TestProviders or in a test of its own.
func TestEveryServiceHasItsTest(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("services.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, name := range []string{"services_test.go", "google_test.go", "microsoft_test.go"} {
		text, err := os.ReadFile("../tools/services/" + name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(text)
	}
	named := regexp.MustCompile(`(?m)^\t\tservices\.([A-Z]\w+)\(\),$`).FindAllStringSubmatch(string(table), -1)
	if len(named) != len(builtIn())-1 {
		t.Errorf("%d services are found in builtIn, which has %d beside GitHub", len(named), len(builtIn())-1)
	}
	for _, name := range named {
		if row := "\t\t\tservices." + name[1] + `(), "https://`; !strings.Contains(tests.String(), row) && !strings.Contains(tests.String(), "func Test"+name[1]+"(") {
			t.Errorf("services.%s has no row in TestProviders of tools/services/services_test.go", name[1])
		}
	}
}
