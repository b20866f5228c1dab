package stdio_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/stdio"
)

// A call that lasts too long ends with its context; a subscription lasts as long
// as its client listens.
func TestCallTimeout(t *testing.T) {
	t.Parallel()
	s := newMCP(tool("lasts", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return mcp.NewToolResultText(ctx.Err().Error()), nil
	}))
	h := serve(t, stdio.Server{MCP: s, CallTimeout: time.Nanosecond})
	wantNotice(t, h.ask(modernListen(1)), acknowledged, "1")
	wantText(t, h.ask(call(2, "lasts", "{}")), "2", context.DeadlineExceeded.Error())
	s.AddTools(tool("another", echo))
	wantNotice(t, h.next(), listChanged, "1")
	if rest, err := h.close(); err != nil || len(rest) != 1 {
		t.Errorf("then %v, %v, want the end of the subscription", rest, err)
	}
}

// A host that puts LSP's headers before its messages, as Cline's command line does
// when it has got no answer in time, is told on stderr as well, and nothing
// hangs: what has no line end is answered at the end of the input.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
func TestHeadersOfLSP(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Content-Length: ", "content-length:"} {
		h := serve(t, stdio.Server{})
		h.write(header + "46\r\n\r\n" + ping(1))
		if m := h.next(); m.Error == nil || m.Error.Code != -32700 || !strings.Contains(m.Error.Message, "without a Content-Length header") {
			t.Errorf("%s: %s", header, m.raw)
		}
		rest, err := h.close()
		if got := ids(rest); err != nil || len(got) != 1 || got[0] != "1" {
			t.Errorf("%s: then %v, %v, want the answer to ping", header, got, err)
		}
		if said := h.logged.String(); strings.Count(said, "the host doesn't speak MCP over stdio") != 1 || !strings.Contains(said, "a line of JSON") {
			t.Errorf("%s: the log is %q", header, said)
		}
	}
}
