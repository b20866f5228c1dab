package hosts

import (
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

// Backups keep what it takes to undo changes, in a folder of this person's alone: a
// file a change, named after the time and the host. It holds what the change took
// out, and not the rest of the host's file, in which others keep their secrets.
type Backups struct {
	// Folder is a whole path. It is made when it is needed.
	Folder string
	// Time is that of a run, whose changes are undone together.
	Time time.Time
}

// kept are how many changes of a host can be undone.
const kept = 5

// change is what [Backups.Undo] has to know.
type change struct {
	File string `json:"file"`
	// Existed says that there was a file before, with these permissions.
	Existed bool        `json:"existed"`
	Mode    fs.FileMode `json:"mode"`
	// Before and After are the SHA-256 of the file as it was, and with the change.
	Before string `json:"before"`
	After  string `json:"after"`
	Edits  []edit `json:"edits"`
}

// edit has put Added bytes in the place of what was there, at an offset.
type edit struct {
	At      int    `json:"at"`
	Added   int    `json:"added"`
	Removed string `json:"removed"`
}

// ErrNoBackup says that there is nothing to undo.
var ErrNoBackup = errors.New("nothing to undo")

// Write replaces the host's file, all or nothing, once what it takes to undo that is
// kept. hide, if any, puts something of the same length in the place of what must not
// lie there. The error says so if somebody else has written meanwhile.
func (b Backups) Write(c *Config, hide func(string) string) error {
	if err := c.isUnchanged(); err != nil {
		return err
	}
	if c.existed && c.mode&0o200 == 0 {
		return fmt.Errorf("%s is write-protected; make it writable, or paste the entry by hand", c.File)
	}
	made := change{File: c.File, Existed: c.existed, Mode: c.mode, Before: sum(c.before), After: sum(c.After()), Edits: slices.Clone(c.edits)}
	for i := range made.Edits {
		if hide != nil {
			made.Edits[i].Removed = hide(made.Edits[i].Removed)
		}
	}
	path := filepath.Join(b.Folder, b.Time.UTC().Format(stamp)+"-"+c.Name+".json")
	text, err := json.MarshalIndent(made, "", "  ")
	if err == nil {
		err = replace(path, append(text, '\n'), 0o600, nil)
	}
	if err != nil {
		return fmt.Errorf("%s is left alone, since what it takes to undo the change can't be kept: %w", c.File, err)
	}
	if err := replace(c.File, []byte(c.After()), c.mode, c.isUnchanged); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	all := b.of(c.Name)
	for _, old := range all[:max(0, len(all)-kept)] {
		_ = os.Remove(old)
	}
	return nil
}

// isUnchanged makes sure that nobody has written to the file since it was read.
func (c *Config) isUnchanged() error {
	text, err := os.ReadFile(c.File)
	if errors.Is(err, fs.ErrNotExist) == c.existed || string(text) != c.before {
		return fmt.Errorf("%s has changed meanwhile; nothing is written; run it again", c.File)
	}
	return nil
}

// stamp is a time as names sort by it.
const stamp = "20060102T150405.000000000Z"

// of answers the files of a host's changes, the latest last.
func (b Backups) of(host string) []string {
	entries, _ := os.ReadDir(b.Folder)
	var all []string
	for _, entry := range entries {
		time, rest, _ := strings.Cut(entry.Name(), "-")
		if rest == host+".json" && len(time) == len(stamp) {
			all = append(all, filepath.Join(b.Folder, entry.Name()))
		}
	}
	return all
}

// Latest answers those of the hosts that the latest run has changed.
func (b Backups) Latest(all []Host) []Host {
	last := func(h Host) string {
		if changes := b.of(h.Name); len(changes) > 0 {
			return filepath.Base(changes[len(changes)-1])[:len(stamp)]
		}
		return ""
	}
	var latest string
	for _, host := range all {
		latest = max(latest, last(host))
	}
	return slices.DeleteFunc(slices.Clone(all), func(h Host) bool { return latest == "" || last(h) != latest })
}

// Undoing is a change that can be taken back.
type Undoing struct {
	// File is the host's, a whole path, and Text what it will be. IsRemoved says that
	// there will be no file, IsPartial that something was hidden from what is kept,
	// and IsIdle that the file is already what it was.
	File, Text                   string
	IsRemoved, IsPartial, IsIdle bool

	mode fs.FileMode
	kept string
}

// Undo reads the latest change to a host's file, to take it back. The error is
// [ErrNoBackup] if there is none, or says that the file isn't any more what that
// change has made of it.
func (b Backups) Undo(place Place) (Undoing, error) {
	all := b.of(place.Name)
	if len(all) == 0 {
		return Undoing{}, fmt.Errorf("%s: %w", place.Title, ErrNoBackup)
	}
	path := all[len(all)-1]
	var made change
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err == nil && made.File != place.File {
		err = fmt.Errorf("it is for %s, and the file is %s now", made.File, place.File)
	}
	if err != nil {
		return Undoing{}, fmt.Errorf("%s: %s is no use: %w", place.Title, path, err)
	}
	u := Undoing{File: made.File, IsRemoved: !made.Existed, mode: made.Mode, kept: path}
	current, err := os.ReadFile(made.File)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Undoing{}, err
	case sum(string(current)) == made.Before:
		u.IsIdle = true
		return u, nil
	case sum(string(current)) != made.After:
		return Undoing{}, fmt.Errorf("%s has changed since; what was taken out of it stands in %s; to take valetkey out: valetkey install %s --uninstall", made.File, path, place.Name)
	}
	if u.Text, err = made.undo(string(current)); err != nil {
		return Undoing{}, fmt.Errorf("%s: %w", path, err)
	}
	u.IsPartial = sum(u.Text) != made.Before
	return u, nil
}

// undo takes the edits back, the last one first.
func (made change) undo(text string) (string, error) {
	for _, e := range slices.Backward(made.Edits) {
		if e.At < 0 || e.Added < 0 || e.At+e.Added > len(text) {
			return "", errors.New("it belongs to another file")
		}
		text = text[:e.At] + e.Removed + text[e.At+e.Added:]
	}
	return text, nil
}

// Write makes it so, and forgets the change.
func (u Undoing) Write() error {
	var err error
	switch {
	case u.IsIdle:
	case u.IsRemoved:
		err = os.Remove(u.File)
	default:
		err = replace(u.File, []byte(u.Text), u.mode, nil)
	}
	if err != nil {
		return err
	}
	return os.Remove(u.kept)
}

// replace writes a file all at once: whoever reads it sees the old or the new one,
// and it belongs to the same user. A check, if any, is made at the last moment.
func replace(path string, text []byte, mode fs.FileMode, check func() error) error {
	folder, prefix := filepath.Dir(path), "."+strings.TrimPrefix(filepath.Base(path), ".")+".valetkey-"
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	clean(folder, prefix)
	file, err := os.CreateTemp(folder, prefix+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, keepOwner(path, file), file.Chmod(mode), file.Sync(), file.Close())
	if err == nil && check != nil {
		err = check()
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// clean removes what processes have left that were killed while they wrote.
func clean(folder, prefix string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), prefix) && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}
