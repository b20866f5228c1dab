package github

import (
	"fmt"
	"slices"
	"strings"
)

// usage is what one action or part of a tool does with the arguments: those it
// needs, and those it can use as well. oneOf is for actions that need any of
// what they can use.
type usage struct {
	needs []string
	also  []string
	oneOf bool
}

// faults compares the arguments that were sent with the usage. what names the
// action or part.
func (u usage) faults(what string, given []string) []string {
	var faults []string
	for _, name := range u.needs {
		if !slices.Contains(given, name) {
			faults = append(faults, fmt.Sprintf("%s needs '%s'", what, name))
		}
	}
	uses := slices.Concat(u.needs, u.also)
	usesAny := false
	for _, name := range given {
		if !slices.Contains(uses, name) {
			faults = append(faults, fmt.Sprintf("%s does not use '%s'; it uses %s", what, name, orNone(uses)))
		}
		usesAny = usesAny || slices.Contains(u.also, name)
	}
	if u.oneOf && !usesAny {
		faults = append(faults, fmt.Sprintf("%s needs at least one of %s", what, strings.Join(u.also, ", ")))
	}
	return faults
}

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

// oneOf refuses a value that is none of those known, if any are.
func oneOf(argument, value string, known []string) []string {
	if value == "" || len(known) == 0 || slices.Contains(known, value) {
		return nil
	}
	return []string{fmt.Sprintf("'%s' must be one of %s; got %q", argument, strings.Join(known, ", "), oneLine(value, 60))}
}
