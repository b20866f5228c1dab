// Package hosts knows the applications that start MCP servers: where each keeps
// its list of servers, how an entry looks there and what of the environment
// reaches a server. It finds those that are on this machine, changes an entry in
// place, and takes a change back.
//
// It knows no service, no token and no terminal: what goes into an entry is said
// by its callers, who also ask the person.
package hosts
