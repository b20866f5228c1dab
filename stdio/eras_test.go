package stdio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/stdio"
)

func TestHandshakes(t *testing.T) {
	t.Parallel()
	// The versions a server answers are those of the specification, "Lifecycle":
	// the requested one, or another that it has.
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-03-26": "2025-03-26", "2025-06-18": "2025-06-18", "2025-11-25": "2025-11-25",
		"2026-07-28": "2025-11-25", "2099-01-01": "2025-11-25", "nonsense": "2025-11-25",
	} {
		h := serve(t, stdio.Server{})
		m := h.ask(initialize(asked, noCaps))
		var result struct {
			ProtocolVersion string
			ServerInfo      struct{ Name string }
		}
		if json.Unmarshal(m.Result, &result) != nil || result.ProtocolVersion != want || result.ServerInfo.Name != "fixture" {
			t.Errorf("%s was answered with %s", asked, m.raw)
		}
		if strings.Contains(m.raw, "resultType") {
			t.Errorf("%s got fields of a later revision: %s", asked, m.raw)
		}
		wantText(t, h.ask(call(1, "echo", `{"text":"a"}`)), "1", "a")
		h.ends()
	}
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	m := h.ask(modernRequest(1, "server/discover"))
	var result struct {
		ResultType, CacheScope string
		TTLMs                  *int
		SupportedVersions      []string
		Meta                   map[string]any `json:"_meta"`
	}
	if err := json.Unmarshal(m.Result, &result); err != nil {
		t.Fatalf("%s: %v", m.raw, err)
	}
	// All that is served is named, so that a client finds what it has in common.
	want := []string{"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"}
	if !slices.Equal(result.SupportedVersions, want) || result.ResultType != "complete" || result.TTLMs == nil || result.CacheScope == "" ||
		result.Meta["io.modelcontextprotocol/serverInfo"] == nil {
		t.Errorf("got %s", m.raw)
	}
	// As a probe comes from a client that has no such thing yet: an error that
	// makes it shake hands.
	wantError(t, h.ask(request(2, "server/discover", "{}")), "2", -32601)
	h.ends()
}

func TestModernRequests(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	escaped := strings.ReplaceAll(modernCall(1, "echo", `{"text":"a"}`, "host", noCaps), "/protocolVersion", `\/protocolVersion`)
	for _, text := range []string{modernCall(1, "echo", `{"text":"a"}`, "host", noCaps), escaped} {
		m := h.ask(text)
		wantText(t, m, "1", "a")
		if !strings.Contains(string(m.Result), `"resultType":"complete"`) || !strings.Contains(string(m.Result), "serverInfo") {
			t.Errorf("got %s", m.raw)
		}
	}
	for _, removed := range []string{"initialize", "ping", "logging/setLevel"} {
		wantError(t, h.ask(modernRequest(2, removed)), "2", -32601)
	}
	withoutCapabilities := request(3, "tools/list", `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}`)
	wantError(t, h.ask(withoutCapabilities), "3", -32602)
	h.ends()
}

// A version that isn't served is refused with those that are (spec, "Protocol
// Version Negotiation"); a client that knows more stays modern by that.
func TestUnknownVersions(t *testing.T) {
	t.Parallel()
	h := serve(t, stdio.Server{})
	for _, version := range []string{"2027-01-01", "2099-12-31", "1900-01-01", "nonsense"} {
		for _, method := range []string{"server/discover", "tools/list", "tools/call", "initialize"} {
			m := h.ask(request(9007199254740993, method, `{"name":"echo","_meta":`+meta(version, "host", noCaps)+`}`))
			wantError(t, m, "9007199254740993", -32022)
			var data struct {
				Supported []string
				Requested string
			}
			if m.Error == nil || json.Unmarshal(m.Error.Data, &data) != nil || data.Requested != version ||
				!slices.Contains(data.Supported, "2026-07-28") || !slices.Contains(data.Supported, "2025-11-25") {
				t.Errorf("%s at %s: %s", method, version, m.raw)
			}
		}
	}
	h.ends()
}

// told answers a tool that says who asks, with what capabilities.
func told() server.ServerTool {
	return tool("told", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		s, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
		if !ok {
			return nil, fmt.Errorf("the session is a %T", server.ClientSessionFromContext(ctx))
		}
		capabilities, err := json.Marshal(s.GetClientCapabilities())
		return mcp.NewToolResultText(s.GetClientInfo().Name + string(capabilities)), err
	})
}

// Clients of both eras share a process: each request is served for the client
// that it names, and what one says is never said of another.
func TestClientsDontMix(t *testing.T) {
	t.Parallel()
	const each = 100
	h := serve(t, stdio.Server{MCP: newMCP(told())})
	h.handshake("2025-11-25", formCap)
	want := map[string]string{}
	for i := range each {
		var lines []string
		for client, capabilities := range map[string]string{
			"one": noCaps, "two": `{"elicitation":{"url":{}}}`, "three": `{"roots":{"listChanged":true}}`,
		} {
			id := fmt.Sprintf("%q", fmt.Sprint(client, i))
			want[id] = client + capabilities
			lines = append(lines, modernCall(id, "told", "{}", client, capabilities))
		}
		nameless := fmt.Sprintf(`{"name":"told","_meta":{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientCapabilities":{}}}`, modern)
		want[fmt.Sprint(i)], want[fmt.Sprint(i+each)] = "host"+formCap, "{}"
		lines = append(lines, call(i, "told", "{}"), modernRequest(fmt.Sprintf("%q", fmt.Sprint("d", i)), "server/discover"), request(i+each, "tools/call", nameless))
		h.send(lines...)
	}
	for range each * 6 {
		m := h.next()
		if text, ok := want[string(m.ID)]; ok {
			wantText(t, m, string(m.ID), text)
		}
	}
	// A JSON encoder may escape slashes.
	escaped := strings.ReplaceAll(modernCall(1000, "told", "{}", "one", noCaps), "/", `\/`)
	wantText(t, h.ask(escaped), "1000", "one{}")
	wantText(t, h.ask(call(1001, "told", "{}")), "1001", "host"+formCap)
	h.ends()
}

// A client of 2026-07-28 is never sent a request: not by mcp-go, and not
// through the session itself.
func TestModernClientsAreSentNoRequests(t *testing.T) {
	t.Parallel()
	direct := tool("direct", func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		if s, ok := server.ClientSessionFromContext(ctx).(server.SessionWithElicitation); ok {
			result, err := s.RequestElicitation(ctx, mcp.ElicitationRequest{})
			return mcp.NewToolResultText(fmt.Sprint(result.Action, err)), nil
		}
		return mcp.NewToolResultText("no way to ask"), nil
	})
	s := newMCP(asks(), direct)
	//lint:ignore SA1019 even with mcp-go's own guard down, nothing may be asked
	server.WithLegacyServerInitiatedRequests()(s)
	h := serve(t, stdio.Server{MCP: s})
	h.handshake("2025-11-25", formCap) // of somebody else
	wantText(t, h.ask(modernCall(1, "direct", "{}", "host", formCap)), "1", "no way to ask")
	wantError(t, h.ask(modernCall(2, "ask", "{}", "host", formCap)), "2", -32603)
	h.ends()
}

// Two servers in one process, even on one MCP server, have nothing in common.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	shared := newMCP(told(), asks())
	for name, second := range map[string]*server.MCPServer{"apart": newMCP(told(), asks()), "shared": shared} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := serve(t, stdio.Server{MCP: shared}), serve(t, stdio.Server{MCP: second})
			a.handshake("2025-11-25", formCap)
			b.handshake("2025-06-18", noCaps)
			const calls = 50
			for i := range calls {
				a.send(call(fmt.Sprintf(`"a%d"`, i), "ask", "{}"))
				b.send(call(i, "told", "{}"), cancel(fmt.Sprintf(`"a%d"`, i)), call(i+calls, "ask", "{}"))
			}
			var questions []message
			for range calls {
				questions = append(questions, a.next())
			}
			for _, question := range questions {
				if question.Method != "elicitation/create" {
					t.Fatalf("got %s, want a question", question.raw)
				}
				b.send(answerTo(question.ID, `"result":{"action":"decline"}`)) // not b's to answer
				a.send(answerTo(question.ID, `"result":{"action":"accept"}`))
			}
			for range calls {
				m := a.next()
				wantText(t, m, string(m.ID), "accept null")
			}
			for range calls * 2 {
				if text := b.next().raw; !strings.Contains(text, `host{}`) && !strings.Contains(text, "cancel null") {
					t.Errorf("got %s", text)
				}
			}
			a.ends()
			wantText(t, b.ask(call(1000, "echo", `{"text":"alive"}`)), "1000", "alive")
			b.ends()
		})
	}
}
