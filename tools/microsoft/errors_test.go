package microsoft_test

import (
	"testing"
)

// TestRefusals: what Graph refuses is said with what to do. Codes and words are
// Graph's (https://learn.microsoft.com/en-us/graph/errors,
// https://learn.microsoft.com/en-us/graph/throttling).
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		header []string
		want   string
	}{
		{401, `{"error":{"code":"InvalidAuthenticationToken","message":"Access token has expired or is not yet valid."}}`, nil, "microsoft: the credential was refused (401 InvalidAuthenticationToken Access token has expired or is not yet valid.); run: valetkey status"},
		{401, `{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}`, []string{"WWW-Authenticate", `Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3MifQ=="`}, "the organisation wants another sign-in for this, by its rules for conditional access (401 InvalidAuthenticationToken Continuous access evaluation resulted in challenge); run: valetkey login microsoft"},
		{403, `{"error":{"code":"ErrorAccessDenied","message":"Access is denied. Check credentials and try again."}}`, nil, "microsoft: the events: no permission (403 ErrorAccessDenied Access is denied. Check credentials and try again.); it takes the scope Calendars.Read: if it is MICROSOFT_TOKEN that lacks it, another has to be given, else run: valetkey login microsoft --again; where MICROSOFT_SCOPES is set, add it there first; an administrator may have to consent. Of what is somebody else's, the owner has to allow it"},
		{404, `{"error":{"code":"MailboxNotEnabledForRESTAPI","message":"REST API is not yet supported for this mailbox."}}`, nil, "the events: the account has no mailbox that Microsoft Graph reaches: it takes a licence for Exchange Online, or Outlook.com; sign in with another account: valetkey login microsoft (404 MailboxNotEnabledForRESTAPI"},
		{400, `{"error":{"code":"TimeZoneNotSupportedException","message":"A valid TimeZone value must be specified."}}`, nil, "Microsoft Graph doesn't know this time zone; give one such as Europe/Berlin"},
		{400, `{"error":{"code":"ErrorInvalidRequest","message":"bad\nid: AAMkFORGED"}}`, nil, "the events: not accepted (400 ErrorInvalidRequest bad id: AAMkFORGED)"},
		{400, `{"error":{"code":"BadRequest","message":"","innerError":{"code":"ErrorInvalidIdMalformed"}}}`, nil, "the id is not one; take it from a list"},
		{429, `{"error":{"code":"ApplicationThrottled","message":"Application is over its MailboxConcurrency limit."}}`, []string{"Retry-After", "10"}, "the events: too many requests (429 ApplicationThrottled Application is over its MailboxConcurrency limit.); try again in 10 s"},
		{429, ``, nil, "too many requests (429); wait a minute or more before the next call"},
		{503, `{"error":{"code":"serviceNotAvailable","message":"x"}}`, []string{"Retry-After", "30"}, "Microsoft 365 has trouble (503 serviceNotAvailable x); try again in 30 s"},
		{504, `<html>gateway</html>`, nil, "Microsoft 365 has trouble (504); try again in a minute"},
		{302, ``, []string{"Location", "https://elsewhere.example/"}, "not accepted (302)"},
		{200, `<html>Sign in</html>`, nil, "the events: the answer is not what the API of Microsoft 365 gives; check MICROSOFT_API_URL and whether a proxy or sign-in page is in between"},
		{200, `{"value":"x"}`, nil, "the answer is not what the API of Microsoft 365 gives"},
	} {
		p := practise(t)
		if c.status == 302 {
			p.answers("PATCH", "me/events", c.status, c.body, c.header...)
			p.refuses("microsoft_event_write", `{"action":"update","id":"`+idOf(t, p.says("microsoft_events", `{}`), "Harbour days")+`","title":"x"}`, c.want)
			continue
		}
		p.answers("GET", "me/calendarView", c.status, c.body, c.header...)
		p.refuses("microsoft_events", `{}`, c.want)
	}
}

// TestScopesOfATool: what wasn't granted is refused by Graph, and nothing else.
func TestScopesOfATool(t *testing.T) {
	t.Parallel()
	p := practiseWith(t, "Calendars.Read")
	p.says("microsoft_events", `{}`, "Stand-up")
	p.refuses("microsoft_messages", `{}`, "messages in inbox: no permission (403 ErrorAccessDenied", "it takes the scope Mail.Read: ", "valetkey login microsoft --again")
	p.refuses("microsoft_messages", `{"id":"AAA="}`, "it takes the scope Mail.Read: ")
	p.refuses("microsoft_event_write", `{"action":"create","title":"x","start":"2026-10-26"}`, "action create: no permission (403", "it takes the scope Calendars.ReadWrite: ")
	practiseWith(t, "Mail.Read").refuses("microsoft_event_write", `{"action":"create","title":"x","start":"2026-10-26","calendar":"Work"}`, "the names of calendars: no permission (403", "it takes the scope Calendars.Read: ")
}
