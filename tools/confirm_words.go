package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	// maxShort is how many characters an argument may have, with its name, to come
	// before those that are longer.
	maxShort = 60
	// maxWord is how many characters a person reads of an argument that is short or
	// says what is touched, and maxWords of all that are long.
	maxWord  = 300
	maxWords = 4000
)

// described puts a call's arguments into words: what is done to what, and the long
// ones that go with it. A host may show three lines of a question, as Claude Code does
// at 24 lines, so that what decides mustn't come after a long text.
func (t Tool) described(arguments json.RawMessage) (what, with string) {
	given, _ := object(arguments)
	var first, next, long []string
	for _, a := range t.arguments {
		raw := given[a.name]
		if absent(raw) || a.name == "dry_run" {
			continue
		}
		switch word := a.name + " " + spoken(raw, maxWord); {
		case isVerb(a.name):
			first = append(first, spoken(raw, maxWord))
		case isPlace(a.name) || utf8.RuneCountInString(word) <= maxShort:
			next = append(next, word)
		default:
			long = append(long, a.name)
		}
	}
	for i, name := range long {
		long[i] += " " + spoken(given[name], maxWords/len(long))
	}
	return strings.Join(append(first, next...), ", "), strings.Join(long, ", ")
}

func isVerb(name string) bool  { return name == "action" || name == "method" }
func isPlace(name string) bool { return name == "repo" || name == "path" }

// spoken is a value as a person reads it. One that could pass for more than itself
// stands in quotation marks, which it can't end.
func spoken(raw json.RawMessage, most int) string {
	value, isText := stringIn(raw)
	switch {
	case isText && isPlain(value) && len(value) <= most:
		return value
	case isText:
		return quoted(middle(value, most))
	}
	return middle(plainly(compacted(raw)), most)
}

// compacted is JSON without the blanks between its parts; what is none stays.
func compacted(raw json.RawMessage) string {
	var text bytes.Buffer
	if json.Compact(&text, raw) != nil {
		return string(raw)
	}
	return text.String()
}

// isPlain tells what is one word however it is read: comment, octocat/Hello-World.
func isPlain(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/") == ""
}

// quoted is a text as it would be sent: what nobody would see is escaped, and what
// would end the quotation marks.
func quoted(text string) string {
	return `"` + plainly(strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text)) + `"`
}

// oneLine is a text without line breaks, of about so many characters at most. What
// nobody would see is escaped.
func oneLine(text string, most int) string {
	return middle(plainly(strings.Join(strings.Fields(text), " ")), most)
}

// middle leaves out the middle of a long text, and says how much: what matters may
// stand at its end.
func middle(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	head, tail := most*2/3, most/3
	return fmt.Sprintf("%s … %d characters left out here … %s", string(runes[:head]), len(runes)-head-tail, string(runes[len(runes)-tail:]))
}
