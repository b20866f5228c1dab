// Package oauth is what every OAuth 2.0 request of valetkey shares: a secret
// that can't be printed, a form sent to an authorization server, an answer read
// with patience, and a token with absolute times (RFC 6749). It is also the one
// way out to all servers, those of the APIs included: [Network].
//
// It exists because servers answer errors with status 200, send numbers as
// strings and forms in place of JSON, and because a form that holds a secret
// must be sent once, to one address, and never be shown. Whatever goes wrong is
// one of four: a [*TransportError] (no answer), an [*Error] (the answer is no),
// [ErrAnswer] (the answer makes no sense) or [ErrUnsafeAddress] (nothing was
// sent). None of them holds an answer's body or anything of the form.
//
// It also finds where the endpoints of an issuer are ([Discover], [Discovery]),
// registers a client there ([Client.Register]), and knows what the refusals mean
// that all flows share: [ErrDenied] and those after it.
//
// The package knows no grant but the refresh, no store, no keyring, no provider
// and no person.
package oauth
