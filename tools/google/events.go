package google

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

type eventsArguments struct {
	in
	calendar.Window
	Query string `json:"query,omitempty" doc:"words"`
	ID    string `json:"id,omitempty" doc:"only this event, with guests and description"`
	zoned
	Page    string `json:"page,omitempty"`
	PerPage int    `json:"per_page,omitempty" minimum:"1" maximum:"250" default:"50"`
}

// Check is for [tools.Define].
func (e eventsArguments) Check() []string {
	faults := append(e.Window.Check(), calendar.CheckZone("zone", e.Zone)...)
	if e.ID != "" && (e.From != "" || e.To != "" || e.Query != "" || e.Page != "") {
		faults = append(faults, "'id' takes the place of 'from', 'to', 'query' and 'page'")
	}
	return faults
}

func (a *api) eventsTool() tools.Tool {
	return tools.Define(tools.Tool{
		Name:        "google_calendar_events",
		Title:       "Google Calendar events",
		Description: "List or search the events of a calendar in a span of time, recurring ones as their occurrences, or read one event.",
		Access:      tools.Read,
		OpenWorld:   true,
		Scopes:      scopes("calendar.events.readonly"),
	}, a.events)
}

func (a *api) events(ctx context.Context, in eventsArguments) (string, error) {
	if in.ID != "" {
		return a.event(ctx, in)
	}
	zone := time.UTC
	if in.Zone != "" || in.NeedsZone() {
		var err error
		if zone, err = a.location(ctx, in.id(), in.Zone); err != nil {
			return "", err
		}
	}
	window, err := in.Span(a.now(), zone)
	if err != nil {
		return "", tools.UserError("google_calendar_events: %w", err)
	}
	var answer struct {
		Summary, TimeZone, NextPageToken string
		Items                            []event
	}
	err = a.send(ctx, call{
		method: http.MethodGet, path: path("calendars", in.id(), "events"), query: in.query(window), what: "calendar " + named(in.id()),
	}, &answer)
	if err != nil {
		return "", err
	}
	if zone == time.UTC && in.Zone == "" {
		zone = known(answer.TimeZone)
	}
	page := calendar.Page{Calendar: answer.Summary, Window: window, Zone: zone, Next: in.next(answer.NextPageToken, window)}
	for _, e := range answer.Items {
		page.Events = append(page.Events, e.shown())
	}
	return page.Text(a.room), nil
}

func (e eventsArguments) query(window calendar.Span) url.Values {
	values := url.Values{
		"singleEvents": {"true"}, "orderBy": {"startTime"}, "maxResults": {strconv.Itoa(e.PerPage)},
		"timeMin": {window.Start.Format(time.RFC3339)}, "timeMax": {window.End.Format(time.RFC3339)},
		"fields": {"summary,timeZone,nextPageToken,items(" + lineFields + ")"},
	}
	for name, value := range map[string]string{"q": e.Query, "pageToken": e.Page, "timeZone": e.Zone} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// next says how to go on. A page belongs to the window that it was asked for
// with, which moves on if it begins now.
func (e eventsArguments) next(token string, window calendar.Span) string {
	if token == "" {
		return ""
	}
	text := "page=" + rest.OneLine(token, 1000)
	if e.From == "" {
		text += " from=" + window.Start.Format(time.RFC3339) + " to=" + window.End.Format(time.RFC3339)
	}
	return text
}

func (a *api) event(ctx context.Context, in eventsArguments) (string, error) {
	e, err := a.read(ctx, in.id(), in.ID, url.Values{"fields": {eventFields}})
	if err != nil {
		return "", err
	}
	zone, err := a.zoneOf(ctx, in.id(), in.Zone, e)
	if err != nil {
		return "", err
	}
	more := fmt.Sprintf("more: google_api with path=calendar/v3/%s jq=.description", path("calendars", in.id(), "events", e.ID))
	return rest.Join("\n", e.shown().Text(zone, a.room, more), rest.Join(" ", "etag:", rest.OneLine(e.ETag, 100))), nil
}

// read answers one event.
func (a *api) read(ctx context.Context, id, eventID string, query url.Values) (event, error) {
	var e event
	err := a.send(ctx, call{method: http.MethodGet, path: path("calendars", id, "events", eventID), query: query, what: "event " + named(eventID)}, &e)
	return e, err
}

// zoneOf is where an event is shown: days are the same anywhere.
func (a *api) zoneOf(ctx context.Context, id, zone string, e event) (*time.Location, error) {
	if e.Start.Date != "" {
		return known(cmp.Or(zone, "UTC")), nil
	}
	return a.location(ctx, id, zone)
}
