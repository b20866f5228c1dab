// Package deviceflow is the OAuth 2.0 device authorization grant (RFC 8628):
// a person approves a code in any browser, and this program, which asked for
// it, gets the token.
//
// [Flow.Start] asks for a code and answers an [Authorization] to show to the
// person; [Flow.Wait] polls until they have decided. The two are apart, so that
// a terminal can wait while a server answers first. An Authorization can be
// saved and taken up again, also by another process: [Authorization.Save],
// [Restore].
//
// Servers differ from the RFC and networks fail, so Wait bears with what may
// pass until the code expires, and ends with an error that says what to do
// where it may not: see [ErrDenied] and those after it. No poll is sent twice or
// earlier than the server allows. PKCE is not sent; the device code does its
// work.
//
// The package shows nothing and stores nothing. It knows no keyring, no
// terminal, no browser and no provider.
package deviceflow
