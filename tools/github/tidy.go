package github

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	// maxElements is how many elements the lists of an answer may have together.
	// GitHub's longest are trees of 100,000 entries; an element of two bytes may
	// take hundreds once it is read.
	maxElements = 300_000
	maxDepth    = 200
)

// tidy makes the JSON of an answer such that no tool has to suspect its parts:
// lists hold no null, counts aren't negative, and only what people write in
// paragraphs has more than one line, so that no name, state or address brings
// lines of its own into an answer of ours. It is safe for concurrent use.
type tidy struct{ next http.RoundTripper }

type asItIsKey struct{}

// asItIs is for requests whose answers are shown as GitHub gives them.
func asItIs(ctx context.Context) context.Context { return context.WithValue(ctx, asItIsKey{}, true) }

// RoundTrip implements [http.RoundTripper].
func (t *tidy) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err != nil || r.Context().Value(asItIsKey{}) != nil || isText(r) {
		return answer, err
	}
	body := bufio.NewReader(answer.Body)
	if !startsJSON(body) {
		// A log, of which no more is read than is shown.
		answer.Body = &continued{body, answer.Body}
		return answer, nil
	}
	tidying := tidying{in: json.NewDecoder(body)}
	tidying.in.UseNumber()
	isNull, err := tidying.value("")
	if isNull {
		err = errNotGitHub
	}
	if err != nil {
		answer.Body = &continued{failure{err}, answer.Body}
		return answer, nil
	}
	answer.Body.Close()
	answer.Body, answer.ContentLength = io.NopCloser(&tidying.out), int64(tidying.out.Len())
	return answer, nil
}

// isText tells requests for a media type of texts.
func isText(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	return slices.ContainsFunc([]string{".raw", ".diff", ".patch", ".v3.sha"}, func(kind string) bool { return strings.Contains(accept, kind) })
}

// startsJSON looks at the first byte that isn't a space.
func startsJSON(body *bufio.Reader) bool {
	for n := 1; ; n++ {
		ahead, err := body.Peek(n)
		if err != nil {
			return false
		}
		if last := ahead[n-1]; !strings.ContainsRune(" \t\r\n", rune(last)) {
			return last == '{' || last == '[' || last == 'n'
		}
	}
}

// tidying copies one JSON value, which is all that is read of an answer.
type tidying struct {
	in              *json.Decoder
	out             bytes.Buffer
	depth, elements int
}

// value copies the next value, which belongs to a key.
func (t *tidying) value(key string) (isNull bool, err error) {
	token, err := t.token()
	if err != nil {
		return false, err
	}
	switch v := token.(type) {
	case json.Delim:
		if t.depth++; t.depth > maxDepth {
			return false, errNotGitHub
		}
		defer func() { t.depth-- }()
		if v == '{' {
			return false, t.object()
		}
		return false, t.list(key)
	case string:
		if !slices.Contains(paragraphs(), key) {
			v = oneRow(v)
		}
		return false, t.write(v)
	case json.Number:
		// Fields of issues and projects are numbers that people choose.
		if strings.HasPrefix(v.String(), "-") && key != "number" && key != "value" {
			v = "0"
		}
		return false, t.write(v)
	}
	return token == nil, t.write(token)
}

func (t *tidying) object() error {
	t.out.WriteByte('{')
	for n := 0; t.in.More(); n++ {
		token, err := t.token()
		if err != nil {
			return err
		}
		if n > 0 {
			t.out.WriteByte(',')
		}
		name, _ := token.(string)
		t.write(oneRow(name))
		t.out.WriteByte(':')
		if _, err := t.value(strings.ToLower(name)); err != nil {
			return err
		}
	}
	t.out.WriteByte('}')
	_, err := t.token()
	return err
}

// list leaves out null.
func (t *tidying) list(key string) error {
	t.out.WriteByte('[')
	begin := t.out.Len()
	for t.in.More() {
		if t.elements++; t.elements > maxElements {
			return errTooLong
		}
		end := t.out.Len()
		if end > begin {
			t.out.WriteByte(',')
		}
		isNull, err := t.value(key)
		if err != nil {
			return err
		}
		if isNull {
			t.out.Truncate(end)
		}
	}
	t.out.WriteByte(']')
	_, err := t.token()
	return err
}

// token is the next one; within a value there always is one.
func (t *tidying) token() (json.Token, error) {
	token, err := t.in.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}

func (t *tidying) write(value any) error {
	text, err := json.Marshal(value)
	t.out.Write(text)
	return err
}

// paragraphs are the keys of texts that have lines: those shown as somebody's
// words, and files.
func paragraphs() []string {
	return []string{"body", "bio", "content", "description", "diff_hunk", "diffhunk", "fragment", "help", "message", "messageheadline", "patch", "readme", "text"}
}

// oneRow puts no-break spaces where a text would go on to another line. So a
// name that is like it, but with a space, isn't taken for it when it is asked
// for.
func oneRow(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\n\v\f\r\u0085\u2028\u2029", r) {
			return '\u00A0'
		}
		return r
	}, s)
}
