package document

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// expression is a header or a key with its value, which may go over several lines.
type expression struct {
	path   []string
	header bool
	// start and end are its lines.
	start, end int
	// key is where its key begins, parts where each part of the key ends.
	key   int
	parts []int
}

// parseTOML has TOML read for how deep it is, before anything is built of it, then
// for its sense, and for its places.
func parseTOML(d *Document) error {
	if err := d.shallow(); err != nil {
		return err
	}
	var sense map[string]any
	if err := toml.Unmarshal([]byte(d.text), &sense); err != nil {
		return tomlError(err)
	}
	d.root = &node{kind: table}
	r := tomlReader{Document: d, table: d.root}
	r.parser.Reset([]byte(d.text))
	for r.parser.NextExpression() {
		r.read(r.parser.Expression())
	}
	return r.parser.Error()
}

// shallow refuses names that are nested too deep. What else is wrong is found later.
func (d *Document) shallow() error {
	var parser unstable.Parser
	parser.Reset([]byte(d.text))
	for parser.NextExpression() {
		if x := parser.Expression(); tomlDepth(x) > deepest {
			return d.wrong(tomlKey(x).key, "values are nested too deep")
		}
	}
	return nil
}

// tomlDepth counts the names and brackets around the innermost value.
func tomlDepth(x *unstable.Node) int {
	names, inner := 0, 0
	switch x.Kind {
	case unstable.KeyValue:
		inner = tomlDepth(x.Value())
		fallthrough
	case unstable.Table, unstable.ArrayTable:
		for keys := x.Key(); keys.Next(); {
			names++
		}
	case unstable.InlineTable, unstable.Array:
		names = 1
		for all := x.Children(); all.Next(); {
			inner = max(inner, tomlDepth(all.Node()))
		}
	}
	return names + inner
}

func tomlError(err error) error {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		return err
	}
	line, column := at.Position()
	return &SyntaxError{line, column, strings.TrimPrefix(at.Error(), "toml: ")}
}

// tomlReader makes nodes of expressions.
type tomlReader struct {
	*Document
	parser unstable.Parser
	// under is the path of the last header, and table what it stands for.
	under []string
	table *node
}

func (r *tomlReader) read(x *unstable.Node) {
	e := tomlKey(x)
	end := e.parts[len(e.parts)-1]
	if e.header = x.Kind != unstable.KeyValue; e.header {
		r.under = e.path
		if x.Kind == unstable.ArrayTable {
			r.table = r.root.element(e.path, e.key, end)
		} else {
			r.table = r.root.descend(e.path, e.key, end)
		}
	} else {
		end = r.pair(r.table, x)
		e.path = append(slices.Clone(r.under), e.path...)
	}
	e.start, e.end = lineStart(r.text, e.key), lineEnd(r.text, end)
	r.expressions = append(r.expressions, e)
}

func tomlKey(x *unstable.Node) expression {
	var e expression
	for keys := x.Key(); keys.Next(); {
		k := keys.Node()
		if len(e.path) == 0 {
			e.key = int(k.Raw.Offset)
		}
		e.path = append(e.path, string(k.Data))
		e.parts = append(e.parts, int(k.Raw.Offset+k.Raw.Length))
	}
	return e
}

// pair puts a key with its value into a table, and answers where the value ends.
func (r *tomlReader) pair(into *node, x *unstable.Node) int {
	key, end := tomlKey(x), int(x.Raw.Offset+x.Raw.Length)
	last := len(key.path) - 1
	value := r.value(x.Value())
	value.start = key.parts[last] + strings.IndexByte(r.text[key.parts[last]:], '=') + 1
	value.start += len(spaces(r.text[value.start:]))
	value.end = end
	into = into.descend(key.path[:last], key.key, end)
	into.members = append(into.members, member{key.path[last], key.key, end, value})
	return end
}

func (r *tomlReader) value(x *unstable.Node) *node {
	n := &node{}
	switch x.Kind {
	case unstable.InlineTable:
		n.kind, n.braces = table, true
		for all := x.Children(); all.Next(); {
			r.pair(n, all.Node())
		}
	case unstable.Array:
		n.kind = list
		for all := x.Children(); all.Next(); {
			n.elements = append(n.elements, r.value(all.Node()))
		}
	default:
		n.value = tomlScalar(x)
	}
	return n
}

func tomlScalar(x *unstable.Node) any {
	text := string(x.Data)
	digits := strings.ReplaceAll(text, "_", "")
	switch x.Kind {
	case unstable.String:
		return text
	case unstable.Bool:
		return text == "true"
	case unstable.Integer:
		if whole, err := strconv.ParseInt(text, 0, 64); err == nil {
			return whole
		}
	case unstable.Float:
		if number, err := strconv.ParseFloat(digits, 64); err == nil {
			return number
		}
	}
	return Literal(text)
}

// descend answers the table at a path, and makes those that aren't there yet. Of a
// list of tables the last one counts.
func (n *node) descend(path []string, start, end int) *node {
	for _, name := range path {
		i := slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
		if i < 0 {
			made := &node{kind: table, start: start, end: end}
			if n.braces || n.reason != "" {
				made.reason = "a key with dots stands in an inline table"
			}
			i = len(n.members)
			n.members = append(n.members, member{name, start, end, made})
		}
		if n = n.members[i].value; n.kind == list && len(n.elements) > 0 {
			n = n.elements[len(n.elements)-1]
		}
	}
	return n
}

// element adds a table to the list at a path.
func (n *node) element(path []string, start, end int) *node {
	last := len(path) - 1
	n = n.descend(path[:last], start, end)
	i := slices.IndexFunc(n.members, func(m member) bool { return m.name == path[last] })
	if i < 0 {
		i = len(n.members)
		n.members = append(n.members, member{path[last], start, end, &node{kind: list, start: start}})
	}
	all, made := n.members[i].value, &node{kind: table, start: start}
	all.elements = append(all.elements, made)
	return made
}
