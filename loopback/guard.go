package loopback

import (
	"net"
	"net/http"
	"slices"
	"sync"
)

// mostConnections is more than browsers open, and less than hurts.
const mostConnections = 64

// guard keeps the number of connections bounded: one too many closes the one
// that has been there longest, other than those of a browser which has brought
// the answer. So nobody can keep a browser out by doing nothing.
type guard struct {
	mu      sync.Mutex
	waiting []net.Conn // oldest first
	held    int
	all     sync.WaitGroup
}

// follow is a [http.Server.ConnState].
func (g *guard) follow(c net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		g.all.Add(1)
		g.waiting = append(g.waiting, c)
		if len(g.waiting)+g.held > mostConnections {
			g.waiting[0].Close()
			g.waiting = g.waiting[1:]
		}
	case http.StateClosed:
		g.remove(c)
		g.all.Done()
	}
}

func (g *guard) remove(c net.Conn) {
	g.waiting = slices.DeleteFunc(g.waiting, func(other net.Conn) bool { return other == c })
}

// hold keeps a connection from being closed until the function is called.
func (g *guard) hold(c net.Conn) (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.remove(c)
	g.held++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.held--
	}
}

// closeWaiting closes all connections that aren't held, and waits until every
// one has ended. Call it when there are no more to come.
func (g *guard) closeWaiting() {
	g.mu.Lock()
	for _, c := range g.waiting {
		c.Close()
	}
	g.mu.Unlock()
	g.all.Wait()
}
