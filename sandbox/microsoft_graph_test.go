package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestGraphRefusals: the practice Graph says no as Graph does
// (https://learn.microsoft.com/en-us/graph/errors).
func TestGraphRefusals(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	all, reading := box.IssueToken("User.Read", "Calendars.ReadWrite", "Mail.Read"), box.IssueToken("Calendars.Read")
	const day = `"start":{"dateTime":"2026-10-26T00:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-10-27T00:00:00","timeZone":"UTC"}`
	for name, c := range map[string]struct {
		token, method, path, body string
		status                    int
		said                      string
	}{
		"no token":             {"", "GET", "/me", "", 401, "InvalidAuthenticationToken"},
		"no scope to read":     {reading, "GET", "/me/messages", "", 403, "ErrorAccessDenied"},
		"no scope to write":    {reading, "POST", "/me/events", "{}", 403, "ErrorAccessDenied"},
		"unknown path":         {all, "GET", "/me/drive", "", 501, "this practice Graph doesn't do that"},
		"unknown action":       {all, "POST", "/me/events/x/forward", "{}", 501, "this practice Graph doesn't do that"},
		"no window":            {all, "GET", "/me/calendarView", "", 400, "StartDateTime and EndDateTime"},
		"unknown calendar":     {all, "POST", "/me/calendars/x/events", "{}", 404, "ErrorItemNotFound"},
		"unknown event":        {all, "PATCH", "/me/events/x", "{}", 404, "ErrorItemNotFound"},
		"unknown message":      {all, "GET", "/me/messages/x", "", 404, "ErrorItemNotFound"},
		"unknown property":     {all, "GET", "/me/messages?$select=sbject", "", 400, "Could not find a property named 'sbject'"},
		"unknown field":        {all, "POST", "/me/events", `{"sbject":"x",` + day + `}`, 400, "The property 'sbject' does not exist"},
		"no times":             {all, "POST", "/me/events", `{"subject":"x"}`, 400, "TimeZoneNotSupportedException"},
		"no JSON":              {all, "POST", "/me/events", `{`, 400, "Unable to read JSON"},
		"not from midnight on": {all, "POST", "/me/events", `{"isAllDay":true,` + strings.Replace(day, "00:00:00", "10:00:00", 1) + `}`, 400, "needs to be set to midnight"},
		"end before start":     {all, "POST", "/me/events", `{` + strings.Replace(day, "10-26", "10-28", 1) + `}`, 400, "ErrorPropertyValidationFailure"},
		"a day elsewhere":      {all, "POST", "/me/events", `{"subject":"x","isAllDay":true,` + strings.ReplaceAll(day, "UTC", "Europe/Berlin") + `}`, 201, `"start":{"dateTime":"2026-10-26T00:00:00.0000000","timeZone":"UTC"}`},
		"an event":             {all, "POST", "/me/events", `{"subject":"x","isAllDay":true,` + day + `}`, 201, `"isAllDay":true`},
	} {
		if status, answer := askGraph(t, box.URL(), c.token, c.method, c.path, c.body); status != c.status || !strings.Contains(answer, c.said) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}

// TestGraphSeries: a series begins on the day of its start, as both have to be the
// same (https://learn.microsoft.com/en-us/graph/api/resources/recurrencerange); a
// month without the day has its last one
// (https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/dayofmonth).
func TestGraphSeries(t *testing.T) {
	t.Parallel()
	box := startAPI(t)
	token := box.IssueToken("Calendars.ReadWrite")
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		return askGraph(t, box.URL(), token, method, "/me/"+path, body)
	}
	times := func(day string) string {
		return `"start":{"dateTime":"` + day + `T09:00:00","timeZone":"UTC"},"end":{"dateTime":"` + day + `T10:00:00","timeZone":"UTC"}`
	}
	monthly := func(first string) string {
		return `"recurrence":{"pattern":{"type":"absoluteMonthly","interval":1,"dayOfMonth":31},"range":{"type":"noEnd","startDate":"` + first + `"}}`
	}
	if status, answer := ask("POST", "events", `{"subject":"x",`+times("2027-01-31")+`,`+monthly("2027-01-30")+`}`); status != 400 || !strings.Contains(answer, "ErrorPropertyValidationFailure") {
		t.Errorf("two beginnings: %d %s", status, answer)
	}
	status, answer := ask("POST", "events", `{"subject":"x",`+times("2027-01-31")+`,`+monthly("2027-01-31")+`}`)
	_, id, _ := strings.Cut(answer, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)
	if status != 201 || !strings.Contains(answer, `"type":"seriesMaster"`) {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer := ask("GET", "events/"+id+"_OID_2027-02-28", ""); status != 200 || !strings.Contains(answer, `"dateTime":"2027-02-28T09:00:00`) {
		t.Errorf("February: %d %s", status, answer)
	}
	if status, answer := ask("PATCH", "events/"+id+"_OID_2027-02-28", `{`+monthly("2027-02-28")+`}`); status != 400 || !strings.Contains(answer, "occurrence of a series") {
		t.Errorf("a rule for one occurrence: %d %s", status, answer)
	}
	if status, answer := ask("PATCH", "events/"+id, `{`+strings.ReplaceAll(times("2027-03-31"), "UTC", "Europe/Berlin")+`}`); status != 200 || !strings.Contains(answer, `"startDate":"2027-03-31"`) || !strings.Contains(answer, `"originalStartTimeZone":"Europe/Berlin"`) || !strings.Contains(answer, `"type":"seriesMaster"`) {
		t.Errorf("another start: %d %s", status, answer)
	}
	for day, want := range map[string]int{"2027-01-31": 404, "2027-03-31": 200, "2027-04-30": 200} {
		if status, answer := ask("GET", "events/"+id+"_OID_"+day, ""); status != want || status == 200 && !strings.Contains(answer, `"dateTime":"`+day+`T07:00:00`) {
			t.Errorf("%s: %d %s", day, status, answer)
		}
	}
}

// askGraph answers the status and the body.
func askGraph(t *testing.T, address, token, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address+"/v1.0"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}
