package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// practiceEvent is an event as the API gives it, with times as they were written. Of one that recurs, changed holds the
// occurrences that are not as the rule has them.
type practiceEvent struct {
	fields  object
	changed map[string]object
}

func (e *practiceEvent) id() string { return text(e.fields["id"]) }

func (e *practiceEvent) recurs() bool {
	rules, _ := e.fields["recurrence"].([]any)
	return len(rules) > 0
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// foundEvent is an event, or one occurrence of one that recurs.
type foundEvent struct {
	event  *practiceEvent
	fields object
}

// on finds the event of a request and holds the request to the version it names.
func (g *googleCalendar) on(serve func(*http.Request, *practiceCalendar, foundEvent) reply) func(*http.Request, *practiceCalendar) reply {
	return func(r *http.Request, c *practiceCalendar) reply {
		f, is := c.event(r.PathValue("event"))
		if !is {
			return googleRefusal(http.StatusNotFound, "notFound", "Not Found")
		}
		if match := r.Header.Get("If-Match"); match != "" && match != "*" && match != text(f.fields["etag"]) {
			return googleRefusal(http.StatusPreconditionFailed, "conditionNotMet", "Precondition Failed")
		}
		return serve(r, c, f)
	}
}

func (c *practiceCalendar) event(id string) (foundEvent, bool) {
	for _, e := range c.events {
		if e.id() == id {
			return foundEvent{e, e.fields}, true
		}
		if rest, isOf := strings.CutPrefix(id, e.id()+"_"); isOf && e.recurs() {
			if fields, is := e.occurrence(id, rest); is {
				return foundEvent{e, fields}, true
			}
		}
	}
	return foundEvent{}, false
}

func (g *googleCalendar) events(r *http.Request, c *practiceCalendar) reply {
	query := r.URL.Query()
	from, to, refused := bounds(r)
	if refused != nil {
		return *refused
	}
	if query.Get("orderBy") == "startTime" && query.Get("singleEvents") != "true" {
		return googleRefusal(http.StatusBadRequest, "badRequest", "The requested ordering is not available for the particular query.")
	}
	zone, refused := zoneOf(r, c)
	if refused != nil {
		return *refused
	}
	var all []object
	for _, e := range c.events {
		for _, fields := range e.between(from, to, query.Get("singleEvents") == "true", c.location()) {
			if text(fields["status"]) != "cancelled" && holds(fields, query.Get("q")) {
				all = append(all, g.shown(fields, zone))
			}
		}
	}
	if query.Get("orderBy") == "startTime" {
		slices.SortStableFunc(all, func(a, b object) int { return startOf(a, zone).Compare(startOf(b, zone)) })
	}
	items, next, refused := g.page(r, all)
	if refused != nil {
		return *refused
	}
	return ok(g.eventList(c, items, next))
}

func (g *googleCalendar) eventList(c *practiceCalendar, items []object, next string) object {
	answer := object{
		"kind": "calendar#events", "etag": `"1"`, "summary": cmp.Or(c.name, g.address()), "timeZone": c.zone, "accessRole": c.role,
		"updated": g.now().UTC().Format("2006-01-02T15:04:05.000Z"), "defaultReminders": []object{{"method": "popup", "minutes": 10}}, "items": items,
	}
	if next != "" {
		answer["nextPageToken"] = next
	} else {
		answer["nextSyncToken"] = "sync-example"
	}
	return answer
}

// bounds reads the window, which takes in whatever ends after its beginning and begins before its end.
func bounds(r *http.Request) (from, to time.Time, refused *reply) {
	to = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, into := range map[string]*time.Time{"timeMin": &from, "timeMax": &to} {
		if given := r.URL.Query().Get(name); given != "" {
			t, err := time.Parse(time.RFC3339, given)
			if err != nil {
				no := googleRefusal(http.StatusBadRequest, "badRequest", "Bad Request")
				return from, to, &no
			}
			*into = t
		}
	}
	if !to.After(from) {
		no := googleRefusal(http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty.")
		return from, to, &no
	}
	return from, to, nil
}

func (c *practiceCalendar) location() *time.Location {
	zone, err := time.LoadLocation(c.zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// zoneOf is the one that an answer's times are in.
func zoneOf(r *http.Request, c *practiceCalendar) (*time.Location, *reply) {
	name := cmp.Or(r.URL.Query().Get("timeZone"), c.zone)
	zone, err := time.LoadLocation(name)
	if err != nil {
		no := googleRefusal(http.StatusBadRequest, "invalid", "Invalid time zone: "+name)
		return nil, &no
	}
	return zone, nil
}

// holds looks for all words where the API does.
func holds(fields object, q string) bool {
	people, _ := json.Marshal([]any{fields["attendees"], fields["organizer"]})
	in := strings.ToLower(text(fields["summary"]) + "\n" + text(fields["description"]) + "\n" + text(fields["location"]) + "\n" + string(people))
	for word := range strings.FieldsSeq(strings.ToLower(q)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}

// shown is an event with its times in a zone, and with who the account is.
func (g *googleCalendar) shown(fields object, zone *time.Location) object {
	o := object{}
	add(o, fields)
	for _, name := range []string{"start", "end", "originalStartTime"} {
		if moment, has := fields[name].(object); has {
			o[name] = momentIn(moment, zone)
		}
	}
	var attendees []any
	list, _ := fields["attendees"].([]any)
	for _, one := range list {
		attendees = append(attendees, g.person(one, text(fields["organizer"].(object)["email"])))
	}
	if len(attendees) > 0 {
		o["attendees"] = attendees
	}
	o["organizer"] = g.person(fields["organizer"], "")
	o["creator"] = g.person(fields["creator"], "")
	return o
}

// person adds what follows from an address.
func (g *googleCalendar) person(value any, organizer string) object {
	o := object{}
	given, _ := value.(object)
	add(o, given)
	if text(o["email"]) == g.address() {
		o["self"] = true
	}
	if organizer != "" && text(o["email"]) == organizer {
		o["organizer"] = true
	}
	return o
}

func momentIn(moment object, zone *time.Location) object {
	o := object{}
	add(o, moment)
	if t, err := time.Parse(time.RFC3339, text(moment["dateTime"])); err == nil {
		o["dateTime"] = t.In(zone).Format(time.RFC3339)
	}
	return o
}

func (g *googleCalendar) get(r *http.Request, c *practiceCalendar, f foundEvent) reply {
	zone, refused := zoneOf(r, c)
	if refused != nil {
		return *refused
	}
	o := g.shown(f.fields, zone)
	list, _ := o["attendees"].([]any)
	if most := r.URL.Query().Get("maxAttendees"); most == "1" && len(list) > 1 {
		o["attendeesOmitted"] = true
		o["attendees"] = slices.DeleteFunc(list, func(one any) bool { return one.(object)["self"] != true })
	}
	return ok(o)
}

func (g *googleCalendar) instances(r *http.Request, c *practiceCalendar, f foundEvent) reply {
	from, to, refused := bounds(r)
	if refused != nil {
		return *refused
	}
	zone, refused := zoneOf(r, c)
	if refused != nil {
		return *refused
	}
	var all []object
	for _, fields := range f.event.between(from, to, true, c.location()) {
		if text(fields["status"]) != "cancelled" {
			all = append(all, g.shown(fields, zone))
		}
	}
	items, next, refused := g.page(r, all)
	if refused != nil {
		return *refused
	}
	return ok(g.eventList(c, items, next))
}

func (g *googleCalendar) insert(r *http.Request, c *practiceCalendar) reply {
	var given object
	if !decode(r, &given) {
		return googleRefusal(http.StatusBadRequest, "parseError", "Parse Error")
	}
	id := text(given["id"])
	switch {
	case id == "":
		id = fmt.Sprintf("%026d", g.version)
	case len(id) < 5 || len(id) > 1024 || strings.Trim(id, "abcdefghijklmnopqrstuv0123456789") != "":
		return googleRefusal(http.StatusBadRequest, "invalid", "Invalid resource id value.")
	}
	if _, taken := c.event(id); taken {
		return googleRefusal(http.StatusConflict, "duplicate", "The requested identifier already exists.")
	}
	me := object{"email": g.address()}
	e := &practiceEvent{changed: map[string]object{}, fields: object{
		"kind": "calendar#event", "id": id, "status": "confirmed", "htmlLink": "http://" + r.Host + "/calendar/event?eid=" + id, "created": stamp(g.now()),
		"creator": me, "organizer": me, "iCalUID": id + "@google.com", "sequence": 0, "reminders": object{"useDefault": true}, "eventType": "default",
	}}
	if refused := g.apply(r, e.fields, given); refused != nil {
		return *refused
	}
	c.events = append(c.events, e)
	return ok(g.shown(e.fields, c.location()))
}

// patch changes what is named. Only the organizer may change what all guests see.
func (g *googleCalendar) patch(r *http.Request, c *practiceCalendar, f foundEvent) reply {
	var given object
	if !decode(r, &given) {
		return googleRefusal(http.StatusBadRequest, "parseError", "Parse Error")
	}
	organizer, _ := f.fields["organizer"].(object)
	for name := range given {
		if text(organizer["email"]) != g.address() && !slices.Contains([]string{"attendees", "attendeesOmitted", "transparency", "reminders", "colorId", "visibility"}, name) {
			return googleRefusal(http.StatusForbidden, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer of the event.")
		}
	}
	changed := merged(f.fields, given)
	if given["attendeesOmitted"] == true {
		changed["attendees"] = g.answered(f.fields["attendees"], given["attendees"])
	}
	delete(changed, "attendeesOmitted")
	if refused := g.apply(r, changed, nil); refused != nil {
		return *refused
	}
	f.event.keep(text(f.fields["id"]), changed)
	return ok(g.shown(changed, c.location()))
}

// answered changes the answer of those who are named, and leaves the other guests.
func (g *googleCalendar) answered(all, given any) []any {
	list, _ := all.([]any)
	answers, _ := given.([]any)
	changed := slices.Clone(list)
	for _, answer := range answers {
		one, _ := answer.(object)
		i := slices.IndexFunc(changed, func(other any) bool { return text(other.(object)["email"]) == text(one["email"]) })
		if i >= 0 {
			changed[i] = merged(changed[i].(object), one)
		}
	}
	return changed
}

// merged is an object with another put over it: null takes a field out, and objects inside are merged as well.
func merged(o, over object) object {
	result := object{}
	add(result, o)
	for name, value := range over {
		inner, isObject := value.(object)
		old, _ := o[name].(object)
		switch {
		case value == nil:
			delete(result, name)
		case isObject:
			result[name] = merged(old, inner)
		default:
			result[name] = value
		}
	}
	return result
}

func (e *practiceEvent) keep(id string, fields object) {
	if id == e.id() {
		e.fields = fields
		return
	}
	e.changed[id] = fields
}

// apply checks what would be kept and gives it a new version.
func (g *googleCalendar) apply(r *http.Request, fields, given object) *reply {
	add(fields, given)
	if no, refused := checkTimes(fields); refused {
		return &no
	}
	if data, has := fields["conferenceData"].(object); has && data["createRequest"] != nil {
		delete(fields, "conferenceData")
		if r.URL.Query().Get("conferenceDataVersion") == "1" {
			fields["hangoutLink"] = "https://meet.google.com/exa-mple-abc"
		}
	}
	g.mark(fields, g.now())
	return nil
}

// mark makes a new version.
func (g *googleCalendar) mark(fields object, at time.Time) {
	g.version++
	fields["etag"] = fmt.Sprintf(`"%d"`, 3_400_000_000_000_000+g.version)
	fields["updated"] = at.UTC().Format("2006-01-02T15:04:05.000Z")
}

func checkTimes(fields object) (no reply, refused bool) {
	start, _ := fields["start"].(object)
	end, _ := fields["end"].(object)
	rules, _ := fields["recurrence"].([]any)
	for name, moment := range map[string]object{"start": start, "end": end} {
		day, clock := text(moment["date"]), text(moment["dateTime"])
		if (day == "") == (clock == "") {
			return googleRefusal(http.StatusBadRequest, "required", "Missing "+name+" time."), true
		}
		if clock != "" && text(moment["timeZone"]) == "" && len(rules) > 0 {
			return googleRefusal(http.StatusBadRequest, "required", "Missing time zone definition for "+name+" time."), true
		}
	}
	if (text(start["date"]) == "") != (text(end["date"]) == "") {
		return googleRefusal(http.StatusBadRequest, "invalid", "Invalid start time."), true
	}
	if endOf(fields, time.UTC).Before(startOf(fields, time.UTC)) || text(start["date"]) != "" && text(start["date"]) >= text(end["date"]) {
		return googleRefusal(http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty."), true
	}
	if _, err := ruleOf(rules); err != nil {
		return googleRefusal(http.StatusBadRequest, "invalid", "Invalid recurrence rule."), true
	}
	return reply{}, false
}

// remove takes an event out of the lists; it can still be read.
func (g *googleCalendar) remove(_ *http.Request, _ *practiceCalendar, f foundEvent) reply {
	if text(f.fields["status"]) == "cancelled" {
		return googleRefusal(http.StatusGone, "deleted", "Resource has been deleted")
	}
	f.event.keep(text(f.fields["id"]), merged(f.fields, object{"status": "cancelled"}))
	return reply{status: http.StatusNoContent}
}
