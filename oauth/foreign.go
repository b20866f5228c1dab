package oauth

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
)

// ErrInside says that an address which came from a server leads to this
// machine or into its network.
var ErrInside = errors.New("the address lies on this machine or inside its network, where a server may not send valetkey")

// ForeignTransport answers a transport for addresses that came from a server,
// such as a redirect to another host, and not from a person's configuration. It
// connects to no address that isn't one of the public internet, and looks at
// what a name has turned out to be, so that a name which points inside is
// refused as well. Names that a proxy looks up are the proxy's to judge. The
// error is [ErrInside].
func (n Network) ForeignTransport() http.RoundTripper { return n.foreign() }

// ForeignTokenClient is [Network.TokenClient] for the endpoints that an issuer
// out there has named, with the limits of [Network.ForeignTransport].
func (n Network) ForeignTokenClient() *http.Client {
	way := n.foreign()
	way.direct.DisableKeepAlives, way.proxied.DisableKeepAlives = true, true
	return tokenClient(way)
}

func (n Network) foreign() *foreign {
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
// is looked for inside an IPv6 one, too: RFC 4291 §2.5.5.2, and RFC 6052 §2.2
// for the prefix that all translators share. One that a network has chosen for
// its own translator can't be told from any other.
func isInside(address netip.Addr) bool {
	address = address.WithZone("").Unmap()
	if netip.MustParsePrefix("64:ff9b::/96").Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	return slices.ContainsFunc(notPublic(), func(prefix string) bool {
		return netip.MustParsePrefix(prefix).Contains(address)
	})
}

// notPublic answers the prefixes that lead to nobody's public server, as the
// IANA special-purpose address registries (RFC 6890) and address spaces list
// them. Those blocks of the registries that are reachable from everywhere and
// may hold a server are left out.
//
// https://www.iana.org/assignments/iana-ipv4-special-registry
// https://www.iana.org/assignments/iana-ipv6-special-registry
// https://www.iana.org/assignments/ipv6-address-space
func notPublic() []string {
	return []string{
		"0.0.0.0/8",       // this network, RFC 791 §3.2
		"10.0.0.0/8",      // private, RFC 1918
		"100.64.0.0/10",   // between a provider and its customers, RFC 6598
		"127.0.0.0/8",     // loopback, RFC 1122 §3.2.1.3
		"169.254.0.0/16",  // link-local, RFC 3927
		"172.16.0.0/12",   // private, RFC 1918
		"192.0.0.0/24",    // protocol assignments, RFC 6890 §2.1
		"192.0.2.0/24",    // documentation, RFC 5737
		"192.88.99.0/24",  // relays of 6to4, withdrawn, RFC 7526
		"192.168.0.0/16",  // private, RFC 1918
		"198.18.0.0/15",   // benchmarking, RFC 2544
		"198.51.100.0/24", // documentation, RFC 5737
		"203.0.113.0/24",  // documentation, RFC 5737
		"224.0.0.0/4",     // multicast, RFC 5771
		"240.0.0.0/4",     // reserved, and broadcast, RFC 1112 §4 and RFC 919 §7

		// Public addresses of IPv6 are all within 2000::/3, RFC 4291 §2.4 and
		// the address space. These are the rest: unspecified, loopback, IPv4
		// inside (::/96, ::ffff:0:0:0/96), local translators (64:ff9b:1::/48,
		// RFC 8215), discard (100::/64, RFC 6666), segments (5f00::/16, RFC
		// 9602), unique local, link-local, site-local and multicast.
		"::/3",
		"4000::/2",
		"8000::/1",
		"2001::/23",     // protocol assignments, RFC 2928, with Teredo, RFC 4380
		"2001:db8::/32", // documentation, RFC 3849
		"2002::/16",     // 6to4, which leads to the IPv4 address inside, RFC 3056
		"3fff::/20",     // documentation, RFC 9637
	}
}
