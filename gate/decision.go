package gate

import "errors"

// Decision is what became of a call, or of one request, in a word. Where it was
// refused, that is the By of the [Refused]. The audit log knows these words.
type Decision string

// The decisions that are no refusal.
const (
	Allowed   Decision = "allowed"
	Confirmed Decision = "confirmed"
	Shown     Decision = "dry_run"
	Waiting   Decision = "unconfirmed"
)

// What refuses a request.
const (
	byBody    Decision = "body"
	byBudget  Decision = "budget"
	byPath    Decision = "path"
	byReading Decision = "reading"
	byRole    Decision = "role"
	byStop    Decision = "stop"
)

// DecisionOf tells it from a call and its error; without a call, from that of one
// request.
func DecisionOf(call *Call, err error) Decision {
	var planned *Planned
	var unconfirmed *Unconfirmed
	var refused *Refused
	switch {
	case errors.As(err, &refused), call != nil && errors.As(call.Refusal(), &refused):
		return refused.By
	case errors.As(err, &unconfirmed):
		return Waiting
	case errors.As(err, &planned), call != nil && call.DryRun:
		return Shown
	case call != nil && call.Confirmed != (Fingerprint{}):
		return Confirmed
	}
	return Allowed
}
