package github_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/valetkey/valetkey/tools"
)

// needReal skips a test unless the programs of other people that it needs are
// there, as .ci/run installs them. Then a missing one is a failure.
func needReal(t *testing.T) {
	t.Helper()
	if os.Getenv("VALET_TEST_REAL") != "1" {
		t.Skip("it needs what npm installs in testdata/real; .ci/run does so and sets VALET_TEST_REAL=1")
	}
}

// part answers the path of something npm has installed in testdata/real.
func part(t *testing.T, name ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(append([]string{realParts, "node_modules"}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("VALET_TEST_REAL=1, but %v; run: npm ci --prefix testdata/real", err)
	}
	return path
}

// standIn starts testdata/real/github.mjs, which holds requests against
// GitHub's own descriptions, and answers its address.
func standIn(t *testing.T) *url.URL {
	t.Helper()
	needReal(t)
	part(t, "@octokit", "openapi")
	text, stop, err := startDescribed(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	address, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// relayed is a request to the API: the path below its address, as it was sent.
// The address is like that of github.com, without a path of its own.
type relayed struct {
	method, path, body string
	query              url.Values
}

// relay stands in front of the stand-in. It remembers what the tools ask, and
// puts other answers in the place of examples that don't fit; the requests go
// on all the same, to be judged.
type relay struct {
	t    *testing.T
	to   *url.URL
	call parityCall

	mu  sync.Mutex
	got []relayed
}

func relayTo(t *testing.T, to *url.URL, call parityCall) (*relay, *httptest.Server) {
	r := &relay{t: t, to: to, call: call}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	return r, server
}

// faulty is the status by which the stand-in says that GitHub knows no such
// request.
const faulty = 599

func (f *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	status, header, content := f.forward(r, string(body))
	header.Set(unlikely, "GitHub's own example, which needn't fit its description")
	if status == faulty {
		f.t.Errorf("%s %s %s\nis not as GitHub describes it: %s", r.Method, r.URL.RequestURI(), body, content)
	}
	if !strings.HasPrefix(r.URL.Path, "/_archive/") {
		asked := relayed{r.Method, r.URL.EscapedPath(), strings.TrimSpace(string(body)), r.URL.Query()}
		f.mu.Lock()
		f.got = append(f.got, asked)
		f.mu.Unlock()
		if i := slices.IndexFunc(f.call.given, func(g givenAnswer) bool { return g.answers(asked) }); i >= 0 {
			header = http.Header{"Content-Type": {"application/json; charset=utf-8"}}
			status, content = f.call.given[i].status, []byte(f.call.given[i].body)
		}
	}
	for name := range header {
		if name != "Content-Length" {
			w.Header()[name] = header[name]
		}
	}
	w.WriteHeader(status)
	if _, err := w.Write(content); err != nil && len(content) > 0 {
		f.t.Log(err)
	}
}

// answers tells whether an answer is for a request: whatever its query, since
// there is one answer for an address.
func (g givenAnswer) answers(r relayed) bool {
	if g.path == "/graphql" {
		return g.is(r)
	}
	return g.method == r.method && g.path == r.path
}

func (f *relay) forward(r *http.Request, body string) (int, http.Header, []byte) {
	request, err := http.NewRequestWithContext(r.Context(), r.Method, f.to.Scheme+"://"+f.to.Host+r.URL.RequestURI(), strings.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return http.StatusInternalServerError, http.Header{}, nil
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		f.t.Error(err)
		return http.StatusInternalServerError, http.Header{}, nil
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Error(err)
	}
	return response.StatusCode, response.Header, content
}

// asked are the requests so far.
func (f *relay) asked() []relayed {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

// check compares the requests with those wanted: asks in their order, also
// wherever they come.
func (f *relay) check(asks, also []wanted) {
	f.t.Helper()
	got := f.asked()
	for _, w := range also {
		i := slices.IndexFunc(got, w.is)
		if i < 0 {
			f.t.Errorf("not asked: %v", w)
			continue
		}
		got = slices.Delete(got, i, i+1)
	}
	for i := range max(len(got), len(asks)) {
		switch {
		case i >= len(asks):
			f.t.Errorf("asked beyond what is wanted: %+v", got[i])
		case i >= len(got):
			f.t.Errorf("not asked: %v", asks[i])
		case !asks[i].is(got[i]):
			f.t.Errorf("request %d\n got %+v\nwant %v", i+1, got[i], asks[i])
		}
	}
}

// runCall calls a tool in front of the stand-in.
func runCall(t *testing.T, to *url.URL, c parityCall) {
	t.Helper()
	relay, server := relayTo(t, to, c)
	c.run(t, toolsAt(server.Client(), server.URL))
	relay.check(c.asks, c.also)
}

// run makes the call and checks what it says.
func (c parityCall) run(t *testing.T, all []tools.Tool) {
	t.Helper()
	i := slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == c.tool })
	if i < 0 {
		t.Fatalf("no tool %s", c.tool)
	}
	text, err := all[i].Call(t.Context(), json.RawMessage(c.arguments))
	if c.isRefused != (err != nil) {
		t.Errorf("%s %s: %v", c.tool, c.arguments, err)
	}
	if c.isRefused && err != nil {
		text = err.Error()
	}
	for _, says := range c.says {
		if !strings.Contains(text, says) {
			t.Errorf("%s %s: no %q in\n%s", c.tool, c.arguments, says, text)
		}
	}
}
