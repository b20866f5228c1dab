package document

import (
	"slices"
	"strings"
)

// A TOML entry is the expressions whose path begins with its own: a header with
// what is below it, with headers of its inner tables; or keys with dots.

// setInTOML replaces the first run of an entry's expressions and removes others.
func (d *Document) setInTOML(p place, path []string, value Table) ([]edit, error) {
	runs := d.runs(path)
	if len(runs) == 0 {
		if p.index >= 0 {
			return nil, d.refuse(p.member().start, "%q is part of another value", path[p.depth])
		}
		return []edit{d.insertTOML(path[:p.depth], d.header(path, value))}, nil
	}
	first := d.expressions[runs[0].first]
	start, lines := first.start, d.header(path, value)
	if !first.header {
		under := len(first.path) - len(first.parts)
		key := d.text[first.key:first.parts[len(path)-under-1]]
		start, lines = first.key, key+" = "+d.style.line(value)+d.style.newline
	}
	edits := []edit{replaceLines(d.text, start, d.expressions[runs[0].last].end, lines, d.style.newline)}
	for _, run := range runs[1:] {
		edits = append(edits, d.cutRun(run, path))
	}
	return edits, nil
}

// header writes an entry as a table of its own, with inner tables in braces.
func (d *Document) header(path []string, value Table) string {
	names := make([]string, len(path))
	for i, name := range path {
		names[i] = d.style.name(name)
	}
	lines := "[" + strings.Join(names, ".") + "]" + d.style.newline
	for _, f := range value {
		lines += d.style.pair(f.Name, d.style.line(f.Value)) + d.style.newline
	}
	return lines
}

// insertTOML puts a header with its lines behind the last table that begins with
// a path, after an empty line.
func (d *Document) insertTOML(parent []string, lines string) edit {
	at := len(d.text)
	if n := len(d.expressions); n > 0 {
		last := n - 1
		for last >= 0 && !under(d.expressions[last].path, parent) {
			last--
		}
		for last = max(last, 0); last+1 < n && !d.expressions[last+1].header; {
			last++
		}
		at = d.behindComments(d.expressions[last].end)
	}
	if at > 0 {
		lines = d.style.newline + lines
	}
	return insertLines(d.text, at, lines, d.style.newline)
}

// behindComments skips the comments directly below a line, unless they stand
// directly above another.
func (d *Document) behindComments(at int) int {
	end := at
	for end < len(d.text) && strings.HasPrefix(strings.TrimLeft(d.text[end:], " \t"), "#") {
		end = lineEnd(d.text, end)
	}
	if end < len(d.text) && !blank(d.text[end:lineEnd(d.text, end)]) {
		return at
	}
	return end
}

// run is expressions that follow one another.
type run struct{ first, last int }

// runs answers the expressions of an entry.
func (d *Document) runs(path []string) []run {
	var runs []run
	for i, e := range d.expressions {
		switch {
		case !under(e.path, path):
		case len(runs) > 0 && runs[len(runs)-1].last == i-1:
			runs[len(runs)-1].last = i
		default:
			runs = append(runs, run{i, i})
		}
	}
	return runs
}

func under(path, parent []string) bool {
	return len(path) >= len(parent) && slices.Equal(path[:len(parent)], parent)
}

func (d *Document) deleteInTOML(p place, path []string) ([]edit, error) {
	runs := d.runs(path)
	if len(runs) == 0 {
		return nil, d.refuse(p.member().start, "%q is part of another value", path[p.depth])
	}
	var edits []edit
	for _, run := range runs {
		edits = append(edits, d.cutRun(run, path))
	}
	return edits, nil
}

// cutRun removes expressions, with the comment that is their own, and a table with
// the empty line before it.
func (d *Document) cutRun(r run, path []string) edit {
	floor := 0
	if r.first > 0 {
		floor = d.expressions[r.first-1].end
	}
	first := d.expressions[r.first]
	start := ownComment(d.text, floor, first.start, d.format, path[len(path)-1])
	if first.header && start > floor {
		if above := lineStart(d.text, start-1); blank(d.text[above:start]) {
			start = above
		}
	}
	return cutLines(d.text, start, d.expressions[r.last].end)
}
