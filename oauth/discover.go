package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// discoveryTimeout is for all requests of one [Discover].
const discoveryTimeout = 10 * time.Second

// Discover asks an issuer for its metadata, of at most 1 MiB, at the addresses
// of RFC 8414 §3 and of OpenID Connect Discovery 1.0 §4, one after the other,
// within 10 s. The client's redirects are followed at the issuer's host only.
// The error is [*TransportError], [*Error] or [ErrAnswer], [ErrInside] as well
// if the answer leads inside, and [ErrUnsafeAddress] before anything is sent.
func Discover(ctx context.Context, client *http.Client, issuer string) (*Metadata, error) {
	home, err := parseIssuer(issuer)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	var refused error
	for _, address := range wellKnown(home) {
		m, err := ask(limited, client, issuer, address)
		switch {
		case err == nil:
			return m, nil
		case ctx.Err() != nil:
			return nil, &TransportError{Err: ctx.Err()}
		}
		err = fmt.Errorf("%s: %w", address, err)
		if errors.As(err, new(*TransportError)) {
			return nil, err
		}
		if refused == nil || isDown(err) {
			// What passes says more than what doesn't.
			refused = err
		} else {
			refused = fmt.Errorf("%w; %w", refused, err)
		}
	}
	return nil, refused
}

// isDown reports whether a server can't be asked now.
func isDown(err error) bool {
	var refused *Error
	return errors.As(err, new(*TransportError)) || errors.As(err, &refused) && refused.Temporary()
}

// wellKnown answers where metadata can be: inserted before the issuer's path, or
// appended to it, or, as RFC 8414 §5 has it, the one's name at the other's place.
func wellKnown(issuer *url.URL) []string {
	const suffix, openID = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
	host, path := issuer.Scheme+"://"+issuer.Host, strings.TrimRight(issuer.EscapedPath(), "/")
	return slices.Compact([]string{host + suffix + path, host + path + openID, host + openID + path})
}

// ask makes one request.
func ask(ctx context.Context, client *http.Client, issuer, address string) (*Metadata, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, ErrUnsafeAddress
	}
	connected := &connection{host: target.Hostname()}
	request, err := http.NewRequestWithContext(connected.follow(ctx), http.MethodGet, address, nil)
	if err != nil {
		return nil, ErrUnsafeAddress
	}
	homely := *client
	homely.CheckRedirect = stayAtHost
	hide := newHiding(target, nil)
	got, err := fetch(&homely, request)
	switch {
	case err != nil:
		// A request without secrets may be repeated, so it counts as not sent.
		return nil, &TransportError{Err: causeOf(err, hide)}
	case got.status != http.StatusOK:
		return nil, &Error{Status: got.status}
	}
	answer, err := parse(got, hide)
	if err != nil {
		return nil, err
	}
	m, err := readMetadata(issuer, answer, isInsideHost(target.Hostname()) || connected.inside.Load())
	if err != nil {
		return nil, err
	}
	m.fresh, m.grace = freshness(got.header)
	return m, nil
}

func stayAtHost(r *http.Request, via []*http.Request) error {
	const most = 3
	if r.URL.Scheme != via[0].URL.Scheme || r.URL.Host != via[0].URL.Host || len(via) > most {
		return http.ErrUseLastResponse
	}
	return nil
}

// connection follows a request to know whether a host is inside. Where there is
// a proxy it isn't known, since only the proxy looks up the name.
type connection struct {
	host           string
	direct, inside atomic.Bool
}

func (c *connection) follow(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(address string) {
			host, _, _ := net.SplitHostPort(address)
			c.direct.Store(strings.EqualFold(host, c.host))
		},
		GotConn: func(info httptrace.GotConnInfo) {
			if c.direct.Load() && refuseInside("", info.Conn.RemoteAddr().String(), nil) != nil {
				c.inside.Store(true)
			}
		},
	})
}
