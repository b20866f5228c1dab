package gate

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/valetkey/valetkey/policy"
)

// Outward says whether what a call writes can be read by people who could not
// read it before.
type Outward int

// Where what is written ends up.
const (
	Nowhere  Outward = iota // with those who may see it anyway
	InPublic                // with anybody, if the place is public
	Anywhere                // with anybody
)

// Call is one call of a tool, as the gate sees it. Its exported fields are set
// before the first request, by whoever makes the call; the rest is safe for
// concurrent use.
type Call struct {
	// Tool is its name, and Access what this call is declared to do at most.
	Tool   string
	Access policy.Access
	// ByPath: the model chose the requests itself, by their paths.
	ByPath bool
	// Strangers: what it reads may have been written by anybody.
	Strangers bool
	Outward   Outward
	// Place is where it reads or writes, such as owner/name; "": by the request.
	Place string
	// DryRun: what it would change is shown and not sent.
	DryRun bool
	// Confirmed is the request that the person has agreed to.
	Confirmed Fingerprint

	mu sync.Mutex
	// changes are those on their way or sent, and spent when the first was paid for.
	changes int
	spent   time.Time
	held    []Request
	refusal error
	seen    []Seen
	read    []source // where strangers wrote; see Answered
	quotes  bool
}

// Seen is a request that a call was let send.
type Seen struct {
	Method string
	// Target is host and path, without a query.
	Target string
	// Status is that of the answer; 0: there was none.
	Status int
	// ID is what the service calls the request by; "" where it doesn't say.
	ID string
	// Changes: it was one to change something.
	Changes bool
	// Unsent: it never left, as without a sign-in or a connection.
	Unsent bool
}

type callKey struct{}

// With is the context of everything that a call does.
func With(ctx context.Context, call *Call) context.Context {
	return context.WithValue(ctx, callKey{}, call)
}

// From answers the call that a context belongs to; nil: none.
func From(ctx context.Context) *Call {
	call, _ := ctx.Value(callKey{}).(*Call)
	return call
}

// Passed tells whether something was sent to be changed.
func (c *Call) Passed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changes > 0
}

// Quote says that the answer of this call shows words that it didn't give itself. They
// don't count as words of strangers read, as the names of labels and milestones don't,
// which those give who may change something there.
func (c *Call) Quote() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quotes = true
}

// Quotes tells whether the answer may show words of others.
func (c *Call) Quotes() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Strangers || c.quotes
}

// Held answers the requests that a dry run didn't send.
func (c *Call) Held() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.held)
}

// Refusal is the first error that the gate gave the call instead of an answer: an
// [*Unconfirmed] or a [*Refused]; nil: none.
func (c *Call) Refusal() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refusal
}

// Requests answers what was let through, in its order: up to a hundred, and behind
// them the first change of all, and the first that was sent, if those came later.
func (c *Call) Requests() []Seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

const maxSeen = 100

func (c *Call) saw(s Seen) {
	c.mu.Lock()
	defer c.mu.Unlock()
	isFirst := s.Changes && !slices.ContainsFunc(c.seen, func(before Seen) bool { return before.Changes && before.Unsent == s.Unsent })
	if len(c.seen) < maxSeen || isFirst {
		c.seen = append(c.seen, s)
	}
}

const maxHeld = 20

func (c *Call) hold(r Request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) < maxHeld {
		c.held = append(c.held, r)
	}
	return &Planned{r}
}

// refuse keeps the first error that isn't what a dry run wants. A nil call keeps
// nothing.
func (c *Call) refuse(err error) error {
	var planned *Planned
	if c == nil || errors.As(err, &planned) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refusal == nil {
		c.refusal = err
	}
	return err
}

// begin pays for the first change. The others come with it.
func (c *Call) begin(spend func() (time.Time, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes == 0 {
		at, err := spend()
		if err != nil {
			return err
		}
		c.spent = at
	}
	c.changes++
	return nil
}

// takeBack is for a change that was let pass and never sent. If it was the only
// one, it has cost nothing.
func (c *Call) takeBack(refund func(time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes--; c.changes == 0 {
		refund(c.spent)
	}
}
