package audit

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// end is where a chain goes on, and whether the file's last line lacks its end.
type end struct {
	hash   string
	isTorn bool
}

// after is the prev of the record behind a line: the hash of a record. A line that is
// none names nothing before it, so there it is the hash of both, of what the line would
// have named and of the line.
func (l line) after(before string) string {
	if l.fault == nil {
		return l.hash
	}
	return hashOf([]byte(before + "\n" + l.hash))
}

// tail is as much of a file as is read at once to find its last line, in bytes. Few
// records are longer.
const tail = 4 << 10

// end finds the end of the chain: that of the file that is written to or, if there is
// nothing in it, of the youngest one before that has something.
func (l *Log) end(file *os.File, size int64) (end, error) {
	if size > 0 {
		return l.lastOf(file, size)
	}
	older, err := rotated(l.path)
	if err != nil {
		return end{}, err
	}
	for i := len(older) - 1; i >= 0; i-- {
		last, err := l.endOf(filepath.Join(l.path, older[i].name))
		if err != nil || last.hash != "" {
			return end{hash: last.hash}, err
		}
	}
	return end{}, nil
}

// endOf answers nothing for an empty file.
func (l *Log) endOf(path string) (end, error) {
	file, size, err := openToRead(path)
	if err != nil {
		return end{}, err
	}
	defer file.Close()
	if size == 0 {
		return end{}, nil
	}
	return l.lastOf(file, size)
}

// lastOf finds the prev of the next record, of a file that isn't empty and the youngest
// that has anything.
func (l *Log) lastOf(file io.ReaderAt, size int64) (end, error) {
	text, isTorn, err := l.lastLine(file, size)
	if err != nil {
		return end{}, err
	}
	if len(text) > 0 && bytes.Equal(text, l.last) || isRecord(text) && len(text) <= maxLine {
		return end{hashOf(text), isTorn}, nil
	}
	hash, err := afterAll(l.path)
	return end{hash, isTorn}, err
}

// lastLine answers as much of a file's last line as makes sure that it is no record.
func (l *Log) lastLine(file io.ReaderAt, size int64) (text []byte, isTorn bool, err error) {
	if l.buffer == nil {
		l.buffer = make([]byte, tail)
	}
	for chunk := l.buffer; ; chunk = make([]byte, 4*len(chunk)) {
		chunk = chunk[:min(size, int64(len(chunk)))]
		if _, err := file.ReadAt(chunk, size-int64(len(chunk))); err != nil {
			return nil, false, err
		}
		text, hasEnd := bytes.CutSuffix(chunk, []byte("\n"))
		at := bytes.LastIndexByte(text, '\n')
		if at >= 0 || int64(len(chunk)) == size || len(text) > maxLine {
			return text[at+1:], !hasEnd, nil
		}
	}
}

// afterAll finds the prev of the next record where lines that are no records are the
// last, from the youngest file on that has a record.
func afterAll(folder string) (prev string, err error) {
	names, err := allFiles(folder)
	if err != nil {
		return "", err
	}
	var all parts
	defer func() { all.Close() }()
	for i := len(names) - 1; i >= 0; i-- {
		part, err := openPart(folder, names[i])
		if err != nil {
			return "", err
		}
		all, prev = slices.Insert(all, 0, part), ""
		found := false
		for next, err := range all.lines() {
			if err != nil {
				return "", err
			}
			prev, found = next.after(prev), found || next.fault == nil
		}
		if found {
			break
		}
	}
	return prev, nil
}

func hashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// numbered is a file that was rotated, by the number in its name.
type numbered struct {
	name   string
	number int
}

func (n numbered) compare(other numbered) int {
	return cmp.Or(cmp.Compare(n.number, other.number), cmp.Compare(n.name, other.name))
}
