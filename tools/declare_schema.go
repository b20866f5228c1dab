package tools

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// argument is one field of an input struct, as its tags declare it.
type argument struct {
	name     string
	doc      string
	index    []int // for reflect.Value.FieldByIndex
	kind     kind
	required bool
	enum     []string
	minimum  *int64
	maximum  *int64
	fallback json.RawMessage // the default as JSON; nil when there is none
	fields   []argument      // of each item of a list of objects
}

// kind is what an argument may hold, whatever Go type receives it.
type kind string

const (
	text     kind = "string"
	integer  kind = "integer"
	boolean  kind = "boolean"
	list     kind = "array"  // of strings
	anything kind = "object" // an object, as it was sent
	objects  kind = "objects"
	value    kind = "" // any JSON, for which a schema has no type
)

// JSON is any JSON value but null, as it was sent.
type JSON json.RawMessage

// kindOf tells how a field is read; ok is false when its type isn't supported.
func kindOf(t reflect.Type) (k kind, ok bool) {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return anything, true
	case reflect.TypeFor[JSON]():
		return value, true
	}
	if t.Kind() == reflect.Pointer {
		switch t.Elem().Kind() {
		case reflect.String:
			return text, true
		case reflect.Bool:
			return boolean, true
		}
		return "", false
	}
	switch t.Kind() {
	case reflect.String:
		return text, true
	case reflect.Int, reflect.Int64:
		return integer, true
	case reflect.Bool:
		return boolean, true
	case reflect.Slice:
		switch t.Elem().Kind() {
		case reflect.String:
			return list, true
		case reflect.Struct:
			return objects, true
		}
	}
	return "", false
}

// argumentsOf reads the declaration of an input struct, in the order written.
func argumentsOf(t reflect.Type) ([]argument, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("the input is %s, not a struct", t)
	}
	var arguments []argument
	for _, field := range reflect.VisibleFields(t) {
		if field.Anonymous && field.Type.Kind() == reflect.Struct {
			continue
		}
		a, err := argumentOf(field)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", field.Name, err)
		}
		if slices.ContainsFunc(arguments, func(b argument) bool { return a.name == b.name }) {
			return nil, fmt.Errorf("field %s: a second argument %q", field.Name, a.name)
		}
		arguments = append(arguments, a)
	}
	return arguments, nil
}

func argumentOf(field reflect.StructField) (argument, error) {
	name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
	fits, known := kindOf(field.Type)
	a := argument{
		name:     name,
		doc:      field.Tag.Get("doc"),
		index:    field.Index,
		kind:     fits,
		required: option != "omitempty",
	}
	switch {
	case !field.IsExported():
		return a, errors.New("not exported")
	case name == "" || name == "-":
		return a, errors.New("no json name")
	case option != "" && option != "omitempty":
		return a, fmt.Errorf("json option %q", option)
	case !known:
		return a, fmt.Errorf("type %s can't be an argument", field.Type)
	}
	if a.kind == objects {
		var err error
		if a.fields, err = argumentsOf(field.Type.Elem()); err != nil {
			return a, err
		}
	}
	return a, a.constrain(field)
}

// constrain reads the tags that limit or supply a value.
func (a *argument) constrain(field reflect.StructField) error {
	if enum, ok := field.Tag.Lookup("enum"); ok {
		if a.kind != text && a.kind != list {
			return errors.New("enum is for strings")
		}
		a.enum = strings.Split(enum, ",")
	}
	var err error
	if a.minimum, err = a.bound(field, "minimum"); err != nil {
		return err
	}
	if a.maximum, err = a.bound(field, "maximum"); err != nil {
		return err
	}
	return a.setDefault(field)
}

func (a *argument) bound(field reflect.StructField, tag string) (*int64, error) {
	literal, ok := field.Tag.Lookup(tag)
	if !ok {
		return nil, nil
	}
	if a.kind != integer {
		return nil, errors.New(tag + " is for whole numbers")
	}
	n, err := strconv.ParseInt(literal, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s %q is not a whole number", tag, literal)
	}
	return &n, nil
}

// setDefault reads the default tag and tries it as if it had been sent.
func (a *argument) setDefault(field reflect.StructField) error {
	literal, ok := field.Tag.Lookup("default")
	if !ok {
		return nil
	}
	if a.required {
		return errors.New("a required argument has no use for a default")
	}
	switch a.kind {
	case text:
		a.fallback = quote(literal)
	case integer, boolean:
		a.fallback = json.RawMessage(literal)
	default:
		return errors.New("a list can't have a default")
	}
	if fault := a.set(reflect.New(field.Type).Elem(), a.fallback); fault != "" {
		return errors.New("default: " + fault)
	}
	return nil
}

// schema is JSON Schema as far as arguments need it.
type schema struct {
	Type                 string          `json:"type,omitempty"`
	Items                *schema         `json:"items,omitempty"`
	Description          string          `json:"description,omitempty"`
	Default              json.RawMessage `json:"default,omitempty"`
	Enum                 []string        `json:"enum,omitempty"`
	Minimum              *int64          `json:"minimum,omitempty"`
	Maximum              *int64          `json:"maximum,omitempty"`
	Properties           properties      `json:"properties,omitzero"`
	Required             []string        `json:"required,omitempty"`
	AdditionalProperties *bool           `json:"additionalProperties,omitempty"`
}

// properties are written in the order of the declaration.
type properties []argument

// MarshalJSON implements [json.Marshaler].
func (p properties) MarshalJSON() ([]byte, error) {
	object := []byte("{")
	for i, a := range p {
		value, err := json.Marshal(a.schema())
		if err != nil {
			return nil, err
		}
		if i > 0 {
			object = append(object, ',')
		}
		object = append(append(append(object, quote(a.name)...), ':'), value...)
	}
	return append(object, '}'), nil
}

// schemaOf renders the arguments as an object schema.
func schemaOf(arguments []argument) json.RawMessage {
	raw, err := json.Marshal(objectOf(arguments))
	if err != nil {
		panic("tools: " + err.Error())
	}
	return raw
}

func objectOf(arguments []argument) *schema {
	o := &schema{Type: "object", Properties: properties(arguments), AdditionalProperties: new(bool)}
	if o.Properties == nil {
		o.Properties = properties{}
	}
	for _, a := range arguments {
		if a.required {
			o.Required = append(o.Required, a.name)
		}
	}
	return o
}

func (a argument) schema() *schema {
	s := &schema{Type: string(a.kind), Description: a.doc, Default: a.fallback, Minimum: a.minimum, Maximum: a.maximum}
	switch {
	case a.kind == objects:
		s.Type, s.Items = string(list), objectOf(a.fields)
	case a.kind == list:
		s.Items = &schema{Type: string(text), Enum: a.enum}
	default:
		s.Enum = a.enum
	}
	return s
}
