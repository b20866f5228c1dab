package github

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// explain words an error of a request for a model: what happened to what, and
// what to do. The error itself stays findable behind it. Errors the transport
// made, such as a sign-in that is needed, come out as they went in, without
// the address net/http puts in front.
func explain(err error, what string) error {
	var (
		limit   *github.RateLimitError
		abuse   *github.AbuseRateLimitError
		refused *github.ErrorResponse
		otp     *github.TwoFactorAuthError
		later   *github.AcceptedError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limit):
		return tools.Explain(err, limitText(limit.Response.Header))
	case errors.As(err, &abuse):
		return tools.Explain(err, limitText(abuse.Response.Header))
	case errors.As(err, &later):
		return tools.Explain(err, fmt.Sprintf("github: %s: GitHub took it but has yet to do it (202), and said nothing of what comes of it; look there before trying again", what))
	case errors.As(err, &otp):
		return tools.Explain(err, refusalText((*github.ErrorResponse)(otp), what))
	case errors.As(err, &refused):
		return tools.Explain(err, refusalText(refused, what))
	}
	return explainTransport(err)
}

// explainTransport is for requests that got no answer, or an unreadable one.
func explainTransport(err error) error {
	var sent *url.Error
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	var date *time.ParseError
	if !errors.As(err, &sent) && (errors.As(err, &syntax) || errors.As(err, &mismatch) || errors.As(err, &date)) {
		return tools.Explain(err, errNotGitHub.Error())
	}
	return rest.Unanswered(err, "github", "GITHUB_HOST")
}

var (
	errNotGitHub = tools.UserError("github: the answer is not what GitHub's API gives; check GITHUB_HOST and whether a proxy or sign-in page is in between")
	errTooLong   = tools.UserError("github: the answer lists more than can be read; ask for less")
	errTooLarge  = tools.UserError("github: the answer is larger than 16 MiB; ask for less, or read it with github_api")
)

// unconfirmed is for a change that GitHub took without saying what came of it:
// whoever sent it again might do it twice. An answer confirms a change if all of
// said is true.
func unconfirmed(what, lacks, page string, said ...bool) error {
	if !slices.Contains(said, false) {
		return nil
	}
	return tools.UserError("github: %s: GitHub took it but said nothing of %s; look at %s before trying again", what, lacks, page)
}

// unreadable is for what had to be known before a change.
func unreadable(what string, said ...bool) error {
	if !slices.Contains(said, false) {
		return nil
	}
	return tools.UserError("github: %s: nothing was changed, since the answer about it is not what GitHub's API gives", what)
}

// limitText words a rate limit, with its end if that is known.
func limitText(header http.Header) string {
	if isSecondary(header) {
		return "github: too many requests in a short time (secondary rate limit)" + endText(header)
	}
	of := ""
	if limit, known := number(header, "X-RateLimit-Limit"); known {
		of = fmt.Sprintf(" of %s requests", thousands(int(limit)))
	}
	return "github: the rate limit" + of + " is used up" + endText(header)
}

// isSecondary tells the limit on the pace of requests from that on their number.
func isSecondary(header http.Header) bool {
	return header.Get("Retry-After") != "" || header.Get("X-RateLimit-Remaining") != "0"
}

func endText(header http.Header) string {
	left, known := limitLeft(header)
	seconds := int((left + time.Second - 1) / time.Second)
	switch {
	case !known || left <= 0:
		return "; wait a minute or more before the next call"
	case seconds <= 90:
		return fmt.Sprintf("; try again in %d s", seconds)
	}
	return fmt.Sprintf("; it lasts until %s, in %s", time.Now().Add(left).UTC().Format("15:04 UTC"), count((seconds+59)/60, "minute"))
}

// refusalText words an answer that says no, by its status.
func refusalText(r *github.ErrorResponse, what string) string {
	message := oneLine(r.Message, 300)
	if r.Response == nil {
		return "github: " + what + ": " + message
	}
	switch status := r.Response.StatusCode; {
	case status == http.StatusUnauthorized:
		return fmt.Sprintf("github: the credential was refused (401 %s); run: valetkey status", message)
	case status == http.StatusForbidden:
		return forbiddenText(r, what, message)
	case status == http.StatusNotFound:
		return notFoundText(r.Response.Header, what)
	case status == http.StatusUnprocessableEntity:
		return fmt.Sprintf("github: %s: not accepted (422): %s", what, join("; ", append([]string{message}, fieldTexts(r.Errors)...)...))
	case status == http.StatusTooManyRequests: // which the library doesn't tell from other refusals
		return limitText(r.Response.Header)
	case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
		return fmt.Sprintf("github: %s: GitHub has trouble (%s); try again in a minute", what, join(" ", strconv.Itoa(status), message))
	default:
		return fmt.Sprintf("github: %s: refused (%s)", what, join(" ", strconv.Itoa(status), message))
	}
}

const maxScopes = 50

// scopes reads one of GitHub's scope headers. It is absent for tokens without
// scopes: fine-grained ones and those of GitHub Apps.
func scopes(header http.Header, name string) (list []string, known bool) {
	for _, value := range header.Values(name) {
		for scope := range strings.SplitSeq(value, ",") {
			if scope = oneLine(scope, 60); scope != "" && len(list) < maxScopes {
				list = append(list, scope)
			}
		}
	}
	return list, len(header.Values(name)) > 0
}

const (
	grantedScopes       = "X-OAuth-Scopes"
	acceptedScopes      = "X-Accepted-OAuth-Scopes"
	acceptedPermissions = "X-Accepted-GitHub-Permissions"
	singleSignOn        = "X-GitHub-SSO"
	tokenExpiration     = "GitHub-Authentication-Token-Expiration"
)

func forbiddenText(r *github.ErrorResponse, what, message string) string {
	header := r.Response.Header
	text := fmt.Sprintf("github: %s: no permission (%s)", what, join(" ", "403", message))
	granted, hasScopes := scopes(header, grantedScopes)
	accepted, _ := scopes(header, acceptedScopes)
	switch {
	case strings.HasPrefix(header.Get(singleSignOn), "required"):
		return text + "; the organisation wants a single sign-on session: open " + singleSignOnPage(header) + ", then sign in again"
	case hasScopes && len(accepted) > 0 && !overlap(accepted, granted):
		return fmt.Sprintf("%s; it needs the scope %s; the credential has: %s; sign in again with that scope added to GITHUB_SCOPES",
			text, strings.Join(accepted, " or "), orNone(granted))
	case header.Get(acceptedPermissions) != "":
		return text + "; the token needs the permission " + oneLine(header.Get(acceptedPermissions), 200)
	}
	return text
}

// singleSignOnPage leaves out the query, which holds a token for the request.
func singleSignOnPage(header http.Header) string {
	_, address, _ := strings.Cut(header.Get(singleSignOn), "url=")
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "https" {
		return "the organisation's page on GitHub"
	}
	return "https://" + u.Host + u.EscapedPath()
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// notFoundText words GitHub's 404, which also stands for "not allowed to
// know".
func notFoundText(header http.Header, what string) string {
	text := fmt.Sprintf("github: %s: not found (404); check the spelling with github_search; if it is private, the account needs access to it", what)
	granted, known := scopes(header, grantedScopes)
	accepted, _ := scopes(header, acceptedScopes)
	if len(accepted) == 0 {
		accepted = repoScope()
	}
	switch {
	case !known:
		return text + " and the token a permission for it"
	case !overlap(granted, accepted):
		return fmt.Sprintf("%s and the credential the scope %s (it has: %s)", text, strings.Join(accepted, " or "), orNone(granted))
	}
	return text
}

// fieldTexts words what GitHub says about single fields of a request.
func fieldTexts(faults []github.Error) []string {
	meaning := map[string]string{
		"missing":        "does not exist",
		"missing_field":  "is missing",
		"invalid":        "is not valid",
		"already_exists": "exists already",
		"unprocessable":  "can't be processed",
	}
	var texts []string
	for _, fault := range faults {
		field, code := oneLine(fault.Field, 60), oneLine(fault.Code, 60)
		what := join(": ", field, code)
		switch {
		case code == "custom":
			what = field
		case meaning[code] != "" && field != "":
			what = field + " " + meaning[code]
		}
		texts = append(texts, join(": ", what, oneLine(fault.Message, 300)))
	}
	return texts
}
