package calendar

import "time"

// Event is an event of a calendar, or an occurrence of one that recurs.
type Event struct {
	// ID is the provider's.
	ID, Title string
	// Start and End are either both days or both not. End is exclusive; the zero
	// Moment is none.
	Start, End Moment
	// Zone is what the event was made in, if that matters; "" else.
	Zone     string
	Location string
	// Organizer is the zero Person if it isn't known.
	Organizer Person
	// Attendees are people and rooms, as far as the provider lists them.
	Attendees []Person
	// Response is what the calendar's owner has answered; "" for an event of their
	// own.
	Response Response
	// Kind says what it is beside an ordinary event, such as "out of office"; "" for
	// such a one.
	Kind string
	// Cancelled: it doesn't take place. Tentative: it may not. Free: it takes place
	// and leaves its time free.
	Cancelled, Tentative, Free bool
	// Series is the event that this one is an occurrence of, and Recurrence are its
	// rules (RFC 5545 §3.8.5) if it is such a one.
	Series     string
	Recurrence []string
	// Meeting is where it is held online, Link where people see the event.
	Meeting, Link string
	// Description is plain text; HTML in it would be shown as it stands.
	Description string
}

// Person is somebody who takes part, or a room.
type Person struct {
	Name, Address string
	Response      Response
	// Self is the calendar's owner.
	Self, Optional, Room bool
}

// Response is an answer to an invitation; "": none is wanted, or it isn't known.
type Response string

// The answers that providers share.
const (
	Accepted   Response = "accepted"
	Declined   Response = "declined"
	Maybe      Response = "maybe"
	Unanswered Response = "not answered"
)

// Moment is a point in time, or a day, which is one anywhere. The zero value is
// neither.
type Moment struct {
	// Time is, of a day, its midnight in UTC.
	time.Time
	IsDay bool
}

// In is the moment in a zone; a day begins where its first hour does.
func (m Moment) In(zone *time.Location) time.Time {
	if !m.IsDay {
		return m.Time.In(zone)
	}
	return at(m.Time, zone)
}
