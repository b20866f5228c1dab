package gate

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Request is one that changes something, as it would be sent.
type Request struct {
	Method, URL string
	// Header are the fields that say how and under which condition.
	Header http.Header
	Body   string
}

// Fingerprint tells one request from any other, by what it would change. The zero
// value is nobody's.
type Fingerprint [sha256.Size]byte

// Fingerprint answers the request's.
func (r Request) Fingerprint() Fingerprint {
	text := fmt.Sprintf("%q %q %q %q", r.Method, r.URL, r.Body, r.Header.Get("If-Match"))
	return sha256.Sum256([]byte(text))
}

func (r Request) String() string { return r.Method + " " + r.URL }

// Planned is the error of a request that a dry run didn't send.
type Planned struct{ Request Request }

func (p *Planned) Error() string {
	return "a dry run: nothing was sent; the request would be " + p.Request.String()
}

// Unconfirmed is the error of a request that waits for the person's word.
type Unconfirmed struct {
	Request Request
	Why     Cause
}

func (u *Unconfirmed) Error() string {
	return "nothing was sent: the person has to agree first (" + u.Why.String() + ")"
}

// Cause is why the person is asked. The zero value is none: they aren't.
type Cause struct {
	// By is the rule that asks: [Writes] and [Losses] about every such change,
	// [AfterStranger] about those that could carry out what was read.
	By Confirm
	// Read is, where By is [AfterStranger], what was read, as half a sentence:
	// "words that anybody may have written were read before, in octo/hello at github".
	Read string
}

// String is half a sentence: "VALET_CONFIRM=writes", or what was read.
func (c Cause) String() string {
	if c.By == AfterStranger {
		return c.Read
	}
	return "VALET_CONFIRM=" + string(c.By)
}

// Refused is the error of a request that may not be sent at all.
type Refused struct {
	// By is what forbids it, or Waiting: a later request of a call would have needed
	// the person's word.
	By Decision
	// Text says so to a model, and what mends it.
	Text string
}

func (r *Refused) Error() string { return r.Text }

func refused(by Decision, format string, args ...any) error {
	return &Refused{by, fmt.Sprintf(format, args...)}
}

// IsHeld tells whether an error means that the gate has kept a request back, so
// that it never reached the service.
func IsHeld(err error) bool {
	var planned *Planned
	var unconfirmed *Unconfirmed
	var refusal *Refused
	return errors.As(err, &planned) || errors.As(err, &unconfirmed) || errors.As(err, &refusal)
}

// maxBody is how long the body of a request may be to be judged, in bytes. What a
// model writes is shorter by far.
const maxBody = 64 << 20

// requestOf reads a request and leaves it to be sent.
func requestOf(r *http.Request) (Request, error) {
	of := Request{Method: r.Method, URL: r.URL.String(), Header: http.Header{}}
	for _, name := range []string{"If-Match", "If-Unmodified-Since", "Prefer", "Content-Type"} {
		if values := r.Header.Values(name); len(values) > 0 {
			of.Header[name] = values
		}
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	content, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body.Close()
	switch {
	case err != nil:
		return of, refused(byBody, "nothing was sent: the request can't be read: %v", err)
	case len(content) > maxBody:
		return of, refused(byBody, "nothing was sent: the request is longer than %d MiB, which is more than can be judged", maxBody>>20)
	}
	r.TransferEncoding, r.Trailer, r.ContentLength = nil, nil, int64(len(content))
	if len(content) == 0 {
		r.Body, r.GetBody = http.NoBody, nil
		return of, nil
	}
	// What is sent, and sent again, is what was judged, whatever was said of it.
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	r.Body, _ = r.GetBody()
	of.Body = string(content)
	return of, nil
}
