package microsoft

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// times are when an event is, as Graph takes it.
type times struct {
	from, to calendar.Moment
	zone     *time.Location
	// name is the zone's as it was given: Graph knows Windows' and most of IANA's.
	name string
}

// checkTimes says what keeps the arguments from saying when an event is, as far
// as they alone can tell.
func (in eventWriteArguments) checkTimes() []string {
	faults := calendar.CheckEnds(in.Start, in.End)
	for _, given := range []struct{ argument, value string }{{"start", in.Start}, {"end", in.End}} {
		written, err := calendar.Parse(given.argument, given.value)
		if err == nil && !written.IsDay() && !written.IsExact() && in.Zone == "" {
			faults = append(faults, fmt.Sprintf("'%s' has no offset; give 'zone', such as Europe/Berlin", given.argument))
		}
	}
	if in.Zone != "" && !in.isMoved() {
		faults = append(faults, "'zone' is of 'start', 'end' or 'recurrence', which are missing")
	}
	return faults
}

// isMoved tells whether anything is said of when the event is.
func (in eventWriteArguments) isMoved() bool {
	return in.Start != "" || in.End != "" || filled(in.Recurrence)
}

func filled(text *string) bool { return text != nil && *text != "" }

// zoneName is where an event is written down: a series stays where it is, and
// what recurs from now on is where it was made, if nobody says otherwise. "": it
// isn't known.
func (in eventWriteArguments) zoneName(target event) string {
	names := []string{in.Zone}
	switch {
	case target.Recurrence != nil:
		names = []string{target.Recurrence.Range.Zone, target.Zone, in.Zone}
	case filled(in.Recurrence):
		names = []string{in.Zone, target.Zone}
	}
	for _, name := range names {
		if _, err := calendar.Zone(name); err == nil {
			return name
		}
	}
	return ""
}

// times are those that the target is to have, an event or the series of the named
// one; event{} is a new one.
func (in eventWriteArguments) times(named, target event) (t times, err error) {
	name := in.zoneName(target)
	t.name = cmp.Or(name, "UTC")
	given, err := calendar.Zone(cmp.Or(in.Zone, "UTC"))
	if err != nil {
		return t, err
	}
	if t.zone, err = calendar.Zone(t.name); err != nil {
		return t, err
	}
	was := target.shared()
	if target.Recurrence == nil {
		t.from, t.to, err = was.Moved(in.Start, in.End, given)
	} else {
		t.from, t.to, err = was.MovedBy(named.shared(), in.Start, in.End, given, t.zone)
	}
	isKept := in.Recurrence == nil && target.Recurrence != nil
	switch {
	case err != nil:
	case name == "" && !t.from.IsDay && (isKept || filled(in.Recurrence)):
		err = errors.New("what recurs needs 'zone', such as Europe/Berlin, so that it keeps its hour all year")
	case isKept:
		err = was.CheckRules(t.from, t.zone)
	}
	return t, err
}

// written is a moment for Graph: in the zone, unless clocks there show its time
// twice, as at the end of summer time. A day has its midnight, even where clocks
// never show it.
func (t times) written(m calendar.Moment) moment {
	const local = "2006-01-02T15:04:05"
	if m.IsDay {
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

// recurs is the rule that is given, or that of a series that is moved; nil: there
// is none.
func (in eventWriteArguments) recurs(t times, target event) (*recurrence, error) {
	first := t.from.In(t.zone)
	r := target.Recurrence
	switch {
	case filled(in.Recurrence):
		var err error
		if r, err = parseRule(*in.Recurrence, first, t.zone); err != nil {
			return nil, err
		}
	case r == nil || in.Recurrence != nil:
		return nil, nil
	default:
		r = r.beginning(first)
	}
	r.Range.Zone = t.name
	return r, nil
}
