// Package audit keeps a log of calls in which nothing can be changed unseen: JSON
// Lines, each of which holds the SHA-256 of the one before. Several processes write
// into one chain under a lock, and the chain goes on when the file is rotated.
//
// It says what was done only as far as the chain is whole, which [Verify] finds
// out. A chain alone can't show that its end was cut off, nor that all of it was
// made anew: for that, a person keeps the hash of the last record elsewhere. Nothing
// is flushed to the disk record by record, so a machine that loses its power can lose
// the last ones.
//
// The package knows no tool, no MCP and no HTTP, nor what a secret is: what it is
// given is written down.
package audit
