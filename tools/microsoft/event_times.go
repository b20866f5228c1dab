package microsoft

import (
	"cmp"
	"fmt"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// times are when an event is, as Graph takes it.
type times struct {
	start, end moment
	isDay      bool
	// first is the day it begins on, where it recurs.
	first time.Time
	zone  *time.Location
	// name is the zone's as it was given: Graph knows Windows' and most of IANA's.
	name string
}

// checkTimes says what keeps the arguments from saying when an event is, as far
// as they alone can tell.
func (in eventWriteArguments) checkTimes() []string {
	var faults []string
	for _, given := range []struct{ argument, value string }{{"start", in.Start}, {"end", in.End}} {
		if given.value == "" {
			continue
		}
		written, err := calendar.Parse(given.argument, given.value)
		switch {
		case err != nil:
			faults = append(faults, err.Error())
		case !written.IsDay() && !written.IsExact() && in.Zone == "":
			faults = append(faults, fmt.Sprintf("'%s' has no offset; give 'zone', such as Europe/Berlin", given.argument))
		}
	}
	switch {
	case len(faults) > 0:
	case in.Start == "" && in.End != "":
		faults = append(faults, "'end' needs 'start'")
	case in.Start == "" && filled(in.Recurrence):
		faults = append(faults, "'recurrence' needs 'start', the first day")
	case in.Start == "" && in.Zone != "":
		faults = append(faults, "'zone' is of 'start', which is missing")
	case in.Start != "":
		_, err := in.times(time.Hour)
		if err == nil {
			_, err = in.recurs(time.Hour)
		}
		if err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults
}

func filled(text *string) bool { return text != nil && *text != "" }

// times reads start and end. Without an end an event lasts as long as length
// says, or at least its whole day.
func (in eventWriteArguments) times(length time.Duration) (times, error) {
	zone := time.UTC
	if in.Zone != "" {
		var err error
		if zone, err = calendar.Zone(in.Zone); err != nil {
			return times{}, err
		}
	}
	start, err := calendar.Parse("start", in.Start)
	if err != nil {
		return times{}, err
	}
	t := times{isDay: start.IsDay(), zone: zone, name: cmp.Or(in.Zone, "UTC")}
	if t.isDay {
		// A day has its midnight, even where clocks there never show it.
		zone = time.UTC
	}
	from := start.In(zone)
	t.first = from
	to := from.Add(length)
	if t.isDay {
		// Days are counted, since not all have 24 hours.
		to = from.AddDate(0, 0, max(1, int(length.Hours()/24)))
	}
	if in.End != "" {
		end, err := calendar.Parse("end", in.End)
		if err != nil {
			return t, err
		}
		to = end.In(zone)
		switch {
		case end.IsDay() != t.isDay:
			return t, fmt.Errorf("'start' and 'end' must both be dates, or both times")
		case !to.After(from) && t.isDay:
			return t, fmt.Errorf("'end' is the day after the last one; for all of %s give %s or nothing", from.Format(time.DateOnly), from.AddDate(0, 0, 1).Format(time.DateOnly))
		case !to.After(from):
			return t, fmt.Errorf("'end' must be after 'start'")
		}
	}
	t.start, t.end = t.written(from), t.written(to)
	return t, nil
}

// written is a moment for Graph: in the zone, unless clocks there show its time
// twice, as at the end of summer time. A day is its midnight in UTC.
func (t times) written(m time.Time) moment {
	const local = "2006-01-02T15:04:05"
	if t.isDay {
		return moment{m.Format(local), t.name}
	}
	text := m.In(t.zone).Format(local)
	for _, d := range []time.Duration{-time.Hour, -time.Hour / 2, time.Hour / 2, time.Hour} {
		if m.Add(d).In(t.zone).Format(local) == text {
			return moment{m.UTC().Format(local), "UTC"}
		}
	}
	return moment{text, t.name}
}

// recurs reads the rule, which needs the first day; nil: there is none.
func (in eventWriteArguments) recurs(length time.Duration) (*recurrence, error) {
	if !filled(in.Recurrence) {
		return nil, nil
	}
	t, err := in.times(length)
	if err != nil {
		return nil, err
	}
	if in.Zone == "" && !t.isDay {
		return nil, fmt.Errorf("'recurrence' needs 'zone', such as Europe/Berlin, so that it keeps its hour all year")
	}
	r, err := parseRule(*in.Recurrence, t.first, t.zone)
	if err == nil {
		r.Range.Zone = t.name
	}
	return r, err
}
