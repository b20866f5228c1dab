package cli

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// The variables valetkey knows are those docs/configuration.md explains.
func TestOwnVariables(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var explained []string
	cells, variables := regexp.MustCompile(`(?m)^\| [^|]*VALET_[^|]*\|`), regexp.MustCompile(`VALET_[A-Z_]+`)
	for _, cell := range cells.FindAllString(string(page), -1) {
		explained = append(explained, variables.FindAllString(cell, -1)...)
	}
	slices.Sort(explained)
	if known := ownVariables(); !slices.Equal(known, explained) {
		t.Errorf("known are %q; docs/configuration.md explains %q", known, explained)
	}
}

func TestIdlePassphrases(t *testing.T) {
	t.Parallel()
	set := []string{"VALET_PASSPHRASE_FIEL", "VALET_PASSPHRASE_FILE", "VALET_STORE"}
	for store, want := range map[string][]string{"file": nil, "": nil, "keyring": {"VALET_PASSPHRASE_FILE"}} {
		if got := idlePassphrases(set, store); !slices.Equal(got, want) {
			t.Errorf("%q: %q", store, got)
		}
	}
}
