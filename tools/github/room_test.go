package github_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// TestRoom: however little an answer may hold, the tool itself cuts its long
// texts and says how to go on; and where it may hold much, it does.
func TestRoom(t *testing.T) {
	t.Parallel()
	const little, much = 2400, 400_000
	long := strings.Repeat("0123456789 abcdef\n", 3000)
	answers := pullAnswers()
	answers["GET /repos/o/r/issues/1"] = answer{body: `{"number":1,"title":"t","state":"open","comments":0,"body":"` + strings.ReplaceAll(long, "\n", `\n`) + `"}`}
	answers["GET /repos/o/r/contents/a"] = answer{body: `{"type":"file","path":"a","size":54000,"encoding":"none","content":""}`, raw: long}
	answers[pullPath] = answer{body: `{}`, raw: "diff --git a/a b/a\n" + long}
	answers[logPath] = keeping(t, stamped(strings.Split(long, "\n")...))
	f := start(t, answers)
	for _, call := range []struct{ tool, arguments, next string }{
		{"github_issue", `{"repo":"o/r","number":1}`, "next: offset="},
		{"github_contents", `{"repo":"o/r","path":"a"}`, "next: start_line="},
		{"github_pull_request", `{"repo":"octocat/Hello-World","number":1347,"part":"diff"}`, "next: page=2"},
		{"github_actions", actionsRepo + `"part":"log","job":42,"start_line":1}`, "next: start_line="},
		{"github_api", `{"path":"repos/o/r/issues/1","jq":".body"}`, "let jq pick less"},
	} {
		for _, most := range []int{little, much} {
			offer := github.Offer(tools.Setup{API: http.DefaultClient, At: credentials.Service{APIURL: f.url + apiPath}, MaxAnswer: most})
			i := slices.IndexFunc(offer.Tools, func(t tools.Tool) bool { return t.Name == call.tool })
			tool := offer.Limited(most, func(text string) string { return text }).Tools[i]
			got, err := tools.Run(t.Context(), slog.New(slog.DiscardHandler), tool, []byte(call.arguments))
			if err != nil || len(got) > most || strings.Contains(got, "[cut here") {
				t.Errorf("%s of %d bytes: %v, %d bytes, ends in %q", call.tool, most, err, len(got), got[max(0, len(got)-200):])
			}
			if strings.Contains(got, call.next) != (most == little) {
				t.Errorf("%s of %d bytes: says how to go on, or doesn't: %.200q … %q", call.tool, most, got, got[max(0, len(got)-200):])
			}
		}
	}
}

// TestDetailIsWhole: what doesn't fit is left out in whole things, and nothing
// sends a model past them.
func TestDetailIsWhole(t *testing.T) {
	t.Parallel()
	issue := `{"title":"t","state":"open","body":"` + strings.Repeat("x", 1500) + `"}`
	list := answer{body: "[" + strings.Repeat(issue+",", 29) + issue + "]"}.with("Link", `<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=3>; rel="last"`)
	f := start(t, map[string]answer{"GET /repos/o/r/issues": list})
	i := slices.IndexFunc(f.tools, func(t tools.Tool) bool { return t.Name == "github_issues" })
	got, err := tools.Run(t.Context(), slog.New(slog.DiscardHandler), f.tools[i], []byte(`{"repo":"o/r","detail":"full"}`))
	if err != nil || strings.Contains(got, "next:") || strings.Contains(got, "[cut here") {
		t.Fatalf("%v: %.200s … %s", err, got, got[max(0, len(got)-200):])
	}
	if n := strings.Count(got, `"title":"t"`); n < 10 || !strings.Contains(got, "of 30 shown;") {
		t.Errorf("%d issues: … %s", n, got[max(0, len(got)-200):])
	}
}
