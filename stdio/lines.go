package stdio

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
)

// line is a line of the input, or why there is none.
type line struct {
	text []byte
	err  error
}

// errTooLong stands for a line over the limit, which has been skipped.
var errTooLong = errors.New("line too long")

// lineReader reads lines up to a limit, which doesn't count the line end.
type lineReader struct {
	from  *bufio.Reader
	limit int
}

// next answers a line without its end and without surrounding blanks, in
// memory of its own. At the end of the input, what was there without a line
// end counts as a line, and io.EOF comes next.
func (r *lineReader) next() ([]byte, error) {
	const lineEnd = len("\r\n")
	var text []byte
	long := false
	for {
		part, err := r.from.ReadSlice('\n')
		long = long || len(text)+len(part) > r.limit+lineEnd
		if long {
			text = nil
		} else {
			text = appendDoubling(text, part)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !(errors.Is(err, io.EOF) && (long || len(text) > 0)):
			return nil, err
		case long || len(withoutEnd(text)) > r.limit:
			return nil, errTooLong
		}
		return bytes.TrimSpace(text), nil
	}
}

// appendDoubling makes twice the room when there is none: append alone would
// move a long line more often.
func appendDoubling(text, part []byte) []byte {
	if len(text) > 0 && len(text)+len(part) > cap(text) {
		text = slices.Grow(text, max(len(text), len(part)))
	}
	return append(text, part...)
}

func withoutEnd(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
}
