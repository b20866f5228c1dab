package document

import (
	"errors"
	"strings"
	"testing"
)

// TestTooDeep: what would take more stack than there is ends as an error that
// names the line, before anything recursive runs.
func TestTooDeep(t *testing.T) {
	t.Parallel()
	const many = 3_000_000
	for name, tt := range map[string]struct {
		format Format
		text   string
	}{
		"JSON lists":          {JSON, strings.Repeat("[", many)},
		"TOML key":            {TOML, strings.Repeat("a.", many) + "a = 1"},
		"TOML header":         {TOML, "[" + strings.Repeat("a.", many) + "a]"},
		"TOML key in a list":  {TOML, "x = [{" + strings.Repeat("a.", many) + "a = 1}]"},
		"TOML keys in braces": {TOML, strings.Repeat("a.a.a = {", 4_000) + strings.Repeat("}", 4_000)},
		"TOML lists":          {TOML, "x = " + strings.Repeat("[", many)},
		"YAML lists":          {YAML, strings.Repeat("[", many)},
		"YAML braces":         {YAML, strings.Repeat("{a: ", many)},
		"YAML blocks":         {YAML, strings.Repeat("- ", many)},
		"YAML keys":           {YAML, strings.Repeat("? ", many)},
	} {
		_, err := Parse(tt.format, []byte("\n"+tt.text))
		var wrong *SyntaxError
		if !errors.As(err, &wrong) || wrong.Line != 2 || len(err.Error()) > 200 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

// TestDeep: what is nested as deep as is allowed is read and edited.
func TestDeep(t *testing.T) {
	t.Parallel()
	const levels = deepest - 1
	for format, text := range map[Format]string{
		JSON: `{"a":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + `}`,
		TOML: strings.Repeat("a.", levels) + "a = 1\n",
		YAML: "a: " + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "\n",
	} {
		d := parsed(t, format, []byte(text))
		if err := d.Set(Table{}, "valetkey"); err != nil {
			t.Errorf("format %d: %v", format, err)
		}
		value, _ := d.Get("a")
		depth := 0
		for value != nil {
			depth++
			switch v := value.(type) {
			case []any:
				value = append(v, nil)[0]
			case Table:
				value = v[0].Value
			default:
				value = nil
			}
		}
		if depth != levels && depth != levels+1 {
			t.Errorf("format %d: %d levels are left of %d", format, depth, levels)
		}
	}
}
