package sandbox

import (
	"net/http"
	"net/url"
)

// parameters reads the form of an OAuth request. One sent twice is an error, one sent empty counts as left out (RFC 6749 §3.2).
func parameters(r *http.Request) (url.Values, *refusal) {
	if err := r.ParseForm(); err != nil {
		return nil, refuse(invalidRequest)
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return nil, refuse(invalidRequest)
		}
	}
	return r.PostForm, nil
}

// isClient tells whether the form names the client, with the right secret or none.
func isClient(form url.Values) bool {
	secret := form.Get("client_secret")
	return form.Get("client_id") == ClientID && (secret == "" || secret == ClientSecret)
}
