// Package rest is what tools that speak a REST API have in common: paths that
// lead nowhere else, answers fit for a model to read, and, for a service
// without tools of its own, the two tools that reach all of its API.
//
// It knows no service by name, no credential and no token.
package rest
