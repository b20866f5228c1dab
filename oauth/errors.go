package oauth

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is an answer that says no (RFC 6749 §5.2). It never holds the answer's
// body, and what the server repeats of the request is hidden.
type Error struct {
	// Code is the error code (RFC 6749 §5.2, RFC 8628 §3.5); "" if the answer
	// holds none.
	Code string
	// Description is the server's own words: one line, at most 200 ASCII
	// characters.
	Description string
	// Status is the HTTP status, which may well be 200.
	Status int
	// Interval is the polling interval that came with slow_down, and
	// RetryAfter the time the server asks to be left alone (RFC 9110
	// §10.2.3), at most a day; 0 if not given.
	Interval, RetryAfter time.Duration
}

// Error answers the code, or else the status, and the server's words.
func (e *Error) Error() string {
	text := "the authorization server answered "
	switch {
	case e.Code != "":
		text += e.Code
	case e.Status == 0:
		text += "no"
	default:
		text += strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)))
	}
	if e.Description != "" {
		// Other people's words, which mustn't pass for ours.
		text += ` ("` + strings.ReplaceAll(e.Description, `"`, "'") + `")`
	}
	if e.Code == "" && e.Status/100 == 3 {
		text += "; redirects are not followed, so check the server's address"
	}
	if e.RetryAfter > 0 {
		text += "; it asks to wait " + e.RetryAfter.Round(time.Second).String()
	}
	return text
}

// Temporary reports whether the same request may succeed later.
func (e *Error) Temporary() bool {
	switch e.Code {
	case "temporarily_unavailable", "server_error":
		return true
	}
	return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// TransportError is a request that got no answer.
type TransportError struct {
	// Sent reports whether the server may have got the request, or a part of
	// it. What it did with it is not known then.
	Sent bool
	// Err is the cause, without address and form: the context's error if the
	// caller's context has ended, and only then.
	Err error
}

// Error answers the cause.
func (e *TransportError) Error() string {
	if e.Sent {
		return fmt.Sprintf("no answer from the authorization server: %v", e.Err)
	}
	return fmt.Sprintf("the authorization server can't be reached: %v", e.Err)
}

// Unwrap answers the cause.
func (e *TransportError) Unwrap() error { return e.Err }
