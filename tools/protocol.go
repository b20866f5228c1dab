package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// Server is an MCP server. mcp-go answers errors of anything but tools as
// internal ones, and can't ask for input when a resource is read; what is
// missing is added here.
type Server struct {
	*server.MCPServer
	after func(time.Duration) <-chan time.Time
	audit *Audit
}

// refusal is the error that a request gets instead of mcp-go's.
type refusal struct {
	code int
	text string
}

type refusalKey struct{}

// HandleMessage answers a JSON-RPC message; nil: it wants no answer.
func (s *Server) HandleMessage(ctx context.Context, message json.RawMessage) mcp.JSONRPCMessage {
	instead, progress := &refusal{}, newProgress(s.after)
	defer progress.end()
	ctx = context.WithValue(context.WithValue(ctx, refusalKey{}, instead), progressKey{}, progress)
	ctx, entry := s.audit.open(ctx)
	answer := s.MCPServer.HandleMessage(ctx, message)
	if failed, is := answer.(mcp.JSONRPCError); is && instead.code != 0 {
		failed.Error.Code, failed.Error.Message = instead.code, instead.text
		answer = failed
	}
	return entry.logged(ctx, answer)
}

// refuse finds the code that the specification wants for an error. Before
// 2026-07-28 a resource that isn't there had a code of its own.
func (c *completer) refuse(ctx context.Context, _ any, _ mcp.MCPMethod, message any, err error) {
	instead, is := ctx.Value(refusalKey{}).(*refusal)
	if !is {
		return
	}
	// What mcp-go puts around an error isn't for clients.
	err = errors.Unwrap(err)
	var bad *ArgumentError
	read, isRead := message.(*mcp.ReadResourceRequest)
	get, isGet := message.(*mcp.GetPromptRequest)
	call, isCall := message.(*mcp.CallToolRequest)
	switch {
	case isCall && errors.Is(err, server.ErrToolNotFound):
		err = c.Offer.Refuse(ctx, c.Log, call.Params.Name)
	case isGet && errors.Is(err, server.ErrPromptNotFound):
		err = unknownName("prompt", get.Params.Name, c.prompts)
	case isRead && errors.Is(err, server.ErrResourceNotFound):
		err = NotFound(unknownName("resource", read.Params.URI, c.resources))
	}
	switch {
	case errors.Is(err, ErrNotFound) && !server.IsModernRequest(ctx):
		*instead = refusal{mcp.RESOURCE_NOT_FOUND, err.Error()}
	case errors.Is(err, ErrNotFound), errors.Is(err, errUnknownName), errors.As(err, &bad):
		*instead = refusal{mcp.INVALID_PARAMS, err.Error()}
	}
}

var errUnknownName = errors.New("unknown name")

// unknownName refuses a name and says which there are.
func unknownName[V any](kind, name string, known map[string]V) error {
	names := slices.Sorted(maps.Keys(known))
	return Explain(errUnknownName, fmt.Sprintf("there is no %s %q%s; known: %s", kind, shorten(name), meant(name, names), strings.Join(names, ", ")))
}
