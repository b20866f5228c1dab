package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/tools"
)

// TestHasDisplay: a browser is opened only where the person would see it.
func TestHasDisplay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		goos string
		env  map[string]string
		want bool
	}{
		"a Mac":                  {"darwin", nil, true},
		"a Mac over SSH":         {"darwin", map[string]string{"SSH_CONNECTION": "a b c d"}, false},
		"Windows":                {"windows", nil, true},
		"Linux, X11":             {"linux", map[string]string{"DISPLAY": ":0"}, true},
		"Linux, Wayland":         {"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		"Linux, X11 over SSH":    {"linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/1"}, false},
		"Linux without a screen": {"linux", nil, false},
		"WSL":                    {"linux", map[string]string{"WSL_DISTRO_NAME": "Debian"}, true},
		"FreeBSD":                {"freebsd", map[string]string{"DISPLAY": ":0"}, true},
	} {
		if got := hasDisplay(c.goos, func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestDemoEnvironment: nothing of the person's own settings takes part.
func TestDemoEnvironment(t *testing.T) {
	t.Parallel()
	given := []string{"HOME=/home/example", "GITHUB_TOKEN=key-example", "gh_token=key-example", "VALET_STORE=keyring", "GITHUBBER=stays"}
	got := demoEnvironment(given, map[string]string{"VALET_STORE": "memory"})
	slices.Sort(got)
	want := []string{"GITHUBBER=stays", "HOME=/home/example", "VALET_STORE=memory"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDemoPatience: the call is made again while it shows the code, and in the
// end it is said that nobody has approved it.
func TestDemoPatience(t *testing.T) {
	t.Parallel()
	over := make(chan time.Time, 1)
	again := make(chan time.Time, 2)
	again <- time.Time{}
	again <- time.Time{}
	s := &story{after: func(d time.Duration) <-chan time.Time {
		if d == 15*time.Minute {
			return over
		}
		return again
	}}
	calls := 0
	text, err := s.untilSignedIn(t.Context(), func(context.Context, string) (string, error) {
		if calls++; calls == 3 {
			over <- time.Time{}
		}
		return "open it and enter ABCD-EFGH", nil
	})
	if err == nil || err.Error() != "nobody approved the code in 15 minutes; run it again" || calls != 3 {
		t.Errorf("%q, %v after %d calls", text, err, calls)
	}
}

// TestInstructions: hosts cut at 2 KB.
func TestInstructions(t *testing.T) {
	t.Parallel()
	text := instructions(misconfigured(errors.New("no")))
	if len(text) > 2000 || !strings.Contains(text, "link and, mostly, a code") || !strings.Contains(text, "GitHub") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
	offered := tools.Offer{Instructions: []tools.Instruction{{Text: strings.Repeat("a", 1000)}, {Text: strings.Repeat("b", 1000)}, {Text: "short"}}}
	text = instructions(offered)
	if len(text) > 2000 || strings.Contains(text, "b\n") || strings.Contains(text, "bbb") || !strings.HasSuffix(text, "a\nshort") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
