package stdio_test

import (
	"context"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// A call and its cancellation in one write: the call ends and gets no answer.
func TestCancelInTheSameWrite(t *testing.T) {
	t.Parallel()
	tool, _ := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(tool)})
	h.handshake("2025-11-25", noCaps)
	for i := range 200 {
		h.send(call(i, "wait", "{}"), cancel(i))
	}
	wantText(t, h.ask(call(1000, "echo", `{"text":"alive"}`)), "1000", "alive")
	h.ends()
}

func TestCancelOneOfTwo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cancelled, left, by string }{
		{`1`, `"1"`, `1`},
		{`"1"`, `1`, `"1"`},
		{`9007199254740993`, `9007199254740992`, `9007199254740993`},
		{`"a"`, `"A"`, `"\u0061"`},
		{`""`, `0`, `""`},
	} {
		release := make(chan struct{})
		ended := make(chan string, 2)
		s := newMCP(tool("wait", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			select {
			case <-ctx.Done():
				ended <- r.GetString("text", "")
				return nil, ctx.Err()
			case <-release:
				return mcp.NewToolResultText("done"), nil
			}
		}))
		h := serve(t, stdio.Server{MCP: s})
		h.handshake("2025-11-25", noCaps)
		h.send(call(c.cancelled, "wait", `{"text":"cancelled"}`), call(c.left, "wait", `{"text":"left"}`), cancel(c.by))
		if got := wait(t, ended, "the cancelled call"); got != "cancelled" {
			t.Errorf("cancel(%s) ended the call %s", c.by, c.left)
		}
		close(release)
		wantText(t, h.next(), c.left, "done")
		h.ends()
	}
}

// Cancelling what isn't there, or what can't be cancelled, does nothing.
func TestCancelNothing(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	h.send(initialize("2025-11-25", noCaps), cancel(`"init"`))
	if m := h.next(); string(m.ID) != `"init"` || m.Error != nil {
		t.Errorf("initialize was answered with %s", m.raw)
	}
	wantText(t, h.ask(call(1, "echo", `{"text":"a"}`)), "1", "a")
	h.send(cancel(1), cancel(99), cancel(`"x"`), cancel("null"), cancel("{}"),
		`{"jsonrpc":"2.0","method":"notifications/cancelled"}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]}`)
	for range 500 { // a cancellation doesn't reach what comes after it
		h.send(cancel(1), call(1, "echo", `{"text":"b"}`))
		wantText(t, h.next(), "1", "b")
	}
	h.ends()
}

// A call that goes on after it was cancelled is not heard any more: neither its
// progress nor its answer.
func TestCancelledCallIsSilenced(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	stubborn := tool("stubborn", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		for i := range 10 {
			// An error is what a call that is over may get.
			_ = progress(context.WithoutCancel(ctx), r, i)
		}
		close(done)
		return mcp.NewToolResultText("too late"), nil
	})
	for _, text := range []string{
		request(1, "tools/call", `{"name":"stubborn","_meta":{"progressToken":"p"}}`),
		modernCall(1, "stubborn", "{}", "host", noCaps),
	} {
		done = make(chan struct{})
		h := serve(t, stdio.Server{MCP: newMCP(stubborn)})
		h.handshake("2025-11-25", noCaps)
		h.send(text, cancel(1))
		wait(t, done, "the cancelled call")
		h.ends()
	}
}

// progress sends what a tool sends about its progress.
func progress(ctx context.Context, r mcp.CallToolRequest, i int) error {
	var token any = "none"
	if r.Params.Meta != nil && r.Params.Meta.ProgressToken != nil {
		token = r.Params.Meta.ProgressToken
	}
	return server.ServerFromContext(ctx).SendNotificationToClient(ctx, "notifications/progress",
		map[string]any{"progressToken": token, "progress": i})
}

// The second of two requests with one id gets an error, and the first lives.
func TestDuplicateID(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := tool("slow", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-release
		return mcp.NewToolResultText("first"), nil
	})
	h := serve(t, stdio.Server{MCP: newMCP(slow)})
	h.handshake("2025-11-25", noCaps)
	h.send(call(`"a"`, "slow", "{}"))
	for _, second := range []string{call(`"\u0061"`, "echo", "{}"), ping(`"a"`), request(`"a"`, "tools/list", "{}"), call(`"a"`, "slow", "{}")} {
		m := h.ask(second)
		if m.Error == nil || m.Error.Code != -32600 {
			t.Errorf("%s was answered with %s", second, m.raw)
		}
	}
	close(release)
	wantText(t, h.next(), `"a"`, "first")
	wantText(t, h.ask(call(`"a"`, "echo", `{"text":"again"}`)), `"a"`, "again")
	h.ends()
}
