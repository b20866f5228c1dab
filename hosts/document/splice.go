package document

import (
	"slices"
	"strings"
)

// edit puts a text in place of what stands between two offsets.
type edit struct {
	start, end int
	text       string
}

// splice makes edits, unless they overlap.
func splice(text string, edits []edit) (string, bool) {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.start < at || e.end < e.start || e.end > len(text) {
			return "", false
		}
		b.WriteString(text[at:e.start] + e.text)
		at = e.end
	}
	return b.String() + text[at:], true
}

// lineStart answers where the line of an offset begins.
func lineStart(text string, at int) int {
	return strings.LastIndexByte(text[:at], '\n') + 1
}

// lineEnd answers where the line of an offset ends: behind its line feed.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// indentation answers the white space before an offset, and whether that is all
// that stands before it on its line.
func indentation(text string, at int) (string, bool) {
	before := text[lineStart(text, at):at]
	spaces := before[:len(before)-len(strings.TrimLeft(before, " \t"))]
	return spaces, len(spaces) == len(before)
}

// beforeNewline answers an offset without the line end that stands before it.
func beforeNewline(text string, at int) int {
	if at > 0 && text[at-1] == '\n' {
		at--
		if at > 0 && text[at-1] == '\r' {
			at--
		}
	}
	return at
}

// unfinished says whether an offset is the end of a text that lacks its last
// line end.
func unfinished(text string, at int) bool {
	return at == len(text) && at > 0 && text[at-1] != '\n'
}

// insertLines puts lines where a line begins or the text ends. A text without a
// last line end gets none.
func insertLines(text string, at int, lines, newline string) edit {
	if unfinished(text, at) {
		lines = newline + strings.TrimSuffix(lines, newline)
	}
	return edit{at, at, lines}
}

// replaceLines puts lines in place of others.
func replaceLines(text string, start, end int, lines, newline string) edit {
	if unfinished(text, end) {
		lines = strings.TrimSuffix(lines, newline)
	}
	return edit{start, end, lines}
}

// cutLines removes lines. A text without a last line end keeps having none.
func cutLines(text string, start, end int) edit {
	if unfinished(text, end) {
		start = beforeNewline(text, start)
	}
	return edit{start, end, ""}
}

// ownComment answers where the lines of an entry begin with the comment that is
// clearly its own; start is where its first line begins, floor where what stands
// before it ends.
func ownComment(text string, floor, start int, format Format, name string) int {
	top := start
	for top > floor {
		above := lineStart(text, top-1)
		line := strings.TrimSpace(text[above:top])
		if !strings.HasPrefix(line, format.marker()) || strings.Contains(line, "*/") {
			break
		}
		top = above
	}
	if top == 0 || !strings.Contains(strings.ToLower(text[top:start]), strings.ToLower(name)) {
		return start
	}
	return top
}

// marker is what a comment begins with that ends with its line.
func (f Format) marker() string {
	if f == JSON {
		return "//"
	}
	return "#"
}
