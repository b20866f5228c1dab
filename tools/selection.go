package tools

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Selection is which of a service's tools a person wants a model to have.
type Selection struct {
	// Toolsets are groups of tools by name. "default" stands for the service's
	// own choice, which none at all means as well, and "all" for every group.
	Toolsets []string
	// Patterns are names of tools, with * for any part of one. Those that begin
	// with - are left out; of the others, if there are any, only those are
	// offered, whatever their group.
	Patterns []string
	// Others are the tools of other services, which the patterns may mean as
	// well, and the toolsets if Shared says that they are chosen for all. Where
	// only theirs are named as patterns, none is left here.
	Others []Tool
	Shared bool
}

// ErrToolset says that there is no toolset of a name.
var ErrToolset = errors.New("there is no toolset")

// Of answers what is selected, in its order and with at least one tool, if there
// are no others, or an error that names what there is instead of what isn't:
// [ErrToolset], or one about the patterns.
func (s Selection) Of(all Offer, usual []string) (Offer, error) {
	wanted, err := s.toolsets(all.Tools, usual)
	if err != nil {
		return Offer{}, err
	}
	allowed, denied, err := s.patterns(all.Tools)
	if err != nil {
		return Offer{}, err
	}
	all.Unselected = map[string]string{}
	all.Tools = slices.DeleteFunc(slices.Clone(all.Tools), func(t Tool) bool {
		in := slices.Contains(wanted, t.Toolset)
		if len(allowed) > 0 {
			in = matches(allowed, t.Name)
		}
		in = in && !matches(denied, t.Name)
		if !in {
			all.Unselected[t.Name] = t.Toolset
		}
		return !in
	})
	if len(all.Tools) == 0 && len(s.Others) == 0 {
		return Offer{}, errors.New("no tool is left; leave out fewer")
	}
	return all.beside(all.Tools), nil
}

// NoTool refuses the name of a tool that isn't offered.
func (o Offer) NoTool(name string) error {
	var names []string
	for _, tool := range o.Tools {
		names = append(names, tool.Name)
	}
	guess := meant(name, names)
	if set, is := o.Unselected[name]; is {
		guess = " (it is in the toolset " + set + ")"
	}
	return Explain(errUnknownName, fmt.Sprintf("there is no tool %q among those selected%s; known: %s; VALET_TOOLSETS=all offers others",
		shorten(name), guess, strings.Join(names, ", ")))
}

// beside leaves only what can be offered where these tools are.
func (o Offer) beside(tools []Tool) Offer {
	is := func(name string) bool {
		return slices.ContainsFunc(tools, func(t Tool) bool { return t.Name == name })
	}
	lacks := func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return !is(name) })
	}
	o.Instructions = slices.DeleteFunc(slices.Clone(o.Instructions), func(i Instruction) bool { return lacks(i.Tools) })
	o.Resources = slices.DeleteFunc(slices.Clone(o.Resources), func(r Resource) bool { return !is(r.Tool) })
	var prompts []Prompt
	for _, p := range o.Prompts {
		known := slices.ContainsFunc(prompts, func(other Prompt) bool { return other.Name == p.Name })
		if !known && !lacks(p.Tools) {
			prompts = append(prompts, p)
		}
	}
	o.Prompts = prompts
	return o
}

func (s Selection) toolsets(all []Tool, usual []string) ([]string, error) {
	var wanted []string
	known, elsewhere := toolsetsOf(all), toolsetsOf(s.Others)
	for _, name := range s.Toolsets {
		switch {
		case name == "default":
			wanted = append(wanted, usual...)
		case name == "all":
			wanted = append(wanted, known...)
		case slices.Contains(known, name):
			wanted = append(wanted, name)
		case s.Shared && slices.Contains(elsewhere, name):
		default:
			return nil, fmt.Errorf("%w %q%s; known: default, all, %s", ErrToolset, shorten(name), meant(name, known), strings.Join(known, ", "))
		}
	}
	if len(wanted) == 0 {
		wanted = usual
	}
	return wanted, nil
}

func toolsetsOf(all []Tool) []string {
	var known []string
	for _, tool := range all {
		if !slices.Contains(known, tool.Toolset) {
			known = append(known, tool.Toolset)
		}
	}
	return known
}

// patterns answers which names are let in and which are left out.
func (s Selection) patterns(all []Tool) (allowed, denied []string, err error) {
	var names []string
	for _, tool := range slices.Concat(all, s.Others) {
		names = append(names, tool.Name)
	}
	for _, pattern := range s.Patterns {
		name, isDenied := strings.CutPrefix(pattern, "-")
		if _, err := path.Match(name, ""); err != nil || !slices.ContainsFunc(names, func(n string) bool { return matches([]string{name}, n) }) {
			return nil, nil, fmt.Errorf("no tool is named %q%s", shorten(name), cmp.Or(meant(name, names), "; known: "+strings.Join(names, ", ")))
		}
		if isDenied {
			denied = append(denied, name)
		} else {
			allowed = append(allowed, name)
		}
	}
	return allowed, denied, nil
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(pattern, name)
		return err == nil && matched
	})
}

// ScopesOf answers what a token has to be good for to call any of the tools,
// sorted, without those that others have in them.
func ScopesOf(tools []Tool) []string {
	var scopes, included []string
	for _, tool := range tools {
		scopes, included = append(scopes, tool.Scopes...), append(included, tool.Included...)
	}
	slices.Sort(scopes)
	return slices.DeleteFunc(slices.Compact(scopes), func(scope string) bool { return slices.Contains(included, scope) })
}
