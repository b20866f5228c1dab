package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type paging struct {
	Page int `json:"page,omitempty" default:"1" minimum:"1"`
}

type everything struct {
	Repo   string   `json:"repo" doc:"owner/name"`
	Issue  int      `json:"issue" minimum:"1"`
	State  string   `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Count  int      `json:"count,omitempty" minimum:"1" maximum:"100" default:"30"`
	Labels []string `json:"labels,omitempty"`
	Kinds  []string `json:"kinds,omitempty" enum:"bug,feature"`
	Draft  bool     `json:"draft,omitempty" default:"true"`
	Locked *bool    `json:"locked,omitempty"`
	Body   *string  `json:"body,omitempty" doc:"Markdown"`
	ID     int64    `json:"id,omitempty"`
	paging
}

func declaration() tools.Tool {
	return tools.Tool{Name: "issues", Title: "Issues", Description: "Lists issues.", Access: tools.Read, OpenWorld: true}
}

// call runs a tool made from everything and gives what the handler was given.
func call(t *testing.T, arguments string) (everything, error) {
	t.Helper()
	var got everything
	ran := false
	tool := tools.Define(declaration(), func(_ context.Context, in everything) (string, error) {
		got, ran = in, true
		return "", nil
	})
	_, err := tool.Call(t.Context(), json.RawMessage(arguments))
	if ran != (err == nil) {
		t.Fatalf("ran %v with error %v", ran, err)
	}
	return got, err
}

func TestSchema(t *testing.T) {
	t.Parallel()
	tool := tools.Define(declaration(), func(context.Context, everything) (string, error) { return "", nil })
	want := `{"type":"object","properties":{` +
		`"repo":{"type":"string","description":"owner/name"},` +
		`"issue":{"type":"integer","minimum":1},` +
		`"state":{"type":"string","default":"open","enum":["open","closed","all"]},` +
		`"count":{"type":"integer","default":30,"minimum":1,"maximum":100},` +
		`"labels":{"type":"array","items":{"type":"string"}},` +
		`"kinds":{"type":"array","items":{"type":"string","enum":["bug","feature"]}},` +
		`"draft":{"type":"boolean","default":true},` +
		`"locked":{"type":"boolean"},` +
		`"body":{"type":"string","description":"Markdown"},` +
		`"id":{"type":"integer"},` +
		`"page":{"type":"integer","default":1,"minimum":1}},` +
		`"required":["repo","issue"],"additionalProperties":false}`
	if got := string(tool.Schema); got != want {
		t.Errorf("schema\n got %s\nwant %s", got, want)
	}
	empty := tools.Define(declaration(), func(context.Context, struct{}) (string, error) { return "", nil })
	if got := string(empty.Schema); got != `{"type":"object","properties":{},"additionalProperties":false}` {
		t.Errorf("schema without arguments: %s", got)
	}
}

func TestDefaultsAndPresence(t *testing.T) {
	t.Parallel()
	got, err := call(t, `{"repo":"o/r","issue":1,"state":null,"body":null}`)
	want := everything{Repo: "o/r", Issue: 1, State: "open", Count: 30, Draft: true, paging: paging{Page: 1}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = call(t, `{"repo":"o/r","issue":1,"body":"","locked":false,"labels":[],"page":7,"draft":false}`)
	if err != nil {
		t.Fatal(err)
	}
	if got.Body == nil || *got.Body != "" || got.Locked == nil || *got.Locked || got.Labels == nil || got.Page != 7 || got.Draft {
		t.Errorf("empty values must differ from absent ones: %+v", got)
	}
}

func TestIntegers(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]int64{
		`9223372036854775807`: 9223372036854775807, `-9223372036854775808`: -9223372036854775808,
		`9007199254740993`: 9007199254740993, `"9007199254740993"`: 9007199254740993,
		`"12"`: 12, `" 12 "`: 12, `12.0`: 12, `1e3`: 1000, `0`: 0,
	} {
		got, err := call(t, `{"repo":"o/r","issue":1,"id":`+literal+`}`)
		if err != nil || got.ID != want {
			t.Errorf("%s: got %d, %v, want %d", literal, got.ID, err, want)
		}
	}
	got, err := call(t, `{"repo":"o/r","issue":"12","draft":"False","locked":"true"}`)
	if err != nil || got.Issue != 12 || got.Draft || got.Locked == nil || !*got.Locked {
		t.Errorf("numbers and booleans in strings: %+v, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const valid = `"repo":"o/r","issue":1`
	allowed := "; allowed: repo, issue, state, count, labels, kinds, draft, locked, body, id, page"
	for arguments, want := range map[string]string{
		`{` + valid + `,"repos":"o"}`:                         `issues: unknown argument "repos"; did you mean "repo"?` + allowed,
		`{` + valid + `,"Sate":"open"}`:                       `issues: unknown argument "Sate"; did you mean "state"?` + allowed,
		`{` + valid + `,"issue_number":4}`:                    `issues: unknown argument "issue_number"; did you mean "issue"?` + allowed,
		`{` + valid + `,"zzzzzz":4}`:                          `issues: unknown argument "zzzzzz"` + allowed,
		`{"issue":1}`:                                         `issues: missing 'repo' (owner/name)`,
		`{"repo":"o/r"}`:                                      `issues: missing 'issue'`,
		`{"repo":" ","issue":1}`:                              `issues: 'repo' must not be empty`,
		`{"repo":"o/r","issue":null}`:                         `issues: missing 'issue'`,
		`{"repo":"o/r","issue":"abc"}`:                        `issues: 'issue' must be a whole number, got "abc"`,
		`{"repo":"o/r","issue":1.5}`:                          `issues: 'issue' must be a whole number, got 1.5`,
		`{"repo":"o/r","issue":true}`:                         `issues: 'issue' must be a whole number, got true`,
		`{"repo":"o/r","issue":[1]}`:                          `issues: 'issue' must be a whole number, got a list`,
		`{"repo":"o/r","issue":"0x10"}`:                       `issues: 'issue' must be a whole number, got "0x10"`,
		`{"repo":"o/r","issue":0}`:                            `issues: 'issue' must be 1 or more, got 0`,
		`{` + valid + `,"count":101}`:                         `issues: 'count' must be from 1 to 100, got 101`,
		`{` + valid + `,"id":9223372036854775808}`:            `issues: 'id' is out of range: 9223372036854775808`,
		`{` + valid + `,"id":1e400}`:                          `issues: 'id' is out of range: 1e400`,
		`{"repo":7,"issue":1}`:                                `issues: 'repo' must be a string, got 7`,
		`{` + valid + `,"body":{}}`:                           `issues: 'body' must be a string, got an object`,
		`{` + valid + `,"state":"opened"}`:                    `issues: 'state' must be one of open, closed, all; got "opened"; did you mean "open"?`,
		`{` + valid + `,"state":"xyzzy"}`:                     `issues: 'state' must be one of open, closed, all; got "xyzzy"`,
		`{` + valid + `,"labels":"bug"}`:                      `issues: 'labels' must be a list of strings like ["a","b"], got "bug"`,
		`{` + valid + `,"labels":["a",5]}`:                    `issues: 'labels' must be a list of strings; item 2 is 5`,
		`{` + valid + `,"labels":["a",null]}`:                 `issues: 'labels' must be a list of strings; item 2 is null`,
		`{` + valid + `,"kinds":["bgu"]}`:                     `issues: 'kinds' must be one of bug, feature; got "bgu"; did you mean "bug"?`,
		`{` + valid + `,"draft":"yes"}`:                       `issues: 'draft' must be true or false, got "yes"`,
		`[1]`:                                                 `issues: arguments must be a JSON object, got a list`,
		`"{}"`:                                                `issues: arguments must be a JSON object, got "{}"`,
		`{"repo"`:                                             `issues: arguments must be a JSON object; this is not JSON`,
		`{"repoo":1,"issue":"x","state":"opne"}`:              "issues: 4 faults in the arguments\n- unknown argument \"repoo\"; did you mean \"repo\"?" + allowed + "\n- missing 'repo' (owner/name)\n- 'issue' must be a whole number, got \"x\"\n- 'state' must be one of open, closed, all; got \"opne\"; did you mean \"open\"?",
		`{"repo":7` + strings.Repeat("0", 70) + `,"issue":1}`: `issues: 'repo' must be a string, got 7` + strings.Repeat("0", 59) + "…",
	} {
		_, err := call(t, arguments)
		var fault *tools.ArgumentError
		if !errors.As(err, &fault) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", arguments, err, want)
		}
	}
}

func TestNoArguments(t *testing.T) {
	t.Parallel()
	tool := tools.Define(declaration(), func(context.Context, struct{}) (string, error) { return "ran", nil })
	for _, arguments := range []string{``, `null`, `{}`, ` {} `} {
		if got, err := tool.Call(t.Context(), json.RawMessage(arguments)); got != "ran" || err != nil {
			t.Errorf("%q: got %q, %v", arguments, got, err)
		}
	}
	_, err := tool.Call(t.Context(), json.RawMessage(`{"a":1}`))
	if want := `issues: unknown argument "a"; this tool takes none`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The schema a model sees and the decoder must agree, except where the decoder
// is kinder on purpose (strings for numbers).
func TestSchemaAgreesWithDecoder(t *testing.T) {
	t.Parallel()
	tool := tools.Define(declaration(), func(context.Context, everything) (string, error) { return "", nil })
	var schema jsonschema.Schema
	if err := json.Unmarshal(tool.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, arguments := range []string{
		`{"repo":"o/r","issue":1}`, `{"repo":"o/r","issue":0}`, `{"repo":"o/r"}`, `{"repo":1,"issue":1}`,
		`{"repo":"o/r","issue":1,"state":"all"}`, `{"repo":"o/r","issue":1,"state":"none"}`,
		`{"repo":"o/r","issue":1,"labels":["x"]}`, `{"repo":"o/r","issue":1,"labels":[1]}`,
		`{"repo":"o/r","issue":1,"kinds":["bug"]}`, `{"repo":"o/r","issue":1,"kinds":["x"]}`,
		`{"repo":"o/r","issue":1,"count":100}`, `{"repo":"o/r","issue":1,"count":101}`,
		`{"repo":"o/r","issue":1,"extra":1}`, `{"repo":"o/r","issue":1.5}`, `{"repo":"o/r","issue":2.0}`,
		`{"repo":"o/r","issue":1,"draft":true,"locked":false,"body":"","id":9,"page":2}`, `[]`,
	} {
		var value any
		if err := json.Unmarshal([]byte(arguments), &value); err != nil {
			t.Fatal(err)
		}
		bySchema := resolved.Validate(value)
		_, byDecoder := tool.Call(t.Context(), json.RawMessage(arguments))
		if (bySchema == nil) != (byDecoder == nil) {
			t.Errorf("%s: schema says %v, decoder says %v", arguments, bySchema, byDecoder)
		}
	}
}

type checked struct {
	Repo string `json:"repo"`
	Page int    `json:"page,omitempty"`
}

func (c *checked) Check() []string {
	if strings.Contains(c.Repo, "/") {
		return nil
	}
	return []string{`'repo' must be "owner/name"`}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tool := tools.Define(declaration(), func(_ context.Context, in checked) (string, error) { return in.Repo, nil })
	if got, err := tool.Call(t.Context(), json.RawMessage(`{"repo":"o/r"}`)); got != "o/r" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for arguments, want := range map[string][]string{
		`{"repo":"r"}`:             {`'repo' must be "owner/name"`},
		`{"repo":"r","owner":"o"}`: {`unknown argument "owner"; allowed: repo, page`, `'repo' must be "owner/name"`},
		`{"repo":"r","page":"x"}`:  {`'page' must be a whole number, got "x"`},
		`{}`:                       {`missing 'repo'`},
	} {
		_, err := tool.Call(t.Context(), json.RawMessage(arguments))
		var fault *tools.ArgumentError
		if !errors.As(err, &fault) || !reflect.DeepEqual(fault.Faults, want) {
			t.Errorf("%s: got %v, want %q", arguments, err, want)
		}
	}
}

// TestObjects: what models send for nothing is nothing.
func TestObjects(t *testing.T) {
	t.Parallel()
	type withObject struct {
		Inputs json.RawMessage `json:"inputs,omitempty"`
	}
	tool := tools.Define(declaration(), func(_ context.Context, in withObject) (string, error) { return string(in.Inputs), nil })
	for given, want := range map[string]string{`""`: "", `"  "`: "", `{"a":1}`: `{"a":1}`, `"{\"a\":1}"`: `{"a":1}`} {
		if got, err := tool.Call(t.Context(), json.RawMessage(`{"inputs":`+given+`}`)); got != want || err != nil {
			t.Errorf("%s: %q, %v", given, got, err)
		}
	}
	for _, given := range []string{`"x"`, `[]`, `5`, `"[]"`, `"{"`} {
		if _, err := tool.Call(t.Context(), json.RawMessage(`{"inputs":`+given+`}`)); err == nil || !strings.Contains(err.Error(), "'inputs' must be a JSON object") {
			t.Errorf("%s: %v", given, err)
		}
	}
}

// TestAnyValue: a value arrives as it was sent, and its schema lets it through.
func TestAnyValue(t *testing.T) {
	t.Parallel()
	type withValue struct {
		Body tools.JSON `json:"body,omitempty"`
	}
	tool := tools.Define(declaration(), func(_ context.Context, in withValue) (string, error) { return string(in.Body), nil })
	for given, want := range map[string]string{
		`{"a":[1]}`: `{"a":[1]}`, `[{"op":"add"}, 2]`: `[{"op":"add"}, 2]`, `"[1]"`: `[1]`, `"{\"a\":1}"`: `{"a":1}`,
		`5`: `5`, `false`: `false`, `"x"`: `"x"`, `"{"`: `"{"`, `"5"`: `"5"`, `""`: "", `" "`: "", `null`: "",
	} {
		if got, err := tool.Call(t.Context(), json.RawMessage(`{"body":`+given+`}`)); got != want || err != nil {
			t.Errorf("%s: %q, %v", given, got, err)
		}
	}
	var declared struct {
		Properties map[string]map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(tool.Schema, &declared); err != nil || declared.Properties["body"] == nil || len(declared.Properties["body"]) != 0 {
		t.Errorf("%s: %v", tool.Schema, err)
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	for access, want := range map[policy.Access]tools.Hints{
		tools.Read:        {ReadOnly: true, Idempotent: true},
		tools.Write:       {},
		tools.Destructive: {Destructive: true},
		tools.Admin:       {Destructive: true},
	} {
		if got := (tools.Tool{Access: access}).Hints(); got != want {
			t.Errorf("%s: got %+v, want %+v", access, got, want)
		}
	}
	got := tools.Tool{Access: tools.Write, Idempotent: true, OpenWorld: true}.Hints()
	if want := (tools.Hints{Idempotent: true, OpenWorld: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestUserError(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	if err := tools.UserError("github: %w; try again", cause); err.Error() != "github: cause; try again" || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := tools.Explain(cause, "no answer"); err.Error() != "no answer" || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}
