package github

import (
	"strings"
	"testing"
)

// TestFilePaths: what git's own index refuses with core.protectNTFS and
// core.protectHFS, with a backslash and with ".. " besides; what it takes on
// every system but Windows is fine.
func TestFilePaths(t *testing.T) {
	t.Parallel()
	refused := []string{
		"", "/a", "a/", "a//b", ".", "..", "./a", "a/./b", "../a", "a/..", "a/../b", "a/.. /b", "a/. ./b",
		".git", ".git/config", "a/.git/config", ".GIT", "a/.GiT/hooks/pre-commit", ".git.", ".git ", ".git. . .", ".git../x",
		"git~1", "GIT~1/config", "a/git~1 ./x", ".git::$INDEX_ALLOCATION", ".git::$INDEX_ALLOCATION/config", ".git .:x", "git~1:x",
		`a\b`, `a\..\.git\config`, `.git\config`, `\a`, `C:\a`,
		"a\nb", "a\tb", "a\x00b", "a\x1bb", "a\x7fb", "a\u0085b", "a\u2028b", "a\xffb",
	}
	for _, ignored := range "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff" {
		refused = append(refused, ".g"+string(ignored)+"it/config", string(ignored)+".GIT")
		if !isDotGit(".gi" + string(ignored) + "t") {
			t.Errorf("%U hides .git", ignored)
		}
	}
	for _, path := range refused {
		if isFilePath(path) {
			t.Errorf("%q is taken", path)
		}
	}
	const taken = ".gitmodules .github/workflows/ci.yml .gitignore .gitattributes .gitx .git~1 git~2 x.git git a/.git-blame-ignore-revs " +
		"drivers/gpu/aux.c AUX nul.txt con/x COM1 LPT1.log a:b a*b a. ... .a ..a a..b été/日本.md"
	for path := range strings.FieldsSeq(taken + " a~1") {
		if path != "..." && !isFilePath(path) {
			t.Errorf("%q is refused", path)
		}
	}
	if !isFilePath("a b/c ") || isFilePath("...") {
		t.Error("spaces and dots")
	}
}
