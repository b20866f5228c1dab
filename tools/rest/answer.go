package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// MaxText is how many bytes of an answer are usually shown.
const MaxText = 24_000

// sniffed is how much decides whether an answer is text, as in git.
const sniffed = 8000

// Answer is what came back: JSON, a text, or a description of a binary.
type Answer struct {
	Status string // "200", "201" …
	Next   string // how to ask for the next page; "" if there is none
	Note   string // what else the heading has to say
	Body   []byte
	IsText bool
}

// Read takes the body, unless it is a binary. What was asked for and what is
// there decide whether it is JSON, since services label texts as such.
func (a *Answer) Read(ctx context.Context, large Turns, response *http.Response, wantsText bool) error {
	buffered := bufio.NewReaderSize(response.Body, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.IndexByte(head, 0) >= 0 {
		mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
		length := "of unknown size"
		if response.ContentLength >= 0 {
			length = Size(int(response.ContentLength))
		}
		a.Note = Join(", ", "binary and not shown", OneLine(mediaType, 60), length)
		return nil
	}
	if a.Body, err = ReadBody(ctx, large, buffered, response.ContentLength); err != nil {
		return err
	}
	a.IsText = wantsText || !json.Valid(a.Body)
	return nil
}

// Show writes the heading, which begins with what was asked and says all there
// is to say, and below it nothing but the answer. source is the program for jq;
// "" for none.
func (f Filters) Show(ctx context.Context, what, source string, answer *Answer) (string, error) {
	content := func() (text, cut string, err error) { return answer.content(f.use.Most) }
	if source != "" && len(answer.Body) > 0 {
		content = func() (text, cut string, err error) { return f.filtered(ctx, source, answer) }
	}
	text, cut, err := content()
	if err != nil {
		return "", err
	}
	heading := what + ": " + Join("; ", answer.Status, answer.Note, answer.Next, cut)
	if text == "" {
		return heading, nil
	}
	return heading + "\n\n" + text, nil
}

// content is the answer as far as it fits, and what was cut.
func (a *Answer) content(most int) (shown, cut string, err error) {
	if len(a.Body) == 0 {
		return "", "", nil
	}
	text := a.reader()
	if shown, err = text.beginning(most); err != nil {
		return "", "", err
	}
	switch whole := len(shown) == text.bytes; {
	case whole && a.IsText:
		return shown, strings.TrimSpace(HiddenNote(text.hidden)), nil
	case whole:
		return shown, "", nil
	case a.IsText:
		end := utf8.RuneCountInString(shown)
		return shown, fmt.Sprintf("cut after %s of %s characters; next: jq=.[%d:%d]",
			Thousands(end), Thousands(text.runes), end, end+most), nil
	}
	return shown, fmt.Sprintf("cut after %s of %s: pick fields with jq, or ask for less", Size(len(shown)), Size(text.bytes)), nil
}

// reader gives the answer as it is shown: JSON compactly.
func (a *Answer) reader() *Reader {
	body := bytes.NewReader(a.Body)
	if a.IsText {
		return Cleaned(body)
	}
	return Cleaned(&compactReader{from: body})
}

// filtered puts the answer through jq: JSON as it is, anything else as one
// text.
func (f Filters) filtered(ctx context.Context, source string, answer *Answer) (text, cut string, err error) {
	var input io.Reader = bytes.NewReader(answer.Body)
	if answer.IsText {
		input = answer.reader()
	}
	text, isCut, err := f.run(ctx, source, input, answer.IsText)
	switch {
	case err != nil:
		return "", "", err
	case isCut:
		cut = fmt.Sprintf("cut after %s: let jq pick less", Size(len(text)))
	case text == "":
		cut = "jq gave nothing"
	}
	return Clean(text), cut, nil
}
