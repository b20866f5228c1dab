package hosts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Backups are kept in a folder of this person's alone, since a host's file may
// hold the secrets of other servers: a folder a change, named after the host and
// the time, with the file as it was and what is known of the change.
type Backups struct {
	// Folder is a whole path. It is made when it is needed.
	Folder string
	// Now answers the time; nil: the system's.
	Now func() time.Time
}

// kept are how many backups of a host there are at most.
const kept = 5

// about is the file that describes a change.
const about = "change.json"

// change is what [Backups.Undo] has to know.
type change struct {
	File string `json:"file"`
	// Existed says that there was a file before, with these permissions.
	Existed bool        `json:"existed"`
	Mode    fs.FileMode `json:"mode"`
	// Before and After are the SHA-256 of the file as it was, and with the change.
	Before string `json:"before"`
	After  string `json:"after"`
}

// ErrNoBackup says that there is nothing to undo.
var ErrNoBackup = errors.New("nothing to undo")

// Write replaces the host's file, all or nothing, once the former one is kept, and
// answers where. hide, if any, takes out of the copy what must not lie there.
// The error is [ErrChanged] if somebody else has written meanwhile.
func (b Backups) Write(c *Config, hide func([]byte) []byte) (backup string, err error) {
	now, err := c.Read()
	if err != nil {
		return "", err
	}
	if now.existed != c.existed || !bytes.Equal(now.before, c.before) {
		return "", fmt.Errorf("%s: %w; nothing has been written; try again", c.File, ErrChanged)
	}
	if c.existed && c.mode&0o200 == 0 {
		return "", fmt.Errorf("%s is write-protected; it is left alone", c.File)
	}
	before := c.before
	if hide != nil {
		before = hide(before)
	}
	if backup, err = b.keep(c, before); err != nil {
		return "", fmt.Errorf("%s: the file as it was can't be kept, so it is left alone: %w", c.File, err)
	}
	if err := replace(c.File, c.After(), c.mode); err != nil {
		return "", errors.Join(fmt.Errorf("%s: %w", c.File, err), os.RemoveAll(backup))
	}
	b.forget(c.Name)
	return backup, nil
}

func (b Backups) keep(c *Config, before []byte) (string, error) {
	now := time.Now
	if b.Now != nil {
		now = b.Now
	}
	folder := filepath.Join(b.Folder, c.Name+"-"+now().UTC().Format("20060102T150405.000000000Z"))
	if err := os.MkdirAll(b.Folder, 0o700); err != nil {
		return "", err
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(change{
		File: c.File, Existed: c.existed, Mode: c.mode, Before: sum(c.before), After: sum(c.After()),
	}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, filepath.Base(c.File)), before, 0o600)
	}
	if err == nil {
		// It comes last: without it, there is no backup.
		err = os.WriteFile(filepath.Join(folder, about), append(text, '\n'), 0o600)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, nil
}

// of answers the backups of a host, the latest last.
func (b Backups) of(host string) []string {
	all, _ := filepath.Glob(filepath.Join(b.Folder, host+"-[0-9]*", about))
	slices.Sort(all)
	return all
}

// forget removes the oldest backups of a host.
func (b Backups) forget(host string) {
	all := b.of(host)
	for _, old := range all[:max(0, len(all)-kept)] {
		_ = os.RemoveAll(filepath.Dir(old))
	}
}

// Undone is what became of a file.
type Undone struct {
	File string
	// IsRemoved says that there was no file before, and IsPartial that something
	// was hidden from the backup.
	IsRemoved, IsPartial bool
}

// Undo takes the latest change to a host's file back and removes its backup. The
// error is [ErrNoBackup] if there is none, or [ErrChanged] if the file isn't any
// more what that change has made of it; then nothing is written.
func (b Backups) Undo(host Host) (Undone, error) {
	for {
		all := b.of(host.Name)
		if len(all) == 0 {
			return Undone{}, fmt.Errorf("%s: %w", host.Title, ErrNoBackup)
		}
		folder := filepath.Dir(all[len(all)-1])
		undone, isMade, err := undo(folder)
		if err != nil {
			return Undone{}, fmt.Errorf("%s: %w", host.Title, err)
		}
		if err := os.RemoveAll(folder); err != nil || isMade {
			return undone, err
		}
	}
}

// undo takes a change back; isMade is false for one that was never made, since the
// process was killed.
func undo(folder string) (undone Undone, isMade bool, err error) {
	var made change
	text, err := os.ReadFile(filepath.Join(folder, about))
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil {
		return Undone{}, false, fmt.Errorf("the backup can't be read: %w", err)
	}
	copied := filepath.Join(folder, filepath.Base(made.File))
	before, err := os.ReadFile(copied)
	if err != nil {
		return Undone{}, false, err
	}
	current, err := os.ReadFile(made.File)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Undone{}, false, err
	case sum(current) == made.Before && made.Before != made.After:
		return Undone{}, false, nil
	case sum(current) != made.After:
		return Undone{}, false, fmt.Errorf("%s: %w; what it was before lies in %s", made.File, ErrChanged, copied)
	case !made.Existed:
		err = os.Remove(made.File)
	default:
		err = replace(made.File, before, made.Mode)
	}
	return Undone{made.File, !made.Existed, sum(before) != made.Before}, true, err
}

// replace writes a file all at once: whoever reads it sees the old or the new one.
func replace(path string, text []byte, mode fs.FileMode) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	pattern := "." + strings.TrimPrefix(filepath.Base(path), ".") + ".valetkey-*"
	clean(filepath.Join(folder, pattern))
	file, err := os.CreateTemp(folder, pattern)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// clean removes what processes have left that were killed while they wrote.
func clean(pattern string) {
	left, _ := filepath.Glob(pattern)
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(path)
		}
	}
}

func sum(text []byte) string {
	hash := sha256.Sum256(text)
	return hex.EncodeToString(hash[:])
}
