package credentials

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockTimeout  = 45 * time.Second
	lockInterval = 50 * time.Millisecond
)

// errBusy says that another process has held a lock for too long.
var errBusy = errors.New("another valetkey process has been busy with this credential for too long")

// lock takes a lock that all processes of this user share, and waits for it up
// to 45 s. The file is never removed, since whoever waits would then hold
// another file's lock; the kernel frees the lock if its holder dies.
func (f *Folder) lock(ctx context.Context, name string) (unlock func(), err error) {
	held, err := f.lockFile(name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout, errBusy)
	defer cancel()
	if _, err := held.TryLockContext(ctx, lockInterval); err != nil {
		held.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%w: locking %s: %w", ErrFolder, held.Path(), err)
	}
	return func() { held.Close() }, nil
}

// tryLock takes a lock if it is free. unlock is nil if it isn't.
func (f *Folder) tryLock(name string) (unlock func(), err error) {
	held, err := f.lockFile(name)
	if err != nil {
		return nil, err
	}
	locked, err := held.TryLock()
	if err != nil {
		held.Close()
		return nil, fmt.Errorf("%w: locking %s: %w", ErrFolder, held.Path(), err)
	}
	if !locked {
		held.Close()
		return nil, nil
	}
	return func() { held.Close() }, nil
}

func (f *Folder) lockFile(name string) (*flock.Flock, error) {
	root, err := f.create()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return flock.New(filepath.Join(root.Name(), name)), nil
}
