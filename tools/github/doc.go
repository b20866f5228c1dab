// Package github is the GitHub tools: what a model can read and write on
// github.com, GHE.com and GitHub Enterprise Server through the REST API. Beside
// them are documents that people pick by their address, and tasks.
//
// [Offer] makes all of it from an HTTP client that is authorised already. Answers
// are Markdown or compact lines, paged, with names beside numbers; every list
// says where it is and what to ask for next. Text that people wrote is shown
// without the characters that only machines see.
//
// All requests go through a chain of transports around the given one: witness
// sees what a call is answered, guard keeps requests to the repositories a person
// allows, tidy leaves nothing in an answer that could break a tool or forge a
// line, memory asks again for what is known only if it has changed, and patience
// waits for limits that end soon.
//
// [Service] says where GitHub is and how a person signs in there; the tools do
// not know where a token comes from, that a sign-in exists, who the client is or
// how an answer travels. Errors of the transport stay findable with errors.As,
// whatever they are.
package github
