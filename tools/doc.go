// Package tools is what the server offers: how a service and a tool are
// declared, and what surrounds every call.
//
// A [Tool] is declared once, with [Define], from a struct of arguments and a
// function that answers text; a [Resource] and a [Prompt], which people pick, in
// the same way. A [Service] is a table entry: a name, where its
// token comes from and its [Offer]. [NewServer] offers that over MCP and gives
// every call the same surroundings: bad arguments become words a model can act
// on, a panic becomes an error without its value, a long answer is cut where it
// says so, and a missing sign-in ([credentials.SignInRequired]) becomes
// whatever the client can show to its person.
//
// The package never sees a token. It knows no keyring, no terminal and no
// transport: package stdio carries the messages.
package tools
