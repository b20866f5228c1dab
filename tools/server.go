package tools

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/credentials"
)

// listLifetime is how long a client may keep the list of tools. It depends on
// nothing but the program and its configuration, so a day is cautious.
const listLifetime = 24 * time.Hour

// Options say what a server offers and how it reaches people.
type Options struct {
	Version      string
	Instructions string
	Offer        Offer
	// Log is where people are told what can't be told elsewhere; nil: nowhere.
	Log *slog.Logger
	// OpenBrowser opens a sign-in page for clients that can't open it
	// themselves; nil: never. It must not wait for the browser.
	OpenBrowser func(address string)
	// HostGone is closed when the host sends nothing any more, so that no call
	// waits for a person on its behalf; nil: never.
	HostGone <-chan struct{}
	// Now and After are the clock; nil: the system's.
	Now   func() time.Time
	After func(d time.Duration) <-chan time.Time
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	return o
}

// NewServer makes an MCP server of the tools. The list of tools doesn't change
// afterwards: not at sign-in, not at sign-out.
func NewServer(o Options) *server.MCPServer {
	o = o.withDefaults()
	s := server.NewMCPServer("valetkey", o.Version,
		server.WithTitle("valetkey"),
		server.WithInstructions(o.Instructions),
		server.WithToolCapabilities(false),
		server.WithMethodCacheHints(mcp.MethodToolsList, listLifetime.Milliseconds(), mcp.CacheScopePublic),
		server.WithMethodCacheHints(mcp.MethodServerDiscover, listLifetime.Milliseconds(), mcp.CacheScopePublic),
	)
	d := newDesk(o)
	for _, tool := range o.Offer.Tools {
		s.AddTool(tool.declaration(), d.handler(tool))
	}
	return s
}

// declaration is how a client sees the tool.
func (t Tool) declaration() mcp.Tool {
	hints := t.Hints()
	declared := mcp.NewToolWithRawSchema(t.Name, t.Description, t.Schema)
	declared.Annotations = mcp.ToolAnnotation{
		Title:           t.Title,
		ReadOnlyHint:    &hints.ReadOnly,
		DestructiveHint: &hints.Destructive,
		IdempotentHint:  &hints.Idempotent,
		OpenWorldHint:   &hints.OpenWorld,
	}
	return declared
}

// handler surrounds one tool. It always answers a result: an error here would
// reach the client as an internal error, which a model can't read.
func (d *desk) handler(tool Tool) server.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ctx = withProgress(ctx, request)
		attempt := func() (*mcp.CallToolResult, *credentials.SignInRequired) {
			return d.attempt(ctx, tool, rawArguments(request))
		}
		return d.call(ctx, request.Params.MultiRoundTripParams, attempt), nil
	}
}

// attempt runs the tool once. It answers a result, or what a person has to
// approve first.
func (d *desk) attempt(ctx context.Context, tool Tool, arguments json.RawMessage) (*mcp.CallToolResult, *credentials.SignInRequired) {
	answer, err := Run(ctx, d.Log, tool, arguments)
	var required *credentials.SignInRequired
	switch {
	case errors.As(err, &required):
		return nil, required
	case err != nil:
		return mcp.NewToolResultError(err.Error()), nil
	}
	return mcp.NewToolResultText(answer), nil
}

// rawArguments prefers the bytes as they came in: large integers don't survive
// the way through float64.
func rawArguments(request mcp.CallToolRequest) json.RawMessage {
	if len(request.Params.RawArguments) > 0 {
		return request.Params.RawArguments
	}
	raw, err := json.Marshal(request.Params.Arguments)
	if err != nil {
		return nil
	}
	return raw
}
