package document

import "slices"

// node is a value of the document and where it stands. Offsets are in bytes.
type node struct {
	kind kind
	// value is that of a scalar.
	value    any
	members  []member
	elements []*node
	// start and end are known of what stands in braces, and of those. Elsewhere
	// start is good enough to name a line.
	start, end int
	braces     bool
	// reason says why nothing below can be edited, if so.
	reason string
}

type kind int

const (
	scalar kind = iota
	table
	list
)

// member is a name with its value: from its key to where its value ends, or in a
// YAML block to where its last line ends.
type member struct {
	name       string
	start, end int
	value      *node
}

// plain answers the value as in [Field].
func (n *node) plain() any {
	switch n.kind {
	case table:
		all := Table{}
		for _, m := range n.members {
			all = append(all, Field{m.name, m.value.plain()})
		}
		return all
	case list:
		all := []any{}
		for _, e := range n.elements {
			all = append(all, e.plain())
		}
		return all
	default:
		return n.value
	}
}

func (n *node) null() bool {
	return n.kind == scalar && n.value == nil
}

// place is where an edit goes: the last table that is there on the way, how many
// names lead to it, and which of its members the next name is, or -1.
type place struct {
	table *node
	depth int
	index int
	// holder is the member that has the table; the root has none.
	holder *member
}

func (p place) member() *member {
	return &p.table.members[p.index]
}

// find answers the place of a path, unless something on the way is no table or
// can't be edited. A null counts as a table that isn't there yet.
func (d *Document) find(path []string) (place, error) {
	p := place{table: d.root, index: -1}
	if len(path) == 0 {
		return p, ErrNotFound
	}
	if d.root.kind != table {
		return p, d.refuse(d.root.start, "the document is no table")
	}
	for ; ; p.depth++ {
		if err := d.editable(p.table); err != nil {
			return p, err
		}
		name := path[p.depth]
		named := func(m member) bool { return m.name == name }
		p.index = slices.IndexFunc(p.table.members, named)
		if p.index < 0 {
			return p, nil
		}
		m := p.member()
		if again := slices.IndexFunc(p.table.members[p.index+1:], named); again >= 0 {
			return p, d.refuse(p.table.members[p.index+1+again].start, "%q stands there twice", name)
		}
		if m.value.null() {
			return p, d.editable(m.value)
		}
		if p.depth == len(path)-1 {
			return p, nil
		}
		if m.value.kind != table {
			return p, d.refuse(m.start, "%q is no table", name)
		}
		p.table, p.holder = m.value, m
	}
}

func (d *Document) editable(n *node) error {
	if n.reason == "" {
		return nil
	}
	return d.refuse(n.start, "%s", n.reason)
}
