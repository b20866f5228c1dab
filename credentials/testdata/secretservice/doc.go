// Package secretservice is a Secret Service for tests, after
// https://specifications.freedesktop.org/secret-service-spec/latest/: one
// collection on a bus of the test's, which really keeps what it is given, and
// which can be told to misbehave. It knows nothing of go-keyring or of what is
// kept in it.
package secretservice
