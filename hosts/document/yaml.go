package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads one YAML document.
func parseYAML(d *Document) error {
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(d.text)))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	d.root = &node{kind: table}
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return yamlError(err)
	}
	r := yamlReader{Document: d, lines: yamlLines(d.text), anchors: map[string]bool{}}
	if err := decoder.Decode(&second); err == nil {
		return d.wrong(r.offset(&second), "the file holds several documents; edit it by hand")
	} else if !errors.Is(err, io.EOF) {
		return yamlError(err)
	}
	root, err := r.node(document.Content[0], len(d.text))
	if err != nil {
		return err
	}
	if root.null() {
		root.kind = table
	}
	d.root = root
	d.style.unit = root.unit(d.text, d.style.unit)
	return nil
}

// yamlError takes the line out of the library's words. It leaves out the first, and
// counts from 0 where its parser is wrong, but from 1 where its scanner is.
func yamlError(err error) error {
	wrong := SyntaxError{Line: 1, Reason: strings.TrimPrefix(err.Error(), "yaml: ")}
	if _, scanned := fmt.Sscanf(wrong.Reason, "line %d:", &wrong.Line); scanned != nil {
		return &wrong
	}
	_, wrong.Reason, _ = strings.Cut(wrong.Reason, ": ")
	for _, expected := range []string{"'-'", "','", "key", "node", "<"} {
		if strings.HasPrefix(wrong.Reason, "did not find expected "+expected) {
			wrong.Line++
		}
	}
	return &wrong
}

// yamlReader makes nodes with offsets of nodes with lines and columns.
type yamlReader struct {
	*Document
	lines []int
	// anchors are those seen so far.
	anchors map[string]bool
}

// yamlLines answers where lines begin by the library's count, which knows the line
// ends of YAML 1.1.
func yamlLines(text string) []int {
	lines := []int{0}
	for at, r := range text {
		switch r {
		case '\n', '\u0085', '\u2028', '\u2029':
			lines = append(lines, at+utf8.RuneLen(r))
		}
	}
	return lines
}

// offset answers where a node begins; its column counts characters.
func (r yamlReader) offset(n *yaml.Node) int {
	if n.Line > len(r.lines) {
		return len(r.text)
	}
	at := r.lines[n.Line-1]
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(r.text[at:])
		at += size
	}
	return at
}

// node makes a node; limit is where the next begins at the latest.
func (r yamlReader) node(y *yaml.Node, limit int) (*node, error) {
	n := &node{start: r.offset(y)}
	if y.Anchor != "" {
		if r.anchors[y.Anchor] {
			return nil, r.refuse(n.start, "the anchor %q stands there twice", y.Anchor)
		}
		r.anchors[y.Anchor] = true
		n.reason = "this has an anchor, so it may stand in other places too"
	}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = table
		return n, r.mapping(n, y, limit)
	case yaml.SequenceNode:
		n.kind = list
		for _, element := range y.Content {
			e, err := r.node(element, limit)
			if err != nil {
				return nil, err
			}
			n.elements = append(n.elements, e)
		}
	case yaml.AliasNode:
		n.value = Literal("*" + y.Value)
	default:
		n.value = yamlScalar(y)
	}
	return n, nil
}

func (r yamlReader) mapping(n *node, y *yaml.Node, limit int) error {
	n.braces = y.Style&yaml.FlowStyle != 0
	for i := 0; i < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			return r.refuse(r.offset(key), "a key is no plain name")
		}
		next := limit
		if i+2 < len(y.Content) {
			next = r.offset(y.Content[i+2])
		}
		v, err := r.node(value, next)
		if err != nil {
			return err
		}
		m := member{key.Value, r.offset(key), 0, v}
		if n.braces {
			v.end = flowEnd(r.text, v.start)
			m.end = v.end
		} else {
			m.end = blockEnd(r.text, m.start, next)
		}
		n.members = append(n.members, m)
	}
	if n.braces {
		n.end = flowEnd(r.text, n.start)
		if n.reason == "" && !strings.HasPrefix(r.text[n.start:n.end], "{") {
			n.reason = "this has a tag, or braces that are written in an unusual way"
		}
	}
	return nil
}

func yamlScalar(y *yaml.Node) any {
	var value any
	if y.Style&yaml.TaggedStyle == 0 && y.Decode(&value) == nil {
		switch v := value.(type) {
		case nil, bool, string, int64, float64:
			return v
		case int:
			return int64(v)
		}
	}
	return Literal(strings.TrimSpace(y.ShortTag() + " " + y.Value))
}

// unit answers what the first block within a block is indented by.
func (n *node) unit(text, otherwise string) string {
	for _, m := range n.members {
		if inner := m.value; inner.kind == table && !inner.braces && len(inner.members) > 0 {
			outer, _ := indentation(text, m.start)
			if deeper, own := indentation(text, inner.members[0].start); own {
				return strings.TrimPrefix(deeper, outer)
			}
		}
	}
	return otherwise
}
