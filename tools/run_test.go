package tools_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

type nothing struct{}

func toolThat(call func(context.Context, nothing) (string, error)) tools.Tool {
	return tools.Define(tools.Tool{Name: "practice_tool", Title: "Practice", Description: "Practices.", Access: tools.Read}, call)
}

// TestPanicKeepsItsValue: what a tool panics with may be anything, also a
// token, so neither the answer nor the log shows it.
func TestPanicKeepsItsValue(t *testing.T) {
	t.Parallel()
	stderr := &lockedBuffer{}
	tool := toolThat(func(context.Context, nothing) (string, error) { panic("token-example") })
	answer, err := tools.Run(t.Context(), logTo(stderr), tool, nil)
	if err == nil || answer != "" {
		t.Fatalf("a panic is answered with %q, %v", answer, err)
	}
	if said := err.Error() + stderr.String(); strings.Contains(said, "token-example") || !strings.Contains(stderr.String(), "practice_tool") {
		t.Errorf("said: %s", said)
	}
}

// TestLongAnswerIsCut: at the end of a line, and it says so.
func TestLongAnswerIsCut(t *testing.T) {
	t.Parallel()
	line := strings.Repeat("ä", 50) + "\n"
	for name, c := range map[string]struct {
		answer string
		cut    bool
	}{
		"short":         {strings.Repeat(line, 10), false},
		"long":          {strings.Repeat(line, 1000), true},
		"one long line": {strings.Repeat("ä", 100_000), true},
	} {
		tool := toolThat(func(context.Context, nothing) (string, error) { return c.answer, nil })
		got, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !c.cut {
			if got != c.answer {
				t.Errorf("%s: a short answer was changed", name)
			}
			continue
		}
		kept, said, found := strings.Cut(got, "\n[cut here: ")
		if !found || !strings.Contains(said, "next page") || len(got) > 32_200 || len(kept) < 16_000 {
			t.Errorf("%s: %d bytes, ends in %q", name, len(got), got[max(0, len(got)-100):])
		}
		if !strings.HasPrefix(c.answer, kept) || strings.ContainsRune(kept, '�') {
			t.Errorf("%s: what is kept isn't the beginning", name)
		}
	}
}

// TestErrorLosesItsAddress: an address may hold a query nobody should read,
// and the cause can still be found.
func TestErrorLosesItsAddress(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cause")
	tool := toolThat(func(context.Context, nothing) (string, error) {
		return "", &url.Error{Op: "Get", URL: "https://example.com/?q=example", Err: cause}
	})
	_, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil)
	if !errors.Is(err, cause) || strings.Contains(err.Error(), "example.com") {
		t.Errorf("the error is %v", err)
	}
}

// TestErrorsOfTheStandardLibrary: what Go says of itself is put into words, and
// what was worded already stays.
func TestErrorsOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"took too long": fmt.Errorf("waiting: %w", context.DeadlineExceeded),
		"cancelled":     &url.Error{Op: "Get", URL: "https://example.com/", Err: context.Canceled},
		"32 MiB":        fmt.Errorf("reading: %w", &http.MaxBytesError{Limit: 32 << 20}),
		"my own words":  tools.Explain(context.DeadlineExceeded, "my own words"),
	} {
		tool := toolThat(func(context.Context, nothing) (string, error) { return "", err })
		_, got := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil)
		if got == nil || !strings.Contains(got.Error(), want) || strings.Contains(got.Error(), "context") || !errors.Is(got, err) {
			t.Errorf("%v is answered as %v", err, got)
		}
	}
}
