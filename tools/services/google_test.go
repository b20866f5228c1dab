package services_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/policy"
	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/services"
)

// TestGoogle holds the entry against what Google documents.
// https://accounts.google.com/.well-known/openid-configuration
// https://developers.google.com/identity/protocols/oauth2/native-app
// https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
func TestGoogle(t *testing.T) {
	t.Parallel()
	service := services.Google()
	at, err := service.At(credentials.Settings{ClientID: "example"})
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"API": {at.APIURL, "https://www.googleapis.com/"}, "hosts": {strings.Join(at.Hosts, " "), "www.googleapis.com"}, "host": {at.Host, "accounts.google.com"},
		"authorization": {at.Endpoint.AuthURL, "https://accounts.google.com/o/oauth2/v2/auth"}, "token": {at.Endpoint.TokenURL, "https://oauth2.googleapis.com/token"},
		"device": {at.Endpoint.DeviceAuthURL, "https://oauth2.googleapis.com/device/code"}, "revocation": {at.RevocationURL, "https://oauth2.googleapis.com/revoke"},
		"parameters": {at.AuthorizationParameters.Encode(), "access_type=offline&prompt=consent"}, "refresh": {strings.Join(at.RefreshScopes, " "), ""},
		"settings": {at.SettingsURL("example"), "https://myaccount.google.com/connections"}, "registration": {at.RegistrationURL, "https://console.cloud.google.com/auth/clients"},
		"device scopes": {strings.Join(at.DeviceScopes, " "), "openid email profile https://www.googleapis.com/auth/drive.appdata https://www.googleapis.com/auth/drive.file https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/youtube.readonly"},
		"keys":          {service.KeyVariables[0], "GOOGLE_TOKEN"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if !at.NeedsSecret || at.NoLoopback != "" || !slices.Contains(at.Pages, "www.google.com") || at.Identify == nil || at.MissingScopes == nil {
		t.Errorf("%+v", at)
	}
	offer := service.Offer(tools.Setup{At: at})
	usual, err := tools.Selection{}.Of(offer, service.Toolsets)
	if err != nil || len(usual.Tools) != 6 || len(usual.Instructions) != 2 {
		t.Errorf("%v, %d tools, %d instructions", err, len(usual.Tools), len(usual.Instructions))
	}
	for _, scope := range tools.ScopesOf(usual.Tools) {
		if slices.Contains(at.DeviceScopes, scope) || scope == "offline_access" {
			t.Errorf("%s is asked for", scope)
		}
	}
	for patterns, want := range map[string]string{
		"":         "calendar.calendarlist.readonly calendar.events calendar.events.freebusy",
		"-*_write": "calendar.calendarlist.readonly calendar.events.freebusy calendar.events.readonly",
		"*_api*":   "calendar.events",
		"*_api":    "calendar.events.readonly",
	} {
		selected, err := tools.Selection{Patterns: strings.Fields(patterns)}.Of(offer, service.Toolsets)
		if got := strings.ReplaceAll(strings.Join(tools.ScopesOf(selected.Tools), " "), "https://www.googleapis.com/auth/", ""); err != nil || got != want {
			t.Errorf("%q asks for %s, %v", patterns, got, err)
		}
	}
	reading, err := policy.RoleLayer("VALET_ROLE", "read-only")
	if err != nil {
		t.Fatal(err)
	}
	asked := strings.Join(tools.ScopesOf(usual.Under("google", policy.Policy{reading}).Tools), " ")
	if want := "calendar.calendarlist.readonly calendar.events.freebusy calendar.events.readonly"; strings.ReplaceAll(asked, "https://www.googleapis.com/auth/", "") != want {
		t.Errorf("read-only asks for %s", asked)
	}
	box, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	for scope, want := range map[string]string{"calendar.calendarlist.readonly": "mona-example@example.com", "calendar.events": ""} {
		client := &http.Client{Transport: bearer(box.IssueToken("https://www.googleapis.com/auth/" + scope))}
		if who, err := at.Identify(t.Context(), client, box.URL()+"/"); who != want || (err == nil) != (want != "") {
			t.Errorf("with %s: %q, %v", scope, who, err)
		}
	}
	elsewhere := credentials.Settings{KeyVariable: "GOOGLE_TOKEN"}
	elsewhere.API.URL = "https://googleapis.com.evil.example/"
	if at, err := service.At(elsewhere); err != nil || at.Endpoint.TokenURL != "" || at.Host != "googleapis.com.evil.example" {
		t.Errorf("%v, %+v", err, at)
	}
}

// bearer signs requests in.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}
