package microsoft

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools/rest"
)

// problem is what Graph says of a refusal.
// https://learn.microsoft.com/en-us/graph/errors#json-representation
type problem struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   struct {
			Code string `json:"code"`
		} `json:"innerError"`
	} `json:"error"`
}

// mending is what to do about what has a code of its own, whatever its status.
// https://learn.microsoft.com/en-us/graph/resolve-auth-errors
// https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/responsecode
func mending() map[string]string {
	const mailbox = "the account has no mailbox that Microsoft Graph reaches: it takes a licence for Exchange Online, or Outlook.com; sign in with another account: valetkey login microsoft"
	return map[string]string{
		"MailboxNotEnabledForRESTAPI":     mailbox,
		"MailboxNotSupportedForRESTAPI":   mailbox,
		"ErrorNonExistentMailbox":         mailbox,
		"ErrorInvalidIdMalformed":         "the id is not one; take it from a list",
		"ErrorInvalidIdNotAnItemId":       "the id is of something else; take it from a list",
		"TimeZoneNotSupportedException":   "Microsoft Graph doesn't know this time zone; give one such as Europe/Berlin; microsoft_api lists them by path=me/outlook/supportedTimeZones",
		"ErrorOccurrenceCrossingBoundary": "an occurrence can't be moved to or past the one before or after it",
		"ErrorIrresolvableConflict":       "it has changed meanwhile; read it again first",
	}
}

// noPermission is what happened where a scope may be missing; ask knows which.
const noPermission = "no permission"

// word reads what Graph says of a refusal, and says what it means where its
// status alone doesn't.
func word(r *rest.Refusal) {
	var p problem
	// A page for people, or nothing at all, has no code.
	_ = json.Unmarshal(r.Body, &p)
	r.Message = rest.Join(" ", rest.OneLine(p.Error.Code, 60), rest.OneLine(p.Error.Message, 200))
	known := cmp.Or(mending()[p.Error.Code], mending()[p.Error.Inner.Code])
	switch {
	case strings.Contains(r.Header.Get("WWW-Authenticate"), "claims="):
		r.Happened, r.Advice = "the organisation wants another sign-in for this, by its rules for conditional access", "run: valetkey login microsoft"
	case r.Status == http.StatusUnauthorized, r.IsLimit:
	case known != "":
		r.Happened = known
	case r.Status == http.StatusForbidden:
		r.Happened = noPermission
	case r.Status == http.StatusNotFound:
		r.Happened, r.Advice = "not found", "what was moved or changed may have another id: list it again"
	}
}
