package github

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"

	"github.com/valetkey/valetkey/tools"
)

// witness looks at what GitHub answers: it keeps what a call reads, if the call
// shows it in full, and tells programs what a change has made.
type witness struct {
	next http.RoundTripper
	base string // the path of the API's address
	// graph is the path of the GraphQL API, whose answers hold what was asked for.
	graph string
}

// RoundTrip implements [http.RoundTripper].
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	address, isREST := strings.CutPrefix(r.URL.RequestURI(), w.base)
	isREST = isREST && r.URL.Path != w.graph
	seen, wanted := r.Context().Value(sightingsKey{}).(*sightings)
	switch {
	case answer.StatusCode == http.StatusOK && wanted && (r.Method != http.MethodGet || !isJSON(answer)):
		seen.add(nil)
	case answer.StatusCode == http.StatusOK && wanted:
		seen.add(&sighting{address, peek(answer)})
	case answer.StatusCode/100 == 2 && r.Method != http.MethodGet && isREST && isJSON(answer):
		tools.Structure(r.Context(), made(decoded(peek(answer))))
	}
	return answer, nil
}

func isJSON(answer *http.Response) bool {
	mediaType, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	return mediaType == "application/json"
}

// maxPeek is how much of an answer is looked at, in bytes: some hundred pull
// requests.
const maxPeek = 8 << 20

// peek reads the body and leaves it to be read. What is longer, or isn't JSON,
// is nil.
func peek(answer *http.Response) json.RawMessage {
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxPeek))
	answer.Body = &continued{io.MultiReader(bytes.NewReader(raw), failing(answer.Body, err)), answer.Body}
	if !json.Valid(raw) {
		return nil
	}
	return bytes.TrimSpace(raw)
}

// made picks what identifies a thing that was made or changed.
func made(body any) map[string]any {
	fields, _ := body.(map[string]any)
	facts := map[string]any{}
	for _, name := range []string{"id", "number", "html_url", "state", "sha", "full_name"} {
		switch value := fields[name].(type) {
		case string:
			facts[name] = oneLine(value, 300)
		case json.Number:
			facts[name] = value
		}
	}
	// A branch or a tag answers the commit it is at.
	if object, isRef := fields["object"].(map[string]any); isRef {
		maps.Copy(facts, made(map[string]any{"sha": object["sha"]}))
	}
	return facts
}
