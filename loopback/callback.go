package loopback

import (
	"net/url"

	"github.com/valetkey/valetkey/oauth"
)

// callback is the answer to this sign-in that a browser has brought: a code, or
// a refusal.
type callback struct {
	code    oauth.Secret
	refused *oauth.Error
}

// read finds the answer to this sign-in in a callback's query. ok is false for
// what anybody else has made up. A parameter that counts and is there twice makes
// it unclear what the server has said (RFC 6749 §3.1).
func (f *Flow) read(a *Authorization, rawQuery string) (got callback, ok bool) {
	const mostQuery = 16 << 10
	query, err := url.ParseQuery(rawQuery)
	if err != nil || len(rawQuery) > mostQuery {
		return callback{}, false
	}
	for _, name := range []string{"state", "code", "iss", "error", "error_description"} {
		if len(query[name]) > 1 {
			return callback{}, false
		}
	}
	if a.State.IsZero() || !a.State.Equal(oauth.NewSecret(query.Get("state"))) || !f.isIssuer(query) {
		return callback{}, false
	}
	got.code = oauth.NewSecret(query.Get("code"))
	got.refused = oauth.Refusal(query, a.State, a.Verifier, f.Client.Secret, got.code)
	return got, got.refused != nil || !got.code.IsZero()
}

// isIssuer compares to the letter (RFC 9207 §2.4).
func (f *Flow) isIssuer(query url.Values) bool {
	if !query.Has("iss") {
		return !f.NeedsIssuer
	}
	return f.Issuer == "" || query.Get("iss") == f.Issuer
}
