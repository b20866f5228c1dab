package cli

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// The variables valetkey knows are those the README explains.
func TestOwnVariables(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var explained []string
	cells, variables := regexp.MustCompile(`(?m)^\| [^|]*VALET_[^|]*\|`), regexp.MustCompile(`VALET_[A-Z_]+`)
	for _, cell := range cells.FindAllString(string(readme), -1) {
		explained = append(explained, variables.FindAllString(cell, -1)...)
	}
	slices.Sort(explained)
	if known := ownVariables(); !slices.Equal(known, explained) {
		t.Errorf("known are %q; the README explains %q", known, explained)
	}
}

func TestUnread(t *testing.T) {
	t.Parallel()
	known := []string{"VALET_PASSPHRASE_FILE", "VALET_STORE"}
	for name, c := range map[string]struct {
		set           []string
		store, system string
		unknown, idle []string
	}{
		"nothing":            {nil, "auto", "linux", nil, nil},
		"all is well":        {[]string{"VALET_PASSPHRASE_FILE", "VALET_STORE"}, "file", "linux", nil, nil},
		"a typo":             {[]string{"VALET_STROE", "VALET_STORE"}, "file", "linux", []string{"VALET_STROE"}, nil},
		"small letters":      {[]string{"valet_store"}, "auto", "darwin", []string{"valet_store"}, nil},
		"there they are one": {[]string{"Valet_Store", "valet_stroe"}, "auto", "windows", []string{"valet_stroe"}, nil},
		"others' variables":  {[]string{"GITHUB_WORKFLOW", "GITHUB_TOKNE", "DISPLAY"}, "auto", "linux", nil, nil},
		"no file store":      {[]string{"VALET_PASSPHRASE_FILE"}, "keyring", "linux", nil, []string{"VALET_PASSPHRASE_FILE"}},
		"store not known":    {[]string{"VALET_PASSPHRASE_FILE"}, "", "linux", nil, nil},
	} {
		unknown, idle := unread(c.set, known, c.store, c.system)
		if !slices.Equal(unknown, c.unknown) || !slices.Equal(idle, c.idle) {
			t.Errorf("%s: unknown %q, idle %q", name, unknown, idle)
		}
	}
}
