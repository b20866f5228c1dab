package oauth_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// authority is a certificate authority that nobody knows yet.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.certificate, a.key = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "example authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
	return a
}

// sign makes a certificate; the first one signs itself.
func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.certificate, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return certificate, key
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// file writes a file and answers its path.
func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// serve starts a server that calls itself github.example and 127.0.0.1.
func (a *authority) serve(handler http.Handler, configure func(*tls.Config)) *httptest.Server {
	a.t.Helper()
	leaf, key := a.sign(&x509.Certificate{DNSNames: []string{"github.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}}}
	if configure != nil {
		configure(server.TLS)
	}
	server.StartTLS()
	a.t.Cleanup(server.Close)
	return server
}

// relay is what every proxy of the tests does: it writes down where it is asked
// to go, and goes to one place only.
type relay struct {
	target string
	// refuses makes the SOCKS proxy turn down every password.
	refuses bool

	mu      sync.Mutex
	asked   []string
	open    []net.Conn
	running sync.WaitGroup
}

func newRelay(t *testing.T, target *httptest.Server) *relay {
	r := &relay{target: target.Listener.Addr().String()}
	t.Cleanup(func() {
		r.mu.Lock()
		for _, conn := range r.open {
			conn.Close()
		}
		r.mu.Unlock()
		r.running.Wait()
	})
	return r
}

func (r *relay) note(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, what)
}

func (r *relay) requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// join carries bytes both ways until one side ends.
func (r *relay) join(client net.Conn, from io.Reader) {
	server, err := net.Dial("tcp", r.target)
	if err != nil {
		client.Close()
		return
	}
	r.mu.Lock()
	r.open = append(r.open, client, server)
	r.mu.Unlock()
	carry := func(to net.Conn, from io.Reader) {
		io.Copy(to, from)
		client.Close()
		server.Close()
	}
	r.running.Go(func() { carry(server, from) })
	r.running.Go(func() { carry(client, server) })
}

// ServeHTTP is an HTTP proxy that knows CONNECT (RFC 9110 §9.3.6).
func (r *relay) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.note(q.Method + " " + q.Host + " " + q.Header.Get("Proxy-Authorization"))
	if q.Method != http.MethodConnect {
		http.Error(w, "this proxy knows CONNECT only", http.StatusMethodNotAllowed)
		return
	}
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
	r.join(client, buffered)
}

// socks starts a SOCKS proxy (RFC 1928) that wants a user name and a password
// (RFC 1929).
func (r *relay) socks(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	r.running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			r.socksRequest(client)
		}
	})
	return listener.Addr().String()
}

func (r *relay) socksRequest(client net.Conn) {
	in := bufio.NewReader(client)
	field := func() string {
		length, _ := in.ReadByte()
		text := make([]byte, length)
		io.ReadFull(in, text)
		return string(text)
	}
	in.ReadByte()
	field()
	client.Write([]byte{5, 2})
	in.ReadByte()
	user, password := field(), field()
	if r.refuses {
		client.Write([]byte{1, 1})
		client.Close()
		return
	}
	client.Write([]byte{1, 0})
	in.Discard(3)
	kind, _ := in.ReadByte()
	name := field()
	in.Discard(2)
	r.note(string('0'+rune(kind)) + " " + name + " " + user + ":" + password)
	client.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	r.join(client, in)
}
