// Package credentials finds the token for a service and keeps it.
//
// A [Credential] stands for one service and one account. It looks in this
// order, always the same: an API key in the environment; a token kept in a
// [Store], refreshed when stale; a sign-in by the OAuth 2.0 device
// authorization grant (RFC 8628). A sign-in needs a person, so it is an error
// value, [*SignInRequired], that carries what the person has to see. Whoever
// can show it shows it; the polling goes on in the background and the token is
// stored the moment it arrives, even if nobody asks again.
//
// Callers get an authorised HTTP client from [Credential.Client] and never
// touch a token.
//
// This is the only package that stores anything. It knows no MCP, no terminal
// and no browser.
package credentials
