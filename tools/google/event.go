package google

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// event is what is read of an event.
// https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
type event struct {
	ID               string     `json:"id"`
	ETag             string     `json:"etag"`
	Status           string     `json:"status"`
	HTMLLink         string     `json:"htmlLink"`
	Summary          string     `json:"summary"`
	Description      string     `json:"description"`
	Location         string     `json:"location"`
	Organizer        person     `json:"organizer"`
	Start            moment     `json:"start"`
	End              moment     `json:"end"`
	Recurrence       []string   `json:"recurrence"`
	RecurringEventID string     `json:"recurringEventId"`
	Transparency     string     `json:"transparency"`
	Attendees        []attendee `json:"attendees"`
	HangoutLink      string     `json:"hangoutLink"`
	ConferenceData   struct {
		EntryPoints []struct {
			EntryPointType string `json:"entryPointType"`
			URI            string `json:"uri"`
		} `json:"entryPoints"`
	} `json:"conferenceData"`
	EventType string `json:"eventType"`
	// occurrence is that by whose id a series was found; nil: it wasn't.
	occurrence *event
}

// lineFields are those that a line of a list needs, and eventFields all of them.
const (
	lineFields = "id,status,summary,location,organizer(email,displayName,self),start,end,recurringEventId,transparency," +
		"attendees(self,resource,responseStatus),hangoutLink,conferenceData/entryPoints(entryPointType,uri),eventType"
	wholeFields = "id,etag,status,htmlLink,summary,location,organizer(email,displayName,self),start,end,recurrence,recurringEventId,transparency," +
		"attendees(email,displayName,self,resource,optional,responseStatus,comment,additionalGuests),hangoutLink,conferenceData/entryPoints(entryPointType,uri),eventType"
	eventFields = wholeFields + ",description"
)

type person struct {
	Email       string `json:"email"`
	DisplayName string `json:"displayName"`
	Self        bool   `json:"self"`
}

// attendee is also what is sent, so that what a guest has said stays.
type attendee struct {
	Email            string `json:"email,omitempty"`
	DisplayName      string `json:"displayName,omitempty"`
	Self             bool   `json:"self,omitempty"`
	Resource         bool   `json:"resource,omitempty"`
	Optional         bool   `json:"optional,omitempty"`
	ResponseStatus   string `json:"responseStatus,omitempty"`
	Comment          string `json:"comment,omitempty"`
	AdditionalGuests int    `json:"additionalGuests,omitempty"`
}

// moment is a day or a time.
type moment struct {
	Date     string    `json:"date"`
	DateTime time.Time `json:"dateTime"`
	TimeZone string    `json:"timeZone"`
}

func (m moment) moment() calendar.Moment {
	if day, err := time.Parse(time.DateOnly, m.Date); err == nil {
		return calendar.Moment{Time: day, IsDay: true}
	}
	return calendar.Moment{Time: m.DateTime}
}

// is tells whether it is what was written in a draft.
func (m moment) is(drafted any) bool {
	text, err := json.Marshal(drafted)
	var other moment
	return err == nil && json.Unmarshal(text, &other) == nil && m.Date == other.Date && m.DateTime.Equal(other.DateTime)
}

// kinds are the event types that aren't ordinary.
func kinds() map[string]string {
	return map[string]string{"outOfOffice": "out of office", "focusTime": "focus time", "workingLocation": "working location", "birthday": "birthday"}
}

func responses() map[string]calendar.Response {
	return map[string]calendar.Response{
		"accepted": calendar.Accepted, "declined": calendar.Declined, "tentative": calendar.Maybe, "needsAction": calendar.Unanswered,
	}
}

// shown is the event for its text.
func (e event) shown() calendar.Event {
	shown := calendar.Event{
		ID: e.ID, Title: e.Summary, Start: e.Start.moment(), End: e.End.moment(), Zone: e.Start.TimeZone, Location: e.Location,
		Kind: kinds()[e.EventType], Cancelled: e.Status == "cancelled", Tentative: e.Status == "tentative", Free: e.Transparency == "transparent",
		Organizer: calendar.Person{Name: e.Organizer.DisplayName, Address: e.Organizer.Email, Self: e.Organizer.Self},
		Series:    e.RecurringEventID, Recurrence: e.Recurrence, Meeting: e.meeting(), Link: e.HTMLLink, Description: plain(e.Description),
	}
	for _, a := range e.Attendees {
		shown.Attendees = append(shown.Attendees, calendar.Person{
			Name: a.DisplayName, Address: a.Email, Response: responses()[a.ResponseStatus], Self: a.Self, Optional: a.Optional, Room: a.Resource,
		})
		if a.Self {
			shown.Response = responses()[a.ResponseStatus]
		}
	}
	return shown
}

// meeting is where it is held online: by video, if there is a choice.
func (e event) meeting() string {
	for _, point := range e.ConferenceData.EntryPoints {
		if point.EntryPointType == "video" {
			return point.URI
		}
	}
	return e.HangoutLink
}

// hasGuests tells whether there is anybody to mail.
func hasGuests(all []attendee) bool {
	return slices.ContainsFunc(all, func(a attendee) bool { return !a.Self && !a.Resource })
}
