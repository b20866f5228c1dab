package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// plant is where a stranger's text stands in what a service answers: instead of a
// text there, or as the answer to a path, in which %s is the text.
type plant struct {
	instead string
	path    string
	answer  string
	as      func(string) string
}

// quoted is a text as JSON has it, without its quotation marks.
func quoted(text string) string {
	all, _ := json.Marshal(text)
	return string(all[1 : len(all)-1])
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func asIs(text string) string { return text }

// town is the practice services with a stranger's text in them, and counts what
// is changed.
type town struct {
	practice
	url     string
	plant   plant
	text    string
	changes atomic.Int32
}

func startTown(t *testing.T, where plant, text string, more ...string) *town {
	t.Helper()
	w := &town{practice: startPractice(t), plant: where, text: text}
	if w.plant.as == nil {
		w.plant.as = quoted
	}
	to, err := url.Parse(w.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host },
		ModifyResponse: w.poison,
	}
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, proxy) }))
	t.Cleanup(front.Close)
	w.url = front.URL
	token := w.IssueToken(append(googleScopes(), "repo", "gist", "notifications", "project", "read:org", "User.Read", "Calendars.Read", "Calendars.ReadWrite", "Mail.Read")...)
	w.env = with(w.env, "VALET_STORE=memory", "VALET_ROLE=admin", "VALET_SERVICES=github,gitlab,google,microsoft,acme", "VALET_TOOLSETS=all",
		"GITHUB_HOST="+front.URL, "GITHUB_TOKEN="+token, "GITLAB_HOST="+front.URL, "GITLAB_TOKEN=example",
		"GOOGLE_API_URL="+front.URL, "GOOGLE_TOKEN="+token, "MICROSOFT_API_URL="+front.URL+"/v1.0", "MICROSOFT_TOKEN="+token,
		"ACME_API_URL="+front.URL+"/acme", "ACME_TOKEN=example")
	w.env = with(w.env, more...)
	return w
}

// serve counts changes, and answers the paths that only the plant knows.
func (w *town) serve(rw http.ResponseWriter, r *http.Request, next http.Handler) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	isQuery := strings.HasSuffix(r.URL.Path, "/graphql") && !bytes.Contains(body, []byte(`"mutation`))
	if r.Method != http.MethodGet && !isQuery {
		w.changes.Add(1)
	}
	if w.plant.path != "" && r.URL.EscapedPath() == w.plant.path && (r.Method == http.MethodGet || isQuery) {
		rw.Header().Set("Content-Type", "application/json")
		if !json.Valid([]byte(w.plant.answer)) {
			rw.Header().Set("Content-Type", "text/plain")
		}
		fmt.Fprint(rw, strings.ReplaceAll(w.plant.answer, "%s", w.plant.as(w.text)))
		return
	}
	if answer := branches()[r.URL.Path]; answer != "" && r.Method == http.MethodGet {
		rw.Header().Set("Content-Type", "application/json")
		io.WriteString(rw, answer)
		return
	}
	next.ServeHTTP(rw, r)
}

// branches are what the practice GitHub doesn't know of git, and a commit asks for.
func branches() map[string]string {
	const sha = "0123456789012345678901234567890123456789"
	return map[string]string{
		githubAPI + "git/ref/heads/main": `{"ref":"refs/heads/main","object":{"type":"commit","sha":"` + sha + `"}}`,
		githubAPI + "git/commits/" + sha: `{"sha":"` + sha + `","tree":{"sha":"` + sha + `"}}`,
		githubAPI + "git/trees/" + sha:   `{"sha":"` + sha + `","tree":[],"truncated":false}`,
	}
}

// poison puts the stranger's text into what the practice services answer.
func (w *town) poison(r *http.Response) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if w.plant.instead != "" {
		content = bytes.ReplaceAll(content, []byte(w.plant.instead), []byte(w.plant.as(w.text)))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
	r.Header.Set("Content-Length", strconv.Itoa(len(content)))
	return nil
}

// written is how many requests to change something have arrived.
func (w *town) written() int { return int(w.changes.Load()) }

// result calls a tool and answers its result.
func (s *server) result(tool, arguments string) map[string]any {
	s.t.Helper()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":%q,"arguments":%s}}`, tool, arguments))
	message := s.receive()
	result, is := message["result"].(map[string]any)
	if !is {
		s.t.Fatalf("not a result: %v", message)
	}
	return result
}

func textOf(t *testing.T, result map[string]any) string {
	t.Helper()
	return result["content"].([]any)[0].(map[string]any)["text"].(string)
}

// callAnswering calls a tool and gives one answer to all that the person is asked.
func (s *server) callAnswering(tool, arguments, answer string) (text, asked string) {
	s.t.Helper()
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"call","method":"tools/call","params":{"name":%q,"arguments":%s}}`, tool, arguments))
	for {
		message := s.receive()
		if message["method"] == "elicitation/create" {
			asked, _ = message["params"].(map[string]any)["message"].(string)
			reply, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": message["id"], "result": map[string]any{"action": answer, "content": map[string]any{}}})
			if err != nil {
				s.t.Fatal(err)
			}
			s.send(string(reply))
			continue
		}
		result, is := message["result"].(map[string]any)
		if !is {
			s.t.Fatalf("not a result: %v", message)
		}
		return textOf(s.t, result), asked
	}
}
