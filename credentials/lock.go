package credentials

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockSuffix     = ".lock"
	pollLockSuffix = ".poll.lock"

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

// TryLocks takes a lock of its own twice, to see that the second one is kept
// out.
func (f *Folder) TryLocks(ctx context.Context) error {
	const name = probeEntry + lockSuffix
	unlock, err := f.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	second, err := f.tryLock(name)
	if second != nil {
		second()
		return fmt.Errorf("%w: %s keeps nobody out, as on some network drives", ErrFolder, f.Path)
	}
	return err
}

// Accounts answers the accounts of a service that were ever used with this
// folder, "" for the first one: their locks are still there.
func (f *Folder) Accounts(service string) ([]string, error) {
	names, err := f.names(service, lockSuffix)
	if err != nil {
		return nil, err
	}
	var accounts []string
	for _, name := range names {
		account := strings.TrimSuffix(strings.TrimPrefix(name, service), lockSuffix)
		named, found := strings.CutPrefix(account, "+")
		if account == "" || found && !strings.HasSuffix(name, pollLockSuffix) {
			accounts = append(accounts, named)
		}
	}
	return accounts, nil
}
