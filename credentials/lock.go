package credentials

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockSuffix = ".lock"
	pollSuffix = ".poll"

	// lockTimeout is less than a request to an API may take, so that whoever
	// waits is told why in vain.
	lockTimeout  = 25 * time.Second
	lockInterval = 50 * time.Millisecond
)

// errBusy says that another process has held a lock for too long.
var errBusy = errors.New("another valetkey process has been busy with this credential for too long")

// lock takes a lock that all processes of this user share, and waits for it up
// to 25 s. The file is never removed, since whoever waits would then hold
// another file's lock; the kernel frees the lock if its holder dies.
func (f *Folder) lock(ctx context.Context, name string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout, errBusy)
	defer cancel()
	unlock, err = f.hold(name, func(file *flock.Flock) (bool, error) { return file.TryLockContext(ctx, lockInterval) })
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil, context.Cause(ctx)
	}
	return unlock, err
}

// tryLock takes a lock if it is free. unlock is nil if it isn't.
func (f *Folder) tryLock(name string) (unlock func(), err error) {
	return f.hold(name, (*flock.Flock).TryLock)
}

// hold takes a lock in a way that may find it taken; then unlock is nil. One of
// two places is enough.
func (f *Folder) hold(name string, take func(*flock.Flock) (bool, error)) (unlock func(), err error) {
	here, err := f.holdHere(name, take)
	if f.Beside == nil || err == nil && here == nil || err != nil && !errors.Is(err, ErrFolder) {
		return here, err
	}
	beside, failed := f.Beside.hold(name, take)
	switch {
	case errors.Is(failed, ErrFolder):
		return here, err
	case here == nil:
		return beside, failed
	case beside == nil:
		here()
		return nil, failed
	}
	return func() {
		beside()
		here()
	}, nil
}

func (f *Folder) holdHere(name string, take func(*flock.Flock) (bool, error)) (unlock func(), err error) {
	for range readAttempts {
		unlock, err := f.holdOnce(name, take)
		if !errors.Is(err, errReplaced) {
			return unlock, err
		}
	}
	return nil, faulty("try again", "%w: %s %w", ErrFolder, filepath.Join(f.Path, name), errReplaced)
}

// holdOnce makes sure that the file is this user's own and no link. flock opens
// whatever has that name, so what it has opened is compared afterwards.
func (f *Folder) holdOnce(name string, take func(*flock.Flock) (bool, error)) (unlock func(), err error) {
	root, err := f.create()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	tighten(root, name)
	if _, err := check(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	held := flock.New(filepath.Join(root.Name(), name))
	locked, err := take(held)
	if err != nil {
		held.Close()
		return nil, faulty(ownFolder, "%w: locking %s: %w", ErrFolder, held.Path(), err)
	}
	if !locked {
		held.Close()
		return nil, nil
	}
	if err := isFile(root, name, held); err != nil {
		held.Close()
		return nil, err
	}
	return func() { held.Close() }, nil
}

// tighten closes a lock file that others may open, as a copied folder leaves it.
// There is nothing in it, so nothing was seen.
func tighten(root *os.Root, name string) {
	if info, err := root.Lstat(name); err == nil && info.Mode().IsRegular() && isLoose(info) {
		_ = root.Chmod(name, 0o600)
	}
}

// isFile answers errReplaced unless the file that is held still has its name.
func isFile(root *os.Root, name string, held *flock.Flock) error {
	there, err := check(root, name)
	if errors.Is(err, fs.ErrNotExist) {
		return errReplaced
	}
	if err != nil {
		return err
	}
	opened, err := held.Stat()
	if err != nil {
		return faulty(ownFolder, "%w: locking %s: %w", ErrFolder, held.Path(), err)
	}
	if !os.SameFile(there, opened) {
		return errReplaced
	}
	return nil
}

// TryLocks takes a lock of its own twice, to see that the second one is kept
// out, and looks whether those of some entries can be taken at all.
func (f *Folder) TryLocks(ctx context.Context, entries ...string) error {
	for _, entry := range entries {
		unlock, err := f.tryLock(fileName(entry) + lockSuffix)
		if err != nil {
			return err
		}
		if unlock != nil {
			unlock()
		}
	}
	const name = probeEntry + lockSuffix
	unlock, err := f.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	second, err := f.tryLock(name)
	if second != nil {
		second()
		return faulty(ownFolder+" on this machine", "%w: %s keeps nobody out, as on some network drives", ErrFolder, f.Path)
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
		if account == "" || found {
			accounts = append(accounts, named)
		}
	}
	return accounts, nil
}
