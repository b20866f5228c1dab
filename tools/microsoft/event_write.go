package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type eventWriteArguments struct {
	Action      string   `json:"action" enum:"create,update,delete,cancel,respond"`
	ID          string   `json:"id,omitempty"`
	Series      bool     `json:"series,omitempty" doc:"all occurrences, not this one"`
	Calendar    string   `json:"calendar,omitempty" doc:"create: name or id"`
	Title       *string  `json:"title,omitempty"`
	Start       string   `json:"start,omitempty" doc:"date (all day), or time with or without offset"`
	End         string   `json:"end,omitempty" doc:"exclusive; default an hour or a day, or as long as before"`
	Zone        string   `json:"zone,omitempty" doc:"e.g. Europe/Berlin, for times without offset and recurring ones"`
	Location    *string  `json:"location,omitempty"`
	Description *string  `json:"description,omitempty" doc:"plain text"`
	Attendees   []string `json:"attendees,omitempty" doc:"addresses, optional:a@b.c: all, or changes like +a@b.c -d@e.f"`
	Recurrence  *string  `json:"recurrence,omitempty" doc:"RRULE, e.g. FREQ=WEEKLY;BYDAY=MO; empty ends it"`
	Free        *bool    `json:"free,omitempty" doc:"leaves the time free"`
	Online      *bool    `json:"online,omitempty" doc:"with a Teams meeting"`
	Response    string   `json:"response,omitempty" enum:"accepted,declined,tentative"`
	Comment     string   `json:"comment,omitempty" doc:"to the others, for cancel and respond"`
	ETag        string   `json:"etag,omitempty" doc:"as read: refuses if changed since"`
}

// Outward is for [tools.Define]. Words go to others with the guests, or with a
// calendar that isn't the usual one; an event that is there may have guests. What tells
// them that an event is off, or who comes, holds no word of the call's but a comment.
// https://learn.microsoft.com/en-us/graph/api/event-cancel
func (in eventWriteArguments) Outward() tools.Outward {
	says := in.Title != nil || in.Location != nil || in.Description != nil || in.Comment != ""
	switch {
	case in.Action == "create" && in.Calendar == "" && len(in.Attendees) == 0,
		in.Action != "create" && !says && len(in.Attendees) == 0:
		return tools.Nowhere
	}
	return tools.Anywhere
}

func (a *api) eventWriteTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "microsoft_event_write",
		Title:       "Write Microsoft 365 events",
		Description: "Create, change, delete or cancel an event in Microsoft 365, or answer an invitation. Attendees get mail at once. A create that got no answer may be called again: it makes no second event.",
		Access:      tools.Destructive,
		Actions:     eventAccess(),
		Strangers:   true,
		Outward:     tools.Anywhere,
		Toolset:     "calendar",
		Scopes:      []string{"Calendars.ReadWrite", "User.Read"},
	}, a.eventWrite)
}

// eventAccess: both ways to take a meeting off tell those invited, which no call
// takes back.
// https://learn.microsoft.com/en-us/graph/api/event-delete
// https://learn.microsoft.com/en-us/graph/api/event-cancel
func eventAccess() map[string]policy.Access {
	return map[string]policy.Access{
		"create": tools.Write, "update": tools.Write, "delete": tools.Destructive, "cancel": tools.Destructive, "respond": tools.Write,
	}
}

// eventAction is one thing the tool does: what it takes, and how it is done.
type eventAction struct {
	tools.Usage
	run func(a *api, ctx context.Context, in eventWriteArguments) (string, error)
}

func eventActions() map[string]eventAction {
	fields := []string{"end", "location", "description", "attendees", "recurrence", "free", "online"}
	return map[string]eventAction{
		"create":  {tools.Usage{Needs: []string{"title", "start"}, Also: append([]string{"calendar", "zone"}, fields...)}, (*api).createEvent},
		"update":  {tools.Usage{Needs: []string{"id"}, Also: []string{"series", "zone", "etag"}, OneOf: append([]string{"title", "start"}, fields...)}, (*api).updateEvent},
		"delete":  {tools.Usage{Needs: []string{"id"}, Also: []string{"series", "etag"}}, (*api).deleteEvent},
		"cancel":  {tools.Usage{Needs: []string{"id"}, Also: []string{"series", "comment", "etag"}}, (*api).respond},
		"respond": {tools.Usage{Needs: []string{"id", "response"}, Also: []string{"series", "comment", "etag"}}, (*api).respond},
	}
}

// Check is for [tools.Define].
func (in eventWriteArguments) Check() []string {
	faults := slices.Concat(eventActions()[in.Action].Faults("action "+in.Action, tools.Given(in, "action")),
		checkID("id", in.ID, "microsoft_events"), calendar.CheckZone("zone", in.Zone), in.checkAttendees())
	if in.Action == "create" && in.Title != nil && strings.TrimSpace(*in.Title) == "" {
		faults = append(faults, "'title' must not be empty")
	}
	return append(faults, in.checkTimes()...)
}

func (in eventWriteArguments) checkAttendees() []string {
	var faults []string
	signed := 0
	for _, given := range in.Attendees {
		if isSigned(given) {
			signed++
		}
		address := strings.TrimPrefix(strings.TrimLeft(given, "+-"), "optional:")
		name, host, found := strings.Cut(address, "@")
		if !found || name == "" || host == "" || strings.ContainsAny(address, " <>,;:\"\n\t") {
			faults = append(faults, fmt.Sprintf("'attendees' are addresses like adele@contoso.com or optional:adele@contoso.com; got %q", rest.OneLine(given, 60)))
		}
	}
	if signed > 0 && signed < len(in.Attendees) {
		faults = append(faults, "'attendees' must be all of them, or changes that all begin with + or -")
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
	_, target, err := a.target(ctx, in)
	if err != nil {
		return "", err
	}
	// An answer is there only for respond.
	way := map[string]struct{ path, done string }{
		"accepted":  {"accept", "accepted; the organizer was told"},
		"tentative": {"tentativelyAccept", "accepted for maybe; the organizer was told"},
		"declined":  {"decline", "declined; the organizer was told"},
		"":          {"cancel", "cancelled; those invited were told"},
	}[in.Response]
	body := map[string]any{}
	if in.Action == "respond" {
		body["SendResponse"] = true
	}
	if in.Comment != "" {
		body["Comment"] = in.Comment
	}
	if err := a.ask(ctx, rest.Request{Method: http.MethodPost, Path: eventPath(target.ID) + "/" + way.path, Body: body, What: "action " + in.Action}, nil); err != nil {
		return "", err
	}
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": target.ID})
	return way.done, nil
}

// deleteEvent removes an event, which is in Deleted Items afterwards.
// https://learn.microsoft.com/en-us/graph/api/event-delete
func (a *api) deleteEvent(ctx context.Context, in eventWriteArguments) (string, error) {
	_, target, err := a.target(ctx, in)
	if err != nil {
		return "", err
	}
	if err := a.ask(ctx, rest.Request{Method: http.MethodDelete, Path: eventPath(target.ID), Header: target.only(), What: "action delete"}, nil); err != nil {
		return "", err
	}
	tools.Structure(ctx, map[string]any{"action": in.Action, "id": target.ID})
	return "deleted; it is in Deleted Items. Those invited to a meeting of the person's own were told that it is off", nil
}
