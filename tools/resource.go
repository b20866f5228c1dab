package tools

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/gate"
)

// Resource is a kind of document that people pick to show it to a model, by an
// address. It is a value: make it with DefineResource and don't change it
// afterwards; then it is safe for concurrent use.
type Resource struct {
	Name        string // as a tool's
	Title       string // for people
	Description string
	// Template is the address as a URI template (RFC 6570): scheme://, then
	// parts of a path, of which {name} is one whole part and {+name} the rest,
	// and perhaps a query, {?name}.
	Template string
	// MediaType is what all documents have in common; "": nothing.
	MediaType string
	// Tool reads the same, and what an answer has no room for. The resource is
	// offered where the tool is.
	Tool string
	// Completions help to fill in the template, by variable.
	Completions map[string]Complete
	// MaxAnswer is how many bytes of a document are shown; 0: 32,000.
	MaxAnswer int

	// Read reads the document at an address, or answers an error that is
	// [ErrNotFound] if there is none. DefineResource fills it in.
	Read func(ctx context.Context, uri string) (Document, error)
	// variables are those of the template. DefineResource fills them in.
	variables []argument
}

// Document is what a resource holds: a text, or bytes.
type Document struct {
	MediaType string
	Text      string
	Bytes     []byte // nil: it is a text
}

// ErrNotFound says that there is nothing at an address.
var ErrNotFound = errors.New("there is no such resource")

// DefineResource completes a declaration. In is a struct as for [Define] whose
// arguments are the template's variables, all of them texts or whole numbers; a
// method Place() string of In says where it reads. A mistake in the declaration
// panics.
func DefineResource[In any](r Resource, read func(ctx context.Context, in In) (Document, error)) Resource {
	arguments, err := argumentsOf(reflect.TypeFor[In]())
	if err == nil {
		err = r.check(arguments)
	}
	if err != nil {
		panic("tools: resource " + r.Name + ": " + err.Error())
	}
	template := parseTemplate(r.Template)
	r.variables = arguments
	r.Read = func(ctx context.Context, uri string) (Document, error) {
		values, err := template.match(uri)
		if err != nil {
			return Document{}, NotFound(err)
		}
		var in In
		if faults := decode(asJSON(values), arguments, &in); len(faults) > 0 {
			return Document{}, NotFound(&ArgumentError{Tool: shorten(uri), Faults: few(faults)})
		}
		if placed, is := any(in).(interface{ Place() string }); is {
			if call := gate.From(ctx); call != nil {
				call.Place = placed.Place()
			}
		}
		return read(ctx, in)
	}
	return r
}

// NewCall is a reading of the resource for the gate, until its variables are known.
func (r Resource) NewCall() *gate.Call {
	return &gate.Call{Tool: r.Tool, Access: Read, Strangers: true}
}

func (r Resource) check(arguments []argument) error {
	if err := checkNames(r.Name, r.Title, r.Description); err != nil {
		return err
	}
	names := namesIn(arguments)
	switch {
	case r.Tool == "":
		return errors.New("no tool that reads the same")
	case !slices.Equal(parseTemplate(r.Template).names(), names):
		return fmt.Errorf("the variables of %s are not %s", r.Template, strings.Join(names, ", "))
	}
	return checkCompletions(r.Completions, names)
}

// NotFound is an error with the same text that is [ErrNotFound] as well.
func NotFound(cause error) error {
	return Explain(errors.Join(ErrNotFound, cause), cause.Error())
}

// Masked is the resource with everything it says put through mask.
func (r Resource) Masked(mask func(string) string) Resource {
	read := r.Read
	r.Read = func(ctx context.Context, uri string) (Document, error) {
		document, err := read(ctx, uri)
		document.Text = mask(visible(document.Text))
		if document.Bytes != nil {
			document.Bytes = []byte(mask(string(document.Bytes)))
		}
		masked := maskedError(err, mask)
		if errors.Is(err, ErrNotFound) && !errors.Is(masked, ErrNotFound) {
			masked = NotFound(masked)
		}
		return document, masked
	}
	return r
}

// ReadDocument reads a document as the server does, without asking anybody to
// sign in. What it answers is as [Run] has it, and counts as what strangers wrote.
func ReadDocument(ctx context.Context, log *slog.Logger, r Resource, uri string) (document Document, err error) {
	call := gate.From(ctx)
	if call == nil {
		call = r.NewCall()
		ctx = gate.With(ctx, call)
	}
	defer func() { entryOf(ctx).ended(r.Tool, call, err) }()
	defer call.Answered()
	defer func() {
		if panicked := recover(); panicked != nil {
			log.Error("a resource panicked", "resource", r.Name, "with a value of type", fmt.Sprintf("%T", panicked))
			document, err = Document{}, errPanic
		}
	}()
	document, err = r.Read(ctx, uri)
	most := cmp.Or(r.MaxAnswer, maxAnswer)
	document.Text = cutTo(visible(document.Text), most, "the tool "+r.Tool+" reads the rest")
	if size := len(document.Bytes); err == nil && base64.StdEncoding.EncodedLen(size) > most {
		return Document{}, UserError("%s: %s, %d bytes, is too large to be shown", shorten(uri), cmp.Or(document.MediaType, "it"), size)
	}
	return document, fit(readable(err))
}
