package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// DefaultRedirect is where a browser comes back to, but for the port, if a [Flow]
// doesn't say.
const DefaultRedirect = "http://127.0.0.1/callback"

// parseRedirect reads a redirect address without a port (RFC 8252 §7.3). The
// error is [ErrRedirect].
func parseRedirect(raw string) (*url.URL, error) {
	if raw == "" {
		raw = DefaultRedirect
	}
	redirect, err := url.Parse(raw)
	if err != nil || redirect.Scheme != "http" || redirect.User != nil || redirect.Host == "" || redirect.Port() != "" || strings.ContainsAny(raw, "?#") {
		return nil, fmt.Errorf("%w: %.100q", ErrRedirect, raw)
	}
	switch redirect.Host {
	case "127.0.0.1", "[::1]", "localhost":
		return redirect, nil
	}
	return nil, fmt.Errorf("%w: %.100q", ErrRedirect, raw)
}

// parseRedirectURI reads what withPort has put together.
func parseRedirectURI(raw string) (redirect *url.URL, number int, err error) {
	redirect, err = url.Parse(raw)
	if err != nil {
		return nil, 0, ErrRedirect
	}
	number, err = strconv.Atoi(redirect.Port())
	if err != nil {
		return nil, 0, ErrRedirect
	}
	redirect.Host = strings.TrimSuffix(redirect.Host, ":"+redirect.Port())
	if redirect, err = parseRedirect(redirect.String()); err == nil && withPort(redirect, number) != raw {
		err = ErrRedirect
	}
	return redirect, number, err
}

func withPort(redirect *url.URL, number int) string {
	return "http://" + hostPort(redirect.Hostname(), number) + redirect.EscapedPath()
}

func hostPort(host string, number int) string { return net.JoinHostPort(host, strconv.Itoa(number)) }

// startHost is the address that is listened on for a host whatever happens.
func startHost(host string) string {
	if host == "localhost" {
		return "127.0.0.1"
	}
	return host
}

// door is a port taken, with one listener or, for localhost, two.
type door struct {
	mu        sync.Mutex
	listeners []net.Listener
}

// take answers the listeners to the first who asks, and none to the others.
func (d *door) take() []net.Listener {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := d.listeners
	d.listeners = nil
	return taken
}

func closeAll(listeners []net.Listener) error {
	var errs []error
	for _, l := range listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// listen takes the port, or any if it is 0. A browser may look for localhost at
// either of its addresses, so where there is IPv6 both are taken.
func listen(ctx context.Context, host string, number int) (*door, int, error) {
	const mostTries = 8
	for try := 1; ; try++ {
		d, got, err := listenOnce(ctx, host, number)
		if number == 0 && try < mostTries && errors.Is(err, ErrBusy) {
			continue
		}
		return d, got, err
	}
}

func listenOnce(ctx context.Context, host string, number int) (*door, int, error) {
	first, err := bind(ctx, startHost(host), number)
	if err != nil {
		return nil, 0, err
	}
	listeners := []net.Listener{first}
	number = first.Addr().(*net.TCPAddr).Port
	if host == "localhost" {
		second, err := bind(ctx, "::1", number)
		if errors.Is(err, ErrBusy) {
			first.Close()
			return nil, 0, err
		}
		if err == nil {
			listeners = append(listeners, second)
		}
	}
	return &door{listeners: listeners}, number, nil
}

func bind(ctx context.Context, host string, number int) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", hostPort(host, number))
	switch {
	case err == nil:
		return l, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case isBusy(err):
		return nil, fmt.Errorf("%w: port %d of %s", ErrBusy, number, host)
	}
	return nil, fmt.Errorf("port %d of %s can't be listened on; choose another: %w", number, host, err)
}

// isBusy knows Windows's numbers, too: WSAEADDRINUSE, and WSAEACCES for a port
// that another program has for itself alone
// (https://learn.microsoft.com/windows/win32/winsock/windows-sockets-error-codes-2).
// No other system has errors of these numbers.
func isBusy(err error) bool {
	const inUse, exclusive = syscall.Errno(10048), syscall.Errno(10013)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, inUse) || errors.Is(err, exclusive)
}
