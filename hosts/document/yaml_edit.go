package document

import "strings"

// blockEnd answers where the lines of an entry in a block end that begins at a
// key: what stands before the next key, but empty lines, and comments that aren't
// indented deeper than the key.
func blockEnd(text string, key, next int) int {
	end := next
	if next < len(text) {
		end = lineStart(text, next)
	}
	first := lineEnd(text, key)
	for end > first {
		above := lineStart(text, end-1)
		line := text[above:end]
		outer := len(spaces(line)) <= key-lineStart(text, key)
		if !blank(line) && !(outer && strings.HasPrefix(strings.TrimSpace(line), "#")) && !strings.HasPrefix(line, "...") {
			break
		}
		end = above
	}
	return max(end, first)
}

// flowEnd answers where a value ends that begins at an offset within braces, or
// the offset if it can't tell.
func flowEnd(text string, start int) int {
	depth, quote, before := 0, byte(0), byte(' ')
	end := start
	for at := start; at < len(text); at++ {
		c := text[at]
		opens := at == start || strings.IndexByte("{[,:", before) >= 0
		switch {
		case quote != 0:
			if c == '\\' && quote == '"' {
				at++
			} else if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && opens:
			quote = c
		case c == '#' && at > 0 && strings.IndexByte(" \t\n", text[at-1]) >= 0:
			at = lineEnd(text, at) - 1
			continue
		case depth == 0 && (c == ',' || c == '}' || c == ']'):
			return end
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			before, end = c, at+1
		}
		if depth == 0 && end > start && (text[start] == '{' || text[start] == '[') {
			return end
		}
	}
	return start
}

// setInYAML replaces the lines of an entry, or puts some behind the last.
func (d *Document) setInYAML(p place, name string, value Table) ([]edit, error) {
	members := p.table.members
	if len(members) == 0 {
		return []edit{insertLines(d.text, len(d.text), d.style.block(name, value, ""), d.style.newline)}, nil
	}
	indent, own := indentation(d.text, members[0].start)
	if !own {
		return nil, d.refuse(members[0].start, "%q doesn't begin its line", members[0].name)
	}
	if p.index < 0 {
		end := members[len(members)-1].end
		return []edit{insertLines(d.text, end, d.style.block(name, value, indent), d.style.newline)}, nil
	}
	m := p.member()
	if m.value.null() {
		return d.fillYAML(m, value, indent)
	}
	return []edit{replaceLines(d.text, lineStart(d.text, m.start), m.end, d.style.block(name, value, indent), d.style.newline)}, nil
}

// fillYAML puts a table below a name that has no value.
func (d *Document) fillYAML(m *member, value Table, indent string) ([]edit, error) {
	end := lineEnd(d.text, m.start)
	line := d.text[m.start:end]
	colon := strings.IndexByte(line, ':')
	if colon < 0 {
		return nil, d.refuse(m.start, "%q is written in an unusual way", m.name)
	}
	var lines string
	for _, f := range value {
		lines += d.style.block(f.Name, f.Value, indent+d.style.unit)
	}
	edits := []edit{insertLines(d.text, end, lines, d.style.newline)}
	for _, word := range []string{"null", "~"} {
		after := line[colon+1:]
		if left := strings.TrimLeft(after, " "); strings.HasPrefix(left, word) {
			at := m.start + colon + 1
			edits = append(edits, edit{at, at + len(after) - len(left) + len(word), ""})
		}
	}
	return edits, nil
}

// deleteInYAML removes the lines of an entry. A block that it leaves empty gets
// braces, since it would be no table without.
func (d *Document) deleteInYAML(p place) ([]edit, error) {
	m := p.member()
	start := lineStart(d.text, m.start)
	floor := 0
	if p.index > 0 {
		floor = p.table.members[p.index-1].end
	}
	var edits []edit
	if p.holder != nil && len(p.table.members) == 1 {
		colon := strings.IndexByte(d.text[p.holder.start:start], ':')
		if colon < 0 {
			return nil, d.refuse(p.holder.start, "%q is written in an unusual way", p.holder.name)
		}
		at := p.holder.start + colon + 1
		edits = append(edits, edit{at, at, " {}"})
		floor = lineEnd(d.text, at)
	}
	return append(edits, cutLines(d.text, ownComment(d.text, floor, start, d.format, m.name), m.end)), nil
}
