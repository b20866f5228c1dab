package tools_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// TestUsage: what is missing and what is too much is named, with what may be sent.
func TestUsage(t *testing.T) {
	t.Parallel()
	u := tools.Usage{Needs: []string{"id"}, Also: []string{"zone"}, OneOf: []string{"title", "start"}}
	for given, want := range map[string]string{
		"id title":      "",
		"id zone start": "",
		"title":         "action update needs 'id'",
		"id":            "action update needs at least one of title, start",
		"id zone":       "action update needs at least one of title, start",
		"id title page": "action update does not use 'page'; it uses id, zone, title, start",
	} {
		if got := strings.Join(u.Faults("action update", strings.Fields(given)), "\n"); got != want {
			t.Errorf("%s: %q, want %q", given, got, want)
		}
	}
	if got := (tools.Usage{}).Faults("part all", []string{"x"}); len(got) != 1 || got[0] != "part all does not use 'x'; it uses none" {
		t.Errorf("%q", got)
	}
}

// TestGiven: an empty text or list that was sent is there where the type can tell.
func TestGiven(t *testing.T) {
	t.Parallel()
	type inner struct {
		Zone string `json:"zone,omitempty"`
	}
	type input struct {
		Action string `json:"action"`
		inner
		Title *string         `json:"title,omitempty"`
		List  []string        `json:"list,omitempty"`
		Flag  *bool           `json:"flag,omitempty"`
		On    bool            `json:"on,omitempty"`
		Most  int             `json:"most,omitempty"`
		Any   json.RawMessage `json:"any,omitempty"`
	}
	empty, no := "", false
	all := input{"x", inner{"UTC"}, &empty, []string{}, &no, true, 1, json.RawMessage("{}")}
	if got := tools.Given(all, "action"); !slices.Equal(got, []string{"zone", "title", "list", "flag", "on", "most", "any"}) {
		t.Error(got)
	}
	if got := tools.Given(input{Action: "x"}); !slices.Equal(got, []string{"action"}) {
		t.Error(got)
	}
}
