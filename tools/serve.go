package tools

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"github.com/valetkey/valetkey/credentials"
	"github.com/valetkey/valetkey/gate"
)

// declaration is how a client sees the resource.
func (r Resource) declaration() mcp.ResourceTemplate {
	return mcp.NewResourceTemplate(r.Template, r.Name, mcp.WithTemplateTitle(r.Title), mcp.WithTemplateDescription(r.Description), mcp.WithTemplateMIMEType(r.MediaType))
}

// reader surrounds a resource.
func (d *desk) reader(r Resource) server.ResourceTemplateHandlerFunc {
	return func(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
		listen(ctx, request.Params.Meta)
		var document Document
		var failed error
		instead := d.bridge(ctx, request.Params.MultiRoundTripParams, attempt{again: "read the same resource again", try: func() *credentials.SignInRequired {
			call := r.NewCall()
			document, failed = ReadDocument(gate.With(ctx, call), d.Log, r, request.Params.URI)
			failed = labelledError(call, failed)
			return required(failed)
		}})
		switch {
		case instead == nil && failed != nil:
			return nil, failed
		case instead == nil:
			return []mcp.ResourceContents{document.contents(request.Params.URI)}, nil
		case instead.state != "":
			return []mcp.ResourceContents{inputNeeded{detour: instead}}, nil
		}
		return nil, errors.New(instead.words)
	}
}

// bridge is call for a kind of request where mcp-go doesn't ask, on the part of
// the server, the clients that don't come back with an answer by themselves.
func (d *desk) bridge(ctx context.Context, back mcp.MultiRoundTripParams, a attempt) *detour {
	instead := d.call(ctx, back, a)
	if instead == nil || instead.question == nil || server.IsModernRequest(ctx) {
		return instead
	}
	response := mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel}}
	asked, err := server.ServerFromContext(ctx).RequestElicitation(ctx, mcp.ElicitationRequest{Params: *instead.question})
	if err == nil {
		response = *asked
	}
	return d.call(ctx, mcp.MultiRoundTripParams{
		RequestState: instead.state, InputResponses: mcp.InputResponses{instead.key: mcp.NewElicitationInputResponse(response)},
	}, a)
}

// maxAddress is longer than the address of any document.
const maxAddress = 8_000

// refuseLong keeps from mcp-go an address that it would match for minutes. What
// it gets to see instead fits no template.
func refuseLong(_ context.Context, _ any, request *mcp.ReadResourceRequest) {
	if len(request.Params.URI) > maxAddress {
		request.Params.URI = shorten(request.Params.URI)
	}
}

// withSlash puts right an address that mcp-go would match to the letter.
func (d *desk) withSlash(_ context.Context, _ any, request *mcp.ReadResourceRequest) {
	for _, resource := range d.Offer.Resources {
		request.Params.URI = parseTemplate(resource.Template).withSlash(request.Params.URI)
	}
}

// inputNeeded stands for the contents of a resource that can't be read yet, on
// its way through mcp-go.
type inputNeeded struct {
	mcp.TextResourceContents
	detour *detour
}

// askForInput makes it the result that asks.
func askForInput(_ context.Context, _ any, _ *mcp.ReadResourceRequest, result *mcp.ReadResourceResult) {
	if len(result.Contents) == 1 {
		if needed, is := result.Contents[0].(inputNeeded); is {
			*result = *needed.detour.input().ResourceResult()
			result.Contents = []mcp.ResourceContents{}
		}
	}
}

// contents is how a client sees the document.
func (d Document) contents(uri string) mcp.ResourceContents {
	meta := map[string]any{untrustedKey: true}
	if d.Bytes != nil {
		return mcp.BlobResourceContents{Meta: meta, URI: uri, MIMEType: d.MediaType, Blob: base64.StdEncoding.EncodeToString(d.Bytes)}
	}
	return mcp.TextResourceContents{Meta: meta, URI: uri, MIMEType: d.MediaType, Text: d.Text}
}

// declaration is how a client sees the prompt.
func (p Prompt) declaration() mcp.Prompt {
	declared := mcp.NewPrompt(p.Name, mcp.WithPromptTitle(p.Title), mcp.WithPromptDescription(p.Description))
	for _, a := range p.arguments {
		declared.Arguments = append(declared.Arguments, mcp.PromptArgument{Name: a.name, Description: a.doc, Required: a.required})
	}
	return declared
}

// writer surrounds a prompt.
func (d *desk) writer(p Prompt) server.PromptHandlerFunc {
	return func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		text, err := textOf(d.Log, p, request.Params.Arguments)
		if err != nil {
			return nil, err
		}
		return &mcp.GetPromptResult{
			Description: p.Title,
			Messages:    []mcp.PromptMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(text)}},
		}, nil
	}
}
