package gate_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/policy"
)

// TestUnsent: what never had a connection costs nothing and isn't kept as sent; what
// had one may have been done, whatever came of the answer.
func TestUnsent(t *testing.T) {
	t.Parallel()
	breaksOff := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for name, c := range map[string]struct {
		fails  func(t *testing.T, api *httptest.Server, way *http.Transport) context.Context
		unsent bool
	}{
		"no connection": {func(t *testing.T, api *httptest.Server, _ *http.Transport) context.Context {
			api.Close()
			return t.Context()
		}, true},
		"no name": {func(t *testing.T, _ *httptest.Server, way *http.Transport) context.Context {
			way.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
			}
			return t.Context()
		}, true},
		"no trust": {func(t *testing.T, _ *httptest.Server, way *http.Transport) context.Context {
			way.TLSClientConfig.RootCAs = nil
			way.TLSClientConfig.ServerName = "elsewhere.example.com"
			return t.Context()
		}, true},
		"cancelled before": {func(t *testing.T, _ *httptest.Server, _ *http.Transport) context.Context {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			return ctx
		}, true},
		"broken off": {func(t *testing.T, _ *httptest.Server, _ *http.Transport) context.Context { return t.Context() }, false},
		"broken off, HTTP/1": {func(t *testing.T, _ *httptest.Server, way *http.Transport) context.Context {
			way.ForceAttemptHTTP2, way.TLSClientConfig.NextProtos = false, []string{"http/1.1"}
			return t.Context()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := httptest.NewUnstartedServer(breaksOff)
			api.EnableHTTP2 = true
			api.StartTLS()
			t.Cleanup(api.Close)
			way := api.Client().Transport.(*http.Transport).Clone()
			t.Cleanup(way.CloseIdleConnections)
			ctx := c.fails(t, api, way)
			broken := &gate.Gate{Next: way, Base: api.URL, Rules: &gate.Rules{Confirm: gate.Never, Budget: &gate.Budget{PerMinute: 1, PerSession: 1}}}
			call := &gate.Call{Access: policy.Write}
			for range 2 {
				r, err := http.NewRequestWithContext(gate.With(ctx, call), http.MethodPost, api.URL+"/things", nil)
				if err != nil {
					t.Fatal(err)
				}
				if answer, err := broken.RoundTrip(r); err == nil || gate.IsHeld(err) {
					t.Errorf("%v, %v", answer, err)
				}
			}
			for _, seen := range call.Requests() {
				if seen.Unsent != c.unsent || !seen.Changes {
					t.Errorf("seen as %+v", seen)
				}
			}
			if len(call.Requests()) != 2 || call.Passed() == c.unsent {
				t.Errorf("%d requests, passed %v", len(call.Requests()), call.Passed())
			}
			whole := &gate.Gate{Next: &behind{}, Base: base, Rules: broken.Rules}
			var refused *gate.Refused
			if err := send(t, whole, &gate.Call{Access: policy.Write}, "POST", "things", ""); errors.As(err, &refused) == c.unsent {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}
