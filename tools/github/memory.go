package github

import (
	"bytes"
	"container/list"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/valetkey/valetkey/credentials"
)

// The limits of what is remembered: one answer, all of them, and how many.
const (
	maxRemembered      = 1 << 20
	maxRememberedBytes = 16 << 20
	maxRememberedCount = 2000
)

// memory asks GitHub for what it has seen before only if that has changed,
// which doesn't count against the rate limit.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
//
// Every answer from memory is one that GitHub has just confirmed, with 304, for
// the very token the request was sent with: an entity tag belongs to one
// representation (RFC 9110 §8.8.3), and GitHub's differ from token to token. For
// servers whose don't, the number of the token has to be the one remembered, or
// it is asked for in full. Dates say nothing like that, so If-Modified-Since is
// never sent.
//
// It is safe for concurrent use.
type memory struct {
	next http.RoundTripper
	host string // the API's; what comes from others isn't kept

	mu    sync.Mutex
	kept  map[string]*list.Element
	order list.List // of *remembered, the latest first
	bytes int
}

// remembered is an answer with status 200. It doesn't change.
type remembered struct {
	key    string
	header http.Header
	body   []byte
}

// RoundTrip implements [http.RoundTripper].
func (m *memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if !m.isFor(r) {
		return m.next.RoundTrip(r)
	}
	key := r.URL.String() + "\n" + strings.Join(r.Header.Values("Accept"), ",")
	old := m.find(key)
	asked := r
	if old != nil {
		asked = r.Clone(r.Context())
		asked.Header.Set("If-None-Match", old.header.Get("ETag"))
	}
	answer, err := m.next.RoundTrip(asked)
	if err != nil {
		return nil, err
	}
	answer.Request = r
	if old == nil || answer.StatusCode != http.StatusNotModified {
		return m.keep(key, answer), nil
	}
	answer.Body.Close()
	if answer.Header.Get(credentials.TokenNumberHeader) == old.header.Get(credentials.TokenNumberHeader) {
		return old.confirmed(answer), nil
	}
	if answer, err = m.next.RoundTrip(r); err != nil {
		return nil, err
	}
	return m.keep(key, answer), nil
}

// isFor tells requests whose answers may be kept. Those that have conditions
// of their own, or ask for a part, are the caller's business.
func (m *memory) isFor(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Host == m.host && (r.Body == nil || r.Body == http.NoBody) &&
		r.Header.Get("If-None-Match") == "" && r.Header.Get("If-Modified-Since") == "" && r.Header.Get("Range") == ""
}

func (m *memory) find(key string) *remembered {
	m.mu.Lock()
	defer m.mu.Unlock()
	element := m.kept[key]
	if element == nil {
		return nil
	}
	m.order.MoveToFront(element)
	return element.Value.(*remembered)
}

// keep remembers an answer that is worth it and answers it unread.
func (m *memory) keep(key string, answer *http.Response) *http.Response {
	if !isKeepable(answer) {
		return answer
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxRemembered+1))
	if err != nil || len(body) > maxRemembered {
		answer.Body = &continued{io.MultiReader(bytes.NewReader(body), failing(answer.Body, err)), answer.Body}
		return answer
	}
	answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	m.add(&remembered{key, readLater(answer.Header), body})
	return answer
}

// readLater is what anybody reads of an answer's headers that an answer that
// confirms it may lack. A server may send any number of others.
func readLater(header http.Header) http.Header {
	kept := http.Header{}
	for _, name := range []string{
		"Content-Type", "ETag", "Link", grantedScopes, acceptedScopes, tokenExpiration, credentials.TokenNumberHeader,
	} {
		if values := header.Values(name); len(values) > 0 {
			kept[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	return kept
}

func isKeepable(answer *http.Response) bool {
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	isJSON := err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
	return isJSON && answer.StatusCode == http.StatusOK && answer.Header.Get("ETag") != "" && answer.ContentLength <= maxRemembered &&
		!strings.Contains(strings.ToLower(answer.Header.Get("Cache-Control")), "no-store")
}

// continued is a body of which the beginning has been read already.
type continued struct {
	io.Reader
	io.Closer
}

// failing is what follows what has been read: the rest, or what went wrong.
func failing(rest io.Reader, err error) io.Reader {
	if err == nil {
		return rest
	}
	return failure{err}
}

type failure struct{ error }

func (f failure) Read([]byte) (int, error) { return 0, f.error }

func (m *memory) add(answer *remembered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept = map[string]*list.Element{}
	}
	m.remove(m.kept[answer.key])
	m.kept[answer.key] = m.order.PushFront(answer)
	m.bytes += answer.size()
	for m.bytes > maxRememberedBytes || len(m.kept) > maxRememberedCount {
		m.remove(m.order.Back())
	}
}

func (m *memory) remove(element *list.Element) {
	if element == nil {
		return
	}
	answer := m.order.Remove(element).(*remembered)
	delete(m.kept, answer.key)
	m.bytes -= answer.size()
}

// size is about what an answer takes, with its headers.
func (a *remembered) size() int {
	taken := len(a.key) + len(a.body) + 1024
	for _, values := range a.header {
		taken += len(strings.Join(values, ""))
	}
	return taken
}

// confirmed is the answer as if it had been sent again: its body, with what
// GitHub says now in the headers (RFC 9111 §3.2). The rate limit is only ever
// today's.
func (a *remembered) confirmed(by *http.Response) *http.Response {
	header := a.header.Clone()
	for name, values := range by.Header {
		if name != "Content-Length" && name != "Content-Type" && name != "Content-Encoding" {
			header[name] = values
		}
	}
	answer := *by
	answer.Status, answer.StatusCode = "200 OK", http.StatusOK
	answer.Header = header
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(a.body)), int64(len(a.body))
	return &answer
}
