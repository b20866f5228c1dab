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
	var known, unknown []string
	for _, s := range schedules {
		name := Address(s.Calendar, 100)
		if s.Unknown != "" {
			unknown = append(unknown, name)
			lines = append(lines, name+": not known ("+rest.OneLine(s.Unknown, 100)+")")
			continue
		}
		known = append(known, name)
		all = append(all, s.Busy...)
		lines = append(lines, name+" busy: "+cmp.Or(spansText(within(window, s.Busy), zone, room), "never"))
	}
	if len(known) > 0 {
		lines = append(lines, freeText(known, unknown)+": "+cmp.Or(spansText(Gaps(window, all), zone, room), "never"))
	}
	return strings.Join(lines, "\n")
}

// freeText says for whom times are free, and for whom nobody can tell.
func freeText(known, unknown []string) string {
	if len(unknown) == 0 {
		return flag(len(known) > 1, "all ") + "free"
	}
	return "free for " + listed(known) + "; " + listed(unknown) + "'s times aren't known"
}

// listed is names as a sentence has them.
func listed(names []string) string {
	last := len(names) - 1
	return rest.Join(" and ", strings.Join(names[:last], ", "), names[last])
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
