package microsoft_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// get asks the practice Graph itself.
func (p *practice) get(path string, header ...string) (status int, body string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.box.URL()+"/v1.0/"+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := p.client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// TestPracticeGraph: whole answers, which the tools never ask for, are held
// against Microsoft's library like the others; and what Graph refuses, it
// refuses.
func TestPracticeGraph(t *testing.T) {
	t.Parallel()
	p := practise(t)
	list := p.says("microsoft_events", `{"from":"2026-10-26","to":"2026-10-27"}`)
	event := url.PathEscape(idOf(t, list, "Tide tables"))
	message := url.PathEscape(idOf(t, p.says("microsoft_messages", `{}`), "Tide tables"))
	const window = "?startDateTime=2026-10-24T00:00:00Z&endDateTime=2026-10-28T00:00:00Z"
	for _, c := range []struct {
		path   string
		status int
		said   string
	}{
		{"me", 200, `"userPrincipalName":"mona@tidepool.example"`},
		{"me/calendars", 200, `"name":"Harbour team"`},
		{"me/mailFolders", 200, `"displayName":"Inbox"`},
		{"me/calendarView" + window, 200, `"type":"occurrence"`},
		{"me/events/" + event, 200, `"dateTime":"2026-10-26T13:00:00.0000000","timeZone":"UTC"`},
		{"me/messages/" + message, 200, `"contentType":"html"`},
		{"me/messages/" + message + "/attachments", 200, `"name":"tables.pdf"`},
		{"me/messages?$search=%22tide%22", 200, `"Tide tables`},
		{"me/messages?$search=%22tide%22&$filter=isRead%20eq%20true", 400, "SearchWithFilter"},
		{"me/messages?$search=%22tide%22&$orderby=receivedDateTime", 400, "SearchWithOrderBy"},
		{"me/messages?$orderby=receivedDateTime&$filter=isRead%20eq%20true", 400, "InefficientFilter"},
		{"me/mailFolders/nowhere/messages", 404, "ErrorItemNotFound"},
		{"me/events/nothing", 404, "ErrorItemNotFound"},
	} {
		if status, body := p.get(c.path); status != c.status || !strings.Contains(body, c.said) {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
	}
	for zone, want := range map[string]string{"Europe/Berlin": "2026-10-26T14:00:00.0000000", "W. Europe Standard Time": "2026-10-26T14:00:00.0000000", "Mars": "TimeZoneNotSupportedException"} {
		if _, body := p.get("me/events/"+event, "Prefer", `outlook.timezone="`+zone+`"`); !strings.Contains(body, want) {
			t.Errorf("%s: %s", zone, body)
		}
	}
	if status, body := p.get("me/drive"); status != http.StatusNotImplemented || !strings.Contains(body, "practice") {
		t.Errorf("%d %s", status, body)
	}
	p.client = http.DefaultClient
	if status, body := p.get("me"); status != http.StatusUnauthorized || !strings.Contains(body, "InvalidAuthenticationToken") {
		t.Errorf("%d %s", status, body)
	}
}
