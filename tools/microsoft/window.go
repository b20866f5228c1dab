package microsoft

import (
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// zoneOf is where times are shown: in the zone that is given, else by the offset
// of a moment that is, else in the first of others that is known, else in UTC.
func zoneOf(given string, moments []string, others ...string) *time.Location {
	if zone, err := calendar.Zone(given); err == nil {
		return zone
	}
	for _, moment := range moments {
		if written, err := calendar.Parse("", moment); err == nil && written.IsExact() {
			// It was made by this very layout.
			t, _ := time.Parse(time.RFC3339, written.Text)
			if _, seconds := t.Zone(); seconds != 0 {
				return time.FixedZone("UTC"+t.Format("-07:00"), seconds)
			}
			return time.UTC
		}
	}
	for _, other := range others {
		if zone, err := calendar.Zone(other); err == nil {
			return zone
		}
	}
	return time.UTC
}

// reach is the span to ask for. Graph takes an event of a whole day for one from
// midnight to midnight in a zone that nobody names, which may have no part in some
// hours of that very day elsewhere. No zone is further from UTC than these.
func reach(span calendar.Span, zone *time.Location) calendar.Span {
	const hour = 60 * 60
	return span.Reach(zone, time.FixedZone("", 14*hour)).Reach(zone, time.FixedZone("", -12*hour))
}
