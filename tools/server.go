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
	"github.com/valetkey/valetkey/gate"
)

// listLifetime is how long a client may keep the list of tools. It depends on
// nothing but the program and its configuration, so a day is cautious.
const listLifetime = 24 * time.Hour

// Options say what a server offers and how it reaches people.
type Options struct {
	Version      string
	Instructions string
	Offer        Offer
	// Audit writes down each call; nil: nobody does.
	Audit *Audit
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
	o.Audit.hook(hooks)
	hooks.AddBeforeReadResource(refuseLong)
	hooks.AddBeforeReadResource(d.withSlash)
	hooks.AddAfterReadResource(askForInput)
	if len(completer.prompts)+len(completer.resources) > 0 {
		options = append(options, server.WithCompletions(), server.WithPromptCompletionProvider(completer), server.WithResourceCompletionProvider(completer))
	}
	s := server.NewMCPServer("valetkey", o.Version, options...)
	for _, tool := range o.Offer.Tools {
		s.AddTool(tool.declaration(), audited(d.handler(tool)))
	}
	for _, resource := range o.Offer.Resources {
		s.AddResourceTemplate(resource.declaration(), auditedReading(d.reader(resource)))
	}
	for _, prompt := range o.Offer.Prompts {
		s.AddPrompt(prompt.declaration(), d.writer(prompt))
	}
	return &Server{s, o.After, o.Audit}
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
		arguments := rawArguments(request)
		id := identify(tool.Name, arguments)
		round, over := d.settle(ctx, id, request.Params.MultiRoundTripParams)
		if over != nil {
			return over.or(nil), nil
		}
		var result *mcp.CallToolResult
		var missing *gate.Unconfirmed
		instead := d.call(ctx, request.Params.MultiRoundTripParams, attempt{again: "call the same tool again", try: func() *credentials.SignInRequired {
			var err error
			result, err = d.run(ctx, tool, id, arguments)
			missing = unconfirmed(err)
			return required(err)
		}})
		if instead == nil && missing != nil {
			instead = d.confirm(ctx, tool, arguments, id, missing, round)
		}
		return instead.or(result), nil
	}
}

// run calls a tool with what the person has agreed to. Their word holds until
// something was sent, so that a sign-in may come between.
func (d *desk) run(ctx context.Context, tool Tool, id callID, arguments json.RawMessage) (*mcp.CallToolResult, error) {
	call := tool.NewCall()
	call.Confirmed = d.agreements.to(id, d.Now())
	ctx, fields := withStructured(gate.With(ctx, call))
	answer, err := Run(ctx, d.Log, tool, arguments)
	if required(err) != nil && call.Confirmed != (gate.Fingerprint{}) {
		d.agreements.agree(id, call.Confirmed, d.Now())
	}
	if err != nil {
		return labelled(call, mcp.NewToolResultError(err.Error()), err), err
	}
	return labelled(call, fields.result(answer), nil), nil
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
