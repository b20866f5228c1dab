package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/rest"
)

// Page is events of one calendar as they are shown.
type Page struct {
	// Calendar is its name, in quotation marks where other people choose it.
	Calendar string
	Events   []Event
	// Window is what was asked for, and Zone where times are shown.
	Window Span
	Zone   *time.Location
	// Next is how to ask for the next page; "" if this is the last.
	Next string
}

// Text is a line for each event, below the day it begins on, as many as fit into
// so many bytes, and below a heading that says how to ask for the others.
// Words of people are in quotation marks, which none of them holds.
func (p Page) Text(room int) string {
	events := slices.Clone(p.Events)
	slices.SortStableFunc(events, func(a, b Event) int { return a.Start.In(p.Zone).Compare(b.Start.In(p.Zone)) })
	var text strings.Builder
	shown, heading, said := 0, "", offset(p.Window.Start.In(p.Zone))
	for _, e := range events {
		line, today := e.line(p.Zone)+"\n", dayHeading(e, p.Zone, said)
		if today != heading {
			line = today + "\n" + line
		}
		if shown > 0 && text.Len()+len(line) > room {
			break
		}
		text.WriteString(line)
		heading = today
		shown++
	}
	return p.heading(events, shown) + "\n" + text.String()
}

func (p Page) heading(events []Event, shown int) string {
	n := cmp.Or(rest.Count(shown, "event"), "no events")
	next := p.Next
	if left := len(events) - shown; left > 0 {
		n = fmt.Sprintf("%d of %s", shown, rest.Count(len(events), "event"))
		next = fmt.Sprintf("per_page=%d", shown)
		if from := events[shown].Start.In(p.Zone); from.After(p.Window.Start) && from.After(events[0].Start.In(p.Zone)) {
			next = "from=" + from.Format(time.RFC3339)
		}
	}
	if next != "" {
		next = "; next: " + next
	}
	return fmt.Sprintf("%s: %s, %s%s", rest.OneLine(p.Calendar, 100), n, p.Window.Text(p.Zone), next)
}

// Text says a span and the zone that times are shown in.
func (s Span) Text(zone *time.Location) string {
	const minute = "2006-01-02 15:04"
	return fmt.Sprintf("%s to %s, times in %s", s.Start.In(zone).Format(minute), s.End.In(zone).Format(minute), zoneText(s.Start, zone))
}

// zoneText is a zone with its offset from UTC at a moment, unless it is that.
func zoneText(t time.Time, zone *time.Location) string {
	if strings.HasPrefix(zone.String(), "UTC") {
		return zone.String()
	}
	return fmt.Sprintf("%s (UTC%s)", zone, offset(t.In(zone)))
}

// dayHeading is the day that an event begins on, with the offset from UTC if it
// is not the one that was said.
func dayHeading(e Event, zone *time.Location, said string) string {
	if e.Start.IsZero() {
		return unreadable
	}
	start := e.Start.In(zone)
	heading := start.Format("Mon " + time.DateOnly)
	if now := offset(start); now != said && !changes(start) {
		heading += " (UTC" + now + ")"
	}
	return heading
}

// changes tells whether the offset from UTC changes on a day: then a time on the
// clock may be there twice.
func changes(t time.Time) bool {
	begin := naive(t).Truncate(24 * time.Hour)
	return offset(at(begin, t.Location())) != offset(at(begin.AddDate(0, 0, 1), t.Location()))
}

// line says what matters of an event.
func (e Event) line(zone *time.Location) string {
	facts := []string{
		rest.OneLine(e.Kind, 30), flag(e.Cancelled, "cancelled"), flag(e.Tentative, "tentative"), flag(e.Free, "free"), e.answered(), e.by(),
		rest.Count(e.guests(), "guest"), flag(e.Series != "" || len(e.Recurrence) > 0, "recurring"), flag(e.Meeting != "", "online"),
	}
	text := rest.Join(" ", e.when(zone), cmp.Or(Quoted(e.Title, 120), "untitled"))
	if e.Location != "" {
		text += " at " + Quoted(e.Location, 80)
	}
	return rest.Join("; ", append([]string{text}, append(facts, "id "+rest.OneLine(e.ID, 1024))...)...)
}

func flag(is bool, word string) string {
	if is {
		return word
	}
	return ""
}

func (e Event) answered() string {
	switch e.Response {
	case Unanswered:
		return "you haven't answered"
	case Declined:
		return "you declined"
	case Maybe:
		return "you said maybe"
	}
	return ""
}

// by names who invites, if that isn't the calendar's owner.
func (e Event) by() string {
	if e.Organizer.Self || e.Organizer == (Person{}) {
		return ""
	}
	return "by " + cmp.Or(Address(e.Organizer.Address, 100), Quoted(e.Organizer.Name, 60))
}

// guests counts those who take part besides the owner.
func (e Event) guests() (n int) {
	for _, p := range e.Attendees {
		if !p.Self && !p.Room {
			n++
		}
	}
	return n
}

// unreadable stands for when an event is if its provider doesn't say so.
const unreadable = "time not readable"

// when says from when to when, without the day it begins on. The last day of
// several is one of them.
func (e Event) when(zone *time.Location) string {
	if e.Start.IsZero() {
		return ""
	}
	start, end := e.Start.In(zone), e.End.In(zone)
	if e.Start.IsDay {
		if last := e.End.Time.AddDate(0, 0, -1); last.After(e.Start.Time) {
			return "all day through " + last.Format(time.DateOnly)
		}
		return "all day"
	}
	if e.End.IsZero() || !end.After(start) {
		return clockTime(start)
	}
	return clockTime(start) + "–" + until(start, end)
}

// until is the end of what has begun: with its day, if that is another. The
// midnight after is 24:00 (ISO 8601-1:2019/Amd 1:2022).
func until(start, end time.Time) string {
	midnight := naive(start).Truncate(24*time.Hour).AddDate(0, 0, 1)
	switch shown := naive(end); {
	case shown.Equal(midnight):
		return "24:00"
	case shown.Before(midnight):
		return clockTime(end)
	}
	return end.Format(time.DateOnly) + " " + clockTime(end)
}

func clockTime(t time.Time) string {
	if changes(t) {
		return t.Format("15:04-07:00")
	}
	return t.Format("15:04")
}

// Quoted is people's words inside a line of ours, where they can't pass for
// more; "" if there are none.
func Quoted(s string, limit int) string {
	s = rest.OneLine(strings.ReplaceAll(s, `"`, "'"), limit)
	if s == "" {
		return ""
	}
	return `"` + s + `"`
}

// Address is somebody's inside a line of ours: bare, unless it holds what could
// end it there, as a quoted local part may (RFC 5322 §3.4.1).
func Address(s string, limit int) string {
	if bare := rest.OneLine(s, limit); !strings.ContainsAny(bare, " \";,<>") {
		return bare
	}
	return Quoted(s, limit)
}

// Link is the address of a web page, and none of the words behind it; "" if it is
// none.
func Link(s string) string {
	first, _, _ := strings.Cut(rest.OneLine(s, 1000), " ")
	if scheme, _, found := strings.Cut(strings.ToLower(first), "://"); !found || scheme != "https" && scheme != "http" {
		return ""
	}
	return first
}
