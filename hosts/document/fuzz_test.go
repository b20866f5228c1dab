package document

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// FuzzEdit holds what the package promises for any text: an edit is refused and
// changes nothing, or the rest stays as it is; setting twice is setting once;
// deleting what was set gives back the text, but for white space in empty braces.
func FuzzEdit(f *testing.F) {
	seeds := map[Format][]string{
		JSON: {``, `{}`, "{\n}", `{"m": { }}`, "// c\n{\n\t\"m\": {\n\t\t\"a\": [1, 2.50], // valetkey\n\t},\n}", `{"m":{"a":1,"v":null}}`, "{\"m\": { /* x\n */ \"a\" : 1 // b\n , }}"},
		TOML: {``, "x = 1", "[m.a]\r\nx = 1979-05-27\r\n# valetkey\r\n\r\n[b]", "m = { a = 1 }\n", "m.a.b = 1\n[c]\n", "[[m]]\n[m.b]\n", "[m.v]\nx=1\n[b]\n[m.v.c]"},
		YAML: {``, "m:\n  a: 1\n  # valetkey\n\nb:\n- 1\n", "m: {}\n", "m: {a: [b, \"c\"], d: e }\n", "---\nm:\n    a: |+\n      b\n\n...\n", "m: &a\n  b: 1\nc: *a\n", "m: # c\nb: ~", "? m\n: b"},
	}
	for format, texts := range seeds {
		for _, text := range texts {
			f.Add(int(format), []byte(text))
			f.Add(int(format), []byte(byteOrderMark+text))
		}
	}
	f.Fuzz(func(t *testing.T, format int, text []byte) {
		d, err := Parse(Format(((format%3)+3)%3), text)
		if err != nil {
			return
		}
		if !bytes.Equal(d.Bytes(), text) {
			t.Fatal("reading it changed it")
		}
		for _, path := range [][]string{{"valetkey"}, {"m", "valetkey"}, {"m"}, {"m", "a"}} {
			setAndDelete(t, d.format, text, path)
			deleteOnly(t, d.format, text, path)
		}
	})
}

func setAndDelete(t *testing.T, format Format, text []byte, path []string) {
	t.Helper()
	value := Table{{"command", "C:\\x"}, {"args", []any{"a", int64(1)}}, {"env", Table{{"A B", true}}}}
	d := parsed(t, format, text)
	if err := d.Set(value, path...); err != nil {
		if !bytes.Equal(d.Bytes(), text) {
			t.Fatalf("%v is refused, and changed the document: %v", path, err)
		}
		return
	}
	set := d.Bytes()
	again := parsed(t, format, set)
	if got, ok := again.Get(path...); !ok || !same(got, value) {
		t.Fatalf("%v is %v in\n%s", path, got, set)
	}
	if err := again.Set(value, path...); err != nil || !bytes.Equal(again.Bytes(), set) {
		t.Fatalf("setting %v twice: %v\n%s\nand\n%s", path, err, set, again.Bytes())
	}
	before := parsed(t, format, text)
	if _, there := before.Get(path...); there {
		return
	}
	parent, there := before.Get(path[:len(path)-1]...)
	grown := func(from string) bool { return inserted(string(set), from) }
	if null := there && parent == nil; !null && !slices.ContainsFunc(shut(string(text)), grown) {
		t.Fatalf("setting %v changed more of\n%q\nthan an entry:\n%q", path, text, set)
	}
	if empty := !bytes.HasSuffix(text, []byte(before.text)); parent == nil || empty {
		return
	}
	if err := again.Delete(path...); err != nil {
		t.Fatalf("deleting %v: %v\n%s", path, err, set)
	}
	if !slices.Contains(shut(string(text)), string(again.Bytes())) {
		t.Fatalf("deleting %v leaves\n%q\nof\n%q\nwant\n%q", path, again.Bytes(), set, text)
	}
}

func deleteOnly(t *testing.T, format Format, text []byte, path []string) {
	t.Helper()
	d := parsed(t, format, text)
	if err := d.Delete(path...); err != nil {
		if !bytes.Equal(d.Bytes(), text) {
			t.Fatalf("%v is refused, and changed the document: %v", path, err)
		}
		return
	}
	left := string(d.Bytes())
	whole := pieces(string(text), left)
	for at := range left {
		// A YAML block that is left empty gets braces.
		if after, ok := strings.CutPrefix(left[at:], " {}"); ok && format == YAML {
			whole = whole || pieces(string(text), left[:at]+after)
		}
	}
	if !whole {
		t.Fatalf("deleting %v made\n%q\nof\n%q", path, left, text)
	}
}

// shut answers a text as it is, and without the white space in one pair of braces
// that hold nothing else, for each such pair.
func shut(text string) []string {
	all := []string{text}
	for at := range text {
		before, opened := strings.CutSuffix(text[:at+1], "{")
		if behind := strings.TrimLeft(text[at+1:], " \t\r\n"); opened && strings.HasPrefix(behind, "}") {
			all = append(all, before+"{"+behind)
		}
	}
	return all
}

// inserted says whether a text is another one with an entry added at one place,
// and perhaps a comma at a place before.
func inserted(long, short string) bool {
	same := 0
	for same < len(short) && long[same] == short[same] {
		same++
	}
	if strings.HasSuffix(long, short[same:]) {
		return true
	}
	return long[same] == ',' && inserted(long[same+1:], short[same:])
}

// pieces says whether a text is another one with something added: all of the
// shorter stands in the longer, in order.
func pieces(long, short string) bool {
	for i := range len(long) {
		if short != "" && long[i] == short[0] {
			short = short[1:]
		}
	}
	return short == ""
}

func parsed(t *testing.T, format Format, text []byte) *Document {
	t.Helper()
	d, err := Parse(format, text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}
