package oauth

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Error is an answer that says no. It never holds the answer's body.
type Error struct {
	// Code is the error code (RFC 6749 §5.2, RFC 8628 §3.5); "" if the answer
	// holds none.
	Code string
	// Description is the server's own words, cleaned and shortened.
	Description string
	// Status is the HTTP status.
	Status int
	// Interval is the polling interval that came with slow_down, and
	// RetryAfter the time the server asks to be left alone; 0 if not given.
	Interval, RetryAfter time.Duration
}

// Error answers the code, the server's words and the status.
func (e *Error) Error() string {
	text := "the authorization server answered "
	if e.Code != "" {
		text += e.Code
	} else {
		text += fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Description != "" {
		text += " (" + e.Description + ")"
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
	// Sent reports whether the server may have got the request. What it did
	// with it is not known then.
	Sent bool
	// Err is the cause, without the address.
	Err error
}

// Error answers the cause.
func (e *TransportError) Error() string {
	return "the authorization server can't be reached: " + e.Err.Error()
}

// Unwrap answers the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// withoutAddress drops the method and the URL that net/http puts before a
// cause.
func withoutAddress(err error) error {
	if sent, ok := err.(*url.Error); ok {
		return sent.Err
	}
	return err
}

// clean makes a server's words fit for a line of a message.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r > 0x7e {
			return ' '
		}
		return r
	}, text)
	const most = 200
	if len(text) > most {
		text = text[:most]
	}
	return strings.TrimSpace(text)
}
