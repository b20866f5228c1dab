package credentials

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	keyring "github.com/zalando/go-keyring"

	"github.com/valetkey/valetkey/oauth"
)

const (
	// KeyringName is the name the entries are kept under, as Keychain Access,
	// Seahorse and the Windows Credential Manager show it.
	KeyringName = "valetkey"

	servingTimeout     = 2 * time.Second
	interactiveTimeout = 120 * time.Second
	silence            = time.Second
	deadBusPause       = 15 * time.Second
)

// Keyring keeps each record in one entry of the operating system's keyring,
// or what opens its sealed file, through go-keyring, which can hang, panic and
// report success without having stored or deleted anything. So one call is made
// at a time, each has a deadline, a panic is an error, every write and delete is
// read back, and after a call that didn't return no other is made until it does.
type Keyring struct {
	// Name is the service name of the entries; "" is [KeyringName].
	Name string
	// Interactive says that a person is there to unlock the keyring: calls
	// may take two minutes instead of two seconds, and a locked keyring is
	// asked for rather than reported.
	Interactive bool
	// Waiting is called, by the caller's goroutine, when an interactive call
	// has taken a second: the keyring may be asking for its password where
	// nobody looks. nil: nobody is told.
	Waiting func()
	// Folder takes sealed files for records that are larger than an entry.
	// nil: such a record can't be kept. Whoever writes or deletes an entry
	// holds the lock of its credential, since both remove files.
	Folder *Folder

	once   sync.Once
	worker chan struct{}
	system system

	mu        sync.Mutex
	busySince time.Time
	resumeAt  time.Time
	release   func(context.Context) bool
}

// system is the keyring itself: go-keyring, and what has to be known to call
// it. limit is how many bytes an entry holds, 0 for any number. watch, if
// there is one, is told of each call that begins, and answers what ends it if
// nobody is there any more who could answer it, and whether it has.
type system struct {
	watch  func() (release func(context.Context) bool)
	probe  func(ctx context.Context, interactive bool) error
	get    func(service, entry string) (string, error)
	set    func(service, entry, text string) error
	delete func(service, entry string) error
	limit  int
}

func operatingSystem() system {
	return system{watch: watch, probe: probe, get: keyring.Get, set: keyring.Set, delete: keyring.Delete, limit: entryLimit(runtime.GOOS)}
}

// prepare makes the zero value ready.
func (k *Keyring) prepare() {
	k.once.Do(func() {
		k.worker = make(chan struct{}, 1)
		if k.system.get == nil {
			k.system = operatingSystem()
		}
	})
}

// Source implements [Store].
func (k *Keyring) Source() Source { return SourceKeyring }

// Note implements [Store].
func (k *Keyring) Note() string { return "" }

// Read implements [Store].
func (k *Keyring) Read(ctx context.Context, entry string) (*Record, error) {
	text, err := k.get(ctx, entry)
	if err != nil {
		return nil, err
	}
	r, err := k.open(text, entry)
	if errors.Is(err, fs.ErrNotExist) {
		r, err = k.openAgain(ctx, entry)
	}
	if err != nil {
		return nil, k.unreadable(entry, err)
	}
	return r, nil
}

func (k *Keyring) get(ctx context.Context, entry string) (oauth.Secret, error) {
	var text oauth.Secret
	err := k.do(ctx, func() error {
		kept, err := k.system.get(k.name(), entry)
		text = oauth.NewSecret(kept)
		return err
	})
	if err != nil {
		return oauth.Secret{}, err
	}
	return text, nil
}

// Ready implements [Store].
func (k *Keyring) Ready(context.Context) error { return nil }

// Write implements [Store].
func (k *Keyring) Write(ctx context.Context, entry string, r *Record) error {
	text, err := r.encode()
	if err != nil {
		return err
	}
	k.prepare()
	size := len(text.Reveal())
	switch {
	case k.system.limit == 0 || size <= k.system.limit:
		return k.replace(ctx, entry, text, nil)
	case k.Folder == nil:
		return k.tooLarge(size)
	}
	return k.writeSealed(ctx, entry, r)
}

func (k *Keyring) tooLarge(size int) error {
	return &StoreError{Outcome: Broken, Reason: fmt.Sprintf("the token takes %d bytes and an entry of this keyring holds %d", size, k.system.limit)}
}

// Delete implements [Store].
func (k *Keyring) Delete(ctx context.Context, entry string) error {
	err := k.do(ctx, func() error {
		if err := k.system.delete(k.name(), entry); err != nil {
			return err
		}
		_, err := k.system.get(k.name(), entry)
		return err
	})
	switch {
	case err == nil:
		return &StoreError{Outcome: Declined, Reason: "it accepted that the token is deleted and has kept it"}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	// Without the entry nothing can open them any more.
	k.sweep(entry)
	return nil
}

// entryLimit is how many bytes an entry holds, 0 for any number. Windows:
// CRED_MAX_CREDENTIAL_BLOB_SIZE. macOS: go-keyring writes the entry, base64
// encoded, within one command of 4,096 bytes, and leaks a process beyond.
func entryLimit(goos string) int {
	switch goos {
	case "windows":
		return 2560
	case "darwin":
		return 2900
	}
	return 0
}

func (k *Keyring) name() string {
	if k.Name == "" {
		return KeyringName
	}
	return k.Name
}

func (k *Keyring) timeout() time.Duration {
	if k.Interactive {
		return interactiveTimeout
	}
	return servingTimeout
}

// do runs one operation on the worker. The operation's goroutine holds the
// worker until go-keyring returns, which may be long after do has given up.
func (k *Keyring) do(ctx context.Context, operation func() error) error {
	k.prepare()
	ctx, cancel := context.WithTimeoutCause(ctx, k.timeout(), errNoAnswer)
	defer cancel()
	if err := k.breaker(); err != nil && !k.released(ctx) {
		return err
	}
	select {
	case k.worker <- struct{}{}:
	case <-ctx.Done():
		return k.gaveUp(ctx)
	}
	k.begin()
	done := make(chan error, 1)
	go func() {
		err := k.guarded(ctx, operation)
		k.end(ctx, err)
		done <- err
	}()
	if err := k.await(ctx, done); !errors.Is(err, errInterrupted) {
		return err
	}
	return k.gaveUp(ctx)
}

// await answers how an operation ended, or errInterrupted.
func (k *Keyring) await(ctx context.Context, done <-chan error) error {
	var silent <-chan time.Time
	if k.Interactive && k.Waiting != nil {
		silent = time.After(silence)
	}
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return errInterrupted
		case <-silent:
			k.Waiting()
		}
	}
}

var (
	errNoAnswer    = errors.New("the keyring didn't answer")
	errInterrupted = errors.New("looking for the keyring was interrupted")
)

func (k *Keyring) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busySince = time.Now()
}

// end frees the worker. A bus that gives no answer at all is left alone for
// some time; every other end means that calls come back.
func (k *Keyring) end(ctx context.Context, err error) {
	k.mu.Lock()
	k.busySince, k.resumeAt, k.release = time.Time{}, time.Time{}, nil
	if errors.Is(err, errInterrupted) && errors.Is(context.Cause(ctx), errNoAnswer) {
		k.resumeAt = time.Now().Add(deadBusPause)
	}
	k.mu.Unlock()
	<-k.worker
}

// gaveUp answers the error of a call that wasn't waited for to the end.
func (k *Keyring) gaveUp(ctx context.Context) error {
	if !errors.Is(context.Cause(ctx), errNoAnswer) {
		return ctx.Err()
	}
	return &StoreError{Outcome: Locked, Reason: fmt.Sprintf("it didn't answer within %s, perhaps because it waits for its password", k.timeout())}
}

// breaker refuses a call while an earlier one is overdue: each new one would
// open one more password prompt.
func (k *Keyring) breaker() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case !k.busySince.IsZero() && time.Since(k.busySince) >= k.timeout():
		return &StoreError{Outcome: Locked, Reason: "it has not answered an earlier call yet"}
	case time.Now().Before(k.resumeAt):
		return &StoreError{Outcome: Locked, Reason: "it gave no answer a moment ago, and is asked again in " + deadBusPause.String()}
	}
	return nil
}

// watch has the call that begins watched.
func (k *Keyring) watch() {
	if k.system.watch == nil {
		return
	}
	release := k.system.watch()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.release = release
}

// released reports whether the overdue call was one that nobody could have
// answered any more, and has been ended.
func (k *Keyring) released(ctx context.Context) bool {
	k.mu.Lock()
	release := k.release
	k.mu.Unlock()
	if release == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return release(ctx)
}

// guarded probes the keyring, runs the operation and turns what comes out,
// panics included, into an outcome.
func (k *Keyring) guarded(ctx context.Context, operation func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = &StoreError{Outcome: Broken, Reason: fmt.Sprintf("its answer made the keyring library panic (%T)", panicked)}
		}
	}()
	err = k.system.probe(ctx, k.Interactive)
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return err
	}
	k.watch()
	return k.classify(operation())
}

// classify gives an error of go-keyring its outcome.
func (k *Keyring) classify(err error) error {
	var missing *exec.Error
	var ended *exec.ExitError
	var outcome *StoreError
	switch {
	case err == nil, errors.As(err, &outcome), errors.Is(err, ErrNotFound):
		return err
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNotFound
	case errors.Is(err, keyring.ErrUnsupportedPlatform), errors.As(err, &missing):
		return &StoreError{Outcome: Absent, Reason: "there is no keyring on this system"}
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return &StoreError{Outcome: Broken, Reason: "the token is larger than an entry of this keyring"}
	case strings.HasPrefix(err.Error(), "failed to unlock"):
		return &StoreError{Outcome: k.lockedOutcome(), Reason: "it was not unlocked"}
	case errors.As(err, &ended):
		return &StoreError{Outcome: exitOutcome(ended.ExitCode()), Reason: "its program ended with " + ended.ProcessState.String()}
	}
	return systemError(err)
}

// lockedOutcome tells a person's refusal from a lock that nobody was asked
// to open.
func (k *Keyring) lockedOutcome() Outcome {
	if k.Interactive {
		return Declined
	}
	return Locked
}

// exitOutcome reads the exit code of macOS's security, the last byte of the
// status in SecBase.h: errSecInteractionNotAllowed (-25308) for a locked
// keychain where nobody can be asked, such as over SSH, errSecAuthFailed
// (-25293) and userCanceledErr (-128).
func exitOutcome(code int) Outcome {
	switch code {
	case 36:
		return Locked
	case 51, 128:
		return Declined
	}
	return Broken
}
