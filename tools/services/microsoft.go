package services

import (
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/microsoft"
	"github.com/valetkey/valetkey/tools/rest"
)

// Microsoft is Microsoft 365 and Outlook.com by Microsoft Graph, for accounts of
// any organisation and personal ones, or of the tenant in MICROSOFT_TENANT. It
// has no way to revoke a token but its pages: that of work and school accounts,
// or https://account.live.com/consent/Manage for a personal one.
// Its tokens begin with nothing of their own: to a client they are opaque.
// https://learn.microsoft.com/en-us/entra/identity-platform/access-tokens
// https://learn.microsoft.com/en-us/cli/azure/account#az-account-get-access-token
// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code
// https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow
// https://learn.microsoft.com/en-us/entra/identity-platform/reply-url#localhost-exceptions
// https://learn.microsoft.com/en-us/entra/identity-platform/scopes-oidc
// https://learn.microsoft.com/en-us/graph/permissions-reference
// https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/my-apps-deployment-plan
func Microsoft() tools.Service {
	return provider{
		name: "microsoft", title: "Microsoft 365", host: "login.microsoftonline.com",
		domains: []string{"graph.microsoft.com"}, pages: []string{"microsoft.com", "www.microsoft.com", "login.microsoft.com"},
		tenant: "common",
		api:    "https://graph.microsoft.com/v1.0/", authorization: "/{tenant}/oauth2/v2.0/authorize", device: "/{tenant}/oauth2/v2.0/devicecode", token: "/{tenant}/oauth2/v2.0/token",
		refreshScopes: []string{"offline_access"}, redirect: "http://localhost",
		reading:      []string{"User.Read"},
		registration: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
		hint:         "an application in Microsoft Entra with public client flows allowed and the redirect http://localhost for mobile and desktop",
		settings:     "https://myapps.microsoft.com/",
		keyCommands:  map[string][]string{"az": {"account", "get-access-token", "--resource-type", "ms-graph", "--query", "accessToken", "--output", "tsv"}},
		identify:     rest.Identify("me?$select=userPrincipalName", "userPrincipalName"),
		admin:        microsoftAdmin(),
		example:      "me/contacts?$top=5",
		typed:        microsoft.Offer, toolsets: microsoft.Toolsets(),
	}.service()
}

// microsoftAdmin are the requests that change who may do what with what a person, a
// team, a site or an organisation has. A thing may stand there as users/id and as
// users('id'). What goes in a batch isn't looked at.
//
// https://learn.microsoft.com/en-us/graph/api/resources/permission
// https://learn.microsoft.com/en-us/graph/api/driveitem-invite
// https://learn.microsoft.com/en-us/graph/api/driveitem-createlink
// https://learn.microsoft.com/en-us/graph/api/resources/calendarpermission
// https://learn.microsoft.com/en-us/graph/api/resources/messagerule
// https://learn.microsoft.com/en-us/graph/api/group-post-members
// https://learn.microsoft.com/en-us/graph/api/resources/oauth2permissiongrant
// https://learn.microsoft.com/en-us/graph/api/resources/users
// https://learn.microsoft.com/en-us/graph/api/resources/team
// https://learn.microsoft.com/en-us/graph/api/resources/teamsappinstallation
// https://learn.microsoft.com/en-us/graph/api/chat-removeallaccessforuser
// https://learn.microsoft.com/en-us/graph/api/channel-provisionemail
// https://learn.microsoft.com/en-us/graph/api/resources/plannerplandetails (sharedWith)
// https://learn.microsoft.com/en-us/graph/api/user-exportpersonaldata
// https://learn.microsoft.com/en-us/graph/api/printershare-post-allowedusers
// https://learn.microsoft.com/en-us/graph/api/resources/groupsetting
// https://learn.microsoft.com/en-us/graph/api/teamsapp-publish
// https://learn.microsoft.com/en-us/graph/api/resources/subscription
// https://learn.microsoft.com/en-us/graph/api/resources/identity-network-access-overview
// https://learn.microsoft.com/en-us/graph/json-batching
func microsoftAdmin() []string {
	all := []string{
		"**/*createLink*", "**/*invite*", "**/*license*/**", "**/*password*", "**/*permission*/**", "**/*retention*/**", "**/*revoke*", "**/*sensitivity*",
		"**/acceptedSenders*/**", "**/allMembers*/**", "**/allowedGroups*/**", "**/allowedUsers*/**", "**/appRole*/**", "**/assignedRoles*/**",
		"**/authentication/**", "**/dataSecurityAndGovernance/**", "**/exportPersonalData", "**/installedApps*/**", "**/mailboxSettings/**",
		"**/managedDevices*/**", "**/manager/**", "**/members*/**", "**/messageRules*/**", "**/onPremisesSyncBehavior", "**/owners*/**",
		"**/provisionEmail", "**/rejectedSenders*/**", "**/removeAllAccessForUser", "**/removeAllDevicesFromManagement", "**/scopedRoleMember*/**",
		"**/sharedWithTeams*/**", "**/sponsors*/**", "**/subscriptions*/**", "**/wipeManagedAppRegistrations*",
		"**/convertExternalToInternalMemberUser", "**/presenters*/**", "**/staffMembers*/**", "**/teachers*/**", "**/team", "education/schools*/**", "education/users*/**",
		"teamwork/**", "DELETE:**/microsoft.graph.*", "PATCH:**/microsoft.graph.*", "DELETE:education/classes/*",
		"DELETE:me", "PATCH:**/plans*/details", "PATCH:**/plans/*/details", "PATCH:me", "POST:**/archive", "POST:**/unarchive", "POST:groups",
		"POST:me/restore", "POST:users", "POST:users/*/restore",
		"$batch", "admin/**", "agreements*/**", "appCatalogs/**", "applications*/**", "certificate*/**", "device*/**", "directory*/**", "domains*/**",
		"groups*/**/settings*/**", "groupSettings*/**", "identity*/**", "invitations/**", "organization*/**", "policies/**", "roleManagement/**",
		"security/**", "servicePrincipals*/**", "tenantRelationships/**",
	}
	for _, method := range []string{"PATCH:", "DELETE:"} {
		for _, what := range []string{"users", "groups", "teams", "**/joinedTeams"} {
			all = append(all, method+what+"*", method+what+"/*")
		}
	}
	return all
}
