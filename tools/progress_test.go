package tools_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/valetkey/valetkey/stdio"
	"github.com/valetkey/valetkey/tools"
)

// TestProgress: a client that has sent a token gets each line, in order, with a
// number that grows, and before the answer; one that hasn't gets the answer
// only.
func TestProgress(t *testing.T) {
	t.Parallel()
	const hello = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	const ready = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"practice_tool","arguments":{}%s}}`
	const modern = `,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}%s}`
	const lines = `progress p 1 waiting 3 s;progress p 2 evil;`
	for name, c := range map[string]struct {
		before []string
		meta   string
		want   string
	}{
		"asked for":             {[]string{hello, ready}, `,"_meta":{"progressToken":"p"}`, lines},
		"not asked for":         {[]string{hello, ready}, ``, ""},
		"asked for, 2026":       {nil, fmt.Sprintf(modern, `,"progressToken":"p"`), lines},
		"not asked for in 2026": {nil, fmt.Sprintf(modern, ""), ""},
	} {
		tool := toolThat(func(ctx context.Context, _ nothing) (string, error) {
			tools.Progress(ctx, "waiting 3 s")
			tools.Progress(ctx, "e\u202evil")
			return "done", nil
		})
		got := converse(t, tool, append(c.before, fmt.Sprintf(call, c.meta)))
		if got != c.want+"done" {
			t.Errorf("%s: %s", name, got)
		}
	}
	tools.Progress(t.Context(), "nobody listens")
}

// converse sends lines to a server with one tool, one after the other, and
// answers in short what comes back up to the tool's answer.
func converse(t *testing.T, tool tools.Tool, lines []string) string {
	t.Helper()
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	server := &stdio.Server{MCP: tools.NewServer(tools.Options{Version: "test", Offer: tools.Offer{Tools: []tools.Tool{tool}}}), In: in, Out: out}
	served := make(chan error, 1)
	go func() { served <- server.Serve(context.Background()) }()
	t.Cleanup(func() {
		stdin.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		out.Close()
	})
	answers := bufio.NewScanner(stdout)
	var said strings.Builder
	for _, line := range lines {
		io.WriteString(stdin, line+"\n")
		for strings.Contains(line, `"id":`) && answers.Scan() {
			var message struct {
				ID     *int
				Params struct {
					ProgressToken, Message string
					Progress               int
				}
				Result struct{ Content []struct{ Text string } }
			}
			if err := json.Unmarshal(answers.Bytes(), &message); err != nil {
				t.Fatalf("%s: %v", answers.Text(), err)
			}
			if message.ID != nil {
				for _, part := range message.Result.Content {
					said.WriteString(part.Text)
				}
				break
			}
			fmt.Fprintf(&said, "progress %s %d %s;", message.Params.ProgressToken, message.Params.Progress, message.Params.Message)
		}
	}
	return said.String()
}
