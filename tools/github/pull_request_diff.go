package github

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

func (a *api) pullDiff(ctx context.Context, in pullRequestArguments) (string, error) {
	address := fmt.Sprintf("repos/%s/pulls/%d", in.Repo, in.Number)
	return a.diffPage(ctx, address, in.String(), "use part=files, then github_contents for single files", in.Page)
}

// diffPage shows a page of the diff at an address, or words why there is none.
// instead is what to do when it is too large.
func (a *api) diffPage(ctx context.Context, address, what, instead string, page int) (string, error) {
	request, err := a.client.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", explain(err, what)
	}
	request.Header.Set("Accept", "application/vnd.github.v3.diff")
	response, err := a.client.BareDo(ctx, request)
	if isStatus(err, http.StatusNotAcceptable) {
		return "", tools.Explain(err, fmt.Sprintf("github: %s: GitHub gives no diff this large; %s", what, instead))
	}
	if isStatus(err, http.StatusNotFound) {
		what = "diff of " + what
	}
	if err != nil {
		return "", explain(err, what)
	}
	defer response.Body.Close()
	pages := &diffPages{budget: a.room.diff(), wanted: page}
	shown := rest.Cleaned(response.Body)
	if err := pages.read(shown); err != nil {
		return "", explain(err, what)
	}
	switch {
	case pages.files == 0:
		return what + ": the diff is empty", nil
	case page > pages.count:
		return "", tools.UserError("github: %s: the diff has only %s", what, count(pages.count, "page"))
	}
	heading := fmt.Sprintf("%s: diff of %s; page %d of %d", what, count(pages.files, "file"), page, pages.count)
	if page < pages.count {
		heading += fmt.Sprintf("; next: page=%d", page+1)
	}
	return heading + rest.HiddenNote(shown.Hidden()) + "\n\n" + pages.text.String(), nil
}

// diffPages cuts a diff at the borders of its files, and a file that is over
// the budget by itself at line ends, which is said where it goes on. It fills
// pages with the pieces in order and keeps one of them.
type diffPages struct {
	budget, wanted int
	text           strings.Builder // of the page that is wanted

	files, count, filled int    // filled: bytes of the last page
	file                 []byte // what isn't on a page yet of the last file
	name                 string
	part                 int // of that file
}

const diffBorder = "diff --git "

// read takes the whole diff.
func (d *diffPages) read(diff io.Reader) error {
	buffered := bufio.NewReaderSize(diff, 64<<10)
	for begins := true; ; {
		line, err := buffered.ReadSlice('\n')
		if len(line) > 0 && begins && (d.files == 0 || bytes.HasPrefix(line, []byte(diffBorder))) {
			d.flush()
			d.files++
			d.part = 1
			d.name = oneLine(strings.TrimPrefix(string(line), diffBorder), 300)
		}
		d.file = append(d.file, line...)
		for len(d.head())+len(d.file) > d.budget {
			d.cut()
		}
		switch begins = err == nil; err {
		case nil, bufio.ErrBufferFull, io.ErrShortBuffer: // a part of a long line
		case io.EOF:
			d.flush()
			return nil
		default:
			return err
		}
	}
}

// head says where a file goes on.
func (d *diffPages) head() string {
	if d.part < 2 {
		return ""
	}
	return fmt.Sprintf("[%s, part %d]\n", d.name, d.part)
}

// cut puts as much of the file on a page as one can hold.
func (d *diffPages) cut() {
	head := d.head()
	piece := rest.CutAtLine(string(d.file), d.budget-len(head))
	d.file = append(d.file[:0], d.file[len(piece):]...)
	d.part++
	d.put(head + piece)
}

// flush puts the rest of the file on a page.
func (d *diffPages) flush() {
	if len(d.file) > 0 {
		d.put(d.head() + string(d.file))
		d.file = d.file[:0]
	}
}

func (d *diffPages) put(piece string) {
	if d.count == 0 || d.filled+len(piece) > d.budget {
		d.count++
		d.filled = 0
	}
	d.filled += len(piece)
	if d.count == d.wanted {
		d.text.WriteString(piece)
	}
}
