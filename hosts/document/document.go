// Package document edits one entry of a configuration file that belongs to
// other people and other programs. Everything outside the entry stays byte for
// byte: comments, order, indentation, blank lines, line ends, a byte order mark.
// Only braces that hold nothing but white space lose that.
//
// A library parses the text and says where things stand; this package cuts and
// inserts there, and has the library parse the result. If that isn't the former
// document with just the one change, the edit is refused and nothing changes.
//
// A comment goes with the entry that is deleted if it is clearly the entry's own:
// it stands on lines of its own directly above, names the entry, and isn't what
// the file begins with. Any other comment stays.
//
// It knows texts, and neither files nor what the entries mean.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format is the language that a document is written in.
type Format int

// The formats. JSON may hold comments and trailing commas, as editors allow.
const (
	JSON Format = iota
	TOML
	YAML
)

// Table is what JSON calls an object and YAML a mapping, in the document's order.
type Table []Field

// Field is a name and what it stands for: a string, bool, int64, float64, nil,
// []any, Table or Literal.
type Field struct {
	Name  string
	Value any
}

// Literal is a value that has no type here, such as a date or a YAML alias, as
// the document writes it.
type Literal string

// ErrNotFound says that the document has no such entry.
var ErrNotFound = errors.New("there is no such entry")

// SyntaxError says where a text isn't of its format. Lines and columns count from
// 1, columns in bytes; Column is 0 where the parser doesn't say.
type SyntaxError struct {
	Line, Column int
	Reason       string
}

func (e *SyntaxError) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Document is a text and what it holds. It isn't safe for concurrent use.
type Document struct {
	format Format
	source []byte
	// text is the source without a byte order mark.
	text string
	root *node
	// expressions are the lines of a TOML document.
	expressions []expression
	style       style
}

const byteOrderMark = "\uFEFF"

// Parse reads a document; an empty text is an empty one. What is wrong with a
// text is a [*SyntaxError].
func Parse(format Format, text []byte) (*Document, error) {
	d := &Document{format: format, source: bytes.Clone(text)}
	d.text = strings.TrimPrefix(string(text), byteOrderMark)
	if err := d.readable(); err != nil {
		return nil, err
	}
	d.style = style{format: format, newline: newline(d.text), unit: "  "}
	parse := map[Format]func(*Document) error{JSON: parseJSON, TOML: parseTOML, YAML: parseYAML}[format]
	if err := parse(d); err != nil {
		return nil, err
	}
	return d, nil
}

// readable refuses what isn't UTF-8, before a parser takes it for something else.
func (d *Document) readable() error {
	if strings.HasPrefix(d.text, "\xff\xfe") || strings.HasPrefix(d.text, "\xfe\xff") {
		return d.wrong(0, "the file is in UTF-16; save it as UTF-8")
	}
	for at := 0; at < len(d.text); {
		r, size := utf8.DecodeRuneInString(d.text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return d.wrong(at, "this isn't UTF-8")
		case r == '\r' && d.format != JSON && !strings.HasPrefix(d.text[at:], "\r\n"):
			return d.wrong(at, "there is a carriage return without a line feed")
		}
		at += size
	}
	return nil
}

// wrong is the error of an offset in the text.
func (d *Document) wrong(at int, reason string) *SyntaxError {
	before := d.text[:min(at, len(d.text))]
	return &SyntaxError{
		Line:   1 + strings.Count(before, "\n"),
		Column: len(before) - strings.LastIndexByte(before, '\n'),
		Reason: reason,
	}
}

// refuse is the error of something that is no fault, but can't be edited safely.
func (d *Document) refuse(at int, format string, arguments ...any) error {
	line := 1 + strings.Count(d.text[:min(at, len(d.text))], "\n")
	return fmt.Errorf("line %d: %s; edit the file by hand", line, fmt.Sprintf(format, arguments...))
}

// Bytes answers the text.
func (d *Document) Bytes() []byte {
	return bytes.Clone(d.source)
}

// Get answers what stands at a path: a value as in [Field]. Without a path it is
// the whole document. Of names that stand there twice the last one counts.
func (d *Document) Get(path ...string) (any, bool) {
	return get(d.root.plain(), path)
}

func get(value any, path []string) (any, bool) {
	for _, name := range path {
		table, _ := value.(Table)
		i := len(table) - 1
		for i >= 0 && table[i].Name != name {
			i--
		}
		if i < 0 {
			return nil, false
		}
		value = table[i].Value
	}
	return value, true
}

// Set puts a table at a path. What stands there is replaced at its place; else
// the entry becomes the last of its table, and the tables on the way are made.
// If the same stands there, nothing changes. A path has a name at least.
func (d *Document) Set(value Table, path ...string) error {
	if err := d.format.writable(nest(value, path)); err != nil {
		return err
	}
	if old, ok := d.Get(path...); ok && same(old, value) {
		return nil
	}
	p, err := d.find(path)
	if err != nil {
		return err
	}
	name, nested := path[p.depth], nest(value, path[p.depth+1:])
	var edits []edit
	switch {
	case p.table.braces:
		edits = d.setInBraces(p, name, nested)
	case d.format == TOML:
		edits, err = d.setInTOML(p, path, value)
	default:
		edits, err = d.setInYAML(p, name, nested)
	}
	if err != nil {
		return err
	}
	return d.apply(edits, func(next *Document) bool {
		cut := path[:p.depth+1]
		now, ok := next.Get(cut...)
		return ok && same(now, nested) && same(d.without(cut), next.without(cut))
	})
}

// Delete removes what stands at a path, or says [ErrNotFound]. Tables that it
// leaves empty stay, unless the document only had them by what was in them.
func (d *Document) Delete(path ...string) error {
	p, err := d.find(path)
	if err != nil {
		return err
	}
	if p.index < 0 || p.depth < len(path)-1 {
		return ErrNotFound
	}
	var edits []edit
	switch {
	case p.table.braces:
		edits = d.deleteInBraces(p)
	case d.format == TOML:
		edits, err = d.deleteInTOML(p, path)
	default:
		edits, err = d.deleteInYAML(p)
	}
	if err != nil {
		return err
	}
	return d.apply(edits, func(next *Document) bool {
		if _, still := next.Get(path...); still {
			return false
		}
		if d.format == TOML {
			return same(d.without(path), next.without(path))
		}
		return same(d.without(path), next.root.plain())
	})
}

// apply makes the edits if what they lead to is right.
func (d *Document) apply(edits []edit, right func(*Document) bool) error {
	text, ok := splice(d.text, edits)
	if !ok {
		return d.refuse(edits[0].start, "the entry is written in a way that can't be edited safely")
	}
	if bytes.HasPrefix(d.source, []byte(byteOrderMark)) {
		text = byteOrderMark + text
	}
	next, err := Parse(d.format, []byte(text))
	if err != nil || !right(next) {
		return d.refuse(edits[0].start, "an edit here would change more than the entry")
	}
	*d = *next
	return nil
}

// without answers the document without what stands at a path. TOML has most
// tables by what is in them: there those that it leaves empty go too, and the
// order of those on the way means nothing.
func (d *Document) without(path []string) any {
	return without(d.root.plain(), path, d.format == TOML)
}

func without(value any, path []string, implied bool) any {
	table, ok := value.(Table)
	if !ok {
		return value
	}
	rest := Table{}
	for _, f := range table {
		if f.Name == path[0] {
			if len(path) == 1 {
				continue
			}
			f.Value = without(f.Value, path[1:], implied)
			if left, ok := f.Value.(Table); ok && implied && len(left) == 0 {
				continue
			}
		}
		rest = append(rest, f)
	}
	if implied {
		slices.SortStableFunc(rest, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	}
	return rest
}

// nest puts a table into tables by the names of a path.
func nest(value Table, path []string) Table {
	for _, name := range slices.Backward(path) {
		value = Table{{Name: name, Value: value}}
	}
	return value
}

// newline answers how the lines of a text end: as the first one does.
func newline(text string) string {
	if at := strings.IndexByte(text, '\n'); at > 0 && text[at-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

func blank(text string) bool {
	return strings.TrimSpace(text) == ""
}
