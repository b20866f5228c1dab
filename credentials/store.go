package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

// Store keeps records. Implementations are safe for concurrent use. A read
// answers [ErrNotFound] when there is no such entry, and a [*StoreError] when
// it can't be known: the two are never mixed up, for an entry that can't be
// read must neither be replaced nor cause a new sign-in.
type Store interface {
	Read(ctx context.Context, entry string) (*Record, error)
	Write(ctx context.Context, entry string, r *Record) error
	// Delete answers nil also when there is no such entry.
	Delete(ctx context.Context, entry string) error
	// Ready answers why nothing can be written, as far as that can be known
	// beforehand: a person who is to approve a sign-in is spared it then.
	Ready(ctx context.Context) error
	// Source is where a token from this store is said to come from.
	Source() Source
	// Note says what a person should know about how tokens are kept, or "".
	Note() string
}

// ErrNotFound says that a store has no such entry.
var ErrNotFound = errors.New("no such entry")

// Outcome is how a store answered.
type Outcome string

// Absent is the only outcome after which tokens may be kept in memory instead;
// all others mean that a token may well be there.
const (
	Ready    Outcome = "ready"
	Absent   Outcome = "absent"
	Locked   Outcome = "locked"
	Declined Outcome = "declined"
	Broken   Outcome = "broken"
)

// StoreError is a store that could not do what was asked. Reason is in words
// and holds no secret.
type StoreError struct {
	Outcome Outcome
	Reason  string

	// store is what could not do it, and mend what a person can do about it;
	// "" are the keyring, and what mending says.
	store, mend string
	// unreadable is set when the store works and the record makes no sense.
	unreadable error
}

const (
	startAfresh = "to start afresh, run: valetkey logout, then: valetkey login"

	// withoutKeyring is what is left where no keyring can be had.
	withoutKeyring = "set VALET_STORE=file to keep tokens in files sealed with a passphrase"
)

// mending says what a person can do about each outcome of a system's keyring.
func mending(goos string) map[Outcome]string {
	unlock := "unlock it (log in to your desktop, or run: valetkey login) and try again"
	if goos == "darwin" {
		unlock = "unlock it (run: security unlock-keychain) and try again"
	}
	return map[Outcome]string{
		Absent:   withoutKeyring,
		Locked:   unlock,
		Declined: "try again and allow it, or set VALET_STORE=memory to keep tokens for one run only",
		Broken:   "see what your keyring program says, or set VALET_STORE=memory to keep tokens for one run only",
	}
}

// Unwrap answers what is wrong with a record, if that is what is wrong.
func (e *StoreError) Unwrap() error { return e.unreadable }

func (e *StoreError) Error() string {
	if e.unreadable != nil {
		wrong, _ := Advice(e.unreadable)
		return fmt.Sprintf("%s: %s; %s", e.Reason, wrong, e.Mend())
	}
	store := e.store
	if store == "" {
		store = "the keyring"
	}
	return fmt.Sprintf("%s is %s: %s; %s", store, e.Outcome, e.Reason, e.Mend())
}

// Mend answers what a person can do about it.
func (e *StoreError) Mend() string {
	if e.mend != "" {
		return e.mend
	}
	if e.unreadable != nil {
		_, mend := Advice(e.unreadable)
		return cmp.Or(mend, startAfresh)
	}
	return mending(runtime.GOOS)[e.Outcome]
}

// OutcomeOf answers how a store answered, from a store's error.
func OutcomeOf(err error) Outcome {
	var failed *StoreError
	switch {
	case err == nil, errors.Is(err, ErrNotFound):
		return Ready
	case errors.As(err, &failed):
		return failed.Outcome
	}
	return Broken
}

// probeEntry is the entry a store is tried with.
const probeEntry = "doctor"

// TryStore writes, reads and deletes an entry of its own, to see whether a store
// keeps what it is given. Processes that share the folder take turns; where
// there can be no lock, the turn is now.
func TryStore(ctx context.Context, store Store, folder *Folder) error {
	unlock, err := folder.lock(ctx, probeEntry+lockSuffix)
	switch {
	case err == nil:
		defer unlock()
	case !errors.Is(err, ErrFolder):
		return err
	}
	if err := store.Write(ctx, probeEntry, ProbeRecord()); err != nil {
		return err
	}
	_, err = store.Read(ctx, probeEntry)
	return errors.Join(err, store.Delete(ctx, probeEntry))
}

// Memory keeps records while the process runs. The zero value is ready.
type Memory struct {
	// Reason says why tokens are only kept in memory.
	Reason string

	// mend is what a person can do to have them kept, "" if they want it so.
	mend string

	mu      sync.Mutex
	records map[string]Record
}

// Read implements [Store].
func (m *Memory) Read(_ context.Context, entry string) (*Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[entry]
	if !ok {
		return nil, ErrNotFound
	}
	return &r, nil
}

// Write implements [Store].
func (m *Memory) Write(_ context.Context, entry string, r *Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records == nil {
		m.records = map[string]Record{}
	}
	m.records[entry] = *r
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(_ context.Context, entry string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, entry)
	return nil
}

// Ready implements [Store].
func (m *Memory) Ready(context.Context) error { return nil }

// Source implements [Store].
func (m *Memory) Source() Source { return SourceMemory }

// Note implements [Store].
func (m *Memory) Note() string {
	note := fmt.Sprintf("tokens are kept in memory only, so a sign-in lasts while this process runs (%s)", m.Reason)
	if m.mend == "" {
		return note
	}
	return note + toKeepThem + m.mend
}

// OpenStore answers the store for a mode of VALET_STORE: auto, keyring, file or
// memory. It touches nothing yet.
func OpenStore(mode string, keyring *Keyring, files *SealedFiles) (Store, error) {
	switch Given(mode) {
	case "", "auto":
		return &autoStore{keyring: keyring}, nil
	case "keyring":
		return keyring, nil
	case "file":
		return files, nil
	case "memory":
		return &Memory{Reason: "VALET_STORE=memory"}, nil
	}
	return nil, fmt.Errorf("VALET_STORE=%q is not a store; set it to auto, keyring, file or memory", mode)
}

// autoStore is the keyring, or memory where the keyring turns out to be absent.
// It doesn't change its mind about a token: one that is in the keyring is not
// lost because the keyring ends, and one in memory stays there. Until there is
// one, the keyring is asked again each time, since it may just be starting.
type autoStore struct {
	keyring *Keyring

	mu    sync.Mutex
	found bool
	// memory is set when the keyring was absent the last time, and kept once
	// something has been written to it.
	memory  *Memory
	written bool
}

func (a *autoStore) current() Store {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.memory != nil {
		return a.memory
	}
	return a.keyring
}

// with runs an operation on the keyring and, if there is none, on memory.
func (a *autoStore) with(operation func(Store) error) error {
	if memory := a.settled(); memory != nil {
		return operation(memory)
	}
	err := operation(a.keyring)
	if !a.isAbsent(err) {
		return err
	}
	return operation(a.current())
}

// settled answers the memory that has been written to.
func (a *autoStore) settled() *Memory {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.written {
		return a.memory
	}
	return nil
}

// isAbsent takes note of how the keyring has answered.
func (a *autoStore) isAbsent(err error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	var failed *StoreError
	answered := errors.As(err, &failed) || err == nil || errors.Is(err, ErrNotFound)
	switch {
	case a.found || !answered:
		return false
	case failed == nil || failed.Outcome != Absent:
		a.found, a.memory = true, nil
		return false
	case a.written:
		return true
	}
	a.memory = &Memory{Reason: failed.Reason, mend: failed.Mend()}
	return true
}

func (a *autoStore) Read(ctx context.Context, entry string) (r *Record, err error) {
	err = a.with(func(s Store) error { r, err = s.Read(ctx, entry); return err })
	return r, err
}

func (a *autoStore) Write(ctx context.Context, entry string, r *Record) error {
	return a.with(func(s Store) error {
		err := s.Write(ctx, entry, r)
		a.mu.Lock()
		defer a.mu.Unlock()
		a.written = a.written || err == nil && s == Store(a.memory)
		return err
	})
}

func (a *autoStore) Delete(ctx context.Context, entry string) error {
	return a.with(func(s Store) error { return s.Delete(ctx, entry) })
}

func (a *autoStore) Ready(ctx context.Context) error {
	// A keyring says yes without having been asked, which settles nothing.
	return a.current().Ready(ctx)
}

func (a *autoStore) Source() Source { return a.current().Source() }

func (a *autoStore) Note() string { return a.current().Note() }

// AdviceOf splits a store's note as [Advice] does an error.
func AdviceOf(store Store) (note, mend string) {
	note, mend, _ = strings.Cut(store.Note(), toKeepThem)
	return note, mend
}

const toKeepThem = "; to keep them, "
