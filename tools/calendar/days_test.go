package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// TestDays: a day is one anywhere, and a calendar asked in its own zone gives all
// those that are wanted in another. Summer time begins at midnight in Santiago on
// 2026-09-06.
func TestDays(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Etc/GMT+12", "America/Santiago", "Asia/Kolkata"}
	for _, c := range []struct {
		from, to    string
		first, last string
	}{
		{"2026-11-25", "2026-11-26", "2026-11-25", "2026-11-25"},
		{"2026-11-25T20:00", "2026-11-25T21:00", "2026-11-25", "2026-11-25"},
		{"2026-11-25T00:00", "2026-11-25T00:01", "2026-11-25", "2026-11-25"},
		{"2026-11-25T23:30", "2026-11-27T00:00", "2026-11-25", "2026-11-26"},
		{"2026-09-05", "2026-09-06", "2026-09-05", "2026-09-05"},
		{"2026-09-06", "2026-09-07", "2026-09-06", "2026-09-06"},
	} {
		for _, name := range zones {
			asked := zone(t, name)
			span, err := calendar.Window{From: c.from, To: c.to}.Span(time.Time{}, asked)
			if err != nil {
				t.Fatal(err)
			}
			for _, own := range zones {
				inDays(t, span, asked, zone(t, own), when(t, c.first).Time, when(t, c.last).Time)
			}
			if got := span.Reach(asked, asked); got != span {
				t.Errorf("%v reaches to %v in its own zone", span, got)
			}
		}
	}
}

// inDays holds the days around a span to those from the first to the last.
func inDays(t *testing.T, span calendar.Span, asked, own *time.Location, first, last time.Time) {
	t.Helper()
	reach := span.Reach(asked, own)
	for day := first.AddDate(0, 0, -3); day.Before(last.AddDate(0, 0, 4)); day = day.AddDate(0, 0, 1) {
		e := calendar.Event{Start: calendar.Moment{Time: day, IsDay: true}, End: calendar.Moment{Time: day.AddDate(0, 0, 1), IsDay: true}}
		wanted := !day.Before(first) && !day.After(last)
		if span.Has(e, asked) != wanted {
			t.Errorf("%v in %v: %v is in it: %v", span, asked, day, !wanted)
		}
		if given := e.Start.In(own).Before(reach.End) && e.End.In(own).After(reach.Start); wanted && !given {
			t.Errorf("%v in %v: %v is missed in %v", span, asked, day, own)
		}
	}
}

// TestHas: other events are there at moments.
func TestHas(t *testing.T) {
	t.Parallel()
	span := calendar.Span{Start: moment(t, "2026-11-25T10:00:00Z"), End: moment(t, "2026-11-25T11:00:00Z")}
	for _, c := range []struct {
		start, end string
		want       bool
	}{
		{"2026-11-25T09:00:00Z", "2026-11-25T10:00:00Z", false}, {"2026-11-25T09:00:00Z", "2026-11-25T10:00:01Z", true},
		{"2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", false}, {"2026-11-25T10:59:59Z", "2026-11-25T12:00:00Z", true},
		{"2026-11-25T10:00:00Z", "2026-11-25T10:00:00Z", true}, {"2026-11-25T11:00:00Z", "2026-11-25T11:00:00Z", false},
	} {
		if span.Has(event(t, c.start, c.end), time.UTC) != c.want {
			t.Errorf("%s to %s: %v", c.start, c.end, !c.want)
		}
	}
	if !span.Has(calendar.Event{}, time.UTC) {
		t.Error("an event without times is nowhere")
	}
}

// TestYears: years have four digits in any zone, which is all that RFC 3339 takes.
func TestYears(t *testing.T) {
	t.Parallel()
	for _, year := range []string{"1899-12-31", "9999-12-31", "0000-01-01T00:00:00+23:59", "9999-01-01T00:00"} {
		if _, err := calendar.Parse("from", year); err == nil || !strings.HasPrefix(err.Error(), "'from' must be in the years 1900 to 9998; got ") {
			t.Errorf("%s: %v", year, err)
		}
	}
}
