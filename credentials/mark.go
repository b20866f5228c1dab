package credentials

import (
	"errors"
	"io/fs"
)

// Mark makes a file with this content. What has its name already stays as it is,
// whatever it is, and the error holds [fs.ErrExist].
func (f *Folder) Mark(name string, content []byte) error {
	root, err := f.create()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := writeNew(root, name, content); err != nil {
		return faulty(ownFolder, "%w: %w", ErrFolder, err)
	}
	return syncFolder(root.Name())
}

// Unmark removes what has this name: a file, a link, an empty directory. It is no
// error if there is none.
func (f *Folder) Unmark(name string) error {
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return faulty("remove it yourself", "%w: %w", ErrFolder, err)
	}
	return nil
}
