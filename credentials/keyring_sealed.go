package credentials

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"filippo.io/age"

	"github.com/valetkey/valetkey/oauth"
)

// A record that an entry has no room for lies in a sealed file, and the entry
// holds what opens it. The keyring decides which file counts: one that no entry
// names can't be opened by anything. A write puts the new file in place, then
// switches the entry, then removes the old file, so that the record, old or new,
// survives an end at any moment.

const sealedSuffix = ".sealed"

// sealedEntry is what an entry holds in place of a record.
type sealedEntry struct {
	entry      string
	generation int
	file       string
	identity   *age.X25519Identity
}

type sealedEntryJSON struct {
	Version    int    `json:"version"`
	Entry      string `json:"entry"`
	Generation int    `json:"generation"`
	SealedFile string `json:"sealed_file"`
	Identity   string `json:"identity"`
}

// newSealedEntry makes a fresh identity and the name of a file there can't be
// yet.
func newSealedEntry(entry string, r *Record) (sealedEntry, error) {
	identity, err := age.GenerateX25519Identity()
	random := make([]byte, 8)
	rand.Read(random)
	return sealedEntry{
		entry: entry, generation: r.Generation, identity: identity,
		file: fileName(entry) + "." + hex.EncodeToString(random) + sealedSuffix,
	}, err
}

func (s sealedEntry) encode() (oauth.Secret, error) {
	text, err := json.Marshal(sealedEntryJSON{
		Version: sealedVersion, Entry: s.entry, Generation: s.generation, SealedFile: s.file, Identity: s.identity.String(),
	})
	return oauth.NewSecret(string(text)), err
}

// decodeSealedEntry answers what an entry says of its sealed file. is is false
// if the text is none of that kind, but perhaps a record.
func decodeSealedEntry(text oauth.Secret, entry string) (s sealedEntry, is bool, err error) {
	var j sealedEntryJSON
	if json.Unmarshal([]byte(text.Reveal()), &j) != nil || j.SealedFile == "" {
		return sealedEntry{}, false, nil
	}
	if j.Version > sealedVersion {
		return sealedEntry{}, true, laterFormat(j.Version)
	}
	identity, err := age.ParseX25519Identity(j.Identity)
	if err != nil || j.Version < 1 || j.Entry != entry || !isSealedFile(j.SealedFile, entry) {
		return sealedEntry{}, true, errRecord
	}
	return sealedEntry{entry: j.Entry, generation: j.Generation, file: j.SealedFile, identity: identity}, true, nil
}

// isSealedFile reports whether a sealed file of an entry has such a name.
func isSealedFile(name, entry string) bool {
	random, whole := strings.CutPrefix(name, fileName(entry)+".")
	random, sealed := strings.CutSuffix(random, sealedSuffix)
	decoded, err := hex.DecodeString(random)
	return whole && sealed && err == nil && len(decoded) == 8
}

// open answers the record an entry holds or leads to. The error holds
// [fs.ErrNotExist] if the sealed file isn't there.
func (k *Keyring) open(text oauth.Secret, entry string) (*Record, error) {
	s, is, err := decodeSealedEntry(text, entry)
	if err != nil {
		return nil, err
	}
	if !is {
		return decodeRecord(text)
	}
	if k.Folder == nil {
		return nil, fmt.Errorf("%w: it is in a sealed file, and there is no folder for those", errRecord)
	}
	sealed, err := k.Folder.read(s.file)
	if err != nil {
		return nil, err
	}
	r, err := unseal(sealed, entry, s.identity)
	if err == nil && r.Generation != s.generation {
		return nil, errSwapped
	}
	return r, err
}

// openAgain is open for an entry whose sealed file isn't there: a writer may
// have switched the entry since it was read.
func (k *Keyring) openAgain(ctx context.Context, entry string) (*Record, error) {
	text, err := k.get(ctx, entry)
	if err != nil {
		return nil, err
	}
	r, err := k.open(text, entry)
	if errors.Is(err, fs.ErrNotExist) {
		s, _, _ := decodeSealedEntry(text, entry)
		return nil, faulty("set VALET_DIR to the directory where it is, or, "+startAfresh, "%w: its sealed file %s is gone", errRecord, filepath.Join(k.Folder.Path, s.file))
	}
	return r, err
}

// unreadable words why an entry that is there gives no record.
func (k *Keyring) unreadable(entry string, err error) error {
	var failed *StoreError
	switch {
	case errors.Is(err, ErrNotFound), errors.As(err, &failed), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, errRecord):
		return &StoreError{Outcome: Broken, Reason: fmt.Sprintf("entry %q of the keyring's %q", entry, k.name()), unreadable: err}
	}
	return k.failed(err)
}

// failed is a sealed file that can't be read or written.
func (k *Keyring) failed(err error) error {
	return k.Folder.failed("the folder for sealed files", err)
}

// writeSealed writes a record that an entry has no room for.
func (k *Keyring) writeSealed(ctx context.Context, entry string, r *Record) error {
	s, err := newSealedEntry(entry, r)
	if err != nil {
		return err
	}
	sealed, err := seal(entry, r, s.identity.Recipient())
	if errors.Is(err, errTooLarge) {
		return k.failed(err)
	}
	if err != nil {
		return err
	}
	text, err := s.encode()
	if err != nil {
		return err
	}
	if size := len(text.Reveal()); size > k.system.limit {
		return k.tooLarge(size)
	}
	file := &sealedFile{name: s.file, content: sealed}
	if err := k.put(file); err != nil {
		return k.failed(err)
	}
	return k.replace(ctx, entry, text, file)
}

// put writes a sealed file and makes sure that it can be read, since the entry
// is switched to it next.
func (k *Keyring) put(file *sealedFile) error {
	if err := k.Folder.write(file.name, file.content); err != nil {
		return err
	}
	back, err := k.Folder.read(file.name)
	if err == nil && !bytes.Equal(back, file.content) {
		err = faulty(ownFolder, "%w: %s holds something else than was written", ErrFolder, filepath.Join(k.Folder.Path, file.name))
	}
	if err != nil {
		k.discard(file)
	}
	return err
}

type sealedFile struct {
	name    string
	content []byte
}

// replace switches an entry to a text, which names this sealed file; nil for
// none. If that surely never happens, the file goes. Otherwise it stays, since
// the entry may name it: go-keyring can store what it reports as an error, and
// long after nobody waits for it any more.
func (k *Keyring) replace(ctx context.Context, entry string, text oauth.Secret, file *sealedFile) error {
	var settled atomic.Bool
	err := k.do(ctx, func() error {
		if !settled.CompareAndSwap(false, true) {
			return errInterrupted
		}
		return k.switchEntry(entry, text, file)
	})
	if err != nil && settled.CompareAndSwap(false, true) {
		k.discard(file)
	}
	return err
}

// switchEntry is replace on the worker.
func (k *Keyring) switchEntry(entry string, text oauth.Secret, file *sealedFile) error {
	k.sweepEarlier(entry, file)
	if err := k.system.set(k.name(), entry, text.Reveal()); err != nil {
		return err
	}
	back, err := k.system.get(k.name(), entry)
	if err = k.classify(err); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err != nil || !oauth.NewSecret(back).Equal(text) {
		k.discard(file)
		return &StoreError{Outcome: Declined, Reason: "it accepted the token and kept nothing"}
	}
	if err := k.confirm(file); err != nil {
		return k.failed(err)
	}
	k.sweep(entry, file.named())
	return nil
}

func (f *sealedFile) named() string {
	if f == nil {
		return ""
	}
	return f.name
}

// confirm puts a file back that a process without the lock has swept away.
func (k *Keyring) confirm(file *sealedFile) error {
	if file == nil {
		return nil
	}
	_, err := k.Folder.read(file.name)
	if errors.Is(err, fs.ErrNotExist) {
		return k.put(file)
	}
	return err
}

// discard removes a file that no entry names. If that fails, a later write
// tries again.
func (k *Keyring) discard(file *sealedFile) {
	if file != nil {
		_ = k.Folder.remove(file.name)
	}
}

// sweepEarlier removes what earlier writes have left behind, but neither the
// file the entry names nor the new one, so that a keyring that goes on refusing
// to store doesn't fill the folder.
func (k *Keyring) sweepEarlier(entry string, file *sealedFile) {
	if len(k.sealedFiles(entry, file.named())) == 0 {
		return
	}
	text, err := k.system.get(k.name(), entry)
	if err = k.classify(err); err != nil && !errors.Is(err, ErrNotFound) {
		return
	}
	s, _, err := decodeSealedEntry(oauth.NewSecret(text), entry)
	if err == nil {
		k.sweep(entry, file.named(), s.file)
	}
}

// sweep removes an entry's sealed files but those named. What it can't remove
// nothing can open, and a later write tries again.
func (k *Keyring) sweep(entry string, but ...string) {
	for _, name := range k.sealedFiles(entry, but...) {
		_ = k.Folder.remove(name)
	}
}

// sealedFiles answers the names of an entry's sealed files, finished or not, but
// for some.
func (k *Keyring) sealedFiles(entry string, but ...string) []string {
	if k.Folder == nil {
		return nil
	}
	there, err := k.Folder.names(fileName(entry)+".", "")
	if err != nil {
		return nil
	}
	var found []string
	for _, name := range there {
		if isSealedFile(finished(name), entry) && !slices.Contains(but, name) {
			found = append(found, name)
		}
	}
	return found
}
