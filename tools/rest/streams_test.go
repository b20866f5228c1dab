package rest

import (
	"bytes"
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
	for _, length := range []int{0, 1, usualBody - 1, usualBody, usualBody + 1, 3 * usualBody} {
		body := strings.Repeat("0123456789abcdef", length/16+1)[:length]
		got, err := ReadBody(iotest.HalfReader(strings.NewReader(body)))
		if err != nil || string(got) != body {
			t.Errorf("%d: %d bytes, %v", length, len(got), err)
		}
		gone := errors.New("gone")
		if got, err := ReadBody(io.MultiReader(strings.NewReader(body), iotest.ErrReader(gone))); !errors.Is(err, gone) || len(got) != length {
			t.Errorf("%d, broken off: %d bytes, %v", length, len(got), err)
		}
	}
}
