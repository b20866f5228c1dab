package google

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type writeArguments struct {
	Action string `json:"action" enum:"create,update,delete,respond"`
	in
	ID     string  `json:"id,omitempty" doc:"create: a-v and 0-9, makes a repeated call harmless"`
	Series bool    `json:"series,omitempty" doc:"all occurrences, not this one"`
	Title  *string `json:"title,omitempty"`
	Start  string  `json:"start,omitempty" doc:"date (all day), or time with or without offset"`
	End    string  `json:"end,omitempty" doc:"exclusive; default an hour or a day, or as long as before"`
	zoned
	Location    *string  `json:"location,omitempty"`
	Description *string  `json:"description,omitempty"`
	Attendees   []string `json:"attendees,omitempty" doc:"addresses: all, or changes like +a@b.c -d@e.f"`
	Recurrence  []string `json:"recurrence,omitempty" doc:"e.g. RRULE:FREQ=WEEKLY;COUNT=9"`
	Free        *bool    `json:"free,omitempty" doc:"leaves the time free"`
	Meet        bool     `json:"meet,omitempty" doc:"add Google Meet"`
	Response    string   `json:"response,omitempty" enum:"accepted,declined,tentative"`
	SendUpdates string   `json:"send_updates,omitempty" enum:"all,externalOnly,none" doc:"whom to mail"`
	ETag        string   `json:"etag,omitempty" doc:"as read: refuses if changed since"`
}

// Outward is for [tools.Define]. Words go to others with the guests, or with a
// calendar that others may read; an event that is there may have guests. What tells
// them that an event is off, or who comes, holds no word of the call's.
// https://developers.google.com/workspace/calendar/api/v3/reference/events/delete
func (w writeArguments) Outward() tools.Outward {
	isUsual := w.Calendar == "" || w.Calendar == "primary"
	says := w.Title != nil || w.Location != nil || w.Description != nil || len(w.Recurrence) > 0
	switch {
	case w.Action == "delete", w.Action == "respond",
		w.Action == "create" && isUsual && len(w.Attendees) == 0,
		w.Action == "update" && !says && len(w.Attendees) == 0:
		return tools.Nowhere
	}
	return tools.Anywhere
}

func (a *api) writeTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "google_calendar_event_write",
		Title:       "Write Google Calendar events",
		Description: "Create, change or delete an event, or answer an invitation, which tells its organizer. Where there are guests, send_updates must say whether to mail them. Empty values clear.",
		Access:      tools.Destructive,
		Actions:     access(),
		Strangers:   true,
		Outward:     tools.Anywhere,
		Toolset:     Toolset,
		Scopes:      scopes("calendar.events"),
	}, a.write)
}

// access: a deleted event is for the person to restore from the calendar's bin, and
// no call takes it back.
// https://developers.google.com/workspace/calendar/api/v3/reference/events/delete
func access() map[string]policy.Access {
	return map[string]policy.Access{"create": tools.Write, "update": tools.Write, "delete": tools.Destructive, "respond": tools.Write}
}

// action is one thing the tool does: what it takes, and how it is done.
type action struct {
	tools.Usage
	run func(a *api, ctx context.Context, in writeArguments) (string, error)
}

func actions() map[string]action {
	id, which := []string{"id"}, []string{"series", "etag"}
	fields := []string{"title", "end", "location", "description", "attendees", "recurrence", "free", "meet"}
	return map[string]action{
		"create":  {tools.Usage{Needs: []string{"start"}, Also: append([]string{"id", "zone"}, fields...)}, (*api).create},
		"update":  {tools.Usage{Needs: id, Also: append([]string{"zone"}, which...), OneOf: append(fields, "start")}, (*api).update},
		"delete":  {tools.Usage{Needs: id, Also: which}, (*api).delete},
		"respond": {tools.Usage{Needs: append(id, "response"), Also: which}, (*api).respond},
	}
}

// Check is for [tools.Define].
func (w writeArguments) Check() []string {
	faults := actions()[w.Action].Faults("action "+w.Action, tools.Given(w, "action", "calendar", "send_updates"))
	return slices.Concat(faults, w.check(w.ID), w.checkETag(), calendar.CheckZone("zone", w.Zone), calendar.CheckEnds(w.Start, w.End), w.checkLists())
}

// checkETag: it goes into a header (RFC 9110 §8.8.3).
func (w writeArguments) checkETag() []string {
	if strings.ContainsFunc(w.ETag, func(r rune) bool { return r < ' ' || r > '~' }) {
		return []string{"'etag' must be as an answer shows it, such as \"3400000000000004\", in printable ASCII"}
	}
	return nil
}

// checkLists looks for what Google would refuse or, worse, take for something
// else.
func (w writeArguments) checkLists() []string {
	var faults []string
	if w.Action == "create" && w.ID != "" && !isID(w.ID) {
		faults = append(faults, "'id' for a new event must be 5 or more of a-v and 0-9")
	}
	for _, address := range w.Attendees {
		if bare := strings.TrimLeft(address, "+-"); !strings.Contains(bare, "@") || strings.ContainsAny(bare, " \t\n<>,;") {
			faults = append(faults, fmt.Sprintf("'attendees' must be bare addresses like ada@example.com; got %q", rest.OneLine(address, 60)))
		}
	}
	signed := len(slices.DeleteFunc(slices.Clone(w.Attendees), func(address string) bool { return !strings.HasPrefix(address, "+") && !strings.HasPrefix(address, "-") }))
	if signed > 0 && signed < len(w.Attendees) {
		faults = append(faults, "'attendees' must be all of them, or changes that all begin with + or -")
	}
	for _, line := range w.Recurrence {
		if !regexp.MustCompile(`^(RRULE|EXRULE|RDATE|EXDATE)[:;]\S+$`).MatchString(line) {
			faults = append(faults, fmt.Sprintf("'recurrence' must be lines of RFC 5545 like RRULE:FREQ=WEEKLY;BYDAY=MO or EXDATE;VALUE=DATE:20260131, without DTSTART; got %q", rest.OneLine(line, 60)))
		}
	}
	return faults
}

// isID tells whether Google takes an id for a new event.
func isID(id string) bool {
	return len(id) >= 5 && len(id) <= 1024 && strings.Trim(id, "abcdefghijklmnopqrstuv0123456789") == ""
}

func (a *api) write(ctx context.Context, in writeArguments) (string, error) {
	if err := a.find(ctx, &in.in); err != nil {
		return "", err
	}
	return actions()[in.Action].run(a, ctx, in)
}

// report says what came of a change, to a model and to programs.
func report(ctx context.Context, done string, e event, zone *time.Location, room int) string {
	fields := map[string]any{"id": rest.OneLine(e.ID, 1024), "status": rest.OneLine(e.Status, 60)}
	for name, value := range map[string]string{"html_url": e.HTMLLink, "etag": e.ETag} {
		if value != "" {
			fields[name] = rest.OneLine(value, 300)
		}
	}
	tools.Structure(ctx, fields)
	return done + ": " + e.shown().Text(zone, room, "")
}
