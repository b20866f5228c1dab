package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
)

const revokePath = "/login/oauth/revoke"

// serveRevocation is the revocation endpoint (RFC 7009). A token that isn't known is as good as revoked: 200 (§2.2). The hint
// about its kind isn't needed. GitHub has no such endpoint, so this one has the RFC's manners always.
func (s *Sandbox) serveRevocation(w http.ResponseWriter, r *http.Request) {
	form, no := parameters(r)
	switch {
	case no != nil:
	case !isClient(form):
		no = refuse(invalidClient)
	case form.Get("token") == "":
		no = refuse(invalidRequest)
	}
	if no != nil {
		words := no.reason.wording()
		writeObject(w, words.status, fields{"error": words.code, "error_description": words.description})
		return
	}
	s.tokens.revoke(form.Get("token"))
	w.WriteHeader(http.StatusOK)
}

// serveDeleteToken is GitHub's "Delete an app token": Basic authentication by the app, the token in a JSON body, 204. A wrong
// secret and a token that doesn't exist are both answered with 404.
func (s *Sandbox) serveDeleteToken(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id != ClientID || secret != ClientSecret || r.PathValue("client_id") != ClientID {
		writeObject(w, http.StatusNotFound, fields{"message": "Not Found"})
		return
	}
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		writeObject(w, http.StatusBadRequest, fields{"message": "Problems parsing JSON"})
		return
	}
	if body.AccessToken == "" {
		writeObject(w, http.StatusUnprocessableEntity, fields{"message": "Validation Failed"})
		return
	}
	if !s.tokens.revokeOnlyAccess(body.AccessToken) {
		writeObject(w, http.StatusNotFound, fields{"message": "Not Found"})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// who gives the scopes of the access token a request to the API carries, in either of GitHub's schemes.
func (s *Sandbox) who(r *http.Request) (scopes []string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "token") {
		return nil, false
	}
	return s.tokens.scopesOf(strings.TrimSpace(token))
}
