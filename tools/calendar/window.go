package calendar

import (
	"fmt"
	"strings"
	"time"

	"github.com/valetkey/valetkey/tools/rest"
)

// Window is the arguments that say which span of time is wanted. An input struct
// embeds it.
type Window struct {
	From string `json:"from,omitempty" doc:"default now; date, or time with or without offset"`
	To   string `json:"to,omitempty" doc:"exclusive; default 7 days later"`
}

// Check is for [tools.Define].
func (w Window) Check() []string {
	var faults []string
	for _, given := range []struct{ argument, value string }{{"from", w.From}, {"to", w.To}} {
		if given.value == "" {
			continue
		}
		if _, err := Parse(given.argument, given.value); err != nil {
			faults = append(faults, err.Error())
		}
	}
	return faults
}

// NeedsZone tells whether the span depends on the calendar's time zone.
func (w Window) NeedsZone() bool {
	from, _ := Parse("from", w.From)
	to, _ := Parse("to", w.To)
	return w.From != "" && !from.IsExact() || w.To != "" && !to.IsExact()
}

// Span is the time that is wanted: from now on and for seven days, if nothing
// else is said. The arguments have passed Check.
func (w Window) Span(now time.Time, zone *time.Location) (Span, error) {
	const days = 7
	span := Span{Start: now.In(zone).Truncate(time.Second)}
	if w.From != "" {
		from, err := Parse("from", w.From)
		if err != nil {
			return span, err
		}
		span.Start = from.In(zone)
	}
	if w.To == "" {
		span.End = at(naive(span.Start).AddDate(0, 0, days), zone)
		return span, nil
	}
	to, err := Parse("to", w.To)
	if err != nil {
		return span, err
	}
	if span.End = to.In(zone); !span.End.After(span.Start) {
		return span, fmt.Errorf("'to' must be after 'from'; for all of one day give the next: from=%s, to=%s",
			span.Start.Format(time.DateOnly), span.Start.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return span, nil
}

// Written is a moment as an argument gives it.
type Written struct {
	// Text is the moment as providers take it: 2026-01-31, 2026-01-31T09:30:00, or
	// that with an offset.
	Text string
	// wall is what clocks show then, as if they were in UTC.
	wall time.Time
	form form
}

// firstYear and lastYear leave room for zones and lengths: providers take years of
// four digits.
const firstYear, lastYear = 1900, 9998

type form int

const (
	exact form = iota
	clock
	day
)

// Parse reads a day, a time on a clock or a moment (RFC 3339). The error names
// the argument and shows a right value.
func Parse(argument, value string) (Written, error) {
	value = strings.TrimSpace(value)
	for _, known := range []struct {
		layout, text string
		form         form
	}{
		{time.RFC3339, time.RFC3339, exact},
		{"2006-01-02T15:04Z07:00", time.RFC3339, exact},
		{"2006-01-02T15:04:05", "2006-01-02T15:04:05", clock},
		{"2006-01-02T15:04", "2006-01-02T15:04:05", clock},
		{time.DateOnly, time.DateOnly, day},
	} {
		for _, layout := range []string{known.layout, strings.Replace(known.layout, "T", " ", 1)} {
			if t, err := time.Parse(layout, value); err == nil {
				if t.Year() < firstYear || t.Year() > lastYear {
					return Written{}, fmt.Errorf("'%s' must be in the years %d to %d; got %q", argument, firstYear, lastYear, rest.OneLine(value, 60))
				}
				return Written{t.Format(known.text), naive(t), known.form}, nil
			}
		}
	}
	return Written{}, fmt.Errorf("'%s' must be a date like 2026-01-31, or a time like 2026-01-31T09:30:00 or 2026-01-31T09:30:00+01:00; got %q",
		argument, rest.OneLine(value, 60))
}

// IsDay tells a day from a time.
func (w Written) IsDay() bool { return w.form == day }

// IsExact tells whether it is a moment without a zone.
func (w Written) IsExact() bool { return w.form == exact }

// In is the moment in a zone; a day is its beginning.
func (w Written) In(zone *time.Location) time.Time {
	if w.form != exact {
		return at(w.wall, zone)
	}
	// It was made by this very layout.
	t, _ := time.Parse(time.RFC3339, w.Text)
	return t.In(zone)
}

func (w Written) moment(zone *time.Location) Moment {
	if w.IsDay() {
		return Moment{w.In(time.UTC), true}
	}
	return Moment{w.In(zone), false}
}
