package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
)

type acting struct {
	Repo   string `json:"repo"`
	Action string `json:"action" enum:"create,update,delete,grant"`
}

// practiceOffer is that of a service with a tool of each kind.
func practiceOffer() tools.Offer {
	reading := tools.Tool{Name: "acme_widgets", Title: "Widgets", Description: "Reads.", Access: tools.Read, Toolset: "widgets", Scopes: []string{"read"}}
	writing := tools.Tool{Name: "acme_widget_write", Title: "Write", Description: "Writes.", Access: tools.Admin, Toolset: "widgets", Scopes: []string{"write"},
		Actions: map[string]policy.Access{"create": tools.Write, "update": tools.Write, "delete": tools.Destructive, "grant": tools.Admin}}
	raw := tools.Tool{Name: "acme_api_write", Title: "API", Description: "Writes.", Access: tools.Admin, Toolset: "api", Scopes: []string{"all"}}
	entry := tools.Tool{Name: "acme_calendar_entry_write", Title: "Entry", Description: "Writes.", Access: tools.Write, Toolset: "calendar"}
	did := func(_ context.Context, in acting) (string, error) { return in.Action, nil }
	return tools.Offer{
		Tools:        []tools.Tool{tools.Define(reading, nothingDone), tools.Define(writing, did), tools.Define(raw, nothingDone), tools.Define(entry, nothingDone)},
		Instructions: []tools.Instruction{{Text: "both", Tools: []string{"acme_widgets", "acme_widget_write"}}, {Text: "one", Tools: []string{"acme_widgets"}}},
	}
}

func nothingDone(context.Context, struct{}) (string, error) { return "", nil }

func underGrant(t *testing.T, grant string) tools.Offer {
	t.Helper()
	layer, err := policy.GrantLayer("VALET_GRANT", grant)
	if err != nil {
		t.Fatal(err)
	}
	return practiceOffer().Under("acme", policy.Policy{layer})
}

func namesOfTools(offer tools.Offer) string {
	var names []string
	for _, tool := range offer.Tools {
		names = append(names, strings.TrimPrefix(tool.Name, "acme_"))
	}
	return strings.Join(names, " ")
}

// TestUnderNames: a resource goes by its toolset and its tool, one or several.
func TestUnderNames(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]string{
		"acme:widgets:*":              "widgets widget_write",
		"acme:widget:*":               "widgets widget_write",
		"acme:widget_write:*":         "widget_write",
		"acme:widgets:read":           "widgets",
		"acme:*:write":                "widget_write calendar_entry_write",
		"acme:entry:*":                "calendar_entry_write",
		"acme:entries:write":          "calendar_entry_write",
		"acme:calendars:write":        "calendar_entry_write",
		"acme:calendar_entries:write": "calendar_entry_write",
		"acme:api:*":                  "api_write",
		"acme:api:read":               "",
		"other:*:*":                   "",
		"*:*:*":                       "widgets widget_write api_write calendar_entry_write",
	} {
		if got := namesOfTools(underGrant(t, grant)); got != want {
			t.Errorf("%s: %s, want %s", grant, got, want)
		}
	}
}

// TestUnderActions: what isn't allowed is neither listed nor done, and the hints and
// scopes are those of the rest.
func TestUnderActions(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]struct {
		actions []string
		access  policy.Access
	}{
		"acme:widgets:write":                          {[]string{"create", "update"}, tools.Write},
		"acme:widgets:write acme:widgets:destructive": {[]string{"create", "update", "delete"}, tools.Destructive},
		"acme:widgets:admin":                          {[]string{"grant"}, tools.Admin},
		"acme:widgets:*":                              {[]string{"create", "update", "delete", "grant"}, tools.Admin},
	} {
		offer := underGrant(t, grant)
		at := slices.IndexFunc(offer.Tools, func(tool tools.Tool) bool { return tool.Name == "acme_widget_write" })
		tool := offer.Tools[at]
		var schema struct {
			Properties struct{ Action struct{ Enum []string } }
		}
		if err := json.Unmarshal(tool.Schema, &schema); err != nil || !slices.Equal(schema.Properties.Action.Enum, want.actions) {
			t.Errorf("%s: %v, %v", grant, schema.Properties.Action.Enum, err)
		}
		if tool.Hints().Destructive != (want.access != tools.Write) || tool.Access != want.access || tool.NewCall().Access != want.access {
			t.Errorf("%s: %s, %+v", grant, tool.Access, tool.Hints())
		}
		for _, action := range []string{"create", "update", "delete", "grant"} {
			answer, err := tool.Call(t.Context(), json.RawMessage(`{"repo":"o/r","action":"`+action+`"}`))
			var denied *policy.Denied
			if isAllowed := slices.Contains(want.actions, action); isAllowed != (answer == action) || isAllowed == errors.As(err, &denied) {
				t.Errorf("%s, %s: %q, %v", grant, action, answer, err)
			} else if !isAllowed && (!strings.Contains(err.Error(), "acme_widget_write: action "+action+": VALET_GRANT") || strings.Contains(err.Error(), "must be one of")) {
				t.Errorf("%s, %s: %v", grant, action, err)
			}
		}
		if _, err := tool.Call(t.Context(), json.RawMessage(`{"repo":"o/r","action":"create","action":"nothing"}`)); err == nil {
			t.Errorf("%s: what is no action was done", grant)
		}
	}
	// Whoever was given the tool before has it as it was.
	if whole := practiceOffer(); len(tools.ScopesOf(whole.Under("acme", nil).Tools)) != 3 || len(whole.Tools) != 4 {
		t.Error("no policy leaves something out")
	}
	if scopes := tools.ScopesOf(underGrant(t, "acme:*:read").Tools); !slices.Equal(scopes, []string{"read"}) {
		t.Errorf("asks for %s", scopes)
	}
}

// TestUnderExplains: what is beside a tool goes with it, and its name is refused with
// the reason.
func TestUnderExplains(t *testing.T) {
	t.Parallel()
	offer := underGrant(t, "acme:*:read")
	if len(offer.Instructions) != 1 || offer.Instructions[0].Text != "one" {
		t.Errorf("%+v", offer.Instructions)
	}
	var denied *policy.Denied
	if err := offer.And(tools.Offer{}).NoTool("acme_widget_write"); !errors.As(err, &denied) || !strings.Contains(err.Error(), "VALET_GRANT doesn't allow acme:widgets:write") {
		t.Error(err)
	}
	if err := underGrant(t, "none:*:*").WhyNothing(); !errors.As(err, &denied) {
		t.Error(err)
	}
	if err := (tools.Offer{}).WhyNothing(); err != nil {
		t.Error(err)
	}
}

// TestCheckGrant: a typing mistake is told, with what there is.
func TestCheckGrant(t *testing.T) {
	t.Parallel()
	things := tools.ThingsOf("acme", practiceOffer().Tools)
	for grant, want := range map[string]string{
		"acme:widgets:read acme:api:admin *:*:* acme:administration:admin": "",
		"acme:widgets:write acme:wigdets:read":                             `acme:wigdets:read means nothing that there is; did you mean "widgets"?; there are: widgets, api, calendar, administration`,
		"acem:widgets:read":                                                `did you mean "acme"?; the services are: acme`,
		"acme:entyr:write":                                                 `did you mean "entry"?; there are: widgets, api`,
		"acme:zzzzzzzz:write":                                              "that there is; there are: widgets, api",
		"acme:api:read":                                                    "its access is: admin",
	} {
		scopes, err := policy.Parse(grant)
		if err != nil {
			t.Fatal(err)
		}
		err = tools.CheckGrant(scopes, things)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", grant, err)
		}
	}
}
