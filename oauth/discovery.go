package oauth

import (
	"context"
	"net/http"
	"time"
)

// Discovery is the metadata of one issuer, asked for when it is first needed and
// again when it no longer holds. It is safe for concurrent use.
type Discovery struct {
	issuer string
	client *http.Client
	now    func() time.Time
	// turn is full while somebody asks or looks, which guards the rest. It is a
	// channel because others wait for it no longer than their context lasts.
	turn  chan struct{}
	known *Metadata
	// until is when what is known ends.
	until time.Time
}

// NewDiscovery prepares for an issuer that [CheckIssuer] takes. It asks nothing.
func NewDiscovery(issuer string, client *http.Client, now func() time.Time) *Discovery {
	return &Discovery{issuer: issuer, client: client, now: now, turn: make(chan struct{}, 1)}
}

// Metadata answers what is known, as long as it holds, or else asks for it, one
// request at a time. What has ended within the last day is answered all the same
// if the server can't be reached and hasn't forbidden it. Errors are
// [Discover]'s, and the context's own if it ends while another asks.
func (d *Discovery) Metadata(ctx context.Context) (*Metadata, error) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	now := d.now()
	if now.Before(d.until) {
		return d.known, nil
	}
	found, err := Discover(ctx, d.client, d.issuer)
	switch {
	case err == nil:
		d.known, d.until = found, now.Add(found.fresh)
		return found, nil
	case d.known != nil && isDown(err) && now.Before(d.until.Add(d.known.grace)):
		return d.known, nil
	}
	return nil, err
}
