package sandbox

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// The one client the sandbox knows. The secret is optional, as for a public client (RFC 6749 §2.1); one that is sent must be right.
const (
	ClientID     = "valetkey-example-client"
	ClientSecret = "valetkey-example-secret"
)

// Options says how a Sandbox behaves. The zero value is an RFC 8628 server on a free port.
type Options struct {
	// Address is where to listen: a loopback host and a port. "" means "127.0.0.1:0", a free port.
	Address string
	// GitHubManners makes it answer as GitHub does: errors of the token endpoint with status 200 and GitHub's own codes, answers
	// form-encoded unless Accept asks for JSON, the new interval inside slow_down, no verification_uri_complete, scopes
	// separated by commas and without those another one includes. Otherwise it answers as the RFCs say.
	GitHubManners bool
	// DeviceFlowDisabled refuses the device flow, as for an app whose owner has not switched it on.
	DeviceFlowDisabled bool
	// CodeFlowDisabled refuses the flow with an authorization code (RFC 6749 §4.1) as for an app that may not use it. With
	// GitHubManners that flow takes the client's secret.
	CodeFlowDisabled bool
	// Interval is the least time between two polls for one device code; 0 means 5 s. Answers state it in whole seconds, rounded up.
	Interval time.Duration
	// CodeLifetime is how long a device code and its user code live; 0 means 15 min.
	CodeLifetime time.Duration
	// TokenLifetime is how long an access token lives. 0: tokens don't expire and there is no refresh token, as for a GitHub OAuth App.
	TokenLifetime time.Duration
	// Grace is how long a device code or a refresh token that was just used may be used again, as by a client that has not got the
	// answer. 0: not at all, as at GitHub, where a used refresh token ends its family.
	Grace time.Duration
	// Now is the clock; nil means time.Now. It is called from several goroutines at a time.
	Now func() time.Time
}

// complete fills in the defaults and refuses what can't be.
func (o Options) complete() (Options, error) {
	for name, d := range map[string]time.Duration{"Interval": o.Interval, "CodeLifetime": o.CodeLifetime, "TokenLifetime": o.TokenLifetime} {
		if d < 0 {
			return o, fmt.Errorf("sandbox: %s is %s; use 0 or more", name, d)
		}
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:0"
	}
	if o.Interval == 0 {
		o.Interval = 5 * time.Second
	}
	if o.CodeLifetime == 0 {
		o.CodeLifetime = 15 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	address, err := loopbackAddress(o.Address)
	o.Address = address
	return o, err
}

// loopbackAddress is address with "localhost" replaced by the number, so that no name is looked up.
func loopbackAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("sandbox: address %q: use a host and a port, such as 127.0.0.1:0", address)
	}
	if !isLoopbackHost(host) {
		return "", fmt.Errorf("sandbox: address %q is not on this machine alone; use 127.0.0.1:0", address)
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// isLoopbackHost tells whether host, without a port, is "localhost" or a loopback address.
func isLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Zone() == "" && ip.IsLoopback()
}
