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

// NewServer makes an MCP server of an offer. Its lists don't change afterwards:
// not at sign-in, not at sign-out.
func NewServer(o Options) *Server {
	o = o.withDefaults()
	d := newDesk(o)
	hooks := &server.Hooks{}
	options := []server.ServerOption{
		server.WithTitle("valetkey"),
		server.WithInstructions(o.Instructions),
		server.WithToolCapabilities(false),
		server.WithHooks(hooks),
	}
	for _, method := range []mcp.MCPMethod{
		mcp.MethodToolsList, mcp.MethodResourcesList, mcp.MethodResourcesTemplatesList, mcp.MethodPromptsList, mcp.MethodServerDiscover,
	} {
		options = append(options, server.WithMethodCacheHints(method, listLifetime.Milliseconds(), mcp.CacheScopePublic))
	}
	completer := newCompleter(d)
	hooks.AddOnError(completer.refuse)
	hooks.AddBeforeReadResource(refuseLong)
	hooks.AddBeforeReadResource(d.withSlash)
	hooks.AddAfterReadResource(askForInput)
	if len(completer.prompts)+len(completer.resources) > 0 {
		options = append(options, server.WithCompletions(), server.WithPromptCompletionProvider(completer), server.WithResourceCompletionProvider(completer))
	}
	s := server.NewMCPServer("valetkey", o.Version, options...)
	for _, tool := range o.Offer.Tools {
		s.AddTool(tool.declaration(), d.handler(tool))
	}
	for _, resource := range o.Offer.Resources {
		s.AddResourceTemplate(resource.declaration(), d.reader(resource))
	}
	for _, prompt := range o.Offer.Prompts {
		s.AddPrompt(prompt.declaration(), d.writer(prompt))
	}
	return &Server{s, o.After}
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
		listen(ctx, request.Params.Meta)
		var result *mcp.CallToolResult
		instead := d.call(ctx, request.Params.MultiRoundTripParams, attempt{again: "call the same tool again", try: func() *credentials.SignInRequired {
			ctx, fields := withStructured(ctx)
			answer, err := Run(ctx, d.Log, tool, rawArguments(request))
			result = fields.result(answer)
			if err != nil {
				result = mcp.NewToolResultError(err.Error())
			}
			return required(err)
		}})
		return instead.or(result), nil
	}
}

// or is the detour as a tool's result, or else the result itself.
func (d *detour) or(result *mcp.CallToolResult) *mcp.CallToolResult {
	switch {
	case d == nil:
		return result
	case d.state != "":
		return d.input().ToolResult()
	case d.isError:
		return mcp.NewToolResultError(d.words)
	}
	return mcp.NewToolResultText(d.words)
}

// required is the sign-in that an error asks for; nil: none.
func required(err error) *credentials.SignInRequired {
	var missing *credentials.SignInRequired
	errors.As(err, &missing)
	return missing
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
