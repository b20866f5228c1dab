package loopback

import (
	"cmp"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// session is one Wait: a server on the port, and what it has met so far.
type session struct {
	flow *Flow
	a    *Authorization
	// hosts are what the port is called, and callback and start the paths.
	hosts           []string
	callback, start string

	guard     guard
	listeners []net.Listener
	serving   sync.WaitGroup
	// first passes on the first answer to this sign-in; got is closed with it.
	once  sync.Once
	first chan callback
	got   chan struct{}
	// last is the page for whoever has brought an answer, once ended is closed.
	end   sync.Once
	last  page
	ended chan struct{}
}

// open serves the port of an authorization: the one it holds, or the one that
// another has left.
func (f *Flow) open(ctx context.Context, a *Authorization) (*session, error) {
	redirect, number, err := parseRedirectURI(a.RedirectURI)
	if err != nil {
		return nil, err
	}
	listeners := a.door.take()
	if listeners == nil {
		d, _, err := listen(ctx, redirect.Hostname(), number)
		if err != nil {
			return nil, err
		}
		listeners = d.take()
	}
	host := redirect.Hostname()
	s := &session{
		flow: f, a: a, listeners: listeners,
		hosts:    []string{withoutDefault(hostPort(host, number)), withoutDefault(hostPort(startHost(host), number))},
		callback: cmp.Or(redirect.EscapedPath(), "/"),
		first:    make(chan callback, 1), got: make(chan struct{}), ended: make(chan struct{}),
	}
	if start, err := url.Parse(a.StartURI); err == nil {
		s.start = start.EscapedPath()
	}
	s.serve()
	return s, nil
}

// withoutDefault: a browser leaves out the port that http has anyway.
func withoutDefault(host string) string { return strings.TrimSuffix(host, ":80") }

type connection struct{}

func (s *session) serve() {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ConnState:         s.guard.follow,
		// Its answer would lack the protection of ours.
		DisableGeneralOptionsHandler: true,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connection{}, c)
		},
		// What it would say is about requests nobody here has made.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	// So that a connection ends with its answer.
	server.SetKeepAlivesEnabled(false)
	for _, l := range s.listeners {
		s.serving.Go(func() { _ = server.Serve(l) })
	}
}

// finish shows a page to those who have brought an answer, frees the port and
// waits until all has ended. Only the first page counts.
func (s *session) finish(last page) {
	s.end.Do(func() {
		s.last = last
		close(s.ended)
		_ = closeAll(s.listeners)
		s.serving.Wait()
		s.guard.closeWaiting()
	})
}

// ServeHTTP implements [http.Handler]. Another host is a page of somebody else
// whose name has been made to point here.
func (s *session) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	protect(w.Header())
	path := r.URL.EscapedPath()
	switch {
	case !slices.Contains(s.hosts, withoutDefault(r.Host)):
		refuse(w, http.StatusMisdirectedRequest)
	case path != s.callback && path != s.start:
		refuse(w, http.StatusNotFound)
	case r.Method == http.MethodHead:
		send(w, http.StatusOK, "text/html; charset=utf-8", "")
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed)
	case path == s.callback:
		s.serveCallback(w, r)
	default:
		s.serveStart(w, r)
	}
}

func refuse(w http.ResponseWriter, status int) {
	send(w, status, "text/plain; charset=utf-8", http.StatusText(status)+"\n")
}

// serveStart leads to the provider, but not twice.
func (s *session) serveStart(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.got:
		s.hold(w, r, func() {})
	default:
		w.Header().Set("Location", s.a.AuthorizationURI)
		send(w, http.StatusFound, "text/plain; charset=utf-8", "")
	}
}

func (s *session) serveCallback(w http.ResponseWriter, r *http.Request) {
	answer, ok := s.flow.read(s.a, r.URL.RawQuery)
	if !ok {
		stranger(s.flow.Title).write(w, s.flow.Title)
		return
	}
	s.hold(w, r, func() {
		s.once.Do(func() {
			s.first <- answer
			close(s.got)
		})
	})
}

// hold keeps the browser waiting until it is known what to tell it. then is
// called once the connection can't be closed any more.
func (s *session) hold(w http.ResponseWriter, r *http.Request, then func()) {
	if c, ok := r.Context().Value(connection{}).(net.Conn); ok {
		defer s.guard.hold(c)()
	}
	then()
	select {
	case <-s.ended:
		s.last.write(w, s.flow.Title)
	case <-r.Context().Done():
	}
}
