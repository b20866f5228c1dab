package credentials

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// exclusively does what looks at the record and then changes it, which is for
// one process at a time: two that renew the same token could have the provider
// revoke both. Call it with searching held. The error is errBusy if it was not
// this process's turn in time; nothing has been done then.
func (c *Credential) exclusively(ctx context.Context, do func(context.Context) (*grant, error)) (*grant, error) {
	return c.exclusivelyWithin(ctx, lockTimeout, do)
}

// exclusivelyWithin is exclusively for who has something better to do than to
// wait for longer.
func (c *Credential) exclusivelyWithin(ctx context.Context, patience time.Duration, do func(context.Context) (*grant, error)) (*grant, error) {
	waiting, cancel := context.WithTimeoutCause(ctx, patience, errBusy)
	defer cancel()
	began := time.Now()
	unlock, err := c.lock(waiting)
	if err != nil {
		c.step(ctx, "the lock isn't free", took(began), cause(err))
		return nil, err
	}
	c.step(ctx, "the lock is taken", slog.Bool("shared", c.isShared()), took(began))
	defer unlock()
	return do(ctx)
}

// saveExclusively stores the record held in memory, if any.
func (c *Credential) saveExclusively(ctx context.Context) error {
	if c.held() == nil {
		return nil
	}
	_, err := c.exclusively(ctx, func(ctx context.Context) (*grant, error) { return nil, c.save(ctx) })
	return err
}

// lock waits for this process's turn. Where there can be no lock, as on a disk
// that can't be written, the turn is now: a token that might be lost is better
// than one that surely is.
func (c *Credential) lock(ctx context.Context) (unlock func(), err error) {
	if !c.isShared() {
		return func() {}, nil
	}
	unlock, err = c.Folder.lock(ctx, fileName(c.Name())+lockSuffix)
	if errors.Is(err, ErrFolder) {
		c.Log.Warn(c.Name()+": other valetkey processes can't be locked out", "error", err)
		return func() {}, nil
	}
	if err != nil {
		return nil, c.errorf("%w", err)
	}
	return unlock, nil
}

// isShared reports whether other processes see the same records.
func (c *Credential) isShared() bool { return c.Folder != nil && c.Store.Source() != SourceMemory }
