package credentials

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxFile is more than any record takes.
const maxFile = 1 << 20

// Folder is a directory for what can't be in a keyring: locks and sealed
// records. It belongs to one user alone, and so must every file in it; one that
// another user could have put there or could read is refused. Nothing is
// created before it is needed. Its methods may be called concurrently, by
// several processes as well.
type Folder struct {
	// Path is the directory; "" is none, so that everything answers [ErrFolder].
	Path string
	// Beside is where locks are taken as well, so that processes with other
	// directories are locked out; nil: nowhere.
	Beside *Folder
}

// ErrFolder says that the folder, or a file in it, can't be trusted or used.
var ErrFolder = errors.New("valetkey's folder can't be used")

// ownFolder mends a folder that this user can't use.
const ownFolder = "set VALET_DIR to a directory of yours"

func noFolder() error {
	return faulty(ownFolder, "%w: there is no place for it, since this user has no home directory", ErrFolder)
}

// create makes sure that the folder is there, and opens it.
func (f *Folder) create() (*os.Root, error) {
	if f.Path == "" {
		return nil, noFolder()
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return nil, faulty(ownFolder, "%w: %w", ErrFolder, err)
	}
	return f.open()
}

// Make makes sure that there is a folder of this name in the folder, which is this
// user's alone as well, and answers its path.
func (f *Folder) Make(name string) (string, error) {
	for _, each := range []*Folder{f, {Path: filepath.Join(f.Path, name)}} {
		root, err := each.create()
		if err != nil {
			return "", err
		}
		if err := root.Close(); err != nil {
			return "", err
		}
	}
	return filepath.Join(f.Path, name), nil
}

// open makes sure that the folder is this user's alone. The error holds
// [fs.ErrNotExist] if there is none.
func (f *Folder) open() (*os.Root, error) {
	path := f.Path
	if path == "" {
		return nil, noFolder()
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, faulty(ownFolder, "%w: %w", ErrFolder, err)
	}
	if !info.IsDir() {
		return nil, faulty("remove it, or "+ownFolder, "%w: %s is not a directory itself", ErrFolder, path)
	}
	if err := checkPrivate(path, info); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, faulty(ownFolder, "%w: %w", ErrFolder, err)
	}
	return root, nil
}

// read answers a file's content. The error holds [fs.ErrNotExist] if there is
// none.
func (f *Folder) read(name string) ([]byte, error) {
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	for range readAttempts {
		content, err := readFrom(root, name)
		if !errors.Is(err, errReplaced) {
			return content, err
		}
	}
	return nil, faulty("try again", "%w: %s %w", ErrFolder, filepath.Join(root.Name(), name), errReplaced)
}

// readAttempts is how often a file may be replaced while it is opened.
const readAttempts = 10

var errReplaced = errors.New("was replaced while it was opened")

// check makes sure that a file is one itself, and this user's alone. The error
// holds [fs.ErrNotExist] if there is none.
func check(root *os.Root, name string) (fs.FileInfo, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(root.Name(), name)
	if !info.Mode().IsRegular() {
		return nil, faulty("remove it", "%w: %s is not a regular file", ErrFolder, path)
	}
	return info, checkPrivate(path, info)
}

func readFrom(root *os.Root, name string) ([]byte, error) {
	info, err := check(root, name)
	if err != nil {
		return nil, err
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !os.SameFile(info, opened) {
		return nil, errReplaced
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(content) > maxFile {
		return nil, faulty("remove it", "%w: %s is larger than %d bytes", ErrFolder, filepath.Join(root.Name(), name), maxFile)
	}
	return content, err
}

// write puts a file in place whole or not at all, also if the machine stops.
func (f *Folder) write(name string, content []byte) error {
	root, err := f.create()
	if err != nil {
		return err
	}
	defer root.Close()
	sweep(root, name)
	// No two processes may write to one file, even where nothing locks them out.
	unfinished := name + "." + rand.Text()[:8] + unfinishedSuffix
	if err := writeNew(root, unfinished, content); err != nil {
		return errors.Join(err, root.Remove(unfinished))
	}
	if err := root.Rename(unfinished, name); err != nil {
		return errors.Join(err, root.Remove(unfinished))
	}
	return syncFolder(root.Name())
}

const unfinishedSuffix = ".unfinished"

// finished answers the name that a file was to have, or has.
func finished(name string) string {
	unfinished, found := strings.CutSuffix(name, unfinishedSuffix)
	if !found {
		return name
	}
	return strings.TrimSuffix(unfinished, filepath.Ext(unfinished))
}

// sweep removes what was never put in place of a file. What stays does no harm.
func sweep(root *os.Root, name string) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), name+".") && strings.HasSuffix(entry.Name(), unfinishedSuffix) {
			_ = root.Remove(entry.Name())
		}
	}
}

func writeNew(root *os.Root, name string, content []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// remove deletes a file; nil if there is none.
func (f *Folder) remove(name string) error {
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	sweep(root, name)
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// names answers the files whose names begin and end like this.
func (f *Folder) names(prefix, suffix string) ([]string, error) {
	root, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), prefix) && strings.HasSuffix(entry.Name(), suffix) {
			found = append(found, entry.Name())
		}
	}
	return found, nil
}

// failed is the error of a store that keeps something in the folder. The folder
// says what mends it; where only the system has spoken, its words don't hold the
// whole path.
func (f *Folder) failed(store string, err error) error {
	wrong, mend := Advice(err)
	wrong = strings.TrimPrefix(wrong, ErrFolder.Error()+": ")
	if mend == "" {
		wrong, mend = fmt.Sprintf("%s can't be written: %v", f.Path, withoutOperand(err)), "make room and see to it that you may write there, or "+ownFolder
	}
	return &StoreError{Outcome: Broken, Reason: wrong, store: store, mend: mend}
}

// fileName makes an entry's name one that every file system takes. Neither a
// service's nor an account's name holds a plus sign.
func fileName(entry string) string { return strings.ReplaceAll(entry, "/", "+") }
