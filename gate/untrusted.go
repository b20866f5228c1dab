package gate

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Untrusted remembers where a process has read what strangers wrote. Its zero
// value is ready, and it is safe for concurrent use.
type Untrusted struct {
	// Elsewhere: whoever calls may have read them by other means, as it is with a
	// process for a single call.
	Elsewhere bool

	mu sync.Mutex
	// from are the places that may be public, in the order they were read first.
	from []source
	// public is one that is; "": none is known.
	public string
	// known are the places that were asked about.
	known map[source]*visibility
}

// source is where something was read or is written: a place of a service.
type source struct {
	gate  *Gate
	place string
}

// String is for people: "octo/hello at github".
func (s source) String() string {
	if s.place == "" {
		return s.gate.Service
	}
	return s.place + " at " + s.gate.Service
}

// visibility is what a service says of a place, once it has said anything.
type visibility struct {
	asking       sync.Mutex
	said, public bool
}

const (
	// maxPlaces is how many are remembered by name; with more, one is taken for public.
	maxPlaces = 100
	// maxKnown is how many answers are kept.
	maxKnown = 1000
	// lookupTime is how long it may take to find out which places are public.
	lookupTime = 10 * time.Second
)

// Answered is for whoever makes a call, before its answer is passed on: what the
// call has read counts from then on, since nobody knew its words earlier.
func (c *Call) Answered() {
	c.mu.Lock()
	read := c.read
	c.read = nil
	c.mu.Unlock()
	for _, s := range read {
		s.gate.Rules.untrusted().read(s)
	}
}

// readAt notes where a call has read what strangers wrote.
func (c *Call) readAt(s source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.read, s) {
		c.read = append(c.read, s)
	}
}

// read keeps a place that was read. It is asked about where that matters, and not
// before.
func (u *Untrusted) read(s source) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.public != "" || slices.Contains(u.from, s):
	case s.gate.Public == nil || s.place == "" || len(u.from) >= maxPlaces:
		u.public, u.from = s.String(), nil
	default:
		u.from = append(u.from, s)
	}
}

// asks says what was read for which the person is asked before a call changes
// something at a place; "": they aren't.
func (u *Untrusted) asks(ctx context.Context, g *Gate, call *Call, place string) string {
	if call.Outward == Nowhere {
		return ""
	}
	if u == nil {
		return "nobody remembers whether words of strangers were read before"
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	from := "another process, for all that is known"
	if !u.Elsewhere {
		from = u.publicSource(ctx)
	}
	if from == "" || call.Outward == InPublic && !u.isPublic(ctx, source{g, place}) {
		return ""
	}
	return "words that anybody may have written were read before, in " + from
}

// publicSource is a public place that was read; "": none. One that couldn't be
// asked about is asked about again next time.
func (u *Untrusted) publicSource(ctx context.Context) string {
	u.mu.Lock()
	known, from := u.public, slices.Clone(u.from)
	u.mu.Unlock()
	if known != "" {
		return known
	}
	for _, s := range from {
		public, err := u.lookUp(ctx, s)
		switch {
		case err != nil:
			return s.String()
		case public:
			u.mu.Lock()
			defer u.mu.Unlock()
			u.public, u.from = s.String(), nil
			return u.public
		}
		u.mu.Lock()
		u.from = slices.DeleteFunc(u.from, func(other source) bool { return other == s })
		u.mu.Unlock()
	}
	return ""
}

// isPublic tells whether anybody may read a place, or nobody can say so.
func (u *Untrusted) isPublic(ctx context.Context, s source) bool {
	if s.gate.Public == nil || s.place == "" {
		return true
	}
	public, err := u.lookUp(ctx, s)
	return err != nil || public
}

// lookUp asks the service about a place, unless it has said something of it already.
// That is kept until there are maxKnown of them; then all are asked about again.
func (u *Untrusted) lookUp(ctx context.Context, s source) (public bool, err error) {
	v := u.visibilityOf(s)
	v.asking.Lock()
	defer v.asking.Unlock()
	if !v.said {
		v.public, err = s.gate.Public(ctx, &http.Client{Transport: onlyReading{s.gate.Next}}, s.gate.Base, s.place)
		v.said = err == nil
	}
	return v.public, err
}

func (u *Untrusted) visibilityOf(s source) *visibility {
	s.place = strings.ToLower(s.place)
	u.mu.Lock()
	defer u.mu.Unlock()
	if v := u.known[s]; v != nil {
		return v
	}
	if u.known == nil || len(u.known) >= maxKnown {
		u.known = map[source]*visibility{}
	}
	v := &visibility{}
	u.known[s] = v
	return v
}

// onlyReading is the way past the gate, for asking about places.
type onlyReading struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (o onlyReading) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet || r.Body != nil && r.Body != http.NoBody {
		closeBody(r)
		return nil, errors.New("asking about a place changes nothing")
	}
	return o.next.RoundTrip(r)
}
