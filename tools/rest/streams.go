package rest

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"github.com/valetkey/valetkey/tools"
)

const (
	// usualBody is how many bytes most answers have at most, and largestBody all:
	// the transport gives no more.
	usualBody   = 256 << 10
	pageBody    = 1 << 20
	middleBody  = 8 << 20
	largestBody = 33 << 20
	// largeAtOnce is how many calls hold answers at the same time that have more
	// than usualBody.
	largeAtOnce = 2
)

// ErrTooLong says that an answer has no end, or none that could be waited for.
var ErrTooLong = tools.UserError("the answer is longer than can be read; ask for less")

// ReadBody is [io.ReadAll] without what growing costs, which for a large body is
// several times its size, and takes a turn for it. length is how long the body
// is; less than 0: not known.
func ReadBody(ctx context.Context, large Turns, r io.Reader, length int64) ([]byte, error) {
	rooms := []int64{pageBody, middleBody, largestBody + 1}
	if length > 0 {
		rooms = []int64{min(length, largestBody) + 1, largestBody + 1}
	}
	body := &bytes.Buffer{}
	_, err := io.CopyN(body, r, usualBody)
	for _, room := range rooms {
		if err != nil {
			break
		}
		if err := large.Take(ctx); err != nil {
			return nil, err
		}
		body = bytes.NewBuffer(append(make([]byte, 0, room+bytes.MinRead), body.Bytes()...))
		_, err = io.CopyN(body, r, room-int64(body.Len()))
	}
	switch err {
	case nil:
		err = ErrTooLong
	case io.EOF:
		err = nil
	}
	return body.Bytes(), err
}

// Reader is [CleanNoting] for a text of any length, which it doesn't hold.
type Reader struct {
	from                 *bufio.Reader
	bytes, runes, hidden int  // so far
	invalid              bool // the bytes before were not UTF-8
}

// Cleaned reads a text without what nobody sees.
func Cleaned(r io.Reader) *Reader { return &Reader{from: bufio.NewReader(r)} }

// Hidden is how many characters were left out so far.
func (c *Reader) Hidden() int { return c.hidden }

// Read implements [io.Reader]. It gives whole characters.
func (c *Reader) Read(p []byte) (n int, err error) {
	if len(p) < utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	for len(p)-n >= utf8.UTFMax && err == nil {
		var r rune
		if r, err = c.next(); r >= 0 {
			n += utf8.EncodeRune(p[n:], r)
			c.runes++
		}
	}
	c.bytes += n
	return n, err
}

// next is the next character as it is seen; -1: not at all.
func (c *Reader) next() (rune, error) {
	r, size, err := c.from.ReadRune()
	if err != nil {
		return -1, err
	}
	again := c.invalid
	if c.invalid = r == utf8.RuneError && size == 1; c.invalid {
		if again {
			return -1, nil
		}
		return r, nil
	}
	if r == '\r' {
		if end, _ := c.from.Peek(1); string(end) == "\n" {
			return -1, nil
		}
	}
	if r = seen(r); r < 0 {
		c.hidden++
	}
	return r, nil
}

// beginning reads the text to its end and gives as much of its start as fits.
func (c *Reader) beginning(budget int) (string, error) {
	head := make([]byte, budget+utf8.UTFMax)
	n, err := io.ReadAtLeast(c, head, budget+1)
	if err == nil {
		_, err = io.Copy(io.Discard, c)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return CutAtLine(string(head[:n]), budget), err
}

// compactReader leaves out the space between the parts of JSON.
type compactReader struct {
	from            io.Reader
	inText, escaped bool
}

// Read implements [io.Reader].
func (c *compactReader) Read(p []byte) (int, error) {
	for {
		n, err := c.from.Read(p)
		kept := p[:0]
		for _, b := range p[:n] {
			if !c.isSpace(b) {
				kept = append(kept, b)
			}
		}
		if len(kept) > 0 || err != nil || len(p) == 0 {
			return len(kept), err
		}
	}
}

func (c *compactReader) isSpace(b byte) bool {
	switch {
	case c.escaped:
		c.escaped = false
	case c.inText && b == '\\':
		c.escaped = true
	case b == '"':
		c.inText = !c.inText
	case !c.inText:
		return b == ' ' || b == '\t' || b == '\r' || b == '\n'
	}
	return false
}
