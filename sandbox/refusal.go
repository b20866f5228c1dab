package sandbox

import "time"

// reason is why an OAuth request is refused.
type reason int

const (
	invalidRequest reason = iota
	invalidClient
	invalidScope
	unsupportedGrantType
	deviceFlowDisabled
	authorizationPending
	slowDown
	accessDenied
	expiredCode
	missingDeviceCode
	invalidDeviceCode
	invalidCode
	invalidRefreshToken
	unknownClient
)

// refusal is the error half of an OAuth answer.
type refusal struct {
	reason   reason
	interval time.Duration // slowDown: the least time between polls from now on
}

func refuse(why reason) *refusal { return &refusal{reason: why} }

// wording is how a reason is spelt by the RFCs and by GitHub.
type wording struct {
	code         string // RFC 6749 §5.2, RFC 8628 §3.5
	status       int
	github       string // GitHub, "Error codes for the device flow"
	githubStatus int
	description  string
}

func (why reason) wording() wording {
	return [...]wording{
		invalidRequest:       {"invalid_request", 400, "invalid_request", 200, "A parameter is missing, empty, repeated or unreadable."},
		invalidClient:        {"invalid_client", 401, "incorrect_client_credentials", 200, "The client id or the client secret is not right."},
		invalidScope:         {"invalid_scope", 400, "invalid_scope", 200, "A scope is misspelt or goes beyond what was granted."},
		unsupportedGrantType: {"unsupported_grant_type", 400, "unsupported_grant_type", 200, "This grant type is not offered."},
		deviceFlowDisabled:   {"unauthorized_client", 400, "device_flow_disabled", 400, "The device flow is not switched on for this app."},
		authorizationPending: {"authorization_pending", 400, "authorization_pending", 200, "The person has not decided yet."},
		slowDown:             {"slow_down", 400, "slow_down", 200, "Polled too soon. Wait for the interval, which is now longer."},
		accessDenied:         {"access_denied", 400, "access_denied", 200, "The person said no."},
		expiredCode:          {"expired_token", 400, "expired_token", 200, "The device code has expired."},
		missingDeviceCode:    {"invalid_request", 400, "incorrect_device_code", 200, "The device code is missing."},
		invalidDeviceCode:    {"invalid_grant", 400, "incorrect_device_code", 200, "The device code is not known or has been redeemed."},
		invalidCode:          {"invalid_grant", 400, "bad_verification_code", 200, "The code is not known, has expired, was used, or isn't yours."},
		invalidRefreshToken:  {"invalid_grant", 400, "bad_refresh_token", 200, "The refresh token is not known, has expired or has been used."},
		unknownClient:        {"invalid_client", 401, "Not Found", 404, ""},
	}[why]
}
