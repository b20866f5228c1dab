package stdio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

// answerTo is a client's answer.
func answerTo(id json.RawMessage, rest string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, id, rest)
}

func TestAnswersToQuestions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, want string }{
		"accept":          {`"result":{"action":"accept","content":{"a":1}}`, `accept {"a":1}`},
		"decline":         {`"result":{"action":"decline"}`, "decline null"},
		"cancel":          {`"result":{"action":"cancel"}`, "cancel null"},
		"error":           {`"error":{"code":-32000,"message":"no"}`, "cancel null"},
		"error and null":  {`"result":null,"error":{"code":-32000,"message":"no"}`, "cancel null"},
		"null":            {`"result":null`, "cancel null"},
		"empty":           {`"result":{}`, "cancel null"},
		"a string":        {`"result":"accept"`, "cancel null"},
		"an array":        {`"result":[]`, "cancel null"},
		"a number":        {`"result":{"action":1,"content":{"a":1}}`, "cancel null"},
		"half of it":      {`"result":{"action":"accept","_meta":5}`, "cancel null"},
		"no such action":  {`"result":{"action":"accepted","content":{"a":1}}`, "cancel null"},
		"content for all": {`"result":{"action":"cancel","content":{"a":1}}`, "cancel null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{MCP: newMCP(asks())})
			h.handshake("2025-11-25", formCap)
			question := h.ask(call(1, "ask", "{}"))
			if question.Method != "elicitation/create" || !strings.Contains(string(question.Params), `"May I?"`) {
				t.Fatalf("got %s, want a question", question.raw)
			}
			wantText(t, h.ask(answerTo(question.ID, c.answer)), "1", c.want)
			h.send(answerTo(question.ID, c.answer)) // nobody waits any more
			h.ends()
		})
	}
}

// A question's id is no id that the client could have chosen.
func TestIDsOfQuestions(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 {
		h := serve(t, stdio.Server{MCP: newMCP(asks())})
		h.handshake("2025-11-25", formCap)
		for range 2 {
			question := h.ask(call(1, "ask", "{}"))
			if id := string(question.ID); !strings.HasPrefix(id, `"`) || len(id) < 20 || seen[id] {
				t.Errorf("the id is %s", id)
			}
			seen[string(question.ID)] = true
			// The same id, from the client, is a request of its own.
			wantText(t, h.ask(call(string(question.ID), "echo", `{"text":"mine"}`)), string(question.ID), "mine")
			wantText(t, h.ask(answerTo(question.ID, `"result":{"action":"accept"}`)), "1", "accept null")
		}
		h.ends()
	}
}

// asksAgain answers a tool that asks several times and tells what came of it.
func asksAgain(times int) (server.ServerTool, <-chan string) {
	actions := make(chan string, times)
	return tool("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		for range times {
			result, err := form(ctx)
			actions <- fmt.Sprint(result.Action, err)
		}
		return mcp.NewToolResultText("in words"), nil
	}), actions
}

// A question that is given up is withdrawn, so that the client closes its
// dialog, and the call goes on. Where no answer can come any more, no further
// question is sent.
func TestAbandonedQuestions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		abandon  func(*host)
		times    int
		answered bool
	}{
		"nobody answers":       {func(h *host) { h.clock.fire(h.t, asking) }, 1, true},
		"the call's cancelled": {func(h *host) { h.send(cancel(1)) }, 2, false},
		"signal":               {func(h *host) { h.signals <- os.Interrupt }, 2, true},
		"end of input":         {func(h *host) { h.to.Close() }, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask, actions := asksAgain(c.times)
			h := serve(t, stdio.Server{MCP: newMCP(ask), ElicitationTimeout: asking})
			h.handshake("2025-11-25", formCap)
			question := h.ask(call(1, "ask", "{}"))
			c.abandon(h)
			withdrawn := h.next()
			if withdrawn.Method != "notifications/cancelled" || !strings.Contains(string(withdrawn.Params), `"requestId":`+string(question.ID)) {
				t.Errorf("got %s, want the question %s to be withdrawn", withdrawn.raw, question.ID)
			}
			for range c.times {
				if action := wait(t, actions, "the action"); action != "cancel<nil>" {
					t.Errorf("the action is %q", action)
				}
			}
			if c.answered {
				wantText(t, h.next(), "1", "in words")
			}
			h.ends()
		})
	}
}

// A yes or no has the time that the call has, less what it needs afterwards; where
// nothing is left of that, nobody is asked.
func TestDecision(t *testing.T) {
	t.Parallel()
	for before, want := range map[time.Duration]time.Duration{0: decides, 10 * time.Second: decides - 10*time.Second, decides: 0} {
		// Inside, sleeping moves a clock of its own on and takes no time.
		synctest.Test(t, func(t *testing.T) { testDecision(t, before, want) })
	}
}

func testDecision(t *testing.T, before, want time.Duration) {
	decide := tool("decide", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		time.Sleep(before)
		result, err := server.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
			Message: "May I?", RequestedSchema: map[string]any{"type": "object", "properties": map[string]any{}},
		}})
		if err != nil {
			return nil, err
		}
		return mcp.NewToolResultText(string(result.Action)), nil
	})
	h := serve(t, stdio.Server{MCP: newMCP(decide), ElicitationTimeout: asking})
	h.handshake("2025-11-25", formCap)
	answer := h.ask(call(1, "decide", "{}"))
	if (answer.Method == "elicitation/create") != (want > 0) {
		t.Fatalf("after %s: %s", before, answer.raw)
	}
	if want > 0 {
		h.clock.fire(t, want)
		h.next() // withdrawn
		answer = h.next()
	}
	wantText(t, answer, "1", "cancel")
	h.ends()
}

// An answer that comes too late is dropped.
func TestLateAnswer(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{MCP: newMCP(asks()), ElicitationTimeout: asking})
	h.handshake("2025-11-25", formCap)
	question := h.ask(call(1, "ask", "{}"))
	h.clock.fire(t, asking)
	h.next() // withdrawn
	wantText(t, h.next(), "1", "cancel null")
	h.send(answerTo(question.ID, `"result":{"action":"accept"}`), answerTo(question.ID, `"error":{"code":1,"message":"x"}`))
	h.ends()
}

// An answer that comes with the end of the input counts.
func TestAnswerAtTheEndOfInput(t *testing.T) {
	t.Parallel()
	for range 50 {
		h := serve(t, stdio.Server{MCP: newMCP(asks())})
		h.handshake("2025-11-25", formCap)
		question := h.ask(call(1, "ask", "{}"))
		h.write(answerTo(question.ID, `"result":{"action":"accept"}`))
		rest, err := h.close()
		if err != nil || len(rest) != 1 {
			t.Fatalf("got %v, %v", rest, err)
		}
		wantText(t, rest[0], "1", "accept null")
	}
}

// A client is asked in the modes it has declared, and in no other.
func TestDeclaredModes(t *testing.T) {
	t.Parallel()
	for capabilities, asked := range map[string]struct{ form, url bool }{
		`{}`:                                   {false, false},
		`{"elicitation":{}}`:                   {true, false},
		`{"elicitation":{"form":{}}}`:          {true, false},
		`{"elicitation":{"url":{}}}`:           {false, true},
		`{"elicitation":{"form":{},"url":{}}}`: {true, true},
	} {
		for _, mode := range []string{"", "form", "url"} {
			ask := tool("ask", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
				result, err := server.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{Params: mcp.ElicitationParams{
					Mode: mode, Message: "May I?", RequestedSchema: map[string]any{}, ElicitationID: "e", URL: "https://example.com/",
				}})
				if err != nil {
					return nil, err
				}
				return mcp.NewToolResultText(string(result.Action)), nil
			})
			h := serve(t, stdio.Server{MCP: newMCP(ask)})
			h.handshake("2025-11-25", capabilities)
			m := h.ask(call(1, "ask", "{}"))
			if want := mode == "url" && asked.url || mode != "url" && asked.form; want != (m.Method == "elicitation/create") {
				t.Errorf("%s, mode %q: %s", capabilities, mode, m.raw)
			} else if want {
				m = h.ask(answerTo(m.ID, `"result":{"action":"cancel"}`))
			}
			wantText(t, m, "1", "cancel")
			h.ends()
		}
	}
}

// mcp-go's bridge asks an older client on behalf of a tool that returns "input
// required", and comes back to the tool whatever the client answers.
func TestInputRequiredBridge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ capabilities, answer, want string }{
		"accept":   {formCap, `"result":{"action":"accept","content":{}}`, "accept state"},
		"decline":  {formCap, `"result":{"action":"decline"}`, "decline state"},
		"error":    {formCap, `"error":{"code":-32601,"message":"what?"}`, "cancel state"},
		"nonsense": {formCap, `"result":7`, "cancel state"},
		"ignored":  {formCap, "", "cancel state"},
		"none":     {noCaps, "", "cancel state"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, stdio.Server{MCP: newMCP(needsInput()), ElicitationTimeout: asking})
			h.handshake("2025-06-18", c.capabilities)
			m := h.ask(call(1, "needs", "{}"))
			switch {
			case c.answer != "":
				m = h.ask(answerTo(m.ID, c.answer))
			case c.capabilities == formCap:
				h.clock.fire(t, asking)
				h.next() // withdrawn
				m = h.next()
			}
			wantText(t, m, "1", c.want)
			h.ends()
		})
	}
	t.Run("modern", func(t *testing.T) {
		t.Parallel()
		h := serve(t, stdio.Server{MCP: newMCP(needsInput())})
		m := h.ask(modernCall(1, "needs", "{}", "host", formCap))
		for _, want := range []string{`"resultType":"input_required"`, `"requestState":"state"`, `"method":"elicitation/create"`} {
			if string(m.ID) != "1" || !strings.Contains(string(m.Result), want) {
				t.Errorf("got %s, want %s", m.raw, want)
			}
		}
		h.ends()
	})
}
