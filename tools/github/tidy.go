package github

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/valetkey/valetkey/tools/rest"
)

// tidy makes the JSON of an answer such that no tool has to suspect its parts:
// lists hold no null, counts aren't negative, and only what people write in
// paragraphs has more than one line, so that no name, state or address brings
// lines of its own into an answer of ours. It is safe for concurrent use.
type tidy struct {
	next  http.RoundTripper
	large rest.Turns
}

type asItIsKey struct{}

// mostOf is how much of an answer with this status is read before anything
// decodes it; 0: as much as there is. GitHub's reasons for a refusal have less
// than 10 kB, and what it has yet to do is one thing.
func mostOf(status int) int64 {
	switch {
	case status >= http.StatusMultipleChoices:
		return 64 << 10
	case status == http.StatusAccepted:
		return 256 << 10
	}
	return 0
}

// asItIs is for requests whose answers are shown as GitHub gives them.
func asItIs(ctx context.Context) context.Context { return context.WithValue(ctx, asItIsKey{}, true) }

// RoundTrip implements [http.RoundTripper].
func (t *tidy) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if most := mostOf(answer.StatusCode); most > 0 {
		// What is broken off is no JSON, so that the status alone is explained.
		answer.Body = &continued{io.LimitReader(answer.Body, most), answer.Body}
	}
	if r.Context().Value(asItIsKey{}) != nil || isText(r) {
		return answer, nil
	}
	body := bufio.NewReader(answer.Body)
	if !startsJSON(body) {
		// A log, of which no more is read than is shown.
		answer.Body = &continued{body, answer.Body}
		return answer, nil
	}
	ctx, end := rest.WithTurns(r.Context())
	raw, err := rest.ReadBody(ctx, t.large, io.LimitReader(body, largestJSON+1), answer.ContentLength)
	answer.Body.Close()
	switch {
	case err != nil:
	case len(raw) > largestJSON:
		err = errTooLarge
	default:
		raw, err = tidied(raw, listedAt(r.URL.Path))
	}
	if err != nil {
		raw = nil
	}
	answer.Body = &continued{failing(bytes.NewReader(raw), err), ending(end)}
	answer.ContentLength = int64(len(raw))
	return answer, nil
}

// ending is what there is to do when a body is closed.
type ending func()

// Close implements [io.Closer].
func (e ending) Close() error {
	e()
	return nil
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
