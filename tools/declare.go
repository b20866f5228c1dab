package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Access says what a tool may do to the service it talks to. Hosts ask the
// person for consent by it, and policy admits or refuses calls by it.
type Access string

// The access classes, from harmless to far-reaching.
const (
	Read        Access = "read"        // changes nothing
	Write       Access = "write"       // adds or changes things in a way that can be taken back, drafts nobody else has seen apart
	Destructive Access = "destructive" // may lose something for good
	Admin       Access = "admin"       // changes who may do what
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
	Access      Access
	Idempotent  bool // calling it again with the same arguments changes nothing more; implied by Read
	OpenWorld   bool // talks to something beyond this machine
	// Toolset is the group a person chooses the tool by, Scopes what a token has to
	// be good for, and Included the other scopes that those have in them.
	Toolset          string
	Scopes, Included []string
	// MaxAnswer is how many bytes of an answer a model gets to read; 0: 32,000.
	MaxAnswer int

	// Schema is the JSON Schema (2020-12) of the arguments, compact and the
	// same in every build. Define fills it in.
	Schema json.RawMessage
	// Call runs the tool. Arguments are a JSON object; nothing and null count
	// as {}. Bad arguments give an *ArgumentError and run nothing. Define
	// fills it in.
	Call func(ctx context.Context, arguments json.RawMessage) (string, error)
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
// been read; each string it returns is one more fault.
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
	arguments, err := argumentsOf(reflect.TypeFor[In]())
	if err != nil {
		panic("tools: " + t.Name + ": " + err.Error())
	}
	t.Schema = schemaOf(arguments)
	name := t.Name
	t.Call = func(ctx context.Context, raw json.RawMessage) (string, error) {
		var in In
		if faults := decode(raw, arguments, &in); len(faults) > 0 {
			return "", &ArgumentError{Tool: name, Faults: few(faults)}
		}
		return call(ctx, in)
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
