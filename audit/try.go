package audit

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Try answers why no record could be written to a folder now, or why the folder couldn't
// be made; nil: one could. It leaves nothing behind.
func Try(ctx context.Context, folder string) error {
	if err := tryFolder(folder); err != nil {
		return err
	}
	if hasLock(folder) {
		ctx, cancel := context.WithTimeoutCause(ctx, maxTurn, errCrowded)
		defer cancel()
		unlock, err := lock(ctx, folder)
		if err != nil {
			return err
		}
		defer unlock()
	}
	path := filepath.Join(folder, fileName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	file, _, err := open(path)
	if err != nil {
		return err
	}
	return file.Close()
}

// tryFolder makes a file there, or in the first folder above that is there, and removes it.
func tryFolder(folder string) error {
	for parent := filepath.Dir(folder); parent != folder; parent = filepath.Dir(folder) {
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		folder = parent
	}
	file, err := os.CreateTemp(folder, "try-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

// hasLock tells whether anybody has ever begun to write to a log.
func hasLock(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, lockName))
	return err == nil
}
