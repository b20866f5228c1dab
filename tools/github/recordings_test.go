package github_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

// exchange is a request and GitHub's answer to it, as nock records them.
// https://github.com/nock/nock#recording
type exchange struct {
	Method, Path string
	Body         json.RawMessage
	Status       int
	Response     json.RawMessage
	Headers      map[string]any // texts, and numbers
	IsBinary     bool           `json:"responseIsBinary"`
}

// player plays a recorded conversation: each exchange once, for the first
// request that is like it.
type player struct {
	t      *testing.T
	name   string
	url    string
	beside []wanted

	mu   sync.Mutex
	left []exchange
}

func (p *player) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.t.Error(err)
	}
	asked := relayed{r.Method, strings.TrimPrefix(r.URL.EscapedPath(), apiPath), strings.TrimSpace(string(body)), r.URL.Query()}
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.left, func(e exchange) bool { return p.isLike(e, asked) })
	if i < 0 {
		if !slices.ContainsFunc(p.beside, func(w wanted) bool { return w.is(asked) }) {
			p.t.Errorf("this was never recorded: %+v", asked)
		}
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	found := p.left[i]
	p.left = slices.Delete(p.left, i, i+1)
	p.answer(w, found)
}

// isLike tells whether a request is the recorded one. It may have more in its
// query, which the tools fill with GitHub's defaults, and no slash at the end.
// The pages of a list are recorded by the number of their repository, as the
// Link header gives it.
func (p *player) isLike(e exchange, r relayed) bool {
	path, query, _ := strings.Cut(e.Path, "?")
	if p.name == "paginate-issues" {
		path = strings.Replace(path, "/repositories/1000/", "/repos/octokit-fixture-org/paginate-issues/", 1)
	}
	recorded, err := url.ParseQuery(query)
	if err != nil {
		p.t.Error(err)
	}
	for name := range recorded {
		if got := strings.TrimSuffix(r.query.Get(name), " is:issue"); got != recorded.Get(name) {
			return false
		}
	}
	sent := string(e.Body)
	return strings.EqualFold(e.Method, r.method) && strings.TrimSuffix(path, "/") == strings.TrimSuffix(r.path, "/") && (sent == `""` || sameJSON(sent, r.body))
}

func (p *player) answer(w http.ResponseWriter, e exchange) {
	for _, name := range []string{"content-type", "link", "location"} {
		if value, given := e.Headers[name].(string); given {
			value = strings.ReplaceAll(value, "https://api.github.com", p.url+apiPath)
			w.Header().Set(name, strings.ReplaceAll(value, "https://codeload.github.com", p.url))
		}
	}
	w.Header().Set(unlikely, "it is from 2017, and GitHub's description from later")
	w.WriteHeader(e.Status)
	content := []byte(e.Response)
	var text string
	if json.Unmarshal(e.Response, &text) == nil {
		content = []byte(text)
	}
	if e.IsBinary {
		var err error
		if content, err = hex.DecodeString(text); err != nil {
			p.t.Error(err)
		}
	}
	if len(content) > 0 && e.Status != http.StatusNoContent {
		if _, err := w.Write(content); err != nil {
			p.t.Error(err)
		}
	}
}

// What GitHub and another client said to each other is said again, with the
// tools in that client's place.
func TestRecordings(t *testing.T) {
	t.Parallel()
	needReal(t)
	scenarios := part(t, "@octokit", "fixtures", "scenarios", "api.github.com")
	rows := rowsOf(t, "recordings")
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(scenarios + "/" + row.name + "/normalized-fixture.json")
			if err != nil {
				t.Fatal(err)
			}
			p := &player{t: t, name: row.name}
			if err := json.Unmarshal(content, &p.left); err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(p)
			t.Cleanup(server.Close)
			p.url = server.URL
			all := toolsAt(server.Client(), server.URL+apiPath)
			for _, call := range row.calls {
				p.beside = call.beside
				call.run(t, all)
			}
			p.checkLeft(row.left)
		})
	}
	directories, err := os.ReadDir(scenarios)
	if err != nil || len(directories) != len(rows) {
		t.Errorf("%d recordings and %d rows, %v", len(directories), len(rows), err)
	}
}

// checkLeft compares what hasn't been asked with what can't be.
func (p *player) checkLeft(want []wanted) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var got, names []string
	for _, e := range p.left {
		path, _, _ := strings.Cut(e.Path, "?")
		got = append(got, strings.ToUpper(e.Method)+" "+path)
	}
	for _, w := range want {
		names = append(names, w.method+" "+w.path)
	}
	if !slices.Equal(got, names) {
		p.t.Errorf("not asked\n got %q\nwant %q", got, names)
	}
}
