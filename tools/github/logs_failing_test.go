package github

import (
	"fmt"
	"strings"
	"testing"
)

// However long a log is, no more of it is held than an answer has room for.
func TestFailureHoldsLittle(t *testing.T) {
	t.Parallel()
	const budget = 3000
	f := &failedStep{budget: budget, now: step{first: 1}}
	for i := range 200_000 {
		text := strings.Repeat("error ", 10)
		if i%5000 == 0 {
			text = fmt.Sprintf("%sstep %d", stepMark, i)
		}
		f.take(i+1, text)
		if held := sizeOf(f.now) + sizeOf(f.found); held > 2*budget {
			t.Fatalf("%d bytes are held after %d lines", held, i+1)
		}
	}
}

func sizeOf(s step) int {
	n := 0
	for _, line := range append(append([]logLine{}, s.telling...), s.last...) {
		n += len(line.text)
	}
	return n
}

func TestPlainLogLine(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2024-05-01T12:00:00.1234567Z text":       "text",
		"\uFEFF2024-05-01T12:00:00Z  indented":    " indented",
		"2024-05-01T12:00:00.1234567Z":            "",
		"2024-05-01T12:00:00.1234567":             "2024-05-01T12:00:00.1234567",
		"2024-05-01Tnot a time but long enough Z": "2024-05-01Tnot a time but long enough Z",
		"a \x1b[1;31mred\x1b[0m end":              "a red end",
		"\x1b[38;5;":                              "",
		"\x1b[\x07x":                              "x",
		"\x1b]0;title\x07":                        "]0;title",
		"50%\r100%":                               "50%100%",
	} {
		if got := plainLogLine([]byte(in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
