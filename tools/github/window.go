package github

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// window is a range of lines out of a text that is read once and not kept.
type window struct {
	lines     []string
	size      int  // of lines, with their ends
	total     int  // lines of the whole text
	full      bool // the budget ended before the range did
	torn      bool // the only line is itself longer than the budget
	binary    bool
	mediaType string // of a binary
}

// sniffed is how much decides whether a file is text, as in git.
const sniffed = 8000

// readWindow reads a text to its end and keeps lines start to end (0: the
// last), as many of them as fit the budget in bytes.
func readWindow(r io.Reader, start, end, budget int) (*window, error) {
	buffered := bufio.NewReaderSize(r, 64<<10)
	head, err := buffered.Peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return &window{binary: true, mediaType: http.DetectContentType(head)}, nil
	}
	w := &window{}
	var line []byte
	var torn bool // in the middle of a line
	for {
		part, more, err := buffered.ReadLine()
		if err != nil && err != io.EOF {
			return nil, err
		}
		// A last line as long as the buffer ends without a part of its own.
		if err == io.EOF && !torn {
			return w, nil
		}
		torn = more
		number := w.total + 1
		if wanted := number >= start && (end == 0 || number <= end); wanted && len(line) <= budget {
			line = append(line, part...)
		}
		if more {
			continue
		}
		w.total = number
		w.keep(line, number >= start && (end == 0 || number <= end), budget)
		line = line[:0]
	}
}

// keep takes one whole line into the window if it belongs there and fits.
func (w *window) keep(line []byte, wanted bool, budget int) {
	switch {
	case !wanted || w.full:
	case w.size+len(line) < budget:
		w.lines = append(w.lines, string(line))
		w.size += len(line) + 1
	default:
		w.full = true
		if len(w.lines) == 0 {
			w.torn = true
			w.lines = []string{rest.CutAtLine(string(line), budget)}
		}
	}
}

// show writes the lines below a heading that says which they are and how to
// go on. unit is "lines" or "entries".
func (w *window) show(heading, unit string, start int) (string, error) {
	if len(w.lines) == 0 {
		return "", tools.UserError("github: %s: start_line %d is beyond the end: there are %s %s", heading, start, thousands(w.total), unit)
	}
	last := start + len(w.lines) - 1
	heading += fmt.Sprintf(", %s %s–%s of %s", unit, thousands(start), thousands(last), thousands(w.total))
	if last < w.total {
		heading += fmt.Sprintf("; next: start_line=%d", last+1)
	}
	if w.torn {
		heading += fmt.Sprintf("\n[line %d is too long to show: cut after %s]", start, size(len(w.lines[0])))
	}
	text := strings.Join(w.lines, "\n")
	if !utf8.ValidString(text) {
		heading += "\n[not UTF-8: other bytes are shown as \uFFFD]"
	}
	shown, note := cleanNoting(text)
	return heading + note + "\n\n" + shown, nil
}
