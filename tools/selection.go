package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
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
	// Variable is where a person writes toolsets for this service.
	Variable string
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
	all.Unselected = map[string]Unselected{}
	chosen := s.own(all.Tools)
	all.Tools = slices.DeleteFunc(slices.Clone(all.Tools), func(t Tool) bool {
		in := slices.Contains(wanted, t.Toolset)
		if len(allowed) > 0 {
			in = matches(allowed, t.Name)
		}
		in = in && !matches(denied, t.Name)
		if !in {
			all.Unselected[t.Name] = s.without(t, chosen, len(allowed) > 0 || matches(denied, t.Name))
		}
		return !in
	})
	if len(all.Tools) == 0 && len(s.Others) == 0 {
		return Offer{}, errors.New("no tool is left; leave out fewer")
	}
	return all.beside(all.Tools), nil
}

// own are the chosen toolsets that a variable for this service alone could have.
func (s Selection) own(all []Tool) []string {
	known := append(toolsetsOf(all), "default", "all")
	chosen := slices.DeleteFunc(slices.Clone(s.Toolsets), func(name string) bool { return !slices.Contains(known, name) })
	if len(chosen) == 0 {
		return []string{"default"}
	}
	return chosen
}

// without is a tool that was left out, by its name or else by its toolset.
func (s Selection) without(t Tool, chosen []string, byName bool) Unselected {
	if byName {
		return Unselected{Tool: t}
	}
	variable := cmp.Or(s.Variable, "VALET_TOOLSETS")
	return Unselected{Tool: t, Add: variable + "=" + strings.Join(chosen, ",") + "," + t.Toolset, All: variable + "=all"}
}

// NoTool refuses the name of a tool that isn't offered.
func (o Offer) NoTool(name string) error {
	if err, is := o.Denied[name]; is {
		return Explain(errors.Join(errUnknownName, err), fmt.Sprintf("%s can't be called: %v", name, err))
	}
	var names []string
	for _, tool := range o.Tools {
		names = append(names, tool.Name)
	}
	why, cause := meant(name, names), errUnknownName
	if out, is := o.Unselected[name]; is {
		why, cause = out.why(), errors.Join(errUnknownName, out.Denied)
	}
	return Explain(cause, fmt.Sprintf("there is no tool %q among those selected%s; known: %s%s", shorten(name), why, strings.Join(names, ", "), o.others()))
}

// forbids is what a policy has against a tool that isn't offered; nil: nothing.
func (o Offer) forbids(name string) error {
	if err := o.Denied[name]; err != nil {
		return err
	}
	return o.Unselected[name].Denied
}

// why is the tool not there, and what mends it.
func (u Unselected) why() string {
	why := ": VALET_TOOLS leaves it out, which the person can change in their host's settings"
	if u.Add != "" {
		why = ": it is in the toolset " + u.Tool.Toolset + ", which the person can add in their host's settings: " + u.Add
	}
	if u.Denied != nil {
		why += "; and " + u.Denied.Error()
	}
	return why
}

// others says how a person would offer more tools; "" where none would come.
func (o Offer) others() string {
	var more []string
	for _, name := range slices.Sorted(maps.Keys(o.Unselected)) {
		if out := o.Unselected[name]; out.All != "" && out.Denied == nil && !slices.Contains(more, out.All) {
			more = append(more, out.All)
		}
	}
	if len(more) == 0 {
		return ""
	}
	return "; others with " + strings.Join(more, ", ")
}

// Refuse is NoTool for a call, which is in the log. A name that nobody knows isn't:
// whoever called may have put a token there.
func (o Offer) Refuse(ctx context.Context, log *slog.Logger, name string) error {
	logged := "unknown"
	if _, isKnown := o.Unselected[name]; isKnown || o.Denied[name] != nil {
		logged = name
	}
	log.LogAttrs(ctx, slog.LevelDebug, "tool call", slog.String("tool", logged),
		slog.String("decision", deniedBy(o.forbids(name))), slog.String("outcome", "refused"))
	return o.NoTool(name)
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
