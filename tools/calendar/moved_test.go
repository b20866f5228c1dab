package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/tools/calendar"
)

// when reads a day, or a moment (RFC 3339).
func when(t *testing.T, s string) calendar.Moment {
	t.Helper()
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return calendar.Moment{Time: day, IsDay: true}
	}
	return calendar.Moment{Time: moment(t, s)}
}

func event(t *testing.T, start, end string, rules ...string) calendar.Event {
	t.Helper()
	return calendar.Event{Start: when(t, start), End: when(t, end), Recurrence: rules}
}

func isWhen(t *testing.T, got calendar.Moment, want string) {
	t.Helper()
	if w := when(t, want); got.IsDay != w.IsDay || !got.Equal(w.Time) {
		t.Errorf("got %v, want %s", got, want)
	}
}

// TestMoved: an event keeps its length, and one that is new or of another kind now
// has the usual one. Clocks in Berlin go back on 2026-10-25.
func TestMoved(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	short, days := event(t, "2026-10-20T09:00:00Z", "2026-10-20T09:15:00Z"), event(t, "2026-10-20", "2026-10-23")
	for _, c := range []struct {
		was              calendar.Event
		start, end       string
		wantFrom, wantTo string
	}{
		{calendar.Event{}, "2026-10-26T15:00", "", "2026-10-26T14:00:00Z", "2026-10-26T15:00:00Z"},
		{calendar.Event{}, "2026-10-25", "", "2026-10-25", "2026-10-26"},
		{calendar.Event{}, "2026-10-26T15:00:00Z", "2026-10-26T16:30", "2026-10-26T15:00:00Z", "2026-10-26T15:30:00Z"},
		{short, "2026-10-26T15:00", "", "2026-10-26T14:00:00Z", "2026-10-26T14:15:00Z"},
		{short, "", "2026-10-20T12:00", "2026-10-20T09:00:00Z", "2026-10-20T10:00:00Z"},
		{short, "2026-10-26", "", "2026-10-26", "2026-10-27"},
		{days, "2026-10-24", "", "2026-10-24", "2026-10-27"},
		{days, "2026-10-24T10:00", "", "2026-10-24T08:00:00Z", "2026-10-24T09:00:00Z"},
		{short, "2026-10-26T15:00", "2026-10-26T15:00", "2026-10-26T14:00:00Z", "2026-10-26T14:00:00Z"},
	} {
		from, to, err := c.was.Moved(c.start, c.end, berlin)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		isWhen(t, from, c.wantFrom)
		isWhen(t, to, c.wantTo)
	}
	for _, c := range []struct {
		was              calendar.Event
		start, end, want string
	}{
		{short, "", "2026-10-20T10:59", "'end' must not be before the event's start"},
		{days, "", "2026-10-20", "'end' is the day after the last one; for all of 2026-10-20 alone give end=2026-10-21"},
		{days, "", "2026-10-24T10:00", "must both be dates, for one that lasts all day, or both be times; give both"},
		{short, "soon", "", "'start' must be a date"},
		{short, "", "soon", "'end' must be a date"},
	} {
		if _, _, err := c.was.Moved(c.start, c.end, berlin); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s to %s: %v", c.start, c.end, err)
		}
	}
}

// TestCheckEnds: what is wrong in any zone is so before anybody is asked.
func TestCheckEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ start, end, want string }{
		{"", "", ""}, {"2026-10-24", "", ""}, {"2026-10-24", "2026-10-25", ""}, {"2026-10-24T10:00", "2026-10-24T10:00", ""},
		{"2026-10-24T10:00", "2026-10-24T09:00Z", ""}, // in New York
		{"2026-10-24T10:00+02:00", "2026-10-24T08:30Z", ""},
		{"2026-10-24T10:00", "2026-10-24T09:59", "'end' must not be before the event's start"},
		{"2026-10-24", "2026-10-24", "for all of 2026-10-24 alone give end=2026-10-25"},
		{"2026-10-24", "2026-10-24T10:00Z", "must both be dates"},
		{"today", "2026-10-24T10:00Z", "'start' must be a date"},
	} {
		faults := strings.Join(calendar.CheckEnds(c.start, c.end), "\n")
		if c.want == "" && faults != "" || !strings.Contains(faults, c.want) || strings.Contains(faults, "\n") {
			t.Errorf("%s to %s: %q", c.start, c.end, faults)
		}
	}
}

// TestMovedBy: a series goes with one of its occurrences, by the clock, also where
// that has changed since the series began.
func TestMovedBy(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	series, occurrence := event(t, "2026-01-05T08:00:00Z", "2026-01-05T08:15:00Z"), event(t, "2026-07-06T07:00:00Z", "2026-07-06T07:15:00Z")
	nights, night := event(t, "2026-10-01T20:00:00Z", "2026-10-02T04:00:00Z"), event(t, "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z")
	feasts, feast := event(t, "2026-01-01", "2026-01-03"), event(t, "2026-07-01", "2026-07-03")
	late := event(t, "2026-07-06T09:00:00Z", "2026-07-06T09:15:00Z")
	for name, c := range map[string]struct {
		series, occurrence calendar.Event
		start, end         string
		wantFrom, wantTo   string
	}{
		"to ten":                        {series, occurrence, "2026-07-06T10:00", "", "2026-01-05T09:00:00Z", "2026-01-05T09:15:00Z"},
		"to the day after":              {series, occurrence, "2026-07-07T09:00", "", "2026-01-06T08:00:00Z", "2026-01-06T08:15:00Z"},
		"a moment":                      {series, occurrence, "2026-07-06T08:00:00Z", "", "2026-01-05T09:00:00Z", "2026-01-05T09:15:00Z"},
		"both ends":                     {series, occurrence, "2026-07-06T10:00", "2026-07-06T11:00", "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"},
		"the end":                       {series, occurrence, "", "2026-07-06T09:30", "2026-01-05T08:00:00Z", "2026-01-05T08:30:00Z"},
		"one that was late":             {series, late, "2026-07-06T10:00", "", "2026-01-05T09:00:00Z", "2026-01-05T09:15:00Z"},
		"to days":                       {series, occurrence, "2026-07-06", "", "2026-01-05", "2026-01-06"},
		"over a change of the clocks":   {nights, night, "2026-10-24T21:00", "", "2026-10-01T19:00:00Z", "2026-10-02T03:00:00Z"},
		"days":                          {feasts, feast, "2026-07-02", "", "2026-01-02", "2026-01-04"},
		"days to times":                 {feasts, feast, "2026-07-01T10:00", "", "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"},
		"the end, of one that was late": {series, late, "", "2026-07-06T12:00", "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to, err := c.series.MovedBy(c.occurrence, c.start, c.end, berlin, berlin)
			if err != nil {
				t.Fatal(err)
			}
			isWhen(t, from, c.wantFrom)
			isWhen(t, to, c.wantTo)
		})
	}
	from, to, err := series.MovedBy(occurrence, "2026-07-06T04:00", "", zone(t, "America/New_York"), berlin)
	if err != nil {
		t.Fatal(err)
	}
	isWhen(t, from, "2026-01-05T09:00:00Z")
	isWhen(t, to, "2026-01-05T09:15:00Z")
}

// TestCheckRules: a rule that would mean other occurrences than those that are
// moved is not for us to change (RFC 5545 §3.3.10).
func TestCheckRules(t *testing.T) {
	t.Parallel()
	berlin := zone(t, "Europe/Berlin")
	const nine, ten, tomorrow = "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z", "2026-01-06T08:00:00Z"
	for _, c := range []struct {
		rule, to string
		fits     bool
	}{
		{"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=9;WKST=SU", ten, true}, {"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=9;WKST=SU", tomorrow, true},
		{"RRULE:FREQ=WEEKLY;BYDAY=MO", ten, true}, {"RRULE:FREQ=WEEKLY;BYDAY=MO", tomorrow, false}, {"RRULE:FREQ=WEEKLY;BYDAY=MO", nine, true},
		{"FREQ=MONTHLY;BYMONTHDAY=5", ten, true}, {"FREQ=MONTHLY;BYMONTHDAY=5", tomorrow, false},
		{"RRULE:FREQ=HOURLY", ten, false}, {"RRULE:FREQ=DAILY;BYHOUR=9,15", ten, false}, {"RRULE:FREQ=DAILY;BYHOUR=9,15", nine, true},
		{"RRULE:FREQ=DAILY;UNTIL=20260630", ten, true}, {"RRULE:FREQ=DAILY;UNTIL=20260630", tomorrow, false},
		{"RRULE:FREQ=DAILY;UNTIL=20260630T215959Z", ten, true}, {"RRULE:FREQ=DAILY;UNTIL=20260629T220000Z", ten, true},
		{"RRULE:FREQ=DAILY;UNTIL=20260630T070000Z", ten, false}, {"RRULE:FREQ=DAILY;UNTIL=20260630T070000Z", "2026-01-05", false},
		{"EXDATE;TZID=Europe/Berlin:20260112T090000", ten, false}, {"EXDATE;TZID=Europe/Berlin:20260112T090000", nine, true},
	} {
		err := event(t, nine, ten, c.rule).CheckRules(when(t, c.to), berlin)
		if (err == nil) != c.fits || err != nil && !strings.Contains(err.Error(), "its "+c.rule+" would stay behind; give 'recurrence' as well") {
			t.Errorf("%s to %s: %v", c.rule, c.to, err)
		}
	}
}
