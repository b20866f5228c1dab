package audit

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Place is where a line lies, from 1 on, and of which time it is, as far as that can
// be read.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Time Time   `json:"time,omitzero"`
}

func (p Place) String() string {
	if p.Time.IsZero() {
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d (%s)", p.File, p.Line, p.Time.UTC().Format("2006-01-02 15:04:05.000Z"))
}

// line is one line of the log.
type line struct {
	Place
	text   []byte // without its end
	hash   string
	isTorn bool // it has no end
	record Record
	fault  error // why it is no record; nil: it is one
}

// part is a file as it was when the log was opened.
type part struct {
	name string
	file *os.File
	size int64
}

type parts []part

func (p parts) Close() {
	for _, each := range p {
		each.file.Close()
	}
}

// openAll opens all files at one moment. There are none where there is no log.
func openAll(ctx context.Context, folder string) (parts, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, maxTurn, errCrowded)
	defer cancel()
	// What can't be written to, such as a copy, is read without a lock, and none is
	// made: it says that there was a log. Nor does a log change that nobody writes to.
	if hasLock(folder) {
		unlock, err := lock(ctx, folder)
		if errors.Is(err, errCrowded) {
			return nil, err
		}
		if err == nil {
			defer unlock()
		}
	}
	names, err := allFiles(folder)
	if err != nil {
		return nil, err
	}
	var all parts
	for _, name := range names {
		part, err := openPart(folder, name)
		if err != nil {
			all.Close()
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}

// allFiles are the names of the log's files, oldest first.
func allFiles(folder string) (names []string, err error) {
	older, err := rotated(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, file := range older {
		names = append(names, file.name)
	}
	if _, missing := os.Lstat(filepath.Join(folder, fileName)); !errors.Is(missing, fs.ErrNotExist) {
		names = append(names, fileName)
	}
	return names, err
}

func openPart(folder, name string) (part, error) {
	file, size, err := openToRead(filepath.Join(folder, name))
	return part{name, file, size}, err
}

// openToRead opens what is a file itself; nothing else could be read to its end.
func openToRead(path string) (file *os.File, size int64, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a regular file; remove it", path)
	}
	if file, err = os.Open(path); err != nil {
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// lines are those of all files in their order. What one is holds until the next.
func (p parts) lines() iter.Seq2[line, error] {
	return func(yield func(line, error) bool) {
		for _, each := range p {
			if !each.lines(yield) {
				return
			}
		}
	}
}

func (p part) lines(yield func(line, error) bool) bool {
	reader := bufio.NewReaderSize(io.NewSectionReader(p.file, 0, p.size), 64<<10)
	var buffer []byte
	for number := 1; ; number++ {
		next, err := readLine(reader, buffer[:0])
		if err == io.EOF {
			return true
		}
		if err != nil {
			return yield(line{}, fmt.Errorf("reading %s: %w", p.name, err))
		}
		buffer = next.text
		next.File, next.Line = p.name, number
		if next.fault == nil {
			next.record, next.fault = parse(next.text)
		}
		if next.fault == nil {
			next.Time = next.record.Time
		}
		if !yield(next, nil) {
			return false
		}
	}
}

// readLine reads a line however long it is, and keeps it unless it is too long for a
// record.
func readLine(reader *bufio.Reader, buffer []byte) (line, error) {
	next, hash := line{text: buffer, isTorn: true}, sha256.New()
	for read := 0; next.isTorn; {
		chunk, err := reader.ReadSlice('\n')
		if len(chunk) > 0 && chunk[len(chunk)-1] == '\n' {
			next.isTorn, chunk = false, chunk[:len(chunk)-1]
		}
		hash.Write(chunk)
		if len(next.text)+len(chunk) <= maxLine {
			next.text = append(next.text, chunk...)
		} else {
			next.fault = fmt.Errorf("it is longer than %d bytes", maxLine)
		}
		read += len(chunk)
		if err == io.EOF && read > 0 {
			break
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return next, err
		}
	}
	next.hash = hex.EncodeToString(hash.Sum(nil))
	return next, nil
}
