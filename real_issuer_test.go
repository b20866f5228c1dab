package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/oauth"
)

// patientClient is a credential that knows an issuer and a client id, and
// nothing else, with a clock that the test moves.
type patientClient struct {
	*credentials.Credential
	store    *credentials.Memory
	approved chan struct{}

	mu    sync.Mutex
	ahead time.Duration
	asked []string
}

// RoundTrip writes down where a request to the issuer goes, and the scheme of the
// header that says who asks.
func (c *patientClient) RoundTrip(r *http.Request) (*http.Response, error) {
	scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	c.mu.Lock()
	c.asked = append(c.asked, strings.TrimSpace(r.URL.Path+" "+scheme))
	c.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

func (c *patientClient) requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.asked)
}

func (c *patientClient) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func (c *patientClient) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// sleep lasts until the person has approved.
func (c *patientClient) sleep(ctx context.Context, _ time.Duration) error {
	select {
	case <-c.approved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newPatientClient(t *testing.T, issuer, api string, settings credentials.Settings) *patientClient {
	t.Helper()
	c := &patientClient{store: &credentials.Memory{Reason: "a test"}, approved: make(chan struct{})}
	host := func(address string) string { return strings.TrimPrefix(address, "http://") }
	c.Credential = credentials.New(credentials.Options{
		Service: credentials.Service{
			Name: "acme", Title: "Acme", Host: host(issuer), Issuer: issuer, APIURL: api + "/", Hosts: []string{host(api)},
		},
		Settings: settings, Store: c.store, HTTP: &http.Client{Transport: c}, Now: c.now, Sleep: c.sleep,
	})
	t.Cleanup(c.Close)
	return c
}

// get calls the API and answers whom its token is for.
func (c *patientClient) get(t *testing.T) (audience string, err error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.Service.APIURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Client().Do(request)
	if err != nil {
		return "", err
	}
	answer.Body.Close()
	return answer.Header.Get("Audience"), nil
}

// audience reads a JWT (RFC 9068 §2.2); "" if it is none.
func audience(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	var claims struct {
		Audience string `json:"aud"`
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Audience
}

func (c *patientClient) signIn(t *testing.T) {
	t.Helper()
	_, err := c.get(t)
	var required *credentials.SignInRequired
	if !errors.As(err, &required) {
		t.Fatalf("%v, want one that asks for a sign-in", err)
	}
	newVisitor(t, true, required.UserCode).visit(required.VerificationURI)
	close(c.approved)
	select {
	case <-required.Done():
	case <-time.After(patience):
		t.Fatal("the sign-in doesn't end")
	}
	if err := required.Err(); err != nil {
		t.Fatal(err)
	}
}

func (c *patientClient) record(t *testing.T) *credentials.Record {
	t.Helper()
	r, err := c.store.Read(t.Context(), c.Name())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestIssuerAlone: where the endpoints are, how a client says who it is and what
// can be asked for is learnt from a server that nobody here has written, at the
// first call and not before.
func TestIssuerAlone(t *testing.T) {
	t.Parallel()
	issuer := startOtherServer(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Audience", audience(r.Header.Get("Authorization")))
	}))
	t.Cleanup(api.Close)
	for name, settings := range map[string]credentials.Settings{
		"public client":       {ClientID: "public-example"},
		"confidential client": {ClientID: "basic-example", ClientSecret: oauth.NewSecret("secret:example/")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testIssuer(t, newPatientClient(t, issuer, api.URL, settings))
		})
	}
	t.Run("resource", func(t *testing.T) {
		t.Parallel()
		const resource = "https://api.example/"
		c := newPatientClient(t, issuer, api.URL, credentials.Settings{ClientID: "public-example", Scopes: "read", Resource: resource})
		c.signIn(t)
		for range 2 {
			if got, err := c.get(t); got != resource || err != nil {
				t.Errorf("a token for %q, %v", got, err)
			}
			c.advance(2 * time.Hour)
		}
	})
}

func testIssuer(t *testing.T, c *patientClient) {
	if _, err := c.Status(t.Context()); err != nil || len(c.requests()) != 0 {
		t.Fatalf("%v, after %q", err, c.requests())
	}
	c.signIn(t)
	want := []string{"/.well-known/oauth-authorization-server", "/device/auth", "/token"}
	if !c.Settings.ClientSecret.IsZero() {
		want = []string{want[0], want[1] + " Basic", want[2] + " Basic"}
	}
	if asked := c.requests(); !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	first := c.record(t)
	if !slices.Contains(first.Scopes, "offline_access") || first.Token.Refresh.IsZero() {
		t.Errorf("asked for %q and got no token that can be refreshed", first.Scopes)
	}
	c.advance(2 * time.Hour)
	if _, err := c.get(t); err != nil {
		t.Fatal(err)
	}
	second := c.record(t)
	if second.Token.Access.Equal(first.Token.Access) || second.Token.Refresh.Equal(first.Token.Refresh) {
		t.Error("refreshing gives the same tokens again")
	}
	out, err := c.SignOut(t.Context())
	if err != nil || !out.Revoked {
		t.Fatalf("%+v, %v", out, err)
	}
	// Back into the store it has no use any more.
	c.advance(2 * time.Hour)
	if err := c.store.Write(t.Context(), c.Name(), second); err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(t); !errors.As(err, new(*credentials.SignInRequired)) || !c.record(t).SignInNeeded {
		t.Errorf("a token that was revoked: %v", err)
	}
}
