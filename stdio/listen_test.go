package stdio_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

const (
	acknowledged = "notifications/subscriptions/acknowledged"
	listChanged  = "notifications/tools/list_changed"
)

// wantNotice asserts a notice of a subscription; id "" is none.
func wantNotice(t *testing.T, m message, method, id string) {
	t.Helper()
	var params struct {
		Meta map[string]json.RawMessage `json:"_meta"`
	}
	if m.Params != nil && json.Unmarshal(m.Params, &params) != nil || m.Method != method || m.ID != nil ||
		string(params.Meta["io.modelcontextprotocol/subscriptionId"]) != id {
		t.Errorf("got %s, want %s with the subscription id %q", m.raw, method, id)
	}
}

// wantEnd asserts the completion result of a subscription.
func wantEnd(t *testing.T, m message, id string) {
	t.Helper()
	var result struct {
		ResultType string
		Meta       map[string]json.RawMessage `json:"_meta"`
	}
	if json.Unmarshal(m.Result, &result) != nil || string(m.ID) != id || result.ResultType != "complete" ||
		string(result.Meta["io.modelcontextprotocol/subscriptionId"]) != id {
		t.Errorf("got %s, want the end of the subscription %s", m.raw, id)
	}
}

// A client of 2026-07-28 hears of changes only while it listens, and every
// notice names its subscription (spec, "Subscriptions").
func TestListen(t *testing.T) {
	t.Parallel()
	s := newMCP()
	h := serve(t, stdio.Server{MCP: s})
	h.ask(modernRequest(1, "server/discover"))
	change := func() { s.AddTools(tool("another", echo)) }
	change() // nobody listens
	const first, second = `9007199254740993`, `"second \u0061"`
	wantNotice(t, h.ask(modernListen(first)), acknowledged, first)
	change()
	wantNotice(t, h.next(), listChanged, first)
	wantNotice(t, h.ask(modernListen(second)), acknowledged, second)
	change()
	got := []message{h.next(), h.next()}
	if strings.Contains(got[0].raw, "second") {
		got[0], got[1] = got[1], got[0]
	}
	wantNotice(t, got[0], listChanged, first)
	wantNotice(t, got[1], listChanged, second)
	h.send(cancel(first))
	wantText(t, h.ask(call(2, "echo", `{"text":"a"}`)), "2", "a")
	s.SendNotificationToAllClients("notifications/prompts/list_changed", nil) // not asked for
	change()
	wantNotice(t, h.next(), listChanged, second)
	rest, err := h.close()
	if err != nil || len(rest) != 1 {
		t.Fatalf("got %v, %v", rest, err)
	}
	wantEnd(t, rest[0], second)
}

// A subscription that the server ends gets its completion result.
func TestListenEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*host){
		"end of input": func(h *host) { h.to.Close() },
		"signal":       func(h *host) { h.signals <- os.Interrupt },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{})
			wantNotice(t, h.ask(modernListen(1)), acknowledged, "1")
			end(h)
			rest, err := h.rest()
			if err != nil || len(rest) != 1 {
				t.Fatalf("got %v, %v", rest, err)
			}
			wantEnd(t, rest[0], "1")
		})
	}
}

// Where nothing changes, a subscription is acknowledged with nothing and over.
func TestListenToNothing(t *testing.T) {
	t.Parallel()
	s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(false))
	h := serve(t, stdio.Server{MCP: s})
	wantNotice(t, h.ask(modernListen(1)), acknowledged, "1")
	wantEnd(t, h.next(), "1")
	wantError(t, h.ask(request(2, "subscriptions/listen", "{}")), "2", -32601) // of an older client
	h.ends()
}

// A client that has shaken hands hears of every change, as its revision has it,
// and no listener's notice.
func TestListChangedForOlderClients(t *testing.T) {
	t.Parallel()
	s := newMCP()
	h := serve(t, stdio.Server{MCP: s})
	s.AddTools(tool("early", echo)) // before the handshake
	h.handshake("2025-11-25", noCaps)
	wantText(t, h.ask(call(1, "echo", `{"text":"a"}`)), "1", "a")
	s.AddTools(tool("another", echo))
	wantNotice(t, h.next(), listChanged, "")
	h.ends()
}
