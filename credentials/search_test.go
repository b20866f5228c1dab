package credentials

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"
)

// gated is a store that answers when it is let, and counts.
type gated struct {
	Memory
	reads   atomic.Int32
	release chan struct{}
}

func (g *gated) Read(context.Context, string) (*Record, error) {
	g.reads.Add(1)
	<-g.release
	return nil, &StoreError{Outcome: Locked, Reason: "a test"}
}

// However many calls wait, one looks; a failure is shared as well. synctest
// tells when all callers have arrived.
func TestSearchIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &gated{release: make(chan struct{})}
		c := New(Options{Service: Service{Name: "github", ClientID: "id"}, Store: store, HTTP: unused(t)})
		defer c.Close()
		const callers = 50
		ended := make(chan error, callers)
		for range callers {
			go func() {
				_, err := c.token(t.Context())
				ended <- err
			}()
		}
		synctest.Wait()
		close(store.release)
		for range callers {
			expectOutcome(t, "a caller", <-ended, Locked)
		}
		if n := store.reads.Load(); n != 1 {
			t.Errorf("%d reads, want 1", n)
		}
	})
}

// deviceEndpoint answers an authorization when it is let.
type deviceEndpoint struct{ arrived, release chan struct{} }

func (d deviceEndpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/device") {
		return nil, errors.New("only the device endpoint is here")
	}
	d.arrived <- struct{}{}
	<-d.release
	const body = `{"device_code":"example-device","user_code":"WDJB-MJHT","verification_uri":"https://github.com/login/device","expires_in":900,"interval":5}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, r.Body.Close()
}

// A call and a command that both need a sign-in begin one between them.
func TestSearchesTakeTurns(t *testing.T) {
	t.Parallel()
	server := deviceEndpoint{make(chan struct{}, 2), make(chan struct{})}
	c := New(Options{
		Service: Service{Name: "github", ClientID: "id", Endpoint: oauth2.Endpoint{DeviceAuthURL: "https://github.com/device", TokenURL: "https://github.com/token"}},
		Store:   &Memory{}, HTTP: &http.Client{Transport: server},
	})
	defer c.Close()
	ids := make(chan string, 2)
	go func() {
		required, err := c.SignIn(t.Context())
		if err != nil {
			t.Error(err)
			required = &SignInRequired{}
		}
		ids <- required.ID
	}()
	<-server.arrived
	go func() {
		required := &SignInRequired{ID: "none"}
		if _, err := c.token(t.Context()); !errors.As(err, &required) {
			t.Errorf("%v", err)
		}
		ids <- required.ID
	}()
	// Time for a second request to show itself, if there is one.
	select {
	case <-server.arrived:
		t.Error("two device authorizations")
	case <-time.After(20 * time.Millisecond):
	}
	close(server.release)
	if first, second := <-ids, <-ids; first != second {
		t.Errorf("two sign-ins: %q and %q", first, second)
	}
}
