package github

import (
	"fmt"
	"strings"

	"github.com/google/go-github/v62/github"
)

// position says where in a list a page is, as GitHub's Link header gives it:
// "page 2 of 5; next: page=3". GitHub leaves out the last page where it would
// have to count.
func position(page int, r *github.Response) string {
	where := fmt.Sprintf("page %d", page)
	switch {
	case r.LastPage > 0:
		where += fmt.Sprintf(" of %d", r.LastPage)
	case r.NextPage == 0 && (page == 1 || r.PrevPage == page-1):
		where += fmt.Sprintf(" of %d", page)
	}
	if r.NextPage > page {
		where += fmt.Sprintf("; next: page=%d", r.NextPage)
	}
	return where
}

// here says how many a page holds, which may be less than there are.
func here(n int, noun, where string) string {
	if n > 0 && strings.HasPrefix(where, "page") {
		return count(n, noun) + " on " + where
	}
	number, last, _ := strings.Cut(strings.TrimPrefix(where, "page "), " of ")
	if n == 0 && number == last && number != "1" {
		where = fmt.Sprintf("page %s is beyond the last", number)
	}
	return some(n, noun) + "; " + where
}

// listing is a heading and the lines below it.
func listing(heading string, lines []string) string {
	if len(lines) == 0 {
		return heading
	}
	return heading + "\n\n" + strings.Join(lines, "\n")
}
