package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Record is one call, as it is written down. What isn't known is left out.
type Record struct {
	// Prev is the SHA-256 of the record before, of its bytes without the end of the
	// line, in hexadecimal; "" for the first one. [Log.Append] fills it in.
	Prev string `json:"prev"`
	Time Time   `json:"time"`
	// Phase is empty for a call that has one record. One that is written down before
	// it is made as well has two, Begun and Done, with the same Call.
	Phase Phase  `json:"phase,omitempty"`
	Call  string `json:"call,omitempty"`
	// Host is the program that called, by its own word, and Request what it calls
	// the call by.
	Host        string `json:"host,omitempty"`
	HostVersion string `json:"host_version,omitempty"`
	Request     string `json:"request,omitempty"`

	Tool    string `json:"tool"`
	Class   string `json:"class,omitempty"`
	Service string `json:"service,omitempty"`
	Account string `json:"account,omitempty"`
	// Target is method, host and path of what was asked of the service, and
	// ServiceRequest what the service calls that by.
	Target         string `json:"target,omitempty"`
	ServiceRequest string `json:"service_request,omitempty"`
	// Decision is whether the call was let through, and Outcome what came of it.
	Decision string `json:"decision,omitempty"`
	Outcome  string `json:"outcome,omitempty"`
	// Milliseconds is how long it took, and Bytes how long the answer was.
	Milliseconds float64 `json:"ms"`
	Bytes        int     `json:"bytes"`
	// Arguments are by name what the call was given, or hashes of it.
	Arguments map[string]string `json:"arguments,omitempty"`
}

// Phase tells the two records of one call apart.
type Phase string

// The phases.
const (
	Begun Phase = "begun"
	Done  Phase = "done"
)

// Time is written in UTC, to the millisecond.
type Time struct{ time.Time }

// MarshalJSON implements [json.Marshaler], in the manner of RFC 3339.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z07:00"`)), nil
}

// maxLine is how long a record may be, in bytes.
const maxLine = 1 << 20

// line is the record as it is written, with the end of its line.
func (r Record) line() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return nil, err
	}
	if text.Len() > maxLine {
		return nil, fmt.Errorf("the record is longer than %d bytes", maxLine)
	}
	return text.Bytes(), nil
}

var errNoRecord = errors.New("it is no record")

// parse reads a line that holds a record and nothing else. What it doesn't know of one,
// as of another version's, it leaves out.
func parse(line []byte) (Record, error) {
	var r Record
	err := json.Unmarshal(line, &r)
	if r.Time.IsZero() || r.Tool == "" {
		return r, cmp.Or(err, errNoRecord)
	}
	return r, nil
}

// isRecord tells what parse does, in half the time.
func isRecord(line []byte) bool {
	var r struct {
		Time Time   `json:"time"`
		Tool string `json:"tool"`
	}
	_ = json.Unmarshal(line, &r)
	return !r.Time.IsZero() && r.Tool != ""
}
