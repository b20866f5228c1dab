package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// graphEvent is an event, or the master of a series, with start and end as they were written.
type graphEvent struct {
	calendar string // id
	object   object
	version  int
	// moved are the occurrences that differ from the series by the day they were on; nil: taken out.
	moved map[string]object
}

func (g *graphAPI) add(e *graphEvent) *graphEvent {
	g.made++
	e.moved = map[string]object{}
	defaults := object{
		"id": graphID("ENA", g.made), "subject": "", "bodyPreview": "", "body": object{"contentType": "html", "content": ""}, "importance": "normal", "sensitivity": "normal",
		"isAllDay": false, "isCancelled": false, "isOrganizer": true, "isOnlineMeeting": false, "onlineMeeting": nil, "onlineMeetingProvider": "unknown", "onlineMeetingUrl": nil,
		"location": object{"displayName": ""}, "locations": []any{}, "attendees": []any{}, "recurrence": nil, "type": "singleInstance", "seriesMasterId": nil, "showAs": "busy", "hasAttachments": false,
		"organizer": graphRecipient("Mona Example", graphPerson), "responseStatus": object{"response": "organizer", "time": "0001-01-01T00:00:00Z"}, "responseRequested": true,
		"webLink": "https://outlook.office365.com/owa/?itemid=" + strconv.Itoa(g.made) + "&exvsurl=1&path=/calendar/item", "transactionId": nil, "categories": []any{},
		"createdDateTime": stamp(githubEpoch()), "lastModifiedDateTime": stamp(githubEpoch()), "iCalUId": "040000008200E00074C5B7101A82E008" + strconv.Itoa(g.made),
	}
	maps.Copy(defaults, e.object)
	e.object = defaults
	e.object["originalStartTimeZone"], e.object["originalEndTimeZone"] = zoneName(e.object["start"]), zoneName(e.object["end"])
	if e.object["recurrence"] != nil {
		e.object["type"] = "seriesMaster"
	}
	g.events = append(g.events, e)
	return e
}

// zoneName is the zone of a dateTimeTimeZone.
func zoneName(moment any) string {
	m, _ := moment.(object)
	name, _ := m["timeZone"].(string)
	return name
}

// graphMoment reads a dateTimeTimeZone: a local time and the name of its zone.
func graphMoment(moment any) (time.Time, bool) {
	zone, known := graphZone(zoneName(moment))
	if !known {
		return time.Time{}, false
	}
	return graphClock(moment, zone)
}

// graphClock reads what the clock shows in a dateTimeTimeZone, as if it hung in another zone. That of UTC shows every midnight.
func graphClock(moment any, zone *time.Location) (time.Time, bool) {
	m, _ := moment.(object)
	for _, layout := range []string{"2006-01-02T15:04:05.9999999", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSuffix(text(m["dateTime"]), "Z"), zone); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// graphZone knows zones by their IANA names and one by Windows' (https://learn.microsoft.com/en-us/graph/api/resources/datetimetimezone).
func graphZone(name string) (*time.Location, bool) {
	if name == "W. Europe Standard Time" {
		name = "Europe/Berlin"
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil && name != "" && name != "Local"
}

// shown is the event as it is answered, its times in the zone that was asked for, UTC if none was. Those of days are midnights in
// any (https://github.com/microsoftgraph/microsoft-graph-docs/issues/1802).
func (e *graphEvent) shown(r *http.Request, o object) (object, bool) {
	zone, known := graphZone(or(preference(r, "outlook.timezone"), "UTC"))
	if !known {
		return nil, false
	}
	shown := maps.Clone(o)
	shown["@odata.etag"] = e.etag()
	shown["changeKey"] = "CHANGE" + strconv.Itoa(e.version)
	for _, end := range []string{"start", "end"} {
		t, _ := graphMoment(o[end])
		t = t.In(zone)
		if o["isAllDay"] == true {
			t, _ = graphClock(o[end], time.UTC)
		}
		shown[end] = object{"dateTime": t.Format("2006-01-02T15:04:05.0000000"), "timeZone": or(preference(r, "outlook.timezone"), "UTC")}
	}
	if preference(r, "outlook.body-content-type") == "text" {
		shown["body"] = asText(o["body"])
	}
	return shown, true
}

func (e *graphEvent) etag() string { return `W/"CHANGE` + strconv.Itoa(e.version) + `"` }

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func zoneProblem() reply {
	return graphProblem(http.StatusBadRequest, "TimeZoneNotSupportedException", "A valid TimeZone value must be specified. The following TimeZone value is not supported: ''.")
}

// calendarView gives what happens in a window, series expanded (https://learn.microsoft.com/en-us/graph/api/user-list-calendarview).
func (g *graphAPI) calendarView(r *http.Request) reply {
	query := r.URL.Query()
	from, err := time.Parse(time.RFC3339, query.Get("startDateTime"))
	to, err2 := time.Parse(time.RFC3339, query.Get("endDateTime"))
	if err != nil || err2 != nil {
		return graphProblem(http.StatusBadRequest, "ErrorInvalidParameter", "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.")
	}
	calendar, found := g.calendarOf(r)
	if !found {
		return graphMissing()
	}
	var all []object
	for _, e := range g.events {
		for _, o := range e.within(from, to) {
			shown, known := e.shown(r, o)
			if !known {
				return zoneProblem()
			}
			if e.calendar == calendar {
				all = append(all, shown)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b object) int {
		return strings.Compare(a["start"].(object)["dateTime"].(string), b["start"].(object)["dateTime"].(string))
	})
	return graphList(r, "users('me')/calendarView", all)
}

// calendarOf is the calendar in a request's path; the first one if it names none.
func (g *graphAPI) calendarOf(r *http.Request) (string, bool) {
	id := r.PathValue("calendar")
	for _, calendar := range g.calendars {
		if id == "" || calendar["id"] == id {
			return calendar["id"].(string), true
		}
	}
	return "", false
}

// find answers an event, a series or one of its occurrences.
func (g *graphAPI) find(id string) (*graphEvent, object) {
	master, day, isOccurrence := strings.Cut(id, occurrenceMark)
	for _, e := range g.events {
		switch {
		case e.object["id"] != master:
		case !isOccurrence:
			return e, e.object
		default:
			if o := e.occurrence(day); o != nil {
				return e, o
			}
		}
	}
	return nil, nil
}

func (g *graphAPI) event(r *http.Request) reply {
	e, o := g.find(r.PathValue("id"))
	if e == nil {
		return graphMissing()
	}
	shown, known := e.shown(r, o)
	if !known {
		return zoneProblem()
	}
	return graphOne(r, "users('me')/events/$entity", shown)
}

func graphRecipient(name, address string) object {
	return object{"emailAddress": object{"name": name, "address": address}}
}
