// Package services describes the services that have no tools of their own but
// those of package rest: each is data, from its provider's documentation, or
// from a person's variables.
//
// It knows no token, and nobody's client id.
package services
