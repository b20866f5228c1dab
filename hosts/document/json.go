package document

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/tailscale/hujson"
)

// deepest is how deep values may be nested: the library counts on the stack.
const deepest = 10_000

// parseJSON has JSON read with comments and trailing commas. A text that holds no
// value gets an empty object, which is only written if something is put into it.
func parseJSON(d *Document) error {
	if err := d.shallowBraces(); err != nil {
		return err
	}
	if d.skip(0) == len(d.text) {
		if unfinished(d.text, len(d.text)) {
			d.text += d.style.newline
		}
		d.text += "{}" + d.style.newline
	}
	// The library wants a line end behind the last comment.
	value, err := hujson.Parse([]byte(d.text + "\n"))
	if err != nil {
		return jsonError(err)
	}
	d.root = jsonNode(value)
	if len(d.root.members) > 0 {
		first := d.root.members[0]
		if indent, own := indentation(d.text, first.start); own {
			d.style.unit = indent
		}
		object := value.Value.(*hujson.Object)
		d.style.tight = len(object.Members[0].Value.BeforeExtra) == 0
	}
	return nil
}

// shallowBraces refuses a text that could be nested too deep. Brackets in strings and
// comments don't count.
func (d *Document) shallowBraces() error {
	depth := 0
	for at := 0; at < len(d.text); at++ {
		switch d.text[at] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			for at++; at < len(d.text) && d.text[at] != '"'; at++ {
				if d.text[at] == '\\' {
					at++
				}
			}
		case '/':
			at += max(0, d.comment(at)-1)
		}
		if depth > deepest {
			return d.wrong(at, "values are nested too deep")
		}
	}
	return nil
}

// jsonError takes the place out of the library's words, and leaves out what
// stands there: it may be a secret.
func jsonError(err error) error {
	var wrong SyntaxError
	if _, scanned := fmt.Sscanf(err.Error(), "hujson: line %d, column %d:", &wrong.Line, &wrong.Column); scanned != nil {
		return err
	}
	if cause := errors.Unwrap(err); cause != nil {
		wrong.Reason, _, _ = strings.Cut(cause.Error(), "invalid literal: ")
	}
	if wrong.Reason == "" {
		wrong.Reason = "this is no value"
	}
	return &wrong
}

func jsonNode(v hujson.Value) *node {
	n := &node{start: v.StartOffset, end: v.EndOffset}
	switch value := v.Value.(type) {
	case *hujson.Object:
		n.kind, n.braces = table, true
		for _, m := range value.Members {
			name := m.Name.Value.(hujson.Literal).String()
			n.members = append(n.members, member{name, m.Name.StartOffset, m.Value.EndOffset, jsonNode(m.Value)})
		}
	case *hujson.Array:
		n.kind = list
		for _, element := range value.Elements {
			n.elements = append(n.elements, jsonNode(element))
		}
	case hujson.Literal:
		n.value = jsonScalar(value)
	}
	return n
}

func jsonScalar(l hujson.Literal) any {
	switch l.Kind() {
	case 'n':
		return nil
	case 't', 'f':
		return l.Bool()
	case '"':
		return l.String()
	}
	if whole, err := strconv.ParseInt(string(l), 10, 64); err == nil {
		return whole
	}
	number, err := strconv.ParseFloat(string(l), 64)
	if err != nil {
		return Literal(l)
	}
	return number
}
