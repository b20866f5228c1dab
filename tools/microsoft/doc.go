// Package microsoft is the tools for Microsoft 365: a person's calendar and
// mail, by plain requests to Microsoft Graph.
//
// It knows no token, and of Graph only what these tools need; the tools of
// package rest reach the rest of it.
// https://learn.microsoft.com/en-us/graph/api/overview
package microsoft
