package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is what the token endpoint does wrong once.
type Fault struct {
	// Status is answered at once, with a page a gateway could have sent, and the request isn't looked at. 0: it is carried out.
	Status int
	// RetryAfter goes with Status as the header Retry-After, in whole seconds, rounded up; 0 means no header.
	RetryAfter time.Duration
	// Dropped drops the connection before the request is looked at.
	Dropped bool
	// Lost drops the connection after the request was carried out: the answer is lost, the code or refresh token is spent.
	Lost bool
}

// FailToken makes the token endpoint fail, once for each fault, from the next request on, after the faults still waiting.
func (s *Sandbox) FailToken(f ...Fault) {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.waiting = append(s.faults.waiting, f...)
}

type faults struct {
	mu      sync.Mutex
	waiting []Fault // guarded by mu
}

// next takes the fault for one request; the zero Fault is none.
func (f *faults) next() Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 {
		return Fault{}
	}
	fault := f.waiting[0]
	f.waiting = f.waiting[1:]
	return fault
}

func (f Fault) write(w http.ResponseWriter) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(wholeSeconds(f.RetryAfter), 10))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(f.Status)
	fmt.Fprintf(w, "<!doctype html><title>%d</title><h1>%d %s</h1>\n", f.Status, f.Status, http.StatusText(f.Status))
}
