package oauth

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
)

// ErrInside says that an address which came from a server leads to this
// machine or into its network.
var ErrInside = errors.New("the address lies on this machine or inside its network, where a server may not send valetkey")

// ForeignTransport answers a transport for addresses that came from a server,
// such as a redirect to another host, and not from a person's configuration. It
// connects to no private, loopback, link-local or multicast address, and looks
// at what a name has turned out to be, so that a name which points inside is
// refused as well. Names that a proxy looks up are the proxy's to judge. The
// error is [ErrInside].
func (n Network) ForeignTransport() http.RoundTripper {
	direct := n.transport()
	direct.DialContext = (&net.Dialer{Timeout: connectTimeout, Control: refuseInside}).DialContext
	return &foreign{proxyFor: n.proxyFor, direct: direct, proxied: n.transport()}
}

// foreign has a transport of its own for each way, since a proxy may well have
// a private address.
type foreign struct {
	proxyFor        func(*http.Request) (*url.URL, error)
	direct, proxied *http.Transport
}

// RoundTrip implements [http.RoundTripper].
func (f *foreign) RoundTrip(r *http.Request) (*http.Response, error) {
	way := f.proxied
	if proxy, err := f.proxyFor(r); proxy == nil && err == nil {
		way = f.direct
	}
	if address, err := netip.ParseAddr(r.URL.Hostname()); err == nil && isInside(address) {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, fmt.Errorf("%s: %w", r.URL.Host, ErrInside)
	}
	response, err := way.RoundTrip(r)
	if errors.Is(err, ErrInside) {
		return nil, fmt.Errorf("%s: %w", r.URL.Host, ErrInside)
	}
	return response, err
}

// CloseIdleConnections implements what [http.Client.CloseIdleConnections] asks
// for.
func (f *foreign) CloseIdleConnections() {
	f.direct.CloseIdleConnections()
	f.proxied.CloseIdleConnections()
}

// refuseInside is a dialer's control function: address is what the name has
// been resolved to.
func refuseInside(_, address string, _ syscall.RawConn) error {
	resolved, err := netip.ParseAddrPort(address)
	if err != nil || isInside(resolved.Addr()) {
		return ErrInside
	}
	return nil
}

// isInside tells what is no address of the public internet. An IPv4 address
// is looked for inside an IPv6 one, too.
func isInside(address netip.Addr) bool {
	address = address.WithZone("").Unmap()
	if netip.MustParsePrefix("64:ff9b::/96").Contains(address) {
		// RFC 6052 §2.2: the last four bytes.
		bytes := address.As16()
		address, _ = netip.AddrFromSlice(bytes[12:])
	}
	for _, inside := range []string{
		"0.0.0.0/8",     // this network, RFC 1122 §3.2.1.3
		"100.64.0.0/10", // a provider's own, RFC 6598 §7
		"240.0.0.0/4",   // reserved, and the broadcast address, RFC 1112 §4
	} {
		if netip.MustParsePrefix(inside).Contains(address) {
			return true
		}
	}
	return address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() || address.IsMulticast() || address.IsUnspecified()
}
