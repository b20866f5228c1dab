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
		"an event":             {all, "POST", "/me/events", `{"subject":"x","isAllDay":true,` + day + `}`, 201, `"isAllDay":true`},
	} {
		request, err := http.NewRequestWithContext(t.Context(), c.method, box.URL()+"/v1.0"+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+c.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != c.status || !strings.Contains(string(body), c.said) {
			t.Errorf("%s: %d %s, %v", name, response.StatusCode, body, err)
		}
	}
}
