package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// changes are the properties a request may set (https://learn.microsoft.com/en-us/graph/api/event-update).
func graphChanges() []string {
	return []string{"attendees", "body", "categories", "end", "hideAttendees", "importance", "isAllDay", "isOnlineMeeting", "isReminderOn", "location", "locations", "onlineMeetingProvider",
		"recurrence", "reminderMinutesBeforeStart", "responseRequested", "sensitivity", "showAs", "start", "subject", "transactionId", "allowNewTimeProposals"}
}

// changed reads a request's body onto an event; a reply with a status says what is wrong with it.
func changed(r *http.Request, onto object) (object, reply) {
	var given object
	if !decode(r, &given) {
		return nil, graphProblem(http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.")
	}
	result := object{}
	add(result, onto)
	for name, value := range given {
		if !slices.Contains(graphChanges(), name) {
			return nil, graphProblem(http.StatusBadRequest, "RequestBodyRead", fmt.Sprintf("The property '%s' does not exist on type 'microsoft.graph.event'.", name))
		}
		result[name] = value
	}
	start, startIs := graphMoment(result["start"])
	end, endIs := graphMoment(result["end"])
	if result["isAllDay"] == true {
		start, _ = graphClock(result["start"], time.UTC)
		end, _ = graphClock(result["end"], time.UTC)
	}
	switch {
	case !startIs || !endIs:
		return nil, zoneProblem()
	case end.Before(start):
		return nil, graphProblem(http.StatusBadRequest, "ErrorPropertyValidationFailure", "At least one property failed validation.")
	case result["isAllDay"] == true && (start.Format("15:04") != "00:00" || end.Format("15:04") != "00:00" || !end.After(start)):
		return nil, graphProblem(http.StatusBadRequest, "ErrorInvalidRequest", "The Event.Start property for an all-day event needs to be set to midnight. The duration of an event marked as All day must be at least 24 hours.")
	}
	if wrong := resetSeries(given, result); wrong.status != 0 {
		return nil, wrong
	}
	result["originalStartTimeZone"], result["originalEndTimeZone"] = zoneName(result["start"]), zoneName(result["end"])
	if body, is := given["body"].(object); is {
		result["bodyPreview"] = body["content"]
	}
	if result["isOnlineMeeting"] == true {
		result["onlineMeeting"], result["onlineMeetingProvider"] = object{"joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3ameeting_example"}, "teamsForBusiness"
	}
	return result, reply{}
}

// resetSeries holds the first day of a series to the day of its start, which must be the same
// (https://learn.microsoft.com/en-us/graph/api/resources/recurrencerange); if the start alone is given, the series begins then.
func resetSeries(given, result object) reply {
	recurrence, isSeries := result["recurrence"].(object)
	_, isNew := given["recurrence"]
	if result["type"] = "singleInstance"; result["seriesMasterId"] != nil {
		result["type"] = "exception"
	}
	switch {
	case isNew && result["seriesMasterId"] != nil:
		return graphProblem(http.StatusBadRequest, "ErrorInvalidRequest", "Your request can't be completed. Recurrence can't be set on an occurrence of a series.")
	case !isSeries:
		return reply{}
	}
	pattern, isPattern := recurrence["pattern"].(object)
	span, isSpan := recurrence["range"].(object)
	start, _ := graphClock(result["start"], time.UTC)
	first := start.Format(time.DateOnly)
	if !isPattern || !isSpan || isNew && span["startDate"] != first {
		return graphProblem(http.StatusBadRequest, "ErrorPropertyValidationFailure", "At least one property failed validation.")
	}
	span = maps.Clone(span)
	span["startDate"] = first
	result["type"], result["recurrence"] = "seriesMaster", object{"pattern": pattern, "range": span}
	return reply{}
}

// createEvent makes an event, once for each transactionId: a second request for one is answered as the first was
// (https://learn.microsoft.com/en-us/graph/api/user-post-events, https://blog.rykoma.net/2020/10/05/1559/).
func (g *graphAPI) createEvent(r *http.Request) reply {
	calendar, found := g.calendarOf(r)
	if !found {
		return graphMissing()
	}
	made, wrong := changed(r, nil)
	if wrong.status != 0 {
		return wrong
	}
	transaction := text(made["transactionId"])
	for _, e := range g.events {
		if transaction != "" && e.object["transactionId"] == transaction {
			return g.created(r, e)
		}
	}
	return g.created(r, g.add(&graphEvent{calendar: calendar, object: made}))
}

func (g *graphAPI) created(r *http.Request, e *graphEvent) reply {
	answer := g.answerEvent(r, e, e.object)
	if answer.status == http.StatusOK {
		answer.status = http.StatusCreated
	}
	return answer
}

func (g *graphAPI) answerEvent(r *http.Request, e *graphEvent, o object) reply {
	shown, known := e.shown(r, o)
	if !known {
		return zoneProblem()
	}
	return graphOne(r, "users('me')/events/$entity", shown)
}

// stale is the refusal of a change to a version that isn't there any more.
func stale(r *http.Request, e *graphEvent) bool {
	match := r.Header.Get("If-Match")
	return match != "" && match != "*" && match != e.etag()
}

func conflict() reply {
	return graphProblem(http.StatusPreconditionFailed, "ErrorIrresolvableConflict", "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.")
}

// store keeps a changed event, or one occurrence of a series; nil takes it out.
func (g *graphAPI) store(e *graphEvent, id string, o object) {
	_, day, isOccurrence := strings.Cut(id, occurrenceMark)
	e.version++
	switch {
	case isOccurrence:
		e.moved[day] = o
	case o == nil:
		g.events = slices.DeleteFunc(g.events, func(other *graphEvent) bool { return other == e })
	default:
		e.object = o
	}
}

func (g *graphAPI) updateEvent(r *http.Request) reply {
	id := r.PathValue("id")
	e, old := g.find(id)
	switch {
	case e == nil:
		return graphMissing()
	case stale(r, e):
		return conflict()
	}
	o, wrong := changed(r, old)
	if wrong.status != 0 {
		return wrong
	}
	g.store(e, id, o)
	return g.answerEvent(r, e, o)
}

func (g *graphAPI) deleteEvent(r *http.Request) reply {
	id := r.PathValue("id")
	e, _ := g.find(id)
	switch {
	case e == nil:
		return graphMissing()
	case stale(r, e):
		return conflict()
	}
	g.store(e, id, nil)
	return reply{status: http.StatusNoContent}
}

// actOnEvent answers an invitation, or calls a meeting off (https://learn.microsoft.com/en-us/graph/api/event-accept,
// https://learn.microsoft.com/en-us/graph/api/event-cancel). The names of parameters are taken in any case.
func (g *graphAPI) actOnEvent(r *http.Request) reply {
	id, action := r.PathValue("id"), r.PathValue("action")
	response := map[string]string{"accept": "accepted", "tentativelyAccept": "tentativelyAccepted", "decline": "declined", "cancel": ""}
	state, known := response[action]
	e, old := g.find(id)
	var given object
	switch {
	case !known:
		return graphNotHere()
	case e == nil:
		return graphMissing()
	case !decode(r, &given):
		return graphProblem(http.StatusBadRequest, "BadRequest", "Unable to read JSON request payload.")
	case action == "cancel" && old["isOrganizer"] != true:
		return graphProblem(http.StatusBadRequest, "ErrorAccessDenied", "Your request can't be completed. You need to be an organizer to cancel a meeting.")
	case action != "cancel" && old["isOrganizer"] == true:
		return graphProblem(http.StatusBadRequest, "ErrorInvalidRequest", "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer.")
	}
	o := object{}
	add(o, old)
	o["responseStatus"] = object{"response": state, "time": stamp(g.now())}
	if action == "cancel" || action == "decline" {
		o = nil
	}
	g.store(e, id, o)
	return reply{status: http.StatusAccepted}
}
