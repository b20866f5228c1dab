package services

import (
	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/rest"
)

// HuggingFace is the Hub. It has no way to revoke a token but its settings, and
// wants a secret, if an application has one, in the header. Whether it takes
// another port than the registered one isn't documented.
// https://huggingface.co/docs/hub/oauth
// https://huggingface.co/.well-known/openid-configuration
// https://huggingface.co/docs/hub/api
// https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/cli/auth.py (for hf, and what a token begins with)
func HuggingFace() tools.Service {
	return provider{
		name: "huggingface", title: "Hugging Face", host: "huggingface.co",
		keys: []string{"HF_TOKEN"},
		api:  "/api/", authorization: "/oauth/authorize", device: "/oauth/device", token: "/oauth/token", authStyle: oauth2.AuthStyleInHeader,
		reading: []string{"openid", "profile", "read-repos"}, writing: []string{"write-repos", "write-discussions"},
		registration: "/settings/applications/new", hint: "a Hugging Face application without a secret, with the redirect URL " + redirect,
		settings: "/settings/connected-applications", keysPage: "/settings/tokens", prefixes: []string{"hf_"},
		keyCommands: map[string][]string{"hf": {"auth", "token"}},
		identify:    rest.Identify("whoami-v2", "name"),
		// https://huggingface.co/.well-known/openapi.md
		// https://github.com/huggingface/huggingface.js/blob/main/packages/hub/src/lib/delete-repo.ts (for buckets)
		// https://huggingface.co/docs/hub/models-gated
		// https://huggingface.co/docs/hub/webhooks
		// https://huggingface.co/docs/hub/security-resource-groups
		admin: []string{
			"**/settings/**", "**/secrets/**", "**/variables/**", "**/user-access-request/**", "**/user-access-report/**", "**/resource-group*/**", "**/members/**", "**/scim/**",
			"organizations/**", "orgs/**", "repos/move", "DELETE:repos/**", "DELETE:buckets/*/*", "settings/**", "webhooks/**", "oauth/**", "users/**", "**/auth*/**", "**/service-accounts/**",
		},
		example: "models?search=bert",
	}.service()
}
