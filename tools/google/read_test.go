package google_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestEvents: a week in which summer time ends (2026-10-25T01:00:00Z, Directive
// 2000/84/EC), with a series as its occurrences. Ids of occurrences are the
// series' with the original start in UTC.
// https://developers.google.com/workspace/calendar/api/guides/recurringevents
func TestEvents(t *testing.T) {
	t.Parallel()
	b := start(t)
	want := `"mona-example@example.com": 8 events, 2026-10-24 00:00 to 2026-10-30 00:00, times in Europe/Berlin (UTC+02:00)
Fri 2026-10-23
all day through 2026-10-25 "Harbour fair"; free; id fair00
Sat 2026-10-24
22:00–2026-10-25 06:00+01:00 "Night watch" at "Pier 7"; id watch00
Mon 2026-10-26 (UTC+01:00)
09:00–09:15 "Stand-up"; 1 guest; recurring; online; id standup00_20261026T080000Z
Tue 2026-10-27 (UTC+01:00)
09:00–09:15 "Stand-up"; 1 guest; recurring; online; id standup00_20261027T080000Z
14:00–15:00 "Tide review" at "Room 4"; you haven't answered; by ada-example@example.com; 1 guest; id review00
Wed 2026-10-28 (UTC+01:00)
09:00–09:15 "Stand-up"; 1 guest; recurring; online; id standup00_20261028T080000Z
Thu 2026-10-29 (UTC+01:00)
00:00–24:00 "Out of office"; out of office; id away00
09:00–09:15 "Stand-up"; 1 guest; recurring; online; id standup00_20261029T080000Z
`
	if got := b.must("events", `{"from":"2026-10-24","to":"2026-10-30"}`); got != want {
		t.Errorf("got\n%s", got)
	}
	for i, r := range b.requests() {
		query, _ := url.ParseQuery(r.query)
		if i == 1 && (query.Get("timeMin") != "2026-10-23T22:00:00Z" || query.Get("timeMax") != "2026-10-29T23:00:00Z" || query.Get("singleEvents") != "true" || query.Get("orderBy") != "startTime") {
			t.Errorf("asked for %v", query)
		}
		if query.Get("fields") == "" {
			t.Errorf("asked for all fields: %s", r.path)
		}
	}
	b.holds(b.must("events", `{"from":"2026-11-02T08:00:00Z"}`), "2026-11-02 09:00 to 2026-11-09 09:00, times in Europe/Berlin", "\n09:00–09:15 \"Stand-up\"")
	if n := len(b.requests()); n != 1 {
		t.Errorf("%d requests where the zone comes with the events", n)
	}
	b.holds(b.must("events", `{}`), "2026-10-23 10:00 to 2026-10-30 10:00, times in Europe/Berlin", "\nall day through 2026-10-25 ", "\nFri 2026-10-30 (UTC+01:00)\n09:00–09:15 \"Stand-up\"")
	b.holds(b.must("events", `{"from":"2026-10-26T08:00:00Z","to":"2026-10-26T09:00:00Z","zone":"America/New_York"}`), "times in America/New_York (UTC-04:00)", "\n04:00–04:15 \"Stand-up\"")
	b.holds(b.must("events", `{"from":"2026-03-28","to":"2026-03-31"}`), "(UTC+01:00)\nMon 2026-03-30 (UTC+02:00)\n09:00–09:15 \"Stand-up\"; 1 guest; recurring; online; id standup00_20260330T070000Z\n")
	b.holds(b.must("events", `{"query":"tables","to":"2026-11-01"}`), "1 event, ", "Tide review")
	b.holds(b.must("events", `{"calendar":"holidays-example@group.v.calendar.google.com","from":"2026-10-31"}`), "\"Holidays\": 1 event", "times in UTC", "Sat 2026-10-31\nall day \"Reformation Day\"")
	b.holds(b.must("events", `{"calendar":"ada-example@example.com","from":"2026-10-26"}`), "10:00–11:00 untitled; ")
	b.refuses("events", `{"calendar":"nobody@example.com"}`, "google: calendar nobody@example.com: not found (404 Not Found); google_calendar_events and google_calendar_calendars show ids")
}

// TestDaysElsewhere: a day is one anywhere; the calendar is in Berlin.
func TestDaysElsewhere(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, day := range []string{"2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"} {
		b.must("event_write", `{"action":"create","title":"Fast `+day+`","start":"`+day+`"}`)
	}
	for arguments, want := range map[string]string{
		`"from":"2026-11-25","to":"2026-11-26","zone":"America/New_York"`:             "\nWed 2026-11-25\nall day \"Fast 2026-11-25\"",
		`"from":"2026-11-25T20:00","to":"2026-11-25T21:00","zone":"America/New_York"`: "\nWed 2026-11-25\nall day \"Fast 2026-11-25\"",
		`"from":"2026-11-25T01:00","to":"2026-11-25T02:00","zone":"Asia/Tokyo"`:       "\nWed 2026-11-25\nall day \"Fast 2026-11-25\"",
		`"from":"2026-11-25","to":"2026-11-26","zone":"Pacific/Auckland"`:             "\nWed 2026-11-25\nall day \"Fast 2026-11-25\"",
		`"from":"2026-11-25","to":"2026-11-26"`:                                       "\nWed 2026-11-25\nall day \"Fast 2026-11-25\"",
	} {
		text := b.must("events", `{"query":"fast",`+arguments+`}`)
		b.holds(text, ": 1 event, ", want)
	}
}

// TestPages: each page has a token for the next, which goes with its window.
func TestPages(t *testing.T) {
	t.Parallel()
	b := start(t)
	text, seen := b.must("events", `{"per_page":3}`), 0
	for pages := 1; ; pages++ {
		seen += strings.Count(text, "; id ")
		_, next, more := strings.Cut(strings.SplitN(text, "\n", 2)[0], "; next: ")
		if !more {
			if pages != 3 || seen != 9 {
				t.Errorf("%d events on %d pages", seen, pages)
			}
			break
		}
		fields := strings.Fields(next)
		if pages == 1 && (len(fields) != 3 || fields[1] != "from=2026-10-23T08:00:00Z" || fields[2] != "to=2026-10-30T09:00:00Z") {
			t.Fatalf("next: %s", next)
		}
		text = b.must("events", `{"per_page":3,"from":"2026-10-23T08:00:00Z","to":"2026-10-30T09:00:00Z","page":"`+strings.TrimPrefix(fields[0], "page=")+`"}`)
	}
	b.holds(b.must("events", `{"per_page":3,"from":"2026-10-23T08:00:00Z"}`), " from=2026-10-23T08:00:00Z to=2026-10-30T09:00:00Z")
	query := `"from":"2026-10-24","to":"2026-10-30 00:00","zone":"Europe/Berlin","query":"stand-up","calendar":"mona-example@example.com"`
	_, next, _ := strings.Cut(strings.SplitN(b.must("events", `{"per_page":1,`+query+`}`), "\n", 2)[0], "; next: ")
	page, again, _ := strings.Cut(next, " ")
	if again != `from=2026-10-24 to="2026-10-30 00:00" zone=Europe/Berlin query=stand-up calendar=mona-example@example.com` {
		t.Errorf("next: %s", next)
	}
	b.holds(b.must("events", `{"page":"`+strings.TrimPrefix(page, "page=")+`",`+query+`}`), "3 events")
	b.requests()
	b.refuses("events", `{"page":"1.x"}`, "'page' goes with 'from' and 'to'")
	b.refuses("events", `{"page":"1.x","from":"2026-10-24"}`, "'page' goes with 'from' and 'to'")
	if sent := b.requests(); len(sent) > 0 {
		t.Errorf("sent %+v", sent)
	}
	b.refuses("events", `{"page":"nonsense","from":"2026-10-24","to":"2026-10-25"}`, "google: calendar primary: not accepted (400 Invalid page token value.); a page goes with the arguments it was named with: repeat all that stands behind 'next:'")
}

// TestEvent: all about one, in its calendar's zone, with the version to change it
// by.
func TestEvent(t *testing.T) {
	t.Parallel()
	b := start(t)
	want := `"Tide review"; id review00
when: Tue 2026-10-27 14:00–15:00, Europe/Berlin (UTC+01:00)
where: "Room 4"
organizer: "Ada Example" ada-example@example.com
you: not answered
link: https://www.google.com/calendar/event?eid=review00
attendees:
- "Mona Example" mona-example@example.com, not answered, you
- "Ada Example" ada-example@example.com, accepted
> Heights of September.
> Bring the tables.
etag: "3400000000000004"`
	if got := b.must("events", `{"id":"review00"}`); got != want {
		t.Errorf("got\n%s", got)
	}
	b.holds(b.must("events", `{"id":"standup00"}`), "\nrecurs: RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\n", "\nonline: https://meet.google.com/exa-mple-abc\n")
	b.holds(b.must("events", `{"id":"standup00_20261026T080000Z"}`), "\nseries: standup00\n", "when: Mon 2026-10-26 09:00–09:15, Europe/Berlin (UTC+01:00)")
	b.holds(b.must("events", `{"id":"fair00"}`), "\nwhen: Fri 2026-10-23 all day through 2026-10-25\n", "leaves the time free")
	b.refuses("events", `{"id":"none00"}`, "google: event none00: not found (404 Not Found)")
	b.requests()
	b.refuses("events", `{"calendar":"en.german#holiday@group.v.calendar.google.com","id":"a?b c"}`, "not found")
	if sent := b.requests(); len(sent) != 1 || sent[0].path != "/calendar/v3/calendars/en.german%23holiday@group.v.calendar.google.com/events/a%3Fb%20c" {
		t.Errorf("asked for %+v", sent)
	}
}

// TestPathsStay: an id is one name in a path, also after a server unescapes it or
// a client takes out its dots (RFC 3986 §5.2.4).
func TestPathsStay(t *testing.T) {
	t.Parallel()
	b := start(t)
	for _, name := range []string{"..", ".", "../../drive/v3/files?x#", "a/b", `a\\b`, "%2e%2E", "a%2fb", "/", "a\\nb"} {
		for _, argument := range []string{"calendar", "id"} {
			b.refuses("events", `{"`+argument+`":"`+name+`"}`, "'"+argument+"' must be a plain name")
			for _, action := range []string{"update", "delete"} {
				b.refuses("event_write", `{"action":"`+action+`","`+argument+`":"`+name+`"}`, "'"+argument+"' must be a plain name")
			}
		}
		b.refuses("event_write", `{"action":"create","start":"2026-10-24","calendar":"`+name+`"}`, "'calendar' must be a plain name")
	}
	if sent := b.requests(); len(sent) > 0 {
		t.Errorf("sent %+v", sent)
	}
}

// TestWindowsZone: a name that Outlook gives is as good as any, and Google, which
// knows none such, isn't told.
func TestWindowsZone(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.holds(b.must("events", `{"zone":"Eastern Standard Time","from":"2026-10-26","to":"2026-10-27"}`), "times in America/New_York", "04:00–04:15 \"Stand-up\"")
	b.holds(b.must("event_write", `{"action":"create","start":"2026-10-26T09:00","zone":"Tokyo Standard Time"}`), "Asia/Tokyo")
	b.holds(b.changes()[0].body, `"timeZone":"Asia/Tokyo"`)
}

// TestFreeBusy: what is declined or free doesn't count, and gaps are those of all.
func TestFreeBusy(t *testing.T) {
	t.Parallel()
	b := start(t)
	want := `2026-10-24 00:00 to 2026-10-27 00:00, times in Europe/Berlin (UTC+02:00)
primary busy: Sat 2026-10-24 22:00–2026-10-25 06:00+01:00; Mon 2026-10-26 09:00–09:15
ada-example@example.com busy: Mon 2026-10-26 10:00–11:00
nobody@example.com: not known (notFound)
free for primary and ada-example@example.com; nobody@example.com's times aren't known: Sat 2026-10-24 00:00–22:00; Sun 2026-10-25 06:00+01:00–2026-10-26 09:00; Mon 2026-10-26 09:15–10:00, 11:00–24:00`
	if got := b.must("free_busy", `{"calendars":["primary","ada-example@example.com","nobody@example.com"],"from":"2026-10-24","to":"2026-10-27"}`); got != want {
		t.Errorf("got\n%s", got)
	}
	b.must("event_write", `{"action":"respond","id":"review00","response":"declined"}`)
	b.holds(b.must("free_busy", `{"from":"2026-10-27","to":"2026-10-28"}`), "primary busy: Tue 2026-10-27 09:00–09:15\nfree: Tue 2026-10-27 00:00–09:00, 09:15–24:00")
	b.refuses("free_busy", `{"calendars":["`+strings.Repeat(`a","`, 50)+`a"]}`, "'calendars' names 51; 50 at most")
}

// TestThrift: a week takes a model a tenth of all that the API says about it, and
// the API is asked for half of that.
func TestThrift(t *testing.T) {
	t.Parallel()
	b := start(t)
	text := b.must("events", `{"from":"2026-10-24","to":"2026-10-30"}`)
	sent := b.requests()
	asked := sent[len(sent)-1]
	query, _ := url.ParseQuery(asked.query)
	query.Del("fields")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.box.URL()+asked.path+"?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := b.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	whole, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes for a model, %d from the API, %d without fields", len(text), len(asked.answer), len(whole))
	if len(text)*10 > len(whole) || len(asked.answer)*2 > len(whole) {
		t.Errorf("%d bytes of %d of %d", len(text), len(asked.answer), len(whole))
	}
}

// TestLargeAnswers: what a call holds on to is free again after it.
func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.instead = func(*http.Request, http.RoundTripper) (*http.Response, error) {
		return made(200, `{"items":[{"id":"a","summary":"`+strings.Repeat("long ", 1<<16)+`"}]}`)
	}
	for range 4 {
		b.holds(b.must("calendars", `{}`), `"long long `)
	}
}

func TestCalendars(t *testing.T) {
	t.Parallel()
	b := start(t)
	want := `4 calendars
"mona-example@example.com"; owner, primary; Europe/Berlin; id mona-example@example.com
"Harbour"; writer; Europe/Berlin; id harbour-example@group.calendar.google.com
"Holidays"; reader; UTC; id holidays-example@group.v.calendar.google.com
"Ada Example"; reader; Europe/Berlin; id ada-example@example.com`
	if got := b.must("calendars", `{}`); got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestCalendarsByName: as the list shows it, and only if it is the name of one.
func TestCalendarsByName(t *testing.T) {
	t.Parallel()
	b := start(t)
	b.holds(b.must("events", `{"calendar":"Harbour","from":"2026-10-26"}`), "\"Harbour\": 1 event, ", "Dredging")
	b.must("event_write", `{"action":"create","calendar":"Harbour","start":"2026-10-26","title":"Fast"}`)
	if sent := b.sentOne(); sent.path != "/calendar/v3/calendars/harbour-example@group.calendar.google.com/events" {
		t.Errorf("sent to %s", sent.path)
	}
	for _, name := range []string{"harbour", "Harbou", "nowhere"} {
		b.refuses("events", `{"calendar":"`+name+`"}`, "google: calendar "+name+": the account's list has no id and no name like that; google_calendar_calendars shows both")
	}
	b.requests()
	b.must("events", `{"calendar":"mona-example@example.com","to":"2026-10-30T00:00:00Z"}`)
	b.must("events", `{"calendar":"primary","to":"2026-10-30T00:00:00Z"}`)
	if sent := b.requests(); len(sent) != 2 {
		t.Errorf("%d requests for calendars by their ids", len(sent))
	}
	list := ""
	b.instead = func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/calendarList") {
			return made(200, list)
		}
		return nil, nil
	}
	for answer, want := range map[string]string{
		`{"items":[{"id":"a@example.com","summary":"Two"},{"id":"b@example.com","summary":"x","summaryOverride":"Two"}]}`: "the name is that of several; give the id: a@example.com or b@example.com",
		`{"items":[{"id":"a@example.com","summary":"Two"}],"nextPageToken":"x"}`:                                          "too many calendars to find one by its name; give the id",
		`{"items":[{"id":"..","summary":"Two"}]}`:                                                                         "its id is not a plain one",
		`{"items":[{"id":"a@example.com","summary":"Two","summaryOverride":"One"}]}`:                                      "no name like that",
	} {
		list = answer
		b.refuses("event_write", `{"action":"delete","calendar":"Two","id":"watch00"}`, want)
	}
	if changes := b.changes(); len(changes) > 0 {
		t.Errorf("sent %+v", changes)
	}
}

// TestRefusals: what Google says, and what to do about it. Bodies are those that
// it documents or was seen to give.
// https://developers.google.com/workspace/calendar/api/guides/errors
// https://github.com/analogdotnow/Analog/issues/296
func TestRefusals(t *testing.T) {
	t.Parallel()
	const scope = `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/calendar.events.freebusy https://www.googleapis.com/auth/calendar.events.readonly"`
	for name, c := range map[string]struct {
		status int
		body   string
		header []string
		want   string
	}{
		"401":          {401, `{"error":{"errors":[{"domain":"global","reason":"authError","message":"Invalid Credentials"}],"code":401,"message":"Invalid Credentials"}}`, nil, "google: the credential was refused (401 Invalid Credentials); run: valetkey status"},
		"user limit":   {403, `{"error":{"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded","message":"User Rate Limit Exceeded"}],"code":403,"message":"User Rate Limit Exceeded"}}`, nil, "too many requests (403 User Rate Limit Exceeded); wait a minute or more"},
		"rate limit":   {403, `{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded","message":"Rate Limit Exceeded"}],"code":403,"message":"Rate Limit Exceeded"}}`, []string{"Retry-After", "7"}, "too many requests (403 Rate Limit Exceeded); try again in 7 s"},
		"quota":        {403, `{"error":{"errors":[{"domain":"usageLimits","reason":"quotaExceeded","message":"Calendar usage limits exceeded."}],"code":403,"message":"Calendar usage limits exceeded."}}`, nil, "too many requests (403 Calendar usage limits exceeded.)"},
		"429":          {429, `{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded","message":"Rate Limit Exceeded"}],"code":429,"message":"Rate Limit Exceeded"}}`, nil, "too many requests (429 Rate Limit Exceeded)"},
		"scope":        {403, `{"error":{"code":403,"message":"Request had insufficient authentication scopes.","errors":[{"message":"Insufficient Permission","domain":"global","reason":"insufficientPermissions"}],"status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT","domain":"googleapis.com"}]}}`, []string{"WWW-Authenticate", scope}, "the token needs the scope https://www.googleapis.com/auth/calendar.events.readonly; if it is GOOGLE_TOKEN, that key lacks it and another has to be given; else run: valetkey login google --again; where GOOGLE_SCOPES is set, add it there first (403 Request had"},
		"not enabled":  {403, `{"error":{"code":403,"message":"Google Calendar API has not been used in project 1 before or it is disabled.","errors":[{"domain":"usageLimits","reason":"accessNotConfigured"}],"status":"PERMISSION_DENIED"}}`, nil, "is not enabled in the client's project; enable it at https://console.cloud.google.com/apis/library/calendar-json.googleapis.com"},
		"not allowed":  {403, `{"error":{"errors":[{"domain":"calendar","reason":"requiredAccessLevel","message":"You need to have writer access to this calendar."}],"code":403,"message":"You need to have writer access to this calendar."}}`, nil, "no permission; google_calendar_calendars shows what the account may do (403 You need"},
		"410":          {410, `{"error":{"errors":[{"domain":"calendar","reason":"fullSyncRequired","message":"Sync token is no longer valid, a full sync is required."}],"code":410,"message":"Sync token is no longer valid, a full sync is required."}}`, nil, "the page is no longer there (410 Sync token is no longer valid, a full sync is required.); ask again without page"},
		"500":          {500, `{"error":{"errors":[{"domain":"global","reason":"backendError","message":"Backend Error"}],"code":500,"message":"Backend Error"}}`, nil, "Google has trouble (500 Backend Error); try again in a minute"},
		"a page":       {502, "<html>502\nBad Gateway</html>", nil, "Google has trouble (502); try again"},
		"a sign-in":    {200, "<html>hello</html>", nil, "the answer is not what the API of Google gives; check GOOGLE_API_URL"},
		"hostile text": {400, `{"error":{"message":"a\nb\u001b[2J` + strings.Repeat("x", 5000) + `"}}`, nil, "not accepted (400 a b[2Jxxx"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t)
			b.instead = func(*http.Request, http.RoundTripper) (*http.Response, error) {
				return made(c.status, c.body, c.header...)
			}
			b.refuses("events", `{}`, c.want, "google: ")
			if _, err := b.call("events", `{}`); strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 {
				t.Errorf("%d bytes: %v", len(err.Error()), err)
			}
		})
	}
	b := start(t, "calendar.calendarlist.readonly")
	b.refuses("events", `{}`, "the scope https://www.googleapis.com/auth/calendar.events.readonly;")
	b.refuses("free_busy", `{"zone":"UTC"}`, "the scope https://www.googleapis.com/auth/calendar.events.freebusy;")
	b.refuses("event_write", `{"action":"create","start":"2026-10-24"}`, "the scope https://www.googleapis.com/auth/calendar.events;")
	b.instead = func(*http.Request, http.RoundTripper) (*http.Response, error) { return nil, lost{} }
	b.refuses("calendars", `{}`, "google: no answer from 127.0.0.1:", "check the network, the proxy and GOOGLE_API_URL")
}

// TestBadArguments: each is named, and nothing is sent.
func TestBadArguments(t *testing.T) {
	t.Parallel()
	b := start(t)
	for arguments, want := range map[string]string{
		`{"from":"tomorrow"}`:    "'from' must be a date like 2026-01-31",
		`{"zone":"Berlin"}`:      `'zone': "Berlin" is no time zone`,
		`{"id":"x","query":"y"}`: "'id' takes the place of",
		`{"per_page":251}`:       "'per_page' must be",
		`{"zone":"UTC","from":"2026-10-24","to":"2026-10-24"}`: "'to' must be after 'from'; for all of one day give the next: from=2026-10-24, to=2026-10-25",
	} {
		b.refuses("events", arguments, want)
	}
	for arguments, want := range map[string]string{
		`{"action":"create"}`: "action create needs 'start'",
		`{"action":"create","start":"2026-10-24","series":true}`:                         "action create does not use 'series'; it uses start, id, zone, title, end, ",
		`{"action":"create","start":"2026-10-24","id":"UPPER"}`:                          "'id' for a new event must be 5 or more of a-v and 0-9",
		`{"action":"create","start":"2026-10-24","end":"2026-10-24"}`:                    "'end' is the day after the last one; for all of 2026-10-24 alone give end=2026-10-25",
		`{"action":"create","start":"2026-10-24","end":"2026-10-24T10:00"}`:              "must both be dates",
		`{"action":"create","start":"2026-10-24T10:00","end":"2026-10-24T09:00"}`:        "'end' must not be before the event's start",
		`{"action":"create","start":"2026-10-24T25:00"}`:                                 "'start' must be a date",
		`{"action":"create","start":"2026-10-24","attendees":["Ada <ada@example.com>"]}`: "'attendees' must be bare addresses like ada@example.com",
		`{"action":"create","start":"2026-10-24","attendees":["+a@b.c","d@e.f"]}`:        "changes that all begin with + or -",
		`{"action":"create","start":"2026-10-24","recurrence":["DTSTART:20261024"]}`:     "'recurrence' must be lines of RFC 5545",
		`{"action":"create","start":"2026-10-24","recurrence":["RRULE:FREQ=DAILY\nX"]}`:  "'recurrence' must be lines of RFC 5545",
		`{"action":"update","title":"x"}`:                                                "action update needs 'id'",
		`{"action":"update","id":"x"}`:                                                   "action update needs at least one of title, end, location, description, attendees, recurrence, free, meet, start",
		`{"action":"delete","id":"x","title":"y"}`:                                       "action delete does not use 'title'; it uses id, series, etag",
		`{"action":"update","id":"x","title":"y","etag":"\"1\"\r\nX: y"}`:                "'etag' must be as an answer shows it",
		`{"action":"delete","id":"x","etag":"\"1\u00e4\""}`:                              "'etag' must be as an answer shows it",
		`{"action":"respond","id":"x"}`:                                                  "action respond needs 'response'",
	} {
		b.refuses("event_write", arguments, want)
	}
	if sent := b.requests(); len(sent) > 0 {
		t.Errorf("sent %+v", sent)
	}
}
