package tools

import (
	"fmt"
	"maps"
	"slices"

	"github.com/valetkey/valetkey/policy"
)

// actionName is the argument that says which of its things a tool does.
const actionName = "action"

// actionsOf are the values of that argument; none: the tool does one thing.
func actionsOf(arguments []argument) []string {
	for _, a := range arguments {
		if a.name == actionName {
			return a.enum
		}
	}
	return nil
}

// checkActions says what is wrong with the classes of a tool's actions. All of them
// have one, or none: what isn't in the table would pass for the worst. A tool that
// does nothing worse than writing needs no table.
func (t Tool) checkActions() error {
	actions := actionsOf(t.arguments)
	if t.Actions == nil && (len(actions) == 0 || t.Access == Read || t.Access == Write) {
		return nil
	}
	if given, known := slices.Sorted(maps.Keys(t.Actions)), slices.Sorted(slices.Values(actions)); !slices.Equal(given, known) {
		return fmt.Errorf("%s: its actions are %q, and there are classes for %q", t.Name, known, given)
	}
	var most policy.Access
	for _, action := range actions {
		if !slices.Contains(policy.Classes(), t.Actions[action]) {
			return fmt.Errorf("%s: unknown access class %q of action %s", t.Name, t.Actions[action], action)
		}
		most = further(most, t.Actions[action])
	}
	if most != t.Access {
		return fmt.Errorf("%s: its access class is %s, and the worst of its actions is %s", t.Name, t.Access, most)
	}
	return nil
}

// further is the more far-reaching class of two.
func further(a, b policy.Access) policy.Access {
	if slices.Index(policy.Classes(), b) > slices.Index(policy.Classes(), a) {
		return b
	}
	return a
}
