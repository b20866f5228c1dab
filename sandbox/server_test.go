package sandbox_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/valetkey/valetkey/sandbox"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, prefix := range map[string]string{
		"":            "http://127.0.0.1:",
		"127.0.0.1:0": "http://127.0.0.1:",
		"localhost:0": "http://127.0.0.1:",
	} {
		s := start(t, sandbox.Options{Address: address})
		if !strings.HasPrefix(s.URL(), prefix) {
			t.Errorf("%q: %s", address, s.URL())
		}
	}
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1", "localhost.example.com:0", "[fe80::1%lo]:0", "127.0.0.1:http:x"} {
		if s, err := sandbox.Start(sandbox.Options{Address: address}); err == nil {
			t.Errorf("%q: listens at %s", address, s.URL())
			s.Close()
		} else if !strings.Contains(err.Error(), "127.0.0.1:0") {
			t.Errorf("%q: the error doesn't say what to do: %v", address, err)
		}
	}
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]sandbox.Options{
		"Interval":      {Interval: -1},
		"CodeLifetime":  {CodeLifetime: -1},
		"TokenLifetime": {TokenLifetime: -1},
	} {
		if _, err := sandbox.Start(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := start(t, sandbox.Options{})
	if _, err := sandbox.Start(sandbox.Options{Address: strings.TrimPrefix(s.URL(), "http://")}); err == nil {
		t.Error("two servers on one port")
	}
}

// A page whose name was made to lead to 127.0.0.1 sends its own name as Host.
func TestHostHeader(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL(), "http://"))
	must(t, err)
	for host, status := range map[string]int{
		"127.0.0.1:" + port:           200,
		"localhost:" + port:           200,
		"LOCALHOST":                   200,
		"[::1]:" + port:               200,
		"127.9.9.9":                   200,
		"example.com":                 421,
		"example.com:" + port:         421,
		"127.0.0.1.example.com":       421,
		"localhost.example.com":       421,
		"192.0.2.1:" + port:           421,
		"example.com@127.0.0.1":       421,
		"0.0.0.0:" + port:             421,
		"127.0.0.1,example.com":       421,
		"xn--localhost-x:" + port:     421,
		"metadata.localhost.:" + port: 421,
	} {
		for _, path := range []string{pagePath, "/.well-known/oauth-authorization-server"} {
			r, err := http.NewRequest(http.MethodGet, s.URL()+path, nil)
			must(t, err)
			r.Host = host
			expect(t, host+path, do(t, r).StatusCode, status)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for _, path := range []string{devicePath, tokenPath, revokePath} {
		r, err := http.NewRequest(http.MethodGet, s.URL()+path+"?client_id="+sandbox.ClientID, nil)
		must(t, err)
		expect(t, path, do(t, r).StatusCode, http.StatusMethodNotAllowed)
	}
}

// Parameters in the address don't count: secrets don't belong there.
func TestQueryIsNoForm(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	a := post(t, s, devicePath+"?client_id="+sandbox.ClientID, url.Values{})
	expect(t, "status", a.status, 401)
}

func TestRequests(t *testing.T) {
	t.Parallel()
	now := newClock()
	s := start(t, sandbox.Options{Now: now.Now})
	begin(t, s, "repo")
	now.Advance(time.Minute)
	r, err := http.NewRequest(http.MethodPatch, s.URL()+"/api/v3/repos/a/b?x=1&x=2", strings.NewReader(`{"a":1}`))
	must(t, err)
	r.Header.Set("Authorization", "Bearer example")
	r.Header.Set("Content-Type", "application/json")
	do(t, r)
	r, err = http.NewRequest(http.MethodGet, s.URL()+"/anything", nil)
	must(t, err)
	r.Host = "example.com"
	do(t, r)

	got := s.Requests()
	if len(got) != 3 {
		t.Fatalf("%d requests", len(got))
	}
	first, second, third := got[0], got[1], got[2]
	expect(t, "first", first.Method+" "+first.Path, "POST "+devicePath)
	expect(t, "first form", first.Form.Encode(), "client_id="+sandbox.ClientID+"&scope=repo")
	expect(t, "first at", first.At, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	expect(t, "second", second.Method+" "+second.Path, "PATCH /api/v3/repos/a/b")
	expect(t, "second query", strings.Join(second.Query["x"], " "), "1 2")
	expect(t, "second body", string(second.Body), `{"a":1}`)
	expect(t, "second form", len(second.Form), 0)
	expect(t, "second header", second.Header.Get("Authorization"), "Bearer example")
	expect(t, "second at", second.At.Sub(first.At), time.Minute)
	expect(t, "third, refused", third.Path, "/anything")
}

func TestLargeBodies(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{})
	for size, status := range map[int]int{1 << 20: 401, 1<<20 + 1: 413} {
		r, err := http.NewRequest(http.MethodPost, s.URL()+tokenPath, bytes.NewReader(bytes.Repeat([]byte("a"), size)))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		expect(t, "status", do(t, r).StatusCode, status)
	}
}

// Everything at once; run with -race.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, sandbox.Options{TokenLifetime: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	var reader, people sync.WaitGroup
	reader.Go(func() {
		for ctx.Err() == nil {
			for _, r := range s.Requests() {
				_ = r.Header.Get("Accept") + r.Form.Get("client_id")
			}
		}
	})
	const many = 16
	for range many {
		people.Go(func() { signInAndOut(t, s) })
	}
	people.Wait()
	cancel()
	reader.Wait()
	// Each person: code, page, two forms, two token requests, one revocation.
	expect(t, "requests", len(s.Requests()), many*7)
}

func signInAndOut(t *testing.T, s *sandbox.Sandbox) {
	device, err := tryPost(s, devicePath, client("scope", "repo"), "")
	if err != nil {
		t.Error(err)
		return
	}
	if err := sandbox.ApproveInPage(t.Context(), s.URL()+pagePath, device.fields["user_code"]); err != nil {
		t.Error(err)
		return
	}
	form := client("grant_type", deviceGrant, "device_code", device.fields["device_code"])
	for range 2 {
		token, err := tryPost(s, tokenPath, form, "")
		if err != nil || !works(s, token.fields["access_token"]) {
			t.Error(token, err)
			return
		}
		form = client("grant_type", "refresh_token", "refresh_token", token.fields["refresh_token"], "token", token.fields["refresh_token"])
	}
	if a, err := tryPost(s, revokePath, form, ""); err != nil || a.status != 200 {
		t.Error(a, err)
	}
}

// A handler that is at work when Close is called has ended when Close returns. It is at work on asking for the time, and is let
// go on only after Close has cut its connection.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	atWork, goOn := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	s, err := sandbox.Start(sandbox.Options{Now: func() time.Time {
		close(atWork)
		<-goOn
		ended.Store(true)
		return time.Time{}
	}})
	must(t, err)
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	must(t, err)
	defer connection.Close()
	_, err = io.WriteString(connection, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	must(t, err)
	<-atWork
	var reader sync.WaitGroup
	reader.Go(func() {
		// The end of the connection, in whatever way.
		_, _ = io.Copy(io.Discard, connection)
		for range 1000 {
			runtime.Gosched()
		}
		close(goOn)
	})
	must(t, s.Close())
	expect(t, "the handler has ended", ended.Load(), true)
	reader.Wait()
}

func TestCloseEndsIt(t *testing.T) {
	t.Parallel()
	s, err := sandbox.Start(sandbox.Options{})
	must(t, err)
	must(t, s.Close())
	must(t, s.Close())
	if c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://")); err == nil {
		c.Close()
		t.Error("still listening")
	}
}
