package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type eventWriteArguments struct {
	Action      string   `json:"action" enum:"create,update,delete,cancel,accept,tentative,decline"`
	ID          string   `json:"id,omitempty" doc:"of the event, an occurrence or a series"`
	Calendar    string   `json:"calendar,omitempty" doc:"create: name or id"`
	Title       *string  `json:"title,omitempty"`
	Start       string   `json:"start,omitempty" doc:"date for all day, else time"`
	End         string   `json:"end,omitempty" doc:"exclusive; update without it keeps the length"`
	Zone        string   `json:"zone,omitempty" doc:"e.g. Europe/Berlin, for times without offset and recurring ones"`
	Location    *string  `json:"location,omitempty"`
	Description *string  `json:"description,omitempty" doc:"plain text"`
	Attendees   []string `json:"attendees,omitempty" doc:"addresses; optional:a@b; update replaces all"`
	Recurrence  *string  `json:"recurrence,omitempty" doc:"RRULE, e.g. FREQ=WEEKLY;BYDAY=MO; empty ends it"`
	Online      *bool    `json:"online,omitempty" doc:"with a Teams meeting"`
	Comment     string   `json:"comment,omitempty" doc:"to the others, for cancel, accept, tentative, decline"`
	Version     string   `json:"version,omitempty" doc:"as read; refused if it has changed since"`
}

func (a *api) eventWriteTool() tools.Tool {
	return define(tools.Tool{
		Name:        "microsoft_event_write",
		Title:       "Write Microsoft 365 events",
		Description: "Create, change, delete or cancel an event in Microsoft 365, or answer an invitation. Attendees get mail at once: be sure the person wants it. A create that got no answer may be called again: it makes no second event.",
		Access:      tools.Destructive,
		Toolset:     "calendar",
		Scopes:      []string{"Calendars.ReadWrite", "User.Read"},
	}, a.eventWrite)
}

// eventAction is one thing the tool does: the arguments it needs, those it can
// use as well, and how it is done.
type eventAction struct {
	needs, uses []string
	run         func(a *api, ctx context.Context, in eventWriteArguments) (string, error)
}

func eventActions() map[string]eventAction {
	fields := []string{"end", "zone", "location", "description", "attendees", "recurrence", "online"}
	id, answering := []string{"id"}, []string{"comment"}
	return map[string]eventAction{
		"create":    {[]string{"title", "start"}, append([]string{"calendar"}, fields...), (*api).createEvent},
		"update":    {id, append([]string{"title", "start", "version"}, fields...), (*api).updateEvent},
		"delete":    {id, []string{"version"}, (*api).deleteEvent},
		"cancel":    {id, answering, (*api).respond},
		"accept":    {id, answering, (*api).respond},
		"tentative": {id, answering, (*api).respond},
		"decline":   {id, answering, (*api).respond},
	}
}

// given are the arguments that were sent.
func (in eventWriteArguments) given() []string {
	var names []string
	for _, argument := range []struct {
		name string
		is   bool
	}{
		{"id", in.ID != ""}, {"calendar", in.Calendar != ""}, {"title", in.Title != nil}, {"start", in.Start != ""}, {"end", in.End != ""}, {"zone", in.Zone != ""},
		{"location", in.Location != nil}, {"description", in.Description != nil}, {"attendees", in.Attendees != nil}, {"recurrence", in.Recurrence != nil},
		{"online", in.Online != nil}, {"comment", in.Comment != ""}, {"version", in.Version != ""},
	} {
		if argument.is {
			names = append(names, argument.name)
		}
	}
	return names
}

// Check is for [tools.Define].
func (in eventWriteArguments) Check() []string {
	do, given := eventActions()[in.Action], in.given()
	faults := slices.Concat(checkID("id", in.ID, "microsoft_events"), calendar.CheckZone("zone", in.Zone), checkVersion(in.Version), in.checkAttendees())
	for _, name := range do.needs {
		if !slices.Contains(given, name) {
			faults = append(faults, fmt.Sprintf("action %s needs '%s'", in.Action, name))
		}
	}
	for _, name := range given {
		if !slices.Contains(do.needs, name) && !slices.Contains(do.uses, name) {
			faults = append(faults, fmt.Sprintf("action %s does not use '%s'; it uses %s", in.Action, name, strings.Join(slices.Concat(do.needs, do.uses), ", ")))
		}
	}
	if in.Action == "update" && len(given) == 1 {
		faults = append(faults, "action update needs something to change")
	}
	if in.Action == "create" && in.Title != nil && strings.TrimSpace(*in.Title) == "" {
		faults = append(faults, "'title' must not be empty")
	}
	return append(faults, in.checkTimes()...)
}

// checkVersion says what keeps a text from being a change key, which is Base64.
func checkVersion(version string) []string {
	if version == "" || isID(version) && len(version) <= 200 {
		return nil
	}
	return []string{"'version' must be one that microsoft_events shows with an event"}
}

func (in eventWriteArguments) checkAttendees() []string {
	var faults []string
	for _, given := range in.Attendees {
		address := strings.TrimPrefix(given, "optional:")
		name, host, found := strings.Cut(address, "@")
		if !found || name == "" || host == "" || strings.ContainsAny(address, " <>,;:\"\n\t") {
			faults = append(faults, fmt.Sprintf("'attendees' are addresses like adele@contoso.com or optional:adele@contoso.com; got %q", rest.OneLine(given, 60)))
		}
	}
	return faults
}

func (a *api) eventWrite(ctx context.Context, in eventWriteArguments) (string, error) {
	return eventActions()[in.Action].run(a, ctx, in)
}

// respond answers an invitation, or calls a meeting off. The names of parameters
// are those of Graph's metadata.
// https://learn.microsoft.com/en-us/graph/api/event-accept
// https://learn.microsoft.com/en-us/graph/api/event-cancel
func (a *api) respond(ctx context.Context, in eventWriteArguments) (string, error) {
	body := map[string]any{"SendResponse": true}
	ways := map[string]struct{ path, done string }{
		"accept":    {"accept", "accepted; the organizer was told"},
		"tentative": {"tentativelyAccept", "accepted for maybe; the organizer was told"},
		"decline":   {"decline", "declined; the organizer was told"},
		"cancel":    {"cancel", "cancelled; those invited were told"},
	}
	if in.Action == "cancel" {
		body = map[string]any{}
	}
	if in.Comment != "" {
		body["Comment"] = in.Comment
	}
	way := ways[in.Action]
	if err := a.ask(ctx, question{method: http.MethodPost, path: eventPath(in.ID) + "/" + way.path, body: body, what: "action " + in.Action}, nil); err != nil {
		return "", err
	}
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": in.ID})
	return way.done, nil
}

// deleteEvent removes an event, which is in Deleted Items afterwards.
// https://learn.microsoft.com/en-us/graph/api/event-delete
func (a *api) deleteEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	if err := a.ask(ctx, question{method: http.MethodDelete, path: eventPath(in.ID), match: etag(in.Version), what: "action delete"}, nil); err != nil {
		return "", err
	}
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": in.ID})
	return "deleted; it is in Deleted Items. Those invited to a meeting of the person's own were told that it is off", nil
}

// etag is a version as HTTP has it; "" for none.
func etag(version string) string {
	if version == "" {
		return ""
	}
	return `W/"` + version + `"`
}
