package google

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// refusal words an answer that says no: what happened to what, and what to do.
// https://developers.google.com/workspace/calendar/api/guides/errors
func (a *api) refusal(response *http.Response, body []byte, what string) error {
	r := readRefusal(response.StatusCode, body)
	said := rest.Join(" ", strconv.Itoa(r.status), r.message)
	wait := cmp.Or(rest.PauseText(response), "wait a minute or more before the next call")
	var text string
	switch {
	case r.status == http.StatusUnauthorized:
		text = fmt.Sprintf("the credential was refused (%s); run: valetkey status", said)
	case r.status == http.StatusTooManyRequests, r.isLimit():
		text = fmt.Sprintf("%s: too many requests (%s); %s", what, said, wait)
	case r.status == http.StatusForbidden:
		text = fmt.Sprintf("%s: %s (%s)", what, r.forbidden(response.Header), said)
	case r.status == http.StatusNotFound:
		text = fmt.Sprintf("%s: not found (%s); google_calendar_events and google_calendar_calendars show ids; it may also be something the account may not see", what, said)
	case r.status == http.StatusConflict:
		text = fmt.Sprintf("%s: that id is taken already (%s); leave it out for a new event", what, said)
	case r.status == http.StatusGone && r.reason == "deleted":
		text = fmt.Sprintf("%s: it is deleted already (%s)", what, said)
	case r.status == http.StatusGone:
		text = fmt.Sprintf("%s: the page is no longer there (%s); ask again without page", what, said)
	case r.status == http.StatusPreconditionFailed:
		text = fmt.Sprintf("%s: it has changed meanwhile (%s), and nothing was done; read it again first", what, said)
	case r.status >= http.StatusInternalServerError:
		text = fmt.Sprintf("%s: Google has trouble (%s); %s", what, said, cmp.Or(rest.PauseText(response), "try again in a minute"))
	default:
		text = fmt.Sprintf("%s: not accepted (%s)", what, said)
	}
	return tools.Explain(r, a.at.Name+": "+text)
}

func readRefusal(status int, body []byte) *refused {
	var answer struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
			Details []struct{ Reason string }
		}
	}
	// What isn't Google's has no reason.
	_ = json.Unmarshal(body, &answer)
	r := &refused{status: status, message: rest.OneLine(answer.Error.Message, 300)}
	for _, one := range append(answer.Error.Details, answer.Error.Errors...) {
		r.reason = cmp.Or(r.reason, one.Reason)
	}
	return r
}

// isLimit tells a limit on requests from other refusals. Google answers 403 to
// both.
func (r *refused) isLimit() bool {
	return r.status == http.StatusForbidden && slices.Contains([]string{
		"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "RATE_LIMIT_EXCEEDED",
	}, r.reason)
}

// forbidden says what keeps a person from it, and what to do.
func (r *refused) forbidden(header http.Header) string {
	switch r.reason {
	case "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT":
		needs := "a scope that it lacks"
		if one := MissingScopes(&http.Response{Header: header}); len(one) > 0 {
			needs = "the scope " + rest.OneLine(one[0], 100)
		}
		return "the token needs " + needs + "; sign in again with it added to GOOGLE_SCOPES, or give a token that has it"
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
