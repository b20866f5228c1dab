package stdio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// besides are requests that, like tool calls, may take long.
func besides() map[string]string {
	return map[string]string{
		"resources/read":      `{"uri":"slow://x"%s}`,
		"prompts/get":         `{"name":"slow"%s}`,
		"completion/complete": `{"ref":{"type":"ref/prompt","name":"slow"},"argument":{"name":"a","value":""}%s}`,
	}
}

// slow is a server on which all of them begin and wait until their context
// ends, or they are let go.
type slow struct {
	begun    chan string
	released chan struct{}
}

func newSlow() (*slow, *server.MCPServer) {
	s := &slow{make(chan string, 1<<14), make(chan struct{})}
	m := server.NewMCPServer("fixture", "1", server.WithToolCapabilities(false), server.WithResourceCapabilities(false, false),
		server.WithPromptCapabilities(false), server.WithCompletions(), server.WithPromptCompletionProvider(s))
	m.AddResourceTemplate(mcp.NewResourceTemplate("slow://{name}", "slow"), func(ctx context.Context, r mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		return []mcp.ResourceContents{mcp.TextResourceContents{URI: r.Params.URI, Text: "read"}}, s.wait(ctx, "resources/read")
	})
	m.AddPrompt(mcp.NewPrompt("slow"), func(ctx context.Context, _ mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return &mcp.GetPromptResult{Description: "got"}, s.wait(ctx, "prompts/get")
	})
	return s, m
}

func (s *slow) wait(ctx context.Context, method string) error {
	s.begun <- method
	select {
	case <-s.released:
		return nil
	case <-ctx.Done():
		s.begun <- "the end of " + method
		return ctx.Err()
	}
}

// CompletePromptArgument implements mcp-go's PromptCompletionProvider.
func (s *slow) CompletePromptArgument(ctx context.Context, _ string, _ mcp.CompleteArgument, _ mcp.CompleteContext) (*mcp.Completion, error) {
	return &mcp.Completion{Values: []string{"completed"}}, s.wait(ctx, "completion/complete")
}

// inBothEras runs a test for each method in the form of each era.
func inBothEras(t *testing.T, test func(t *testing.T, method, params string)) {
	t.Helper()
	for method, params := range besides() {
		for era, more := range map[string]string{"2025-11-25": "", modern: `,"_meta":` + meta(modern, "host", noCaps)} {
			t.Run(method+"/"+era, func(t *testing.T) {
				t.Parallel()
				test(t, method, fmt.Sprintf(params, more))
			})
		}
	}
}

// TestSlowRequestsHoldNothingUp: while one waits others go on, and many wait at
// the same time.
func TestSlowRequestsHoldNothingUp(t *testing.T) {
	t.Parallel()
	inBothEras(t, func(t *testing.T, method, params string) {
		s, m := newSlow()
		h := serve(t, stdio.Server{MCP: m})
		h.handshake("2025-11-25", noCaps)
		const many = 50
		for i := range many {
			h.send(request(i, method, params))
		}
		for range many {
			wait(t, s.begun, method)
		}
		if pong := h.ask(ping(`"ping"`)); string(pong.ID) != `"ping"` {
			t.Errorf("not the answer to the ping: %s", pong.raw)
		}
		close(s.released)
		for range many {
			if m := h.next(); m.Error != nil || m.Result == nil {
				t.Errorf("got %s", m.raw)
			}
		}
		h.ends()
	})
}

// TestSlowRequestsAreCancelled: one that is cancelled ends, also if the notice
// came with it, and gets no answer.
func TestSlowRequestsAreCancelled(t *testing.T) {
	t.Parallel()
	inBothEras(t, func(t *testing.T, method, params string) {
		s, m := newSlow()
		h := serve(t, stdio.Server{MCP: m})
		h.handshake("2025-11-25", noCaps)
		h.send(request(1, method, params))
		wait(t, s.begun, method)
		h.send(cancel(1))
		if ended := wait(t, s.begun, "its end"); ended != "the end of "+method {
			t.Errorf("then came %s", ended)
		}
		h.send(request(2, method, params), cancel(2))
		if pong := h.ask(ping(3)); string(pong.ID) != "3" {
			t.Errorf("not the answer to the ping: %s", pong.raw)
		}
		h.ends()
	})
}

// TestSlowRequestsAtTheEnd of the input are finished, in the time there is.
func TestSlowRequestsAtTheEnd(t *testing.T) {
	t.Parallel()
	inBothEras(t, func(t *testing.T, method, params string) {
		s, m := newSlow()
		h := serve(t, stdio.Server{MCP: m})
		h.handshake("2025-11-25", noCaps)
		h.send(request(1, method, params))
		wait(t, s.begun, method)
		h.to.Close()
		close(s.released)
		rest, err := h.rest()
		if err != nil || len(rest) != 1 || rest[0].Error != nil {
			t.Errorf("%v, %v", rest, err)
		}
	})
}

// TestListsInOrder: lists are answered in the order they were asked for, with
// whatever may take long in between.
func TestListsInOrder(t *testing.T) {
	t.Parallel()
	s, m := newSlow()
	h := serve(t, stdio.Server{MCP: m})
	h.handshake("2025-11-25", noCaps)
	var want []string
	for i := 0; i < 300; i += 3 {
		for j, method := range []string{"resources/list", "resources/templates/list", "prompts/list"} {
			h.send(request(i+j, method, "{}"))
			want = append(want, fmt.Sprint(i+j))
		}
		h.send(request(1000+i, "prompts/get", `{"name":"slow"}`))
	}
	for _, id := range want {
		if m := h.next(); string(m.ID) != id {
			t.Fatalf("got %s, want the answer to %s", m.raw, id)
		}
	}
	close(s.released)
	for range want[:len(want)/3] {
		h.next()
	}
	h.ends()
}

// TestParamsThatDontFit what stands beside tools.
func TestParamsThatDontFit(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"prompts/get", `{"name":"slow","arguments":{"number":7}}`},
		{"prompts/get", `{"name":7}`},
		{"resources/read", `{"uri":7}`},
		{"resources/read", `[]`},
		{"completion/complete", `{"ref":{"type":"ref/tool","name":"slow"},"argument":{"name":"a","value":""}}`},
		{"completion/complete", `{"ref":7}`},
		{"completion/complete", `{}`},
		{"completion/complete", `{"ref":{"type":"ref/prompt","name":"slow"},"argument":{"name":"a","value":7}}`},
	} {
		_, m := newSlow()
		h := serve(t, stdio.Server{MCP: m})
		h.handshake("2025-11-25", noCaps)
		wantError(t, h.ask(request(1, c[0], c[1])), "1", -32602)
		h.ends()
	}
}

// another is a server that isn't mcp-go's own.
type another struct{ *server.MCPServer }

// HandleMessage answers every request alike.
func (another) HandleMessage(_ context.Context, message json.RawMessage) mcp.JSONRPCMessage {
	return mcp.JSONRPCError{JSONRPC: "2.0", Error: mcp.JSONRPCErrorDetails{Code: -1, Message: "another"}}
}

// TestAnotherServer is asked in mcp-go's place.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{MCP: another{newMCP()}})
	wantError(t, h.ask(ping(1)), "1", -1)
	wantError(t, h.ask(call(2, "echo", "{}")), "2", -1)
	h.ends()
}
