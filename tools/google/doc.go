// Package google makes the tools for Google Calendar: reading events, writing
// them, asking when people are free, and listing calendars.
//
// It knows the API and no credential: it is given a client that is signed in.
// https://developers.google.com/workspace/calendar/api/v3/reference
package google
