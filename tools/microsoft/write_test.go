package microsoft_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// body reads that of a request.
func (r sentRequest) body(t *testing.T) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// compact is a value as JSON, with sorted names.
func compact(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestCreate: what is sent is what Graph's documentation shows
// (https://learn.microsoft.com/en-us/graph/api/user-post-events#examples).
func TestCreate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		arguments, sent string
		said            []string
	}{
		"a time and its zone": {
			`{"title":"Lunch","start":"2026-10-26T12:00","end":"2026-10-26T14:00","zone":"Europe/Berlin","location":"Harry's Bar","description":"Does noon work?","attendees":["adele@tidepool.example","optional:alex@tidepool.example"]}`,
			`{"attendees":[{"emailAddress":{"address":"adele@tidepool.example"},"type":"required"},{"emailAddress":{"address":"alex@tidepool.example"},"type":"optional"}],"body":{"content":"Does noon work?","contentType":"text"},"end":{"dateTime":"2026-10-26T14:00:00","timeZone":"Europe/Berlin"},"isAllDay":false,"location":{"displayName":"Harry's Bar"},"start":{"dateTime":"2026-10-26T12:00:00","timeZone":"Europe/Berlin"},"subject":"Lunch"}`,
			[]string{"created: \"Lunch\"; id AAMk", "\nwhen: Mon 2026-10-26 12:00–14:00, Europe/Berlin (UTC+01:00)\nwhere: \"Harry's Bar\""},
		},
		"a moment, for an hour": {
			`{"title":"Call","start":"2026-10-25T02:30:00+02:00","online":true}`,
			`{"end":{"dateTime":"2026-10-25T01:30:00","timeZone":"UTC"},"isAllDay":false,"isOnlineMeeting":true,"start":{"dateTime":"2026-10-25T00:30:00","timeZone":"UTC"},"subject":"Call"}`,
			[]string{"when: Sun 2026-10-25 02:30–03:30, UTC+02:00", "online: https://teams.microsoft.com/"},
		},
		"a day": {
			`{"title":"Holiday","start":"2026-10-25","zone":"Europe/Berlin"}`,
			`{"end":{"dateTime":"2026-10-26T00:00:00","timeZone":"Europe/Berlin"},"isAllDay":true,"start":{"dateTime":"2026-10-25T00:00:00","timeZone":"Europe/Berlin"},"subject":"Holiday"}`,
			[]string{"when: Sun 2026-10-25 all day\n"},
		},
		"a zone by Windows' name": {
			`{"title":"Tea","start":"2026-10-26T16:00","zone":"W. Europe Standard Time","recurrence":"FREQ=DAILY"}`,
			`{"end":{"dateTime":"2026-10-26T17:00:00","timeZone":"W. Europe Standard Time"},"isAllDay":false,"recurrence":{"pattern":{"interval":1,"type":"daily"},"range":{"recurrenceTimeZone":"W. Europe Standard Time","startDate":"2026-10-26","type":"noEnd"}},"start":{"dateTime":"2026-10-26T16:00:00","timeZone":"W. Europe Standard Time"},"subject":"Tea"}`,
			[]string{"when: Mon 2026-10-26 16:00–17:00, Europe/Berlin (UTC+01:00)\n"},
		},
		"days": {
			`{"title":"Fair","start":"2026-10-24","end":"2026-10-27"}`,
			`{"end":{"dateTime":"2026-10-27T00:00:00","timeZone":"UTC"},"isAllDay":true,"start":{"dateTime":"2026-10-24T00:00:00","timeZone":"UTC"},"subject":"Fair"}`,
			[]string{"when: Sat 2026-10-24 all day through 2026-10-26"},
		},
		"every Monday to the end of the year": {
			`{"title":"Lunch","start":"2017-09-04T12:00","end":"2017-09-04T14:00","zone":"America/Los_Angeles","recurrence":"FREQ=WEEKLY;BYDAY=MO;UNTIL=20171231"}`,
			`{"end":{"dateTime":"2017-09-04T14:00:00","timeZone":"America/Los_Angeles"},"isAllDay":false,"recurrence":{"pattern":{"daysOfWeek":["monday"],"firstDayOfWeek":"monday","interval":1,"type":"weekly"},"range":{"endDate":"2017-12-31","recurrenceTimeZone":"America/Los_Angeles","startDate":"2017-09-04","type":"endDate"}},"start":{"dateTime":"2017-09-04T12:00:00","timeZone":"America/Los_Angeles"},"subject":"Lunch"}`,
			[]string{"recurs: RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20171231"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := practise(t)
			p.says("microsoft_event_write", `{"action":"create",`+c.arguments[1:], c.said...)
			asked := p.last()
			body := asked.body(t)
			if id, _ := body["transactionId"].(string); len(id) < 16 {
				t.Errorf("transactionId %q", id)
			}
			delete(body, "transactionId")
			if got := compact(t, body); got != c.sent || asked.Method != "POST" || asked.Path != "/me/events" {
				t.Errorf("%s %s\n got %s\nwant %s", asked.Method, asked.Path, got, c.sent)
			}
		})
	}
}

// TestCreateElsewhere: in another calendar.
func TestCreateElsewhere(t *testing.T) {
	t.Parallel()
	p := practise(t)
	p.says("microsoft_event_write", `{"action":"create","title":"Dive","start":"2026-10-28T08:00Z","calendar":"Harbour team"}`, "created")
	p.says("microsoft_events", `{"calendar":"Harbour team","from":"2026-10-28","to":"2026-10-29"}`, "1 event", "08:00–09:00 \"Dive\"")
	p.says("microsoft_events", `{"from":"2026-10-28","to":"2026-10-29"}`, "1 event", "Stand-up")
}

// TestLostAnswer: a call that is made again because its answer was lost makes no
// second event; one that was answered does
// (https://learn.microsoft.com/en-us/graph/api/resources/event#properties, transactionId).
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	const create = `{"action":"create","title":"Once","start":"2026-10-28T10:00Z"}`
	for name, fault := range map[string]int{"lost": 0, "a gateway's timeout": http.StatusGatewayTimeout} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := practise(t)
			p.loses(fault)
			p.refuses("microsoft_event_write", create, "microsoft: ")
			first := p.last().body(t)["transactionId"]
			p.loses(-1)
			p.says("microsoft_event_write", create, "created")
			if again := p.last().body(t)["transactionId"]; again != first {
				t.Errorf("transactionId %v, then %v", first, again)
			}
			if n := strings.Count(p.says("microsoft_events", `{"from":"2026-10-28"}`), `"Once"`); n != 1 {
				t.Errorf("%d events, want 1", n)
			}
			p.says("microsoft_event_write", create, "created")
			if n := strings.Count(p.says("microsoft_events", `{"from":"2026-10-28"}`), `"Once"`); n != 2 {
				t.Errorf("%d events after a call that meant another one, want 2", n)
			}
		})
	}
}

// TestUpdate: what isn't given stays; a new start keeps the length; the version
// that was read is the one that is changed.
func TestUpdate(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-24","to":"2026-10-29","zone":"Europe/Berlin"}`)
	lunch, fair, review := idOf(t, list, "Lunch"), idOf(t, list, "Harbour days"), idOf(t, list, "Tide tables")
	for _, c := range []struct{ arguments, sent string }{
		{`"id":"` + lunch + `","start":"2026-10-28T13:00","zone":"Europe/Berlin"`, `{"end":{"dateTime":"2026-10-28T14:00:00","timeZone":"Europe/Berlin"},"isAllDay":false,"start":{"dateTime":"2026-10-28T13:00:00","timeZone":"Europe/Berlin"}}`},
		{`"id":"` + fair + `","start":"2026-10-28"`, `{"end":{"dateTime":"2026-10-30T00:00:00","timeZone":"UTC"},"isAllDay":true,"start":{"dateTime":"2026-10-28T00:00:00","timeZone":"UTC"}}`},
		{`"id":"` + lunch + `","location":"","title":"Late lunch","attendees":[],"description":"Pasta"`, `{"attendees":[],"body":{"content":"Pasta","contentType":"text"},"location":{"displayName":""},"subject":"Late lunch"}`},
		{`"id":"` + lunch + `","recurrence":""`, `{"recurrence":null}`},
		{`"id":"` + review + `","online":false`, `{"isOnlineMeeting":false}`},
	} {
		p.says("microsoft_event_write", `{"action":"update",`+c.arguments+`}`, "updated: ")
		asked := p.last()
		if got := compact(t, asked.body(t)); got != c.sent || asked.Method != "PATCH" || !strings.HasPrefix(asked.header.Get("If-Match"), `W/"CHANGE`) {
			t.Errorf("%s\n got %s %s, If-Match %s\nwant %s", c.arguments, asked.Method, got, asked.header.Get("If-Match"), c.sent)
		}
	}
	event := p.says("microsoft_events", `{"id":"`+lunch+`"}`, "Late lunch", "\netag: W/\"CHANGE3\"")
	p.says("microsoft_event_write", `{"action":"update","id":"`+lunch+`","title":"Supper","etag":"W/\"CHANGE3\""}`, "updated: \"Supper\"")
	for _, write := range []string{`"action":"update","title":"Late","etag":"W/\"CHANGE3\""`, `"action":"delete","etag":"W/\"CHANGE3\""`} {
		p.refuses("microsoft_event_write", `{"id":"`+lunch+`",`+write+`}`, "microsoft: nothing was done: it has changed meanwhile; read it again first")
	}
	if strings.Contains(event, "Supper") {
		t.Error("it was changed before it was")
	}
}

// TestOtherKind: days that become a time, or the other way around, last as long as
// is usual; an end alone leaves the start.
func TestOtherKind(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-24","to":"2026-10-29"}`)
	lunch, fair := idOf(t, list, "Lunch"), idOf(t, list, "Harbour days")
	for _, c := range []struct{ arguments, said string }{
		{`"id":"` + fair + `","start":"2026-10-26T10:00Z"`, "when: Mon 2026-10-26 10:00–11:00, UTC"},
		{`"id":"` + fair + `","end":"2026-10-26T12:30Z"`, "when: Mon 2026-10-26 10:00–12:30, UTC"},
		{`"id":"` + lunch + `","start":"2026-10-28"`, "when: Wed 2026-10-28 all day\n"},
		{`"id":"` + lunch + `","end":"2026-10-31"`, "when: Wed 2026-10-28 all day through 2026-10-30\n"},
	} {
		p.says("microsoft_event_write", `{"action":"update",`+c.arguments+`}`, c.said)
	}
	p.refuses("microsoft_event_write", `{"action":"update","id":"`+fair+`","end":"2026-10-27"}`, "microsoft: nothing was done: the event's start and 'end' must both be dates")
	p.refuses("microsoft_event_write", `{"action":"update","id":"`+fair+`","end":"2026-10-26T09:00Z"}`, "nothing was done: 'end' must not be before the event's start")
}

// TestAttendees: all of them, or some more and some less; who stays keeps what
// they have answered.
func TestAttendees(t *testing.T) {
	t.Parallel()
	p := practise(t)
	id := idOf(t, p.says("microsoft_events", `{"from":"2026-10-26"}`), "Tide tables")
	for _, c := range []struct{ given, said string }{
		{`"+eve@tidepool.example","-MONA@tidepool.example"`, "attendees:\n- \"Alex Wilber\" alex@tidepool.example, accepted, optional\n- eve@tidepool.example"},
		{`"+optional:eve@tidepool.example","+alex@tidepool.example"`, "attendees:\n- eve@tidepool.example, optional\n- \"Alex Wilber\" alex@tidepool.example, accepted"},
		{`"optional:alex@tidepool.example","bob@tidepool.example"`, "attendees:\n- \"Alex Wilber\" alex@tidepool.example, accepted, optional\n- bob@tidepool.example"},
		{`"-bob@tidepool.example","-nobody@tidepool.example"`, "attendees:\n- \"Alex Wilber\" alex@tidepool.example, accepted, optional"},
	} {
		answer := p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","attendees":[`+c.given+`]}`, c.said)
		if _, after, _ := strings.Cut(answer, c.said); strings.Contains(after, "@") || strings.Contains(after, "optional") {
			t.Errorf("%s: others are there:\n%s", c.given, answer)
		}
	}
}

// TestFree: whether the time is taken.
func TestFree(t *testing.T) {
	t.Parallel()
	p := practise(t)
	made := p.says("microsoft_event_write", `{"action":"create","title":"Fair","start":"2026-10-28","free":true}`, "status: leaves the time free\n")
	id := strings.Fields(idOf(t, made, "Fair"))[0]
	if after := p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","free":false}`, "updated"); strings.Contains(after, "free") || p.last().Body != `{"showAs":"busy"}` {
		t.Errorf("sent %s:\n%s", p.last().Body, after)
	}
}

// TestRace: what changes between the reading and the writing isn't overwritten.
func TestRace(t *testing.T) {
	t.Parallel()
	p := practise(t)
	id := idOf(t, p.says("microsoft_events", `{"from":"2026-10-26"}`), "Tide tables")
	p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","location":"Pier 2"}`, "updated")
	p.answers("GET", "me/events/", 200, `{"@odata.etag":"W/\"CHANGE0\"","id":"`+id+`","start":{"dateTime":"2026-10-26T13:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-10-26T14:30:00","timeZone":"UTC"}}`)
	for _, action := range []string{`"update","title":"x"`, `"delete"`} {
		p.refuses("microsoft_event_write", `{"id":"`+id+`","action":`+action+`}`, "it has changed meanwhile; read it again first (412 ErrorIrresolvableConflict")
	}
}

// TestMovedWhileClocksChange: half past two is there twice on that night, so that
// only UTC says which; days are counted, not hours.
func TestMovedWhileClocksChange(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-24","to":"2026-10-29"}`)
	for start, want := range map[string]string{
		"2026-10-25T02:30:00+02:00": `{"dateTime":"2026-10-25T00:30:00","timeZone":"UTC"} {"dateTime":"2026-10-25T01:30:00","timeZone":"UTC"}`,
		"2026-10-25T02:30:00+01:00": `{"dateTime":"2026-10-25T01:30:00","timeZone":"UTC"} {"dateTime":"2026-10-25T03:30:00","timeZone":"Europe/Berlin"}`,
		"2026-10-25T03:00:00":       `{"dateTime":"2026-10-25T03:00:00","timeZone":"Europe/Berlin"} {"dateTime":"2026-10-25T04:00:00","timeZone":"Europe/Berlin"}`,
		"2026-10-25T01:59:00":       `{"dateTime":"2026-10-25T01:59:00","timeZone":"Europe/Berlin"} {"dateTime":"2026-10-25T00:59:00","timeZone":"UTC"}`,
	} {
		p.says("microsoft_event_write", `{"action":"update","id":"`+idOf(t, list, "Lunch")+`","start":"`+start+`","zone":"Europe/Berlin"}`, "updated: ")
		body := p.last().body(t)
		if got := compact(t, body["start"]) + " " + compact(t, body["end"]); got != want {
			t.Errorf("%s:\n got %s\nwant %s", start, got, want)
		}
	}
	p.says("microsoft_event_write", `{"action":"update","id":"`+idOf(t, list, "Harbour days")+`","start":"2026-10-25","zone":"Europe/Berlin"}`, "updated: ", "Sun 2026-10-25 all day through 2026-10-26")
}

// TestDaysWithoutMidnight: a day is sent from midnight on, where clocks skip that,
// as on these in the IANA database, or show it twice.
func TestDaysWithoutMidnight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, day, next string }{
		{"Africa/Cairo", "2026-04-24", "2026-04-25"}, {"America/Santiago", "2026-09-06", "2026-09-07"},
		{"Asia/Beirut", "2026-03-29", "2026-03-30"}, {"America/Havana", "2026-11-01", "2026-11-02"},
	} {
		p := practise(t)
		want := `{"dateTime":"` + c.day + `T00:00:00","timeZone":"` + c.zone + `"} {"dateTime":"` + c.next + `T00:00:00","timeZone":"` + c.zone + `"}`
		made := p.says("microsoft_event_write", `{"action":"create","title":"Day","start":"`+c.day+`","zone":"`+c.zone+`"}`, c.day+" all day\n")
		body := p.last().body(t)
		if got := compact(t, body["start"]) + " " + compact(t, body["end"]); got != want {
			t.Errorf("created\n got %s\nwant %s", got, want)
		}
		id := strings.Fields(idOf(t, made, "Day"))[0]
		p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","start":"2026-06-10","end":"2026-06-12"}`, "2026-06-10 all day through 2026-06-11\n")
		p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","start":"`+c.day+`","zone":"`+c.zone+`"}`, c.day+" all day through "+c.next+"\n")
	}
}

// TestOnlineMeeting: its text holds the way into it and isn't replaced
// (https://learn.microsoft.com/en-us/graph/api/event-update#notes-for-updating-specific-properties).
func TestOnlineMeeting(t *testing.T) {
	t.Parallel()
	p := practise(t)
	id := idOf(t, p.says("microsoft_events", `{"from":"2026-10-26"}`), "Tide tables")
	p.refuses("microsoft_event_write", `{"action":"update","id":"`+id+`","description":"x"}`, "it is an online meeting, whose text holds the way into it")
	if method := p.last().Method; method != "GET" {
		t.Errorf("%s was sent", method)
	}
	p.says("microsoft_event_write", `{"action":"update","id":"`+id+`","location":"Pier 1"}`, `where: "Pier 1"`)
}

// TestAnswers: invitations are answered, and one's own meetings called off.
func TestAnswers(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-28"}`)
	review, own := idOf(t, list, "Tide tables"), idOf(t, list, "Stand-up")
	for _, c := range []struct{ arguments, path, sent, said string }{
		{`"action":"respond","response":"tentative","id":"` + review + `"`, "tentativelyAccept", `{"SendResponse":true}`, "accepted for maybe; the organizer was told"},
		{`"action":"respond","response":"accepted","id":"` + review + `","comment":"With pleasure"`, "accept", `{"Comment":"With pleasure","SendResponse":true}`, "accepted; the organizer was told"},
		{`"action":"respond","response":"declined","id":"` + review + `"`, "decline", `{"SendResponse":true}`, "declined; the organizer was told"},
		{`"action":"cancel","id":"` + own + `","comment":"Storm"`, "cancel", `{"Comment":"Storm"}`, "cancelled; those invited were told"},
	} {
		p.says("microsoft_event_write", "{"+c.arguments+"}", c.said)
		if asked := p.last(); compact(t, asked.body(t)) != c.sent || !strings.HasSuffix(asked.Path, "/"+c.path) {
			t.Errorf("%s: sent %s to %s", c.arguments, asked.Body, asked.Path)
		}
	}
	after := p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-28"}`, `"Stand-up"`)
	if strings.Contains(after, "Tide tables") || strings.Count(after, "Stand-up") != 1 {
		t.Errorf("one occurrence and one invitation were to go:\n%s", after)
	}
	p.refuses("microsoft_event_write", `{"action":"cancel","id":"`+idOf(t, after, "Lunch")+`"}`, "not accepted (400 ErrorAccessDenied Your request can't be completed. You need to be an organizer")
}

// TestDelete: an occurrence, then the whole series.
func TestDelete(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-28"}`)
	id := idOf(t, list, "Stand-up")
	p.says("microsoft_event_write", `{"action":"delete","id":"`+id+`"}`, "deleted; it is in Deleted Items")
	if n := strings.Count(p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-28"}`), "Stand-up"); n != 1 {
		t.Errorf("%d occurrences left, want 1", n)
	}
	series, _, _ := strings.Cut(id, "_OID_")
	p.says("microsoft_event_write", `{"action":"delete","id":"`+series+`","series":true}`, "deleted")
	if got := p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-28"}`); strings.Contains(got, "Stand-up") {
		t.Error(got)
	}
	p.refuses("microsoft_event_write", `{"action":"delete","id":"`+series+`"}`, "the event: not found (404 ErrorItemNotFound")
}

// TestWriteArguments: what can't be is said before anything is asked.
func TestWriteArguments(t *testing.T) {
	t.Parallel()
	p := practise(t)
	for arguments, want := range map[string]string{
		`{"action":"create","start":"2026-10-26T10:00Z"}`:                                          "action create needs 'title'",
		`{"action":"create","title":" ","start":"2026-10-26"}`:                                     "'title' must not be empty",
		`{"action":"create","title":"x","start":"2026-10-26T10:00"}`:                               "'start' has no offset; give 'zone', such as Europe/Berlin",
		`{"action":"create","title":"x","start":"soon"}`:                                           "'start' must be a date like",
		`{"action":"create","title":"x","start":"2026-10-26","end":"2026-10-26"}`:                  "'end' is the day after the last one; for all of 2026-10-26 alone give end=2026-10-27",
		`{"action":"create","title":"x","start":"2026-10-26","end":"2026-10-26T10:00Z"}`:           "must both be dates, for one that lasts all day, or both be times",
		`{"action":"create","title":"x","start":"2026-10-26T10:00Z","end":"2026-10-26T09:00Z"}`:    "'end' must not be before the event's start",
		`{"action":"create","title":"x","start":"2026-10-26T10:00Z","zone":"Berlin"}`:              `"Berlin" is no time zone`,
		`{"action":"create","title":"x","start":"2026-10-26","attendees":["Adele <a@b.example>"]}`: "'attendees' are addresses like adele@contoso.com",
		`{"action":"create","title":"x","start":"2026-10-26","comment":"y"}`:                       "action create does not use 'comment'",
		`{"action":"update","id":"AAA="}`:                                                          "action update needs at least one of title, start, end, location",
		`{"action":"update","id":"AAA=","end":"2026-10-26T10:00"}`:                                 "'end' has no offset; give 'zone'",
		`{"action":"update","id":"AAA=","zone":"UTC","title":"x"}`:                                 "'zone' is of 'start', 'end' or 'recurrence', which are missing",
		`{"action":"update","id":"AAA=","attendees":["+a@b.example","c@b.example"]}`:               "'attendees' must be all of them, or changes that all begin with + or -",
		`{"action":"delete","id":"../messages/1"}`:                                                 "'id' must be one that microsoft_events gives",
		`{"action":"delete"}`:              "action delete needs 'id'",
		`{"action":"respond","id":"AAA="}`: "action respond needs 'response'",
		`{"action":"respond","id":"AAA=","response":"accepted","title":"x"}`: "action respond does not use 'title'; it uses id, response, series, comment, etag",
		`{"action":"send","id":"AAA="}`:                                      "'action' must be one of",
	} {
		p.refuses("microsoft_event_write", arguments, want)
	}
	if n := p.requests(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
