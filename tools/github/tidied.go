package github

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	// largestJSON is how many bytes an answer has that is decoded. A page of a
	// hundred texts of the longest has half of that.
	largestJSON = 16 << 20
	// maxElements is how many elements the lists of an answer have together, and
	// maxListed one list or object: GitHub gives a hundred on a page, and a
	// thousand of a directory. An element of two bytes may take a thousand once
	// it is read.
	maxElements = 120_000
	maxListed   = 2_000
	maxDepth    = 200
)

// longest are the lists that GitHub doesn't divide into pages, by their keys:
// trees and the lines of a file that is blamed.
// https://docs.github.com/en/rest/git/trees#get-a-tree
// https://docs.github.com/en/graphql/reference/objects#blame
func longest(key []byte) int {
	switch string(key) {
	case `"tree"`:
		return 100_000
	case `"ranges"`:
		return 50_000
	}
	return maxListed
}

// listedAt is longest for an answer that is a list: GitHub gives all the
// branches that begin alike.
// https://docs.github.com/en/rest/git/refs#list-matching-references
func listedAt(path string) int {
	if strings.Contains(path, "/git/matching-refs/") {
		return 100_000
	}
	return maxListed
}

// oneRow takes the place of what would begin another line: a no-break space. So
// a name that is like it, but with a space, isn't taken for it when it is asked
// for. No line break is shorter in JSON, so the text can be written in place.
const oneRow = "\u00A0"

// tidied is the first JSON value of a text (RFC 8259), as tidy wants it. It is
// written over the text. Whoever decodes it finds out what else is wrong with
// it. listed is how many elements it may have if it is a list.
func tidied(text []byte, listed int) ([]byte, error) {
	t := tidying{text: text, listed: listed}
	isNull, err := t.value(nil)
	if isNull {
		err = errNotGitHub
	}
	return t.text[:t.done], err
}

// tidying reads a text from one place on and writes it to another, which is
// never further on.
type tidying struct {
	text            []byte
	at, done        int
	depth, elements int
	listed          int
}

// next skips spaces and answers the byte there.
func (t *tidying) next() (byte, error) {
	for ; t.at < len(t.text); t.at++ {
		if c := t.text[t.at]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c, nil
		}
	}
	return 0, io.ErrUnexpectedEOF
}

func (t *tidying) expect(wanted byte) error {
	c, err := t.next()
	if err == nil && c != wanted {
		err = errNotGitHub
	}
	return err
}

func (t *tidying) put(c byte) {
	t.text[t.done] = c
	t.done++
}

// move takes the text over, up to a place.
func (t *tidying) move(end int) {
	t.done += copy(t.text[t.done:], t.text[t.at:end])
	t.at = end
}

// value takes over the next value, which belongs to a key.
func (t *tidying) value(key []byte) (isNull bool, err error) {
	first, err := t.next()
	switch {
	case err != nil:
		return false, err
	case first == '{':
		return false, t.inside('}', maxListed, t.member)
	case first == '[':
		most := longest(key)
		if t.depth == 0 {
			most = t.listed
		}
		return false, t.inside(']', most, func(n int) (int, error) { return t.element(n, key) })
	case first == '"':
		return false, t.string(key)
	}
	end := len(t.text)
	if n := bytes.IndexAny(t.text[t.at:], ",]} \n\t\r"); n >= 0 {
		end = t.at + n
	}
	switch {
	case end == t.at:
		return false, errNotGitHub
	case first == '-' && !isChosen(key):
		t.put('0')
		t.at = end
		return false, nil
	}
	isNull = string(t.text[t.at:end]) == "null"
	t.move(end)
	return isNull, nil
}

// inside takes over an object or a list of so many parts at most, which one by
// one does; it is told how many there are so far, and answers how many there are
// then.
func (t *tidying) inside(end byte, most int, one func(n int) (int, error)) error {
	if t.depth++; t.depth > maxDepth {
		return errNotGitHub
	}
	t.move(t.at + 1)
	for n, parts := 0, 0; ; parts++ {
		c, err := t.next()
		if err != nil {
			return err
		}
		switch c {
		case end:
			t.move(t.at + 1)
			t.depth--
			return nil
		case ',':
			t.at++
		}
		if parts == most {
			return errTooLong
		}
		if n, err = one(n); err != nil {
			return err
		}
	}
}

// member takes over a name and its value.
func (t *tidying) member(n int) (int, error) {
	if n > 0 {
		t.put(',')
	}
	if err := t.expect('"'); err != nil {
		return n, err
	}
	begin := t.done
	if err := t.string(nil); err != nil {
		return n, err
	}
	key := t.text[begin:t.done]
	if err := t.expect(':'); err != nil {
		return n, err
	}
	t.move(t.at + 1)
	_, err := t.value(key)
	return n + 1, err
}

// element takes over an element, unless it is null.
func (t *tidying) element(n int, key []byte) (int, error) {
	if t.elements++; t.elements > maxElements {
		return n, errTooLong
	}
	begin := t.done
	if n > 0 {
		t.put(',')
	}
	isNull, err := t.value(key)
	if isNull {
		t.done = begin
		return n, err
	}
	return n + 1, err
}

// endOfString is where the text in quotation marks ends that begins here.
func (t *tidying) endOfString() (int, error) {
	for end := t.at + 1; end < len(t.text); {
		n := bytes.IndexByte(t.text[end:], '"')
		if n < 0 {
			break
		}
		escape := bytes.IndexByte(t.text[end:end+n], '\\')
		if escape < 0 {
			return end + n + 1, nil
		}
		end += escape + len(`\"`)
	}
	return 0, io.ErrUnexpectedEOF
}

// string takes over a text in quotation marks.
func (t *tidying) string(key []byte) error {
	end, err := t.endOfString()
	if err != nil {
		return err
	}
	mayHaveLines := bytes.ContainsFunc(t.text[t.at:end], func(r rune) bool { return r == '\\' || r >= 0x80 })
	if !mayHaveLines || isParagraph(key) {
		t.move(end)
		return nil
	}
	for t.at < end {
		width := 1
		switch t.text[t.at] {
		case '\\':
			width = 2
			fallthrough
		case 0xC2, 0xE2:
			if n := lineBreak(t.text[t.at:end]); n > 0 {
				t.done += copy(t.text[t.done:], oneRow)
				t.at += n
				continue
			}
		}
		t.move(t.at + width)
	}
	return nil
}

// lineBreak answers how many bytes of JSON are what a text's next line would
// begin with; 0: none.
func lineBreak(text []byte) int {
	for _, plain := range []string{`\n`, `\f`, `\r`, "\u0085", "\u2028", "\u2029"} {
		if bytes.HasPrefix(text, []byte(plain)) {
			return len(plain)
		}
	}
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	r, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err == nil && strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", rune(r)) {
		return 6
	}
	return 0
}

// isParagraph tells the keys, in quotation marks, of texts that have lines:
// those shown as somebody's words, and files.
func isParagraph(key []byte) bool {
	return slices.Contains([]string{"body", "bio", "content", "description", "diff_hunk", "diffhunk", "fragment", "help", "message", "messageheadline", "patch", "readme", "text"}, nameOf(key))
}

// isChosen tells the keys of numbers that people choose, in fields of issues and
// projects, which may be below zero.
func isChosen(key []byte) bool {
	return slices.Contains([]string{"number", "value"}, nameOf(key))
}

// nameOf reads a key as the decoder matches it: whatever its case.
func nameOf(key []byte) string {
	var name string
	// A key that isn't one has no name.
	_ = json.Unmarshal(key, &name)
	return strings.ToLower(name)
}
