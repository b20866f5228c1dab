package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"

	"github.com/valetkey/valetkey/oauth"
)

const (
	fileStoreName = "the file store"
	ageSuffix     = ".age"
	identityFile  = "identity" + ageSuffix
	identityLock  = "identity.lock"
)

// SealedFiles keeps each record in an age file of its own, for machines without
// a keyring and people who choose so. An identity opens them all; it lies in
// identity.age beside them, sealed with a passphrase. The age program can open
// both:
//
//	age -d -i identity.age github.age
//
// The passphrase is asked for at most once while the process runs, and not
// before a record is opened or made. What can't be opened is never replaced.
// Nothing tells an older copy of a record from the one that was written last:
// who can put one there can write to this user's files.
type SealedFiles struct {
	Folder     *Folder
	Passphrase Passphrase

	// workFactor is scrypt's, as a power of two; 0 is age's own.
	workFactor int

	mu      sync.Mutex
	opened  *openIdentity
	refused refusedPassphrase
}

// openIdentity is an identity and the file it was in: another one there needs
// another passphrase perhaps.
type openIdentity struct {
	sealed     []byte
	identities []age.Identity
	recipient  age.Recipient
}

// refusedPassphrase is one that a variable gave and that didn't open a file, so
// that the same isn't tried at every call.
type refusedPassphrase struct {
	sealed     []byte
	passphrase oauth.Secret
}

// Source implements [Store].
func (s *SealedFiles) Source() Source { return SourceSealed }

// Note implements [Store].
func (s *SealedFiles) Note() string {
	if s.Passphrase.variable() != "" {
		return ""
	}
	return fmt.Sprintf("the file store needs its passphrase, which hosts can't type: set %s or %s for them", passphraseFileVariable, passphraseCommandVariable)
}

// Ready implements [Store]. At the first use it makes the identity.
func (s *SealedFiles) Ready(ctx context.Context) error {
	_, err := s.unlockOrCreate(ctx)
	return err
}

// Read implements [Store]. It needs no passphrase to say [ErrNotFound].
func (s *SealedFiles) Read(ctx context.Context, entry string) (*Record, error) {
	sealed, err := s.Folder.read(recordFile(entry))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, s.failed(err)
	}
	opened, err := s.unlock(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, s.identityGone()
	}
	if err != nil {
		return nil, err
	}
	r, err := unseal(sealed, entry, opened.identities...)
	if err != nil {
		return nil, &StoreError{Outcome: Broken, Reason: s.path(recordFile(entry)), store: fileStoreName, unreadable: err}
	}
	return r, nil
}

// Write implements [Store].
func (s *SealedFiles) Write(ctx context.Context, entry string, r *Record) error {
	opened, err := s.unlockOrCreate(ctx)
	if err != nil {
		return err
	}
	sealed, err := seal(entry, r, opened.recipient)
	if err == nil {
		err = s.Folder.write(recordFile(entry), sealed)
	}
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// Delete implements [Store].
func (s *SealedFiles) Delete(_ context.Context, entry string) error {
	if err := s.Folder.remove(recordFile(entry)); err != nil {
		return s.failed(err)
	}
	return nil
}

func recordFile(entry string) string { return fileName(entry) + ageSuffix }

func (s *SealedFiles) path(name string) string { return filepath.Join(s.Folder.Path, name) }

func (s *SealedFiles) failed(err error) error { return s.Folder.failed(fileStoreName, err) }

func (s *SealedFiles) identityGone() error {
	return brokenFiles(fmt.Sprintf("%s is gone, and only that opens the records beside it", s.path(identityFile)),
		fmt.Sprintf("put it back, or remove %s to start afresh", s.path("*"+ageSuffix)))
}

// unlock answers the identity. The error holds [fs.ErrNotExist] if there is
// none.
func (s *SealedFiles) unlock(ctx context.Context) (*openIdentity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity(ctx, s.passphrase)
}

// identity is unlock for those who hold mu and say where the passphrase for a
// sealed identity comes from.
func (s *SealedFiles) identity(ctx context.Context, open func(context.Context, []byte) (*openIdentity, error)) (*openIdentity, error) {
	sealed, err := s.Folder.read(identityFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return nil, s.failed(err)
	case s.opened != nil && bytes.Equal(s.opened.sealed, sealed):
		return s.opened, nil
	}
	opened, err := open(ctx, sealed)
	if err != nil {
		return nil, err
	}
	s.opened = opened
	return opened, nil
}

// passphrase opens a sealed identity with the passphrase from a variable, or
// one that a person types.
func (s *SealedFiles) passphrase(ctx context.Context, sealed []byte) (*openIdentity, error) {
	if variable := s.Passphrase.variable(); variable != "" {
		return s.openByVariable(ctx, sealed, variable)
	}
	question := fmt.Sprintf("Passphrase of %s: ", s.path(identityFile))
	for range passphraseAttempts {
		typed, err := s.Passphrase.ask(ctx, question)
		if err != nil {
			return nil, err
		}
		opened, err := s.openWith(sealed, typed)
		if !errors.Is(err, errWrongPassphrase) {
			return opened, err
		}
		question = "That doesn't open it. The passphrase once more: "
	}
	return nil, declinedFiles("the passphrase was wrong each time")
}

func (s *SealedFiles) openByVariable(ctx context.Context, sealed []byte, variable string) (*openIdentity, error) {
	passphrase, err := s.Passphrase.read(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := (*openIdentity)(nil), error(errWrongPassphrase)
	if !s.refused.is(sealed, passphrase) {
		opened, err = s.openWith(sealed, passphrase)
	}
	if errors.Is(err, errWrongPassphrase) {
		s.refused = refusedPassphrase{sealed, passphrase}
		return nil, s.wrongPassphrase("the passphrase from " + variable)
	}
	return opened, err
}

func (r refusedPassphrase) is(sealed []byte, passphrase oauth.Secret) bool {
	return r.sealed != nil && bytes.Equal(r.sealed, sealed) && r.passphrase.Equal(passphrase)
}

func (s *SealedFiles) wrongPassphrase(which string) error {
	return lockedFiles(fmt.Sprintf("%s doesn't open %s", which, s.path(identityFile)),
		fmt.Sprintf("give the one it was made with; if that is lost, remove %s and sign in again", s.path("*"+ageSuffix)))
}

var errWrongPassphrase = errors.New("wrong passphrase")

// openWith opens a sealed identity, which takes about a second.
func (s *SealedFiles) openWith(sealed []byte, passphrase oauth.Secret) (*openIdentity, error) {
	by, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	plain, err := decrypt(sealed, by)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) && strings.Join(none.StanzaTypes, " ") == "scrypt" {
		return nil, errWrongPassphrase
	}
	var opened *openIdentity
	if err == nil {
		opened, err = parseIdentity(plain)
	}
	if err != nil {
		return nil, brokenFiles(s.path(identityFile)+" is not an age identity sealed with a passphrase",
			fmt.Sprintf("put the right one back, or remove %s to start afresh", s.path("*"+ageSuffix)))
	}
	opened.sealed = sealed
	return opened, nil
}

var errIdentity = errors.New("not an age identity")

// parseIdentity reads an identity file as age writes it. It may hold several
// identities: all of them open records, and the first one seals them.
func parseIdentity(plain []byte) (*openIdentity, error) {
	identities, err := age.ParseIdentities(bytes.NewReader(plain))
	if err != nil {
		return nil, errIdentity
	}
	for _, identity := range identities {
		if own, ok := identity.(*age.X25519Identity); ok {
			return &openIdentity{identities: identities, recipient: own.Recipient()}, nil
		}
	}
	return nil, errIdentity
}

// unlockOrCreate answers the identity, and makes it if nothing is sealed yet.
func (s *SealedFiles) unlockOrCreate(ctx context.Context) (*openIdentity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	opened, err := s.identity(ctx, s.passphrase)
	if !errors.Is(err, fs.ErrNotExist) {
		return opened, err
	}
	if err := s.checkEmpty(); err != nil {
		return nil, err
	}
	// No process waits for another one's person.
	passphrase, err := s.newPassphrase(ctx)
	if err != nil {
		return nil, err
	}
	unlock, err := s.Folder.lock(ctx, identityLock)
	if err != nil {
		return nil, s.lockError(err)
	}
	defer unlock()
	return s.create(ctx, passphrase)
}

func (s *SealedFiles) newPassphrase(ctx context.Context) (oauth.Secret, error) {
	if s.Passphrase.variable() != "" {
		return s.Passphrase.read(ctx)
	}
	return s.Passphrase.askNew(ctx, s.path(identityFile))
}

func (s *SealedFiles) lockError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return s.failed(err)
}

// checkEmpty refuses a new identity beside records that one opens which is gone.
func (s *SealedFiles) checkEmpty() error {
	there, err := s.Folder.names("", ageSuffix)
	if err != nil {
		return s.failed(err)
	}
	if len(there) == 0 {
		return nil
	}
	// Another process may just have made it.
	if _, err := s.Folder.read(identityFile); errors.Is(err, fs.ErrNotExist) {
		return s.identityGone()
	}
	return nil
}

// create makes the identity, unless another process has just made it. Call it
// with the lock.
func (s *SealedFiles) create(ctx context.Context, passphrase oauth.Secret) (*openIdentity, error) {
	opened, err := s.identity(ctx, func(_ context.Context, sealed []byte) (*openIdentity, error) {
		opened, err := s.openWith(sealed, passphrase)
		if errors.Is(err, errWrongPassphrase) {
			return nil, s.wrongPassphrase("another process has just made it, and this passphrase")
		}
		return opened, err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		return opened, err
	}
	if err := s.checkEmpty(); err != nil {
		return nil, err
	}
	sealed, plain, err := s.newIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	if err := s.Folder.write(identityFile, sealed); err != nil {
		return nil, s.failed(err)
	}
	opened, err = parseIdentity(plain)
	if err != nil {
		return nil, err
	}
	opened.sealed, s.opened = sealed, opened
	return opened, nil
}

// newIdentity answers a fresh identity, sealed and as age writes it.
func (s *SealedFiles) newIdentity(passphrase oauth.Secret) (sealed, plain []byte, err error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, err
	}
	to, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, nil, err
	}
	if s.workFactor != 0 {
		to.SetWorkFactor(s.workFactor)
	}
	plain = fmt.Appendf(nil, "# public key: %s\n%s\n", identity.Recipient(), identity)
	sealed, err = encrypt(plain, to)
	return sealed, plain, err
}
