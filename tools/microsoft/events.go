package microsoft

import (
	"cmp"
	"context"
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
	calendar.Window
	ID       string `json:"id,omitempty" doc:"one event in full"`
	Calendar string `json:"calendar,omitempty" doc:"name or id; default the person's own"`
	Zone     string `json:"zone,omitempty" doc:"of times, e.g. Europe/Berlin; default from's offset, an event's own, or UTC"`
	PerPage  int    `json:"per_page,omitempty" minimum:"1" maximum:"100" default:"50"`
	Page     string `json:"page,omitempty"`
}

func (a *api) eventsTool() tools.Tool {
	return rest.Define(tools.Tool{
		Name:        "microsoft_events",
		Title:       "Microsoft 365 calendar",
		Description: "List what is in the person's calendar in Microsoft 365 or Outlook.com, each occurrence of recurring events by itself, or show one event with its attendees and text. Give zone: reading the person's own takes another scope.",
		Access:      tools.Read,
		Strangers:   true,
		Toolset:     "calendar",
		Scopes:      []string{"Calendars.Read", "User.Read"},
	}, a.events)
}

// Check is for [tools.Define].
func (in eventsArguments) Check() []string {
	faults := slices.Concat(in.Window.Check(), checkID("id", in.ID, "microsoft_events"), calendar.CheckZone("zone", in.Zone), checkPage(in.Page))
	if in.ID != "" && (in.From != "" || in.To != "" || in.Calendar != "" || in.Page != "") {
		faults = append(faults, "'id' reads one event; only zone goes with it")
	}
	if in.Page != "" && in.ID == "" && (in.From == "" || in.To == "") {
		faults = append(faults, "'page' belongs to a span of time: repeat from, to, zone and calendar as the answer named them")
	}
	return faults
}

func (a *api) events(ctx context.Context, in eventsArguments) (string, error) {
	if in.ID != "" {
		e, err := a.event(ctx, in.ID)
		if err != nil {
			return "", err
		}
		return e.text(zoneOf(in.Zone, nil, e.Zone), a.room), nil
	}
	zone := zoneOf(in.Zone, []string{in.From, in.To})
	span, err := in.Span(a.now(), zone)
	if err != nil {
		return "", tools.UserError("%s: %w", a.name, err)
	}
	path := "me"
	if in.Calendar != "" {
		if path, err = a.find(ctx, "me/calendars", "id,name,owner", in.Calendar, "calendar"); err != nil {
			return "", err
		}
	}
	var page list[event]
	if err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: path + "/calendarView", Query: in.query(reach(span, zone)), What: "the events"}, &page); err != nil {
		return "", err
	}
	shown := calendar.Page{Calendar: cmp.Or(calendar.Quoted(in.Calendar, 60), "calendar"), Window: span, Zone: zone}
	for _, e := range page.Value {
		if one := e.shared(); span.Has(one, zone) {
			shown.Events = append(shown.Events, one)
		}
	}
	if shown.Next = a.next(page.Next); strings.HasPrefix(shown.Next, "page=") {
		shown.Next = rest.Join(" ", shown.Next, in.belongings(span))
	}
	return shown.Text(a.room), nil
}

// belongings are the arguments that a page belongs to: from now on means another
// span at the next call.
func (in eventsArguments) belongings(span calendar.Span) string {
	given := []string{"from=" + span.Start.Format(time.RFC3339), "to=" + span.End.Format(time.RFC3339)}
	if in.Zone != "" {
		given = append(given, "zone="+calendar.Address(in.Zone, 60))
	}
	if in.Calendar != "" {
		given = append(given, "calendar="+calendar.Quoted(in.Calendar, 1024))
	}
	return strings.Join(given, " ")
}

// lineFields are what a line shows, or what it takes to know when that is.
const lineFields = "id,subject,start,end,isAllDay,isCancelled,location,organizer,isOrganizer,attendees,responseStatus,showAs,seriesMasterId,isOnlineMeeting,originalStartTimeZone,originalEndTimeZone"

// query asks for what a line shows. The window's zone counts, not that of times.
// https://learn.microsoft.com/en-us/graph/api/user-list-calendarview
func (in eventsArguments) query(span calendar.Span) url.Values {
	query := url.Values{
		"startDateTime": {span.Start.UTC().Format(time.RFC3339)}, "endDateTime": {span.End.UTC().Format(time.RFC3339)},
		"$select":  {lineFields},
		"$orderby": {"start/dateTime"}, "$top": {strconv.Itoa(in.PerPage)},
	}
	pageOf(in.Page, query)
	return query
}

// event reads one in full.
func (a *api) event(ctx context.Context, id string) (event, error) {
	var e event
	query := url.Values{"$select": {lineFields + ",onlineMeeting,body,webLink,recurrence"}}
	err := a.ask(ctx, rest.Request{Method: http.MethodGet, Path: eventPath(id), Query: query, What: "the event"}, &e)
	if err == nil && !isID(e.ID) {
		return e, tools.UserError("%s: the answer is not an event; list it again", a.name)
	}
	return e, err
}

func eventPath(id string) string { return below("me/events", id) }
