package tools_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
	"github.com/valetkey/valetkey/oauth"
	"github.com/valetkey/valetkey/sandbox"
	"github.com/valetkey/valetkey/stdio"
	"github.com/valetkey/valetkey/tools"
	"github.com/valetkey/valetkey/tools/github"
)

const patience = 2 * time.Minute

// clock hands out timers that only the test lets fire.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[time.Duration][]chan time.Time
	asked  chan time.Duration
}

func newClock() *clock {
	return &clock{now: time.Now(), timers: map[time.Duration][]chan time.Time{}, asked: make(chan time.Duration, 1000)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass lets time go by, without a timer going off.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) after(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := make(chan time.Time, 1)
	c.timers[d] = append(c.timers[d], timer)
	c.asked <- d
	return timer
}

// fire waits until somebody waits for d and lets all of those go on.
func (c *clock) fire(t *testing.T, d time.Duration) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case asked := <-c.asked:
			if asked != d {
				continue
			}
		case <-deadline:
			t.Fatalf("nobody waits for %s", d)
		}
		break
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, timer := range c.timers[d] {
		timer <- time.Time{}
	}
	delete(c.timers, d)
}

// host is a client of the real loop, the real tools and a real credential,
// against the practice GitHub.
type host struct {
	t       *testing.T
	box     *sandbox.Sandbox
	stdin   io.Writer
	lines   chan map[string]any
	clock   *clock // of the tools
	loop    *clock // of the loop, which asks the questions
	polling chan struct{}
	opened  chan string
	stderr  *lockedBuffer
	store   *credentials.Memory

	mu         sync.Mutex
	transcript strings.Builder
	id         int
	era        string
	caps       map[string]any
	// resource is what is read instead of calling a tool; "": nothing.
	resource string
	// tool is what is called, with arguments; "": github_whoami with none.
	tool      string
	arguments map[string]any
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newHost(t *testing.T, era string, elicitation map[string]any) *host {
	t.Helper()
	return newGuardedHost(t, client{era: era, elicitation: elicitation}, &gate.Rules{Confirm: gate.Never}, false)
}

// newGuardedHost is a host whose tools' requests are held against rules.
func newGuardedHost(t *testing.T, c client, rules *gate.Rules, signedIn bool) *host {
	t.Helper()
	return newAuditedHost(t, c, rules, signedIn, nil)
}

// newAuditedHost is one whose calls are written down as well; nil: they aren't.
func newAuditedHost(t *testing.T, c client, rules *gate.Rules, signedIn bool, written *notebook) *host {
	t.Helper()
	h := &host{t: t, clock: newClock(), loop: newClock(), lines: make(chan map[string]any, 100), polling: make(chan struct{}), opened: make(chan string, 10), stderr: &lockedBuffer{}, store: &credentials.Memory{Reason: "a test"}, era: c.era, caps: map[string]any{}}
	if c.elicitation != nil {
		h.caps["elicitation"] = c.elicitation
	}
	box, err := sandbox.Start(sandbox.Options{Interval: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	h.box = box
	entry := github.Service("")
	at, err := entry.At(credentials.Settings{Host: box.URL()})
	if err != nil {
		t.Fatal(err)
	}
	settings := credentials.Settings{ClientID: sandbox.ClientID}
	if signedIn {
		settings.Token, settings.KeyVariable = oauth.NewSecret(box.IssueToken("repo")), "GITHUB_TOKEN"
	}
	credential := credentials.New(credentials.Options{
		Service: at, Settings: settings, Store: h.store, Sleep: h.sleep,
	})
	client := credential.Client()
	client.Transport = &gate.Gate{Next: client.Transport, Service: "github", Base: at.APIURL, Reads: entry.Reads, Place: entry.Place, Rules: rules}
	log := logTo(h.stderr)
	offer := entry.Offer(tools.Setup{API: client, At: at})
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	h.stdin = stdin
	server := &stdio.Server{
		MCP: tools.NewServer(tools.Options{
			Version: "test", Offer: offer, Audit: written.audit(offer, credential, log), Log: log, Now: h.clock.Now, After: h.clock.after,
			OpenBrowser: func(address string) { h.opened <- address },
		}),
		In: in, Out: out, Log: log, After: h.loop.after,
	}
	serving, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(serving) }()
	go h.read(stdout)
	t.Cleanup(func() {
		// Calls that wait for a person would be waited for otherwise.
		stop()
		stdin.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		out.Close()
		credential.Close()
		box.Close()
	})
	h.handshake()
	return h
}

// sleep lets the credential poll only when the test says so.
func (h *host) sleep(ctx context.Context, _ time.Duration) error {
	select {
	case <-h.polling:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *host) read(stdout io.Reader) {
	defer close(h.lines)
	reader := bufio.NewReader(stdout)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		h.mu.Lock()
		h.transcript.WriteString(line)
		h.mu.Unlock()
		var message map[string]any
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			h.t.Errorf("a line on stdout is not JSON: %q", line)
		}
		h.lines <- message
	}
}

func (h *host) modern() bool { return h.era == "2026-07-28" }

func (h *host) handshake() {
	if h.modern() {
		return
	}
	h.send(map[string]any{"id": "hello", "method": "initialize", "params": map[string]any{
		"protocolVersion": h.era, "capabilities": h.caps, "clientInfo": map[string]any{"name": "test", "version": "1"}}})
	h.receive()
	h.send(map[string]any{"method": "notifications/initialized"})
}

func (h *host) send(message map[string]any) {
	h.t.Helper()
	message["jsonrpc"] = "2.0"
	line, err := json.Marshal(message)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.stdin.Write(append(line, '\n')); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) receive() map[string]any {
	h.t.Helper()
	select {
	case message, open := <-h.lines:
		if !open {
			h.t.Fatal("the server has closed stdout")
		}
		return message
	case <-time.After(patience):
		h.t.Fatal("no message came")
	}
	return nil
}

// call starts a tool call, with the answers of an earlier round if any.
func (h *host) call(extra map[string]any) {
	h.t.Helper()
	h.id++
	method, params := "tools/call", map[string]any{"name": "github_whoami", "arguments": map[string]any{}}
	if h.tool != "" {
		params = map[string]any{"name": h.tool, "arguments": h.arguments}
	}
	if h.resource != "" {
		method, params = "resources/read", map[string]any{"uri": h.resource}
	}
	if h.modern() {
		params["_meta"] = map[string]any{"io.modelcontextprotocol/protocolVersion": h.era, "io.modelcontextprotocol/clientCapabilities": h.caps,
			"io.modelcontextprotocol/clientInfo": map[string]any{"name": "test", "version": "1"}}
	}
	for name, value := range extra {
		params[name] = value
	}
	h.send(map[string]any{"id": h.id, "method": method, "params": params})
}

// result receives the answer to the last call.
func (h *host) result() map[string]any {
	h.t.Helper()
	message := h.receive()
	if h.resource != "" {
		message = asToolCall(message)
	}
	result, ok := message["result"].(map[string]any)
	if !ok || fmt.Sprint(message["id"]) != fmt.Sprint(h.id) {
		h.t.Fatalf("not the answer to call %d: %v", h.id, message)
	}
	return result
}

// asToolCall is the answer to resources/read as a tool would have given it.
// What asks for a sign-in in words has to be an error there.
func asToolCall(message map[string]any) map[string]any {
	if failed, is := message["error"].(map[string]any); is {
		text := failed["message"].(string)
		message["result"] = map[string]any{"content": []any{map[string]any{"text": text}}, "isError": !codePattern.MatchString(text)}
	}
	if result := message["result"].(map[string]any); result["contents"] != nil {
		result["content"] = result["contents"]
	}
	return message
}

func (h *host) approve(code string) {
	h.t.Helper()
	if err := h.box.Approve(code); err != nil {
		h.t.Fatal(err)
	}
	close(h.polling)
}

// textOf is the text of a tool's answer.
func textOf(t *testing.T, result map[string]any) string {
	t.Helper()
	content, ok := result["content"].([]any)
	if !ok || len(content) != 1 {
		t.Fatalf("not one text: %v", result)
	}
	return content[0].(map[string]any)["text"].(string)
}

// secrets are what no client may ever see: what the practice GitHub was sent.
func (h *host) secrets() []string {
	var all []string
	for _, r := range h.box.Requests() {
		if code := r.Form.Get("device_code"); code != "" {
			all = append(all, code)
		}
		if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
			all = append(all, token)
		}
	}
	return all
}
