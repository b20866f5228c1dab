package tools

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/valetkey/valetkey/trace"
)

// waiting is the span of a call that waits for its person.
const waiting = "wait for a person"

// Traced is a server with a span for each call of a tool and each reading of a
// resource.
type Traced struct {
	*Server
	Tracer *trace.Tracer
}

// traceable is what a message says about itself; where a span belongs is in _meta.
// https://modelcontextprotocol.io/community/seps/414-request-meta
type traceable struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name string `json:"name"`
		Meta struct {
			Traceparent string `json:"traceparent"`
			Tracestate  string `json:"tracestate"`
		} `json:"_meta"`
	} `json:"params"`
}

// HandleMessage is [Server.HandleMessage] within a span, whose attributes are those of
// the conventions. A name that nothing has stays out of it.
// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md
func (t Traced) HandleMessage(ctx context.Context, message json.RawMessage) mcp.JSONRPCMessage {
	var m traceable
	// What is wrong with a message, its answer says.
	_ = json.Unmarshal(message, &m)
	isCall := m.Method == string(mcp.MethodToolsCall)
	if !isCall && m.Method != string(mcp.MethodResourcesRead) {
		return t.Server.HandleMessage(ctx, message)
	}
	isKnown := isCall && t.GetTool(m.Params.Name) != nil
	name := m.Method
	if isKnown {
		name += " " + m.Params.Name
	}
	ctx, span := t.Tracer.Begin(ctx, name, m.Params.Meta.Traceparent, m.Params.Meta.Tracestate)
	defer span.End()
	span.Set("mcp.method.name", m.Method)
	span.Set("network.transport", "pipe")
	span.Set("jsonrpc.request.id", idText(m.ID))
	if isCall {
		span.Set("gen_ai.operation.name", "execute_tool")
	}
	if isKnown {
		span.Set("gen_ai.tool.name", m.Params.Name)
	}
	answer := t.Server.HandleMessage(ctx, message)
	if failed := failureOf(answer); failed != "" {
		span.Fail(failed)
	}
	return answer
}

// idText is a message's id, which is a text or a number, as a text.
func idText(id any) string {
	raw, err := json.Marshal(id)
	if err != nil {
		return ""
	}
	if text, isText := stringIn(raw); isText {
		return text
	}
	return string(raw)
}

// failureOf is the kind of an answer that is an error; "" for none.
func failureOf(answer mcp.JSONRPCMessage) string {
	switch a := answer.(type) {
	case mcp.JSONRPCError:
		return strconv.Itoa(a.Error.Code)
	case mcp.JSONRPCResponse:
		if result, is := a.Result.(*mcp.CallToolResult); is && result.IsError {
			return "tool_error"
		}
	}
	return ""
}
