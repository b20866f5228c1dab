package google

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
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
	faults := slices.Concat(e.check(e.ID), e.Window.Check(), calendar.CheckZone("zone", e.Zone))
	if e.ID != "" && (e.From != "" || e.To != "" || e.Query != "" || e.Page != "") {
		faults = append(faults, "'id' takes the place of 'from', 'to', 'query' and 'page'")
	}
	if e.Page != "" && (e.From == "" || e.To == "") {
		faults = append(faults, "'page' goes with 'from' and 'to', and with 'zone', 'query' and 'calendar' if there were any: repeat all that stands behind 'next:'")
	}
	return faults
}

func (a *api) eventsTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "google_calendar_events",
		Title:       "Google Calendar events",
		Description: "List or search the events of a calendar in a span of time, recurring ones as their occurrences, or read one event.",
		Access:      tools.Read,
		Strangers:   true,
		Toolset:     Toolset,
		Scopes:      scopes("calendar.events.readonly"),
	}, a.events)
}

func (a *api) events(ctx context.Context, in eventsArguments) (string, error) {
	if err := a.find(ctx, &in.in); err != nil {
		return "", err
	}
	if in.ID != "" {
		return a.event(ctx, in)
	}
	now, zone := a.now(), time.UTC
	isKnown := in.Zone != "" || in.NeedsZone()
	if isKnown {
		var err error
		if zone, err = a.location(ctx, in.id(), in.Zone); err != nil {
			return "", err
		}
	}
	window, err := in.Span(now, zone)
	if err != nil {
		return "", tools.UserError("google_calendar_events: %w", err)
	}
	reach, err := a.reach(ctx, in, window, zone)
	if err != nil {
		return "", err
	}
	answer, err := a.list(ctx, in, reach)
	if err != nil {
		return "", err
	}
	if !isKnown {
		zone = known(answer.TimeZone)
		// Some days have an hour more or less there.
		if there, err := in.Span(now, zone); err == nil && !there.End.Equal(window.End) {
			window = there
			if answer, err = a.list(ctx, in, window); err != nil {
				return "", err
			}
		}
	}
	page := calendar.Page{Calendar: cmp.Or(calendar.Quoted(answer.Summary, 90), "calendar"), Window: window, Zone: zone, Next: in.next(answer.NextPageToken, window)}
	for _, e := range answer.Items {
		if shown := e.shown(); window.Has(shown, zone) {
			page.Events = append(page.Events, shown)
		}
	}
	return page.Text(a.room), nil
}

// reach is what the calendar is asked for: its days may not be those of the zone
// in the argument.
func (a *api) reach(ctx context.Context, in eventsArguments, window calendar.Span, zone *time.Location) (calendar.Span, error) {
	if in.Zone == "" {
		return window, nil
	}
	own, err := a.location(ctx, in.id(), "")
	return window.Reach(zone, own), err
}

// list is events as Google answers them.
type list struct {
	Summary, TimeZone, NextPageToken string
	Items                            []event
}

func (a *api) list(ctx context.Context, in eventsArguments, window calendar.Span) (answer list, err error) {
	err = a.Ask(ctx, rest.Request{
		Method: http.MethodGet, Path: path("calendars", in.id(), "events"), Query: in.query(window), What: "calendar " + named(in.id()),
	}, &answer)
	return answer, err
}

func (e eventsArguments) query(window calendar.Span) url.Values {
	values := url.Values{
		"singleEvents": {"true"}, "orderBy": {"startTime"}, "maxResults": {strconv.Itoa(e.PerPage)},
		"timeMin": {window.Start.UTC().Format(time.RFC3339)}, "timeMax": {window.End.UTC().Format(time.RFC3339)},
		"fields": {"summary,timeZone,nextPageToken,items(" + lineFields + ")"},
	}
	for name, value := range map[string]string{"q": e.Query, "pageToken": e.Page} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

// next says how to go on. A page belongs to what it was asked for with: what was
// left out means another span at the next call.
func (e eventsArguments) next(token string, window calendar.Span) string {
	if token == "" {
		return ""
	}
	page := pageText(token)
	if page == "" {
		return unknownPage
	}
	again := []string{page}
	for _, given := range []struct{ argument, value string }{
		{"from", cmp.Or(e.From, window.Start.UTC().Format(time.RFC3339))}, {"to", cmp.Or(e.To, window.End.UTC().Format(time.RFC3339))},
		{"zone", e.Zone}, {"query", e.Query}, {"calendar", e.Calendar},
	} {
		if strings.ContainsFunc(given.value, func(r rune) bool { return r <= ' ' || r == '"' || r > '~' }) {
			given.value = strconv.Quote(given.value)
		}
		if given.value != "" {
			again = append(again, given.argument+"="+given.value)
		}
	}
	return strings.Join(again, " ")
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
	more := fmt.Sprintf("more: google_api with path=%s jq=.description", path("calendars", in.id(), "events", e.ID))
	return rest.Join("\n", e.shown().Text(zone, a.room, more), rest.Join(" ", "etag:", rest.OneLine(e.ETag, 100))), nil
}

// read answers one event: that which was asked for, since what is changed next is
// named by the answer's id.
func (a *api) read(ctx context.Context, id, eventID string, query url.Values) (event, error) {
	var e event
	err := a.Ask(ctx, rest.Request{Method: http.MethodGet, Path: path("calendars", id, "events", eventID), Query: query, What: "event " + named(eventID)}, &e)
	if err == nil && e.ID != eventID {
		return event{}, tools.UserError("google: event %s: the answer is about another event, and nothing was done; check GOOGLE_API_URL", named(eventID))
	}
	return e, err
}

// zoneOf is where an event is shown: days are the same anywhere.
func (a *api) zoneOf(ctx context.Context, id, zone string, e event) (*time.Location, error) {
	if e.Start.Date != "" {
		return known(cmp.Or(zone, "UTC")), nil
	}
	return a.location(ctx, id, zone)
}
