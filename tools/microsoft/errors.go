package microsoft

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/valetkey/valetkey/tools"
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

// refused is an answer that says no, by its status.
type refused int

func (r refused) Error() string { return "refused: " + strconv.Itoa(int(r)) }

// refusal words an answer that says no, and what to do.
func (a *api) refusal(response *http.Response, what string) error {
	status := response.StatusCode
	content, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var p problem
	// A page for people, or nothing at all, has no code.
	_ = json.Unmarshal(content, &p)
	code := rest.OneLine(p.Error.Code, 60)
	said := rest.Join(" ", strconv.Itoa(status), code, rest.OneLine(p.Error.Message, 200))
	after := rest.PauseText(response)
	known := cmp.Or(mending()[p.Error.Code], mending()[p.Error.Inner.Code])
	var text string
	switch {
	case strings.Contains(response.Header.Get("WWW-Authenticate"), "claims="):
		text = fmt.Sprintf("the organisation wants another sign-in for this (%s): by its rules for conditional access; run: valetkey login microsoft", said)
	case status == http.StatusUnauthorized:
		text = fmt.Sprintf("the credential was refused (%s); run: valetkey status", said)
	case known != "":
		text = fmt.Sprintf("%s: %s (%s)", what, known, said)
	case status == http.StatusTooManyRequests:
		text = fmt.Sprintf("%s: too many requests (%s); %s", what, said, cmp.Or(after, "wait a minute or more before the next call"))
	case status == http.StatusForbidden:
		text = fmt.Sprintf("%s: no permission (%s); what was granted at the sign-in, or the owner, doesn't allow it: look at valetkey status, sign in again with what is missing in MICROSOFT_SCOPES, or ask an administrator for consent", what, said)
	case status == http.StatusNotFound:
		text = fmt.Sprintf("%s: not found (%s); what was moved or changed may have another id: list it again", what, said)
	case status == http.StatusPreconditionFailed:
		text = fmt.Sprintf("%s: it has changed meanwhile (%s); read it again first", what, said)
	case status < http.StatusInternalServerError:
		text = fmt.Sprintf("%s: not accepted (%s)", what, said)
	default:
		text = fmt.Sprintf("%s: Microsoft has trouble (%s); %s", what, said, cmp.Or(after, "try again in a minute"))
	}
	return tools.Explain(refused(status), a.name+": "+text)
}
