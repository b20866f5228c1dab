package credentials

import (
	"context"
	"errors"
	"log/slog"

	"github.com/valetkey/valetkey/oauth"
)

// stored reads the record in use. One that was refused for good, or made for
// another client, host or set of scopes, counts as not found; it is kept until
// a new sign-in replaces it.
func (c *Credential) stored(ctx context.Context) (*Record, error) {
	r, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	if !c.usable(r) {
		if !r.Token.Access.IsZero() {
			c.step(ctx, "the token of the store is of no use", slog.String("because", c.whyNot(r, c.want())))
		}
		return nil, ErrNotFound
	}
	return r, nil
}

func (c *Credential) usable(r *Record) bool {
	return !r.Token.Access.IsZero() && !r.SignInNeeded && r.serves(c.want())
}

// read answers the newest record there is: one that could not be stored yet
// is newer than the store's.
func (c *Credential) read(ctx context.Context) (*Record, error) {
	if held := c.held(); held != nil {
		c.step(ctx, "what could not be stored so far is in memory")
		return held, nil
	}
	r, err := c.Store.Read(ctx, c.Name())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, c.errorf("%w", err)
	}
	return r, err
}

func (c *Credential) use(g *grant) *grant {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case g == nil:
	case c.current != nil && c.current.token.Equal(g.token):
		g.number = c.current.number
	default:
		c.tokens++
		g.number = c.tokens
	}
	c.current = g
	return g
}

func (c *Credential) adopt(r *Record) *grant {
	return c.use(c.grantOf(r))
}

func (c *Credential) grantOf(r *Record) *grant {
	return &grant{token: r.Token.Access, expiry: r.Token.Expiry, record: r, checked: c.Now(), isKey: r.isKey()}
}

// forget makes sure that a token is not used again, unless it is found again.
func (c *Credential) forget(token oauth.Secret) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && c.current.token.Equal(token) {
		c.current = nil
	}
}

// keep stores a record and uses it. Call it exclusively.
func (c *Credential) keep(ctx context.Context, r Record) *grant {
	c.store(ctx, r)
	return c.adopt(&r)
}

// store stores a record. If it can't be stored it is held in memory, said so,
// and stored at the next opportunity: a token in hand is never dropped. Call it
// exclusively.
func (c *Credential) store(ctx context.Context, r Record) {
	c.hold(&r)
	if err := c.save(ctx); err != nil {
		c.Log.Error(c.Name()+": the token can't be stored and is held in memory for now", "error", err)
	}
}

func (c *Credential) hold(r *Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsaved = r
}

func (c *Credential) held() *Record {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unsaved
}

// save stores the record held in memory, if any. It first looks at what the
// store has: another process may have stored a better one, and what can't be
// read must not be overwritten. Call it exclusively.
func (c *Credential) save(ctx context.Context) error {
	r := c.held()
	if r == nil {
		return nil
	}
	there, err := c.Store.Read(ctx, c.Name())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := c.mayReplace(there, r); err != nil {
		return err
	}
	if !c.superseded(r, there) {
		saved := *r
		saved.Pending = nil
		if there != nil {
			saved.Generation, saved.Registration = there.Generation, there.Registration
			saved.Pending = c.stillWaiting(there.Pending, r.from)
		}
		saved.Generation++
		if err := c.Store.Write(ctx, c.Name(), &saved); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unsaved = nil
	return nil
}

// stillWaiting answers a sign-in, unless it is the one that is spent or its code
// has expired.
func (c *Credential) stillWaiting(p, spent *Pending) *Pending {
	if p == nil || spent.is(p) || !c.canEnd(p) {
		return nil
	}
	return p
}

// superseded reports whether what the store has, nil for nothing, makes a
// record needless. A mark is for the very token it was made for. A token takes
// the place of the one it replaces, whatever the clock says, and gives way to a
// sign-out and to a stranger that was issued later.
func (c *Credential) superseded(r, there *Record) bool {
	switch {
	case r.SignInNeeded:
		return there == nil || !there.Token.Access.Equal(r.Token.Access)
	case there == nil || there.Token.Access.IsZero():
		// A sign-out takes away the token, and with it a sign-in that waits.
		return !r.replaces.IsZero() || there == nil && r.from.isShared()
	case there.Token.Access.Equal(r.replaces) || there.Token.Access.Equal(r.Token.Access):
		return false
	}
	return c.usable(there) && there.isAfter(r)
}

// inStore answers the token that the store has where a process has read this
// record.
func (c *Credential) inStore(r *Record) oauth.Secret {
	if held := c.held(); held != nil && held.Token.Access.Equal(r.Token.Access) {
		return held.replaces
	}
	return r.Token.Access
}

// markRefused notes that the provider will not take a token again. The record
// is kept: deleting it could lose what another process has just put there.
func (c *Credential) markRefused(ctx context.Context, r *Record) {
	c.forget(r.Token.Access)
	if held := c.held(); held != nil && !held.Token.Access.Equal(r.Token.Access) {
		return
	}
	refused := *r
	refused.SignInNeeded = true
	c.hold(&refused)
	if err := c.save(ctx); err != nil {
		c.Log.Warn(c.Name()+": can't note that a new sign-in is needed", "error", err)
	}
}
