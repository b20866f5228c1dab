package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// The access classes, from harmless to far-reaching.
const (
	Read        = policy.Read
	Write       = policy.Write
	Destructive = policy.Destructive
	Admin       = policy.Admin
)

// Outward says who gets to read what a tool writes.
type Outward = gate.Outward

// Those with access anyway, anybody if the place is public, and anybody.
const (
	Nowhere  = gate.Nowhere
	InPublic = gate.InPublic
	Anywhere = gate.Anywhere
)

// maxNameLength keeps names usable everywhere: hosts put mcp__server__ in
// front, and some models take no more than 63 characters.
const maxNameLength = 40

// Tool is one thing a server offers to a model. It is a value: make it with
// Define and don't change it afterwards; then it is safe for concurrent use.
type Tool struct {
	Name        string // service_noun, [a-z0-9_], at most 40 characters
	Title       string // for people
	Description string // for the model: what it does and when to use it; the first sentence decides
	// Access is what a call may do at most, and Actions what it does by the value of
	// its argument action: all of them; nil: what Access says, read or write.
	Access     policy.Access
	Actions    map[string]policy.Access
	Idempotent bool // calling it again with the same arguments changes nothing more; implied by Read
	OpenWorld  bool // talks to something beyond this machine
	// Toolset is the group a person chooses the tool by, Scopes what a token has to
	// be good for, and Included the other scopes that those have in them.
	Toolset          string
	Scopes, Included []string
	// Strangers: answers may hold what anybody wrote; see also [Quote]. Outward says who
	// gets to read what is written. ByPath: a model chooses the requests itself.
	Strangers bool
	Outward   Outward
	ByPath    bool
	// MaxAnswer is how many bytes of an answer a model gets to read; 0: 32,000.
	MaxAnswer int

	// Schema is the JSON Schema (2020-12) of the arguments, compact and the
	// same in every build. Define fills it in.
	Schema json.RawMessage
	// Call runs the tool. Arguments are a JSON object; nothing and null count
	// as {}. Bad arguments give an *ArgumentError and run nothing. Define
	// fills it in.
	Call func(ctx context.Context, arguments json.RawMessage) (string, error)
	// arguments are those of the schema. Define fills them in.
	arguments []argument
	// mask is what [Tool.Masked] was given.
	mask func(string) string
}

// Hints are MCP's four tool annotations (2025-03-26 and later). All four are
// meant to be sent always, because the defaults for absent ones differ from
// what most tools are.
type Hints struct {
	ReadOnly, Destructive, Idempotent, OpenWorld bool
}

// Hints gives the annotations that follow from how the tool is declared.
func (t Tool) Hints() Hints {
	return Hints{
		ReadOnly:    t.Access == Read,
		Destructive: t.Access == Destructive || t.Access == Admin,
		Idempotent:  t.Idempotent || t.Access == Read,
		OpenWorld:   t.OpenWorld,
	}
}

// Define completes a declaration: it derives the schema from In and returns
// the tool with Schema and Call set.
//
// In is a struct. Each field is one argument; an embedded struct contributes
// its fields. Types: string, int, int64, bool, []string, *bool, *string (the
// pointers tell "absent" from the zero value; a []string that was given is
// never nil), a slice of structs like In, json.RawMessage for any object, and [JSON].
// Tags:
//
//	json:"name"            the argument's name; required unless ",omitempty"
//	doc:"…"                its description
//	enum:"a,b"             the only values allowed (string, or items of a []string)
//	default:"a"            applied when absent (needs ",omitempty")
//	minimum:"1"            for int and int64, inclusive
//	maximum:"100"          for int and int64, inclusive
//
// If *In has a method Check() []string it is called once every argument has
// been read; each string it returns is one more fault. If In has a method
// Outward() Outward, that says it for the call, and not the declaration.
//
// A mistake in the declaration itself panics, as it would stop a build if the
// compiler could see it. Nothing that arrives at run time does.
func Define[In any](t Tool, call func(ctx context.Context, in In) (string, error)) Tool {
	if err := t.check(); err != nil {
		panic("tools: " + err.Error())
	}
	if call == nil {
		panic("tools: " + t.Name + ": no function to call")
	}
	arguments, err := askedOf(reflect.TypeFor[In](), t.Access != Read)
	if err != nil {
		panic("tools: " + t.Name + ": " + err.Error())
	}
	t.Schema = schemaOf(arguments)
	t.arguments = arguments
	if err := t.checkActions(); err != nil {
		panic("tools: " + err.Error())
	}
	t.Call = func(ctx context.Context, raw json.RawMessage) (string, error) {
		var in asked[In]
		if faults := decode(raw, arguments, &in); len(faults) > 0 {
			return "", &ArgumentError{Tool: t.Name, Faults: few(faults)}
		}
		if err := t.enter(gate.From(ctx), reflect.ValueOf(in)); err != nil {
			return "", err
		}
		return call(ctx, in.In)
	}
	return t
}

// few keeps a list of faults readable.
func few(faults []string) []string {
	const most = 20
	if len(faults) <= most {
		return faults
	}
	return append(slices.Clone(faults[:most]), fmt.Sprintf("and %d more", len(faults)-most))
}

func isToolName(name string) bool {
	return name != "" && name[0] >= 'a' && name[0] <= 'z' && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// checkNames says what is wrong with what people and models know something by.
func checkNames(name, title, description string) error {
	switch {
	case !isToolName(name):
		return errors.New("a name is made of a-z, 0-9 and _")
	case len(name) > maxNameLength:
		return fmt.Errorf("a name has at most %d characters", maxNameLength)
	case strings.TrimSpace(title) == "":
		return errors.New("no title")
	case strings.TrimSpace(description) == "":
		return errors.New("no description")
	}
	return nil
}

func (t Tool) check() error {
	if err := checkNames(t.Name, t.Title, t.Description); err != nil {
		return fmt.Errorf("%q: %w", t.Name, err)
	}
	switch t.Access {
	case Read, Write, Destructive, Admin:
		return nil
	}
	return fmt.Errorf("%s: unknown access class %q", t.Name, t.Access)
}
