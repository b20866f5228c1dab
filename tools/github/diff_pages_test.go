package github

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/valetkey/valetkey/tools/rest"
)

// wholeDiff pages a diff that is held as a whole.
func wholeDiff(diff string, budget int) (pages []string, files int) {
	for i, file := range strings.SplitAfter(strings.ReplaceAll(diff, "\n"+diffBorder, "\n\x00"+diffBorder), "\x00") {
		file = strings.TrimSuffix(file, "\x00")
		if i == 0 && file == "" {
			continue
		}
		files++
		name, _, _ := strings.Cut(strings.TrimPrefix(file, diffBorder), "\n")
		for part := 1; file != ""; part++ {
			head := ""
			if part > 1 {
				head = fmt.Sprintf("[%s, part %d]\n", name, part)
			}
			piece := rest.CutAtLine(file, budget-len(head))
			file = file[len(piece):]
			if last := len(pages) - 1; last >= 0 && len(pages[last])+len(head+piece) <= budget {
				pages[last] += head + piece
			} else {
				pages = append(pages, head+piece)
			}
		}
	}
	return pages, files
}

// TestDiffPages: read in parts of any size, a diff has the pages that it has as
// a whole.
func TestDiffPages(t *testing.T) {
	t.Parallel()
	small := "diff --git a/xy b/xy\n+++\n"
	for name, diff := range map[string]string{
		"nothing":        "",
		"no border":      "a\nb\n",
		"small ones":     strings.Repeat(small, 30),
		"no end of line": small + "+a",
		"a long file":    small + strings.Repeat("+a line of it, diff --git a/no b/border\n", 40) + small,
		"a long line":    small + strings.Repeat("+é", 25_000) + "\n" + small,
		"empty lines":    small + strings.Repeat("\n", 500) + small,
	} {
		for _, budget := range []int{64, 100, 1000} {
			pages, files := wholeDiff(diff, budget)
			for _, wanted := range []int{1, 2, 3, len(pages) / 2, len(pages) - 1, len(pages), len(pages) + 1} {
				if wanted < 1 {
					continue
				}
				want := ""
				if wanted <= len(pages) {
					want = pages[wanted-1]
				}
				for _, from := range []io.Reader{strings.NewReader(diff), iotest.HalfReader(strings.NewReader(diff))} {
					d := &diffPages{budget: budget, wanted: wanted}
					if err := d.read(rest.Cleaned(from)); err != nil || d.text.String() != want || d.count != len(pages) || d.files != files {
						t.Fatalf("%s in %d: %d files and %d pages, %v; page %d is %.100q, want %.100q of %d files and %d pages",
							name, budget, d.files, d.count, err, wanted, d.text.String(), want, files, len(pages))
					}
				}
			}
		}
	}
}

// TestDiffPagesHold: one page is held of a diff of any length.
func TestDiffPagesHold(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"diff --git a/x b/x\n+++\n", "+a line\n", "no line"} {
		d := &diffPages{budget: 20_000, wanted: 2}
		if err := d.read(strings.NewReader(strings.Repeat(line, 10_000_000/len(line)))); err != nil || d.count < 500 {
			t.Errorf("%q: %d pages, %v", line, d.count, err)
		}
		if held := cap(d.file) + d.text.Cap(); held > 300_000 {
			t.Errorf("%q: %d bytes are held", line, held)
		}
	}
}
