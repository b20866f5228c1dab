package github

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

// What is read of a text in pieces is what cleanNoting makes of the whole.
func FuzzCleanReader(f *testing.F) {
	for _, text := range []string{
		"", "plain\n\ttext ü 日本 🎉", "a\r\nb\rc\r\r\n", "\x1b[31mred\x07\x00", "x\u202ey\u2028z", "\xff\xfe\r\n\xff\r\xffa\xe6\x97", "\uFFFD\xff", strings.Repeat("ü", 3000),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		wanted, note := cleanNoting(text)
		reader := cleaned(iotest.OneByteReader(strings.NewReader(text)))
		got, err := io.ReadAll(reader)
		if err != nil || string(got) != wanted || hiddenNote(reader.hidden) != note || reader.bytes != len(wanted) || reader.runes != utf8.RuneCountInString(wanted) {
			t.Errorf("%q: %q with %+v, %v; want %q with %q", text, got, reader, err, wanted, note)
		}
		for _, budget := range []int{1, 10} {
			if got, err := cleaned(strings.NewReader(text)).beginning(budget); err != nil || got != cutAtLine(wanted, budget) {
				t.Errorf("%q in %d bytes: %q, %v; want %q", text, budget, got, err, cutAtLine(wanted, budget))
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
		got, err := readBody(iotest.HalfReader(strings.NewReader(body)))
		if err != nil || string(got) != body {
			t.Errorf("%d: %d bytes, %v", length, len(got), err)
		}
		gone := errors.New("gone")
		if got, err := readBody(io.MultiReader(strings.NewReader(body), iotest.ErrReader(gone))); !errors.Is(err, gone) || len(got) != length {
			t.Errorf("%d, broken off: %d bytes, %v", length, len(got), err)
		}
	}
}
