package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ArgumentError says everything that is wrong with the arguments of one call,
// in words a model can act on. Nothing has been run.
type ArgumentError struct {
	Tool   string
	Faults []string // at least one
}

func (e *ArgumentError) Error() string {
	if len(e.Faults) == 1 {
		return e.Tool + ": " + e.Faults[0]
	}
	return fmt.Sprintf("%s: %d faults in the arguments\n- %s", e.Tool, len(e.Faults), strings.Join(e.Faults, "\n- "))
}

// userError is an error whose text was written for the model.
type userError struct {
	text  string
	again string // what is said behind it unless a change was sent
	cause error
}

func (e *userError) Error() string { return e.text + e.again }
func (e *userError) Unwrap() error { return e.cause }

// UserError is fmt.Errorf for a text that is meant for the model as it is:
// what surrounds a call passes it on unchanged. %w works as it does there.
func UserError(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &userError{text: err.Error(), cause: err}
}

// Explain gives cause another text, meant for the model as it is. errors.Is
// and errors.As still find cause; its own text is not shown.
func Explain(cause error, text string) error {
	return &userError{text: text, cause: cause}
}

// ExplainAgain is [Explain] with advice behind the text, such as "; try again", that
// [Run] leaves out where the call has sent a change.
func ExplainAgain(cause error, text, again string) error {
	return &userError{text: text, again: again, cause: cause}
}

// ErrRepositories is in what is refused since VALET_REPOS doesn't allow it.
var ErrRepositories = errors.New("VALET_REPOS doesn't allow it")

const maxQuoted = 60

// shorten keeps a fault readable whatever was sent.
func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxQuoted {
		return s
	}
	return string([]rune(s)[:maxQuoted]) + "…"
}

// describe names a JSON value in a fault.
func describe(raw json.RawMessage) string {
	if value, ok := stringIn(raw); ok {
		return strconv.Quote(shorten(value))
	}
	switch literal := strings.TrimSpace(string(raw)); literal[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	default:
		return shorten(literal)
	}
}

func quote(s string) json.RawMessage {
	raw, err := json.Marshal(s)
	if err != nil {
		panic("tools: " + err.Error())
	}
	return raw
}

// meant words the guess at what was meant; "" when nothing is near.
func meant(wrong string, allowed []string) string {
	if guess := Nearest(wrong, allowed); guess != "" {
		return fmt.Sprintf("; did you mean %q?", guess)
	}
	return ""
}

// Nearest gives the allowed word a typing mistake, another case or a longer or
// shorter form away.
func Nearest(wrong string, allowed []string) string {
	// No name is this long; the limit keeps the comparison cheap.
	if len(wrong) > 2*maxNameLength {
		return ""
	}
	wrong = strings.ToLower(wrong)
	best, bestDistance := "", 1+max(1, len(wrong)/3)
	for _, word := range allowed {
		d := Distance(wrong, strings.ToLower(word))
		if len(word) > 2 && len(wrong) > 2 && (strings.Contains(wrong, word) || strings.Contains(word, wrong)) {
			d = min(d, 1)
		}
		if d < bestDistance {
			best, bestDistance = word, d
		}
	}
	return best
}

// Distance counts the letters to insert, remove, replace or swap with their
// neighbour (optimal string alignment).
func Distance(a, b string) int {
	before, previous := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current := make([]int, len(b)+1)
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}
