package rest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/valetkey/valetkey/tools"
)

// Clean removes what a person reading would not see: control,
// zero-width, direction-changing, tag and filler characters. They can carry
// words to a model that nobody else reads.
func Clean(s string) string {
	return strings.Map(seen, strings.ToValidUTF8(s, "\uFFFD"))
}

// seen is what a person sees of a character; -1: nothing.
func seen(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r >= ' ' && r <= '~':
		return r
	case unicode.In(r, unicode.Zl, unicode.Zp):
		return '\n'
	case tools.IsInvisible(r):
		return -1
	}
	return r
}

// CleanNoting is [Clean] for code, where something invisible is worth knowing: the
// note says how much was left out. Windows line ends don't count.
func CleanNoting(s string) (shown, note string) {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), "\uFFFD")
	shown = Clean(s)
	return shown, HiddenNote(utf8.RuneCountInString(s) - utf8.RuneCountInString(shown))
}

// HiddenNote says on a line of its own how much was left out; "" for nothing.
func HiddenNote(hidden int) string {
	if hidden == 0 {
		return ""
	}
	return fmt.Sprintf("\n[%s left out]", Count(hidden, "invisible character"))
}

// OneLine is for text of people inside a line of ours: at most limit
// characters.
func OneLine(s string, limit int) string {
	runes := []rune(strings.Join(strings.Fields(Clean(s)), " "))
	if len(runes) <= limit {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}

// Join puts what isn't empty together.
func Join(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// Thousands writes 1234 as 1,234.
func Thousands(n int) string {
	s, sign := strconv.Itoa(n), ""
	if n < 0 {
		s, sign = s[1:], "-"
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Count writes "1 file" and "2 files"; "" when there are none.
func Count(n int, noun string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + noun
	}
	return Thousands(n) + " " + Plural(noun)
}

// Plural is a noun for several.
func Plural(noun string) string {
	if strings.HasSuffix(noun, "ch") {
		return noun + "es"
	}
	if stem, found := strings.CutSuffix(noun, "y"); found {
		return stem + "ies"
	}
	return noun + "s"
}

// Size writes a number of bytes for people.
func Size(bytes int) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1_000_000)
}

// CutAtLine gives the whole lines at the start of s that fit, or a part of a
// line when it alone doesn't.
func CutAtLine(s string, budget int) string {
	if len(s) <= budget {
		return s
	}
	if end := strings.LastIndexByte(s[:budget], '\n'); end >= 0 {
		return s[:end+1]
	}
	for budget > 1 && s[budget]&0xC0 == 0x80 {
		budget--
	}
	return s[:budget]
}
