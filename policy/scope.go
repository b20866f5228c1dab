package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Thing is what something may be done with: a tool of a service, by all the names
// its resource has, the usual one first.
type Thing struct {
	Service   string
	Resources []string
	Access    Access
}

// String is the scope that allows the thing and no other resource.
func (t Thing) String() string {
	resource := "*"
	if len(t.Resources) > 0 {
		resource = t.Resources[0]
	}
	return t.Service + ":" + resource + ":" + string(t.Access)
}

// Scope is a pattern of things, service:resource:access, with * for any part of
// any of the three.
type Scope struct{ Service, Resource, Access string }

func (s Scope) String() string { return s.Service + ":" + s.Resource + ":" + s.Access }

// Allow tells whether the thing is one of those that the pattern means.
func (s Scope) Allow(t Thing) bool {
	return matchName(s.Service, t.Service) && matchName(s.Access, string(t.Access)) &&
		slices.ContainsFunc(t.Resources, func(resource string) bool { return matchName(s.Resource, resource) })
}

// Scopes are several, of which one is enough.
type Scopes []Scope

// Allow tells whether one of the scopes means the thing.
func (s Scopes) Allow(t Thing) bool {
	return slices.ContainsFunc(s, func(scope Scope) bool { return scope.Allow(t) })
}

// String is what [Parse] reads.
func (s Scopes) String() string {
	words := make([]string, len(s))
	for i, scope := range s {
		words[i] = scope.String()
	}
	return strings.Join(words, " ")
}

// form is what a scope looks like, for those who wrote it otherwise.
const form = "write it like github:issues:write, with * for any part of a name"

// Parse reads scopes that are separated by spaces, as in a token's claim (RFC 6749
// §3.3), or by commas, in small or capital letters: one at least. The error names
// the word that is none.
func Parse(text string) (Scopes, error) {
	var all Scopes
	for _, word := range words(text) {
		scope, err := parseScope(strings.ToLower(word))
		if err != nil {
			return nil, fmt.Errorf("%.80q is not a scope, service:resource:access: %w; %s", word, err, form)
		}
		all = append(all, scope)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no scope, service:resource:access; %s", form)
	}
	return all, nil
}

func parseScope(word string) (Scope, error) {
	parts := strings.Split(word, ":")
	if len(parts) != 3 {
		return Scope{}, fmt.Errorf("it has %d of the three parts", len(parts))
	}
	for i, what := range []string{"service", "resource", "access"} {
		switch {
		case parts[i] == "":
			return Scope{}, fmt.Errorf("its %s is missing", what)
		case strings.Trim(parts[i], "abcdefghijklmnopqrstuvwxyz0123456789_-*") != "":
			return Scope{}, fmt.Errorf("its %s isn't made of a-z, 0-9, _ and -", what)
		}
	}
	if !slices.ContainsFunc(Classes(), func(class Access) bool { return matchName(parts[2], string(class)) }) {
		return Scope{}, errors.New("its access is none of read, write, destructive, admin")
	}
	return Scope{parts[0], parts[1], parts[2]}, nil
}

// words splits a list at commas and spaces.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}
