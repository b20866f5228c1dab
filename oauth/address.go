package oauth

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ErrUnsafeAddress says that an address is neither https nor http on this very
// machine, or has a user name in it.
var ErrUnsafeAddress = errors.New("the address is neither https nor http on a loopback host")

// CheckAddress answers nil for an address a person or a secret may be sent to:
// https, or http on a loopback host (RFC 8252 §8.3), in ASCII, without a user
// name. The error is [ErrUnsafeAddress]; it shows scheme and host only.
func CheckAddress(raw string) error {
	_, err := parseAddress(raw)
	return err
}

func parseAddress(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, fmt.Errorf("%w: it is empty", ErrUnsafeAddress)
	}
	address, err := url.Parse(raw)
	if err != nil || strings.ContainsFunc(raw, isUnprintable) {
		return nil, fmt.Errorf("%w: it is malformed", ErrUnsafeAddress)
	}
	if address.User != nil {
		return nil, fmt.Errorf("%w: it has a user name in it", ErrUnsafeAddress)
	}
	host := address.Hostname()
	if address.Scheme == "https" && host != "" || address.Scheme == "http" && isLoopback(host) {
		return address, nil
	}
	return nil, fmt.Errorf("%w: %.100q", ErrUnsafeAddress, address.Scheme+"://"+address.Host)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// isUnprintable finds everything but visible ASCII characters.
func isUnprintable(r rune) bool { return r <= ' ' || r > '~' }
