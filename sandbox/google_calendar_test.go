package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

func askGoogle(t *testing.T, box *sandbox.Sandbox, token, method, path, body string) apiAnswer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, box.URL()+"/calendar/v3"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return apiAnswer{response.StatusCode, response.Header, strings.ReplaceAll(string(text), "\n", "")}
}

// TestGoogleRefusals holds the practice calendar to Google's ways of saying no.
// https://developers.google.com/workspace/calendar/api/guides/errors
// https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
func TestGoogleRefusals(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	all, reading := box.IssueToken("https://www.googleapis.com/auth/calendar"), box.IssueToken("https://www.googleapis.com/auth/calendar.events.readonly")
	const events = "/calendars/primary/events"
	for name, c := range map[string]struct {
		token, method, path, body string
		status                    int
		said                      string
	}{
		"unknown token":       {"nobody-example", "GET", events, "", 401, `"reason": "authError"`},
		"no scope":            {reading, "POST", events, "{}", 403, `"reason": "insufficientPermissions"`},
		"another scope":       {reading, "GET", "/users/me/calendarList", "", 403, "insufficient authentication scopes"},
		"unknown path":        {all, "GET", "/colors", "", 501, "this practice Google doesn't do that"},
		"unknown calendar":    {all, "GET", "/calendars/nobody/events", "", 404, `"reason": "notFound"`},
		"unknown event":       {all, "GET", events + "/nothing00", "", 404, `"reason": "notFound"`},
		"no such occurrence":  {all, "GET", events + "/standup00_20261025T080000Z", "", 404, `"reason": "notFound"`},
		"empty range":         {all, "GET", events + "?timeMin=2026-10-24T00:00:00Z&timeMax=2026-10-24T00:00:00Z", "", 400, `"reason": "timeRangeEmpty"`},
		"no offset":           {all, "GET", events + "?timeMin=2026-10-24T00:00:00", "", 400, "Bad Request"},
		"order of series":     {all, "GET", events + "?orderBy=startTime", "", 400, "The requested ordering is not available"},
		"a page of another":   {all, "GET", events + "?pageToken=1.12345678", "", 400, "Invalid page token value."},
		"fields":              {all, "GET", events + "?fields=items(id", "", 400, "Invalid field selection"},
		"no end":              {all, "POST", events, `{"start":{"date":"2026-10-24"}}`, 400, "Missing end time."},
		"a day and a time":    {all, "POST", events, `{"start":{"date":"2026-10-24"},"end":{"dateTime":"2026-10-24T10:00:00Z"}}`, 400, "Invalid start time."},
		"series without zone": {all, "POST", events, `{"start":{"dateTime":"2026-10-24T10:00:00Z"},"end":{"dateTime":"2026-10-24T11:00:00Z"},"recurrence":["RRULE:FREQ=DAILY"]}`, 400, "Missing time zone definition"},
		"the wrong way round": {all, "POST", events, `{"start":{"date":"2026-10-24"},"end":{"date":"2026-10-24"}}`, 400, "timeRangeEmpty"},
		"id":                  {all, "POST", events, `{"id":"xyz","start":{"date":"2026-10-24"},"end":{"date":"2026-10-25"}}`, 400, "Invalid resource id value."},
		"id that is taken":    {all, "POST", events, `{"id":"fair00","start":{"date":"2026-10-24"},"end":{"date":"2026-10-25"}}`, 409, "The requested identifier already exists."},
		"not one's calendar":  {all, "POST", "/calendars/holidays-example@group.v.calendar.google.com/events", "{}", 403, "You need to have writer access to this calendar."},
		"not one's event":     {all, "PATCH", events + "/review00", `{"summary":"x"}`, 403, "Shared properties can only be changed by the organizer of the event."},
	} {
		got := askGoogle(t, box, c.token, c.method, c.path, c.body)
		if got.status != c.status || !strings.Contains(got.body, c.said) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if challenge := got.header.Get("WWW-Authenticate"); strings.Contains(got.body, "insufficientPermissions") != strings.Contains(challenge, `scope="https://`) {
			t.Errorf("%s: %s", name, challenge)
		}
	}
}

// TestGoogleAnswers: parts of answers, occurrences, and what was deleted.
// https://developers.google.com/workspace/calendar/api/guides/performance#partial-response
func TestGoogleAnswers(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	token := box.IssueToken("https://www.googleapis.com/auth/calendar")
	for path, want := range map[string]string{
		"/calendars/primary/events?fields=items(id,start/dateTime),timeZone&singleEvents=true&timeMin=2026-10-26T00:00:00Z&timeMax=2026-10-27T00:00:00Z": `{ "items": [  {   "id": "standup00_20261026T080000Z",   "start": {    "dateTime": "2026-10-26T09:00:00+01:00"   }  } ], "timeZone": "Europe/Berlin"}`,
		"/calendars/primary/events/standup00/instances?fields=items/id&timeMin=2026-03-27T00:00:00Z&timeMax=2026-03-31T00:00:00Z":                        `{ "items": [  {   "id": "standup00_20260327T080000Z"  },  {   "id": "standup00_20260330T070000Z"  } ]}`,
		"/calendars/primary/events?fields=items/id&timeMin=2026-10-30T08:00:00Z":                                                                         `{ "items": [  {   "id": "standup00"  } ]}`,
		"/users/me/calendarList/primary?fields=id": `{ "id": "mona-example@example.com"}`,
	} {
		if got := askGoogle(t, box, token, "GET", path, ""); got.status != 200 || got.body != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, status := range []int{204, 410} {
		if got := askGoogle(t, box, token, "DELETE", "/calendars/primary/events/watch00", ""); got.status != status {
			t.Errorf("%d %s, want %d", got.status, got.body, status)
		}
	}
	if got := askGoogle(t, box, token, "GET", "/calendars/primary/events/watch00?fields=status", ""); got.body != `{ "status": "cancelled"}` {
		t.Errorf("%d %s", got.status, got.body)
	}
}
