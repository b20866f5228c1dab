package deviceflow

import (
	"errors"
	"fmt"

	"github.com/valetkey/valetkey/oauth"
)

// What can end a flow. The errors that Start and Wait answer wrap one of these
// and, when a server said so, its [oauth.Error].
var (
	ErrDenied              = errors.New("the sign-in was declined in the browser; start it again if that was a mistake")
	ErrExpired             = errors.New("the code has expired; start the sign-in again and approve the new code")
	ErrDisabled            = errors.New("the application doesn't allow the device flow; its owner can enable it in the application's settings")
	ErrUnauthorizedClient  = errors.New("the authorization server doesn't accept this client; check the client id and, if one is set, the client secret")
	ErrIncorrectDeviceCode = errors.New("the authorization server doesn't know the code any more; start the sign-in again")
	ErrUnsupported         = errors.New("the authorization server doesn't offer the device flow to this client; use an API key instead")
	ErrInvalidScope        = errors.New("the authorization server refuses the scopes; ask for others")
)

// meanings are the error codes of RFC 6749 §5.2 and RFC 8628 §3.5, GitHub's
// (https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#error-codes-for-the-device-flow)
// and Microsoft's
// (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors).
func meanings() map[string]error {
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
		"bad_verification_code":        ErrIncorrectDeviceCode,
		"invalid_grant":                ErrIncorrectDeviceCode,
		"unsupported_grant_type":       ErrUnsupported,
		"invalid_scope":                ErrInvalidScope,
	}
}

func isIncorrectCode(code string) bool { return code == "incorrect_device_code" }

// explain adds what an error code means and what to do about it.
func explain(err error) error {
	var refused *oauth.Error
	if !errors.As(err, &refused) {
		return err
	}
	if meaning, ok := meanings()[refused.Code]; ok {
		return fmt.Errorf("%w: %w", meaning, err)
	}
	return err
}
