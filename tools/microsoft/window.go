package microsoft

import (
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// wholeDays is a span from the beginning of its first day in a zone to the end of
// its last. Graph takes an event of a whole day for one from midnight to midnight
// elsewhere, which may have no part in some hours of that very day.
func wholeDays(span calendar.Span, zone *time.Location) calendar.Span {
	first, last := dayOf(span.Start, zone), dayOf(span.End, zone)
	if last.In(zone).Before(span.End) {
		last.Time = last.AddDate(0, 0, 1)
	}
	return calendar.Span{Start: first.In(zone), End: last.In(zone)}
}

func dayOf(t time.Time, zone *time.Location) calendar.Moment {
	year, month, day := t.In(zone).Date()
	return calendar.Moment{Time: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), IsDay: true}
}

// isWithin tells whether an event has a part in a span, days as they are in a
// zone. One whose times can't be read might.
func isWithin(e calendar.Event, span calendar.Span, zone *time.Location) bool {
	start, end := e.Start.In(zone), e.End.In(zone)
	switch {
	case e.Start.IsZero():
		return true
	case !end.After(start):
		return !start.Before(span.Start) && start.Before(span.End)
	}
	return start.Before(span.End) && end.After(span.Start)
}
