package stdio_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

const panicValue = "example-secret-in-a-panic"

type explosive struct{}

func (explosive) MarshalJSON() ([]byte, error) { panic(panicValue) }

// Whatever a tool does wrong, its client gets an error, without what the tool
// didn't mean to say, and the server lives.
func TestFaultyTools(t *testing.T) {
	t.Parallel()
	structured := func(v any) handler {
		return func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{StructuredContent: v}, nil
		}
	}
	tools := map[string]handler{
		"panics": func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic(panicValue) },
		"panics with an error": func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			panic(errors.New(panicValue))
		},
		"ends its goroutine": func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			runtime.Goexit()
			return nil, nil
		},
		"channel":   structured(make(chan int)),
		"function":  structured(func() {}),
		"infinity":  structured(math.Inf(1)),
		"explosive": structured(explosive{}),
		"nil":       func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { return nil, nil },
	}
	for name, do := range tools {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{MCP: newMCP(tool("faulty", do))})
			wantError(t, h.ask(modernCall(1, "faulty", "{}", "host", noCaps)), "1", -32603)
			h.handshake("2025-11-25", noCaps)
			m := h.ask(call(9007199254740993, "faulty", "{}"))
			wantError(t, m, "9007199254740993", -32603)
			if strings.Contains(m.raw+h.logged.String(), panicValue) {
				t.Errorf("the value of the panic was told: %s; %s", m.raw, h.logged)
			}
			wantText(t, h.ask(call(2, "echo", `{"text":"alive"}`)), "2", "alive")
			h.ends()
		})
	}
}

// A panic is logged with its type, so that it can be found at all.
func TestPanicIsLoggedWithItsType(t *testing.T) {
	t.Parallel()
	type unusual string
	faulty := tool("faulty", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) { panic(unusual(panicValue)) })
	h := serve(t, stdio.Server{MCP: newMCP(faulty)})
	h.ask(call(1, "faulty", "{}"))
	if text := h.logged.String(); !strings.Contains(text, "stdio_test.unusual") || !strings.Contains(text, "tools/call") {
		t.Errorf("logged %q", text)
	}
	h.ends()
}

// A panic outside a tool, in what is handled in order, ends nothing either.
func TestPanicsInHooksAndNotifications(t *testing.T) {
	t.Parallel()
	hooks := &server.Hooks{}
	hooks.AddBeforeListTools(func(context.Context, any, *mcp.ListToolsRequest) { panic(panicValue) })
	s := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(false), server.WithHooks(hooks))
	s.AddNotificationHandler("notifications/odd", func(context.Context, mcp.JSONRPCNotification) { panic(panicValue) })
	h := serve(t, stdio.Server{MCP: s})
	h.handshake("2025-11-25", noCaps)
	h.send(`{"jsonrpc":"2.0","method":"notifications/odd"}`)
	wantError(t, h.ask(request(1, "tools/list", "{}")), "1", -32603)
	if text := h.logged.String(); strings.Contains(text, panicValue) || strings.Count(text, "panicked") != 2 {
		t.Errorf("logged %q", text)
	}
	h.ends()
}

// A notice that can't be encoded is lost alone.
func TestNoticeThatCantBeEncoded(t *testing.T) {
	t.Parallel()
	odd := tool("odd", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		s := server.ServerFromContext(ctx)
		for _, v := range []any{make(chan int), explosive{}, 1} {
			if err := s.SendNotificationToClient(ctx, "notifications/progress", map[string]any{"progressToken": "p", "progress": v}); err != nil {
				return nil, err
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
	h := serve(t, stdio.Server{MCP: newMCP(odd)})
	h.handshake("2025-11-25", noCaps)
	if m := h.ask(call(1, "odd", "{}")); m.Method != "notifications/progress" || !strings.Contains(string(m.Params), `"progress":1`) {
		t.Errorf("got %s", m.raw)
	}
	wantText(t, h.next(), "1", "done")
	if strings.Contains(h.logged.String(), panicValue) {
		t.Errorf("logged %q", h.logged)
	}
	h.ends()
}

// What a tool sends is sent as it is, on one line.
func TestAwkwardTexts(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	for _, text := range []string{"a\nb\r\n", "\u2028\u2029", "\x00\x1b", "<b>&", "😀", strings.Repeat("long ", 1<<17)} {
		encoded, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		wantText(t, h.ask(call(1, "echo", string(encoded))), "1", text)
	}
	h.ends()
}
