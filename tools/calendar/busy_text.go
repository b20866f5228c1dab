package calendar

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/rest"
)

// Schedule is when one calendar is busy.
type Schedule struct {
	// Calendar is its name or address.
	Calendar string
	Busy     []Span
	// Unknown is why nobody can tell; "" if it is known.
	Unknown string
}

// BusyText is a line for each calendar and one for the times that are free in all
// those that are known. A line that doesn't fit into its part of so many bytes is
// cut and says so.
func BusyText(schedules []Schedule, window Span, zone *time.Location, room int) string {
	lines := []string{window.Text(zone)}
	room /= len(schedules) + 1
	var all []Span
	known := 0
	for _, s := range schedules {
		name := Address(s.Calendar, 100)
		if s.Unknown != "" {
			lines = append(lines, name+": not known ("+rest.OneLine(s.Unknown, 100)+")")
			continue
		}
		known++
		all = append(all, s.Busy...)
		lines = append(lines, name+" busy: "+cmp.Or(spansText(within(window, s.Busy), zone, room), "never"))
	}
	if known > 0 {
		lines = append(lines, flag(known > 1, "all ")+"free: "+cmp.Or(spansText(Gaps(window, all), zone, room), "never"))
	}
	return strings.Join(lines, "\n")
}

// within are the joined spans that have a part in the window.
func within(window Span, spans []Span) []Span {
	var inside []Span
	for _, s := range Join(spans) {
		if s.End.After(window.Start) && s.Start.Before(window.End) {
			inside = append(inside, s)
		}
	}
	return inside
}

// spansText says each day once.
func spansText(spans []Span, zone *time.Location, room int) string {
	text, today := "", ""
	for i, s := range spans {
		start, end := s.Start.In(zone), s.End.In(zone)
		next, separator := clockTime(start)+"–"+until(start, end), ", "
		if date := start.Format("Mon " + time.DateOnly); date != today {
			next, separator, today = date+" "+next, "; ", date
		}
		if len(text)+len(next) > room {
			return fmt.Sprintf("%s [%d more: ask for a shorter window]", text, len(spans)-i)
		}
		text = rest.Join(separator, text, next)
	}
	return text
}
