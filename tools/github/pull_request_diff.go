package github

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

func (a *api) pullDiff(ctx context.Context, in pullRequestArguments) (string, error) {
	diff, _, err := a.client.PullRequests.GetRaw(ctx, in.owner(), in.name(), in.Number, github.RawOptions{Type: github.Diff})
	if isStatus(err, http.StatusNotFound) {
		return "", explain(err, in.part(in.Part))
	}
	return diffPage(a.room, in.String(), "use part=files, then github_contents for single files", in.Page, diff, err)
}

// diffPage shows a page of a diff as GitHub answered it, or words why there is
// none. instead is what to do when it is too large.
func diffPage(room room, what, instead string, page int, diff string, err error) (string, error) {
	if isStatus(err, http.StatusNotAcceptable) {
		return "", tools.Explain(err, fmt.Sprintf("github: %s: GitHub gives no diff this large; %s", what, instead))
	}
	if err != nil {
		return "", explain(err, what)
	}
	shown, note := cleanNoting(diff)
	pieces, files := splitDiff(shown, room.diff())
	if files == 0 {
		return what + ": the diff is empty", nil
	}
	pages := paginate(pieces, room.diff())
	if page > len(pages) {
		return "", tools.UserError("github: %s: the diff has only %s", what, count(len(pages), "page"))
	}
	heading := fmt.Sprintf("%s: diff of %s; page %d of %d", what, count(files, "file"), page, len(pages))
	if page < len(pages) {
		heading += fmt.Sprintf("; next: page=%d", page+1)
	}
	return heading + note + "\n\n" + pages[page-1], nil
}

// splitDiff cuts a diff at the borders of its files, and a file that is over
// the budget by itself at line ends, which is said where it goes on.
func splitDiff(diff string, budget int) (pieces []string, files int) {
	const border = "diff --git "
	for len(diff) > 0 {
		end := strings.Index(diff[1:], "\n"+border)
		file := diff
		if end >= 0 {
			file = diff[:end+2]
		}
		diff = diff[len(file):]
		files++
		name, _, _ := strings.Cut(strings.TrimPrefix(file, border), "\n")
		for part := 1; len(file) > 0; part++ {
			head := ""
			if part > 1 {
				head = fmt.Sprintf("[%s, part %d]\n", name, part)
			}
			piece := rest.CutAtLine(file, budget-len(head))
			file = file[len(piece):]
			pieces = append(pieces, head+piece)
		}
	}
	return pieces, files
}

// paginate fills pages with pieces in order.
func paginate(pieces []string, budget int) []string {
	var pages []string
	for _, piece := range pieces {
		last := len(pages) - 1
		if last >= 0 && len(pages[last])+len(piece) <= budget {
			pages[last] += piece
			continue
		}
		pages = append(pages, piece)
	}
	return pages
}
