package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Sandbox is a running practice server. Its methods are safe for concurrent use.
type Sandbox struct {
	options Options
	url     string
	close   func() error

	record  recorder
	faults  faults
	devices *devices
	tokens  *tokens
	codes   *codes
	page    *page
	account atomic.Pointer[string]
}

// Start listens and serves until Close. The error says which option is wrong or why the address can't be had.
func Start(o Options) (*Sandbox, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	page, err := newPage()
	if err != nil {
		return nil, fmt.Errorf("sandbox: the sign-in page: %w", err)
	}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{
		options: o,
		url:     "http://" + listener.Addr().String(),
		devices: newDevices(o),
		tokens:  newTokens(o),
		codes:   newCodes(o),
		page:    page,
	}
	s.close = serve(listener, s.handler())
	return s, nil
}

// URL is the address of the server, without a slash at the end: http://127.0.0.1:PORT.
func (s *Sandbox) URL() string { return s.url }

// Close stops the server and waits until nothing of it runs. Requests on their way are cut off. Closing again changes nothing.
func (s *Sandbox) Close() error { return s.close() }

// Approve does what a person does who types userCode and approves, without a browser. Spelling is free, as on the page.
// The error is ErrUnknownCode, ErrExpiredCode or ErrUsedCode.
func (s *Sandbox) Approve(userCode string) error { return s.devices.decide(userCode, approved) }

// Deny is Approve's opposite, with the same errors.
func (s *Sandbox) Deny(userCode string) error { return s.devices.decide(userCode, denied) }

// SetAccount changes who approves sign-ins from now on, and so whom the API says its tokens belong to: "mona-example" until then.
func (s *Sandbox) SetAccount(name string) { s.account.Store(&name) }

func (s *Sandbox) accountName() string {
	if name := s.account.Load(); name != nil {
		return *name
	}
	return githubAccount
}

// IssueToken makes an access token that doesn't expire, as a person does who makes one in the settings.
func (s *Sandbox) IssueToken(scopes ...string) string { return s.tokens.issueLasting(scopes) }

// RevokeTokens ends every access token given out so far: the API answers 401 to them. Refresh tokens go on working.
func (s *Sandbox) RevokeTokens() { s.tokens.revokeAccess() }

// RevokeGrants ends every access token and every refresh token given out so far, as when a person removes the app in the settings.
func (s *Sandbox) RevokeGrants() { s.tokens.revokeAll() }

func (s *Sandbox) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler(pagePath, http.StatusSeeOther))
	mux.HandleFunc("GET "+metadataPath, s.serveMetadata)
	mux.HandleFunc("POST "+devicePath, s.serveDeviceAuthorization)
	mux.HandleFunc("GET "+authorizePath, s.serveAuthorization)
	mux.HandleFunc("POST "+authorizePath, s.submitAuthorization)
	mux.HandleFunc("POST "+tokenPath, s.serveToken)
	mux.HandleFunc("POST "+revokePath, s.serveRevocation)
	mux.HandleFunc("GET "+pagePath, s.showPage)
	mux.HandleFunc("POST "+pagePath, s.submitPage)
	mux.HandleFunc("DELETE /api/v3/applications/{client_id}/token", s.serveDeleteToken)
	api := newGitHubAPI(s.options.Now, s.who, s.accountName)
	mux.Handle("/api/v3/", api)
	mux.Handle("/api/graphql", api)
	mux.Handle(graphPrefix+"/", newGraphAPI(s.options.Now, s.who))
	mux.Handle(googlePrefix+"/", newGoogleCalendar(s.options.Now, s.who, s.accountName))
	return s.record.wrap(s.options.Now, loopbackOnly(http.NewCrossOriginProtection().Handler(mux)))
}

// loopbackOnly refuses a request that names another host: a web page whose name was made to lead here (DNS rebinding) sends its own name.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopbackHost((&url.URL{Host: r.Host}).Hostname()) {
			http.Error(w, "this server answers to 127.0.0.1 and localhost only", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serve serves in a goroutine; the function it returns stops that and waits for it and for every connection.
func serve(listener net.Listener, handler http.Handler) func() error {
	var connections, server sync.WaitGroup
	h := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    64 << 10,
		ConnState:         count(&connections),
	}
	var served error
	server.Go(func() { served = h.Serve(listener) })
	return sync.OnceValue(func() error {
		err := h.Close()
		server.Wait()
		connections.Wait()
		if !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
}

// count keeps connections at the number of open connections; each has a goroutine of its own.
func count(connections *sync.WaitGroup) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			connections.Add(1)
		case http.StateClosed, http.StateHijacked:
			connections.Done()
		}
	}
}
