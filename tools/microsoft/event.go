package microsoft

import (
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
	"github.com/valetkey/valetkey/tools/rest"
)

// event is what is asked of one.
// https://learn.microsoft.com/en-us/graph/api/resources/event
type event struct {
	ETag        string      `json:"@odata.etag"`
	ID          string      `json:"id"`
	Subject     string      `json:"subject"`
	Start       moment      `json:"start"`
	End         moment      `json:"end"`
	IsAllDay    bool        `json:"isAllDay"`
	IsCancelled bool        `json:"isCancelled"`
	Location    place       `json:"location"`
	Organizer   recipient   `json:"organizer"`
	IsOrganizer bool        `json:"isOrganizer"`
	Attendees   []attendee  `json:"attendees"`
	Response    response    `json:"responseStatus"`
	ShowAs      string      `json:"showAs"`
	Series      string      `json:"seriesMasterId"`
	IsOnline    bool        `json:"isOnlineMeeting"`
	Meeting     *meeting    `json:"onlineMeeting"`
	Body        content     `json:"body"`
	Link        string      `json:"webLink"`
	Recurrence  *recurrence `json:"recurrence"`
	Zone        string      `json:"originalStartTimeZone"`
	EndZone     string      `json:"originalEndTimeZone"`
}

// moment is what a clock shows in a zone.
// https://learn.microsoft.com/en-us/graph/api/resources/datetimetimezone
type moment struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

type place struct {
	Name string `json:"displayName"`
}

// attendee is a guest or a room.
// https://learn.microsoft.com/en-us/graph/api/resources/attendee
type attendee struct {
	recipient
	Type   string   `json:"type"`
	Status response `json:"status,omitzero"`
}

type response struct {
	Response string `json:"response,omitempty"`
}

type meeting struct {
	JoinURL string `json:"joinUrl"`
}

// shared is the event as calendars of all providers have it.
func (e event) shared() calendar.Event {
	shared := calendar.Event{
		ID: e.ID, Title: e.Subject, Start: e.Start.shared(e.IsAllDay, e.Zone), End: e.End.shared(e.IsAllDay, e.EndZone), Zone: ianaName(e.Zone), Location: e.Location.Name,
		Organizer: calendar.Person{Name: e.Organizer.Email.Name, Address: e.Organizer.Email.Address, Self: e.IsOrganizer},
		Cancelled: e.IsCancelled, Free: e.ShowAs == "free", Series: e.Series, Link: e.Link, Description: e.Body.Content,
	}
	for _, at := range e.Attendees {
		shared.Attendees = append(shared.Attendees, calendar.Person{
			Name: at.Email.Name, Address: at.Email.Address, Response: answer(at.Status.Response), Optional: at.Type == "optional", Room: at.Type == "resource",
		})
	}
	// Who was invited and hasn't answered is notResponded; none is no invitation.
	if !e.IsOrganizer && e.Response.Response != "none" {
		shared.Response = answer(e.Response.Response)
	}
	if e.IsOnline {
		shared.Meeting = "online"
	}
	if e.Meeting != nil && e.Meeting.JoinURL != "" {
		shared.Meeting = e.Meeting.JoinURL
	}
	if e.Recurrence != nil {
		shared.Recurrence = []string{e.Recurrence.rule()}
	}
	return shared
}

// answer is a response as it is called elsewhere.
// https://learn.microsoft.com/en-us/graph/api/resources/responsestatus
func answer(response string) calendar.Response {
	known := map[string]calendar.Response{
		"accepted": calendar.Accepted, "declined": calendar.Declined, "tentativelyAccepted": calendar.Maybe, "notResponded": calendar.Unanswered, "none": calendar.Unanswered,
	}
	return known[response]
}

// shared reads a moment in UTC. Graph gives the midnight of a day as it was
// written, whatever zone is asked for; what comes as another hour is the midnight
// that is nearest in the zone it was written in, or in UTC if nobody knows that.
// https://github.com/microsoftgraph/microsoft-graph-docs/issues/1802
func (m moment) shared(isDay bool, written string) calendar.Moment {
	t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(m.DateTime, "Z"))
	if err != nil {
		return calendar.Moment{}
	}
	const day = 24 * time.Hour
	if isDay && !t.Equal(t.Truncate(day)) {
		if zone, err := calendar.Zone(written); err == nil {
			_, offset := t.In(zone).Zone()
			t = t.Add(time.Duration(offset) * time.Second)
		}
		t = t.Add(day / 2).Truncate(day)
	}
	return calendar.Moment{Time: t, IsDay: isDay}
}

// ianaName is a zone as others call it; its own name for one that has none there.
func ianaName(zone string) string {
	if known, err := calendar.Zone(zone); err == nil {
		return known.String()
	}
	return calendar.Address(zone, 60)
}

// text is all about the event, with the version that a change may be bound to.
func (e event) text(zone *time.Location, room int) string {
	return rest.Join("\n", e.shared().Text(zone, room, "the rest: microsoft_api path=me/events/ID, jq=.body.content"), rest.Join(" ", "etag:", rest.OneLine(e.ETag, 300)))
}
