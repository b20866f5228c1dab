package google

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// fields are what is sent of an event: null takes one out.
type fields map[string]any

// draft are the fields that the arguments name, for an event that is new or as
// it was, and where it is shown.
func (a *api) draft(ctx context.Context, in writeArguments, before *event) (fields, *time.Location, error) {
	f := fields{}
	for name, value := range map[string]*string{"summary": in.Title, "location": in.Location, "description": in.Description} {
		if value != nil {
			f[name] = *value
		}
	}
	if in.Free != nil {
		f["transparency"] = map[bool]string{true: "transparent", false: "opaque"}[*in.Free]
	}
	if in.Recurrence != nil {
		f["recurrence"] = in.Recurrence
	}
	if in.Attendees != nil {
		f["attendees"] = guests(in.Attendees, before)
	}
	zone, err := a.drafted(ctx, in, before)
	if err != nil {
		return nil, nil, err
	}
	return f, zone, f.times(in, before, zone)
}

// drafted is the zone that times are read in: the one in the argument, else the
// calendar's.
func (a *api) drafted(ctx context.Context, in writeArguments, before *event) (*time.Location, error) {
	start, _ := calendar.Parse("start", in.Start)
	if in.Zone == "" && (start.IsDay() || in.Start == "" && before != nil && before.Start.Date != "") {
		return time.UTC, nil
	}
	return a.location(ctx, in.id(), in.Zone)
}

// times sets both ends, if either is given. An event that is moved lasts as long
// as before; a new one lasts a day or an hour.
func (f fields) times(in writeArguments, before *event, zone *time.Location) error {
	if in.Start == "" && in.End == "" {
		return nil
	}
	// They have been checked.
	start, _ := calendar.Parse("start", in.Start)
	end, _ := calendar.Parse("end", in.End)
	isDay := start.IsDay()
	if in.Start == "" {
		isDay = before.Start.Date != ""
		if isDay != end.IsDay() {
			return tools.UserError("google_calendar_event_write: 'end' is of another kind than the event's start; give 'start' as well, both dates or both times")
		}
	}
	from, to := start.In(zone), end.In(zone)
	if isDay {
		from, to = start.In(time.UTC), end.In(time.UTC)
	}
	switch {
	case in.Start == "":
		from = before.Start.moment().In(from.Location())
	case in.End == "" && before != nil && isDay == (before.Start.Date != ""):
		to = from.Add(before.End.moment().Sub(before.Start.moment().Time))
	case in.End == "" && isDay:
		to = from.AddDate(0, 0, 1)
	case in.End == "":
		to = from.Add(time.Hour)
	}
	if to.Before(from) || isDay && to.Equal(from) {
		return tools.UserError("google_calendar_event_write: 'end' must be after the event's start")
	}
	f["start"], f["end"] = written(from, isDay, in.Zone, zone, before), written(to, isDay, in.Zone, zone, before)
	return nil
}

// written is one end. One that recurs does so in its own zone, which stays; a
// new event gets the one its times were read in.
func written(t time.Time, isDay bool, asked string, zone *time.Location, before *event) fields {
	end := fields{"dateTime": t.Format(time.RFC3339)}
	if isDay {
		end = fields{"date": t.Format(time.DateOnly)}
	} else if asked != "" || before == nil || before.Start.TimeZone == "" {
		end["timeZone"] = zone.String()
	}
	switch {
	case before == nil:
	case isDay:
		end["dateTime"], end["timeZone"] = nil, nil
	default:
		end["date"] = nil
	}
	return end
}

// guests are those there will be. Who was invited before keeps what they have
// answered.
func guests(given []string, before *event) []attendee {
	all := []attendee{}
	var old []attendee
	if before != nil {
		old = before.Attendees
	}
	is := func(address string) func(attendee) bool {
		return func(a attendee) bool { return strings.EqualFold(a.Email, address) }
	}
	changes := len(given) > 0 && strings.ContainsAny(given[0][:1], "+-")
	if changes {
		all = slices.Clone(old)
	}
	for _, address := range given {
		bare := strings.TrimLeft(address, "+-")
		i := slices.IndexFunc(old, is(bare))
		switch {
		case strings.HasPrefix(address, "-"):
			all = slices.DeleteFunc(all, is(bare))
		case slices.ContainsFunc(all, is(bare)):
		case i >= 0:
			all = append(all, old[i])
		default:
			all = append(all, attendee{Email: bare})
		}
	}
	return all
}

// mail is the parameter that says who is mailed. Where there are guests somebody
// has to decide.
func (w writeArguments) mail(all ...attendee) (url.Values, error) {
	if w.SendUpdates == "" && hasGuests(all) {
		return nil, tools.UserError("google_calendar_event_write: nothing was done: the event has guests; give send_updates=all to mail them, or none")
	}
	values := url.Values{"fields": {wholeFields}}
	if w.SendUpdates != "" {
		values.Set("sendUpdates", w.SendUpdates)
	}
	if w.Meet {
		values.Set("conferenceDataVersion", "1")
	}
	return values, nil
}

// target is the event an action is about: the series of an occurrence if that is
// wanted. All of a series is only ever touched by whoever says so.
func (a *api) target(ctx context.Context, in writeArguments, query url.Values) (event, error) {
	query.Set("fields", wholeFields)
	e, err := a.read(ctx, in.id(), in.ID, query)
	switch {
	case err != nil:
		return e, err
	case in.Series && e.RecurringEventID != "":
		e, err = a.read(ctx, in.id(), e.RecurringEventID, query)
	case !in.Series && len(e.Recurrence) > 0:
		return e, tools.UserError("google_calendar_event_write: nothing was done: %s is a whole series; give series=true for all of it, or the id of one occurrence from google_calendar_events", named(e.ID))
	}
	return e, err
}

// only is the condition that nothing has changed since the event was read.
func (w writeArguments) only(e event) http.Header {
	header := http.Header{}
	tag := e.ETag
	if w.ETag != "" && !w.isOther(e) {
		tag = w.ETag
	}
	if tag != "" {
		header.Set("If-Match", tag)
	}
	return header
}

// isOther tells the series of an occurrence from the event that was named, whose
// version says nothing of it.
func (w writeArguments) isOther(e event) bool { return e.ID != w.ID }

func (a *api) update(ctx context.Context, in writeArguments) (string, error) {
	before, err := a.target(ctx, in, url.Values{})
	if err != nil {
		return "", err
	}
	f, zone, err := a.draft(ctx, in, &before)
	if err != nil {
		return "", err
	}
	left, _ := f["attendees"].([]attendee)
	query, err := in.mail(append(left, before.Attendees...)...)
	if err != nil {
		return "", err
	}
	if in.Meet {
		f["conferenceData"] = meeting()
	}
	var after event
	err = a.send(ctx, call{
		method: http.MethodPatch, path: path("calendars", in.id(), "events", before.ID), query: query, header: in.only(before), body: f, what: "event " + named(before.ID),
	}, &after)
	if err != nil {
		return "", err
	}
	return report(ctx, "updated", after, zone, a.room), nil
}

// delete takes one event off the calendar. One that is gone already is as good.
func (a *api) delete(ctx context.Context, in writeArguments) (string, error) {
	before, err := a.target(ctx, in, url.Values{})
	if err != nil {
		return "", err
	}
	gone := fmt.Sprintf("event %s %s is deleted", calendar.Quoted(before.Summary, 120), named(before.ID))
	if before.Status != "cancelled" {
		query, err := in.mail(before.Attendees...)
		if err != nil {
			return "", err
		}
		// There is nothing in the answer to choose from.
		query.Del("fields")
		err = a.send(ctx, call{
			method: http.MethodDelete, path: path("calendars", in.id(), "events", before.ID), query: query, header: in.only(before), what: "event " + named(before.ID),
		}, nil)
		if err != nil && !isStatus(err, http.StatusGone) {
			return "", err
		}
	}
	tools.Structure(ctx, map[string]any{"id": rest.OneLine(before.ID, 1024), "status": "cancelled"})
	return gone, nil
}

// respond sends the owner's own answer alone, and so leaves the other guests as
// they are. The organizer is told, unless that isn't wanted.
func (a *api) respond(ctx context.Context, in writeArguments) (string, error) {
	before, err := a.target(ctx, in, url.Values{"maxAttendees": {"1"}})
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(before.Attendees, func(a attendee) bool { return a.Self })
	if i < 0 {
		return "", tools.UserError("google_calendar_event_write: nothing was done: the owner of this calendar is not invited to %s", named(before.ID))
	}
	me := before.Attendees[i]
	me.ResponseStatus = in.Response
	query := url.Values{"fields": {wholeFields}, "sendUpdates": {"all"}}
	if in.SendUpdates != "" {
		query.Set("sendUpdates", in.SendUpdates)
	}
	var after event
	err = a.send(ctx, call{
		method: http.MethodPatch, path: path("calendars", in.id(), "events", before.ID), query: query, header: in.only(before),
		body: fields{"attendees": []attendee{me}, "attendeesOmitted": true}, what: "event " + named(before.ID),
	}, &after)
	if err != nil {
		return "", err
	}
	zone, err := a.zoneOf(ctx, in.id(), in.Zone, after)
	if err != nil {
		zone = time.UTC
	}
	return report(ctx, "answered", after, zone, a.room), nil
}
