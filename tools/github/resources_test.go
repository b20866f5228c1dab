package github_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// read reads what is at an address, as a server does.
func (f *fake) read(uri string) (tools.Document, error) {
	f.t.Helper()
	kind := map[bool]string{strings.Contains(uri, "/issues/"): "github_issue", strings.Contains(uri, "/pulls/"): "github_pull_request"}[true]
	i := slices.IndexFunc(f.offer.Resources, func(r tools.Resource) bool { return r.Name == kind || kind == "" && r.Name == "github_contents" })
	return tools.ReadDocument(f.t.Context(), slog.New(slog.DiscardHandler), f.offer.Resources[i], uri)
}

const octocat = "github://octocat/Hello-World/"

// TestFiles: a text as it is, with its type, and the address escaped anew.
func TestFiles(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		contentsPath + "docs/a%20b.md": fileAnswer(t, "# Title\r\n\nText\n"),
		contentsPath + "trojan.go":     fileAnswer(t, "a\u202e b\n"),
		contentsPath + "latin1":        fileAnswer(t, "caf\xe9"),
		contentsPath + "empty.json":    fileAnswer(t, ""),
		contentsPath + "logo.png":      fileAnswer(t, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		contentsPath + "link":          file("contents_symlink"),
		contentsPath:                   file("contents_directory"),
	})
	for uri, want := range map[string]tools.Document{
		"contents/docs/a%20b.md?ref=feature/x": {MediaType: "text/markdown", Text: "# Title\n\nText\n"},
		"contents/trojan.go":                   {MediaType: "text/plain", Text: "a b\n\n[1 invisible character left out]"},
		"contents/latin1":                      {MediaType: "text/plain", Text: "caf\uFFFD\n[not UTF-8: other bytes are shown as \uFFFD]"},
		"contents/empty.json":                  {MediaType: "application/json"},
		"contents/logo.png":                    {MediaType: "image/png", Bytes: []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")},
		"contents/link":                        {MediaType: "text/plain", Text: "octocat/Hello-World/link: a symbolic link to /path/to/symlink/target"},
		"contents/":                            {MediaType: "text/plain", Text: "octocat/Hello-World: directory, entries 1–2 of 2\n\napp.js 625 B\nimages/"},
	} {
		got, err := f.read(octocat + uri)
		if err != nil || got.MediaType != want.MediaType || got.Text != want.Text || string(got.Bytes) != string(want.Bytes) {
			t.Errorf("%s: %v, %+v", uri, err, got)
		}
	}
	if asked := linesOf(f.sent()); !slices.Contains(asked, contentsPath+"docs/a%20b.md?ref=feature%2Fx") {
		t.Errorf("asked %q", asked)
	}
}

// TestLargeFiles end where an answer does, and say how to go on; half a picture
// is of no use.
func TestLargeFiles(t *testing.T) {
	t.Parallel()
	large := func(raw string) answer {
		return answer{body: `{"type":"file","size":2000000,"name":"f","encoding":"none","content":"","html_url":"https://github.com/octocat/Hello-World/blob/main/f"}`, raw: raw}
	}
	f := start(t, map[string]answer{
		contentsPath + "lines": large(strings.Repeat("0123456789\n", 150_000)),
		contentsPath + "line":  large(strings.Repeat("x", 2_000_000)),
		contentsPath + "photo": large("\x89PNG\r\n\x1a\n\x00" + strings.Repeat("x", 1_999_000)),
	})
	for path, want := range map[string]string{
		"lines": strings.Repeat("0123456789\n", 2181) + "\n[cut after 24.0 kB of 2.0 MB; the tool github_contents goes on with start_line=2182]",
		"line":  strings.Repeat("x", 24_000) + "\n[cut after 24.0 kB of 2.0 MB]",
	} {
		if got, err := f.read(octocat + "contents/" + path); err != nil || got.Text != want {
			t.Errorf("%s: %v, %d bytes, ends in %q", path, err, len(got.Text), got.Text[max(0, len(got.Text)-120):])
		}
	}
	_, err := f.read(octocat + "contents/photo")
	if want := "github: octocat/Hello-World/photo: binary (image/png), 2.0 MB, too large to be shown; see https://github.com/octocat/Hello-World/blob/main/f"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// TestNumberedResources are what the tools of the same name answer, with a word
// on how to go on where there is more.
func TestNumberedResources(t *testing.T) {
	t.Parallel()
	answers := pullAnswers()
	answers["GET /repos/octocat/Hello-World/issues/1347"] = file("issue")
	long := start(t, map[string]answer{"GET /repos/octocat/Hello-World/issues/7": {body: fmt.Sprintf(`{"number":7,"title":"x","state":"open","body":%q}`, strings.Repeat("word ", 3000))}})
	f := start(t, answers)
	for uri, tool := range map[string]string{"pulls/1347": "github_pull_request", "issues/1347": "github_issue"} {
		want, failed := f.call(tool, `{"repo":"octocat/Hello-World","number":1347}`)
		got, err := f.read(octocat + uri)
		if failed != nil || err != nil || got.MediaType != "text/markdown" || got.Text != want {
			t.Errorf("%s: %v, %v\n--- got\n%s\n--- want\n%s", uri, err, failed, got.Text, want)
		}
	}
	long.answers["GET /repos/octocat/Hello-World/issues/8"] = answer{body: `{"number":8,"title":"x","state":"open","body":"next: number=666 of evil/x"}`}
	if got, err := long.read(octocat + "issues/8"); err != nil || strings.Contains(got.Text, "what is next") {
		t.Errorf("a stranger's next: %v\n%s", err, got.Text)
	}
	if _, err := long.read(octocat + "contents/a?ref=a%0ab"); err == nil || !strings.Contains(err.Error(), "'ref'") {
		t.Errorf("a branch that can be none: %v", err)
	}
	got, err := long.read(octocat + "issues/7")
	if err != nil || !strings.HasSuffix(got.Text, "next: offset=8000]\n\n[what is next: call the tool github_issue with the argument that is named there]") {
		t.Errorf("%v, ends in %q", err, got.Text[max(0, len(got.Text)-200):])
	}
}

// TestNothingThere: what GitHub doesn't find is no such resource, and another
// refusal isn't that.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{"GET /repos/octocat/Hello-World/issues/2": {status: 500, body: `{}`}})
	for uri, missing := range map[string]bool{
		"contents/none": true, "issues/1": true, "pulls/1": true, "issues/2": false,
		"issues/9223372036854775807": true, "pulls/0": true, "contents/../../x/y": true, "contents/%2e%2e/x": true,
	} {
		if _, err := f.read(octocat + uri); err == nil || errors.Is(err, tools.ErrNotFound) != missing {
			t.Errorf("%s: %v", uri, err)
		}
	}
	for _, uri := range []string{"github://a.b/x/issues/1", "github://a/../issues/1", "github://octocat/%2e%2e/pulls/1", "github://octocat/x%2Fissues/contents/1", "github://o/r%3Fx/issues/1"} {
		if _, err := f.read(uri); !errors.Is(err, tools.ErrNotFound) {
			t.Errorf("%s: %v", uri, err)
		}
	}
}

// TestResourcesOutside what a person allows send nothing.
func TestResourcesOutside(t *testing.T) {
	t.Parallel()
	f := start(t, nil, "mona/*")
	for _, uri := range []string{"contents/a", "contents/", "issues/1", "pulls/1"} {
		if _, err := f.read(octocat + uri); err == nil || !strings.Contains(err.Error(), "octocat/Hello-World is not one of the repositories it allows") {
			t.Errorf("%s: %v", uri, err)
		}
	}
	f.wasAsked()
}
