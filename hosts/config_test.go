package hosts

import (
	"os"
	"strings"
	"testing"
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
