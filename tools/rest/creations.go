package rest

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/valetkey/valetkey/gate"
)

// Creations are the ids of what was asked to be made and got no answer. Its zero
// value is ready. It is safe for concurrent use.
type Creations struct {
	mu  sync.Mutex
	ids map[string]string // by the request
}

// Once has something made under an id that the service takes but once. If no
// answer comes it asks a second time. Until one has come the same request gets
// the same id, so that whoever asks again makes no second thing, and a person who
// agrees to a request agrees to the one that is sent.
func (c *Creations) Once(ctx context.Context, request string, send func(id string) error) error {
	id := c.id(request)
	err := send(id)
	if IsLost(err) && ctx.Err() == nil {
		err = send(id)
	}
	if !IsLost(err) && !gate.IsHeld(err) {
		c.settle(request)
	}
	return err
}

func (c *Creations) id(request string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids = map[string]string{}
	}
	if c.ids[request] == "" {
		c.ids[request] = NewID()
	}
	return c.ids[request]
}

func (c *Creations) settle(request string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ids, request)
}

// IsLost tells whether a request may have been carried out although it has
// failed: there was no answer, or none of the API's, or one from a server in
// trouble.
func IsLost(err error) bool {
	if gate.IsHeld(err) {
		return false
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Status >= http.StatusInternalServerError
	}
	var network net.Error
	if errors.As(err, &network) {
		return true
	}
	for _, lost := range []error{io.EOF, io.ErrUnexpectedEOF, context.Canceled, errForeign} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// NewID is nobody else's, and of the letters a to v and digits (RFC 4648 §7).
func NewID() string {
	var random [20]byte
	rand.Read(random[:])
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(random[:]))
}
