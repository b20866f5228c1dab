package microsoft_test

import (
	"net/http"
	"strings"
	"testing"
)

// standUp answers the ids of the stand-up's occurrence on 26 October 2026 and of
// its series, which begins on the 1st, each day at nine in Berlin.
func (p *practice) standUp() (occurrence, series string) {
	p.t.Helper()
	occurrence = idOf(p.t, p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-27","zone":"Europe/Berlin"}`), "Stand-up")
	series, _, _ = strings.Cut(occurrence, "_OID_")
	return occurrence, series
}

// TestWholeSeries: nothing is done to all of a series unless somebody says so, and
// then by the id of any occurrence.
func TestWholeSeries(t *testing.T) {
	t.Parallel()
	p := practise(t)
	occurrence, series := p.standUp()
	for _, action := range []string{`"update","start":"2026-10-26T10:00Z"`, `"update","title":"x"`, `"delete"`, `"cancel"`, `"respond","response":"declined"`} {
		p.refuses("microsoft_event_write", `{"id":"`+series+`","action":`+action+`}`, "microsoft: nothing was done: it is a whole series; give series=true for all of it, or the id of one occurrence from microsoft_events")
		if method := p.last().Method; method != http.MethodGet {
			t.Errorf("%s: %s was sent", action, method)
		}
	}
	p.refuses("microsoft_event_write", `{"action":"update","id":"`+occurrence+`","recurrence":"FREQ=DAILY;COUNT=3","zone":"Europe/Berlin"}`, "one occurrence has no 'recurrence'; give series=true")
	p.refuses("microsoft_event_write", `{"action":"update","id":"`+occurrence+`","series":true,"title":"x","etag":"W/\"CHANGE9\""}`, "nothing was done: it has changed meanwhile")
	p.says("microsoft_event_write", `{"action":"update","id":"`+occurrence+`","series":true,"title":"Sit-down","etag":"W/\"CHANGE0\""}`, "updated: \"Sit-down\"; id "+series+"\n")
	if got := p.last().Body; got != `{"subject":"Sit-down"}` {
		t.Errorf("sent %s", got)
	}
	p.says("microsoft_events", `{"from":"2026-10-01","to":"2026-10-03"}`, "2 events", "Sit-down", "Sit-down")
	p.says("microsoft_event_write", `{"action":"cancel","id":"`+occurrence+`","series":true}`, "cancelled")
	if asked := p.last(); !strings.HasSuffix(asked.Path, "=/cancel") {
		t.Errorf("asked %s", asked.Path)
	}
	p.says("microsoft_events", `{"from":"2026-10-01","to":"2026-10-03"}`, "no events")
	p = practise(t)
	occurrence, _ = p.standUp()
	p.says("microsoft_event_write", `{"action":"delete","id":"`+occurrence+`","series":true}`, "deleted")
	p.says("microsoft_events", `{"from":"2026-10-01","to":"2026-10-03"}`, "no events")
}

// TestMoveSeries: a series begins as much earlier or later as the occurrence that
// was named is moved to, on the clock in its own zone, and loses none. Its range
// begins on the day of its start
// (https://learn.microsoft.com/en-us/graph/api/resources/recurrencerange).
func TestMoveSeries(t *testing.T) {
	t.Parallel()
	const berlin = `"timeZone":"W. Europe Standard Time"}`
	for name, c := range map[string]struct{ arguments, start, end, first string }{
		"later":               {`"start":"2026-10-26T10:30","zone":"Europe/Berlin"`, "2026-10-01T10:30:00", "2026-10-01T10:45:00", "2026-10-01"},
		"in another zone":     {`"start":"2026-10-26T05:30","zone":"America/New_York"`, "2026-10-01T10:30:00", "2026-10-01T10:45:00", "2026-10-01"},
		"by a moment":         {`"start":"2026-10-26T09:30:00Z"`, "2026-10-01T10:30:00", "2026-10-01T10:45:00", "2026-10-01"},
		"a day later":         {`"start":"2026-10-27T09:00","zone":"Europe/Berlin"`, "2026-10-02T09:00:00", "2026-10-02T09:15:00", "2026-10-02"},
		"two days earlier":    {`"start":"2026-10-24T08:00","zone":"Europe/Berlin"`, "2026-09-29T08:00:00", "2026-09-29T08:15:00", "2026-09-29"},
		"longer":              {`"end":"2026-10-26T10:00","zone":"Europe/Berlin"`, "2026-10-01T09:00:00", "2026-10-01T10:00:00", "2026-10-01"},
		"with another rule":   {`"start":"2026-10-27T09:00","zone":"Europe/Berlin","recurrence":"FREQ=WEEKLY;BYDAY=FR"`, "2026-10-02T09:00:00", "2026-10-02T09:15:00", "2026-10-02"},
		"another rule, there": {`"recurrence":"FREQ=WEEKLY;BYDAY=TH"`, "2026-10-01T09:00:00", "2026-10-01T09:15:00", "2026-10-01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := practise(t)
			occurrence, series := p.standUp()
			p.says("microsoft_event_write", `{"action":"update","id":"`+occurrence+`","series":true,`+c.arguments+`}`, "updated: \"Stand-up\"; id "+series+"\n")
			body := p.last().body(t)
			want := `{"dateTime":"` + c.start + `",` + berlin + ` {"dateTime":"` + c.end + `",` + berlin
			if got := compact(t, body["start"]) + " " + compact(t, body["end"]); got != want || p.last().header.Get("If-Match") != `W/"CHANGE0"` {
				t.Errorf(" got %s\nwant %s", got, want)
			}
			recurrence := body["recurrence"].(map[string]any)
			if got := compact(t, recurrence["range"]); got != `{"recurrenceTimeZone":"W. Europe Standard Time","startDate":"`+c.first+`","type":"noEnd"}` {
				t.Errorf("range %s", got)
			}
			p.holdsDays(c.first)
		})
	}
}

// holdsDays checks that the stand-up is there from a day on, and that each
// occurrence is on the day that its id names.
func (p *practice) holdsDays(first string) {
	p.t.Helper()
	day, n := "", 0
	for line := range strings.Lines(p.says("microsoft_events", `{"from":"2026-09-25","to":"2026-10-12","zone":"Europe/Berlin"}`, first+"\n", "Stand-up")) {
		if heading, date, found := strings.Cut(strings.TrimSpace(line), " 2026-"); found && len(heading) == 3 {
			day = "2026-" + date[:5]
		}
		if _, id, found := strings.Cut(strings.TrimSpace(line), "_OID_"); found {
			if n++; id != day || n == 1 && day != first {
				p.t.Errorf("on %s: %s", day, line)
			}
		}
	}
	if n < 2 {
		p.t.Errorf("%d occurrences", n)
	}
}

// TestMoveSeriesItself: by its own id a series is moved from its own beginning.
func TestMoveSeriesItself(t *testing.T) {
	t.Parallel()
	p := practise(t)
	_, series := p.standUp()
	p.says("microsoft_event_write", `{"action":"update","id":"`+series+`","series":true,"start":"2026-10-05T08:00","zone":"Europe/Berlin"}`, "updated: ", "Mon 2026-10-05 08:00–08:15, Europe/Berlin (UTC+02:00)\n", "recurs: RRULE:FREQ=DAILY\n")
	p.says("microsoft_event_write", `{"action":"update","id":"`+series+`","series":true,"recurrence":"FREQ=DAILY;COUNT=3"}`, "recurs: RRULE:FREQ=DAILY;COUNT=3")
	p.says("microsoft_events", `{"from":"2026-10-01","to":"2026-10-20"}`, "3 events", "Mon 2026-10-05", "06:00–06:15", "Wed 2026-10-07")
	p.says("microsoft_event_write", `{"action":"update","id":"`+series+`","series":true,"recurrence":""}`, "updated: ")
	if got := p.last().Body; got != `{"recurrence":null}` {
		t.Errorf("sent %s", got)
	}
	p.says("microsoft_events", `{"from":"2026-10-01","to":"2026-10-20"}`, "1 event", "06:00–06:15 \"Stand-up\"")
}

// TestBecomesSeries: what recurs from now on does so in the zone it was made in.
func TestBecomesSeries(t *testing.T) {
	t.Parallel()
	p := practise(t)
	id := idOf(t, p.says("microsoft_events", `{"from":"2026-10-27","to":"2026-10-28"}`), "Lunch")
	p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","recurrence":"FREQ=DAILY;COUNT=2"}`, "updated: ")
	if got := compact(t, p.last().body(t)["start"]); got != `{"dateTime":"2026-10-27T12:00:00","timeZone":"Europe/Berlin"}` || !strings.Contains(p.last().Body, `"recurrenceTimeZone":"Europe/Berlin"`) {
		t.Errorf("sent %s", p.last().Body)
	}
	p.says("microsoft_events", `{"from":"2026-10-27","to":"2026-11-01"}`, "Tue 2026-10-27", "11:00–12:00 \"Lunch", "Wed 2026-10-28", "11:00–12:00 \"Lunch")
}

// TestMoveBoundSeries: a rule that names days, or one to end on, isn't left behind.
func TestMoveBoundSeries(t *testing.T) {
	t.Parallel()
	p := practise(t)
	for rule, span := range map[string]string{
		"FREQ=WEEKLY;BYDAY=MO":                `{"recurrenceTimeZone":"Europe/Berlin","startDate":"2026-11-02","type":"noEnd"}`,
		"FREQ=DAILY;COUNT=9":                  `{"numberOfOccurrences":9,"recurrenceTimeZone":"Europe/Berlin","startDate":"2026-11-02","type":"numbered"}`,
		"FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231": `{"endDate":"2026-12-31","recurrenceTimeZone":"Europe/Berlin","startDate":"2026-11-02","type":"endDate"}`,
	} {
		made := p.says("microsoft_event_write", `{"action":"create","title":"Dive","start":"2026-11-02T09:00","zone":"Europe/Berlin","recurrence":"`+rule+`"}`, "created")
		id := strings.Fields(idOf(t, made, "Dive"))[0]
		p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","series":true,"start":"2026-11-02T11:00","zone":"Europe/Berlin"}`, "11:00–12:00", "RRULE:"+rule)
		if got := compact(t, p.last().body(t)["recurrence"].(map[string]any)["range"]); got != span {
			t.Errorf("%s: range %s", rule, got)
		}
		if rule == "FREQ=DAILY;COUNT=9" {
			continue
		}
		p.refuses("microsoft_event_write", `{"action":"update","id":"`+id+`","series":true,"start":"2026-11-03T11:00","zone":"Europe/Berlin"}`, "microsoft: nothing was done: the series can't be moved there as it is", "give 'recurrence' as well")
		if method := p.last().Method; method != http.MethodGet {
			t.Errorf("%s was sent", method)
		}
		p.refuses("microsoft_event_write", `{"action":"update","id":"`+id+`","series":true,"start":"2026-11-03T11:00","zone":"Europe/Berlin","recurrence":"FREQ=WEEKLY;BYDAY=WE"}`, "nothing was done: 'start' must be on one of the days of 'recurrence'; 2026-11-03, a Tuesday, is not")
		p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","series":true,"start":"2026-11-03T11:00","zone":"Europe/Berlin","recurrence":"FREQ=WEEKLY;BYDAY=TU"}`, "Tue 2026-11-03 11:00–12:00")
	}
}

// TestSeriesOfUnknownZone: nobody can keep the hour of a zone that isn't known; a
// series of days has none to keep.
func TestSeriesOfUnknownZone(t *testing.T) {
	t.Parallel()
	p := practise(t)
	series := func(isAllDay, start, end string) {
		p.answers("GET", "me/events/AAA=", 200, `{"id":"AAA=","isAllDay":`+isAllDay+`,"originalStartTimeZone":"tzone://Microsoft/Custom","start":{"dateTime":"`+start+`","timeZone":"UTC"},"end":{"dateTime":"`+end+`","timeZone":"UTC"},"recurrence":{"pattern":{"type":"daily","interval":1},"range":{"type":"noEnd","startDate":"2026-10-01","recurrenceTimeZone":"tzone://Microsoft/Custom"}}}`)
	}
	series("false", "2026-10-01T09:00:00", "2026-10-01T10:00:00")
	p.refuses("microsoft_event_write", `{"action":"update","id":"AAA=","series":true,"start":"2026-10-01T11:00Z"}`, "what recurs needs 'zone'")
	p.refuses("microsoft_event_write", `{"action":"update","id":"AAA=","series":true,"start":"2026-10-01T11:00","zone":"Asia/Tokyo"}`, "not found")
	if got := compact(t, p.last().body(t)["start"]); got != `{"dateTime":"2026-10-01T11:00:00","timeZone":"Asia/Tokyo"}` {
		t.Errorf("sent %s", got)
	}
	series("true", "2026-10-01T00:00:00", "2026-10-03T00:00:00")
	p.refuses("microsoft_event_write", `{"action":"update","id":"AAA=","series":true,"start":"2026-10-04"}`, "not found")
	if got := p.last().Body; !strings.Contains(got, `"start":{"dateTime":"2026-10-04T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-10-06T00:00:00","timeZone":"UTC"},"isAllDay":true`) || !strings.Contains(got, `"startDate":"2026-10-04"`) {
		t.Errorf("sent %s", got)
	}
}
