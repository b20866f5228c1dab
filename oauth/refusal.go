package oauth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// What the refusals mean that a person may meet with on any way to sign in, and
// what to do about them.
var (
	// ErrDenied: the person said no.
	ErrDenied = errors.New("the sign-in was declined in the browser; start it again if that was a mistake")
	// ErrUnauthorizedClient: the client is unknown, not who it says it is, or
	// may not sign people in this way.
	ErrUnauthorizedClient = errors.New("the authorization server doesn't accept this client; check the client id and, if one is set, the client secret, and whether the application's settings allow this flow")
	// ErrUnsupported: the server has no such flow, or not at this address.
	ErrUnsupported = errors.New("the authorization server doesn't offer this flow; check its address, or use an API key or another flow instead")
	// ErrInvalidScope: the scopes are unknown, or not to be had this way.
	ErrInvalidScope = errors.New("the authorization server refuses the scopes; ask for others, or use an API key or another flow instead")
	// ErrBlocked: an organization's policy forbids it.
	ErrBlocked = errors.New("a policy of the organization blocks this sign-in; ask its administrator, or use an API key or another flow instead")
)

// meaning answers what an error code stands for in every flow, or nil. The codes
// are those of RFC 6749 §4.1.2.1 and §5.2, GitHub's
// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow;
// "Not Found" is how it answers an unknown client id;
// https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors),
// Microsoft's
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors)
// and Google's
// (https://developers.google.com/identity/protocols/oauth2/limited-input-device).
func meaning(code string) error {
	return map[string]error{
		"access_denied":                ErrDenied,
		"authorization_declined":       ErrDenied,
		"unauthorized_client":          ErrUnauthorizedClient,
		"invalid_client":               ErrUnauthorizedClient,
		"incorrect_client_credentials": ErrUnauthorizedClient,
		"application_suspended":        ErrUnauthorizedClient,
		"Not Found":                    ErrUnauthorizedClient,
		"unsupported_grant_type":       ErrUnsupported,
		"unsupported_response_type":    ErrUnsupported,
		"invalid_scope":                ErrInvalidScope,
		"admin_policy_enforced":        ErrBlocked,
		"org_internal":                 ErrBlocked,
	}[code]
}

// Microsoft tells a policy's block by a number in the description only: 53000
// and those after it are Conditional Access
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
const conditionalAccess = "AADSTS5300"

// Meaning answers which of the errors above the refusal is, or nil. own are the
// codes that one flow has besides.
func (e *Error) Meaning(own map[string]error) error {
	if strings.Contains(e.Description, conditionalAccess) {
		return ErrBlocked
	}
	isNoEndpoint := e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed
	if e.Code == "" && isNoEndpoint {
		return ErrUnsupported
	}
	if why := own[e.Code]; why != nil {
		return why
	}
	return meaning(e.Code)
}

// Explain adds to an [*Error] its [Error.Meaning]. Any other error is answered
// as it is.
func Explain(err error, own map[string]error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	if why := refused.Meaning(own); why != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	return err
}

// Refusal reads what an authorization endpoint has sent back by a browser (RFC
// 6749 §4.1.2.1). It is nil if the parameters don't say no. It has no status,
// and what repeats one of the secrets is hidden.
func Refusal(parameters url.Values, secrets ...Secret) *Error {
	code := parameters.Get("error")
	if code == "" {
		return nil
	}
	var texts []string
	for _, secret := range secrets {
		texts = append(texts, secret.Reveal())
	}
	hide := newHiding(&url.URL{}, nil, texts...)
	return hide.refusal(code, parameters.Get("error_description"))
}
