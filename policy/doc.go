// Package policy says what may be done: it evaluates roles, grants and lists of
// paths, which are all patterns of names.
//
// It knows no tool, no HTTP, no MCP and no environment: what is asked for is a
// [Thing] or a path, and an answer is yes, or an error that says who forbids it.
package policy
