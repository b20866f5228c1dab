package tools_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
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
	const read = `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"books://mona/7/in/a"%s}}`
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
		tell := func(ctx context.Context) string {
			tools.Progress(ctx, "waiting 3 s")
			tools.Progress(ctx, "e\u202evil")
			return "done"
		}
		tool := toolThat(func(ctx context.Context, _ nothing) (string, error) { return tell(ctx), nil })
		book := bookAt(asRead)
		book.Read = func(ctx context.Context, _ string) (tools.Document, error) {
			return tools.Document{Text: tell(ctx)}, nil
		}
		for _, request := range []string{call, read} {
			got := converse(t, tools.Offer{Tools: []tools.Tool{tool}, Resources: []tools.Resource{book}}, append(slices.Clone(c.before), fmt.Sprintf(request, c.meta)))
			if got != c.want+"done" {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	tools.Progress(t.Context(), "nobody listens")
}

// converse sends lines to a server with an offer, one after the other, and
// answers in short what comes back up to the answer.
func converse(t *testing.T, offer tools.Offer, lines []string) string {
	t.Helper()
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	server := &stdio.Server{MCP: tools.NewServer(tools.Options{Version: "test", Offer: offer}), In: in, Out: out}
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
				Result struct{ Content, Contents []struct{ Text string } }
			}
			if err := json.Unmarshal(answers.Bytes(), &message); err != nil {
				t.Fatalf("%s: %v", answers.Text(), err)
			}
			if message.ID != nil {
				for _, part := range append(message.Result.Content, message.Result.Contents...) {
					said.WriteString(part.Text)
				}
				break
			}
			fmt.Fprintf(&said, "progress %s %d %s;", message.Params.ProgressToken, message.Params.Progress, message.Params.Message)
		}
	}
	return said.String()
}
