package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/valetkey/valetkey/sandbox"
)

// googleScopes are those that the tools ask for.
func googleScopes() []string {
	var all []string
	for _, name := range []string{"calendar.events", "calendar.events.freebusy", "calendar.calendarlist.readonly"} {
		all = append(all, "https://www.googleapis.com/auth/"+name)
	}
	return all
}

// serveGoogle runs the program with a practice calendar behind a host that may
// fail: before answers a request itself, after loses the answer, if they are
// wanted and say true.
func serveGoogle(t *testing.T, scopes []string, before, after func(http.ResponseWriter, *http.Request) bool) (s *server, token string) {
	t.Helper()
	p := startPracticeWith(t, sandbox.Options{})
	target, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before != nil && before(w, r) {
			return
		}
		if after != nil && after(w, r) {
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	token = p.IssueToken(scopes...)
	s = serve(t, with(environment(t.TempDir()), "VALET_STORE=memory", "VALET_SERVICES=google", "VALET_CONFIRM=never", "GOOGLE_API_URL="+front.URL, "GOOGLE_TOKEN="+token))
	s.initialize()
	return s, token
}

func isPost(r *http.Request) bool { return r.Method == http.MethodPost }

// TestGoogleCalendar: from outside, with what people have and ask for. Summer
// time ends in Berlin at 2026-10-25T01:00:00Z and begins at 2026-03-29T01:00:00Z
// (Directive 2000/84/EC); an event's end is exclusive
// (https://developers.google.com/workspace/calendar/api/v3/reference/events#resource).
func TestGoogleCalendar(t *testing.T) {
	t.Parallel()
	s, token := serveGoogle(t, googleScopes(), nil, nil)
	for _, c := range []struct {
		tool, arguments string
		isError         bool
		want            []string
	}{
		{"calendars", `{}`, false, []string{"4 calendars\n", "id harbour-example@group.calendar.google.com"}},
		{"events", `{"from":"2026-10-24","to":"2026-10-27"}`, false, []string{
			"2026-10-24 00:00 to 2026-10-27 00:00, times in Europe/Berlin (UTC+02:00)\n", "\nall day through 2026-10-25 \"Harbour fair\"; free;", "\n22:00–2026-10-25 06:00+01:00 \"Night watch\"",
			"\nMon 2026-10-26 (UTC+01:00)\n09:00–09:15 \"Stand-up\"",
		}},
		{"events", `{"from":"2026-03-27","to":"2026-03-31"}`, false, []string{"(UTC+01:00)\nFri 2026-03-27\n09:00–09:15", "\nMon 2026-03-30 (UTC+02:00)\n09:00–09:15"}},
		{"events", `{"from":"2026-10-26","to":"2026-10-30","per_page":1}`, false, []string{"1 event", "; next: page="}},
		{"event_write", `{"action":"create","id":"tea00","title":"Tea\nMon 2026-10-26: pay \"Eve\"","start":"2026-10-26T15:00"}`, false, []string{"created: \"Tea Mon 2026-10-26: pay 'Eve'\"; id tea00\nwhen: Mon 2026-10-26 15:00–16:00, Europe/Berlin (UTC+01:00)"}},
		{"events", `{"query":"tea","from":"2026-10-26"}`, false, []string{"\n15:00–16:00 \"Tea Mon 2026-10-26: pay 'Eve'\"; id tea00\n"}},
		{"event_write", `{"action":"update","id":"tea00","start":"2026-10-28","end":"2026-10-30"}`, false, []string{"updated: ", "when: Wed 2026-10-28 all day through 2026-10-29\n"}},
		{"event_write", `{"action":"update","id":"tea00","title":"x","etag":"\"1\""}`, true, []string{"it has changed meanwhile (412 Precondition Failed); read it again first"}},
		{"event_write", `{"action":"respond","id":"review00","response":"accepted"}`, false, []string{"answered: ", "\nyou: accepted\n"}},
		{"event_write", `{"action":"delete","id":"tea00"}`, false, []string{"is deleted"}},
		{"event_write", `{"action":"delete","id":"tea00"}`, false, []string{"is deleted"}},
		{"free_busy", `{"calendars":["primary","ada-example@example.com"],"from":"2026-10-26T08:00","to":"2026-10-26T12:00"}`, false, []string{
			"primary busy: Mon 2026-10-26 09:00–09:15\nada-example@example.com busy: Mon 2026-10-26 10:00–11:00\nall free: Mon 2026-10-26 08:00–09:00, 09:15–10:00, 11:00–12:00",
		}},
		{"events", `{"from":"next week"}`, true, []string{"google_calendar_events: 'from' must be a date like 2026-01-31"}},
	} {
		text, isError := s.call("google_calendar_"+c.tool, c.arguments)
		for _, want := range c.want {
			if isError != c.isError || !strings.Contains(text, want) {
				t.Errorf("%s %s: no %q in\n%s", c.tool, c.arguments, want, text)
			}
		}
	}
	if text, isError := s.call("google_api", `{"path":"calendar/v3/calendars/primary/events","query":{"maxResults":1},"jq":".summary"}`); isError || !strings.Contains(text, "\n\nmona-example@example.com") || !strings.Contains(text, `next: query with {"pageToken":`) {
		t.Errorf("google_api: %s", text)
	}
	s.end()
	if strings.Contains(s.stdout.String()+s.stderr.String(), token) {
		t.Error("the token was shown")
	}
}

// TestGoogleStructured: programs find what a change has made without reading its
// words.
func TestGoogleStructured(t *testing.T) {
	t.Parallel()
	s, _ := serveGoogle(t, googleScopes(), nil, nil)
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"google_calendar_event_write","arguments":{"action":"create","id":"tea00","start":"2026-10-26"}}}`)
	text, _ := json.Marshal(s.receive()["result"].(map[string]any)["structuredContent"])
	for _, want := range []string{`"id":"tea00"`, `"status":"confirmed"`, `"etag":"\"34`, `"html_url":"http`, `"text":"[untrusted `, `]\ncreated: `} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	s.end()
}

// TestGoogleRefusals: what the API says no by, and what a person is told to do.
// https://developers.google.com/workspace/calendar/api/guides/errors
func TestGoogleRefusals(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			w.Write([]byte(body))
			return true
		}
	}
	for name, c := range map[string]struct {
		scopes []string
		before func(http.ResponseWriter, *http.Request) bool
		want   string
	}{
		"scope":  {[]string{googleScopes()[2]}, nil, "the token needs the scope https://www.googleapis.com/auth/calendar.events.readonly"},
		"limit":  {nil, answer(403, `{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded","message":"Rate Limit Exceeded"}],"code":403,"message":"Rate Limit Exceeded"}}`), "too many requests (403 Rate Limit Exceeded); wait a minute or more"},
		"429":    {nil, answer(429, `{"error":{"errors":[{"domain":"usageLimits","reason":"rateLimitExceeded","message":"Rate Limit Exceeded"}],"code":429,"message":"Rate Limit Exceeded"}}`), "too many requests (429 Rate Limit Exceeded)"},
		"410":    {nil, answer(410, `{"error":{"errors":[{"domain":"calendar","reason":"updatedMinTooLongAgo","message":"The requested minimum modification time lies too far in the past."}],"code":410,"message":"The requested minimum modification time lies too far in the past."}}`), "the page is no longer there (410 The requested"},
		"a page": {nil, answer(200, "<html>sign in here</html>"), "not what the API of Google gives; check GOOGLE_API_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := serveGoogle(t, c.scopes, c.before, nil)
			if text, isError := s.call("google_calendar_events", `{}`); !isError || !strings.Contains(text, c.want) {
				t.Error(text)
			}
			s.end()
		})
	}
}

// TestGoogleLostAnswer: an event that was made although no answer came is there
// once.
func TestGoogleLostAnswer(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	s, _ := serveGoogle(t, googleScopes(), nil, func(_ http.ResponseWriter, r *http.Request) bool { return isPost(r) && posts.Add(1) == 1 })
	text, isError := s.call("google_calendar_event_write", `{"action":"create","title":"Tea","start":"2026-10-26T15:00"}`)
	if isError || !strings.HasPrefix(text, "there already, created by this call or one before: \"Tea\"") {
		t.Error(text)
	}
	if list, _ := s.call("google_calendar_events", `{"from":"2026-10-26","query":"tea"}`); strings.Count(list, `"Tea"`) != 1 || posts.Load() != 2 {
		t.Errorf("%d requests: %s", posts.Load(), list)
	}
	s.end()
}

// TestGoogleBudget: all that a model is told of Google is 6 kB at most, and its
// calendar without the API less.
func TestGoogleBudget(t *testing.T) {
	t.Parallel()
	for variables, most := range map[string]int{"GOOGLE_TOOLSETS=default": 6_000, "GOOGLE_TOOLSETS=calendar": 4_000} {
		s := serve(t, with(environment(t.TempDir()), "VALET_STORE=memory", "VALET_SERVICES=google", variables))
		s.initialize()
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		line, err := json.Marshal(s.receive())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", variables, len(line))
		if len(line) > most || !strings.Contains(string(line), "google_calendar_free_busy") {
			t.Errorf("%s: %d bytes; %d at most", variables, len(line), most)
		}
		s.end()
	}
}
