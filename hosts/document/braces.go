package document

import "strings"

// What stands in braces is edited in one way: JSON objects, TOML inline tables
// and YAML flow mappings.

// setInBraces replaces a member, or puts one behind the last.
func (d *Document) setInBraces(p place, name string, value Table) []edit {
	if p.index >= 0 {
		m := p.member()
		return []edit{{m.value.start, m.value.end, d.valueAt(m.start, value)}}
	}
	if len(p.table.members) == 0 {
		return []edit{d.setInEmpty(p.table, name, value)}
	}
	last := p.table.members[len(p.table.members)-1]
	entry := d.style.pair(name, d.valueAt(last.start, value))
	behind, trailing := d.comma(last.end)
	indent, own := indentation(d.text, last.start)
	space := d.style.newline + indent
	at := behind
	if own {
		at = d.restOfLine(behind)
	} else {
		space = strings.TrimPrefix(d.style.comma(), ",")
	}
	if trailing {
		return []edit{{at, at, space + entry + ","}}
	}
	return []edit{{last.end, last.end, ","}, {at, at, space + entry}}
}

// valueAt writes a value for a member that begins at an offset: JSON on several
// lines, if the member has its own.
func (d *Document) valueAt(at int, value Table) string {
	if indent, own := indentation(d.text, at); own && d.format == JSON {
		return d.style.lines(value, indent)
	}
	return d.style.line(value)
}

// setInEmpty puts the only member into braces, in place of white space, but behind
// the comment that begins there.
func (d *Document) setInEmpty(n *node, name string, value Table) edit {
	at, only := n.start+1, Table{{name, value}}
	text := d.style.line(only)
	if d.spread(n) {
		indent, _ := indentation(d.text, n.start)
		at, text = d.restOfLine(at), d.style.lines(only, indent)
	}
	if blank(d.text[n.start+1 : n.end-1]) {
		return edit{n.start, n.end, text}
	}
	return edit{at, at, strings.TrimRight(text[1:len(text)-1], " \t\r\n")}
}

// spread says whether what comes into empty braces gets lines of its own: in JSON,
// unless the document stands on one line.
func (d *Document) spread(n *node) bool {
	if d.format != JSON || n == d.root {
		return d.format == JSON
	}
	_, own := indentation(d.text, d.root.members[0].start)
	return own
}

// deleteInBraces removes a member with its comma, or the one before it.
func (d *Document) deleteInBraces(p place) []edit {
	m, members := p.member(), p.table.members
	last, floor := p.index == len(members)-1, p.table.start+1
	end, comma := d.comma(m.end)
	var edits []edit
	if p.index > 0 {
		floor, _ = d.comma(members[p.index-1].end)
		if last && !comma {
			edits = append(edits, edit{floor - 1, floor, ""})
		}
	}
	cut := edit{m.start, end, ""}
	_, own := indentation(d.text, m.start)
	switch {
	case !last && lineStart(d.text, members[p.index+1].start) <= m.start:
		cut.end += len(spaces(d.text[end:]))
	case own:
		top := ownComment(d.text, floor, lineStart(d.text, m.start), d.format, m.name)
		cut.start, cut.end = max(floor, beforeNewline(d.text, top)), d.restOfLine(end)
		before := d.text[max(floor, lineStart(d.text, cut.start)):cut.start]
		if strings.Contains(before, d.format.marker()) && !blank(d.text[cut.end:lineEnd(d.text, cut.end)]) {
			// What follows would come into the comment.
			cut.start = m.start
		}
	default:
		before := d.text[floor:m.start]
		cut.start = floor + len(strings.TrimRight(before, " \t"))
	}
	inside := edit{p.table.start + 1, p.table.end - 1, ""}
	if blank(d.text[inside.start:cut.start] + d.text[cut.end:inside.end]) {
		return []edit{inside}
	}
	return append(edits, cut)
}

// comma answers the offset behind the comma that follows an offset, if one does.
func (d *Document) comma(at int) (int, bool) {
	if next := d.skip(at); strings.HasPrefix(d.text[next:], ",") {
		return next + 1, true
	}
	return at, false
}

// skip answers where something other than white space and comments stands.
func (d *Document) skip(at int) int {
	for at < len(d.text) {
		width := len(d.text[at:]) - len(strings.TrimLeft(d.text[at:], " \t\r\n"))
		if width == 0 {
			width = d.comment(at)
		}
		if width == 0 {
			break
		}
		at += width
	}
	return at
}

// restOfLine answers where the line of an offset ends, before its line end, if
// nothing but spaces and comments stands there; else the offset.
func (d *Document) restOfLine(at int) int {
	for next := at; next < len(d.text); {
		rest := d.text[next:]
		if strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r\n") {
			return next
		}
		width := len(spaces(rest)) + d.comment(next+len(spaces(rest)))
		if width == 0 {
			break
		}
		next += width
	}
	return at
}

// comment answers how long the comment at an offset is, without the end of its
// line.
func (d *Document) comment(at int) int {
	rest := d.text[at:]
	switch {
	case d.format == JSON && strings.HasPrefix(rest, "/*"):
		_, behind, _ := strings.Cut(rest[len("/*"):], "*/")
		return len(rest) - len(behind)
	case !strings.HasPrefix(rest, d.format.marker()):
		return 0
	}
	return beforeNewline(d.text, lineEnd(d.text, at)) - at
}

func spaces(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, " \t"))]
}
