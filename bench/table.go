package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
)

// table is what was measured: a figure of each column for each row.
type table struct {
	heading string
	rows    []row
	columns []column
}

type column struct {
	name    string
	own     bool // budgets count
	figures []figure
}

func newTable(o options) *table {
	t := &table{heading: fmt.Sprintf("%s/%s, %d CPUs, %s; %s calls one at a time, %s with %d in flight; the large log has %d MB.",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), thousands(o.calls), thousands(10*o.calls), atOnce(o.calls), o.logMB)}
	for _, s := range steps(o.calls) {
		t.rows = append(t.rows, s.rows...)
	}
	return t
}

// write writes Markdown: the heading, the table, and why cells are empty.
func (t *table) write(out io.Writer) error {
	var text, notes strings.Builder
	fmt.Fprintf(&text, "%s\n\n| |", t.heading)
	for _, c := range t.columns {
		fmt.Fprintf(&text, " %s |", c.name)
	}
	fmt.Fprintf(&text, "\n|---|%s\n", strings.Repeat("---:|", len(t.columns)))
	seen := map[string]int{}
	for i, r := range t.rows {
		fmt.Fprintf(&text, "| %s |", r.name)
		for _, c := range t.columns {
			f := c.figures[i]
			if f.fault == nil {
				fmt.Fprintf(&text, " %s |", f.text)
				continue
			}
			note := c.name + ": " + strings.Join(strings.Fields(f.fault.Error()), " ")
			if seen[note] == 0 {
				seen[note] = len(seen) + 1
				fmt.Fprintf(&notes, "\n[%d] %s\n", seen[note], note)
			}
			fmt.Fprintf(&text, " – [%d] |", seen[note])
		}
		text.WriteString("\n")
	}
	_, err := io.WriteString(out, text.String()+notes.String())
	return err
}

// overBudget says where valetkey takes more than it may, or has no figure to
// tell.
func (t *table) overBudget() error {
	var broken []error
	for _, c := range t.columns {
		for i, r := range t.rows {
			f := c.figures[i]
			if !c.own || r.limit == 0 || f.fault != nil && runtime.GOOS != "linux" {
				continue
			}
			if f.fault != nil {
				broken = append(broken, fmt.Errorf("%s: %s: %w", c.name, r.name, f.fault))
			} else if f.value > r.limit {
				broken = append(broken, fmt.Errorf("%s: %s: %s, and %s at most is allowed", c.name, r.name, f.text, thousands(int(r.limit))))
			}
		}
	}
	return errors.Join(broken...)
}

// inBytes shows tokens, too, at four bytes each.
func inBytes(n int) figure {
	return figure{text: fmt.Sprintf("%s (%s)", thousands(n), thousands(n/4)), value: float64(n)}
}

// thousands writes 12,345.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
