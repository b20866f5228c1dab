// Package trace shows what a call does and how long each part of it takes: as spans
// of OpenTelemetry, for whoever has set its variables, and as lines of the log.
//
// A [Tracer] begins the span of a request. What happens below it calls [Start] with
// the context, which costs next to nothing where there is no such span. Spans are
// handed on in the background: who collects them never holds up a call.
//
// The package knows no MCP, no tool and no token, and puts nothing into a span but
// what it is given: names, hosts, paths and kinds of errors.
package trace
