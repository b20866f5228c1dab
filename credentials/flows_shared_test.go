package credentials_test

import (
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/sandbox"
)

// A sign-in through a browser is one for all processes: the page that one of them
// shows is the one that any of them has begun.
func TestBrowserSignInIsShared(t *testing.T) {
	t.Parallel()
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	w.shared()
	one, two := w.credential(), w.credential()
	first, second := required(t, w.call(one)), required(t, w.call(two))
	equal(t, "address", second.VerificationURI, first.VerificationURI)
	brief := w.options()
	brief.SignInElsewhere = true
	if err := w.call(w.with(brief)); err == nil || !strings.Contains(err.Error(), first.VerificationURI) {
		t.Errorf("a process that is gone in a moment says %v", err)
	}
	w.inBrowser(first, sandbox.ApproveInBrowser)
	must(t, w.call(one))
	w.tickUntil(second)
	must(t, w.call(two))
}

// The process that has begun a sign-in may end before the person is done: another
// one that knows of it takes its place, at the same address.
func TestBrowserSignInOutlivesItsProcess(t *testing.T) {
	// Alone: nobody else may take the port in between.
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	w.shared()
	one := credentials.New(w.options())
	first := required(t, w.call(one))
	one.Close()
	two := w.credential()
	second := required(t, w.call(two))
	equal(t, "address", second.VerificationURI, first.VerificationURI)
	w.inBrowser(second, sandbox.ApproveInBrowser)
	must(t, second.Err())
	must(t, w.call(two))
}

// Where another program has the port of a process that is gone, nobody is sent to
// it: there is a new sign-in, at another port.
func TestPortIsSquatted(t *testing.T) {
	// Alone: nobody else may take the port in between.
	w := browsing(t, sandbox.Options{})
	w.settings.Flow = "loopback"
	w.shared()
	one := credentials.New(w.options())
	first := required(t, w.call(one))
	one.Close()
	address, err := url.Parse(first.VerificationURI)
	must(t, err)
	squatter, err := net.Listen("tcp", address.Host)
	must(t, err)
	t.Cleanup(func() { squatter.Close() })
	two := w.credential()
	second := required(t, w.call(two))
	if second.VerificationURI == first.VerificationURI || strings.Contains(second.VerificationURI, address.Host) {
		t.Errorf("people are sent to a stranger: %s", second.VerificationURI)
	}
	w.inBrowser(second, sandbox.ApproveInBrowser)
	must(t, w.call(two))
}

// A fixed port that is taken is said, with its variable, and no other is tried.
func TestRedirectPort(t *testing.T) {
	// Alone: nobody else may take the port in between.
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	w := browsing(t, sandbox.Options{})
	w.settings.Flow, w.settings.RedirectPort = "loopback", port
	c := w.credential()
	if err := w.call(c); err == nil || !strings.Contains(err.Error(), port) || !strings.Contains(err.Error(), "GITHUB_REDIRECT_PORT") {
		t.Errorf("%v", err)
	}
	must(t, taken.Close())
	r := required(t, w.call(c))
	contains(t, "address", r.VerificationURI, "127.0.0.1:"+port)
	w.inBrowser(r, sandbox.ApproveInBrowser)
	must(t, w.call(c))
}
