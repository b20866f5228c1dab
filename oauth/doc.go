// Package oauth is what every OAuth 2.0 request of valetkey shares: a secret
// that can't be printed, a form sent to an authorization server, an answer read
// with patience, and a token with absolute times (RFC 6749).
//
// It exists because servers answer errors with status 200, send numbers as
// strings and forms in place of JSON, and because a refresh token must be sent
// exactly once. It knows no grant, no store, no keyring and no person.
package oauth
