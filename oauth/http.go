package oauth

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	requestTimeout = 30 * time.Second
	maxBody        = 1 << 20
)

// NewHTTPClient answers a client for authorization servers: 30 s a request,
// TLS 1.2 or later, the environment's proxy, and no redirect followed, since a
// 307 would send the form with its secrets on to wherever it points.
func NewHTTPClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return &http.Client{Timeout: requestTimeout, Transport: transport, CheckRedirect: stay}
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// ErrUnsafeAddress says that an address is neither https nor http on this very
// machine.
var ErrUnsafeAddress = errors.New("the address is neither https nor http on a loopback host")

// CheckAddress answers nil for an address a person or a secret may be sent to:
// https, or http on a loopback host (RFC 8252 §8.3), without a user name in it.
func CheckAddress(raw string) error {
	address, err := url.Parse(raw)
	if err != nil || address.Host == "" || address.User != nil || strings.ContainsFunc(raw, isUnprintable) {
		return fmt.Errorf("%w: %.100q", ErrUnsafeAddress, raw)
	}
	if address.Scheme == "https" || address.Scheme == "http" && isLoopback(address.Hostname()) {
		return nil
	}
	return fmt.Errorf("%w: %.100q", ErrUnsafeAddress, raw)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func isUnprintable(r rune) bool { return r <= ' ' || r == 0x7f || r > 0x7e }
