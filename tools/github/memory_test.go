package github

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
)

// sender is a transport made of a function.
type sender func(*http.Request) (*http.Response, error)

func (s sender) RoundTrip(r *http.Request) (*http.Response, error) { return s(r) }

// answered is a complete answer.
func answered(status int, body string, header ...string) *http.Response {
	answer := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	for i := 0; i < len(header); i += 2 {
		answer.Header.Set(header[i], header[i+1])
	}
	return answer
}

// etagged answers as GitHub does: the entity tag depends on the token, and a
// request that has it gets 304. It counts what it sends in full.
type etagged struct {
	token, body string
	header      []string
	full, same  int
}

func (e *etagged) RoundTrip(r *http.Request) (*http.Response, error) {
	tag := fmt.Sprintf(`W/"%s-%x"`, e.token, crc32.ChecksumIEEE([]byte(e.body)))
	header := append([]string{"ETag", tag, "Content-Type", "application/json; charset=utf-8"}, e.header...)
	if r.Header.Get("If-Modified-Since") != "" {
		return nil, errors.New("asked by date")
	}
	if r.Header.Get("If-None-Match") == tag {
		e.same++
		return answered(http.StatusNotModified, "", header...), nil
	}
	e.full++
	return answered(http.StatusOK, e.body, header...), nil
}

// fetch reads an answer whole.
func fetch(t *testing.T, transport http.RoundTripper, address string, header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("If-None-Match") != "" && len(header) == 0 {
		t.Error("the caller's request was changed")
	}
	return answer, string(body)
}

const oneRepo = "https://api.github.com/repos/octocat/Hello-World"

// TestUnchangedComesFromMemory: the body that was, with the rate limit and the
// scopes of now.
func TestUnchangedComesFromMemory(t *testing.T) {
	t.Parallel()
	server := &etagged{token: "a", body: `{"id":1}`, header: []string{"X-RateLimit-Remaining", "4999", "Link", `<x>; rel="next"`}}
	m := &memory{next: server, host: "api.github.com"}
	fetch(t, m, oneRepo)
	server.header = []string{"X-RateLimit-Used", "1", "Content-Length", "0"}
	for range 2 {
		answer, body := fetch(t, m, oneRepo)
		if answer.StatusCode != http.StatusOK || body != `{"id":1}` || answer.ContentLength != 8 {
			t.Errorf("%d %q, length %d", answer.StatusCode, body, answer.ContentLength)
		}
		h := answer.Header
		if h.Get("X-RateLimit-Remaining") != "" || h.Get("X-RateLimit-Used") != "1" || h.Get("Link") == "" || h.Get("Content-Length") == "0" || h.Get("Content-Type") == "" {
			t.Errorf("headers: %v", h)
		}
	}
	if server.full != 1 || server.same != 2 {
		t.Errorf("%d sent in full, %d unchanged", server.full, server.same)
	}
	server.body = `{"id":2}`
	if _, body := fetch(t, m, oneRepo); body != server.body {
		t.Errorf("a change isn't seen: %s", body)
	}
}

// TestMemoryOfHeaders: what nobody reads isn't kept, and what is kept counts.
func TestMemoryOfHeaders(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	server := &etagged{token: "a", body: "{}", header: []string{
		"Link", long, "X-OAuth-Scopes", "repo", "X-Accepted-OAuth-Scopes", "repo", "Valetkey-Token-Number", "1", "GitHub-Authentication-Token-Expiration", "2026-12-31 00:00:00 UTC", "X-Any", long, "X-RateLimit-Used", "1",
	}}
	m := &memory{next: server, host: "api.github.com"}
	for i := range 300 {
		fetch(t, m, fmt.Sprint(oneRepo, "/", i))
	}
	held := 0
	for _, element := range m.kept {
		kept := element.Value.(*remembered)
		for _, values := range kept.header {
			held += len(strings.Join(values, ""))
		}
		if h := kept.header; len(h) != 7 || h.Get("GitHub-Authentication-Token-Expiration") == "" || h.Get("Link") == "" || h.Get("X-OAuth-Scopes") == "" || h.Get("X-Accepted-OAuth-Scopes") == "" || h.Get("Valetkey-Token-Number") == "" {
			t.Fatalf("%d headers are kept", len(h))
		}
	}
	if held > maxRememberedBytes || len(m.kept) < 100 {
		t.Errorf("%d headers of %d bytes are held", len(m.kept), held)
	}
}

// TestNoAnswerCrossesAccounts: another token gets an answer of its own, also
// from a server that gives the same tag to everybody, and 304 to whoever has it.
func TestNoAnswerCrossesAccounts(t *testing.T) {
	t.Parallel()
	server := &etagged{token: "a", body: "mona's"}
	m := &memory{next: server, host: "api.github.com"}
	fetch(t, m, oneRepo)
	server.token, server.body = "b", "hubot's"
	if _, body := fetch(t, m, oneRepo); body != "hubot's" {
		t.Errorf("hubot gets %s", body)
	}

	const number = "Valetkey-Token-Number"
	whose := "1"
	lax := sender(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("If-None-Match") != "" {
			return answered(http.StatusNotModified, "", "ETag", `"x"`, number, whose), nil
		}
		return answered(http.StatusOK, "for "+whose, "ETag", `"x"`, "Content-Type", "application/json", number, whose), nil
	})
	m = &memory{next: lax, host: "api.github.com"}
	for _, whose = range []string{"1", "2", "2", "1"} {
		if answer, body := fetch(t, m, oneRepo); body != "for "+whose || answer.Header.Get(number) != whose {
			t.Errorf("%s gets %s", whose, body)
		}
	}
}

// TestWhatIsNotKept: every one of these is asked for in full again, and comes
// whole.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	const tag, json = `"tag"`, "application/json"
	for name, c := range map[string]struct {
		answer  func() *http.Response
		address string
		header  []string
	}{
		"no tag":  {func() *http.Response { return answered(200, "{}", "Content-Type", json, "Last-Modified", "x") }, oneRepo, nil},
		"no JSON": {func() *http.Response { return answered(200, "diff", "Content-Type", "text/plain", "ETag", tag) }, oneRepo, nil},
		"404":     {func() *http.Response { return answered(404, "{}", "Content-Type", json, "ETag", tag) }, oneRepo, nil},
		"no-store": {func() *http.Response {
			return answered(200, "{}", "Content-Type", json, "ETag", tag, "Cache-Control", "No-Store")
		}, oneRepo, nil},
		"another host":   {func() *http.Response { return answered(200, "{}", "Content-Type", json, "ETag", tag) }, "https://blob.example/x", nil},
		"a part":         {func() *http.Response { return answered(200, "{}", "Content-Type", json, "ETag", tag) }, oneRepo, []string{"Range", "bytes=0-1"}},
		"own conditions": {func() *http.Response { return answered(200, "{}", "Content-Type", json, "ETag", tag) }, oneRepo, []string{"If-None-Match", `"mine"`}},
		"large": {func() *http.Response {
			return answered(200, strings.Repeat("x", maxRemembered+1), "Content-Type", json, "ETag", tag)
		}, oneRepo, nil},
		"large, length unknown": {func() *http.Response {
			a := answered(200, strings.Repeat("x", maxRemembered+1), "Content-Type", json, "ETag", tag)
			a.ContentLength = -1
			return a
		}, oneRepo, nil},
	} {
		want, _ := io.ReadAll(c.answer().Body)
		m := &memory{host: "api.github.com", next: sender(func(r *http.Request) (*http.Response, error) {
			if tag := r.Header.Get("If-None-Match"); tag != "" && tag != `"mine"` {
				t.Errorf("%s: asked with %s", name, tag)
			}
			return c.answer(), nil
		})}
		for range 2 {
			if _, body := fetch(t, m, c.address, c.header...); body != string(want) {
				t.Errorf("%s: %d bytes of %d came", name, len(body), len(want))
			}
		}
	}
}

// TestMediaTypesAreKeptApart: one address has several representations.
func TestMediaTypesAreKeptApart(t *testing.T) {
	t.Parallel()
	server := &etagged{body: "{}"}
	m := &memory{next: server, host: "api.github.com"}
	for range 2 {
		fetch(t, m, oneRepo, "Accept", "application/vnd.github+json")
		fetch(t, m, oneRepo, "Accept", "application/vnd.github.object+json")
	}
	if server.full != 2 || server.same != 2 {
		t.Errorf("%d in full, %d unchanged", server.full, server.same)
	}
}

// TestBrokenAnswerIsNotKept: its beginning and its error come through.
func TestBrokenAnswerIsNotKept(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	m := &memory{host: "api.github.com", next: sender(func(*http.Request) (*http.Response, error) {
		a := answered(200, "", "Content-Type", "application/json", "ETag", `"tag"`)
		a.Body, a.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"id"`), iotest.ErrReader(gone))), -1
		return a, nil
	})}
	answer, err := m.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, oneRepo, nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if string(body) != `{"id"` || !errors.Is(err, gone) || len(m.kept) != 0 {
		t.Errorf("%q, %v, %d kept", body, err, len(m.kept))
	}
}

// TestMemoryIsBounded in bytes and in number; what was used last stays.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	for body, c := range map[string]struct{ asked, most int }{
		strings.Repeat("x", 1<<19): {40, 31},
		"{}":                       {maxRememberedCount + 10, maxRememberedCount},
	} {
		server := &etagged{body: body}
		m := &memory{next: server, host: "api.github.com"}
		for i := range c.asked {
			fetch(t, m, oneRepo)
			fetch(t, m, fmt.Sprintf("%s/%d", oneRepo, i))
		}
		if len(m.kept) != c.most || m.order.Len() != c.most || m.bytes > maxRememberedBytes {
			t.Errorf("%d kept, want %d, in %d bytes", len(m.kept), c.most, m.bytes)
		}
		if server.full != c.asked+1 {
			t.Errorf("%d sent in full: what is used all the time was forgotten", server.full)
		}
	}
}
