package document

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// style is how a document writes things.
type style struct {
	format  Format
	newline string
	// unit is what one level is indented by.
	unit string
	// tight is JSON without white space.
	tight bool
}

// writable refuses a value that the format, or none, can write.
func (f Format) writable(value any) error {
	switch v := value.(type) {
	case nil:
		if f == TOML {
			return fmt.Errorf("TOML has no null")
		}
	case string:
		if !utf8.ValidString(v) {
			return fmt.Errorf("a value isn't UTF-8")
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a value is no finite number")
		}
	case bool, int64, Literal:
	case []any:
		for _, element := range v {
			if err := f.writable(element); err != nil {
				return err
			}
		}
	case Table:
		names := map[string]bool{}
		for _, field := range v {
			if names[field.Name] || !utf8.ValidString(field.Name) {
				return fmt.Errorf("the name %q stands twice in a value, or isn't UTF-8", field.Name)
			}
			names[field.Name] = true
			if err := f.writable(field.Value); err != nil {
				return fmt.Errorf("%s: %w", field.Name, err)
			}
		}
	default:
		return fmt.Errorf("a value is a %T, which can't be written", value)
	}
	return nil
}

// same says whether two values are, in the same order.
func same(a, b any) bool {
	s := style{format: JSON, tight: true}
	return s.line(a) == s.line(b)
}

// line writes a value on one line.
func (s style) line(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case Literal:
		return string(v)
	case []any:
		all := make([]string, len(v))
		for i, element := range v {
			all[i] = s.line(element)
		}
		return "[" + strings.Join(all, s.comma()) + "]"
	case Table:
		all := make([]string, len(v))
		for i, f := range v {
			all[i] = s.pair(f.Name, s.line(f.Value))
		}
		if s.format == TOML && len(all) > 0 {
			return "{ " + strings.Join(all, s.comma()) + " }"
		}
		return "{" + strings.Join(all, s.comma()) + "}"
	default:
		return s.text(fmt.Sprint(v))
	}
}

// lines writes JSON with a line for each field of a table, the first line without
// its indentation.
func (s style) lines(value any, indent string) string {
	all, ok := value.(Table)
	if !ok || len(all) == 0 {
		return s.line(value)
	}
	var b strings.Builder
	for i, f := range all {
		if i > 0 {
			b.WriteString(",")
		}
		inner := indent + s.unit
		b.WriteString(s.newline + inner + s.pair(f.Name, s.lines(f.Value, inner)))
	}
	return "{" + b.String() + s.newline + indent + "}"
}

// block writes a field as a YAML block, with a table below its name.
func (s style) block(name string, value any, indent string) string {
	all, ok := value.(Table)
	if !ok || len(all) == 0 {
		return indent + s.pair(name, s.line(value)) + s.newline
	}
	var b strings.Builder
	b.WriteString(indent + s.name(name) + ":" + s.newline)
	for _, f := range all {
		b.WriteString(s.block(f.Name, f.Value, indent+s.unit))
	}
	return b.String()
}

func (s style) comma() string {
	if s.tight {
		return ","
	}
	return ", "
}

func (s style) pair(name, value string) string {
	switch {
	case s.format == TOML:
		return s.name(name) + " = " + value
	case s.tight:
		return s.name(name) + ":" + value
	default:
		return s.name(name) + ": " + value
	}
}

func (s style) name(name string) string {
	if s.format == TOML && name != "" && strings.Trim(name, letters+"0123456789_-") == "" {
		return name
	}
	return s.text(name)
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// text writes a string: bare where YAML has no second meaning for it, not even
// in its older versions, else in the quotes that all formats share.
func (s style) text(text string) string {
	old := []string{"y", "n", "yes", "no", "on", "off"}
	if s.format == YAML && bare(text) && !slices.Contains(old, strings.ToLower(text)) {
		var value any
		if yaml.Unmarshal([]byte(text), &value) == nil && value == text {
			return text
		}
	}
	return quote(text)
}

// bare says whether a string looks like a word or a path.
func bare(text string) bool {
	return strings.IndexAny(text, letters+"/") == 0 && strings.Trim(text, letters+"0123456789_./-") == ""
}

// quote writes a string as all of the formats read it.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r <= 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
