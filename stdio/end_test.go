package stdio_test

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// held answers a tool that tells when it has begun and ends when it is let go,
// whatever its context says.
func held(name string) (do handler, begun chan string, release chan struct{}) {
	begun, release = make(chan string, 1000), make(chan struct{})
	return func(_ context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		begun <- r.GetString("text", "")
		<-release
		return mcp.NewToolResultText(name), nil
	}, begun, release
}

// Everything that was read is answered, and Serve answers nil, when the input
// ends.
func TestEndOfInput(t *testing.T) {
	t.Parallel()
	do, begun, release := held("done")
	h := serve(t, stdio.Server{MCP: newMCP(tool("held", do))})
	var want []string
	var lines []string
	for _, id := range []string{"1", "2", "3", "4"} {
		lines = append(lines, call(id, "held", "{}"), call(`"`+id+`"`, "echo", "{}"))
		want = append(want, id, `"`+id+`"`)
	}
	h.write(strings.Join(lines, "\n")) // the last one without a line end
	h.to.Close()
	for range 4 {
		wait(t, begun, "the calls to begin")
	}
	close(release)
	rest, err := h.rest()
	slices.Sort(want)
	if got := ids(rest); err != nil || !slices.Equal(got, want) {
		t.Errorf("answered %v, %v; want %v", got, err, want)
	}
}

// What isn't finished in time after the end of the input is cancelled, and
// answered even then.
func TestEndOfInputRunsOutOfTime(t *testing.T) {
	t.Parallel()
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting), Drain: drain, Grace: grace})
	h.send(call(1, "wait", "{}"))
	wait(t, begun, "the call")
	h.to.Close()
	h.clock.fire(t, drain)
	rest, err := h.rest()
	if err != nil || len(rest) != 1 {
		t.Fatalf("got %v, %v", rest, err)
	}
	wantError(t, rest[0], "1", -32603)
}

// A handler that ignores its context doesn't hold the exit, neither after the
// end of the input nor after a signal.
func TestStubbornHandler(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*host){
		"end of input": func(h *host) { h.to.Close(); h.clock.fire(h.t, drain) },
		"signal":       func(h *host) { h.signals <- os.Interrupt },
		"context":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do, begun, release := held("too late")
			defer close(release)
			s := stdio.Server{MCP: newMCP(tool("held", do)), Drain: drain, Grace: grace}
			h := serve(t, s)
			if stop == nil {
				h, stop = serveUntilCancelled(t, s)
			}
			h.send(call(1, "held", "{}"))
			wait(t, begun, "the call")
			stop(h)
			h.clock.fire(t, grace)
			if rest, err := h.rest(); err != nil || len(rest) != 0 {
				t.Errorf("got %v, %v", rest, err)
			}
		})
	}
}

// serveUntilCancelled serves under a context, and answers what ends it.
func serveUntilCancelled(t *testing.T, s stdio.Server) (*host, func(*host)) {
	fromHost, toServer := io.Pipe()
	fromServer, toHost := io.Pipe()
	h := &host{t: t, to: toServer, lines: make(chan string, 10), served: make(chan error, 1), clock: newClock()}
	s.In, s.Out, s.After = fromHost, toHost, h.clock.After
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		err := s.Serve(ctx)
		toHost.Close()
		h.served <- err
	}()
	go h.keep(fromServer)
	t.Cleanup(func() { fromHost.Close() })
	return h, func(*host) { cancel() }
}

// A signal cancels, what obeys is answered, and Serve answers nil.
func TestSignal(t *testing.T) {
	t.Parallel()
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting)})
	h.send(call(1, "wait", "{}"), call(2, "wait", "{}"))
	wait(t, begun, "the calls")
	wait(t, begun, "the calls")
	h.signals <- os.Interrupt
	rest, err := h.rest()
	if got := ids(rest); err != nil || !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("answered %v, %v; want 1 and 2", got, err)
	}
}

// A second signal ends everything at once.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*host){
		"after a signal":           func(h *host) { h.signals <- os.Interrupt },
		"after the end of input":   func(h *host) { h.to.Close(); h.signals <- os.Interrupt },
		"after the drain's signal": func(h *host) { h.to.Close(); h.clock.fire(h.t, drain) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do, begun, release := held("too late")
			defer close(release)
			h := serve(t, stdio.Server{MCP: newMCP(tool("held", do)), Drain: drain, Grace: grace})
			h.send(call(1, "held", "{}"))
			wait(t, begun, "the call")
			first(h)
			for !h.clock.runs(grace) {
				runtime.Gosched()
			}
			h.signals <- os.Interrupt
			if err := wait(t, h.served, "Serve"); !errors.Is(err, stdio.ErrForced) {
				t.Errorf("Serve answered %v, want ErrForced", err)
			}
		})
	}
}

// runs reports whether a timer of d runs.
func (c *clock) runs(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers[d]) > 0
}

// A signal ends Serve although the client reads nothing, the output is full and
// the next line can't be answered.
func TestSignalWhileTheClientDoesntRead(t *testing.T) {
	fromHost, toServer := io.Pipe()
	out := stuck{make(chan struct{})}
	defer close(out.release)
	signals, c := make(chan os.Signal, 1), newClock()
	s := stdio.Server{MCP: newMCP(), In: fromHost, Out: out, Signals: signals, After: c.After, Grace: grace, MaxLine: 10_000}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	h := &host{t: t, to: toServer}
	// The answer to each carries its id: nine fill the output, the tenth waits for
	// room, and the eleventh for the tenth.
	long := `{"id":"` + strings.Repeat("x", 9_500) + `"}`
	for range 11 {
		h.send(long)
	}
	there(t, "stdio.(*output).send", "sync.(*Cond).Wait")
	there(t, "stdio.(*loop).dispatch", "stdio.(*pump).answer")
	signals <- os.Interrupt
	c.fire(t, grace)
	if err := wait(t, served, "Serve"); err != nil {
		t.Errorf("Serve: %v", err)
	}
	fromHost.Close()
	gone(t, "stdio.(*pump)", "stdio.(*output).send", "stdio.(*loop).dispatch", "stdio.(*loop).read")
}

// A call that sends notices to a client that doesn't read waits, but not for
// ever: it is let go in the end.
func TestNoticesWhileTheClientDoesntRead(t *testing.T) {
	t.Parallel()
	begun, done := make(chan struct{}), make(chan struct{})
	talks := tool("talks", func(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		defer close(done)
		close(begun)
		for i := range 20_000 {
			// After the end there is no place for them.
			_ = progress(context.WithoutCancel(ctx), r, i)
		}
		return nil, nil
	})
	fromHost, toServer := io.Pipe()
	out := stuck{make(chan struct{})}
	defer close(out.release)
	signals, c := make(chan os.Signal, 1), newClock()
	s := stdio.Server{MCP: newMCP(talks), In: fromHost, Out: out, Signals: signals, After: c.After, Grace: grace, MaxLine: 10_000}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	h := &host{t: t, to: toServer}
	h.send(modernCall(1, "talks", "{}", "host", noCaps))
	wait(t, begun, "the call")
	signals <- os.Interrupt
	c.fire(t, grace)
	if err := wait(t, served, "Serve"); err != nil {
		t.Errorf("Serve: %v", err)
	}
	wait(t, done, "the call")
	fromHost.Close()
}

// stuck is a client that doesn't read.
type stuck struct{ release chan struct{} }

func (s stuck) Write([]byte) (int, error) {
	<-s.release
	return 0, io.ErrClosedPipe
}

// A client that stops reading ends Serve with an error, though the input stays
// open, and its calls are cancelled.
func TestClientStopsReading(t *testing.T) {
	t.Parallel()
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting)})
	h.send(call(1, "wait", "{}"))
	wait(t, begun, "the call")
	h.from.Close()
	h.send(ping(2))
	if err := wait(t, h.served, "Serve"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Serve answered %v, want the error of the write", err)
	}
}

// A client that is gone when the input ends isn't waited for.
func TestClientIsGoneAtTheEnd(t *testing.T) {
	t.Parallel()
	waiting, begun := waits("wait")
	h := serve(t, stdio.Server{MCP: newMCP(waiting)})
	h.send(call(1, "wait", "{}"))
	wait(t, begun, "the call")
	h.from.Close()
	h.write(ping(2))
	h.to.Close()
	if err := wait(t, h.served, "Serve"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Serve answered %v, want the error of the write", err)
	}
}

// An input that fails is over, and the log says why.
func TestInputFails(t *testing.T) {
	t.Parallel()
	fromHost, toServer := io.Pipe()
	logged := &locked{}
	s := stdio.Server{MCP: newMCP(), In: fromHost, Out: io.Discard, Log: textLog(logged)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background()) }()
	toServer.CloseWithError(errors.New("the cable broke"))
	if err := wait(t, served, "Serve"); err != nil || !strings.Contains(logged.String(), "the cable broke") {
		t.Errorf("Serve answered %v and logged %q", err, logged)
	}
}

// Nothing of Serve is left once it has answered.
func TestNoGoroutineIsLeft(t *testing.T) {
	waiting, begun := waits("wait")
	ends := map[string]func(h *host){
		"input":  func(h *host) { h.to.Close(); h.clock.fire(t, drain) },
		"signal": func(h *host) { h.signals <- os.Interrupt; wait(t, h.served, "Serve"); h.to.Close() },
		"client": func(h *host) { h.from.Close(); h.send(ping(1)); wait(t, h.served, "Serve"); h.to.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			h := serve(t, stdio.Server{MCP: newMCP(waiting, asks()), Drain: drain, ElicitationTimeout: asking})
			h.handshake("2025-11-25", formCap)
			h.send(call(10, "wait", "{}"), call(11, "wait", "{}"), cancel(11), modernListen(12))
			wait(t, begun, "the call")
			h.ask(call(13, "ask", "{}"))
			end(h)
			gone(t, "stdio.(*loop)", "stdio.(*output)", "stdio.(*pump)", "stdio.(*questions)", "stdio.(*Server)")
		})
	}
}

// What ignores its context is all that is left, and nothing once it ends.
func TestOnlyTheStubbornIsLeft(t *testing.T) {
	do, begun, release := held("too late")
	h := serve(t, stdio.Server{MCP: newMCP(tool("held", do)), Grace: grace})
	h.send(call(1, "held", "{}"))
	wait(t, begun, "the call")
	h.signals <- os.Interrupt
	h.clock.fire(t, grace)
	if rest, err := h.rest(); err != nil || len(rest) != 0 {
		t.Errorf("got %v, %v", rest, err)
	}
	h.to.Close()
	gone(t, "stdio.(*output)", "stdio.(*pump)", "stdio.(*loop).read", "stdio.(*loop).dispatch")
	close(release)
	gone(t, "valetkey/stdio.(")
}

// Every session that mcp-go was told of, it is told to forget.
func TestSessionsAreForgotten(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	known, most := map[string]bool{}, 0
	hooks := &server.Hooks{}
	hooks.AddOnRegisterSession(func(_ context.Context, s server.ClientSession) {
		mu.Lock()
		defer mu.Unlock()
		known[s.SessionID()] = true
		most = max(most, len(known))
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, s server.ClientSession) {
		mu.Lock()
		defer mu.Unlock()
		delete(known, s.SessionID())
	})
	h := serve(t, stdio.Server{MCP: server.NewMCPServer("fixture", "1", server.WithToolCapabilities(true), server.WithHooks(hooks))})
	h.ask(modernListen(1))
	if _, err := h.close(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if most != 2 || len(known) != 0 {
		t.Errorf("%d sessions, of which %d are still known", most, len(known))
	}
}

// gone waits until no goroutine is in any of the functions.
func gone(t *testing.T, functions ...string) {
	t.Helper()
	poll(t, func(all string) bool {
		return !slices.ContainsFunc(functions, func(f string) bool { return strings.Contains(all, f) })
	})
}

// there waits until one goroutine is in all of the functions.
func there(t *testing.T, functions ...string) {
	t.Helper()
	poll(t, func(all string) bool {
		return slices.ContainsFunc(strings.Split(all, "\n\n"), func(stack string) bool {
			return !slices.ContainsFunc(functions, func(f string) bool { return !strings.Contains(stack, f) })
		})
	})
}

// poll waits until the stacks of all goroutines are as they should be.
func poll(t *testing.T, asTheyShould func(all string) bool) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for begun := time.Now(); ; runtime.Gosched() {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if asTheyShould(all) {
			return
		}
		if time.Since(begun) > patience {
			t.Fatalf("at work after all:\n%s", all)
		}
	}
}
