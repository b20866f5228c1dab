package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// companyHost is a name that nobody can look up, and companyProxyPassword one
// that nobody may see.
const (
	companyHost          = "github.example"
	companyProxyPassword = "example p@ss/word"
)

// company is what many a desk is behind: a GitHub of its own under a name that
// only its proxy can reach, with a certificate of the company's own authority.
type company struct {
	practice
	web    *httptest.Server
	proxy  *httptest.Server
	caFile string

	mu      sync.Mutex
	asked   []string
	open    []net.Conn
	running sync.WaitGroup
}

func startCompany(t *testing.T, configure func(*tls.Config)) *company {
	t.Helper()
	c := &company{practice: startPractice(t, "VALET_STORE=memory"), caFile: filepath.Join(t.TempDir(), "company.pem")}
	box, err := url.Parse(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	c.web = httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(box) },
		ModifyResponse: func(r *http.Response) error { return rename(r, c.URL(), "https://"+companyHost) },
	})
	c.web.Config.ErrorLog = log.New(io.Discard, "", 0)
	c.web.TLS = &tls.Config{Certificates: []tls.Certificate{c.certificate(t)}}
	if configure != nil {
		configure(c.web.TLS)
	}
	c.web.StartTLS()
	t.Cleanup(c.web.Close)
	c.proxy = httptest.NewServer(http.HandlerFunc(c.connect))
	t.Cleanup(func() {
		c.proxy.Close()
		c.hangUp()
	})
	return c
}

// rename gives the practice GitHub the company's name in its own answers.
func rename(r *http.Response, from, to string) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	body = bytes.ReplaceAll(body, []byte(from), []byte(to))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Del("Content-Length")
	return nil
}

// certificate makes an authority, puts it into a file and has it sign a
// certificate for the company's GitHub.
func (c *company) certificate(t *testing.T) tls.Certificate {
	t.Helper()
	authority := &x509.Certificate{Subject: pkix.Name{CommonName: "Example Company"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{DNSNames: []string{companyHost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	var keys []*ecdsa.PrivateKey
	for number, template := range []*x509.Certificate{authority, leaf} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(int64(number+1)), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		keys = append(keys, key)
	}
	root := sign(t, authority, authority, &keys[0].PublicKey, keys[0])
	if err := os.WriteFile(c.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{sign(t, leaf, authority, &keys[1].PublicKey, keys[0])}, PrivateKey: keys[1]}
}

func sign(t *testing.T, template, parent *x509.Certificate, key *ecdsa.PublicKey, signer *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// connect is the company's proxy. It wants a password, knows one host, and
// repeats what it was sent when it refuses.
func (c *company) connect(w http.ResponseWriter, r *http.Request) {
	sent := r.Header.Get("Proxy-Authorization")
	c.mu.Lock()
	c.asked = append(c.asked, r.Method+" "+r.Host)
	c.mu.Unlock()
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if sent != "Basic "+base64.StdEncoding.EncodeToString([]byte("valet:"+companyProxyPassword)) || r.Host != companyHost+":443" {
		fmt.Fprintf(client, "HTTP/1.1 407 no to %s\r\nContent-Length: 0\r\n\r\n", sent)
		client.Close()
		return
	}
	server, err := net.Dial("tcp", c.web.Listener.Addr().String())
	if err != nil {
		client.Close()
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	c.mu.Lock()
	c.open = append(c.open, client, server)
	c.mu.Unlock()
	carry := func(to io.Writer, from io.Reader) {
		io.Copy(to, from)
		client.Close()
		server.Close()
	}
	c.running.Go(func() { carry(server, buffered) })
	c.running.Go(func() { carry(client, server) })
}

func (c *company) hangUp() {
	c.mu.Lock()
	for _, conn := range c.open {
		conn.Close()
	}
	c.mu.Unlock()
	c.running.Wait()
}

func (c *company) proxied() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

// proxyAddress is VALET_PROXY with a password.
func (c *company) proxyAddress(password string) string {
	address := url.URL{Scheme: "http", User: url.UserPassword("valet", password), Host: c.proxy.Listener.Addr().String()}
	return address.String()
}

// expectNoPassword looks for a proxy's password in every spelling.
func expectNoPassword(t *testing.T, password, said string) {
	t.Helper()
	for _, spelling := range []string{
		password, url.UserPassword("", password).String(), url.QueryEscape(password),
		base64.StdEncoding.EncodeToString([]byte("valet:" + password)),
	} {
		if strings.Contains(said, spelling) {
			t.Errorf("the proxy's password is shown: %q", said)
		}
	}
}

// TestBehindACompanyProxy: sign-in and tools work through a proxy that wants a
// password, to a host with a certificate of the company's own, in the
// environment a strict host leaves; every request takes that way.
func TestBehindACompanyProxy(t *testing.T) {
	t.Parallel()
	c := startCompany(t, nil)
	s := serve(t, with(c.env, "GITHUB_HOST="+companyHost, "VALET_CA_FILE="+c.caFile, "VALET_PROXY="+c.proxyAddress(companyProxyPassword)))
	s.initialize()
	if asked := c.proxied(); len(asked) != 0 {
		t.Errorf("the proxy was asked %q before any call", asked)
	}
	s.signIn(c.Sandbox)
	s.end()
	var server int
	for _, r := range c.Requests() {
		// The person's browser goes its own way.
		if r.Path != "/login/device" {
			server++
		}
	}
	if asked := c.proxied(); len(asked) == 0 || server < len(asked) || slices.ContainsFunc(asked, func(a string) bool { return a != "CONNECT "+companyHost+":443" }) {
		t.Errorf("%d requests came, and the proxy was asked %q", server, asked)
	}
	said := s.stdout.String() + s.stderr.String()
	c.expectNoSecret(t, said)
	expectNoPassword(t, companyProxyPassword, said)
}

// TestProxyRefuses: a person learns that it is the proxy, and what to check.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	const wrong = "example-wrong p@ss"
	c := startCompany(t, nil)
	env := with(c.env, "GITHUB_HOST="+companyHost, "VALET_CA_FILE="+c.caFile, "VALET_PROXY="+c.proxyAddress(wrong))
	s := serve(t, env)
	s.initialize()
	signIn, isError := s.call("github_whoami", "{}")
	s.end()
	api := run(t, with(env, "GITHUB_TOKEN=example-token"), "", "call", "github_whoami")
	for what, text := range map[string]string{"the sign-in": signIn, "the API": api.stderr} {
		if !strings.Contains(text, "the proxy doesn't connect to "+companyHost+":443: 407 Proxy Authentication Required; check the user name and the password") {
			t.Errorf("%s: %q", what, text)
		}
	}
	if !isError || api.code != 1 || len(c.Requests()) != 0 {
		t.Errorf("isError %v, exit code %d, %d requests", isError, api.code, len(c.Requests()))
	}
	expectNoPassword(t, wrong, s.stdout.String()+s.stderr.String()+api.stdout+api.stderr)
}

// TestProxyIsNotForThisMachine: the practice GitHub is reached directly.
func TestProxyIsNotForThisMachine(t *testing.T) {
	t.Parallel()
	c := startCompany(t, nil)
	env := with(c.env, "GITHUB_TOKEN="+c.IssueToken("repo"), "VALET_PROXY="+c.proxyAddress(companyProxyPassword))
	plain := run(t, env, "", "call", "github_whoami")
	secure := run(t, with(env, "GITHUB_HOST="+c.web.URL, "VALET_CA_FILE="+c.caFile), "", "call", "github_whoami")
	for what, ran := range map[string]ran{"http": plain, "https": secure} {
		if ran.code != 0 || !strings.Contains(ran.stdout, "@mona-example") {
			t.Errorf("%s: %+v", what, ran)
		}
	}
	if asked := c.proxied(); len(asked) != 0 {
		t.Errorf("the proxy was asked %q", asked)
	}
}

// TestUntrustedServers: without the company's file, and with an old TLS, nothing
// is sent.
func TestUntrustedServers(t *testing.T) {
	t.Parallel()
	old := startCompany(t, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	fine := startCompany(t, nil)
	for _, c := range []struct {
		*company
		caFile, want string
	}{{fine, "", "certificate"}, {old, old.caFile, "protocol version"}} {
		env := with(c.env, "GITHUB_HOST="+c.web.URL, "VALET_CA_FILE="+c.caFile)
		api := run(t, with(env, "GITHUB_TOKEN=example-token"), "", "call", "github_whoami")
		s := serve(t, env)
		s.initialize()
		signIn, isError := s.call("github_whoami", "{}")
		s.end()
		if api.code != 1 || !strings.Contains(api.stderr, c.want) || !isError || !strings.Contains(signIn, c.want) {
			t.Errorf("want %s: %+v, %q", c.want, api, signIn)
		}
		if n := len(c.Requests()); n != 0 {
			t.Errorf("%s: %d requests came", c.want, n)
		}
	}
}

// TestNetworkSettingsThatAreWrong: the variable is named, on the command line
// and in the answer to a call, and a password in it isn't shown.
func TestNetworkSettingsThatAreWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const password = "example/password"
	for name, c := range map[string]struct{ setting, want string }{
		"missing file":       {"VALET_CA_FILE=" + filepath.Join(dir, "none.pem"), "VALET_CA_FILE"},
		"folder":             {"VALET_CA_FILE=" + dir, "VALET_CA_FILE"},
		"empty file":         {"VALET_CA_FILE=" + empty, "VALET_CA_FILE"},
		"no proxy":           {"VALET_PROXY=valet:" + password, "VALET_PROXY: it is not the address of a proxy"},
		"password unescaped": {"VALET_PROXY=http://valet:" + password + "@proxy.example", "VALET_PROXY: it is not the address of a proxy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startPractice(t, "VALET_STORE=memory", c.setting)
			status := run(t, p.env, "", "status")
			s := serve(t, p.env)
			s.initialize()
			text, isError := s.call("github_whoami", "{}")
			s.end()
			if status.code != 1 || !strings.Contains(status.stderr, c.want) || !isError || !strings.Contains(text, c.want) {
				t.Errorf("status: %+v; call: %q", status, text)
			}
			expectNoPassword(t, password, status.stdout+status.stderr+s.stdout.String()+s.stderr.String())
			if n := len(p.Requests()); n != 0 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
	unset := startPractice(t, "VALET_STORE=memory", "VALET_PROXY=", "VALET_CA_FILE=${user_config.ca_file}")
	if ran := run(t, with(unset.env, "GITHUB_TOKEN="+unset.IssueToken("repo")), "", "call", "github_whoami"); ran.code != 0 {
		t.Errorf("with placeholders: %+v", ran)
	}
}
