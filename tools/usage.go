package tools

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Usage is what one action or part of a tool does with the arguments: those it
// needs, those it can use as well, and those of which it needs at least one.
type Usage struct {
	Needs, Also, OneOf []string
}

// Faults compares the arguments that were sent with the usage. what names the
// action or part.
func (u Usage) Faults(what string, given []string) []string {
	var faults []string
	for _, name := range u.Needs {
		if !slices.Contains(given, name) {
			faults = append(faults, fmt.Sprintf("%s needs '%s'", what, name))
		}
	}
	uses := slices.Concat(u.Needs, u.Also, u.OneOf)
	for _, name := range given {
		if !slices.Contains(uses, name) {
			faults = append(faults, fmt.Sprintf("%s does not use '%s'; it uses %s", what, name, cmp.Or(strings.Join(uses, ", "), "none")))
		}
	}
	if len(u.OneOf) > 0 && !slices.ContainsFunc(u.OneOf, func(name string) bool { return slices.Contains(given, name) }) {
		faults = append(faults, fmt.Sprintf("%s needs at least one of %s", what, strings.Join(u.OneOf, ", ")))
	}
	return faults
}

// Given names the arguments that hold something of an input of [Define], in the
// order they are declared. except are those that say what is asked for, and where.
func Given(in any, except ...string) []string {
	var names []string
	value := reflect.ValueOf(in)
	for _, field := range reflect.VisibleFields(value.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.Anonymous && !slices.Contains(except, name) && !value.FieldByIndex(field.Index).IsZero() {
			names = append(names, name)
		}
	}
	return names
}
