package services_test

import (
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools/services"
)

// TestMicrosoft holds the entry against what Microsoft documents, on the pages
// that it names.
func TestMicrosoft(t *testing.T) {
	t.Parallel()
	for tenant, path := range map[string]string{
		"": "common", "consumers": "consumers", "contoso.onmicrosoft.com": "contoso.onmicrosoft.com", "9188040d-6c67-4c5b-b112-36a304b66dad": "9188040d-6c67-4c5b-b112-36a304b66dad",
	} {
		at, err := services.Microsoft().At(credentials.Settings{Tenant: tenant})
		if err != nil {
			t.Fatal(err)
		}
		base := "https://login.microsoftonline.com/" + path + "/oauth2/v2.0/"
		for what, pair := range map[string][2]string{
			"API": {at.APIURL, "https://graph.microsoft.com/v1.0/"}, "authorization": {at.Endpoint.AuthURL, base + "authorize"},
			"device": {at.Endpoint.DeviceAuthURL, base + "devicecode"}, "token": {at.Endpoint.TokenURL, base + "token"}, "revocation": {at.RevocationURL, ""},
			"host": {at.Host, "login.microsoftonline.com"}, "hosts": {strings.Join(at.Hosts, " "), "graph.microsoft.com"},
			"refresh scopes": {strings.Join(at.RefreshScopes, " "), "offline_access"}, "redirect": {at.Redirect, "http://localhost"},
			"keys": {strings.Join(services.Microsoft().KeyVariables, " "), "MICROSOFT_TOKEN"}, "settings": {at.SettingsURL("id"), "https://myapps.microsoft.com/"},
			"pages": {strings.Join(at.Pages, " "), "login.microsoftonline.com microsoft.com www.microsoft.com login.microsoft.com"},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%s: %s is %q, want %q", tenant, what, pair[0], pair[1])
			}
		}
	}
	if at, err := services.Microsoft().At(credentials.Settings{Tenant: "../evil"}); err == nil || strings.Contains(at.Endpoint.TokenURL, "evil") {
		t.Errorf("%v, %+v", err, at.Endpoint)
	}
}
