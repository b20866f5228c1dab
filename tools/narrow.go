package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/policy"
)

// Administration is what a service's requests by path are about that change who may
// do what. No tool is only for that.
func Administration(service string) policy.Thing {
	return policy.Thing{Service: service, Resources: []string{"administration"}, Access: Admin}
}

// ThingsOf are all that can be granted at a service: what its tools do, and
// [Administration].
func ThingsOf(service string, all []Tool) []policy.Thing {
	var things []policy.Thing
	for _, tool := range all {
		for _, access := range tool.classes() {
			things = append(things, tool.thing(service, access))
		}
	}
	return append(things, Administration(service))
}

// Under is what a policy leaves of the offer of a service: tools of which nothing is
// allowed are gone, and of the others only the allowed actions are there.
func (o Offer) Under(service string, p policy.Policy) Offer {
	o.Denied = maps.Clone(o.Denied)
	if o.Denied == nil {
		o.Denied = map[string]error{}
	}
	var left []Tool
	for _, tool := range o.Tools {
		narrowed, err := tool.under(service, p)
		if err != nil {
			o.Denied[tool.Name] = err
			continue
		}
		left = append(left, narrowed)
	}
	unselected := map[string]Unselected{}
	for name, out := range o.Unselected {
		_, out.Denied = out.Tool.under(service, p)
		unselected[name] = out
	}
	o.Tools, o.Unselected = left, unselected
	return o.beside(left)
}

// under is the tool with what is allowed, or the error that says why nothing is.
func (t Tool) under(service string, p policy.Policy) (Tool, error) {
	if t.Actions == nil {
		return t, p.Check(t.thing(service, t.Access))
	}
	denied, left := map[string]error{}, map[string]policy.Access{}
	var most policy.Access
	var first error
	for _, action := range actionsOf(t.arguments) {
		access := t.Actions[action]
		if err := p.Check(t.thing(service, access)); err != nil {
			denied[action] = err
			if first == nil {
				first = err
			}
			continue
		}
		left[action], most = access, further(most, access)
	}
	switch {
	case len(left) == 0:
		return t, first
	case len(denied) == 0:
		return t, nil
	}
	t.Access, t.Actions = most, left
	t.arguments = withActions(t.arguments, left)
	t.Schema = schemaOf(t.arguments)
	call := t.Call
	t.Call = func(ctx context.Context, arguments json.RawMessage) (string, error) {
		if err := denied[actionIn(arguments)]; err != nil {
			return "", Explain(err, fmt.Sprintf("%s: action %s: %v", t.Name, actionIn(arguments), err))
		}
		return call(ctx, arguments)
	}
	return t, nil
}

// withActions are the arguments with fewer values of the one that is the action.
func withActions(arguments []argument, left map[string]policy.Access) []argument {
	arguments = slices.Clone(arguments)
	for i, a := range arguments {
		if a.name == actionName {
			arguments[i].enum = slices.DeleteFunc(slices.Clone(a.enum), func(action string) bool { return left[action] == "" })
		}
	}
	return arguments
}

// actionIn is the action of a call, read as [Define] does; "": none.
func actionIn(arguments json.RawMessage) string {
	given, _ := object(arguments)
	action, _ := stringIn(given[actionName])
	return action
}

// classes are those of what a tool does, from harmless to far-reaching.
func (t Tool) classes() []policy.Access {
	if t.Actions == nil {
		return []policy.Access{t.Access}
	}
	return slices.DeleteFunc(policy.Classes(), func(class policy.Access) bool {
		return !slices.Contains(slices.Collect(maps.Values(t.Actions)), class)
	})
}

// thing is what a call of the tool does, for a policy: at github, issues and
// github_issue_write are issues, issue and issue_write; at google, calendar and
// google_calendar_events are calendar, calendar_events and events.
func (t Tool) thing(service string, access policy.Access) policy.Thing {
	names := []string{t.Toolset}
	for _, name := range []string{strings.TrimPrefix(t.Name, service+"_"), strings.TrimPrefix(t.Name, service+"_"+t.Toolset+"_")} {
		names = append(names, name, strings.TrimSuffix(name, "_write"))
	}
	var all []string
	for _, name := range slices.Concat(names, manyOf(names)) {
		if name != "" && !strings.HasPrefix(name, service+"_") && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return policy.Thing{Service: service, Resources: all, Access: access}
}

// manyOf are the names for one of several, and for several of one.
func manyOf(names []string) []string {
	var others []string
	for _, name := range names {
		switch stem, ending := name[:max(0, len(name)-3)], name[max(0, len(name)-3):]; {
		case ending == "ies":
			others = append(others, stem+"y")
		case strings.HasSuffix(name, "s"):
			others = append(others, strings.TrimSuffix(name, "s"))
		case strings.HasSuffix(name, "y"):
			others = append(others, strings.TrimSuffix(name, "y")+"ies")
		default:
			others = append(others, name+"s")
		}
	}
	return others
}

// CheckGrant says which of some scopes means nothing of what there is, and what
// that is.
func CheckGrant(scopes policy.Scopes, things []policy.Thing) error {
	for _, scope := range scopes {
		if !slices.ContainsFunc(things, scope.Allow) {
			return fmt.Errorf("%s means nothing that there is%s", scope, nearestThings(scope, things))
		}
	}
	return nil
}

// nearestThings words what there is instead: the classes of the resource, the
// toolsets of the service, or the services, and which of them was probably meant.
func nearestThings(scope policy.Scope, things []policy.Thing) string {
	alike := func(service, resource string) []policy.Thing {
		wide := policy.Scope{Service: service, Resource: resource, Access: "*"}
		return slices.DeleteFunc(slices.Clone(things), func(t policy.Thing) bool { return !wide.Allow(t) })
	}
	if same := alike(scope.Service, scope.Resource); len(same) > 0 {
		return "; its access is: " + strings.Join(namesOf(same, func(t policy.Thing) []string { return []string{string(t.Access)} }), ", ")
	}
	if same := alike(scope.Service, "*"); len(same) > 0 {
		every := namesOf(same, func(t policy.Thing) []string { return t.Resources })
		plain := namesOf(same, func(t policy.Thing) []string { return t.Resources[:1] })
		return meant(scope.Resource, append(slices.Clone(plain), every...)) + "; there are: " + strings.Join(plain, ", ")
	}
	names := namesOf(things, func(t policy.Thing) []string { return []string{t.Service} })
	return meant(scope.Service, names) + "; the services are: " + strings.Join(names, ", ")
}

// namesOf are those of some things, each once.
func namesOf(things []policy.Thing, of func(policy.Thing) []string) []string {
	var names []string
	for _, thing := range things {
		for _, name := range of(thing) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// WhyNothing is why nothing is left of what was selected; nil: no policy's doing.
func (o Offer) WhyNothing() error {
	if len(o.Denied) == 0 {
		return nil
	}
	return o.Denied[slices.Min(slices.Collect(maps.Keys(o.Denied)))]
}
