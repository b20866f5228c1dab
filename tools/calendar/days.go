package calendar

import "time"

// Has tells whether an event takes place in a span. One that lasts all day does if
// the span has a part of one of its dates in the zone. Where nobody can tell, it
// does.
func (s Span) Has(e Event, zone *time.Location) bool {
	start, end := s.Start, s.End
	if e.Start.IsDay {
		start, end = s.days(zone)
	}
	switch {
	case e.Start.IsZero() || e.End.IsZero():
		return true
	case e.End.After(e.Start.Time):
		return e.Start.Before(end) && e.End.After(start)
	}
	return e.Start.Before(end) && !e.Start.Before(start)
}

// days are the first date in a zone and the one after the last, as midnights in
// UTC.
func (s Span) days(zone *time.Location) (first, after time.Time) {
	last := naive(s.End.Add(-time.Nanosecond).In(zone)).Truncate(oneDay)
	return naive(s.Start.In(zone)).Truncate(oneDay), last.Add(oneDay)
}

// Reach is the span to ask a calendar for, the dates of which are those in its own
// zone, so that it gives every event that [Span.Has] in another zone: longer by as
// little as does.
func (s Span) Reach(zone, own *time.Location) Span {
	first, after := s.days(zone)
	if end := at(first.Add(oneDay), own).Add(-time.Second); end.Before(s.Start) {
		s.Start = end
	}
	if begin := at(after.Add(-oneDay), own).Add(time.Second); begin.After(s.End) {
		s.End = begin
	}
	return s
}
