package github_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

// manners are tools over the real transport, with a version.
func manners(t *testing.T, network oauth.Network, address, version string) map[string]tools.Tool {
	t.Helper()
	client := &http.Client{Transport: network.APITransport(), Timeout: oauth.RequestTimeout}
	t.Cleanup(client.CloseIdleConnections)
	byName := map[string]tools.Tool{}
	for _, tool := range github.Offer(tools.Setup{API: client, At: credentials.Service{APIURL: address}, Version: version}).Tools {
		byName[tool.Name] = tool
	}
	return byName
}

// TestHeaders: GitHub wants to know who asks, and for which version of its API.
// https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent-required
// https://docs.github.com/en/rest/about-the-rest-api/api-versions
func TestHeaders(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"v1.2.3": "valetkey/v1.2.3", "": "valetkey", "(devel)": "valetkey"} {
		var header http.Header
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			header = r.Header.Clone()
			io.WriteString(w, `{"login":"mona"}`)
		}))
		t.Cleanup(server.Close)
		if _, err := manners(t, oauth.Network{}, server.URL, version)["github_whoami"].Call(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if header.Get("User-Agent") != want || header.Get("X-GitHub-Api-Version") != "2022-11-28" {
			t.Errorf("%q: %v", version, header)
		}
	}
}

// crowd answers calls only when so many of them are there.
type crowd struct {
	size    int
	mu      sync.Mutex
	waiting int
	full    chan struct{}
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	full := c.full
	if c.waiting++; c.waiting == c.size {
		c.waiting, c.full = 0, make(chan struct{})
		close(full)
	}
	c.mu.Unlock()
	select {
	case <-full:
	case <-r.Context().Done():
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	io.WriteString(w, `{"number":1,"state":"open","title":"t"}`)
}

// TestConnectionsAreReused: 64 calls at the same time, twice, need no more
// connections than 64. Over HTTP/2 the second time needs no other than the
// first.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	const calls = 64
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		there := &crowd{size: calls, full: make(chan struct{})}
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Proto != protocol {
				t.Errorf("%s, want %s", r.Proto, protocol)
			}
			there.ServeHTTP(w, r)
		}))
		var opened atomic.Int64
		server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		roots := x509.NewCertPool()
		if server.EnableHTTP2 = protocol == "HTTP/2.0"; server.EnableHTTP2 {
			server.StartTLS()
			roots.AddCert(server.Certificate())
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		tool := manners(t, oauth.Network{Roots: roots}, server.URL, "")["github_issue"]
		for range 2 {
			var group sync.WaitGroup
			for i := range calls {
				group.Go(func() {
					if _, err := tool.Call(t.Context(), json.RawMessage(fmt.Sprintf(`{"repo":"o/r","number":%d}`, i+1))); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
		}
		if opened.Load() > calls {
			t.Errorf("%s: %d connections", protocol, opened.Load())
		}
	}
}

// TestCancellationReachesGitHub: a call that nobody waits for any more ends at
// the server too.
func TestCancellationReachesGitHub(t *testing.T) {
	t.Parallel()
	arrived, left := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(left)
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if _, err := manners(t, oauth.Network{}, server.URL, "")["github_whoami"].Call(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the call: %v", err)
	}
	<-left
}
