// Package loopback is the OAuth 2.0 authorization code grant of a program with a
// browser beside it (RFC 6749 §4.1, RFC 8252 §7.3): a person approves in the
// browser, which brings the answer to a port of this machine, and PKCE makes the
// code worthless to everybody else (RFC 7636).
//
// [Flow.Start] takes the port and answers an [Authorization], whose address a
// person opens; [Flow.Wait] serves the port until they have decided and answers
// an [Approval], which holds the token. The browser is kept waiting until
// [Approval.Tell], so that the page at the end says what has really become of the
// token. An Authorization can be saved and taken up again, also by another
// process: [Authorization.Save], [Restore].
//
// Any program and any web page can reach the port. What doesn't hold the state of
// this sign-in, or another issuer's name (RFC 9207), is answered and ignored, and
// the waiting goes on; requests for another host (DNS rebinding) are refused, and
// connections are limited in number and time.
//
// The package opens no browser and stores nothing. It knows no keyring, no
// terminal and no provider.
package loopback
