package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// What is read of a text in pieces is what CleanNoting makes of the whole.
func FuzzReader(f *testing.F) {
	for _, text := range []string{
		"", "plain\n\ttext ü 日本 🎉", "a\r\nb\rc\r\r\n", "\x1b[31mred\x07\x00", "x\u202ey\u2028z", "\xff\xfe\r\n\xff\r\xffa\xe6\x97", "\uFFFD\xff", strings.Repeat("ü", 3000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wanted, note := CleanNoting(text)
		reader := Cleaned(iotest.OneByteReader(strings.NewReader(text)))
		got, err := io.ReadAll(reader)
		if err != nil || string(got) != wanted || HiddenNote(reader.hidden) != note || reader.bytes != len(wanted) || reader.runes != utf8.RuneCountInString(wanted) {
			t.Errorf("%q: %q with %+v, %v; want %q with %q", text, got, reader, err, wanted, note)
		}
		for _, budget := range []int{1, 10} {
			if got, err := Cleaned(strings.NewReader(text)).beginning(budget); err != nil || got != CutAtLine(wanted, budget) {
				t.Errorf("%q in %d bytes: %q, %v; want %q", text, budget, got, err, CutAtLine(wanted, budget))
			}
		}
	})
}

// JSON is compacted as the standard library does it.
func FuzzCompactReader(f *testing.F) {
	for _, text := range []string{
		`{}`, " {\r\n\t\"a b\" : [ 1 , \"x \\\" y\\\\\" , null ] } \n", `"\\"`, `"\" "`, strings.Repeat(" ", 10_000) + `1`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var wanted bytes.Buffer
		if json.Compact(&wanted, []byte(text)) != nil {
			return
		}
		got, err := io.ReadAll(&compactReader{from: iotest.HalfReader(strings.NewReader(text))})
		if err != nil || string(got) != wanted.String() {
			t.Errorf("%q: %q, %v; want %q", text, got, err, wanted.String())
		}
	})
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, usualBody - 1, usualBody, usualBody + 1, 3 * usualBody, middleBody, middleBody + 1, 36 * usualBody} {
		body := strings.Repeat("0123456789abcdef", size/16+1)[:size]
		gone := errors.New("gone")
		for _, length := range []int64{-1, 0, int64(size), int64(size) - 1, int64(size) + 1, 1 << 40} {
			large := make(Turns, 1)
			ctx, end := WithTurns(t.Context())
			got, err := ReadBody(ctx, large, iotest.HalfReader(strings.NewReader(body)), length)
			if err != nil || string(got) != body {
				t.Errorf("%d of %d: %d bytes, %v", size, length, len(got), err)
			}
			if isLarge := size >= usualBody; (len(large) == 1) != isLarge {
				t.Errorf("%d: %d turns are taken", size, len(large))
			}
			got, err = ReadBody(ctx, large, io.MultiReader(strings.NewReader(body), iotest.ErrReader(gone)), length)
			if !errors.Is(err, gone) || len(got) != size {
				t.Errorf("%d of %d, broken off: %d bytes, %v", size, length, len(got), err)
			}
			if end(); len(large) != 0 {
				t.Errorf("%d: a turn isn't given back", size)
			}
		}
	}
	ctx, end := WithTurns(t.Context())
	defer end()
	if got, err := ReadBody(ctx, make(Turns, 1), zeros{}, -1); !errors.Is(err, ErrTooLong) || len(got) > largestBody+1 {
		t.Errorf("without end: %d bytes, %v", len(got), err)
	}
}

// zeros is a text without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestTurns: a call has one turn until it is over, in all its parts, and who
// waits may go away.
func TestTurns(t *testing.T) {
	t.Parallel()
	large := make(Turns, 1)
	first, end := WithTurns(t.Context())
	part, endPart := WithTurns(first)
	for _, ctx := range []context.Context{first, part, first} {
		if err := large.Take(ctx); err != nil {
			t.Fatal(err)
		}
	}
	endPart()
	ctx, cancel := context.WithCancel(t.Context())
	other, endOther := WithTurns(ctx)
	waits := make(chan error)
	go func() { waits <- large.Take(other) }()
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("a call that went away: %v", err)
	}
	endOther()
	end()
	third, endThird := WithTurns(t.Context())
	defer endThird()
	if err := large.Take(third); err != nil || len(large) != 1 {
		t.Errorf("a turn that was given back: %v", err)
	}
}
