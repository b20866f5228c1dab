package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// graph is the practice Graph behind a network that can be made to fail.
type graph struct {
	practice
	env []string

	mu    sync.Mutex
	fault func(*http.Response) error // of the next answers; nil: none
}

func startGraph(t *testing.T) *graph {
	t.Helper()
	g := &graph{practice: startPractice(t)}
	to, err := url.Parse(g.URL())
	if err != nil {
		t.Fatal(err)
	}
	// The practice Graph names the host it was asked at, as Graph does.
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error { return g.change(r) },
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	token := g.IssueToken("User.Read", "Calendars.Read", "Calendars.ReadWrite", "Mail.Read")
	g.env = with(g.practice.env, "VALET_STORE=memory", "VALET_SERVICES=microsoft", "VALET_CONFIRM=never", "MICROSOFT_API_URL="+server.URL+"/v1.0", "MICROSOFT_TOKEN="+token)
	return g
}

func (g *graph) change(r *http.Response) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault == nil {
		return nil
	}
	return g.fault(r)
}

// breaks sets what goes wrong with answers from now on.
func (g *graph) breaks(fault func(*http.Response) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fault = fault
}

// idBeside is the id in the line of an answer that holds a text.
func idBeside(t *testing.T, answer, text string) string {
	t.Helper()
	for line := range strings.Lines(answer) {
		if _, id, found := strings.Cut(strings.TrimSpace(line), "id "); found && strings.Contains(line, text) {
			return id
		}
	}
	t.Fatalf("no id beside %q in\n%s", text, answer)
	return ""
}

// TestMicrosoft: a calendar and mail by a key, from the list of tools to a
// meeting that is made, moved, answered and called off.
func TestMicrosoft(t *testing.T) {
	t.Parallel()
	g := startGraph(t)
	s := serve(t, g.env)
	s.initialize()
	says := func(tool, arguments string, parts ...string) string {
		t.Helper()
		text, isError := s.call(tool, arguments)
		rest := text
		for _, part := range parts {
			_, after, found := strings.Cut(rest, part)
			if isError || !found {
				t.Errorf("%s %s: no %q, or not in order, in\n%s", tool, arguments, part, text)
				return text
			}
			rest = after
		}
		return text
	}
	list := says("microsoft_events", `{"from":"2026-10-24","to":"2026-10-28","zone":"Europe/Berlin"}`,
		"times in Europe/Berlin (UTC+02:00)\n", "Sat 2026-10-24\nall day through 2026-10-25 \"Harbour days\"", `09:00–09:15 "Stand-up"`,
		"Sun 2026-10-25", `09:00+01:00–09:15+01:00 "Stand-up"`, "Mon 2026-10-26 (UTC+01:00)\n", `09:00–09:15 "Stand-up"`, `14:00–15:30 "Tide tables review"`)
	review := idBeside(t, list, "Tide tables")
	says("microsoft_events", `{"id":"`+review+`"}`, "you: not answered", "> Bring the tables of 2025.", `etag: W/"CHANGE0"`)
	says("microsoft_event_write", `{"action":"respond","response":"accepted","id":"`+review+`"}`, "accepted; the organizer was told")
	says("microsoft_events", `{"id":"`+review+`"}`, "you: accepted", `etag: W/"CHANGE1"`)
	made := says("microsoft_event_write", `{"action":"create","title":"Dive","start":"2026-10-27T15:00","zone":"Europe/Berlin","attendees":["alex@tidepool.example"]}`, "created: \"Dive\"", "15:00–16:00, Europe/Berlin (UTC+01:00)")
	dive := strings.Fields(idBeside(t, made, "Dive"))[0]
	says("microsoft_event_write", `{"action":"update","id":"`+dive+`","start":"2026-10-27T16:00","zone":"Europe/Berlin"}`, "updated: \"Dive\"", "16:00–17:00")
	says("microsoft_event_write", `{"action":"cancel","id":"`+dive+`","comment":"Storm"}`, "cancelled")
	if text, isError := s.call("microsoft_events", `{"id":"`+dive+`"}`); !isError || !strings.Contains(text, "not found (404 ErrorItemNotFound") {
		t.Errorf("what was called off: %q", text)
	}
	inbox := says("microsoft_messages", `{"per_page":2}`, "inbox: 2 messages, times in UTC; next: page=$skip=2\n", `"Tide tables for 2027"; unread, attachments, important`, "; unread; id ")
	says("microsoft_messages", `{"id":"`+idBeside(t, inbox, "Invoice")+`"}`, "message: \"Invoice 2026-10-23", "\n> message from Adele Vance")
	says("microsoft_messages", `{"search":"subject:dredging","folder":"all"}`, "all: 1 message", "Dredging on Monday")
	for line := range strings.Lines(inbox) {
		if strings.HasPrefix(line, "id: ") || strings.HasPrefix(line, "2026-10-23 10:00 Adele") {
			t.Errorf("words of a sender pass for a line of ours: %q", line)
		}
	}
	s.end()
	g.expectNoGraphToken(t, s.stdout.String()+s.stderr.String())
}

func (g *graph) expectNoGraphToken(t *testing.T, said string) {
	t.Helper()
	sent := 0
	for _, r := range g.Requests() {
		if token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found && strings.HasPrefix(r.Path, "/v1.0/") {
			sent++
			if strings.Contains(said, token) {
				t.Error("the token was shown")
			}
		}
	}
	if sent == 0 {
		t.Error("no token was sent")
	}
}

// TestMicrosoftTools: no more than these, and a result for programs.
func TestMicrosoftTools(t *testing.T) {
	t.Parallel()
	s := serve(t, startGraph(t).env)
	s.initialize()
	s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	var names []string
	for _, tool := range s.receive()["result"].(map[string]any)["tools"].([]any) {
		names = append(names, tool.(map[string]any)["name"].(string))
	}
	if got := strings.Join(names, " "); got != "microsoft_api microsoft_event_write microsoft_events microsoft_messages" {
		t.Errorf("tools: %s", got)
	}
	s.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"microsoft_event_write","arguments":{"action":"create","title":"Dive","start":"2026-10-27"}}}`)
	result, _ := s.receive()["result"].(map[string]any)
	fields, _ := result["structuredContent"].(map[string]any)
	if id, _ := fields["id"].(string); fields["action"] != "create" || !strings.HasPrefix(id, "AAMk") || !strings.HasPrefix(fmt.Sprint(fields["url"]), "https://outlook.office365.com/") {
		t.Errorf("structured content %v", fields)
	}
	if text, isError := s.call("microsoft_api", `{"path":"me/mailFolders?$top=1","jq":".value[0].displayName"}`); isError || text != `GET me/mailFolders?$top=1: 200; next: query with {"$skip":"1"}`+"\n\nInbox" {
		t.Errorf("%q", text)
	}
	s.end()
}

// TestMicrosoftPages: the next page is asked for by its marker, at the same host;
// an address of another one, where an answer names it, gets nothing.
func TestMicrosoftPages(t *testing.T) {
	t.Parallel()
	g, stranger := startGraph(t), startAcme(t)
	s := serve(t, g.env)
	s.initialize()
	subjects, page := map[string]bool{}, ""
	for range 5 {
		text, isError := s.call("microsoft_messages", `{"per_page":10`+page+`}`)
		if isError {
			t.Fatal(text)
		}
		for line := range strings.Lines(text) {
			if _, id, found := strings.Cut(line, "; id "); found {
				subjects[id] = true
			}
		}
		heading, _, _ := strings.Cut(text, "\n")
		_, next, more := strings.Cut(heading, "next: page=")
		if !more {
			break
		}
		page = `,"page":"` + next + `"`
	}
	// https://learn.microsoft.com/en-us/graph/paging
	if len(subjects) != 25 {
		t.Errorf("%d messages in all, want 25", len(subjects))
	}
	g.breaks(nextAt(stranger.elsewhere))
	if text, isError := s.call("microsoft_messages", `{"per_page":10}`); isError || !strings.HasPrefix(text, "inbox: 10 messages, times in UTC; next: not known: it is said to be elsewhere, which is not followed\n") {
		t.Errorf("%.200q", text)
	}
	s.end()
	if _, strange := stranger.requests(); strange != "" {
		t.Errorf("another host was sent\n%s", strange)
	}
}

// TestMicrosoftFaults: what goes wrong on the way is said with what to do, and an
// event whose answer was lost is made once.
func TestMicrosoftFaults(t *testing.T) {
	t.Parallel()
	g := startGraph(t)
	s := serve(t, g.env)
	s.initialize()
	for _, c := range []struct {
		status             int
		body, header, want string
	}{
		{403, `{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`, "", "microsoft: messages in inbox: no permission (403 ErrorAccessDenied"},
		{404, `{"error":{"code":"MailboxNotEnabledForRESTAPI","message":"The mailbox is either inactive, soft-deleted, or is hosted on-premise."}}`, "", "the account has no mailbox that Microsoft Graph reaches"},
		{429, `{"error":{"code":"ApplicationThrottled","message":"slow down"}}`, "7", "too many requests (429 ApplicationThrottled slow down); try again in 7 s"},
		{503, ``, "30", "Microsoft 365 has trouble (503); try again in 30 s"},
	} {
		g.breaks(func(r *http.Response) error {
			r.StatusCode = c.status
			r.Header.Set("Retry-After", c.header)
			return setBody(r, c.body)
		})
		if text, isError := s.call("microsoft_messages", `{}`); !isError || !strings.Contains(text, c.want) {
			t.Errorf("%d: %q", c.status, text)
		}
	}
	const create = `{"action":"create","title":"Once","start":"2026-10-28T10:00Z"}`
	g.breaks(func(r *http.Response) error { return io.ErrUnexpectedEOF })
	if text, isError := s.call("microsoft_event_write", create); !isError || !strings.Contains(text, "no answer from 127.0.0.1") {
		t.Errorf("a lost answer: %q", text)
	}
	g.breaks(nil)
	made, isError := s.call("microsoft_event_write", create)
	text, _ := s.call("microsoft_events", `{"from":"2026-10-28","to":"2026-10-29"}`)
	if isError || strings.Count(text, `"Once"`) != 1 {
		t.Errorf("after the call was made again: %q\n%s", made, text)
	}
	id := idBeside(t, text, "Once")
	for want, arguments := range map[string]string{
		"updated":                        `{"action":"update","id":"` + id + `","title":"Only once","etag":"W/\"CHANGE0\""}`,
		"it has changed meanwhile; read": `{"action":"update","id":"` + id + `","title":"Twice","etag":"W/\"CHANGE9\""}`,
	} {
		if text, _ := s.call("microsoft_event_write", arguments); !strings.Contains(text, want) {
			t.Errorf("%s: %q", arguments, text)
		}
	}
	s.end()
}

func setBody(r *http.Response, body string) error {
	r.Body.Close()
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

// nextAt moves the next page's address to another host.
func nextAt(elsewhere string) func(*http.Response) error {
	return func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		return setBody(r, strings.ReplaceAll(string(body), `"@odata.nextLink":"http://`+r.Request.Host, `"@odata.nextLink":"`+elsewhere))
	}
}
