package calendar

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/rest"
)

// CheckEnds says what keeps two arguments from being the start and the end of an
// event, as far as they alone can tell; "" is for none.
func CheckEnds(start, end string) []string {
	var faults []string
	var ends []Written
	for _, given := range []struct{ argument, value string }{{"start", start}, {"end", end}} {
		if given.value == "" {
			continue
		}
		written, err := Parse(given.argument, given.value)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		ends = append(ends, written)
	}
	// A time with an offset and one without are in order in some zones alone.
	if len(ends) < 2 || !ends[0].IsDay() && !ends[1].IsDay() && ends[0].IsExact() != ends[1].IsExact() {
		return faults
	}
	if err := inOrder(ends[0].moment(time.UTC), ends[1].moment(time.UTC)); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// inOrder: an event has a length, if it lasts for days.
func inOrder(start, end Moment) error {
	switch {
	case start.IsDay != end.IsDay:
		return errors.New("the event's start and 'end' must both be dates, for one that lasts all day, or both be times; give both")
	case start.IsDay && !end.After(start.Time):
		return fmt.Errorf("'end' is the day after the last one; for all of %s alone give end=%s",
			start.Format(time.DateOnly), start.AddDate(0, 0, 1).Format(time.DateOnly))
	case end.Before(start.Time):
		return errors.New("'end' must not be before the event's start")
	}
	return nil
}

// Moved answers when an event is once start and end are what the arguments say,
// "" being for what they don't. Event{} is one that is new. Without an end it is as
// long as before; if it is new, or all day where it wasn't or the other way
// around, a day or an hour. Times without an offset are in the zone.
func (e Event) Moved(start, end string, zone *time.Location) (from, to Moment, err error) {
	from, to = e.Start, e.End
	if start != "" {
		written, err := Parse("start", start)
		if err != nil {
			return from, to, err
		}
		from = written.moment(zone)
		to = Moment{from.Add(e.length(from.IsDay)), from.IsDay}
	}
	if end != "" {
		written, err := Parse("end", end)
		if err != nil {
			return from, to, err
		}
		to = written.moment(zone)
	}
	if from.IsZero() {
		return from, to, errors.New("it can't be read when the event begins; give both 'start' and 'end'")
	}
	return from, to, inOrder(from, to)
}

// length is how long it is, or would usually be if it were of another kind.
func (e Event) length(isDay bool) time.Duration {
	switch {
	case isDay == e.Start.IsDay && !e.End.IsZero() && !e.End.Before(e.Start.Time):
		return e.End.Sub(e.Start.Time)
	case isDay:
		return oneDay
	}
	return time.Hour
}

// oneDay is the length of those in UTC, which all have the same.
const oneDay = 24 * time.Hour

// MovedBy answers when the first of a series is once an occurrence of it is when
// the arguments say, as in [Event.Moved]: as many days later, at the same time of
// the clock in the series' zone. own is that zone, and zone that of the arguments.
func (e Event) MovedBy(occurrence Event, start, end string, zone, own *time.Location) (from, to Moment, err error) {
	was := occurrence.Start
	is, to, err := occurrence.Moved(start, end, zone)
	switch {
	case was.IsZero() || e.Start.IsZero():
		return is, to, errors.New("it isn't said when this occurrence is, as of one that is deleted; name another")
	case err != nil:
		return is, to, err
	}
	if start == "" {
		was, is = e.Start, e.Start
	}
	length := to.wall(own).Sub(is.wall(own))
	switch {
	case end == "" && is.IsDay == e.Start.IsDay:
		length = e.End.wall(own).Sub(e.Start.wall(own))
	case start == "":
		length = to.wall(own).Sub(occurrence.Start.wall(own))
	}
	days := is.date(own).Sub(was.date(own))
	first := e.Start.date(own).Add(days + is.wall(own).Sub(is.date(own)))
	from = onClock(first, is.IsDay, own)
	to = onClock(first.Add(length), is.IsDay, own)
	return from, to, inOrder(from, to)
}

// wall is what clocks in a zone show, as if they were in UTC, and date the day's
// midnight of that.
func (m Moment) wall(zone *time.Location) time.Time {
	if m.IsDay {
		return m.Time
	}
	return naive(m.In(zone))
}

func (m Moment) date(zone *time.Location) time.Time { return m.wall(zone).Truncate(oneDay) }

func onClock(wall time.Time, isDay bool, zone *time.Location) Moment {
	if isDay {
		return Moment{wall, true}
	}
	return Moment{at(wall, zone), false}
}

// CheckRules says why a series can't begin at another moment with the rules it
// has: those name days and times that stay where they are. zone is the series'.
func (e Event) CheckRules(from Moment, zone *time.Location) error {
	was, is := e.Start.wall(zone), from.wall(zone)
	if was.Equal(is) && e.Start.IsDay == from.IsDay {
		return nil
	}
	move := move{was, is, e.Start.IsDay == from.IsDay, zone}
	for _, line := range e.Recurrence {
		rule, isRule := strings.CutPrefix(line, "RRULE:")
		if !isRule && strings.Contains(line, ":") || !move.fits(rule) {
			return fmt.Errorf("the series can't be moved there as it is: its %s would stay behind; give 'recurrence' as well, as it is to be then", rest.OneLine(line, 300))
		}
	}
	return nil
}

// move is of a series' start, as clocks in its zone show it.
type move struct {
	was, is  time.Time
	sameKind bool
	zone     *time.Location
}

// fits tells whether the parts of a rule (RFC 5545 §3.3.10) mean the same
// occurrences after the move.
func (m move) fits(rule string) bool {
	isDay := m.was.Truncate(oneDay).Equal(m.is.Truncate(oneDay))
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.ToUpper(name) {
		case "FREQ":
			if !strings.Contains(" DAILY WEEKLY MONTHLY YEARLY ", " "+value+" ") {
				return false
			}
		case "INTERVAL", "COUNT", "WKST":
		case "UNTIL":
			if !isDay || !m.sameKind || m.passes(value) {
				return false
			}
		case "BYHOUR", "BYMINUTE", "BYSECOND":
			return false
		default:
			if !isDay {
				return false
			}
		}
	}
	return true
}

// passes tells whether the time of day, as it was or as it is, is past that at
// which the rule ends, and the other isn't: there would be one occurrence more or
// less.
func (m move) passes(until string) bool {
	end, err := time.Parse("20060102T150405Z", until)
	if err != nil {
		// A day holds all its times.
		_, err = time.Parse("20060102", until)
		return err != nil
	}
	end = naive(end.In(m.zone))
	clock := end.Sub(end.Truncate(oneDay))
	return (m.was.Sub(m.was.Truncate(oneDay)) > clock) != (m.is.Sub(m.is.Truncate(oneDay)) > clock)
}
