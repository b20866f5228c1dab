package oauth

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// hiding takes out of a text what a server or a network error may echo of a
// request: the values of the form and the query of the address.
type hiding struct {
	echoes *strings.Replacer
	// secrets are those too long to be a part of a word, in lower case.
	secrets []string
}

// newHiding prepares for a request. What identifies the client or says what is
// asked for is no secret, and useful in a message; all else is hidden, down to
// four characters, and so are further secrets.
func newHiding(address *url.URL, form url.Values, further ...string) hiding {
	secrets := append(further, address.RawQuery)
	for name, values := range form {
		switch name {
		case "client_id", "grant_type", "redirect_uri", "scope", "token_type_hint", "audience", "resource":
		default:
			secrets = append(secrets, values...)
		}
	}
	// A text that is the beginning of another must not be replaced before it.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	const least, long = 4, 12
	var h hiding
	var pairs []string
	for _, secret := range secrets {
		if len(secret) >= least {
			pairs = append(pairs, secret, redacted, url.QueryEscape(secret), redacted)
		}
		if len(secret) >= long {
			h.secrets = append(h.secrets, strings.ToLower(secret))
		}
	}
	h.echoes = strings.NewReplacer(pairs...)
	return h
}

// userInfo is what net/http repeats of a proxy's address it can't read.
var userInfo = regexp.MustCompile(`//[^/\s]*@`)

// words makes a foreign text fit for a line of a message: what is secret
// hidden, ASCII only (RFC 6749 §5.2), one line, at most 200 characters.
func (h hiding) words(text string) string {
	text = strings.Map(func(r rune) rune {
		if isUnprintable(r) {
			return ' '
		}
		return r
	}, h.echoes.Replace(text))
	// A secret may have been broken by what has just become a space.
	text = h.echoes.Replace(strings.Join(strings.Fields(text), " "))
	text = userInfo.ReplaceAllString(text, "//")
	const most = 200
	if len(text) > most {
		text = text[:most-3] + "..."
	}
	return text
}

// refusal is an error of these words. A code that is none is a part of them.
func (h hiding) refusal(code, words string) *Error {
	if shown := h.code(code); shown == "" || shown == redacted || isCode(shown) || isWords(shown) {
		return &Error{Code: shown, Description: h.words(words)}
	}
	return &Error{Description: h.words(code + " " + words)}
}

// isCode tells what error codes are made of, but for those that isWords finds.
func isCode(text string) bool {
	const most, marks = 64, "_.:-"
	return len(text) <= most && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	})
}

// code is words for an error code. A code of plain words is kept even where it
// holds a short word of the form, since programs compare it; not where it is
// nothing but that.
func (h hiding) code(text string) string {
	spelt := strings.ReplaceAll(strings.ToLower(text), "_", " ")
	for _, secret := range h.secrets {
		if strings.Contains(spelt, strings.ReplaceAll(secret, "_", " ")) {
			return redacted
		}
	}
	hidden := h.words(text)
	if isWords(text) && hidden != redacted {
		return text
	}
	return hidden
}
