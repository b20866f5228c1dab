package oauth

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// RequestTimeout is how long a request may take, from the connection to the
// last byte of the answer.
const RequestTimeout = 30 * time.Second

const (
	connectTimeout = 10 * time.Second
	// headerTimeout leaves a server most of the time there is: one that is
	// given up too early may have used up a refresh token.
	headerTimeout = 25 * time.Second
	idleTimeout   = 90 * time.Second
	idlePerHost   = 64
	maxCAFile     = 8 << 20
)

// Network is the way to all servers. Everything it makes limits the time for
// connecting, for the TLS handshake and for the headers of the answer, takes
// TLS 1.2 or later, and leaves no certificate unchecked. The zero value uses the
// environment's proxy and the system's roots.
type Network struct {
	// Proxy leads to every host but this machine; the zero value is the
	// environment's (HTTPS_PROXY, NO_PROXY).
	Proxy Proxy
	// Roots are the certificate authorities trusted; nil: the system's. They
	// count for a proxy that is reached over TLS, too.
	Roots *x509.CertPool
}

// TokenClient answers a client for authorization servers: 30 s a request, and
// no redirect followed, since a 307 would send the form with its secrets on to
// wherever it points. Each request has a connection of its own: one kept alive
// that has died in the meantime would make it unknown whether a refresh token
// was used.
func (n Network) TokenClient() *http.Client {
	transport := n.transport()
	transport.DisableKeepAlives = true
	return tokenClient(transport)
}

func tokenClient(way http.RoundTripper) *http.Client {
	return &http.Client{Timeout: RequestTimeout, CheckRedirect: stay, Transport: way}
}

// CollectorClient answers a client for whoever collects traces, whose answers lead
// nowhere else. A request has no limit of its own but its context.
func (n Network) CollectorClient() *http.Client {
	return &http.Client{CheckRedirect: stay, Transport: n.transport()}
}

// APITransport answers a transport for the service a person has configured. It
// keeps up to 64 idle connections to a host, since calls come in bursts.
func (n Network) APITransport() http.RoundTripper { return n.transport() }

func (n Network) transport() *http.Transport {
	return &http.Transport{
		Proxy:                  n.proxyFor,
		OnProxyConnectResponse: checkConnect,
		DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  headerTimeout,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: n.Roots},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxBody,
	}
}

// proxyFor answers the proxy for a request; nil for none. Its error doesn't
// show the address, as net/http's would.
func (n Network) proxyFor(r *http.Request) (*url.URL, error) {
	switch {
	case isLoopback(r.URL.Hostname()):
		return nil, nil
	case !n.Proxy.address.IsZero():
		return url.Parse(n.Proxy.address.Reveal())
	}
	address, err := http.ProxyFromEnvironment(r)
	if err != nil || !isEnvironmentReadable() {
		return nil, errors.New("the environment's proxy can't be used; check HTTPS_PROXY and HTTP_PROXY")
	}
	return address, nil
}

// isEnvironmentReadable reports whether the environment's proxies are addresses.
// net/http takes one that isn't for none, and would go round it.
func isEnvironmentReadable() bool {
	for _, variable := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
		value := os.Getenv(variable)
		_, err := url.Parse(value)
		if _, bare := url.Parse("http://" + value); err != nil && bare != nil {
			return false
		}
	}
	return true
}

// Way answers in words how an address is reached. It names a proxy without its
// user name and password.
func (n Network) Way(address string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", ErrUnsafeAddress
	}
	proxy, err := n.proxyFor(request)
	switch {
	case err != nil:
		return "", err
	case proxy == nil:
		return "directly", nil
	}
	return "through the proxy " + proxy.Scheme + "://" + proxy.Host, nil
}

// checkConnect words a proxy's refusal. The proxy's own words may repeat the
// password.
func checkConnect(_ context.Context, _ *url.URL, asked *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	text := strings.TrimSpace(fmt.Sprintf("%d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
	if answer.StatusCode == http.StatusProxyAuthRequired {
		text += "; check the user name and the password in the proxy's address"
	}
	return fmt.Errorf("the proxy doesn't connect to %s: %s", asked.Host, text)
}

// Proxy is the address of a proxy, which may hold a password: however it is
// printed, it doesn't show it. The zero value is none.
type Proxy struct{ address Secret }

// ErrProxy says that a text is not the address of a proxy. It doesn't hold the
// text.
var ErrProxy = errors.New("it is not the address of a proxy; write it like http://proxy.example:8080, " +
	"with http, https or socks5, and a user name or password percent-encoded")

// ParseProxy reads scheme://[user:password@]host[:port]. The scheme is http or
// https, for a proxy that is reached without or with TLS and is sent CONNECT
// (RFC 9110 §9.3.6), or socks5, for one that looks up the names (RFC 1928). The
// error is [ErrProxy].
func ParseProxy(address Secret) (Proxy, error) {
	if address.IsZero() {
		return Proxy{}, nil
	}
	text := strings.TrimSpace(address.Reveal())
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" || strings.Trim(parsed.Path, "/") != "" || strings.ContainsAny(text, "?#") {
		return Proxy{}, ErrProxy
	}
	switch parsed.Scheme {
	case "http", "https", "socks5", "socks5h":
		return Proxy{NewSecret(text)}, nil
	}
	return Proxy{}, ErrProxy
}

// ReadRoots answers the system's certificate authorities and those of a PEM
// file. The error says what is wrong with the file, without its path.
func ReadRoots(path string) (*x509.CertPool, error) {
	content, err := readCAFile(path)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		// A system without any is no reason not to trust the file's.
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(content) {
		return nil, errors.New("it holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----")
	}
	return roots, nil
}

func readCAFile(path string) ([]byte, error) {
	// A pipe would be waited for without end.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxCAFile+1))
	switch {
	case err != nil:
		return nil, withoutPath(err)
	case len(content) > maxCAFile:
		return nil, fmt.Errorf("it is larger than %d bytes", maxCAFile)
	}
	// Some editors put a mark at the start, which hides the first certificate.
	return bytes.TrimPrefix(content, []byte("\ufeff")), nil
}

func withoutPath(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
