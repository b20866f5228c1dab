// Package stdio carries MCP over stdin and stdout for one client. The protocol
// itself is mcp-go's: every message goes through MCPServer.HandleMessage. What
// is here is the loop around it: framing, ids, order, cancellation, questions to
// the client, subscriptions and the end.
//
//   - One goroutine reads lines and one handles them in order. initialize, ping
//     and lists are answered in that order; calls run at the same time.
//   - One goroutine writes. What a call has sent before its result is written
//     before it. Nobody waits for a client that doesn't read, up to a limit.
//   - At the end of the input, what was read is answered first. A signal cancels
//     it. Neither waits for ever.
//
// Each [Server] has a session of its own, so several can live in one process.
// The package knows no tool, no credential and no file but the standard streams.
package stdio
