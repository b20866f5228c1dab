package credentials

import (
	"testing"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// What an issuer out there has named is reached by the client that goes to no
// address inside, and what a person has configured by the usual one.
func TestClientForEndpoints(t *testing.T) {
	t.Parallel()
	at := &oauth.Metadata{Endpoint: oauth2.Endpoint{TokenURL: "https://issuer.example/token"}}
	c := New(Options{Service: Service{Issuer: "https://issuer.example"}})
	if got := c.clientAt(at); got.HTTP != c.endpoints || got.HTTP == c.HTTP || got.Endpoint != at.Endpoint {
		t.Error("an issuer's endpoints are reached by the usual client")
	}
	c = New(Options{Service: Service{Endpoint: at.Endpoint}})
	if got := c.clientAt(at); got.HTTP != c.HTTP {
		t.Error("a service's own endpoints aren't reached by the usual client")
	}
}
