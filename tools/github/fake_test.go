package github_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/tools"
)

// answer is what the fake GitHub gives to one method and path.
type answer struct {
	status int // 0: 200
	header map[string]string
	body   string
	raw    string // given instead when the raw media type or a diff is asked for
}

// file is a recorded or documented answer.
func file(name string) answer {
	return answer{body: "file:" + name}
}

// with adds a header to an answer.
func (a answer) with(name, value string) answer {
	header := map[string]string{name: value}
	for n, v := range a.header {
		header[n] = v
	}
	a.header = header
	return a
}

// request is one the fake was sent.
type request struct {
	line      string // "GET /path?query", escaped as it was sent
	accept    string
	body      string
	condition string // If-None-Match
	features  string // GraphQL-Features
}

// fake is a GitHub on loopback that remembers what it was asked.
type fake struct {
	t       *testing.T
	url     string // where the API's web pages would be
	offer   tools.Offer
	tools   []tools.Tool
	answers map[string]answer

	mu       sync.Mutex
	requests []request
	// distrusted are the calls that were made again with hostile answers.
	distrusted []string
}

const apiPath = "/api/v3"

// atOnce is a clock for which every wait is over.
func atOnce(time.Duration) <-chan time.Time {
	over := make(chan time.Time)
	close(over)
	return over
}

// toolsAt are the tools for the API at an address.
func toolsAt(client *http.Client, address string) []tools.Tool {
	return recorded(tools.Setup{API: client, At: credentials.Service{APIURL: address}, After: atOnce}).Tools
}

// start serves answers by "METHOD /path?query", or else "METHOD /path", below the
// API's address. Anything else is GitHub's 404.
func start(t *testing.T, answers map[string]answer, allowed ...string) *fake {
	t.Helper()
	f := &fake{t: t, answers: answers}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	f.offer = recorded(tools.Setup{
		API: server.Client(), At: credentials.Service{APIURL: server.URL + apiPath}, After: atOnce,
		About:        func(context.Context) (string, error) { return "keyring, stored 2026-01-31", nil },
		Repositories: allowed, Now: func() time.Time { return time.Date(2026, 1, 31, 1, 0, 0, 0, time.UTC) },
	})
	f.tools = f.offer.Tools
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	f.requests = append(f.requests, request{r.Method + " " + r.URL.RequestURI(), r.Header.Get("Accept"), strings.TrimSpace(string(body)), r.Header.Get("If-None-Match"), r.Header.Get("GraphQL-Features")})
	f.mu.Unlock()
	path, _, _ := strings.Cut(r.URL.RequestURI(), "?")
	key := r.Method + " " + strings.TrimPrefix(path, apiPath)
	if key == graphPath {
		key = f.graphKey(string(body))
	}
	if precise := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), apiPath); r.URL.RawQuery != "" && f.answers[precise].body != "" {
		key = precise
	}
	a, ok := f.answers[key]
	if !ok {
		a = answer{status: http.StatusNotFound, body: `{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}`}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(max(a.status, http.StatusOK))
	if accept := r.Header.Get("Accept"); a.raw != "" && (strings.Contains(accept, "raw") || strings.Contains(accept, "diff")) {
		io.WriteString(w, a.raw)
		return
	}
	io.WriteString(w, f.content(a))
}

// graphPath is where every question to the GraphQL API goes. An answer for
// graphPath + " text" is for those that hold the text; the longest counts.
const graphPath = "POST /api/graphql"

func (f *fake) graphKey(body string) string {
	best := graphPath
	for key := range f.answers {
		if text, ok := strings.CutPrefix(key, graphPath+" "); ok && strings.Contains(body, text) && len(key) > len(best) {
			best = key
		}
	}
	return best
}

func (f *fake) content(a answer) string {
	if name, ok := strings.CutPrefix(a.body, "file:"); ok {
		return contentOf(f.t, name)
	}
	return a.body
}

func contentOf(t *testing.T, name string) string {
	content, err := os.ReadFile("testdata/answers/" + name + ".json")
	if err != nil {
		t.Error(err)
	}
	return string(content)
}

// call runs a tool.
func (f *fake) call(name, arguments string) (string, error) {
	f.t.Helper()
	return f.callWith(f.t.Context(), name, arguments)
}

func (f *fake) callWith(ctx context.Context, name, arguments string) (string, error) {
	f.t.Helper()
	i := slices.IndexFunc(f.tools, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		f.t.Fatalf("no tool %s", name)
	}
	text, err := f.tools[i].Call(ctx, json.RawMessage(arguments))
	if err == nil {
		f.distrust(i, arguments)
	}
	return text, err
}

// gives checks a call's whole text.
func (f *fake) gives(name, arguments, want string) {
	f.t.Helper()
	got, err := f.call(name, arguments)
	if err != nil || got != want {
		f.t.Errorf("%s %s: %v\n--- got\n%s\n--- want\n%s", name, arguments, err, got, want)
	}
}

// refuses checks the whole text of a call's error and gives it.
func (f *fake) refuses(name, arguments, want string) error {
	f.t.Helper()
	got, err := f.call(name, arguments)
	if err == nil || got != "" || err.Error() != want {
		f.t.Errorf("%s %s: answer %q\n--- got\n%v\n--- want\n%s", name, arguments, got, err, want)
	}
	return err
}

// sent are the requests so far.
func (f *fake) sent() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func linesOf(requests []request) []string {
	var lines []string
	for _, r := range requests {
		lines = append(lines, strings.Replace(r.line, apiPath, "", 1))
	}
	return lines
}

// wasAsked checks every request so far, in order, and forgets them.
func (f *fake) wasAsked(want ...string) []request {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	got := linesOf(f.requests)
	if !slices.Equal(got, want) {
		f.t.Errorf("requests\n got %q\nwant %q", got, want)
	}
	requests := f.requests
	f.requests = nil
	return requests
}

// links is GitHub's pagination header.
func links(next, last string) string {
	const address = `<https://api.github.com/repositories/1296269/issues?`
	parts := []string{}
	if next != "" {
		parts = append(parts, address+next+`>; rel="next"`)
	}
	if last != "" {
		parts = append(parts, address+last+`>; rel="last"`)
	}
	return strings.Join(parts, ", ")
}
