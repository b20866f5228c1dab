package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

const (
	fileName = "audit.jsonl"
	lockName = "audit.lock"
	// maxSize is the usual MaxSize.
	maxSize = 10 << 20
	// maxWait is how long a lock may be held by somebody who writes nothing, and
	// maxTurn how long a record waits while others do write: a call must not hang.
	maxWait, maxTurn = 2 * time.Second, 10 * time.Second
	// A lock that others hold is tried again after minPause, which is about as long as
	// one of them holds it, and then ever later, up to maxPause: many that try all the
	// time would keep its holder from the processor.
	minPause, maxPause = 100 * time.Microsecond, 10 * time.Millisecond
)

// These say why a record's turn didn't come.
var (
	errBusy    = fmt.Errorf("another process has held the log's lock for %s", maxWait)
	errCrowded = fmt.Errorf("so much is written to the log that there was no turn for %s", maxTurn)
)

// errReplaced says that a file isn't the one that had its name a moment ago.
var errReplaced = errors.New("was replaced while it was opened; try again")

// Log is a folder with a chain of records. Make it with [New]; it is safe for
// concurrent use, by several processes as well, and holds nothing open.
type Log struct {
	// MaxSize is how long a file is before it is put aside, in bytes; 0: 10 MiB. Its
	// last record may end behind that.
	MaxSize int64

	folder func() (string, error)
	queue  queue
	// turn holds something while records are written.
	turn chan struct{}
	// path is the folder, once it was made; the rest is what every record needs anew.
	// They belong to whoever has the turn.
	path   string
	buffer []byte
	// last is what was written last.
	last []byte
}

// New is the log in a folder, which is made, as one that is its user's alone, when the
// first record is written.
func New(folder func() (path string, err error)) *Log {
	return &Log{folder: folder, turn: make(chan struct{}, 1)}
}

// lock keeps other processes away. The file is never removed, since whoever waits
// would then hold another one; the kernel frees the lock if its holder dies.
func lock(ctx context.Context, folder string) (unlock func(), err error) {
	path := filepath.Join(folder, lockName)
	// A pipe would be opened for good.
	if _, err := regular(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	held := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDONLY|noFollow|noBlock))
	err = obtain(ctx, held, filepath.Join(folder, fileName))
	if err == nil {
		err = isStill(path, held.Stat)
	}
	if err == nil {
		return func() { held.Close() }, nil
	}
	held.Close()
	return nil, err
}

// obtain waits for a lock, as long as a file grows that its holders write to.
func obtain(ctx context.Context, lock *flock.Flock, written string) error {
	size, since := int64(-1), time.Time{}
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		if locked, err := lock.TryLock(); locked || err != nil {
			return err
		}
		if now := sizeOf(written); now != size {
			size, since = now, time.Now()
		}
		if time.Since(since) >= maxWait {
			return errBusy
		}
		select {
		case <-time.After(min(pause, maxWait-time.Since(since))):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// sizeOf is that of a file, 0 of one that isn't there.
func sizeOf(path string) int64 {
	info, err := os.Lstat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// isStill makes sure that what was opened still has its name, and is no link.
func isStill(path string, opened func() (fs.FileInfo, error)) error {
	there, err := regular(path)
	if err != nil {
		return err
	}
	open, err := opened()
	if err == nil && !os.SameFile(there, open) {
		err = fmt.Errorf("%s %w", path, errReplaced)
	}
	return err
}

// regular is what has a name, if that is a file and no link.
func regular(path string) (fs.FileInfo, error) {
	there, err := os.Lstat(path)
	if err == nil && !there.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file; remove it", path)
	}
	return there, err
}

// writeFile writes as many records as the file still takes, in one piece, and answers the
// rest. It needs the turn and the lock.
func (l *Log) writeFile(all []*waiting) (left []*waiting) {
	file, last, size, err := l.openEnd()
	if err != nil {
		answer(all, err)
		return nil
	}
	defer file.Close()
	var text []byte
	if last.isTorn {
		text = append(text, '\n')
	}
	var fit []*waiting
	for left = all; len(left) > 0 && (len(fit) == 0 || size+int64(len(text)) < l.maxSize()); left = left[1:] {
		w := left[0]
		w.record.Prev = last.hash
		line, err := w.record.line()
		if err != nil {
			w.done <- err
			continue
		}
		text, fit, l.last = append(text, line...), append(fit, w), line[:len(line)-1]
		last.hash = hashOf(l.last)
	}
	if len(fit) > 0 {
		answer(fit, put(file, size, text))
	}
	return left
}

func answer(all []*waiting, err error) {
	for _, w := range all {
		w.done <- err
	}
}

// openEnd opens the file that is written to, where the chain goes on.
func (l *Log) openEnd() (file *os.File, last end, size int64, err error) {
	if file, size, err = l.current(); err != nil {
		return nil, end{}, 0, err
	}
	if last, err = l.end(file, size); err != nil {
		file.Close()
		return nil, end{}, 0, err
	}
	return file, last, size, nil
}

// current is the file that is written to, once a full one was put aside. Where there
// is no way to do that, it grows.
func (l *Log) current() (file *os.File, size int64, err error) {
	path := filepath.Join(l.path, fileName)
	file, size, err = open(path)
	if err != nil || size < l.maxSize() {
		return file, size, err
	}
	file.Close()
	_ = rotate(l.path)
	return open(path)
}

func (l *Log) maxSize() int64 {
	if l.MaxSize > 0 {
		return l.MaxSize
	}
	return maxSize
}

// put writes lines, all of them or, where a file can be made shorter, none.
func put(file *os.File, size int64, lines []byte) error {
	n, err := file.Write(lines)
	if err == nil {
		return nil
	}
	if n > 0 {
		// What can't be taken back may end in a torn line, which the next record ends.
		_ = shorten(file, size)
	}
	return err
}

// shorten takes the file's name, since Windows shortens none that is open to be appended
// to, and leaves alone what has that name instead of it.
func shorten(file *os.File, size int64) error {
	if err := isStill(file.Name(), file.Stat); err != nil {
		return err
	}
	return os.Truncate(file.Name(), size)
}

// open opens the file that is written to, which is this user's alone.
func open(path string) (file *os.File, size int64, err error) {
	info, err := os.Lstat(path)
	switch {
	case err == nil:
		err = check(path, info)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return nil, 0, err
	}
	file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND|noFollow, 0o600)
	if err != nil {
		return nil, 0, err
	}
	opened, err := file.Stat()
	if err == nil && info != nil && !os.SameFile(info, opened) {
		err = fmt.Errorf("%s %w", path, errReplaced)
	}
	if err == nil {
		err = check(path, opened)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, opened.Size(), nil
}

// check makes sure that a file is one itself, and this user's alone.
func check(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file; remove it", path)
	}
	return checkPrivate(path, info)
}
