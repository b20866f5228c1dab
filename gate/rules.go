package gate

import (
	"context"
	"fmt"
	"time"

	"github.com/valetkey/valetkey/policy"
)

// Rules are those of the whole process, for every service. Without any, or without
// Untrusted, all that goes outward has to be asked about.
type Rules struct {
	Confirm Confirm
	// Stop is the file that halts every change while it is there.
	Stop StopFile
	// Own is the one of Stop that this process must be able to look at; of the others
	// those don't count that a sandbox keeps from it. "": all must.
	Own string
	// OutOfReach is why nobody could stop this process, and what mends that. Then it
	// changes nothing; nil: somebody could.
	OutOfReach error
	// Budget is how many changes there may be; nil: any number.
	Budget *Budget
	// Untrusted remembers what strangers' words were read.
	Untrusted *Untrusted
}

// Confirm says which changes the person is asked about first.
type Confirm string

// What is asked about, from nothing to everything. Untrusted is what the others
// but Never include: words of strangers were read from a public place, and the
// change could carry something out.
const (
	Never         Confirm = "never"
	AfterStranger Confirm = "untrusted"
	Losses        Confirm = "destructive"
	Writes        Confirm = "writes"
)

// ParseConfirm reads the value of VALET_CONFIRM; "" is untrusted.
func ParseConfirm(text string) (Confirm, error) {
	switch c := Confirm(text); c {
	case "":
		return AfterStranger, nil
	case Never, AfterStranger, Losses, Writes:
		return c, nil
	}
	return AfterStranger, fmt.Errorf("VALET_CONFIRM=%.60q is not one of never, untrusted, destructive, writes", text)
}

// asks says why the person is asked before a call changes something, if they are.
func (g *Gate) asks(ctx context.Context, call *Call, place string) Cause {
	switch confirm := g.Rules.confirm(); {
	case confirm == Never:
		return Cause{}
	case confirm == Writes, confirm == Losses && call.Access != policy.Write:
		return Cause{By: confirm}
	}
	if read := g.Rules.untrusted().asks(ctx, g, call, place); read != "" {
		return Cause{AfterStranger, read}
	}
	return Cause{}
}

func (r *Rules) confirm() Confirm {
	if r == nil {
		return AfterStranger
	}
	return r.Confirm
}

func (r *Rules) stopped() error {
	switch {
	case r == nil:
		return nil
	case r.OutOfReach != nil:
		return refused(byStop, "nothing was sent: %v", r.OutOfReach)
	}
	return r.Stop.check(r.Own)
}

func (r *Rules) spend() (time.Time, error) {
	if r == nil {
		return time.Time{}, nil
	}
	return r.Budget.spend()
}

func (r *Rules) refund(at time.Time) {
	if r != nil {
		r.Budget.refund(at)
	}
}

func (r *Rules) untrusted() *Untrusted {
	if r == nil {
		return nil
	}
	return r.Untrusted
}
