package credentials

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/valetkey/valetkey/oauth"
)

// metadata answers where the endpoints are. Those of an issuer are looked up if
// nobody has done so lately.
func (c *Credential) metadata(ctx context.Context) (*oauth.Metadata, error) {
	if c.discovery == nil {
		return &oauth.Metadata{Endpoint: c.Service.Endpoint, RevocationURL: c.Service.RevocationURL}, nil
	}
	m, err := c.discovery.Metadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("the endpoints of %s can't be found: %w; check %s_ISSUER and the network", c.Service.Issuer, err, strings.ToUpper(c.Service.Name))
	}
	return m, nil
}

// Endpoint answers where a sign-in goes, which it asks the issuer where only that
// is known.
func (c *Credential) Endpoint(ctx context.Context) (oauth2.Endpoint, error) {
	m, err := c.metadata(ctx)
	if err != nil {
		return oauth2.Endpoint{}, c.errorf("%w", err)
	}
	return m.Endpoint, nil
}

// clientAt is the client with the endpoints that are known by now.
func (c *Credential) clientAt(m *oauth.Metadata) *oauth.Client {
	client := *c.oauth
	client.Endpoint = m.Endpoint
	if c.discovery != nil {
		client.HTTP = m.Client(c.HTTP, c.endpoints)
	}
	return &client
}

// clientFor is clientAt for a record, whose client counts where none is
// configured: the one that was registered, or, since a terminal need not know the
// client id that a host was given, any other.
func (c *Credential) clientFor(r *Record, m *oauth.Metadata) *oauth.Client {
	client := c.clientAt(m)
	if client.ID == "" && r.Registration.isOf(r) {
		r.Registration.as(client)
	}
	client.ID = cmp.Or(client.ID, r.ClientID)
	return client
}

// parameters name the APIs that a sign-in is for.
func (s Settings) parameters() url.Values {
	form := url.Values{}
	if s.Audience != "" {
		form.Set("audience", s.Audience)
	}
	if resources := Words(s.Resource); len(resources) > 0 {
		form["resource"] = resources
	}
	return form
}
