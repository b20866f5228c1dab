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
		"a short first": {"one\n" + strings.Repeat("ä", 100_000), true},
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
		if !found || !strings.Contains(said, "a smaller per_page") || len(got) > 32_000 || len(kept) < 16_000 {
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

// TestAnswersAreVisible: what a terminal or a model would obey, and no person
// would see, is taken out of whatever a tool says; what is said in errors is
// short as well.
func TestAnswersAreVisible(t *testing.T) {
	t.Parallel()
	const hidden = "a\u2028\u2029\x1b[31mb\x07c\u202ed\u009be\u200bf\U000e0041g\xffh\r"
	const shown = "a\n\n[31mbcdefg\uFFFDh"
	tool := toolThat(func(context.Context, nothing) (string, error) { return hidden + "\n\tx", nil })
	if got, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil); err != nil || got != shown+"\n\tx" {
		t.Errorf("%q, %v", got, err)
	}
	cause := errors.New(hidden + strings.Repeat("x", 100_000))
	tool = toolThat(func(context.Context, nothing) (string, error) { return "", cause })
	_, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil)
	if !errors.Is(err, cause) || !strings.HasPrefix(err.Error(), shown+"xxx") || len(err.Error()) > 4_200 {
		t.Errorf("%d bytes: %.50q", len(err.Error()), err)
	}
}

// TestMaskedTool: nothing a tool says gets round the mask.
func TestMaskedTool(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "token-example", "***") }
	for name, fails := range map[string]bool{"an answer": false, "an error": true} {
		tool := toolThat(func(context.Context, nothing) (string, error) {
			if fails {
				return "", fmt.Errorf("outer: %w", errors.New("it holds token-example"))
			}
			return "it holds token-example", nil
		}).Masked(mask)
		answer, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil)
		if said := fmt.Sprint(answer, err, errors.Unwrap(err)); strings.Contains(said, "token-example") || !strings.Contains(said, "it holds ***") {
			t.Errorf("%s: %s", name, said)
		}
	}
}

// TestMaskSeesWhatModelsSee: what nobody sees can't keep a secret from the mask.
func TestMaskSeesWhatModelsSee(t *testing.T) {
	t.Parallel()
	mask := func(text string) string { return strings.ReplaceAll(text, "token-example", "***") }
	for _, hidden := range []string{"\u200b", "\u00ad", "\U000e0041", "\ufe01", "\U000e0149", "\u115f"} {
		text := "a token" + hidden + "-example"
		tool := toolThat(func(context.Context, nothing) (string, error) { return text, nil }).Masked(mask)
		if got, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil); err != nil || got != "a ***" {
			t.Errorf("%q: %q, %v", hidden, got, err)
		}
		tool = toolThat(func(context.Context, nothing) (string, error) { return "", errors.New(text) }).Masked(mask)
		if _, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, nil); err == nil || err.Error() != "a ***" {
			t.Errorf("%q: %v", hidden, err)
		}
		book := bookAt(func(shelf) (tools.Document, error) { return tools.Document{Text: text}, nil }).Masked(mask)
		if got, err := tools.ReadDocument(t.Context(), logTo(&lockedBuffer{}), book, aBook); err != nil || got.Text != "a ***" {
			t.Errorf("%q: %q, %v", hidden, got.Text, err)
		}
	}
}

// TestManyFaults: a call that is wrong in a million ways is answered in a few.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	var arguments strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&arguments, `,"a%d":1`, i)
	}
	tool := toolThat(func(context.Context, nothing) (string, error) { return "", nil })
	_, err := tools.Run(t.Context(), logTo(&lockedBuffer{}), tool, []byte("{"+arguments.String()[1:]+"}"))
	if err == nil || len(err.Error()) > 4_200 || !strings.Contains(err.Error(), "and 9980 more") {
		t.Errorf("%.200q", err)
	}
}
