package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

// define declares a tool whose input is In and gives what Define panics with.
func define[In any](t tools.Tool) (message string) {
	defer func() {
		if value := recover(); value != nil {
			message = fmt.Sprint(value)
		}
	}()
	tools.Define(t, func(context.Context, In) (string, error) { return "", nil })
	return ""
}

// says checks what Define panicked with, by what it must say.
func says(t *testing.T, messages map[string]string) {
	t.Helper()
	for want, got := range messages {
		if !strings.HasPrefix(got, "tools: issues: ") || !strings.Contains(got, want) {
			t.Errorf("got %q, want it to say %q", got, want)
		}
	}
}

func TestDefineRefusesBadTags(t *testing.T) {
	t.Parallel()
	d := declaration()
	says(t, map[string]string{
		"not a struct": define[int](d),
		"no json name": define[struct{ A int }](d),
		"not exported": define[struct{ a int }](d),
		`json option "string"`: define[struct {
			A int `json:"a,string"`
		}](d),
		"type float64 can't": define[struct {
			A float64 `json:"a"`
		}](d),
		"type []int can't": define[struct {
			A []int `json:"a"`
		}](d),
		"type *int can't": define[struct {
			A *int `json:"a"`
		}](d),
		`a second argument "page"`: define[struct {
			paging
			B int `json:"page"`
		}](d),
		"enum is for strings": define[struct {
			A int `json:"a" enum:"1,2"`
		}](d),
		"minimum is for whole numbers": define[struct {
			A string `json:"a" minimum:"1"`
		}](d),
		`maximum "x" is not`: define[struct {
			A int `json:"a" maximum:"x"`
		}](d),
	})
}

func TestDefineRefusesBadDefaults(t *testing.T) {
	t.Parallel()
	d := declaration()
	says(t, map[string]string{
		"no use for a default": define[struct {
			A int `json:"a" default:"1"`
		}](d),
		"a list can't have a default": define[struct {
			A []string `json:"a,omitempty" default:"x"`
		}](d),
		"default: 'a' must be a whole": define[struct {
			A int `json:"a,omitempty" default:"x"`
		}](d),
		"default: 'a' must be 1 or more": define[struct {
			A int `json:"a,omitempty" default:"0" minimum:"1"`
		}](d),
		"default: 'a' must be 9 or less": define[struct {
			A int `json:"a,omitempty" default:"10" maximum:"9"`
		}](d),
		"default: 'a' must be one of b, c": define[struct {
			A string `json:"a,omitempty" default:"x" enum:"b,c"`
		}](d),
		"default: 'a' must be true or": define[struct {
			A bool `json:"a,omitempty" default:"1"`
		}](d),
	})
}

func TestDefineRefusesBadDeclarations(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*tools.Tool){
		"a name is made of":  func(d *tools.Tool) { d.Name = "Git-Hub" },
		"at most 40":         func(d *tools.Tool) { d.Name = strings.Repeat("a", 41) },
		"no title":           func(d *tools.Tool) { d.Title = " " },
		"no description":     func(d *tools.Tool) { d.Description = "" },
		`access class "all"`: func(d *tools.Tool) { d.Access = "all" },
	} {
		d := declaration()
		change(&d)
		if got := define[struct{}](d); !strings.Contains(got, want) {
			t.Errorf("got %q, want it to say %q", got, want)
		}
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "no function to call") {
			t.Errorf("got %q", got)
		}
	}()
	tools.Define[struct{}](declaration(), nil)
}

// TestDefineRefusesActionsWithoutClass: a class for each action, and for nothing
// else.
func TestDefineRefusesActionsWithoutClass(t *testing.T) {
	t.Parallel()
	type acting struct {
		Action string `json:"action" enum:"add,remove"`
	}
	for want, actions := range map[string]map[string]policy.Access{
		"":                              {"add": tools.Write, "remove": tools.Destructive},
		`actions are ["add" "remove"]`:  nil,
		`classes for ["add"]`:           {"add": tools.Destructive},
		`["add" "remoev" "remove"]`:     {"add": tools.Write, "remove": tools.Destructive, "remoev": tools.Write},
		`"all" of action remove`:        {"add": tools.Write, "remove": "all"},
		"is destructive, and the worst": {"add": tools.Write, "remove": tools.Write},
	} {
		d := declaration()
		d.Access, d.Actions = tools.Destructive, actions
		got := define[acting](d)
		if !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%v: got %q, want it to say %q", actions, got, want)
		}
	}
	d := declaration()
	d.Access = tools.Write
	if got := define[acting](d); got != "" {
		t.Error(got)
	}
	d.Actions = map[string]policy.Access{"add": tools.Write}
	if got := define[struct{}](d); !strings.Contains(got, `actions are [], and there are classes for ["add"]`) {
		t.Error(got)
	}
}
