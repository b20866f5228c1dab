package rest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Excerpt quotes at most limit bytes of a text, from the character at offset
// on. When more follows it says what to ask for: more, plus the new offset.
func Excerpt(s string, offset, limit int, more string) string {
	runes := []rune(strings.TrimSpace(Clean(s)))
	total := len(runes)
	if offset > 0 && offset >= total {
		return fmt.Sprintf("[the text has only %s characters]", Thousands(total))
	}
	left := string(runes[offset:])
	if len(left) <= limit {
		return Quoted(left)
	}
	kept := strings.ToValidUTF8(left[:limit], "")
	// A cut at a line end reads better, if it doesn't cost much.
	if i := strings.LastIndexByte(kept, '\n'); i > len(kept)*3/4 {
		kept = kept[:i+1]
	}
	end := offset + utf8.RuneCountInString(kept)
	kept = strings.TrimSuffix(kept, "\n")
	return fmt.Sprintf("%s\n[cut after %s of %s characters; next: %s]",
		Quoted(kept), Thousands(end), Thousands(total), Join(" ", more, fmt.Sprintf("offset=%d", end)))
}

// Quoted marks every line as somebody's words, so that nothing in them can pass
// for a line of ours, such as the heading of the next comment.
func Quoted(s string) string {
	if s == "" {
		return ""
	}
	return "> " + strings.ReplaceAll(s, "\n", "\n> ")
}
