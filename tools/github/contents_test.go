package github_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const contentsPath = "GET /repos/octocat/Hello-World/contents/"

// fileAnswer is the answer for a file of up to 1 MB.
// https://docs.github.com/rest/repos/contents#get-repository-content
func fileAnswer(t *testing.T, text string) answer {
	t.Helper()
	// GitHub breaks the encoded text into lines.
	encoded := base64.StdEncoding.EncodeToString([]byte(text))
	for i := 60; i < len(encoded); i += 61 {
		encoded = encoded[:i] + "\n" + encoded[i:]
	}
	body, err := json.Marshal(map[string]any{
		"type": "file", "encoding": "base64", "size": len(text), "name": "f", "path": "f", "content": encoded + "\n",
		"html_url": "https://github.com/octocat/Hello-World/blob/main/f",
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer{body: string(body)}
}

// numbers is a text of n lines.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i+1)
	}
	return b.String()
}

func TestContentsFile(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		contentsPath + "README.md":        fileAnswer(t, "# Hello\r\n\r\nWorld"),
		contentsPath + "docs/a%20b%23.md": fileAnswer(t, numbers(1234)),
		contentsPath + "empty":            fileAnswer(t, ""),
	})
	f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"/README.md"}`,
		"octocat/Hello-World/README.md: 16 B, lines 1–3 of 3\n\n# Hello\n\nWorld")
	asked := f.wasAsked(contentsPath + "README.md")
	if asked[0].accept != "application/vnd.github.object+json" {
		t.Errorf("Accept %q", asked[0].accept)
	}
	f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"docs/a b#.md","ref":"feature/x&y","start_line":201,"end_line":203}`,
		"octocat/Hello-World/docs/a b#.md at feature/x&y: 11.2 kB, lines 201–203 of 1,234; next: start_line=204\n\nline 201\nline 202\nline 203")
	f.wasAsked(contentsPath + "docs/a%20b%23.md?ref=feature%2Fx%26y")
	f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"empty"}`, "octocat/Hello-World/empty: 0 B, empty")
	f.refuses("github_contents", `{"repo":"octocat/Hello-World","path":"README.md","start_line":9}`,
		"github: octocat/Hello-World/README.md: 16 B: start_line 9 is beyond the end: there are 3 lines")
}

// A long file comes in parts that join without a gap.
func TestContentsLongFile(t *testing.T) {
	t.Parallel()
	whole := numbers(9000)
	f := start(t, map[string]answer{contentsPath + "long": fileAnswer(t, whole)})
	var got strings.Builder
	next := 1
	for range 10 {
		text, err := f.call("github_contents", fmt.Sprintf(`{"repo":"octocat/Hello-World","path":"long","start_line":%d}`, next))
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 25_000 {
			t.Errorf("an answer of %d bytes", len(text))
		}
		heading, part, _ := strings.Cut(text, "\n\n")
		got.WriteString(part + "\n")
		if _, after, more := strings.Cut(heading, "; next: start_line="); !more {
			break
		} else if _, err := fmt.Sscan(after, &next); err != nil {
			t.Fatal(err)
		}
	}
	if got.String() != whole {
		t.Errorf("the parts are %d bytes, the file %d", got.Len(), len(whole))
	}
}

// Files over 1 MB come without content and are read by the raw media type.
func TestContentsLargeFile(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{contentsPath + "large": {
		body: `{"type":"file","encoding":"none","size":2000000,"name":"large","path":"large","content":""}`,
		raw:  strings.Repeat("0123456789\n", 150_000),
	}})
	f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"large","ref":"v1","start_line":149999}`,
		"octocat/Hello-World/large at v1: 2.0 MB, lines 149,999–150,000 of 150,000\n\n0123456789\n0123456789")
	asked := f.wasAsked(contentsPath+"large?ref=v1", contentsPath+"large?ref=v1")
	if asked[1].accept != "application/vnd.github.raw+json" {
		t.Errorf("Accept %q", asked[1].accept)
	}
}

func TestContentsNotText(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		contentsPath + "logo.png": fileAnswer(t, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		contentsPath + "latin1":   fileAnswer(t, "caf\xe9"),
		contentsPath + "minified": fileAnswer(t, strings.Repeat("x", 30_000)+"\nend"),
		contentsPath + "long":     fileAnswer(t, "x"+strings.Repeat("ä", 15_000)),
		contentsPath + "trojan":   fileAnswer(t, "a\u202e b\u200b\U000e0041 c"),
		contentsPath + "link":     file("contents_symlink"),
		contentsPath + "module":   file("contents_submodule"),
	})
	for path, want := range map[string]string{
		"logo.png": "octocat/Hello-World/logo.png: 16 B, binary (image/png), not shown\nhttps://github.com/octocat/Hello-World/blob/main/f",
		"latin1":   "octocat/Hello-World/latin1: 4 B, lines 1–1 of 1\n[not UTF-8: other bytes are shown as \uFFFD]\n\ncaf\uFFFD",
		"minified": "octocat/Hello-World/minified: 30.0 kB, lines 1–1 of 2; next: start_line=2\n[line 1 is too long to show: cut after 24.0 kB]\n\n" + strings.Repeat("x", 24_000),
		"long":     "octocat/Hello-World/long: 30.0 kB, lines 1–1 of 1\n[line 1 is too long to show: cut after 24.0 kB]\n\nx" + strings.Repeat("ä", 11_999),
		"trojan":   "octocat/Hello-World/trojan: 15 B, lines 1–1 of 1\n[3 invisible characters left out]\n\na b c",
		"link":     "octocat/Hello-World/link: a symbolic link to /path/to/symlink/target",
		"module":   "octocat/Hello-World/module: a submodule, commit 6ca3721 of git://github.com/jquery/qunit.git",
	} {
		f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"`+path+`"}`, want)
	}
}

func TestContentsDirectory(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"contents_directory", "contents_directory_list"} {
		f := start(t, map[string]answer{contentsPath: file(name)})
		got, err := f.call("github_contents", `{"repo":"octocat/Hello-World","path":"."}`)
		if err == nil {
			t.Errorf("path . was taken: %s", got)
		}
		f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"./"}`, map[string]string{
			"contents_directory":      "octocat/Hello-World: directory, entries 1–2 of 2\n\napp.js 625 B\nimages/",
			"contents_directory_list": "octocat/Hello-World: directory, entries 1–2 of 2\n\noctokit.rb 625 B\noctokit/",
		}[name])
		f.wasAsked(contentsPath)
	}
	f := start(t, map[string]answer{contentsPath: file("recorded_contents"), contentsPath + "none": {body: `{"type":"dir","entries":[]}`}})
	f.gives("github_contents", `{"repo":"octocat/Hello-World"}`, "octocat/Hello-World: directory, entries 1–1 of 1\n\nREADME.md 13 B")
	f.gives("github_contents", `{"repo":"octocat/Hello-World","path":"none"}`, "octocat/Hello-World/none: directory, empty")
}

// GitHub lists at most 1,000 entries and doesn't say when there are more.
func TestContentsLargeDirectory(t *testing.T) {
	t.Parallel()
	entry := `{"name":"a-file-with-a-rather-long-name.go","type":"file","size":5},`
	f := start(t, map[string]answer{contentsPath: {body: `{"type":"dir","entries":[` + strings.Repeat(entry, 999) + `{"name":"last","type":"dir"}]}`}})
	got, err := f.call("github_contents", `{"repo":"octocat/Hello-World"}`)
	if want := "octocat/Hello-World: directory (GitHub lists at most 1,000 entries here; recursive lists all), entries 1–"; err != nil || !strings.HasPrefix(got, want) || len(got) > 25_000 {
		t.Errorf("%v, %d bytes: %.200s", err, len(got), got)
	}
	f.gives("github_contents", `{"repo":"octocat/Hello-World","start_line":1000}`,
		"octocat/Hello-World: directory (GitHub lists at most 1,000 entries here; recursive lists all), entries 1,000–1,000 of 1,000\n\nlast/")
}

const treesPath = "GET /repos/octocat/Hello-World/git/trees/"

// https://docs.github.com/rest/git/trees#get-a-tree
const treeBody = `{"sha":"1","truncated":%t,"tree":[
	{"path":"README.md","type":"blob","size":13},{"path":"src","type":"tree"},{"path":"src/a.go","type":"blob","size":1200},
	{"path":"src/in/b.go","type":"blob","size":5},{"path":"srcs/c.go","type":"blob","size":5},{"path":"vendor/q","type":"commit"}]}`

func TestContentsTree(t *testing.T) {
	t.Parallel()
	whole := answer{body: fmt.Sprintf(treeBody, false)}
	f := start(t, map[string]answer{
		treesPath + "HEAD": whole, treesPath + "v1.0": whole, treesPath + "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d": whole,
		"GET /repos/octocat/Hello-World/commits/feature/x": {body: "7fd1a60b01f91b314f59955a4e4d4e80d8edf11d"},
	})
	f.gives("github_contents", `{"repo":"octocat/Hello-World","recursive":true}`,
		"octocat/Hello-World: all files, entries 1–5 of 5\n\nREADME.md 13 B\nsrc/a.go 1.2 kB\nsrc/in/b.go 5 B\nsrcs/c.go 5 B\nvendor/q (submodule)")
	f.gives("github_contents", `{"repo":"octocat/Hello-World","recursive":true,"path":"src/","ref":"v1.0"}`,
		"octocat/Hello-World/src at v1.0: all files, entries 1–2 of 2\n\nsrc/a.go 1.2 kB\nsrc/in/b.go 5 B")
	f.gives("github_contents", `{"repo":"octocat/Hello-World","recursive":true,"start_line":2,"end_line":2,"ref":"feature/x"}`,
		"octocat/Hello-World at feature/x: all files, entries 2–2 of 5; next: start_line=3\n\nsrc/a.go 1.2 kB")
	f.refuses("github_contents", `{"repo":"octocat/Hello-World","recursive":true,"path":"lib"}`,
		"github: octocat/Hello-World/lib: not found; list the directory above it")
	f.wasAsked(treesPath+"HEAD?recursive=1", treesPath+"v1.0?recursive=1", "GET /repos/octocat/Hello-World/commits/feature/x",
		treesPath+"7fd1a60b01f91b314f59955a4e4d4e80d8edf11d?recursive=1", treesPath+"HEAD?recursive=1")
}

// A repository with more files than GitHub lists at once is listed in part, or
// a directory of it whole.
func TestContentsTruncatedTree(t *testing.T) {
	t.Parallel()
	f := start(t, map[string]answer{
		treesPath + "HEAD":   {body: fmt.Sprintf(treeBody, true)},
		treesPath + "5e1f":   {body: `{"truncated":false,"tree":[{"path":"d.go","type":"blob","size":7}]}`},
		contentsPath + "src": {body: `{"type":"dir","entries":[{"name":"in","type":"dir","sha":"5e1f"}]}`},
	})
	f.gives("github_contents", `{"repo":"octocat/Hello-World","recursive":true,"path":"src/in"}`,
		"octocat/Hello-World/src/in: all files, entries 1–1 of 1\n\nsrc/in/d.go 7 B")
	f.wasAsked(treesPath+"HEAD?recursive=1", contentsPath+"src", treesPath+"5e1f?recursive=1")
	got, err := f.call("github_contents", `{"repo":"octocat/Hello-World","recursive":true}`)
	if err != nil || !strings.HasPrefix(got, "octocat/Hello-World: all files (too many for GitHub: some are missing; give a path, or list directories one at a time), entries") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestContentsRefuses(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	const plain = `'path' must be a plain path from the repository's root, without . and ..`
	f.refuses("github_contents", `{"repo":"octocat/Hello-World","path":"a/../../../user"}`, "github_contents: "+plain)
	f.refuses("github_contents", `{"repo":"../..","path":"..","start_line":5,"end_line":4}`,
		"github_contents: 3 faults in the arguments\n- 'repo' must be \"owner/name\", like \"octocat/Hello-World\"; got \"../..\"\n- 'end_line' 4 is before 'start_line' 5\n- "+plain)
	f.refuses("github_contents", `{"repo":"https://github.com/octocat/Hello-World"}`,
		`github_contents: 'repo' must be "owner/name", like "octocat/Hello-World"; got "https://github.com/octocat/Hello-World"; leave out the host and what is before it`)
	for _, repo := range []string{"Hello-World", "a/b/c", "a/..", "/b", "a/", "https://github.com/a/b", "a /b", "a/b?x"} {
		if _, err := f.call("github_contents", `{"repo":"`+repo+`"}`); err == nil || !strings.Contains(err.Error(), `'repo' must be "owner/name"`) {
			t.Errorf("repo %q: %v", repo, err)
		}
	}
	f.wasAsked()
}
