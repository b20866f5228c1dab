package sandbox

import "net/http"

const metadataPath = "/.well-known/oauth-authorization-server"

// serveMetadata is the metadata document (RFC 8414 §2 and §3, RFC 9207 §3).
func (s *Sandbox) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	var scopes []string
	for _, known := range knownScopes() {
		scopes = append(scopes, known.Name)
	}
	methods := []string{"none", "client_secret_post"}
	writeObject(w, http.StatusOK, map[string]any{
		"issuer":                                         s.url,
		"device_authorization_endpoint":                  s.url + devicePath,
		"token_endpoint":                                 s.url + tokenPath,
		"revocation_endpoint":                            s.url + revokePath,
		"grant_types_supported":                          s.grantTypes(),
		"response_types_supported":                       []string{"code"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_endpoint":                         s.url + authorizePath,
		"authorization_response_iss_parameter_supported": true,
		"scopes_supported":                               scopes,
		"token_endpoint_auth_methods_supported":          methods,
		"revocation_endpoint_auth_methods_supported":     methods,
	})
}

func (s *Sandbox) grantTypes() []string {
	var types []string
	if !s.options.DeviceFlowDisabled {
		types = append(types, grantDeviceCode)
	}
	if !s.options.CodeFlowDisabled {
		types = append(types, grantAuthorizationCode)
	}
	if s.options.TokenLifetime > 0 {
		types = append(types, grantRefreshToken)
	}
	return types
}
