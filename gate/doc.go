// Package gate is what every request of a tool goes through on its way to a
// service: it lets reading pass, and changes only as far as the person wants it.
//
// A tool's call carries a [Call] in its context, which says what the call was
// declared to do. The [Gate], an [http.RoundTripper] around the client that is
// signed in, holds each request against it: one that changes something is only
// shown in a dry run, waits for the person's word where that was asked for, and
// is refused where it goes too far.
//
// The package knows no MCP, no tool and no token. It doesn't ask anybody: an
// [Unconfirmed] error says what has to be asked.
package gate
