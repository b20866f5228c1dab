package document

import (
	"strings"
	"testing"
)

func TestYAML(t *testing.T) {
	t.Parallel()
	value := Table{{"name", "valetkey"}, {"type", "stdio"}, {"args", []any{}}, {"envs", Table{}}, {"deep", Table{{"timeout", int64(300)}}}, {"enabled", true}}
	runAll(t, YAML, []edited{
		{"empty file", "", "extensions.valetkey", value, "extensions:\n  valetkey:\n    name: valetkey\n    type: stdio\n    args: []\n    envs: {}\n    deep:\n      timeout: 300\n    enabled: true\n"},
		{"only a comment", "# Goose", "extensions.valetkey", Table{{"a", "on"}, {"b", "true"}, {"c", "Null"}, {"d", "Off"}, {"e", "2x"}, {"f", "x y"}}, "# Goose\nextensions:\n  valetkey:\n    a: \"on\"\n    b: \"true\"\n    c: \"Null\"\n    d: \"Off\"\n    e: \"2x\"\n    f: \"x y\""},
		{"behind the others", `GOOSE_PROVIDER: openai # mine

extensions:
    developer:
        name: developer
        # more of it
    memory:
        description: |
            # not a comment
            text

    # off:
    #     x: 1

# the rest
GOOSE_MODE: auto
`, "extensions.valetkey", Table{{"cmd", "/opt/valetkey"}, {"when", "2024-01-01"}}, `GOOSE_PROVIDER: openai # mine

extensions:
    developer:
        name: developer
        # more of it
    memory:
        description: |
            # not a comment
            text
    valetkey:
        cmd: /opt/valetkey
        when: "2024-01-01"

    # off:
    #     x: 1

# the rest
GOOSE_MODE: auto
`},
		{"replaced at its place", "extensions:\n  valetkey:\n    a: 1\n    b: [x]\n\n  # z\n  z:\n  - 1\n", "extensions.valetkey", Table{{"a", 0.5}}, "extensions:\n  valetkey:\n    a: 0.5\n\n  # z\n  z:\n  - 1\n"},
		{"replaced at the end", "x: 1\nvaletkey: 2", "valetkey", Table{{"a", "b"}}, "x: 1\nvaletkey:\n  a: b"},
		{"no value", "extensions: # none\nb: 1\n", "extensions.valetkey", Table{{"a", nil}}, "extensions: # none\n  valetkey:\n    a: null\nb: 1\n"},
		{"null", "b: 1\r\nextensions: ~", "extensions.valetkey", Table{{"a", "1"}}, "b: 1\r\nextensions:\r\n  valetkey:\r\n    a: \"1\""},
		{"empty braces", "extensions: {} # none\n", "extensions.valetkey", Table{{"a", "b"}}, "extensions: {valetkey: {a: b}} # none\n"},
		{"braces", "extensions: { é: {x: it's, 'y': \"}\"}, # }\n  b: [1, 2] }\nc: 1\n", "extensions.valetkey", Table{{"a", "b"}}, "extensions: { é: {x: it's, 'y': \"}\"}, # }\n  b: [1, 2],\n  valetkey: {a: b} }\nc: 1\n"},
		{"characters of several bytes", "m: { é: 1, b: 2, c: {x: 1, # }\n  y: 2} } # }\n", "m.valetkey", Table{{"a", "b"}}, "m: { é: 1, b: 2, c: {x: 1, # }\n  y: 2}, valetkey: {a: b} } # }\n"},
		{"line ends of YAML 1.1", "# a\u2028# b\nm:\n  x: 1\n  # c\nz: 1\n", "m.valetkey", Table{{"a", "b"}}, "# a\u2028# b\nm:\n  x: 1\n  valetkey:\n    a: b\n  # c\nz: 1\n"},
		{"quotes in braces", "m: {x: \"\\\", }\", y: 'it''s, }', z: , w: &w [1]}\n", "m.valetkey", Table{{"a", "b"}}, "m: {x: \"\\\", }\", y: 'it''s, }', z: , w: &w [1], valetkey: {a: b}}\n"},
		{"only a mark", "---\n", "valetkey", Table{{"a", "b"}}, "---\nvaletkey:\n  a: b\n"},
		{"JSON", "{\n  \"extensions\": {\n    \"a\": 1\n  }\n}\n", "extensions.valetkey", Table{{"a", "b"}}, "{\n  \"extensions\": {\n    \"a\": 1,\n    valetkey: {a: b}\n  }\n}\n"},
		{"a document between marks", "---\na: 1\n...\n", "valetkey", Table{{"a", "b"}}, "---\na: 1\nvaletkey:\n  a: b\n...\n"},
		{"beside an anchor", "base: &b {x: 1}\nextensions:\n  a: *b\n", "extensions.valetkey", Table{{"a", "b"}}, "base: &b {x: 1}\nextensions:\n  a: *b\n  valetkey:\n    a: b\n"},
	})
}

func TestDeleteYAML(t *testing.T) {
	t.Parallel()
	runAll(t, YAML, []edited{
		{"between", "e:\n  a: 1\n  # valetkey for GitHub\n  valetkey:\n    x: 1\n\n  b: 2\n", "e.valetkey", nil, "e:\n  a: 1\n\n  b: 2\n"},
		{"the last", "e:\n  a: 1\n  valetkey:\n    x: 1\n# more\nf: 1\n", "e.valetkey", nil, "e:\n  a: 1\n# more\nf: 1\n"},
		{"the only one", "e: # all\n  valetkey:\n    x: 1\n\nf: 1\n", "e.valetkey", nil, "e: {} # all\n\nf: 1\n"},
		{"without the head of the file", "# valetkey and others\nvaletkey: 1\nb: 2\n", "valetkey", nil, "# valetkey and others\nb: 2\n"},
		{"the only one in braces", "e: { valetkey: {x: 1} }\n", "e.valetkey", nil, "e: {}\n"},
		{"in braces", "e: {a: 1, valetkey: {x: 1}}\n", "e.valetkey", nil, "e: {a: 1}\n"},
		{"without a last line end", "a: 1\nvaletkey: 2", "valetkey", nil, "a: 1"},
	})
}

func TestRefusedYAML(t *testing.T) {
	t.Parallel()
	refuseAll(t, YAML, []refused{
		{"a tag", "x: 1\nm: !!map {}\n", "m.valetkey", []string{"line 2", "tag", "by hand"}},
		{"a list", "x: 1\nmcpServers:\n  - name: a\n", "mcpServers.valetkey", []string{"line 2", `"mcpServers"`, "by hand"}},
		{"an alias", "b: &b {}\nextensions: *b\n", "extensions.valetkey", []string{"line 2", `"extensions"`, "by hand"}},
		{"an anchor", "extensions: &b\n  a: 1\nc: *b\n", "extensions.valetkey", []string{"anchor", "by hand"}},
		{"an anchor further out", "a: &b\n  extensions:\n    x: 1\nc: *b\n", "a.extensions.valetkey", []string{"line 1", "anchor"}},
		{"an anchor without a value", "x: 1\nextensions: &b\nc: *b\n", "extensions.valetkey", []string{"line 2", "anchor"}},
		{"an anchor twice", "x: &v 1\nvaletkey: &v\n  a: 1\ny: *v\n", "valetkey", []string{"line 2", "anchor"}},
		{"a key that is a list", "m: {}\n? [a]\n: b\n", "m.valetkey", []string{"line 2", "by hand"}},
		{"a key with a mark of its own", "? m\n: x: 1\n", "valetkey", []string{"line 1", "by hand"}},
		{"several documents", "a: 1\n---\nb: 1\n", "valetkey", []string{"line 2", "by hand"}},
		{"a name twice", "a: {}\na: {}\n", "a.valetkey", []string{"line 2", "twice"}},
		{"an anchor within that others use", "valetkey:\n  a: &a 1\nb: *a\n", "valetkey", []string{"line 1", "by hand"}},
		{"text that keeps its empty lines", "e:\n  a: |+\n    x\n\n\n", "e.valetkey", []string{"by hand"}},
	})
}

// TestTags: a table with a tag is refused also when something goes from it.
func TestTags(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"m: !!map {valetkey: 1}\n", "m: !!map {\n  valetkey: 1\n}\n"} {
		d, err := Parse(YAML, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Delete("m", "valetkey"); err == nil || !strings.Contains(err.Error(), "tag") || string(d.Bytes()) != text {
			t.Errorf("%v\n%s", err, d.Bytes())
		}
	}
}
