package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	graphPrefix = "/v1.0"
	graphPerson = "mona@tidepool.example"
)

// graphAPI is the part of Microsoft Graph that valetkey's tools use: a person's calendars and mail. What is written lasts as long
// as the sandbox. Shapes and words: https://learn.microsoft.com/en-us/graph/api/overview and its pages on event, message and error.
type graphAPI struct {
	now func() time.Time
	who func(*http.Request) (scopes []string, ok bool)

	mu        sync.Mutex
	made      int
	calendars []object
	events    []*graphEvent
	folders   []object
	messages  []*graphMessage
}

// newGraphAPI makes the API with its data as it is at the start. who tells whose the request is; its scopes decide what it may do.
func newGraphAPI(now func() time.Time, who func(*http.Request) (scopes []string, ok bool)) http.Handler {
	g := &graphAPI{now: now, who: who, calendars: graphCalendars(), folders: graphFolders(), messages: graphMessages()}
	for _, e := range graphEvents() {
		g.add(e)
	}
	mux := http.NewServeMux()
	for pattern, serve := range g.routes() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+graphPrefix+path, func(w http.ResponseWriter, r *http.Request) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.answer(w, r, serve)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { writeGraph(w, graphNotHere()) })
	return mux
}

// graphRoute serves a request that one of the scopes is enough for.
type graphRoute struct {
	scopes []string
	serve  func(*http.Request) reply
}

func (g *graphAPI) routes() map[string]graphRoute {
	read, write := []string{"Calendars.Read", "Calendars.ReadWrite"}, []string{"Calendars.ReadWrite"}
	mail := []string{"Mail.Read", "Mail.ReadWrite"}
	return map[string]graphRoute{
		"GET /me":              {[]string{"User.Read"}, g.me},
		"GET /me/calendars":    {read, g.listCalendars},
		"GET /me/calendarView": {read, g.calendarView},
		"GET /me/calendars/{calendar}/calendarView": {read, g.calendarView},
		"GET /me/events/{id}":                       {read, g.event},
		"POST /me/events":                           {write, g.createEvent},
		"POST /me/calendars/{calendar}/events":      {write, g.createEvent},
		"PATCH /me/events/{id}":                     {write, g.updateEvent},
		"DELETE /me/events/{id}":                    {write, g.deleteEvent},
		"POST /me/events/{id}/{action}":             {write, g.actOnEvent},
		"GET /me/mailFolders":                       {mail, g.listFolders},
		"GET /me/mailFolders/{folder}/messages":     {mail, g.listMessages},
		"GET /me/messages":                          {mail, g.listMessages},
		"GET /me/messages/{id}":                     {mail, g.message},
		"GET /me/messages/{id}/attachments":         {mail, g.attachments},
	}
}

// answer checks who asks, and lets the route answer.
func (g *graphAPI) answer(w http.ResponseWriter, r *http.Request, route graphRoute) {
	scopes, known := g.who(r)
	switch {
	case !known:
		w.Header().Set("WWW-Authenticate", `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`)
		writeGraph(w, graphProblem(http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."))
	case !slices.ContainsFunc(route.scopes, func(s string) bool { return slices.Contains(scopes, s) }):
		writeGraph(w, graphProblem(http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))
	default:
		writeGraph(w, route.serve(r))
	}
}

func writeGraph(w http.ResponseWriter, a reply) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	w.WriteHeader(a.status)
	// The answer is on its way: a client that has gone can't be told.
	_ = json.NewEncoder(w).Encode(a.body)
}

// graphProblem is an error as https://learn.microsoft.com/en-us/graph/errors shows it.
func graphProblem(status int, code, message string) reply {
	return reply{status: status, body: object{"error": object{"code": code, "message": message,
		"innerError": object{"date": "2026-10-20T08:00:00", "request-id": "00000000-0000-0000-0000-000000000000"}}}}
}

func graphMissing() reply {
	return graphProblem(http.StatusNotFound, "ErrorItemNotFound", "The specified object was not found in the store.")
}

func graphBad(format string, args ...any) reply {
	return graphProblem(http.StatusBadRequest, "RequestBroker--ParseUri", fmt.Sprintf(format, args...))
}

// graphNotHere is for what Graph does and this API doesn't, so that nobody takes it for Graph's word.
func graphNotHere() reply {
	return graphProblem(http.StatusNotImplemented, "notSupported", "this practice Graph doesn't do that")
}

func (g *graphAPI) me(r *http.Request) reply {
	return graphOne(r, "users/$entity", object{"id": "48d31887-5fad-4d73-a9f5-3c356e68a038", "displayName": "Mona Example", "givenName": "Mona", "surname": "Example",
		"mail": graphPerson, "userPrincipalName": graphPerson, "preferredLanguage": "en-US", "jobTitle": nil, "businessPhones": []string{}})
}

func (g *graphAPI) listCalendars(r *http.Request) reply {
	return graphList(r, "users('me')/calendars", g.calendars)
}

func (g *graphAPI) listFolders(r *http.Request) reply {
	return graphList(r, "users('me')/mailFolders", g.folders)
}

// graphOne is a single thing, with the properties that were selected.
func graphOne(r *http.Request, context string, o object) reply {
	chosen, wrong := selected(r, o)
	if wrong != "" {
		return graphBad("Could not find a property named '%s'.", wrong)
	}
	chosen["@odata.context"] = "http://" + r.Host + graphPrefix + "/$metadata#" + context
	return ok(chosen)
}

// graphList cuts the page that was asked for out of a list: 10 unless $top says otherwise
// (https://learn.microsoft.com/en-us/graph/paging).
func graphList(r *http.Request, context string, all []object) reply {
	query := r.URL.Query()
	top, err := strconv.Atoi(query.Get("$top"))
	if err != nil || top < 1 {
		top = 10
	}
	marker := "$skip"
	if query.Has("$search") {
		marker = "$skiptoken"
	}
	skip, _ := strconv.Atoi(query.Get(marker))
	page := []object{}
	for _, o := range all[min(skip, len(all)):min(skip+top, len(all))] {
		chosen, wrong := selected(r, o)
		if wrong != "" {
			return graphBad("Could not find a property named '%s'.", wrong)
		}
		page = append(page, chosen)
	}
	list := object{"@odata.context": "http://" + r.Host + graphPrefix + "/$metadata#" + context, "value": page}
	if skip+top < len(all) {
		query.Set(marker, strconv.Itoa(skip+top))
		next := url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
		list["@odata.nextLink"] = next.String()
	}
	return ok(list)
}

// selected is what $select leaves of a thing, and the name that it doesn't have.
func selected(r *http.Request, o object) (chosen object, wrong string) {
	names := r.URL.Query().Get("$select")
	chosen = object{}
	if names == "" {
		add(chosen, o)
		return chosen, ""
	}
	for _, kept := range []string{"id", "@odata.etag", "@odata.type"} {
		if value, has := o[kept]; has {
			chosen[kept] = value
		}
	}
	for name := range strings.SplitSeq(names, ",") {
		value, has := o[name]
		if !has {
			return nil, name
		}
		chosen[name] = value
	}
	return chosen, ""
}

// preference is a value of the header Prefer, such as outlook.timezone="UTC"; "" if it wasn't sent.
func preference(r *http.Request, name string) string {
	for _, line := range r.Header.Values("Prefer") {
		for part := range strings.SplitSeq(line, ",") {
			if value, found := strings.CutPrefix(strings.TrimSpace(part), name+"="); found {
				return strings.Trim(value, `"`)
			}
		}
	}
	return ""
}

// graphID is an identifier as long as those of Exchange, in Base64 of the alphabet for addresses
// (https://github.com/microsoftgraph/microsoft-graph-docs/issues/6069).
func graphID(kind string, n int) string {
	return fmt.Sprintf("AAMkAGVmMDEzMTM4LTZmYWUtNDdkNC1hMDZiLTU1OGY5OTZhYmY4OABGAAAAAAAiQ8W967B7TKBjgx9rVEURBwAiIsqMbYjsT5e-T7KzowPTAAAAAA%s-%04d=", kind, n)
}
