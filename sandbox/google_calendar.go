package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	// Windows has no time zones that Go could read.
	_ "time/tzdata"
)

const (
	googlePrefix = "/calendar/v3"
	googleScope  = "https://www.googleapis.com/auth/"
	googleDomain = "@example.com"
)

// googleCalendar is the part of the Google Calendar API that valetkey's tools use. What is written lasts as long as the sandbox.
// Shapes and words: https://developers.google.com/workspace/calendar/api/v3/reference
type googleCalendar struct {
	now func() time.Time
	who func(*http.Request) (scopes []string, ok bool)
	// account is the name of who is signed in, the local part of their address.
	account func() string

	mu        sync.Mutex
	version   int
	calendars []*practiceCalendar
}

// practiceCalendar is a calendar in the list of the account.
type practiceCalendar struct {
	id, name, zone, role string
	events               []*practiceEvent
}

func newGoogleCalendar(now func() time.Time, who func(*http.Request) (scopes []string, ok bool), account func() string) http.Handler {
	g := &googleCalendar{now: now, who: who, account: account}
	g.fill()
	mux := http.NewServeMux()
	for pattern, route := range g.routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+googlePrefix+path, func(w http.ResponseWriter, r *http.Request) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.answer(w, r, g.serve(r, route))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		g.answer(w, r, googleRefusal(http.StatusNotImplemented, "notImplemented", "this practice Google doesn't do that"))
	})
	return mux
}

// googleRoute is a method of the API: the scopes that each allow it, below [googleScope], and what it does.
type googleRoute struct {
	scopes string
	serve  func(*http.Request) reply
}

// routes are the methods with the scopes that the API's discovery document (revision 20260925) has for them.
func (g *googleCalendar) routes() map[string]googleRoute {
	const (
		reading = "calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly calendar.readonly"
		writing = "calendar calendar.app.created calendar.events calendar.events.owned"
		listing = "calendar calendar.calendarlist calendar.calendarlist.readonly calendar.readonly"
	)
	return map[string]googleRoute{
		"GET /users/me/calendarList":                         {listing, g.list},
		"GET /users/me/calendarList/{calendar}":              {listing + " calendar.app.created", g.in("", g.entry)},
		"POST /freeBusy":                                     {"calendar calendar.events.freebusy calendar.freebusy calendar.readonly", g.freeBusy},
		"GET /calendars/{calendar}/events":                   {reading, g.in("", g.events)},
		"POST /calendars/{calendar}/events":                  {writing, g.in("writer", g.insert)},
		"GET /calendars/{calendar}/events/{event}":           {reading, g.in("", g.on(g.get))},
		"PATCH /calendars/{calendar}/events/{event}":         {writing, g.in("writer", g.on(g.patch))},
		"DELETE /calendars/{calendar}/events/{event}":        {writing, g.in("writer", g.on(g.remove))},
		"GET /calendars/{calendar}/events/{event}/instances": {reading, g.in("", g.on(g.instances))},
	}
}

// serve asks whose the request is and what it may do.
func (g *googleCalendar) serve(r *http.Request, route googleRoute) reply {
	scopes, known := g.who(r)
	if !known {
		return googleRefusal(http.StatusUnauthorized, "authError", "Invalid Credentials")
	}
	for scope := range strings.FieldsSeq(route.scopes) {
		if slices.Contains(scopes, googleScope+scope) {
			return route.serve(r)
		}
	}
	refused := googleRefusal(http.StatusForbidden, "insufficientPermissions", "Request had insufficient authentication scopes.")
	refused.raw = googleScope + strings.ReplaceAll(route.scopes, " ", " "+googleScope)
	return refused
}

// googleRefusal is an error as the API gives it (https://developers.google.com/workspace/calendar/api/guides/errors).
func googleRefusal(status int, reason, message string) reply {
	return reply{status: status, body: object{"error": object{
		"code": status, "message": message, "errors": []object{{"domain": "global", "reason": reason, "message": message}},
	}}}
}

// answer writes a reply. Of a refusal for want of scopes, raw holds those that would do.
func (g *googleCalendar) answer(w http.ResponseWriter, r *http.Request, a reply) {
	header := w.Header()
	switch {
	case a.status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
	case a.raw != "":
		header.Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="`+a.raw+`"`)
	case a.status == http.StatusNoContent:
		w.WriteHeader(a.status)
		return
	}
	body := plainJSON(a.body)
	if fields := r.URL.Query().Get("fields"); fields != "" && a.status == http.StatusOK {
		var err error
		if body, err = partial(body, fields); err != nil {
			a = googleRefusal(http.StatusBadRequest, "invalidParameter", "Invalid field selection "+err.Error())
			body = a.body
		}
	}
	header.Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(a.status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	_ = encoder.Encode(body)
}

// plainJSON is a value as it arrives at the other side.
func plainJSON(value any) any {
	// What was put together here can be encoded.
	text, _ := json.Marshal(value)
	var plain any
	_ = json.Unmarshal(text, &plain)
	return plain
}

// in finds the calendar of a request, and whether the account has the role on it that is needed; "" for any.
func (g *googleCalendar) in(role string, serve func(*http.Request, *practiceCalendar) reply) func(*http.Request) reply {
	return func(r *http.Request) reply {
		c := g.find(r.PathValue("calendar"))
		switch {
		case c == nil:
			return googleRefusal(http.StatusNotFound, "notFound", "Not Found")
		case role != "" && c.role == "reader":
			return googleRefusal(http.StatusForbidden, "requiredAccessLevel", "You need to have writer access to this calendar.")
		}
		return serve(r, c)
	}
}

func (g *googleCalendar) find(id string) *practiceCalendar {
	if id == "primary" || id == g.address() {
		return g.calendars[0]
	}
	i := slices.IndexFunc(g.calendars, func(c *practiceCalendar) bool { return c.id == id })
	if i < 1 {
		return nil
	}
	return g.calendars[i]
}

// address is the account's, and so the id of its calendar.
func (g *googleCalendar) address() string { return g.account() + googleDomain }

func (g *googleCalendar) idOf(c *practiceCalendar) string { return cmp.Or(c.id, g.address()) }

func (g *googleCalendar) list(*http.Request) reply {
	items := []object{}
	for _, c := range g.calendars {
		items = append(items, g.entryOf(c))
	}
	return ok(object{"kind": "calendar#calendarList", "etag": `"1"`, "nextSyncToken": "sync-example", "items": items})
}

func (g *googleCalendar) entry(_ *http.Request, c *practiceCalendar) reply { return ok(g.entryOf(c)) }

func (g *googleCalendar) entryOf(c *practiceCalendar) object {
	o := object{
		"kind": "calendar#calendarListEntry", "etag": `"1"`, "id": g.idOf(c), "summary": cmp.Or(c.name, g.address()), "timeZone": c.zone, "colorId": "14",
		"backgroundColor": "#9fe1e7", "foregroundColor": "#000000", "selected": true, "accessRole": c.role,
		"defaultReminders": []object{{"method": "popup", "minutes": 10}}, "conferenceProperties": object{"allowedConferenceSolutionTypes": []string{"hangoutsMeet"}},
	}
	if c.id == "" {
		o["primary"] = true
	}
	return o
}

// page cuts what was asked for out of a list. A token goes with the parameters it was given for.
func (g *googleCalendar) page(r *http.Request, all []object) (items []object, next string, refused *reply) {
	query := r.URL.Query()
	from := 0
	if token := query.Get("pageToken"); token != "" {
		position, asked, _ := strings.Cut(token, ".")
		var err error
		if from, err = strconv.Atoi(position); err != nil || asked != checksum(query) || from > len(all) {
			no := googleRefusal(http.StatusBadRequest, "invalid", "Invalid page token value.")
			return nil, "", &no
		}
	}
	size, err := strconv.Atoi(query.Get("maxResults"))
	if err != nil || size < 1 {
		size = 250
	}
	to := min(from+min(size, 2500), len(all))
	if to < len(all) {
		next = strconv.Itoa(to) + "." + checksum(query)
	}
	return append([]object{}, all[from:to]...), next, nil
}
