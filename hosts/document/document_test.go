package document

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// entry is what the tests write.
func entry() Table {
	return Table{
		{"command", "/opt/valetkey"},
		{"args", []any{}},
		{"env", Table{{"VALET_SERVICES", "github"}}},
	}
}

// edited is a text, what is done with it, and what has to become of it.
type edited struct {
	name   string
	before string
	path   string
	// value is what is set; without one the entry is deleted.
	value Table
	after string
}

func (e edited) run(t *testing.T, format Format) {
	t.Helper()
	d, err := Parse(format, []byte(e.before))
	if err != nil {
		t.Fatal(err)
	}
	path := strings.Split(e.path, ".")
	if e.value == nil {
		err = d.Delete(path...)
	} else {
		err = d.Set(e.value, path...)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.Bytes()); got != e.after {
		t.Errorf("the document is\n%s\n%q\nwant\n%s\n%q", got, got, e.after, e.after)
	}
	if e.value == nil {
		return
	}
	if got, ok := d.Get(path...); !ok || !same(got, e.value) {
		t.Errorf("the entry is %v, want %v", got, e.value)
	}
	if err := d.Set(e.value, path...); err != nil || string(d.Bytes()) != e.after {
		t.Errorf("setting it again: %v\n%s", err, d.Bytes())
	}
}

func runAll(t *testing.T, format Format, all []edited) {
	t.Helper()
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			e.run(t, format)
		})
	}
}

// refused is a text with an edit that would be unsafe, and words of the error.
type refused struct {
	name, text, path string
	words            []string
}

func refuseAll(t *testing.T, format Format, all []refused) {
	t.Helper()
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			d, err := Parse(format, []byte(r.text))
			if err == nil {
				err = d.Set(entry(), strings.Split(r.path, ".")...)
				if got := string(d.Bytes()); got != r.text {
					t.Errorf("the document became\n%s", got)
				}
			}
			if err == nil {
				t.Fatal("the edit was not refused")
			}
			for _, word := range append(r.words, "line ") {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%v; want %q in it", err, word)
				}
			}
		})
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	for format, text := range map[Format]string{JSON: `{"a": {}}`, TOML: "[a]\n", YAML: "a: {}\n"} {
		d, err := Parse(format, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range [][]string{{}, {"b"}, {"a", "b"}, {"b", "c"}} {
			if err := d.Delete(path...); !errors.Is(err, ErrNotFound) || string(d.Bytes()) != text {
				t.Errorf("format %d, %v: %v\n%s", format, path, err, d.Bytes())
			}
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format       Format
		text         string
		line, column int
	}{
		{JSON, "{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3},
		{JSON, "{\n\"token\": \"not-for-logs\\x\"}", 2, 10},
		{JSON, strings.Repeat("[", 20_000), 1, 10_001},
		{JSON, "{\"a\":\n\"\xff\"}", 2, 2},
		{JSON, "\xff\xfe{\x00}\x00", 1, 1},
		{TOML, "a = 1\nb == 2\n", 2, 4},
		{TOML, "a = 1\na = 2\n", 2, 1},
		{TOML, "a = 1\n# x\x00\n", 2, 4},
		{TOML, "a = 1\rb = 2\n", 1, 6},
		{YAML, "a: b: c\n", 1, 0},
		{YAML, "a: 1\rb: 2\n", 1, 5},
		{YAML, "a: 1\nb: [\nc: 1\n", 2, 0},
		{YAML, "a: 1\nb: c: d\n", 2, 0},
		{YAML, "a: 1\n- b\n", 2, 0},
		{YAML, "a: 1\nb: }\n", 2, 0},
		{YAML, "x:\n  - a\n  b: 1\n", 2, 0},
		{YAML, "{a: 1}\nb: 2\n", 2, 0},
		{YAML, "a: 1\n---\nb: 1\n", 2, 1},
	} {
		_, err := Parse(tt.format, []byte(tt.text))
		var wrong *SyntaxError
		if !errors.As(err, &wrong) {
			t.Errorf("%.30q: %v is no syntax error", tt.text, err)
			continue
		}
		if wrong.Line != tt.line || wrong.Column != tt.column || wrong.Reason == "" || strings.Contains(err.Error(), "not-for-logs") {
			t.Errorf("%.30q: %v, want line %d, column %d", tt.text, err, tt.line, tt.column)
		}
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\xff\xfe{\x00}\x00", "\xfe\xff\x00{\x00}"} {
		if _, err := Parse(JSON, []byte(text)); err == nil || !strings.Contains(err.Error(), "UTF-16") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSplice(t *testing.T) {
	t.Parallel()
	if text, ok := splice("abcd", []edit{{2, 3, "x"}, {0, 1, ""}}); !ok || text != "bxd" {
		t.Errorf("%q, %t", text, ok)
	}
	if text, ok := splice("abcd", []edit{{0, 2, ""}, {1, 3, ""}}); ok {
		t.Errorf("edits that overlap made %q", text)
	}
}

func TestValuesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		format Format
		value  Table
		path   string
	}{
		{TOML, Table{{"a", nil}}, "x"},
		{TOML, Table{{"a", []any{Table{{"b", nil}}}}}, "x"},
		{JSON, Table{{"a", 1}}, "x"},
		{JSON, Table{{"a", math.NaN()}}, "x"},
		{TOML, Table{{"a", math.Inf(1)}}, "x"},
		{YAML, Table{{"a", "\xff"}}, "x"},
		{JSON, Table{{"\xff", "a"}}, "x"},
		{JSON, Table{}, "\xff"},
		{JSON, Table{{"a", true}, {"a", true}}, "x"},
		{JSON, Table{{"a", Literal("1, \"b\": 2")}}, "x"},
	} {
		d, err := Parse(tt.format, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Set(tt.value, tt.path); err == nil || len(d.Bytes()) > 0 {
			t.Errorf("%v: %v\n%s", tt.value, err, d.Bytes())
		}
	}
}
