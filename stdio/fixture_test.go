package stdio_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// patience is when a test gives up on something that never comes.
const patience = 60 * time.Second

// Limits the fake clock can tell apart.
const (
	drain   = 10 * time.Second
	grace   = 2 * time.Second
	asking  = 20 * time.Second
	decides = 28 * time.Second
	modern  = "2026-07-28"
	noCaps  = "{}"
	formCap = `{"elicitation":{"form":{}}}`
)

type (
	handler = server.ToolHandlerFunc
	mcpTool = server.ServerTool
)

func tool(name string, do handler) mcpTool {
	return mcpTool{Tool: mcp.NewTool(name), Handler: do}
}

// newMCP is a server with an echo and the given tools.
func newMCP(tools ...mcpTool) *server.MCPServer {
	s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(true))
	s.AddTools(append(tools, tool("echo", echo))...)
	return s
}

func echo(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	return mcp.NewToolResultText(r.GetString("text", "")), nil
}

// waits answers a tool that tells when it has begun and waits until its context
// ends.
func waits(name string) (mcpTool, <-chan string) {
	begun := make(chan string, 1<<14)
	return tool(name, func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		begun <- r.GetString("text", "")
		<-ctx.Done()
		return nil, ctx.Err()
	}), begun
}

// asks answers a tool that asks the person and answers with the action and the
// content that came.
func asks() mcpTool {
	return tool("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		result, err := form(ctx)
		if err != nil {
			return nil, err
		}
		content, err := json.Marshal(result.Content)
		return mcp.NewToolResultText(string(result.Action) + " " + string(content)), err
	})
}

func form(ctx context.Context) (*mcp.ElicitationResult, error) {
	return server.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{Params: question()})
}

func question() mcp.ElicitationParams {
	return mcp.ElicitationParams{Message: "May I?", RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{
		"name": map[string]any{"type": "string"},
	}}}
}

// clock is a clock that stands until a test moves it.
type clock struct {
	mu     sync.Mutex
	timers map[time.Duration][]chan time.Time
	set    chan struct{}
}

func newClock() *clock {
	return &clock{timers: map[time.Duration][]chan time.Time{}, set: make(chan struct{}, 1)}
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := make(chan time.Time, 1)
	c.timers[d] = append(c.timers[d], timer)
	select {
	case c.set <- struct{}{}:
	default:
	}
	return timer
}

// fire waits until a timer of d runs, and lets it run out.
func (c *clock) fire(t testing.TB, d time.Duration) {
	t.Helper()
	for !c.tryFire(d) {
		wait(t, c.set, "a timer of "+d.String())
	}
}

func (c *clock) tryFire(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	timers := c.timers[d]
	if len(timers) == 0 {
		return false
	}
	timers[0] <- time.Time{}
	c.timers[d] = timers[1:]
	return true
}

func wait[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// host is the other end: it writes what a test says and keeps what comes.
type host struct {
	t       testing.TB
	to      io.WriteCloser
	from    io.Closer
	lines   chan string
	served  chan error
	signals chan os.Signal
	clock   *clock
	logged  *locked
}

// serve starts a server. What s leaves open, a host for tests fills in.
func serve(t testing.TB, s stdio.Server) *host {
	t.Helper()
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	h := &host{t: t, to: toServer, from: fromServer, lines: make(chan string, 1<<16), served: make(chan error, 1),
		signals: make(chan os.Signal, 2), clock: newClock(), logged: &locked{}}
	if s.MCP == nil {
		s.MCP = newMCP()
	}
	s.In, s.Out, s.Signals, s.After = fromHost, toHost, h.signals, h.clock.After
	s.Log = textLog(h.logged)
	go func() {
		err := s.Serve(context.Background())
		toHost.Close()
		h.served <- err
	}()
	go h.keep(fromServer)
	t.Cleanup(func() {
		toServer.Close()
		fromServer.Close()
		fromHost.Close()
	})
	return h
}

func (h *host) keep(from io.Reader) {
	defer close(h.lines)
	reader := bufio.NewReader(from)
	for {
		text, err := reader.ReadString('\n')
		if text != "" {
			h.lines <- text
		}
		if err != nil {
			return
		}
	}
}

// send writes messages in one write.
func (h *host) send(messages ...string) {
	h.t.Helper()
	h.write(strings.Join(messages, "\n") + "\n")
}

func (h *host) write(text string) {
	h.t.Helper()
	if _, err := io.WriteString(h.to, text); err != nil {
		h.t.Fatalf("writing to the server: %v", err)
	}
}

// message is what a server sent.
type message struct {
	raw     string
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *struct {
		Code    int             `json:"code"`
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	} `json:"error"`
}

func decode(t testing.TB, line string) message {
	t.Helper()
	m := message{raw: strings.TrimSuffix(line, "\n")}
	if !strings.HasSuffix(line, "\n") || strings.Contains(m.raw, "\n") {
		t.Fatalf("not a line: %q", line)
	}
	if err := json.Unmarshal([]byte(m.raw), &m); err != nil || m.JSONRPC != "2.0" {
		t.Fatalf("not a message: %q: %v", line, err)
	}
	return m
}

// line answers the next line.
func (h *host) line() string {
	h.t.Helper()
	return wait(h.t, h.lines, "a line from the server")
}

// next answers the next message.
func (h *host) next() message {
	h.t.Helper()
	return decode(h.t, h.line())
}

// ask sends one message and answers the next one that comes.
func (h *host) ask(text string) message {
	h.t.Helper()
	h.send(text)
	return h.next()
}

// handshake shakes hands.
func (h *host) handshake(version, capabilities string) {
	h.t.Helper()
	if m := h.ask(initialize(version, capabilities)); m.Error != nil {
		h.t.Fatalf("initialize: %s", m.raw)
	}
	h.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

// close ends the input, and answers what else came and what Serve answered.
func (h *host) close() ([]message, error) {
	h.t.Helper()
	h.to.Close()
	return h.rest()
}

// rest waits for the end.
func (h *host) rest() ([]message, error) {
	h.t.Helper()
	err := wait(h.t, h.served, "the end of Serve")
	var rest []message
	for text := range h.lines {
		rest = append(rest, decode(h.t, text))
	}
	return rest, err
}

// ends asserts that closing the input ends Serve well, with nothing more sent.
func (h *host) ends() {
	h.t.Helper()
	rest, err := h.close()
	if err != nil {
		h.t.Errorf("Serve: %v", err)
	}
	for _, m := range rest {
		h.t.Errorf("sent besides: %s", m.raw)
	}
}

// wantText asserts that a message answers id with a tool's text.
func wantText(t testing.TB, m message, id, text string) {
	t.Helper()
	var result struct {
		Content []struct{ Text string }
	}
	if m.Error != nil || string(m.ID) != id || json.Unmarshal(m.Result, &result) != nil ||
		len(result.Content) != 1 || result.Content[0].Text != text {
		t.Errorf("got %s, want id %s and the text %q", m.raw, id, text)
	}
}

// wantError asserts that a message answers id with an error.
func wantError(t testing.TB, m message, id string, code int) {
	t.Helper()
	if m.Error == nil || string(m.ID) != id || m.Error.Code != code || m.Error.Message == "" || m.Result != nil {
		t.Errorf("got %s, want id %s and error %d", m.raw, id, code)
	}
}

func ids(messages []message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, string(m.ID))
	}
	slices.Sort(all)
	return all
}

func initialize(version, capabilities string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":%q,"capabilities":%s,"clientInfo":{"name":"host","version":"1"}}}`, version, capabilities)
}

func request(id any, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%v,"method":%q,"params":%s}`, id, method, params)
}

func ping(id any) string { return request(id, "ping", "{}") }

func call(id any, name, arguments string) string {
	return request(id, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments))
}

func cancel(id any) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%v}}`, id)
}

// meta is the _meta of a request that shakes no hands.
func meta(version, client, capabilities string) string {
	return fmt.Sprintf(`{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientInfo":{"name":%q,"version":"1"},"io.modelcontextprotocol/clientCapabilities":%s}`, version, client, capabilities)
}

func modernRequest(id any, method string) string {
	return request(id, method, `{"_meta":`+meta(modern, "host", noCaps)+`}`)
}

func modernCall(id any, name, arguments, client, capabilities string) string {
	return request(id, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s,"_meta":%s}`, name, arguments, meta(modern, client, capabilities)))
}

func modernListen(id any) string {
	return request(id, "subscriptions/listen", `{"notifications":{"toolsListChanged":true},"_meta":`+meta(modern, "host", noCaps)+`}`)
}

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// locked is a buffer for a log.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
