package sandbox

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const maxBody = 1 << 20

// Request is one request the sandbox was asked, as it arrived. Its maps and its body are shared between all who read them: don't change them.
type Request struct {
	At     time.Time // by the sandbox's clock
	Method string
	Path   string
	Query  url.Values
	Form   url.Values // of a form-encoded body; else nil
	Header http.Header
	Body   []byte // up to 1 MiB
}

// Requests is everything the sandbox was asked so far, refused or not, in the order of arrival. It contains secrets.
func (s *Sandbox) Requests() []Request {
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return slices.Clone(s.record.requests)
}

type recorder struct {
	mu       sync.Mutex
	requests []Request // guarded by mu
}

func (rec *recorder) wrap(now func() time.Time, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		rec.add(r, body, now())
		if err != nil {
			http.Error(w, "the body is larger than 1 MiB or was cut off", http.StatusRequestEntityTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func (rec *recorder) add(r *http.Request, body []byte, at time.Time) {
	request := Request{
		At:     at,
		Method: r.Method,
		Path:   r.URL.Path,
		Query:  r.URL.Query(),
		Form:   formOf(r.Header, body),
		Header: r.Header.Clone(),
		Body:   body,
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.requests = append(rec.requests, request)
}

func formOf(header http.Header, body []byte) url.Values {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	return form
}
