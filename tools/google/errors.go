package google

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools/rest"
)

// word reads what Google says of a refusal, and says what it means where its
// status alone doesn't.
// https://developers.google.com/workspace/calendar/api/guides/errors
func word(r *rest.Refusal) {
	var answer struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
			Details []struct{ Reason string }
		}
	}
	// What isn't Google's has no reason.
	if json.Unmarshal(r.Body, &answer) == nil {
		r.Message = rest.OneLine(answer.Error.Message, 300)
	}
	reason := ""
	for _, one := range append(answer.Error.Details, answer.Error.Errors...) {
		reason = cmp.Or(reason, one.Reason)
	}
	// Google answers 403 to too many requests as well.
	r.IsLimit = r.IsLimit || r.Status == http.StatusForbidden && slices.Contains([]string{
		"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED",
	}, reason)
	switch {
	case r.IsLimit:
	case r.Status == http.StatusForbidden:
		r.Happened = forbidden(reason, r.Header)
	case r.Status == http.StatusBadRequest && strings.Contains(r.Message, "page token"):
		r.Happened, r.Advice = "not accepted", "a page goes with the arguments it was named with: repeat all that stands behind 'next:'"
	case r.Status == http.StatusNotFound:
		r.Happened, r.Advice = "not found", "google_calendar_events and google_calendar_calendars show ids; it may also be something the account may not see"
	case r.Status == http.StatusConflict:
		r.Happened, r.Advice = "that id is taken already", "leave it out for a new event"
	case r.Status == http.StatusGone && reason == "deleted":
		r.Happened = "it is deleted already"
	case r.Status == http.StatusGone:
		r.Happened, r.Advice = "the page is no longer there", "ask again without page"
	}
}

// forbidden says what keeps a person from it, and what to do.
func forbidden(reason string, header http.Header) string {
	switch reason {
	case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		needs := "a scope that it lacks"
		if one := MissingScopes(&http.Response{Header: header}); len(one) > 0 {
			needs = "the scope " + rest.OneLine(one[0], 100)
		}
		// Nothing here knows where the token comes from.
		return "the token needs " + needs + "; if it is GOOGLE_TOKEN, that key lacks it and another has to be given; else run: valetkey login google --again; where GOOGLE_SCOPES is set, add it there first"
	case "accessNotConfigured", "SERVICE_DISABLED":
		return "the Google Calendar API is not enabled in the client's project; enable it at https://console.cloud.google.com/apis/library/calendar-json.googleapis.com"
	case "forbiddenForNonOrganizer":
		return "only its organizer may change this; respond answers an invitation"
	}
	return "no permission; google_calendar_calendars shows what the account may do"
}

// MissingScopes answers which scope would have helped of those in a refusal,
// each of which would do: the narrowest that a tool asks for, or else what looks
// narrowest.
func MissingScopes(refusal *http.Response) []string {
	var accepted []string
	for _, challenge := range refusal.Header.Values("WWW-Authenticate") {
		if _, rest, found := strings.Cut(challenge, `scope="`); found && strings.Contains(challenge, "insufficient_scope") {
			list, _, _ := strings.Cut(rest, `"`)
			accepted = append(accepted, strings.Fields(list)...)
		}
	}
	if len(accepted) == 0 {
		return nil
	}
	for _, name := range []string{
		"calendar.calendarlist.readonly", "calendar.events.readonly", "calendar.events.freebusy", "calendar.events", "calendar.readonly", "calendar",
	} {
		if slices.Contains(accepted, Scope(name)) {
			return []string{Scope(name)}
		}
	}
	return []string{slices.MaxFunc(accepted, func(a, b string) int { return cmp.Compare(narrowness(a), narrowness(b)) })}
}

// narrowness orders scopes by their names: one that only reads is narrower, and
// so is one that is named after a part.
func narrowness(scope string) int {
	if strings.HasSuffix(scope, ".readonly") {
		return 1000 + len(scope)
	}
	return len(scope)
}
