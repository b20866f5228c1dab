package hosts

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/hosts/document"
)

// TestMayHave: only a file that names valetkey is worth reading, if it can be.
func TestMayHave(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"its entry":        {`{"mcpServers": {"valetkey": {}}}`, true},
		"its name only":    {`valetkey`, true},
		"others":           {`{"mcpServers": {"other": {}}}`, false},
		"nothing":          {``, false},
		"more than is fit": {`valetkey` + strings.Repeat(" ", maxFile), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place, _ := cursorFile(t, row.text)
			if got := place.MayHave(); got != row.want {
				t.Errorf("%v, want %v", got, row.want)
			}
		})
	}
	place, _ := cursorFile(t, ``)
	if err := os.Remove(place.File); err != nil {
		t.Fatal(err)
	}
	if place.MayHave() {
		t.Error("a file that isn't there may have it")
	}
}

// TestTooLarge: a file that is larger than any host's is left alone, with a way out.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	place, _ := cursorFile(t, `{}`+strings.Repeat(" ", maxFile))
	if _, err := place.Read(); err == nil || !strings.Contains(err.Error(), "by hand") {
		t.Errorf("%v", err)
	}
}

// TestWindowsPath: a path with backslashes and a space is the same in every format.
func TestWindowsPath(t *testing.T) {
	t.Parallel()
	const command = `C:\Users\Mona Example\new\u0041\valetkey.exe`
	m := machine(t, "windows", nil)
	for _, place := range m.Places(All()) {
		config, err := place.Read()
		if err != nil {
			t.Fatal(err)
		}
		if err := config.Set(Server{Command: command, Args: []string{`a\b`}, Env: map[string]string{"VALET_DIR": `D:\valet`}}); err != nil {
			t.Fatal(err)
		}
		again, err := document.Parse(place.format, []byte(config.After()))
		if err != nil {
			t.Fatal(err)
		}
		entry, _ := again.Get(append(slices.Clone(place.servers), Entry)...)
		got := place.shape.listed(Entry, entry)
		if got.Command != command || !slices.Equal(got.Args, []string{`a\b`}) || got.Env["VALET_DIR"] != `D:\valet` {
			t.Errorf("%s: %+v in\n%s", place.Name, got, config.After())
		}
	}
}
