package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// Whatever is sent, a call runs or says what is wrong with its arguments.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{
		`{"repo":"o/r","issue":1}`, `{"repo":"o/r","issue":"9223372036854775808","labels":["a",null]}`, `{"issue":1e999}`,
		`{"Repo":1,"state":{},"kinds":[[]],"draft":"TRUE","id":-0}`, `[]`, `"`, "\xff", ` null `, `{"repo":"\ud800"}`,
	} {
		f.Add(seed)
	}
	tool := tools.Define(declaration(), func(context.Context, everything) (string, error) { return "ran", nil })
	f.Fuzz(func(t *testing.T, arguments string) {
		answer, err := tool.Call(t.Context(), json.RawMessage(arguments))
		var fault *tools.ArgumentError
		switch {
		case err == nil && answer != "ran":
			t.Errorf("answer %q", answer)
		case err != nil && (!errors.As(err, &fault) || len(fault.Faults) == 0 || err.Error() == ""):
			t.Errorf("error %v", err)
		}
	})
}
