package tools

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode reads raw into the struct that in points to and returns every fault
// it finds, in the order of the declaration, unknown arguments first.
func decode(raw json.RawMessage, arguments []argument, in any) []string {
	given, fault := object(raw)
	if fault != "" {
		return []string{fault}
	}
	faults := unknown(given, arguments)
	complete := true
	for _, a := range arguments {
		field := reflect.ValueOf(in).Elem().FieldByIndex(a.index)
		if fault := a.read(field, given[a.name]); fault != "" {
			faults = append(faults, fault)
			complete = false
		}
	}
	if checker, ok := in.(interface{ Check() []string }); ok && complete {
		faults = append(faults, checker.Check()...)
	}
	return faults
}

func object(raw json.RawMessage) (map[string]json.RawMessage, string) {
	if absent(raw) {
		return nil, ""
	}
	var given map[string]json.RawMessage
	if !json.Valid(raw) {
		return nil, "arguments must be a JSON object; this is not JSON"
	}
	if json.Unmarshal(raw, &given) != nil {
		return nil, "arguments must be a JSON object, got " + describe(raw)
	}
	return given, ""
}

func unknown(given map[string]json.RawMessage, arguments []argument) []string {
	allowed := make([]string, len(arguments))
	for i, a := range arguments {
		allowed[i] = a.name
	}
	var faults []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(allowed, name) {
			continue
		}
		fault := "unknown argument " + strconv.Quote(shorten(name)) + meant(name, allowed)
		if len(allowed) == 0 {
			fault += "; this tool takes none"
		} else {
			fault += "; allowed: " + strings.Join(allowed, ", ")
		}
		faults = append(faults, fault)
	}
	return faults
}

// read sets the field from what was sent, or from the default.
func (a argument) read(field reflect.Value, raw json.RawMessage) string {
	if absent(raw) {
		raw = a.fallback
	}
	switch {
	case raw != nil:
		return a.set(field, raw)
	case !a.required:
		return ""
	case a.enum != nil:
		return fmt.Sprintf("missing '%s': one of %s", a.name, strings.Join(a.enum, ", "))
	case a.doc != "":
		return fmt.Sprintf("missing '%s' (%s)", a.name, a.doc)
	}
	return fmt.Sprintf("missing '%s'", a.name)
}

func absent(raw json.RawMessage) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) == 0 || string(trimmed) == "null"
}

// set stores one value that is there, or says what is wrong with it.
func (a argument) set(field reflect.Value, raw json.RawMessage) string {
	if field.Kind() == reflect.Pointer {
		pointer := reflect.New(field.Type().Elem())
		fault := a.set(pointer.Elem(), raw)
		if fault == "" {
			field.Set(pointer)
		}
		return fault
	}
	switch a.kind {
	case text:
		return a.setText(field, raw)
	case integer:
		return a.setInteger(field, raw)
	case boolean:
		return a.setBoolean(field, raw)
	case anything:
		return a.setObject(field, raw)
	case objects:
		return a.setObjects(field, raw)
	case value:
		return a.setValue(field, raw)
	}
	return a.setList(field, raw)
}

func (a argument) setText(field reflect.Value, raw json.RawMessage) string {
	value, ok := stringIn(raw)
	if !ok {
		return fmt.Sprintf("'%s' must be a string, got %s", a.name, describe(raw))
	}
	if a.required && strings.TrimSpace(value) == "" {
		return fmt.Sprintf("'%s' must not be empty", a.name)
	}
	if fault := a.admit(value); fault != "" {
		return fault
	}
	field.SetString(value)
	return ""
}

func (a argument) setList(field reflect.Value, raw json.RawMessage) string {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return fmt.Sprintf(`'%s' must be a list of strings like ["a","b"], got %s`, a.name, describe(raw))
	}
	values := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		value, ok := stringIn(item)
		if !ok {
			return fmt.Sprintf("'%s' must be a list of strings; item %d is %s", a.name, i+1, describe(item))
		}
		if fault := a.admit(value); fault != "" {
			return fault
		}
		values.Index(i).SetString(value)
	}
	field.Set(values)
	return ""
}

// setObject keeps an object as it was sent. Some models send one as text.
func (a argument) setObject(field reflect.Value, raw json.RawMessage) string {
	object := raw
	if sent, ok := stringIn(raw); ok {
		object = json.RawMessage(sent)
	}
	object = bytes.TrimSpace(object)
	if len(object) == 0 && !a.required {
		return ""
	}
	if !json.Valid(object) || object[0] != '{' {
		return fmt.Sprintf("'%s' must be a JSON object, got %s", a.name, describe(raw))
	}
	field.SetBytes(object)
	return ""
}

// setValue keeps a value as it was sent. Some models send an object or a list as
// text.
func (a argument) setValue(field reflect.Value, raw json.RawMessage) string {
	sent, isText := stringIn(raw)
	inside := bytes.TrimSpace([]byte(sent))
	switch {
	case isText && len(inside) == 0 && !a.required:
		return ""
	case isText && json.Valid(inside) && strings.ContainsRune("{[", rune(inside[0])):
		raw = inside
	}
	field.SetBytes(bytes.TrimSpace(raw))
	return ""
}

func (a argument) setObjects(field reflect.Value, raw json.RawMessage) string {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return fmt.Sprintf("'%s' must be a list of objects, got %s", a.name, describe(raw))
	}
	values := reflect.MakeSlice(field.Type(), len(items), len(items))
	for i, item := range items {
		if faults := decode(item, a.fields, values.Index(i).Addr().Interface()); len(faults) > 0 {
			return fmt.Sprintf("'%s', item %d: %s", a.name, i+1, strings.Join(few(faults), "; "))
		}
	}
	field.Set(values)
	return ""
}

func (a argument) admit(value string) string {
	if a.enum == nil || slices.Contains(a.enum, value) {
		return ""
	}
	return fmt.Sprintf("'%s' must be one of %s; got %s%s",
		a.name, strings.Join(a.enum, ", "), strconv.Quote(shorten(value)), meant(value, a.enum))
}

func (a argument) setInteger(field reflect.Value, raw json.RawMessage) string {
	literal := string(raw)
	if value, ok := stringIn(raw); ok {
		literal = strings.TrimSpace(value)
	}
	n, err := wholeNumber(literal)
	switch {
	case errors.Is(err, errNotWhole):
		return fmt.Sprintf("'%s' must be a whole number, got %s", a.name, describe(raw))
	case err != nil || field.OverflowInt(n):
		return fmt.Sprintf("'%s' is out of range: %s", a.name, shorten(literal))
	case a.minimum != nil && n < *a.minimum || a.maximum != nil && n > *a.maximum:
		return fmt.Sprintf("'%s' must be %s, got %d", a.name, a.span(), n)
	}
	field.SetInt(n)
	return ""
}

// span words the range for a fault.
func (a argument) span() string {
	switch {
	case a.maximum == nil:
		return fmt.Sprintf("%d or more", *a.minimum)
	case a.minimum == nil:
		return fmt.Sprintf("%d or less", *a.maximum)
	}
	return fmt.Sprintf("from %d to %d", *a.minimum, *a.maximum)
}

var (
	errNotWhole = errors.New("not a whole number")
	errTooLarge = errors.New("beyond 64 bits")
)

// wholeNumber reads a JSON number exactly where int64 can hold it. 12.0 and
// 1e3 are whole numbers too; those go by float64 and so only up to 2^53.
func wholeNumber(literal string) (int64, error) {
	n, err := strconv.ParseInt(literal, 10, 64)
	if err == nil {
		return n, nil
	}
	if !json.Valid([]byte(literal)) {
		return 0, errNotWhole
	}
	f, err := strconv.ParseFloat(literal, 64)
	switch {
	case math.IsInf(f, 0) || math.Abs(f) > 1<<53:
		return 0, errTooLarge
	case err != nil || f != math.Trunc(f):
		return 0, errNotWhole
	}
	return int64(f), nil
}

func (a argument) setBoolean(field reflect.Value, raw json.RawMessage) string {
	literal := string(raw)
	if value, ok := stringIn(raw); ok {
		literal = strings.ToLower(value)
	}
	if literal != "true" && literal != "false" {
		return fmt.Sprintf("'%s' must be true or false, got %s", a.name, describe(raw))
	}
	field.SetBool(literal == "true")
	return ""
}

func stringIn(raw json.RawMessage) (string, bool) {
	var value *string
	err := json.Unmarshal(raw, &value)
	if err != nil || value == nil {
		return "", false
	}
	return *value, true
}
