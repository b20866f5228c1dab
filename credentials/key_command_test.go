package credentials

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"
)

func TestSplitCommand(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		`gh auth token`: {"gh", "auth", "token"},
		`"C:\Program Files\GitHub CLI\gh.exe" auth token`: {`C:\Program Files\GitHub CLI\gh.exe`, "auth", "token"},
		`C:\bin\gh.exe auth`:                              {`C:\bin\gh.exe`, "auth"},
		`op read 'op://a b/c'`:                            {"op", "read", "op://a b/c"},
		`a "" b`:                                          {"a", "", "b"},
		`a '"'`:                                           {"a", `"`},
	} {
		got, err := splitCommand(line)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{"", "  ", `""`, `'' a`, `a "b`, `a 'b"`, `'`} {
		if got, err := splitCommand(line); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// The limit is the caller's here, so that the test need not wait ten seconds.
func TestKeyCommandHasALimit(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	line := []string{program, "play", "hang"}
	_, err = runKeyCommand(t.Context(), line, time.Millisecond)
	if err == nil || err.Error() != "the command took longer than 1ms" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := runKeyCommand(ctx, line, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's own error", err)
	}
}
