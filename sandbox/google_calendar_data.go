package sandbox

// fill makes the calendars as they are at the start. Summer time ends there on 2026-10-25.
func (g *googleCalendar) fill() {
	const berlin = "Europe/Berlin"
	me, ada := g.address(), "ada-example"+googleDomain
	guests := func(mine string) []any {
		return []any{object{"email": me, "displayName": "Mona Example", "responseStatus": mine}, object{"email": ada, "displayName": "Ada Example", "responseStatus": "accepted"}}
	}
	day := func(date string) object { return object{"date": date} }
	at := func(moment string) object { return object{"dateTime": moment, "timeZone": berlin} }
	own := &practiceCalendar{zone: berlin, role: "owner"}
	team := &practiceCalendar{id: "harbour-example@group.calendar.google.com", name: "Harbour", zone: berlin, role: "writer"}
	holidays := &practiceCalendar{id: "holidays-example@group.v.calendar.google.com", name: "Holidays", zone: "UTC", role: "reader"}
	person := &practiceCalendar{id: ada, name: "Ada Example", zone: berlin, role: "reader"}
	g.calendars = []*practiceCalendar{own, team, holidays, person}
	for _, e := range []struct {
		in     *practiceCalendar
		id     string
		fields object
	}{
		{own, "standup00", object{"summary": "Stand-up", "start": at("2026-01-05T09:00:00+01:00"), "end": at("2026-01-05T09:15:00+01:00"),
			"recurrence": []any{"RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}, "attendees": guests("accepted"), "hangoutLink": "https://meet.google.com/exa-mple-abc"}},
		{own, "watch00", object{"summary": "Night watch", "location": "Pier 7", "start": at("2026-10-24T22:00:00+02:00"), "end": at("2026-10-25T06:00:00+01:00")}},
		{own, "fair00", object{"summary": "Harbour fair", "start": day("2026-10-23"), "end": day("2026-10-26"), "transparency": "transparent"}},
		{own, "review00", object{"summary": "Tide review", "description": "Heights of <b>September</b>.\nBring the tables.", "location": "Room 4",
			"start": at("2026-10-27T14:00:00+01:00"), "end": at("2026-10-27T15:00:00+01:00"), "organizer": object{"email": ada, "displayName": "Ada Example"}, "creator": object{"email": ada},
			"attendees": guests("needsAction")}},
		{own, "away00", object{"summary": "Out of office", "start": at("2026-10-29T00:00:00+01:00"), "end": at("2026-10-30T00:00:00+01:00"), "eventType": "outOfOffice"}},
		{team, "dredge00", object{"summary": "Dredging", "start": at("2026-10-26T07:00:00+01:00"), "end": at("2026-10-26T16:00:00+01:00")}},
		{holidays, "reformation00", object{"summary": "Reformation Day", "start": day("2026-10-31"), "end": day("2026-11-01"), "transparency": "transparent"}},
		{person, "dentist00", object{"start": at("2026-10-26T10:00:00+01:00"), "end": at("2026-10-26T11:00:00+01:00"), "visibility": "private"}},
	} {
		made := object{
			"kind": "calendar#event", "id": e.id, "status": "confirmed", "htmlLink": "https://www.google.com/calendar/event?eid=" + e.id, "created": "2026-01-02T08:00:00.000Z",
			"creator": object{"email": me}, "organizer": object{"email": me}, "iCalUID": e.id + "@google.com", "sequence": 0, "reminders": object{"useDefault": true}, "eventType": "default",
		}
		add(made, e.fields)
		g.mark(made, githubEpoch())
		e.in.events = append(e.in.events, &practiceEvent{fields: made, changed: map[string]object{}})
	}
}
