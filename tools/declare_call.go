package tools

import (
	"errors"
	"reflect"
	"slices"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// asked is what a model may send to any tool: its own arguments, and whether what
// would be changed is only to be shown.
type asked[In any] struct {
	In     In
	DryRun bool `json:"dry_run,omitempty"`
}

// Check is that of the tool's own arguments.
func (a *asked[In]) Check() []string {
	if checker, is := any(&a.In).(interface{ Check() []string }); is {
		return checker.Check()
	}
	return nil
}

// askedOf are the arguments of an asked.
func askedOf(own reflect.Type, writes bool) ([]argument, error) {
	arguments, err := argumentsOf(own)
	if err != nil {
		return nil, err
	}
	for i := range arguments {
		arguments[i].index = append([]int{0}, arguments[i].index...)
	}
	if !writes {
		return arguments, nil
	}
	if slices.ContainsFunc(arguments, func(a argument) bool { return a.name == "dry_run" }) {
		return nil, errors.New("dry_run is an argument of every tool that writes")
	}
	field, _ := reflect.TypeFor[asked[struct{}]]().FieldByName("DryRun")
	dryRun, err := argumentOf(field)
	return append(arguments, dryRun), err
}

// NewCall is a call of the tool for the gate, until its arguments are known.
func (t Tool) NewCall() *gate.Call {
	return &gate.Call{Tool: t.Name, Access: t.Access, ByPath: t.ByPath, Strangers: t.Strangers, Outward: t.Outward}
}

// errUnguarded keeps a dry run from being a real one.
var errUnguarded = errors.New("a dry run is not possible here")

// enter tells the gate what the arguments say of the call.
func (t Tool) enter(call *gate.Call, in reflect.Value) error {
	isDry := in.FieldByName("DryRun").Bool()
	if call == nil {
		if isDry {
			return errUnguarded
		}
		return nil
	}
	call.DryRun = isDry
	call.Place = t.textIn(in, "repo")
	call.Access = t.accessOf(t.textIn(in, actionName))
	if own, says := in.FieldByName("In").Interface().(interface{ Outward() Outward }); says {
		call.Outward = own.Outward()
	}
	return nil
}

// accessOf is what an action does.
func (t Tool) accessOf(action string) policy.Access {
	if access, is := t.Actions[action]; is {
		return access
	}
	return t.Access
}

// textIn is the value of an argument that is a text; "" if there is none.
func (t Tool) textIn(in reflect.Value, name string) string {
	for _, a := range t.arguments {
		if field := in.FieldByIndex(a.index); a.name == name && field.Kind() == reflect.String {
			return field.String()
		}
	}
	return ""
}
