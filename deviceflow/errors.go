package deviceflow

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/oauth"
)

// What can end a flow, and what to do about it. The errors that Start and Wait
// answer wrap one of these and, when a server said so, its [oauth.Error].
var (
	// ErrDenied: the person said no.
	ErrDenied = errors.New("the sign-in was declined in the browser; start it again if that was a mistake")
	// ErrExpired: nobody approved in time, by the server's clock or our own.
	ErrExpired = errors.New("the code has expired; start the sign-in again and approve the new code")
	// ErrDisabled: the application exists, without the device flow.
	ErrDisabled = errors.New("the application doesn't allow the device flow; its owner can enable it in the application's settings")
	// ErrUnauthorizedClient: the client is unknown or not who it says it is.
	ErrUnauthorizedClient = errors.New("the authorization server doesn't accept this client; check the client id and, if one is set, the client secret")
	// ErrIncorrectDeviceCode: the code is unknown, used up or another client's.
	ErrIncorrectDeviceCode = errors.New("the authorization server doesn't know the code any more; start the sign-in again")
	// ErrUnsupported: there is no device flow at this address.
	ErrUnsupported = errors.New("the authorization server doesn't offer the device flow; check its address, or use an API key instead")
	// ErrInvalidScope: the scopes are unknown, or not to be had this way.
	ErrInvalidScope = errors.New("the authorization server refuses the scopes; ask for others, or use an API key instead")
	// ErrBlocked: an organization's policy forbids it.
	ErrBlocked = errors.New("a policy of the organization blocks this sign-in; ask its administrator, or use an API key instead")
	// ErrSaved: what [Restore] was given is no saved authorization.
	ErrSaved = errors.New("the saved sign-in can't be read; start a new one")
)

// meaning answers what an error code stands for, or nil. The codes are those of
// RFC 6749 §5.2 and RFC 8628 §3.5, GitHub's
// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow;
// "Not Found" is how it answers an unknown client id), Microsoft's
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors),
// Google's
// (https://developers.google.com/identity/protocols/oauth2/limited-input-device)
// and Twitch's.
func meaning(code string) error {
	return map[string]error{
		"access_denied":                ErrDenied,
		"authorization_declined":       ErrDenied,
		"expired_token":                ErrExpired,
		"token_expired":                ErrExpired,
		"device_flow_disabled":         ErrDisabled,
		"unauthorized_client":          ErrUnauthorizedClient,
		"invalid_client":               ErrUnauthorizedClient,
		"incorrect_client_credentials": ErrUnauthorizedClient,
		"Not Found":                    ErrUnauthorizedClient,
		"incorrect_device_code":        ErrIncorrectDeviceCode,
		"invalid_device_code":          ErrIncorrectDeviceCode,
		"bad_verification_code":        ErrIncorrectDeviceCode,
		"invalid_grant":                ErrIncorrectDeviceCode,
		"unsupported_grant_type":       ErrUnsupported,
		"invalid_scope":                ErrInvalidScope,
		"admin_policy_enforced":        ErrBlocked,
		"org_internal":                 ErrBlocked,
	}[code]
}

// Microsoft tells a policy's block by a number in the description only: 53000
// and those after it are Conditional Access
// (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
const conditionalAccess = "AADSTS5300"

// reason answers which of the errors above a refusal is, or nil.
func reason(refused *oauth.Error) error {
	if strings.Contains(refused.Description, conditionalAccess) {
		return ErrBlocked
	}
	isNoEndpoint := refused.Status == http.StatusNotFound || refused.Status == http.StatusMethodNotAllowed
	if refused.Code == "" && isNoEndpoint {
		return ErrUnsupported
	}
	return meaning(refused.Code)
}

// explain adds to a refusal what it means and what to do about it.
func explain(err error) error {
	var refused *oauth.Error
	if !errors.As(err, &refused) {
		return err
	}
	if why := reason(refused); why != nil {
		return fmt.Errorf("%w: %w", why, err)
	}
	return err
}
