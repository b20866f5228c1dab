package stdio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// Everything but calls is answered in the order it came in.
func TestOrder(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	var lines []string
	for i := 0; i < 1000; i += 4 {
		lines = append(lines, ping(i), request(i+1, "tools/list", "{}"), modernRequest(i+2, "server/discover"),
			strings.Replace(initialize("2025-11-25", noCaps), `"init"`, fmt.Sprint(i+3), 1))
	}
	h.send(lines...)
	for i := range lines {
		if m := h.next(); string(m.ID) != fmt.Sprint(i) || m.Error != nil {
			t.Fatalf("answer %d is %.200s", i, m.raw)
		}
	}
	h.ends()
}

// Calls run at the same time: each of these waits for all the others.
func TestCallsRunAtTheSameTime(t *testing.T) {
	t.Parallel()
	const n = 100
	arrived := make(chan struct{}, n)
	all := make(chan struct{})
	meet := tool("meet", func(context.Context, mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		arrived <- struct{}{}
		<-all
		return mcp.NewToolResultText("met"), nil
	})
	h := serve(t, stdio.Server{MCP: newMCP(meet)})
	for i := range n {
		h.send(call(i, "meet", "{}"))
	}
	for range n {
		wait(t, arrived, "every call to begin")
	}
	close(all)
	for range n {
		if m := h.next(); m.Error != nil {
			t.Error(m.raw)
		}
	}
	h.ends()
}

// 200 calls that wait for a person don't delay the 201st that doesn't.
func TestCallsThatWaitForAPerson(t *testing.T) {
	t.Parallel()
	const people = 200
	h := serve(t, stdio.Server{MCP: newMCP(asks()), ElicitationTimeout: asking})
	h.handshake("2025-11-25", formCap)
	questions := map[string]bool{}
	for i := range people {
		if m := h.ask(call(i, "ask", "{}")); m.Method != "elicitation/create" {
			t.Fatalf("got %s, want a question", m.raw)
		} else {
			questions[string(m.ID)] = true
		}
	}
	wantText(t, h.ask(call(`"quick"`, "echo", `{"text":"quick"}`)), `"quick"`, "quick")
	for id := range questions {
		h.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{}}}`, id))
	}
	for range people {
		m := h.next()
		wantText(t, m, string(m.ID), "accept {}")
	}
	if len(questions) != people {
		t.Errorf("%d different ids for %d questions", len(questions), people)
	}
	h.ends()
}

// 10,000 requests are written before a byte is read: everything is answered,
// and what waits is bounded.
func TestNothingIsReadUntilAllIsWritten(t *testing.T) {
	const n = 10_000
	for name, one := range map[string]func(int) string{
		"ping": func(i int) string { return ping(i) },
		"call": func(i int) string { return call(i, "echo", `{"text":"hello"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			fromHost, toServer := io.Pipe()
			fromServer, toHost := io.Pipe()
			served := make(chan error, 1)
			go func() {
				s := stdio.Server{MCP: newMCP(), In: fromHost, Out: toHost, Drain: patience, Grace: patience}
				served <- s.Serve(context.Background())
				toHost.Close()
			}()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			t.Cleanup(func() { fromHost.Close() })
			written := make(chan struct{})
			go func() {
				defer close(written)
				for i := range n {
					fmt.Fprintln(toServer, one(i))
				}
			}()
			wait(t, written, "the server to read everything")
			runtime.GC()
			runtime.ReadMemStats(&after)
			if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 128<<20 {
				t.Errorf("%d MiB wait", grown>>20)
			}
			toServer.Close()
			h := &host{t: t, lines: make(chan string, n), served: served}
			go h.keep(fromServer)
			seen := map[string]bool{}
			for range n {
				m := h.next()
				if seen[string(m.ID)] || m.Error != nil {
					t.Fatalf("got %s", m.raw)
				}
				seen[string(m.ID)] = true
			}
			if rest, err := h.rest(); err != nil || len(rest) != 0 {
				t.Errorf("then %v, %v", rest, err)
			}
		})
	}
}

// The same with answers as long as a list of a dozen tools, 90 MB of them.
func TestLongAnswersWaitForTheirReader(t *testing.T) {
	const n, length = 10_000, 9_000
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	t.Cleanup(func() { fromHost.Close(); fromServer.Close() })
	mcpServer := server.NewMCPServer("fixture", "1", server.WithInstructions(strings.Repeat("x", length)))
	s := stdio.Server{MCP: mcpServer, In: fromHost, Out: toHost, Drain: patience, Grace: patience}
	served, written := make(chan error, 1), make(chan struct{})
	go func() {
		served <- s.Serve(context.Background())
		toHost.Close()
	}()
	go func() {
		defer close(written)
		for i := range n {
			fmt.Fprintln(toServer, modernRequest(i, "server/discover"))
		}
		toServer.Close()
	}()
	wait(t, written, "the server to read everything")
	answers := 0
	for lines := bufio.NewScanner(fromServer); lines.Scan(); answers++ {
		if !strings.HasPrefix(lines.Text(), fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":`, answers)) || len(lines.Text()) < length {
			t.Fatalf("answer %d is %.200s", answers, lines.Text())
		}
	}
	if err := wait(t, served, "Serve"); err != nil || answers != n {
		t.Errorf("%d answers, then %v", answers, err)
	}
}

// Progress comes whole, in order and before its result, however quick it is and
// whoever else sends some.
func TestProgress(t *testing.T) {
	t.Parallel()
	const calls, notices = 4, 5000
	quick := tool("quick", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for i := range notices {
			if err := progress(ctx, r, i); err != nil {
				return nil, fmt.Errorf("notice %d: %w", i, err)
			}
		}
		return mcp.NewToolResultText("done"), nil
	})
	for era, one := range map[string]string{
		"legacy": `{"name":"quick","_meta":{"progressToken":%[1]d}}`,
		"modern": `{"name":"quick","_meta":{"progressToken":%[1]d,` + meta(modern, "host", noCaps)[1:] + `}`,
	} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{MCP: newMCP(quick)})
			h.handshake("2025-11-25", noCaps)
			for id := range calls {
				h.send(request(id, "tools/call", fmt.Sprintf(one, id)))
			}
			next := map[int]int{}
			for ended := 0; ended < calls; {
				m := h.next()
				var p struct{ ProgressToken, Progress int }
				if m.Method != "notifications/progress" {
					ended++
					wantText(t, m, string(m.ID), "done")
					if err := json.Unmarshal(m.ID, &p.ProgressToken); err != nil || next[p.ProgressToken] != notices {
						t.Errorf("call %s ended after %d notices", m.ID, next[p.ProgressToken])
					}
					continue
				}
				if err := json.Unmarshal(m.Params, &p); err != nil || p.Progress != next[p.ProgressToken] {
					t.Fatalf("got %s after %d notices", m.raw, next[p.ProgressToken])
				}
				next[p.ProgressToken]++
			}
			h.ends()
		})
	}
}

// What a call has left running is not heard after its result.
func TestNoProgressAfterTheResult(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		request(1, "tools/call", `{"name":"leaves","_meta":{"progressToken":"p"}}`),
		modernCall(1, "leaves", "{}", "host", noCaps),
	} {
		answered, left := make(chan struct{}), make(chan struct{})
		leaves := tool("leaves", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			go func() {
				defer close(left)
				<-answered
				// An error is what a call that is over may get.
				_ = progress(ctx, r, 1)
				_ = progress(context.WithoutCancel(ctx), r, 2)
			}()
			return mcp.NewToolResultText("done"), nil
		})
		h := serve(t, stdio.Server{MCP: newMCP(leaves)})
		h.handshake("2025-11-25", noCaps)
		wantText(t, h.ask(text), "1", "done")
		close(answered)
		wait(t, left, "what the call has left")
		h.ends()
	}
}

// More than the limit of calls that wait is refused with words; those that
// wait aren't touched.
func TestTooManyCalls(t *testing.T) {
	const most = 16384
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting), CallTimeout: time.Hour})
	for i := range most {
		h.send(call(i, "wait", "{}"))
	}
	for range most {
		wait(t, begun, "every call to begin")
	}
	wantError(t, h.ask(call(`"more"`, "echo", "{}")), `"more"`, -32600)
	if m := h.ask(ping(`"ping"`)); m.Error != nil {
		t.Error(m.raw)
	}
	for i := range most {
		h.send(cancel(i))
	}
	h.ends()
}

// What waits is limited in bytes as well: to those of 16 of the longest lines.
// What has been answered waits no more.
func TestTooManyBytes(t *testing.T) {
	t.Parallel()
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting), MaxLine: 10_000})
	pad := strings.Repeat("x", 9_000)
	big := `{"text":"` + pad + `"}`
	for i := range 100 {
		wantText(t, h.ask(call(i, "echo", big)), fmt.Sprint(i), pad)
	}
	for i := range 17 {
		h.send(call(i, "wait", big))
		wait(t, begun, "a call to begin")
	}
	wantError(t, h.ask(call(17, "wait", big)), "17", -32600)
	h.send(call(18, "wait", "{}"))
	wait(t, begun, "a small call to begin")
	for i := range 19 {
		h.send(cancel(i))
	}
	h.ends()
}
