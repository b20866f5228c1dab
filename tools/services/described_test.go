package services_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

// operation is a request that changes something, as a provider describes it: its
// path is below the API's address and has 1 for each parameter.
type operation struct{ method, path string }

// description is what a provider publishes about its API, and what we say of it.
type description struct {
	service    tools.Service
	from       string // the package that it comes from
	operations map[operation]bool
	// harmless are patterns of operations that change nobody's rights. With the
	// service's table they divide all operations: each is meant by one of the two.
	harmless string
	// undescribed are the words of the service's table that mean no operation of the
	// description, and stay for another reason.
	undescribed string
}

// check prints how the table stands to the description, which may hold no less than
// atLeast operations: one that was read in part proves nothing.
func (d description) check(t *testing.T, atLeast int) {
	t.Helper()
	admin, harmless := parsed(t, d.service.Admin), parsed(t, d.harmless)
	var governing, others []operation
	for o := range d.operations {
		governs, isHarmless := admin.May(o.method, o.path), harmless.Allow(o.method, o.path)
		if governs == isHarmless {
			t.Errorf("%s %s: in the table: %v, harmless: %v", o.method, o.path, governs, isHarmless)
		}
		if governs {
			governing = append(governing, o)
		} else {
			others = append(others, o)
		}
	}
	for _, word := range strings.Fields(d.harmless) {
		if !isAny(others, parsed(t, word).Allow) {
			t.Errorf("harmless: %s: there is no such operation", word)
		}
	}
	undescribed := strings.Fields(d.undescribed)
	// What projects have groups may get, and the other way round.
	twin := strings.NewReplacer("projects/*/", "groups/*/", "groups/*/", "projects/*/")
	for _, word := range strings.Fields(d.service.Admin) {
		described := isAny(governing, parsed(t, word).May) || twin.Replace(word) != word && isAny(governing, parsed(t, twin.Replace(word)).May)
		if listed := slices.Contains(undescribed, word); described == listed {
			t.Errorf("the table's %s: described: %v, undescribed: %v", word, described, listed)
		}
	}
	for _, word := range undescribed {
		if !slices.Contains(strings.Fields(d.service.Admin), word) {
			t.Errorf("undescribed: %s is not in the table", word)
		}
	}
	if len(d.operations) < atLeast {
		t.Errorf("%d operations, want %d", len(d.operations), atLeast)
	}
	t.Logf("%s: %d operations that change something in %s, of which %d change who may do what; %d patterns of the table are for others", d.service.Title, len(d.operations), d.from, len(governing), len(undescribed))
}

func isAny(operations []operation, means func(method, path string) bool) bool {
	return slices.ContainsFunc(operations, func(o operation) bool { return means(o.method, o.path) })
}

func parsed(t *testing.T, words string) policy.Paths {
	t.Helper()
	paths, err := policy.ParsePaths(words)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// needReal skips a test of which parts are elsewhere.
func needReal(t *testing.T) {
	t.Helper()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("a provider's description of its API is needed: VALET_TEST_REAL=1")
	}
}

// moduleDir is where a module is that .ci/run downloads, and this module doesn't need.
func moduleDir(t *testing.T, module string) string {
	t.Helper()
	download := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", module)
	download.Dir = os.TempDir()
	output, err := download.Output()
	if err != nil {
		t.Fatalf("downloading %s: %v: %s", module, err, output)
	}
	var downloaded struct{ Dir string }
	if err := json.Unmarshal(output, &downloaded); err != nil {
		t.Fatal(err)
	}
	return downloaded.Dir
}
