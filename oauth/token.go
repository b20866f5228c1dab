package oauth

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Token is what an authorization server has issued (RFC 6749 §5.1).
type Token struct {
	// Access is sent to the API, and Refresh, if there is one, only to the
	// server that issued it.
	Access, Refresh Secret
	// Type is how the access token is sent: "Bearer" in nearly every case.
	Type string
	// Scopes are those granted; nil when the answer doesn't say, which means
	// those asked for.
	Scopes []string
	// Expiry and RefreshExpiry are zero when they aren't known. They are
	// wall-clock times, so that a token also ages while the machine sleeps.
	Expiry, RefreshExpiry time.Time
}

// Token reads a successful token answer at the time now. Slack's user token,
// which lies in authed_user, counts when there is no other
// (https://docs.slack.dev/reference/methods/oauth.v2.access). The error is
// [ErrAnswer].
func (a Answer) Token(now time.Time) (*Token, error) {
	if nested, ok := a.get("authed_user").(map[string]any); ok && a.get("access_token") == nil {
		a = newAnswer(nested)
	}
	access, refresh := a.String("access_token"), a.String("refresh_token")
	switch {
	case access == "":
		return nil, fmt.Errorf("%w: it holds no access token", ErrAnswer)
	case len(access) > maxToken, len(refresh) > maxToken:
		return nil, fmt.Errorf("%w: its tokens are longer than %d bytes", ErrAnswer, maxToken)
	case strings.ContainsFunc(access, isUnprintable):
		return nil, fmt.Errorf("%w: no header can carry its access token", ErrAnswer)
	}
	expiry := a.expiry("expires_in", now)
	if expiry.IsZero() {
		expiry = jwtExpiry(access, now)
	}
	return &Token{
		Access:        NewSecret(access),
		Refresh:       NewSecret(refresh),
		Type:          tokenType(a.String("token_type")),
		Scopes:        withoutSecrets(a.Scopes(), access, refresh),
		Expiry:        expiry,
		RefreshExpiry: a.expiry("refresh_token_expires_in", now),
	}, nil
}

// maxToken is more than any server issues; headers are limited to less.
const maxToken = 64 << 10

// withoutSecrets leaves out scopes that repeat a token: scopes are shown.
func withoutSecrets(scopes []string, secrets ...string) []string {
	// What is shorter is no secret, and may well be part of a word.
	const least = 12
	return slices.DeleteFunc(scopes, func(scope string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return len(secret) >= least && strings.Contains(scope, secret) })
	})
}

func (a Answer) expiry(name string, now time.Time) time.Time {
	lifetime, ok := a.Seconds(name)
	if !ok || lifetime <= 0 {
		return time.Time{}
	}
	return now.Round(0).Add(lifetime)
}

// jwtExpiry answers the claim exp of an access token that is a JWT (RFC 7519
// §4.1.4), zero for any other: some servers leave expires_in to it. Nobody
// verifies it here, so it only tells when to renew. One that is over already, or
// a century away, tells more of the clocks than of the token.
func jwtExpiry(access string, now time.Time) time.Time {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	seconds, _ := newAnswer(parseJSON(claims)).number("exp")
	const most = 100 * 365 * 24 * 60 * 60
	start := float64(now.Unix())
	if seconds <= start || seconds > start+most {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// tokenType is how the token is to be sent. Servers write Bearer in several
// ways, leave it out, or put a word of their own there (Slack: "user"), which
// no API takes as a scheme.
func tokenType(given string) string {
	switch strings.ToLower(given) {
	case "mac":
		return "MAC"
	case "dpop":
		return "DPoP"
	}
	return "Bearer"
}
