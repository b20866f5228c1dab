package google

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

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

func (a *api) writeTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "google_calendar_event_write",
		Title:       "Write Google Calendar events",
		Description: "Create, change or delete an event, or answer an invitation, which tells its organizer. Where there are guests, send_updates must say whether to mail them. Empty values clear.",
		Access:      tools.Destructive,
		OpenWorld:   true,
		Scopes:      scopes("calendar.events"),
	}, a.write)
}

// action is one thing the tool does: which arguments it needs and which others
// it takes, besides those that all do.
type action struct {
	needs, takes []string
	// change: one at least of the others.
	change bool
	run    func(a *api, ctx context.Context, in writeArguments) (string, error)
}

func actions() map[string]action {
	changes := []string{"title", "start", "end", "zone", "location", "description", "attendees", "recurrence", "free", "meet"}
	return map[string]action{
		"create":  {[]string{"start"}, append([]string{"id"}, changes...), false, (*api).create},
		"update":  {[]string{"id"}, append([]string{"series", "etag"}, changes...), true, (*api).update},
		"delete":  {[]string{"id"}, []string{"series", "etag"}, false, (*api).delete},
		"respond": {[]string{"id", "response"}, []string{"series", "etag"}, false, (*api).respond},
	}
}

// given are the arguments that were sent, but for those that all actions take.
func (w writeArguments) given() []string {
	var names []string
	for _, argument := range []struct {
		name string
		sent bool
	}{
		{"id", w.ID != ""}, {"series", w.Series}, {"title", w.Title != nil}, {"start", w.Start != ""}, {"end", w.End != ""}, {"zone", w.Zone != ""},
		{"location", w.Location != nil}, {"description", w.Description != nil}, {"attendees", w.Attendees != nil}, {"recurrence", w.Recurrence != nil},
		{"free", w.Free != nil}, {"meet", w.Meet}, {"response", w.Response != ""}, {"etag", w.ETag != ""},
	} {
		if argument.sent {
			names = append(names, argument.name)
		}
	}
	return names
}

// Check is for [tools.Define].
func (w writeArguments) Check() []string {
	do, given := actions()[w.Action], w.given()
	var faults []string
	for _, name := range do.needs {
		if !slices.Contains(given, name) {
			faults = append(faults, fmt.Sprintf("action %s needs '%s'", w.Action, name))
		}
	}
	for _, name := range given {
		if !slices.Contains(do.needs, name) && !slices.Contains(do.takes, name) {
			faults = append(faults, fmt.Sprintf("action %s takes no '%s'", w.Action, name))
		}
	}
	if do.change && !slices.ContainsFunc(given, func(name string) bool {
		return name != "zone" && !slices.Contains([]string{"id", "series", "etag"}, name)
	}) {
		faults = append(faults, "action update needs something to change: "+strings.Join(do.takes[2:], ", "))
	}
	faults = append(faults, w.checkTimes()...)
	return append(faults, w.checkLists()...)
}

// checkTimes holds both ends to the same kind, in their order.
func (w writeArguments) checkTimes() []string {
	faults := calendar.CheckZone("zone", w.Zone)
	var ends []calendar.Written
	for _, given := range []struct{ argument, value string }{{"start", w.Start}, {"end", w.End}} {
		if given.value == "" {
			continue
		}
		written, err := calendar.Parse(given.argument, given.value)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		ends = append(ends, written)
	}
	if len(ends) < 2 {
		return faults
	}
	start, end := ends[0], ends[1]
	switch {
	case start.IsDay() != end.IsDay():
		faults = append(faults, "'start' and 'end' must both be dates, for an event that lasts all day, or both be times")
	case start.IsDay() && end.Text <= start.Text:
		faults = append(faults, fmt.Sprintf("'end' is the day after the last one; for all of %s alone give end=%s", start.Text, start.In(time.UTC).AddDate(0, 0, 1).Format(time.DateOnly)))
	case start.IsExact() == end.IsExact() && end.In(time.UTC).Before(start.In(time.UTC)):
		faults = append(faults, "'end' must not be before 'start'")
	}
	return faults
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
	return actions()[in.Action].run(a, ctx, in)
}

// report says what came of a change, to a model and to programs.
func report(ctx context.Context, done string, e event, zone *time.Location, room int) string {
	fields := map[string]any{"id": e.ID, "status": e.Status}
	for name, value := range map[string]string{"html_url": e.HTMLLink, "etag": e.ETag} {
		if value != "" {
			fields[name] = rest.OneLine(value, 300)
		}
	}
	tools.Structure(ctx, fields)
	return done + ": " + e.shown().Text(zone, room, "")
}
