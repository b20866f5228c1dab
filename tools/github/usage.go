package github

import (
	"fmt"
	"slices"
	"strings"
)

// sent is an argument by name, and whether it holds something to work with.
type sent struct {
	name string
	is   bool
}

// names lists the arguments that were sent.
func names(arguments []sent) []string {
	var given []string
	for _, argument := range arguments {
		if argument.is {
			given = append(given, argument.name)
		}
	}
	return given
}

// filled tells whether a text was sent and isn't blank.
func filled(text *string) bool { return text != nil && strings.TrimSpace(*text) != "" }

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// oneOf refuses a value that is none of those known, if any are.
func oneOf(argument, value string, known []string) []string {
	if value == "" || len(known) == 0 || slices.Contains(known, value) {
		return nil
	}
	return []string{fmt.Sprintf("'%s' must be one of %s; got %q", argument, strings.Join(known, ", "), oneLine(value, 60))}
}
