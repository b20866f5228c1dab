package sandbox

import (
	"net/http"
	"net/url"
)

const devicePath = "/login/device/code"

// serveDeviceAuthorization is the device authorization endpoint (RFC 8628 §3.1 and §3.2).
func (s *Sandbox) serveDeviceAuthorization(w http.ResponseWriter, r *http.Request) {
	scopes, no := s.deviceRequest(r)
	if no != nil {
		s.answerRefusal(w, r, no)
		return
	}
	deviceCode, userCode := s.devices.add(scopes)
	f := fields{
		"device_code":      deviceCode,
		"user_code":        userCode,
		"verification_uri": s.url + pagePath,
		"expires_in":       wholeSeconds(s.options.CodeLifetime),
		"interval":         wholeSeconds(s.options.Interval),
	}
	if !s.options.GitHubManners {
		f["verification_uri_complete"] = s.url + pagePath + "?" + url.Values{"user_code": {userCode}}.Encode()
	}
	s.answer(w, r, http.StatusOK, f)
}

// deviceRequest gives the scopes asked for.
func (s *Sandbox) deviceRequest(r *http.Request) ([]string, *refusal) {
	form, no := parameters(r)
	if no != nil {
		return nil, no
	}
	if !isClient(form) {
		return nil, refuse(unknownClient)
	}
	if s.options.DeviceFlowDisabled {
		return nil, refuse(deviceFlowDisabled)
	}
	return parseScopes(form.Get("scope"), s.options.GitHubManners)
}
