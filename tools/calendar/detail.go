package calendar

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/rest"
)

// maxAttendees is how many people of an event are named.
const maxAttendees = 50

// Text is all about one event, in lines; its description last, in so many bytes
// as fit. more says how to read what is cut.
func (e Event) Text(zone *time.Location, room int, more string) string {
	var lines []string
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, name+": "+value)
		}
	}
	lines = append(lines, cmp.Or(Quoted(e.Title, 300), "untitled")+"; id "+rest.OneLine(e.ID, 1024))
	add("when", e.fullWhen(zone))
	add("where", Quoted(e.Location, 300))
	add("status", rest.Join(", ", rest.OneLine(e.Kind, 30), flag(e.Cancelled, "cancelled"), flag(e.Tentative, "tentative"), flag(e.Free, "leaves the time free")))
	add("organizer", e.Organizer.text())
	add("you", string(e.Response))
	add("series", rest.OneLine(e.Series, 1024))
	add("recurs", e.rules(zone))
	add("online", Link(e.Meeting))
	add("link", Link(e.Link))
	lines = append(lines, e.people()...)
	return strings.Join(lines, "\n") + e.described(max(0, room-len(strings.Join(lines, "\n"))), more)
}

func (e Event) fullWhen(zone *time.Location) string {
	if e.Start.IsZero() {
		return unreadable
	}
	day := e.Start.In(zone).Format("Mon " + time.DateOnly)
	if e.Start.IsDay {
		return day + " " + e.when(zone)
	}
	return fmt.Sprintf("%s %s, %s", day, e.when(zone), zoneText(e.Start.Time, zone))
}

// rules are in the zone the event was made in, which may not be the one shown.
func (e Event) rules(zone *time.Location) string {
	rules := rest.OneLine(strings.Join(e.Recurrence, " "), 500)
	// Parameters may hold any text in quotation marks (RFC 5545 §3.2).
	if strings.ContainsAny(strings.Join(e.Recurrence, ""), " \"") {
		rules = Quoted(rules, 500)
	}
	if rules != "" && e.Zone != "" && e.Zone != zone.String() {
		rules += " in " + rest.OneLine(e.Zone, 60)
	}
	return rules
}

func (p Person) text() string {
	if p == (Person{}) {
		return ""
	}
	return rest.Join(", ", rest.Join(" ", Quoted(p.Name, 60), Address(p.Address, 100)),
		string(p.Response), flag(p.Self, "you"), flag(p.Optional, "optional"), flag(p.Room, "a room"))
}

func (e Event) people() []string {
	if len(e.Attendees) == 0 {
		return nil
	}
	lines := []string{"attendees:"}
	for i, p := range e.Attendees {
		if i == maxAttendees {
			lines = append(lines, fmt.Sprintf("- and %d more", len(e.Attendees)-i))
			break
		}
		lines = append(lines, "- "+p.text())
	}
	return lines
}

// described quotes every line of the description, so that none passes for ours.
func (e Event) described(room int, more string) string {
	text := strings.TrimSpace(rest.Clean(e.Description))
	if text == "" {
		return ""
	}
	quoted := "> " + strings.ReplaceAll(text, "\n", "\n> ")
	kept := rest.CutAtLine(quoted, room)
	if len(kept) == len(quoted) {
		return "\n" + quoted
	}
	return fmt.Sprintf("\n%s\n[cut after %s of %s; %s]", strings.TrimSuffix(kept, "\n"), rest.Size(len(kept)), rest.Size(len(quoted)), more)
}
