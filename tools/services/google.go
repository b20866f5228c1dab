package services

import (
	"net/url"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/google"
	"github.com/valetkey/valetkey/tools/rest"
)

// Google is all its APIs below www.googleapis.com, with tools for its calendar.
// Its device flow gives none of the calendar's scopes. A client of the type
// Desktop app has a secret that keeps nothing secret and has to be sent. Without
// access_type=offline there is no refresh token, and without prompt=consent none
// from the second sign-in on; offline_access would be refused.
// https://developers.google.com/identity/protocols/oauth2/native-app
// https://developers.google.com/identity/protocols/oauth2/web-server#offline
// https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
// https://accounts.google.com/.well-known/openid-configuration
// https://developers.google.com/workspace/calendar/api/v3/reference/events/list#auth (for what a scope includes)
// https://support.google.com/accounts/answer/13533235
// What its tokens begin with isn't documented, and its API keys don't open a
// calendar. Of gcloud's two logins only the application default one can be given
// the scopes of a calendar.
// https://docs.cloud.google.com/sdk/gcloud/reference/auth/application-default/print-access-token
// https://docs.cloud.google.com/sdk/gcloud/reference/auth/application-default/login
// https://registry.terraform.io/providers/hashicorp/google/latest/docs/guides/provider_reference (for the key)
func Google() tools.Service {
	return provider{
		name: "google", title: "Google", host: "accounts.google.com",
		keys: []string{"GOOGLE_OAUTH_ACCESS_TOKEN"}, domains: []string{"googleapis.com"}, pages: []string{"www.google.com"},
		api: "https://www.googleapis.com/", authorization: "/o/oauth2/v2/auth",
		device: "https://oauth2.googleapis.com/device/code", token: "https://oauth2.googleapis.com/token", revocation: "https://oauth2.googleapis.com/revoke",
		deviceScopes: []string{
			"openid", "email", "profile", google.Scope("drive.appdata"), google.Scope("drive.file"), google.Scope("youtube"), google.Scope("youtube.readonly"),
		},
		parameters:  url.Values{"access_type": {"offline"}, "prompt": {"consent"}},
		needsSecret: true, missingScopes: google.MissingScopes,
		reading: []string{google.Scope("calendar.events.readonly")}, writing: []string{google.Scope("calendar.events")},
		includes:     map[string][]string{google.Scope("calendar.events"): {google.Scope("calendar.events.readonly")}},
		registration: "https://console.cloud.google.com/auth/clients", hint: "an OAuth client of the type Desktop app, in a project with the Google Calendar API enabled, and set GOOGLE_CLIENT_SECRET to its secret",
		settings:    "https://myaccount.google.com/connections",
		keyCommands: map[string][]string{"gcloud": {"auth", "application-default", "print-access-token"}},
		identify:    rest.Identify("calendar/v3/users/me/calendarList/primary?fields=id", "id"),
		admin:       googleAdmin(),
		example:     "calendar/v3/users/me/calendarList",
		reads:       google.Reads,
		typed:       google.Offer, toolsets: []string{google.Toolset},
	}.service()
}

// googleAdmin are the requests that change who may do what in a calendar, a drive,
// a mailbox, a channel or a project. What goes in a batch isn't looked at; a machine
// has keys in its metadata and acts as somebody.
//
// https://developers.google.com/workspace/calendar/api/v3/reference/acl
// https://developers.google.com/workspace/calendar/api/v3/reference/calendars
// https://developers.google.com/workspace/calendar/api/v3/reference/events/watch
// https://developers.google.com/workspace/calendar/api/guides/batch
// https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions
// https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions (published)
// https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.settings
// https://developers.google.com/workspace/admin/directory/reference/rest
// https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
// https://developers.google.com/site-verification/v1/webResource
// https://developers.google.com/youtube/v3/live/docs/liveChatModerators
// https://docs.cloud.google.com/storage/docs/json_api/v1
// https://docs.cloud.google.com/bigquery/docs/reference/rest
func googleAdmin() []string {
	all := []string{
		"batch/**", "**/watch", "**/channels/stop", "**/acl/**", "**/*:setIamPolicy",
		"admin/**", "compute/**", "groups/**", "identitytoolkit/**", "siteVerification/*/webResource/**",
		"DELETE:bigquery/*/projects/*/datasets/*", "**/rowAccessPolicies*/**",
		"DELETE:calendar/*/calendars/*", "calendar/*/calendars/*/clear", "**/transferOwnership",
		"DELETE:drive/*/drives/*", "DELETE:drive/*/teamdrives/*", "**/accessproposals/**", "**/permissions/**",
		"**/settings/autoForwarding", "**/settings/cse/**", "**/settings/delegates/**", "**/settings/filters/**",
		"**/settings/forwardingAddresses/**", "**/settings/imap", "**/settings/pop", "**/settings/sendAs/**",
		"DELETE:storage/*/b/*", "storage/*/b/**/iam", "storage/*/b/*/lockRetentionPolicy", "**/defaultObjectAcl/**", "**/hmacKeys/**", "**/notificationConfigs/**",
		"youtube/*/liveChat/moderators", "youtube/*/thirdPartyLinks",
	}
	for _, method := range []string{"PUT:", "PATCH:"} {
		for _, what := range []string{
			"bigquery/*/projects/*/datasets/*", "drive/*/drives/*", "drive/*/files/*/revisions/*", "drive/*/teamdrives/*", "storage/*/b/*", "storage/*/b/*/o/*",
		} {
			all = append(all, method+what)
		}
	}
	return all
}
