// Package model is a practice language model, for the hosts of other people that
// the tests start: it calls one tool of theirs and repeats what the tool has said.
//
// It speaks Anthropic's Messages, OpenAI's Responses and Chat Completions, and
// Gemini's generateContent, each as a stream of server-sent events, and keeps what
// it was sent. It knows neither keys nor models, and nothing of MCP.
package model

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
)

const maxBody = 16 << 20

// Model is a running practice model. Its methods are safe for concurrent use.
type Model struct {
	tool      string
	arguments string
	url       string
	server    *http.Server
	served    chan struct{}

	mu       sync.Mutex
	requests []Request // guarded by mu
}

// Request is one that asks for an answer.
type Request struct {
	Path string
	Body string
	// Results are what tools have answered so far in this conversation, as the
	// host hands it to the model.
	Results []string
}

// conversation is what a request says, whatever its format.
type conversation struct {
	// tools are the names of those that the host offers.
	tools []string
	// called: what the model has said last is that a tool be called.
	called  bool
	results []string
}

// Start listens on a free port of this machine and serves until Close. The tool to
// call is the one whose name ends so: hosts put the server's name before it. Its
// arguments are an object in JSON.
func Start(tool, arguments string) (*Model, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := &Model{tool: tool, arguments: arguments, url: "http://" + listener.Addr().String(), served: make(chan struct{})}
	m.server = &http.Server{Handler: m}
	go func() {
		defer close(m.served)
		_ = m.server.Serve(listener)
	}()
	return m, nil
}

// URL is the address of the model, without a slash at the end: http://127.0.0.1:PORT.
func (m *Model) URL() string { return m.url }

// Close ends it and waits for that.
func (m *Model) Close() error {
	err := m.server.Close()
	<-m.served
	return err
}

// Requests are those so far, in the order in which they came.
func (m *Model) Requests() []Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// ServeHTTP answers what asks for the model's next words in one of the formats, and
// all else with an empty object.
func (m *Model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	for _, f := range formats() {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, f.path) {
			continue
		}
		asked, err := f.read(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		m.keep(Request{r.URL.Path, string(body), asked.results})
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, m.answer(f, asked))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

func (m *Model) keep(r Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = append(m.requests, r)
}

// answer calls the tool if there is one and it isn't what has just been called, and
// else says what it answered.
func (m *Model) answer(f format, asked conversation) string {
	tool := slices.IndexFunc(asked.tools, func(name string) bool { return strings.HasSuffix(name, m.tool) })
	if tool >= 0 && !asked.called {
		return f.call(fmt.Sprintf("call_example_%d", len(asked.results)), asked.tools[tool], m.arguments)
	}
	text := "Nothing has been asked of a tool."
	if len(asked.results) > 0 {
		text = asked.results[len(asked.results)-1]
	}
	return f.say(text)
}

// quoted is a text as JSON.
func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(encoded)
}
