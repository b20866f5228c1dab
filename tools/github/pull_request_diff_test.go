package github_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// diffOf is a diff of one file with n added lines.
func diffOf(name string, n int) string {
	return fmt.Sprintf("diff --git a/%[1]s b/%[1]s\nnew file mode 100644\n--- /dev/null\n+++ b/%[1]s\n@@ -0,0 +1,%[2]d @@\n", name, n) +
		strings.Repeat("+the line diff --git is not a border here\n", n)
}

func TestPullRequestDiff(t *testing.T) {
	t.Parallel()
	small := diffOf("a.go", 2) + diffOf("b.go", 1)
	f := start(t, map[string]answer{pullPath: {raw: small}})
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff"}`,
		"octocat/Hello-World#1347: diff of 2 files; page 1 of 1\n\n"+small)
	asked := f.wasAsked(pullPath)
	if !strings.Contains(asked[0].accept, "diff") {
		t.Errorf("Accept %q", asked[0].accept)
	}
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff","page":2}`,
		"github: octocat/Hello-World#1347: the diff has only 1 page")
	f.answers[pullPath] = answer{raw: "\r"}
	f.gives("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff"}`, "octocat/Hello-World#1347: the diff is empty")
}

// Pages break between files where they can, and nothing is lost or repeated.
func TestPullRequestDiffPages(t *testing.T) {
	t.Parallel()
	files := []string{diffOf("a.go", 200), diffOf("b.go", 200), diffOf("c.go", 200), diffOf("huge.go", 1200), diffOf("z.go", 1)}
	f := start(t, map[string]answer{pullPath: {raw: strings.Join(files, "")}})
	var pages []string
	for page := 1; page <= 6; page++ {
		text, err := f.call("github_pull_request", fmt.Sprintf(`{"repo":"octocat/Hello-World","number":1347,"part":"diff","page":%d}`, page))
		if err != nil {
			t.Fatal(err)
		}
		heading, body, _ := strings.Cut(text, "\n\n")
		want := fmt.Sprintf("octocat/Hello-World#1347: diff of 5 files; page %d of 5", page)
		if page < 5 {
			want += fmt.Sprintf("; next: page=%d", page+1)
		}
		if heading != want || len(text) > 21_000 {
			t.Errorf("page %d: %q and %d bytes", page, heading, len(text))
		}
		pages = append(pages, body)
		if page == 5 {
			break
		}
	}
	if pages[0] != files[0]+files[1] || pages[1] != files[2] {
		t.Error("whole files are torn")
	}
	if !strings.HasPrefix(pages[3], "[a/huge.go b/huge.go, part 2]\n+the line") {
		t.Errorf("page 4 begins %q", pages[3][:60])
	}
	whole := strings.Join(pages, "")
	for part := 2; part <= 3; part++ {
		whole = strings.Replace(whole, fmt.Sprintf("[a/huge.go b/huge.go, part %d]\n", part), "", 1)
	}
	if whole != strings.Join(files, "") {
		t.Error("the pages don't add up to the diff")
	}
}

func TestPullRequestDiffTooLarge(t *testing.T) {
	t.Parallel()
	// https://docs.github.com/rest/pulls/pulls#get-a-pull-request
	f := start(t, map[string]answer{pullPath: {status: http.StatusNotAcceptable,
		body: `{"message":"Sorry, the diff exceeded the maximum number of lines (20000)","errors":[{"resource":"PullRequest","field":"diff","code":"too_large"}]}`}})
	f.refuses("github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff"}`,
		"github: octocat/Hello-World#1347: GitHub gives no diff this large; use part=files, then github_contents for single files")
}
