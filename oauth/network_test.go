package oauth_test

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

// proxied is a network with a proxy whose user is valet and whose password is
// the canary.
func proxied(t *testing.T, scheme, host string) oauth.Network {
	t.Helper()
	address := url.URL{Scheme: scheme, User: url.UserPassword("valet", canary), Host: host}
	proxy, err := oauth.ParseProxy(oauth.NewSecret(address.String()))
	if err != nil {
		t.Fatal(err)
	}
	return oauth.Network{Proxy: proxy}
}

// ways are the three ways out.
func ways(n oauth.Network) map[string]*http.Client {
	return map[string]*http.Client{
		"token":   n.TokenClient(),
		"API":     {Transport: n.APITransport(), Timeout: oauth.RequestTimeout},
		"foreign": {Transport: n.ForeignTransport(), Timeout: oauth.RequestTimeout},
	}
}

// get asks for a page and answers it.
func get(client *http.Client, address string) (string, error) {
	defer client.CloseIdleConnections()
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestProxy(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	github := a.serve(answering(200, "", "hello"), nil)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("valet:"+canary))
	for scheme, want := range map[string]string{
		"http":    "CONNECT github.example:443 " + basic,
		"https":   "CONNECT github.example:443 " + basic,
		"socks5":  "3 github.example valet:" + canary,
		"socks5h": "3 github.example valet:" + canary,
	} {
		relay := newRelay(t, github)
		n := proxied(t, scheme, startProxy(t, a, relay, scheme))
		n.Roots = a.pool()
		for name, client := range ways(n) {
			if got, err := get(client, "https://github.example/"); err != nil || got != "hello" {
				t.Errorf("%s, %s: got %q, %v", scheme, name, got, err)
			}
		}
		if got := relay.requests(); !slices.Equal(got, []string{want, want, want}) {
			t.Errorf("%s: the proxy was asked %q, want %q three times", scheme, got, want)
		}
	}
}

func startProxy(t *testing.T, a *authority, relay *relay, scheme string) (host string) {
	t.Helper()
	switch scheme {
	case "http":
		server := httptest.NewServer(relay)
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	case "https":
		return a.serve(relay, func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }).Listener.Addr().String()
	}
	return relay.socks(t)
}

// What is on this machine is asked without a detour.
func TestProxyIsNotForLoopback(t *testing.T) {
	t.Parallel()
	here := record(t, answering(200, "", "hello"))
	relay := newRelay(t, here.Server)
	proxy := httptest.NewServer(relay)
	t.Cleanup(proxy.Close)
	n := proxied(t, "http", proxy.Listener.Addr().String())
	_, port, err := net.SplitHostPort(here.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST"} {
		for name, client := range ways(n) {
			if _, err := get(client, "http://"+host+":"+port); (err == nil) != (name != "foreign") {
				t.Errorf("%s, %s: %v", host, name, err)
			}
		}
	}
	if got := relay.requests(); len(got) != 0 {
		t.Errorf("the proxy was asked %q", got)
	}
}

// refusing is a proxy that says no and repeats what it was sent.
func refusing(t *testing.T, status int) (host string) {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		encoded := q.Header.Get("Proxy-Authorization")
		decoded, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(encoded, "Basic "))
		fmt.Fprintf(conn, "HTTP/1.1 %d %s %s\r\nContent-Length: 0\r\n\r\n", status, encoded, decoded)
	}))
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String()
}

// A proxy that doesn't help is named as the cause, and its password never is.
func TestProxyThatFails(t *testing.T) {
	t.Parallel()
	// Nobody is ever given this port.
	const gone = "127.0.0.1:1"
	strict := newRelay(t, record(t, nil).Server)
	strict.refuses = true
	for name, c := range map[string]struct{ scheme, host, want string }{
		"password": {"http", refusing(t, 407), "the proxy doesn't connect to github.example:443: 407 Proxy Authentication Required; check the user name and the password in the proxy's address"},
		"policy":   {"http", refusing(t, 403), "the proxy doesn't connect to github.example:443: 403 Forbidden"},
		"odd":      {"http", refusing(t, 299), "the proxy doesn't connect to github.example:443: 299"},
		"gone":     {"http", gone, "proxyconnect tcp: dial tcp " + gone},
		"socks":    {"socks5", strict.socks(t), "username/password authentication failed"},
		"no TLS":   {"https", refusing(t, 400), "first record does not look like a TLS handshake"},
	} {
		n := proxied(t, c.scheme, c.host)
		for way, client := range ways(n) {
			_, err := get(client, "https://github.example/")
			if err == nil || !strings.Contains(err.Error(), c.want) || showsPassword(err.Error()) {
				t.Errorf("%s, %s: got %v, want %s", name, way, err, c.want)
			}
		}
		lost := fails(t, t.Context(), &oauth.Client{HTTP: n.TokenClient()}, "https://github.example/token")
		if lost.Sent || showsPassword(lost.Error()) {
			t.Errorf("%s: got %+v", name, lost)
		}
	}
}

func showsPassword(text string) bool {
	return shows(text) || strings.Contains(text, url.UserPassword("valet", canary).String()) ||
		strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("valet:"+canary)))
}

func TestProxyCannotBePrinted(t *testing.T) {
	t.Parallel()
	n := proxied(t, "http", "proxy.example:8080")
	var text strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&text, verb+verb+verb, n, &n, n.Proxy)
	}
	asJSON, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	text.Write(asJSON)
	slog.New(slog.NewTextHandler(&text, nil)).Info("", "network", n, "proxy", n.Proxy)
	if showsPassword(text.String()) {
		t.Errorf("the password is shown: %s", text.String())
	}
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for address, fine := range map[string]bool{
		"":                                       true,
		"http://proxy.example":                   true,
		"http://proxy.example:8080/":             true,
		" https://proxy.example:8443\n":          true,
		"socks5://127.0.0.1:1080":                true,
		"socks5h://[::1]:1080":                   true,
		"HTTP://user:p%40ss%2F@proxy.example":    true,
		"proxy.example:8080":                     false,
		"proxy.example":                          false,
		"127.0.0.1:8080":                         false,
		"http://":                                false,
		"http://:8080":                           false,
		"http://user:example@":                   false,
		"ftp://proxy.example":                    false,
		"socks4://proxy.example":                 false,
		"http://proxy.example:port":              false,
		"http://proxy.example/path":              false,
		"http://proxy.example?query":             false,
		"http://proxy.example#fragment":          false,
		"http://user:12#example@proxy.example":   false,
		"http://user:12?example@proxy.example":   false,
		"http://user:12/example@proxy.example":   false,
		"http://user:exam ple@proxy.example":     false,
		"http://user:example\n@proxy.example:80": false,
	} {
		_, err := oauth.ParseProxy(oauth.NewSecret(address))
		if (err == nil) != fine || err != nil && (err != oauth.ErrProxy || strings.Contains(err.Error(), "user:")) {
			t.Errorf("%q: got %v", address, err)
		}
	}
}

func TestReadRoots(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	github := a.serve(answering(200, "", "hello"), nil)
	for name, content := range map[string][]byte{
		"one":            a.pem(),
		"several":        append(newAuthority(t).pem(), a.pem()...),
		"with a comment": append([]byte("# Example Ltd\n"), a.pem()...),
		"Windows":        append([]byte("\ufeff"), bytes.ReplaceAll(a.pem(), []byte("\n"), []byte("\r\n"))...),
	} {
		roots, err := oauth.ReadRoots(file(t, content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for way, client := range ways(oauth.Network{Roots: roots}) {
			if got, err := get(client, github.URL); way != "foreign" && (err != nil || got != "hello") {
				t.Errorf("%s, %s: got %q, %v", name, way, got, err)
			}
		}
	}
	if _, err := get(oauth.Network{}.TokenClient(), github.URL); !errors.As(err, new(*tls.CertificateVerificationError)) {
		t.Errorf("without the file: %v", err)
	}
}

func TestReadRootsThatAreNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, want string }{
		"missing":   {filepath.Join(t.TempDir(), "ca.pem"), ""},
		"directory": {t.TempDir(), "not a regular file"},
		"empty":     {file(t, nil), "no certificate in PEM form"},
		"words":     {file(t, []byte("not a certificate")), "no certificate in PEM form"},
		"DER":       {file(t, newAuthority(t).certificate.Raw), "no certificate in PEM form"},
		"damaged":   {file(t, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")), "no certificate in PEM form"},
		"huge":      {file(t, make([]byte, 9<<20)), "larger than"},
	} {
		_, err := oauth.ReadRoots(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.path) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := oauth.ReadRoots(filepath.Join(t.TempDir(), "ca.pem")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: got %v", err)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for version, fine := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		github := a.serve(answering(200, "", "hello"), func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version })
		proxy := httptest.NewServer(newRelay(t, github))
		t.Cleanup(proxy.Close)
		n := proxied(t, "http", proxy.Listener.Addr().String())
		n.Roots = a.pool()
		for way, client := range ways(n) {
			if _, err := get(client, "https://github.example/"); (err == nil) != fine {
				t.Errorf("%s, %s: got %v", tls.VersionName(version), way, err)
			}
		}
	}
}

// What every way out must have, down to the figures: a server that goes silent
// at any point must not hold a call for ever.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	if got := (oauth.Network{}).TokenClient().Timeout; got != 30*time.Second {
		t.Errorf("a token request takes up to %v", got)
	}
	for name, transport := range map[string]http.RoundTripper{"token": oauth.Network{}.TokenClient().Transport, "API": oauth.Network{}.APITransport()} {
		way := transport.(*http.Transport)
		for what, limit := range map[string]time.Duration{"handshake": way.TLSHandshakeTimeout, "headers": way.ResponseHeaderTimeout, "idle": way.IdleConnTimeout} {
			if limit <= 0 || what != "idle" && limit >= 30*time.Second {
				t.Errorf("%s: %s takes up to %v", name, what, limit)
			}
		}
	}
}

// A burst of calls to one host doesn't connect anew each time.
func TestAPIConnectionsAreKept(t *testing.T) {
	t.Parallel()
	const most = 64
	if got := (oauth.Network{}).APITransport().(*http.Transport).MaxIdleConnsPerHost; got != most {
		t.Errorf("%d idle connections are kept, want %d", got, most)
	}
}

// The way to a host is said without what a proxy's address may hold.
func TestWay(t *testing.T) {
	t.Parallel()
	address := url.URL{Scheme: "http", User: url.UserPassword("valet", canary), Host: "proxy.example:8080"}
	proxy, err := oauth.ParseProxy(oauth.NewSecret(address.String()))
	if err != nil {
		t.Fatal(err)
	}
	way := oauth.Network{Proxy: proxy}
	for address, want := range map[string]string{
		"https://api.github.com/": "through the proxy http://proxy.example:8080",
		"http://127.0.0.1:80/":    "directly",
	} {
		if got, err := way.Way(address); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
	if _, err := way.Way("https://%zz" + canary); err == nil || shows(err.Error()) {
		t.Errorf("%v", err)
	}
}

// A proxy that is none is not gone round. Not parallel: it is the environment's.
func TestEnvironmentOfNonsense(t *testing.T) {
	for value, want := range map[string]bool{
		"http://valet:password%zz@127.0.0.1:1": false,
		"http://127.0.0.1:1":                   true,
		"127.0.0.1:1":                          true,
		"":                                     true,
	} {
		t.Setenv("HTTPS_PROXY", value)
		if way, err := (oauth.Network{}).Way("https://github.example/"); (err == nil) != want {
			t.Errorf("%q: %q, %v", value, way, err)
		}
	}
}
