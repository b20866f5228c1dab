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
	return f, zone, f.times(in, before, zone, a.now())
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

// times sets both ends, if either is given.
func (f fields) times(in writeArguments, before *event, zone *time.Location, now time.Time) error {
	if in.Start == "" && in.End == "" {
		return nil
	}
	from, to, err := in.moved(before, zone, now)
	if err != nil {
		return tools.UserError("google_calendar_event_write: nothing was done: %w", err)
	}
	f["start"], f["end"] = written(from, in.Zone, zone, before), written(to, in.Zone, zone, before)
	return nil
}

// moved is when the event will be. A series that is named by one of its
// occurrences goes with that, since to Google the start of a series is that of its
// first: what has been would be gone.
func (w writeArguments) moved(before *event, zone *time.Location, now time.Time) (from, to calendar.Moment, err error) {
	if before == nil {
		return calendar.Event{}.Moved(w.Start, w.End, zone)
	}
	was, own := before.shown(), zone
	if w.Zone == "" && was.Zone != "" {
		own = known(was.Zone)
	}
	if before.occurrence != nil {
		from, to, err = was.MovedBy(before.occurrence.shown(), w.Start, w.End, zone, own)
	} else {
		from, to, err = was.Moved(w.Start, w.End, zone)
	}
	if err != nil || w.Recurrence != nil || was.Recurrence == nil {
		return from, to, err
	}
	first := was.Start.In(own)
	if before.occurrence == nil && first.Before(now) && from.In(own).Format(time.DateOnly) > first.Format(time.DateOnly) {
		return from, to, fmt.Errorf("the series has begun on %s, and what was of it until 'start' would be lost; give the id of the occurrence that is to move there, and the others go with it", first.Format(time.DateOnly))
	}
	return from, to, was.CheckRules(from, own)
}

// written is one end. One that recurs does so in its own zone, which stays; a
// new event gets the one its times were read in.
func written(m calendar.Moment, asked string, zone *time.Location, before *event) fields {
	end := fields{"dateTime": m.Format(time.RFC3339)}
	if m.IsDay {
		end = fields{"date": m.Format(time.DateOnly)}
	} else if asked != "" || before == nil || before.Start.TimeZone == "" {
		end["timeZone"] = zone.String()
	}
	switch {
	case before == nil:
	case m.IsDay:
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
	case in.Series && rest.CheckName("id", e.RecurringEventID) != nil:
		return e, tools.UserError("google_calendar_event_write: nothing was done: the series of %s has no plain id", named(e.ID))
	case in.Series && e.RecurringEventID != "":
		occurrence := e
		e, err = a.read(ctx, in.id(), occurrence.RecurringEventID, query)
		e.occurrence = &occurrence
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
		f["conferenceData"] = meeting(before.ID + strings.Trim(before.ETag, `"`))
	}
	var after event
	err = a.Ask(ctx, rest.Request{
		Method: http.MethodPatch, Path: path("calendars", in.id(), "events", before.ID), Query: query, Header: in.only(before), Body: f, What: "event " + named(before.ID),
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
		err = a.Ask(ctx, rest.Request{
			Method: http.MethodDelete, Path: path("calendars", in.id(), "events", before.ID), Query: query, Header: in.only(before), What: "event " + named(before.ID),
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
	err = a.Ask(ctx, rest.Request{
		Method: http.MethodPatch, Path: path("calendars", in.id(), "events", before.ID), Query: query, Header: in.only(before),
		Body: fields{"attendees": []attendee{me}, "attendeesOmitted": true}, What: "event " + named(before.ID),
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
