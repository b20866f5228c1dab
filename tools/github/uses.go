package github

import (
	"fmt"
	"slices"
	"strings"
)

// uses is which arguments one part or one action takes: those it needs, and
// those it can use as well. oneOf is for those that need any of the latter.
type uses struct {
	needs []string
	also  []string
	oneOf bool
}

// check compares what was given with what is used. what names the part or the
// action.
func (u uses) check(what string, given []string) []string {
	var faults []string
	for _, name := range u.needs {
		if !slices.Contains(given, name) {
			faults = append(faults, fmt.Sprintf("%s needs '%s'", what, name))
		}
	}
	all := slices.Concat(u.needs, u.also)
	usesAny := false
	for _, name := range given {
		if !slices.Contains(all, name) {
			faults = append(faults, fmt.Sprintf("%s does not use '%s'; it uses %s", what, name, orNone(all)))
		}
		usesAny = usesAny || slices.Contains(u.also, name)
	}
	if u.oneOf && !usesAny {
		faults = append(faults, fmt.Sprintf("%s needs at least one of %s", what, strings.Join(u.also, ", ")))
	}
	return faults
}

// sent is one argument and whether it holds something to work with.
type sent struct {
	name string
	is   bool
}

// given lists the arguments that do.
func given(all []sent) []string {
	var names []string
	for _, s := range all {
		if s.is {
			names = append(names, s.name)
		}
	}
	return names
}
