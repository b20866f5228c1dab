package oauth_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valetkey/valetkey/oauth"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := record(t, answering(200, "application/json", `{"access_token":"example-stolen"}`))
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := record(t, func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, elsewhere.URL, status) })
		credulous := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
		for _, transport := range []*http.Client{nil, {}, credulous} {
			client := server.client()
			client.HTTP = transport
			_, err := client.Refresh(t.Context(), oauth.NewSecret(canary))
			var refused *oauth.Error
			if !errors.As(err, &refused) || refused.Status != status || refused.Temporary() {
				t.Errorf("%d: got %v", status, err)
			}
		}
		response, err := oauth.Network{}.TokenClient().Get(server.URL)
		if err != nil || response.StatusCode != status {
			t.Errorf("%d: the HTTP client itself answers %v, %v", status, response, err)
			continue
		}
		response.Body.Close()
	}
	if got := elsewhere.requests(); len(got) != 0 {
		t.Errorf("%d requests went on to another server: %v", len(got), got[0].form)
	}
}

// fails makes a request that gets no answer.
func fails(t *testing.T, ctx context.Context, client *oauth.Client, address string) *oauth.TransportError {
	t.Helper()
	_, err := client.Post(ctx, address+"?key=example-query", url.Values{"refresh_token": {canary}})
	var lost *oauth.TransportError
	if !errors.As(err, &lost) {
		t.Fatalf("got %v, want a TransportError", err)
	}
	for cause := error(lost); cause != nil; cause = errors.Unwrap(cause) {
		if text := fmt.Sprintf("%v %+v %#v %q", cause, cause, cause, cause); shows(text) || strings.Contains(text, "example-query") {
			t.Errorf("the error shows the form or the query: %s", text)
		}
	}
	return lost
}

func TestTransportErrorBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client := &oauth.Client{Secret: oauth.NewSecret(canary)}

	// Nobody is ever given this port.
	refused := fails(t, t.Context(), client, "http://127.0.0.1:1")
	// Windows has a number of its own for it.
	if refused.Sent || !errors.As(refused, new(syscall.Errno)) || !errors.As(refused, new(*net.OpError)) {
		t.Errorf("refused connection: %+v", refused)
	}

	plain := record(t, nil)
	if lost := fails(t, t.Context(), client, "https"+plain.URL[len("http"):]); lost.Sent || len(plain.requests()) != 0 {
		t.Errorf("no TLS: %+v", lost)
	}

	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	if lost := fails(t, t.Context(), client, untrusted.URL); lost.Sent {
		t.Errorf("unknown certificate: %+v", lost)
	}

	over, cancel := context.WithCancel(t.Context())
	cancel()
	if lost := fails(t, over, client, plain.URL); lost.Sent || !errors.Is(lost, context.Canceled) || len(plain.requests()) != 0 {
		t.Errorf("cancelled before: %+v", lost)
	}
	client.HTTP = silent()
	if lost := fails(t, over, client, "https://example.com/"); lost.Sent {
		t.Errorf("cancelled before, by a transport that doesn't say: %+v", lost)
	}

	client.HTTP = &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
		return nil, fmt.Errorf("invalid proxy address %q", "http://user:"+canary+"@proxy.example")
	}}}
	if lost := fails(t, t.Context(), client, plain.URL); lost.Sent {
		t.Errorf("unreadable proxy: %+v", lost)
	}
}

func TestProxyPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	client := &oauth.Client{HTTP: &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`invalid proxy address "http://user:` + url.QueryEscape(canary) + `@proxy.example": why`)
	}}}}
	_, err := client.Post(t.Context(), "http://127.0.0.1:1/", nil)
	want := `the authorization server can't be reached: invalid proxy address "http://proxy.example": why`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestTransportErrorAfterSending(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{"nothing": hangUp, "half of it": half} {
		server := record(t, answer)
		if lost := fails(t, t.Context(), server.client(), server.URL); !lost.Sent || len(server.requests()) != 1 {
			t.Errorf("%s came back: %+v", name, lost)
		}
	}
	client := &oauth.Client{Secret: oauth.NewSecret(canary)}
	if lost := fails(t, t.Context(), client, echo(t)); !lost.Sent {
		t.Errorf("the request itself came back: %+v", lost)
	}
	client.HTTP = &http.Client{Transport: roundTrip(func(q *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("lost: %w", &url.Error{Op: "Post", URL: q.URL.String(), Err: io.ErrUnexpectedEOF})
	})}
	lost := fails(t, t.Context(), client, "https://example.com/")
	if !lost.Sent || !errors.Is(lost, io.ErrUnexpectedEOF) || errors.As(lost, new(*url.Error)) {
		t.Errorf("a transport that doesn't say: %+v", lost)
	}
}

// echo answers with what it is sent, header and all, as a debugging port does.
func echo(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		line, _ := bufio.NewReader(conn).ReadString('\n')
		io.WriteString(conn, line)
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

func TestContextEndsARequest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := record(t, func(_ http.ResponseWriter, q *http.Request) {
		cancel()
		<-q.Context().Done()
	})
	lost := fails(t, ctx, server.client(), server.URL)
	if !lost.Sent || lost.Err != context.Canceled {
		t.Errorf("got %+v", lost)
	}
}

// silent never answers.
func silent() *http.Client {
	return &http.Client{Transport: roundTrip(func(q *http.Request) (*http.Response, error) {
		<-q.Context().Done()
		return nil, q.Context().Err()
	})}
}

func TestRequestTakesHalfAMinuteAtMost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, start := &oauth.Client{HTTP: silent()}, time.Now()
		lost := fails(t, t.Context(), client, "https://example.com/")
		if took := time.Since(start); took != 30*time.Second {
			t.Errorf("took %v", took)
		}
		// Nobody's context has ended, so it must not look like it.
		if errors.Is(lost, context.DeadlineExceeded) || lost.Error() != "no answer from the authorization server: no answer in time" {
			t.Errorf("got %+v", lost)
		}
	})
}

func TestCallersDeadlineIsTheCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if lost := fails(t, ctx, &oauth.Client{HTTP: silent()}, "https://example.com/"); lost.Err != context.DeadlineExceeded {
			t.Errorf("got %+v", lost)
		}
	})
}

func TestBodyIsClosed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 307, 400, 503} {
		body := &closing{}
		client := &oauth.Client{HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: body}, nil
		})}}
		if _, err := client.Post(t.Context(), "https://example.com/", nil); err == nil || !body.closed.Load() {
			t.Errorf("%d: closed %v, %v", status, body.closed.Load(), err)
		}
	}
}

// A server that goes on and on is not listened to.
func TestBodyIsReadUpTo1MiB(t *testing.T) {
	t.Parallel()
	var endless endless
	client := &oauth.Client{HTTP: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(&endless)}, nil
	})}}
	if _, err := client.Post(t.Context(), "https://example.com/", nil); !errors.Is(err, oauth.ErrAnswer) || endless > 1<<20+1 {
		t.Errorf("got %v after %d bytes", err, endless)
	}
}

// endless counts what is read of it; it gives up in the end.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	*e += endless(len(p))
	if *e > 1<<25 {
		return 0, io.EOF
	}
	return len(p), nil
}

type closing struct{ closed atomic.Bool }

func (c *closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error             { c.closed.Store(true); return nil }

// net/http sends a request again on its own, but only one it has a copy of.
func TestRequestCannotBeReplayed(t *testing.T) {
	t.Parallel()
	client := &oauth.Client{HTTP: &http.Client{Transport: roundTrip(func(q *http.Request) (*http.Response, error) {
		if q.GetBody != nil {
			t.Error("net/http has a copy of the form to send again")
		}
		return reply(200, "application/json", `{"name":"value"}`), nil
	})}}
	if _, err := client.Post(t.Context(), "https://example.com/", nil); err != nil {
		t.Error(err)
	}
}

func TestEachRequestHasItsOwnConnection(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(answering(200, "", "name=value"))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := &oauth.Client{HTTP: oauth.Network{}.TokenClient()}
	for range 3 {
		if _, err := client.Post(t.Context(), server.URL, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := connections.Load(); got != 3 {
		t.Errorf("3 requests over %d connections", got)
	}
}
