package sandbox

import (
	"net/http"
	"net/url"
	"strings"
)

const (
	tokenPath = "/login/oauth/access_token"

	grantDeviceCode   = "urn:ietf:params:oauth:grant-type:device_code"
	grantRefreshToken = "refresh_token"
)

// serveToken is the token endpoint (RFC 6749 §3.2, RFC 8628 §3.4).
func (s *Sandbox) serveToken(w http.ResponseWriter, r *http.Request) {
	fault := s.faults.next()
	if fault.Status != 0 {
		fault.write(w)
		return
	}
	if fault.Dropped {
		panic(http.ErrAbortHandler)
	}
	granted, no := s.exchange(r)
	if fault.Lost {
		panic(http.ErrAbortHandler)
	}
	if no != nil {
		s.answerRefusal(w, r, no)
		return
	}
	s.answer(w, r, http.StatusOK, s.tokenFields(granted))
}

func (s *Sandbox) exchange(r *http.Request) (issued, *refusal) {
	form, no := parameters(r)
	if no != nil {
		return issued{}, no
	}
	if !isClient(form) {
		return issued{}, refuse(invalidClient)
	}
	switch form.Get("grant_type") {
	case grantDeviceCode:
		return s.redeemDeviceCode(form)
	case grantAuthorizationCode:
		return s.redeemCode(form)
	case grantRefreshToken:
		return s.tokens.renew(form.Get("refresh_token"), form.Get("scope"))
	case "":
		return issued{}, refuse(s.missingGrantType())
	}
	return issued{}, refuse(unsupportedGrantType)
}

// missingGrantType differs: GitHub answers as to a wrong one.
func (s *Sandbox) missingGrantType() reason {
	if s.options.GitHubManners {
		return unsupportedGrantType
	}
	return invalidRequest
}

func (s *Sandbox) redeemDeviceCode(form url.Values) (issued, *refusal) {
	if s.options.DeviceFlowDisabled {
		return issued{}, refuse(deviceFlowDisabled)
	}
	scopes, no := s.devices.redeem(form.Get("device_code"))
	if no != nil {
		return issued{}, no
	}
	return s.tokens.issue(scopes), nil
}

func (s *Sandbox) redeemCode(form url.Values) (issued, *refusal) {
	if s.options.GitHubManners && form.Get("client_secret") == "" {
		return issued{}, refuse(invalidClient)
	}
	scopes, no := s.codes.redeem(form)
	if no != nil {
		return issued{}, no
	}
	return s.tokens.issue(scopes), nil
}

// tokenFields is the answer of RFC 6749 §5.1, or GitHub's.
func (s *Sandbox) tokenFields(granted issued) fields {
	f := fields{"access_token": granted.access, "token_type": "Bearer", "scope": strings.Join(granted.scopes, " ")}
	if s.options.GitHubManners {
		f["token_type"], f["scope"] = "bearer", strings.Join(granted.scopes, ",")
	}
	if granted.refresh == "" {
		return f
	}
	f["refresh_token"] = granted.refresh
	f["expires_in"] = wholeSeconds(s.options.TokenLifetime)
	if s.options.GitHubManners {
		f["refresh_token_expires_in"] = wholeSeconds(refreshLifetime)
	}
	return f
}
