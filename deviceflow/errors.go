package deviceflow

import (
	"errors"

	"github.com/valetkey/valetkey/oauth"
)

// What can end a flow, and what to do about it. The errors that Start and Wait
// answer wrap one of these and, when a server said so, its [oauth.Error].
var (
	// ErrExpired: nobody approved in time, by the server's clock or our own.
	ErrExpired = errors.New("the code has expired; start the sign-in again and approve the new code")
	// ErrDisabled: the application exists, without the device flow.
	ErrDisabled = errors.New("the application doesn't allow the device flow; its owner can enable it in the application's settings")
	// ErrIncorrectDeviceCode: the code is unknown, used up or another client's.
	ErrIncorrectDeviceCode = errors.New("the authorization server doesn't know the code any more; start the sign-in again")
	// ErrSaved: what [Restore] was given is no saved authorization.
	ErrSaved = errors.New("the saved sign-in can't be read; start a new one")
)

// The meanings that every flow shares are those of package oauth.
var (
	ErrDenied             = oauth.ErrDenied
	ErrUnauthorizedClient = oauth.ErrUnauthorizedClient
	ErrUnsupported        = oauth.ErrUnsupported
	ErrInvalidScope       = oauth.ErrInvalidScope
	ErrBlocked            = oauth.ErrBlocked
)

// meanings are what the codes stand for that this flow has besides: those of RFC
// 8628 §3.5, GitHub's
// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow),
// Microsoft's
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors)
// and Twitch's.
func meanings() map[string]error {
	return map[string]error{
		"expired_token":         ErrExpired,
		"token_expired":         ErrExpired,
		"device_flow_disabled":  ErrDisabled,
		"incorrect_device_code": ErrIncorrectDeviceCode,
		"invalid_device_code":   ErrIncorrectDeviceCode,
		"bad_verification_code": ErrIncorrectDeviceCode,
		"invalid_grant":         ErrIncorrectDeviceCode,
	}
}
