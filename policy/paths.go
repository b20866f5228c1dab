package policy

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Paths are patterns of requests by their paths, of which one is enough.
type Paths []pathPattern

type pathPattern struct {
	word   string
	method string // "": any
	parts  []part
}

// part is a segment of a path, without escapes. One with a slash in it, which is
// escaped in the path (%2F), is several, of which all but the first are joined.
type part struct {
	text   string
	joined bool
}

// pathForm is what a pattern looks like, for those who wrote it otherwise.
const pathForm = "write it like GET:repos/octocat/*/issues, with * for any part of a segment and ** for any rest, below the API's address"

// ParsePaths reads words like [METHOD:]pattern, separated by spaces or commas: one
// at least. In a pattern * is any part of one segment and ** any number of them.
func ParsePaths(text string) (Paths, error) {
	var all Paths
	for _, word := range words(text) {
		pattern, err := parsePattern(word)
		if err != nil {
			return nil, fmt.Errorf("%.120q is not a path: %w; %s", word, err, pathForm)
		}
		all = append(all, pattern)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no path; %s", pathForm)
	}
	return all, nil
}

func parsePattern(word string) (pathPattern, error) {
	pattern, path := pathPattern{word: word}, word
	if method, rest, found := strings.Cut(word, ":"); found && isLetters(method) {
		pattern.method, path = strings.ToUpper(method), rest
	}
	methods := []string{"", http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	switch {
	case strings.Contains(word, "://"):
		return pattern, errors.New("it is a whole address")
	case !slices.Contains(methods, pattern.method):
		return pattern, fmt.Errorf("the method is none of %s", strings.Join(methods[1:], ", "))
	case strings.ContainsAny(path, "?#"):
		return pattern, errors.New("it has more than a path")
	case strings.Contains(strings.ToLower(path), "%2a"):
		return pattern, errors.New("an escaped * can't be told from one that isn't")
	}
	segments, isPlain := segmentsOf(strings.TrimPrefix(path, "/"))
	if !isPlain || len(segments) == 0 {
		return pattern, errors.New("it has no segment, an empty one, . or .., or an escape that servers may read in two ways")
	}
	pattern.parts = strictParts(segments)
	return pattern, nil
}

func isLetters(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// String is what [ParsePaths] reads.
func (p Paths) String() string {
	words := make([]string, len(p))
	for i, pattern := range p {
		words[i] = pattern.word
	}
	return strings.Join(words, " ")
}

// Allow tells whether one of the patterns means a request for certain, by its
// method and its escaped path below the API's address. An escaped slash is never
// taken for a part of a segment, which * could be; small and capital letters differ;
// and what two servers could read in two ways is not allowed by any pattern: empty
// segments, . and .., and what is escaped twice.
func (p Paths) Allow(method, path string) bool {
	segments, ok := segmentsOf(path)
	if !ok {
		return false
	}
	text := strictParts(segments)
	return slices.ContainsFunc(p, func(pattern pathPattern) bool {
		return pattern.isFor(method) && matchParts(pattern.parts, text, func(p, t part) bool {
			return p.joined == t.joined && matchName(p.text, t.text)
		})
	})
}

// May tells whether one of the patterns could mean a request, however a server
// reads it: whether an escaped slash divides or not, in capital or small letters,
// with what some servers take for a format (.json) or not. What can't be told
// could mean anything.
func (p Paths) May(method, path string) bool {
	segments, ok := segmentsOf(path)
	if !ok {
		return len(p) > 0
	}
	for i, segment := range segments {
		segments[i] = fold(segment)
	}
	divided := looseParts(strings.Split(strings.Join(segments, "/"), "/"))
	whole := looseParts(segments)
	return slices.ContainsFunc(p, func(pattern pathPattern) bool {
		fits := func(p, t part) bool {
			wanted := fold(p.text)
			bare := t.text
			if dot := strings.LastIndexByte(bare, '.'); dot > 0 {
				bare = bare[:dot]
			}
			return matchName(wanted, t.text) || matchName(wanted, strings.TrimSpace(bare))
		}
		return pattern.isFor(method) && (matchParts(pattern.parts, divided, fits) || matchParts(pattern.parts, whole, fits))
	})
}

// fold makes equal what differs in capital and small letters only.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }

func (p pathPattern) isFor(method string) bool {
	return p.method == "" || p.method == cmp.Or(method, http.MethodGet)
}

func matchParts(pattern, text []part, fits func(p, t part) bool) bool {
	return match(pattern, text, func(p part) bool { return p.text == "**" }, fits)
}

// segmentsOf are the segments of an escaped path, without the escapes and the slash
// at its end; not ok: servers may differ about what it means.
func segmentsOf(path string) (segments []string, ok bool) {
	if path == "" {
		return nil, true
	}
	for _, escaped := range strings.Split(strings.TrimSuffix(path, "/"), "/") {
		segment, err := url.PathUnescape(escaped)
		if err != nil || !isPlain(segment) {
			return nil, false
		}
		segments = append(segments, segment)
	}
	return segments, true
}

// isPlain tells whether servers agree about a segment: a ; begins a parameter for
// some, a backslash is a slash for some, and what still looks escaped may be read
// once more.
func isPlain(segment string) bool {
	if !utf8.ValidString(segment) || strings.ContainsAny(segment, `\;`) || strings.ContainsFunc(segment, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	for rest := segment; ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			break
		}
		if _, err := url.PathUnescape("%" + after[:min(2, len(after))]); err == nil {
			return false
		}
		rest = after
	}
	return !slices.ContainsFunc(strings.Split(segment, "/"), func(s string) bool {
		return slices.Contains([]string{"", ".", ".."}, strings.TrimSpace(s))
	})
}

func strictParts(segments []string) []part {
	var parts []part
	for _, segment := range segments {
		for i, text := range strings.Split(segment, "/") {
			parts = append(parts, part{text, i > 0})
		}
	}
	return parts
}

func looseParts(segments []string) []part {
	parts := make([]part, len(segments))
	for i, text := range segments {
		parts[i].text = text
	}
	return parts
}
